// A content library service in a page, for the model checker: one library, one item, its update sessions. Written apart from
// the simulator and from machines/service, after the documentation, so that a mistake there is not repeated here.
import type { Failure, FailureCode } from '../../machines/vocabulary.ts';
import { failure } from '../../machines/vocabulary.ts';
import type { CallSpec } from '../../machines/workflow/calls.ts';

export interface Session {
  readonly id: string;
  readonly state: 'ACTIVE' | 'DONE' | 'ERROR' | 'CANCELED';
  /** name → whether the bytes are there. */
  readonly files: Readonly<Record<string, boolean>>;
}
export interface Service {
  readonly item?: { readonly id: string; readonly version: number; readonly files: Readonly<Record<string, string>> };
  readonly sessions: readonly Session[];
  /** Ids given so far. */
  readonly given: number;
  /** Client token → id that it was answered with. */
  readonly tokens: Readonly<Record<string, string>>;
}
export type Answered = { readonly value: unknown } | { readonly failure: Failure };

/** Hexadecimal digits that stand for the bytes of a file: those of the source, or what the item held before. */
export const NEW = 'a'.repeat(64);
export const OLD = 'b'.repeat(64);
const SIZE = 16;

/** Calls that change nothing. */
export const READS: ReadonlySet<string> = new Set([
  'findLibraries',
  'getLibrary',
  'findItems',
  'getItem',
  'listItemFiles',
  'listSessions',
  'getSession',
  'getFile',
  'listFiles',
  'validate',
  'digest',
  'keepLogin'
]);

/** @param tokens whether the service keeps client tokens */
export function serve(service: Service, call: CallSpec, tokens: boolean): readonly [Service, Answered] {
  switch (call.op) {
    case 'findLibraries':
      return [service, { value: ['l1'] }];
    case 'getLibrary':
      return [service, { value: { id: 'l1', name: 'images', type: 'LOCAL' } }];
    case 'findItems':
      return [service, { value: service.item === undefined ? [] : [service.item.id] }];
    case 'createItem':
      return once(service, call.args.token, tokens, () => {
        if (service.item !== undefined) return 'ALREADY_EXISTS';
        const id = `i${service.given + 1}`;
        return [{ ...service, given: service.given + 1, item: { id, version: 1, files: {} } }, id];
      });
    case 'createSession':
      return once(service, call.args.token, tokens, () => {
        if (service.item?.id !== call.args.itemId) return 'NOT_FOUND';
        if (service.sessions.some(({ state }) => state === 'ACTIVE')) return 'RESOURCE_BUSY';
        const id = `s${service.given + 1}`;
        const session: Session = { id, state: 'ACTIVE', files: {} };
        return [{ ...service, given: service.given + 1, sessions: [...service.sessions, session] }, id];
      });
    case 'listSessions':
      return [service, { value: service.sessions.map(({ id }) => id) }];
    case 'keepLogin':
      return [service, { value: null }];
    case 'digest':
      return [service, { value: { algorithm: call.args.algorithm, checksum: NEW } }];
    case 'getItem':
    case 'listItemFiles':
    case 'deleteItem':
      return ofItem(service, call);
    default:
      return ofSession(service, call);
  }
}

function once(
  service: Service,
  token: string,
  tokens: boolean,
  make: () => FailureCode | readonly [Service, string]
): readonly [Service, Answered] {
  const known = tokens ? service.tokens[token] : undefined;
  if (known !== undefined) return [service, { value: known }];
  const made = make();
  if (typeof made === 'string') return [service, refused(made)];
  const [next, id] = made;
  return [tokens ? { ...next, tokens: { ...next.tokens, [token]: id } } : next, { value: id }];
}

function ofItem(service: Service, call: CallSpec): readonly [Service, Answered] {
  const { item } = service;
  const { id, itemId } = call.args as { id?: string; itemId?: string };
  if (item === undefined || item.id !== (id ?? itemId)) return [service, refused('NOT_FOUND')];
  if (call.op === 'deleteItem') {
    const { item: _, ...rest } = service;
    return [{ ...rest, sessions: [] }, { value: null }];
  }
  const files = Object.entries(item.files).map(([name, checksum]) => ({ name, size: SIZE, digest: sha(checksum) }));
  if (call.op === 'listItemFiles') return [service, { value: files }];
  return [service, { value: { id: item.id, libraryId: 'l1', name: 'ubuntu', contentVersion: String(item.version) } }];
}

function ofSession(service: Service, call: CallSpec): readonly [Service, Answered] {
  const { id, sessionId, name } = call.args as { id?: string; sessionId?: string; name?: string };
  const session = service.sessions.find(its => its.id === (id ?? sessionId));
  if (session === undefined) return [service, refused('NOT_FOUND')];
  const put = (changed: Session): Service => ({
    ...service,
    sessions: service.sessions.map(its => (its === session ? changed : its))
  });
  const done = { value: null };
  switch (call.op) {
    case 'getSession':
      return [
        service,
        { value: { id: session.id, state: session.state, itemId: service.item?.id, expiresAt: 300_000, serverNow: 0 } }
      ];
    case 'deleteSession':
      if (session.state === 'ACTIVE') return [service, refused('NOT_ALLOWED_IN_CURRENT_STATE')];
      return [{ ...service, sessions: service.sessions.filter(its => its !== session) }, done];
    case 'getFile':
      if (session.files[String(name)] === undefined) return [service, refused('INVALID_ARGUMENT')];
      return [service, { value: shown(session, String(name)) }];
    case 'listFiles':
      return [service, { value: Object.keys(session.files).map(each => shown(session, each)) }];
    default:
  }
  if (session.state !== 'ACTIVE') return [service, refused('NOT_ALLOWED_IN_CURRENT_STATE')];
  const missing = Object.entries(session.files).flatMap(([each, there]) => (there ? [] : [each]));
  switch (call.op) {
    case 'keepAlive':
    case 'updateSession':
      return [service, done];
    case 'addFile': {
      const changed = { ...session, files: { ...session.files, [String(name)]: false } };
      return [put(changed), { value: shown(changed, String(name)) }];
    }
    case 'push':
      if (session.files[String(name)] === undefined) return [service, refused('TRANSFER_REFUSED')];
      return [
        put({ ...session, files: { ...session.files, [String(name)]: true } }),
        { value: { sent: SIZE, digests: [sha(NEW)] } }
      ];
    case 'validate':
      return [service, { value: { hasErrors: missing.length > 0, missing, invalid: [] } }];
    case 'complete': {
      if (missing.length > 0) return [service, refused('INVALID_ARGUMENT')];
      const its = put({ ...session, state: 'DONE' });
      const files = Object.fromEntries(Object.keys(session.files).map(each => [each, NEW]));
      const { item } = service as { item: NonNullable<Service['item']> };
      return [{ ...its, item: { ...item, version: item.version + 1, files: { ...item.files, ...files } } }, done];
    }
    case 'cancelSession':
      return [put({ ...session, state: 'CANCELED' }), done];
    case 'failSession':
      return [put({ ...session, state: 'ERROR' }), done];
    default:
      throw new Error(`the service of the checker has no ${call.op}`);
  }
}

function shown(session: Session, name: string): object {
  const there = session.files[name] === true;
  return {
    name,
    sourceType: 'PUSH',
    status: there ? 'READY' : 'WAITING_FOR_TRANSFER',
    bytesTransferred: there ? SIZE : 0,
    uploadUri: `https://there/${name}`,
    ...(there && { size: SIZE, digest: sha(NEW) })
  };
}

function sha(checksum: string) {
  return { algorithm: 'SHA256', checksum };
}

function refused(code: FailureCode): Answered {
  return { failure: failure(code, `refused: ${code}`) };
}
