// Sessions for update and for download, as one: both live on the server under ids of the same form, so which of the two an
// id means is found out by asking.
import { type DownloadSessionInfo, failure, type SessionInfo } from '../../machines/vocabulary.ts';
import { type ContentLibrary, PortFailure } from '../ports.ts';
import { spanOf } from '../view/words.ts';
import { UsageError } from './exit.ts';

export type SessionKind = 'update' | 'download';

/** What can be done to a session of either kind. */
export interface KindOfSession {
  list(service: ContentLibrary, by?: { itemId: string }): Promise<string[]>;
  get(service: ContentLibrary, id: string): Promise<SessionInfo | DownloadSessionInfo>;
  keepAlive(service: ContentLibrary, id: string, progress?: number): Promise<void>;
  cancel(service: ContentLibrary, id: string): Promise<void>;
  fail(service: ContentLibrary, id: string, message: string): Promise<void>;
  remove(service: ContentLibrary, id: string): Promise<void>;
}

export const SESSION_KINDS: Readonly<Record<SessionKind, KindOfSession>> = {
  update: {
    list: (service, by) => service.listSessions(by),
    get: (service, id) => service.getSession(id),
    keepAlive: (service, id, progress) => service.keepAlive(id, progress),
    cancel: (service, id) => service.cancelSession(id),
    fail: (service, id, message) => service.failSession(id, message),
    remove: (service, id) => service.deleteSession(id)
  },
  download: {
    list: (service, by) => service.listDownloadSessions(by),
    get: (service, id) => service.getDownloadSession(id),
    keepAlive: (service, id, progress) => service.keepDownloadAlive(id, progress),
    cancel: (service, id) => service.cancelDownload(id),
    fail: (service, id, message) => service.failDownload(id, message),
    remove: (service, id) => service.deleteDownloadSession(id)
  }
};

/** A session with what it is for. */
export type FoundSession =
  | { readonly kind: 'update'; readonly session: SessionInfo }
  | { readonly kind: 'download'; readonly session: DownloadSessionInfo };

/**
 * The session of an id: one for update, else one for download. The beginning of an id will do, where it is one session's only.
 *
 * @throws PortFailure NOT_FOUND, AMBIGUOUS, and what the calls throw.
 */
export async function findSession(service: ContentLibrary, id: string): Promise<FoundSession> {
  const next = 'see shelver sessions ls';
  // What is no whole id is not asked for: a service may call it a wrong argument.
  const whole = id.length < UUID_LENGTH ? undefined : await sessionById(service, id);
  if (whole !== undefined) return whole;
  const ids = await sessionsThatBegin(service, id);
  const [only, other] = ids;
  if (other !== undefined) {
    throw new PortFailure(failure('AMBIGUOUS', `the ids of ${ids.length} sessions begin with ${id}`, { next }));
  }
  const found = only === undefined || only === id ? undefined : await sessionById(service, only);
  if (found !== undefined) return found;
  throw new PortFailure(failure('NOT_FOUND', `there is no session with the id ${id} on this server`, { next }));
}

const UUID_LENGTH = 36;

async function sessionById(service: ContentLibrary, id: string): Promise<FoundSession | undefined> {
  const session = await service.getSession(id).catch(undefinedIfGone);
  if (session !== undefined) return { kind: 'update', session };
  const download = await service.getDownloadSession(id).catch(undefinedIfGone);
  return download && { kind: 'download', session: download };
}

/** Of the kinds that the user may list; where that is none, the refusal is thrown. */
async function sessionsThatBegin(service: ContentLibrary, beginning: string): Promise<string[]> {
  const lists = await Promise.allSettled(Object.values(SESSION_KINDS).map(kind => kind.list(service)));
  if (lists.every(list => list.status === 'rejected')) throw (lists[0] as PromiseRejectedResult).reason;
  return lists.flatMap(list => (list.status === 'fulfilled' ? list.value : [])).filter(id => id.startsWith(beginning));
}

/** As text in, an id of `uuid` or `uuid:guid` form; `id:` before it is allowed, as everywhere. */
export function sessionIdOf(text: string): string {
  const id = text.replace(/^id:/, '');
  if (/^[\w:.-]+$/.test(id)) return id;
  throw new UsageError(`${JSON.stringify(text)} is not the id of a session`, 'see shelver sessions ls');
}

/** What there is to know of a session of either kind, without its files. */
export function summaryOf(kind: SessionKind, session: SessionInfo | DownloadSessionInfo, now: number) {
  const { id, state, progress, expiresAt, serverNow, errorMessage } = session;
  // By the server's own clock: this machine's may be wrong.
  const expiresInMs = expiresAt === undefined || state !== 'ACTIVE' ? undefined : expiresAt - (serverNow ?? now);
  return { id, kind, state, progress, expiresAt, expiresInMs, errorMessage };
}

export function expiryOf(ms: number | undefined): string {
  if (ms === undefined) return '-';
  return ms <= 0 ? 'now' : `in ${spanOf(ms)}`;
}

/** The item's name with that of its library, as far as both are still there. */
export async function itemName(service: ContentLibrary, id: string): Promise<string | undefined> {
  const item = await service.getItem(id).catch(undefinedIfGone);
  if (item === undefined) return undefined;
  const library = await service.getLibrary(item.libraryId).catch(undefinedIfGone);
  return library === undefined ? item.name : `${library.name}/${item.name}`;
}

/** Between two calls a session, or its item, may end and be gone. */
export function undefinedIfGone(cause: unknown): undefined {
  if (cause instanceof PortFailure && cause.failure.code === 'NOT_FOUND') return undefined;
  throw cause;
}
