// A content library service in a page, for the model checker: one library, one item, its update sessions. Written apart from
// the simulator and from machines/service, after the documentation, so that a mistake there is not repeated here.
import type { Failure, FailureCode } from '../../machines/vocabulary.ts';
import { failure } from '../../machines/vocabulary.ts';
import type { CallSpec } from '../../machines/workflow/calls.ts';

export type FileState = 'WAITING_FOR_TRANSFER' | 'VALIDATING' | 'READY';
export interface Session {
  readonly id: string;
  readonly state: 'ACTIVE' | 'DONE' | 'ERROR' | 'CANCELED';
  readonly files: Readonly<Record<string, FileState>>;
}
export interface Service {
  readonly item?: { readonly id: string; readonly version: number; readonly files: Readonly<Record<string, string>> };
  readonly sessions: readonly Session[];
  /** Ids given so far. */
  readonly given: number;
  /** Client token → id that it was answered with. */
  readonly tokens: Readonly<Record<string, string>>;
  /** A session has become ERROR by itself. */
  readonly erred?: true;
}
export type Answered = { readonly value: unknown } | { readonly failure: Failure };
type Served = readonly [Service, Answered];
/** In what services differ. */
export interface Traits {
  /** It keeps client tokens. */
  readonly tokens: boolean;
  /** Any number of sessions may be open on one item. */
  readonly shares: boolean;
}

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
  'keepLogin'
]);
/** What is asked of this machine: the bytes of the source, and the journal. */
export const LOCAL: ReadonlySet<string> = new Set(['digest', 'ownersOf']);

export function serve(service: Service, call: CallSpec, traits: Traits): Served {
  switch (call.op) {
    case 'findLibraries':
      return [service, { value: ['l1'] }];
    case 'getLibrary':
      return [service, { value: { id: 'l1', name: 'images', type: 'LOCAL' } }];
    case 'findItems':
      return [service, { value: service.item === undefined ? [] : [service.item.id] }];
    case 'createItem':
      return once(service, call.args.token, traits, () => {
        if (service.item !== undefined) return 'ALREADY_EXISTS';
        const id = `i${service.given + 1}`;
        return [{ ...service, given: service.given + 1, item: { id, version: 1, files: {} } }, id];
      });
    case 'createSession':
      return once(service, call.args.token, traits, () => {
        if (service.item?.id !== call.args.itemId) return 'NOT_FOUND';
        if (!traits.shares && service.sessions.some(({ state }) => state === 'ACTIVE')) return 'RESOURCE_BUSY';
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
    // No other run has ever been here.
    case 'ownersOf':
      return [service, { value: [] }];
    case 'getItem':
    case 'listItemFiles':
    case 'deleteItem':
      return ofItem(service, call);
    default:
      return ofSession(service, call);
  }
}

/** What may become of its sessions when nobody gives a sign of life: gone at once, or shown as ERROR for a while. */
export function expired(service: Service): readonly (readonly [string, Service])[] {
  return service.sessions
    .filter(({ state }) => state === 'ACTIVE')
    .flatMap(session => {
      const { id } = session;
      const gone = { ...service, sessions: service.sessions.filter(its => its !== session) };
      const shown: Service = { ...put(service, { ...session, state: 'ERROR' }), erred: true };
      return [[`${id} expires`, gone] as const, [`${id} expires, and is shown as ERROR`, shown] as const];
    });
}

/** What it does by itself: bytes that have come are looked at. */
export function goesOn(service: Service): readonly (readonly [string, Service])[] {
  return service.sessions.flatMap(session =>
    Object.entries(session.files)
      .filter(([, state]) => state === 'VALIDATING' && session.state === 'ACTIVE')
      .map(([name]) => [`${name} is READY in ${session.id}`, withFile(service, session, name, 'READY')] as const)
  );
}

function once(
  service: Service,
  token: string,
  { tokens }: Traits,
  make: () => FailureCode | readonly [Service, string]
): Served {
  const known = tokens ? service.tokens[token] : undefined;
  if (known !== undefined) return [service, { value: known }];
  const made = make();
  if (typeof made === 'string') return [service, refused(made)];
  const [next, id] = made;
  return [tokens ? { ...next, tokens: sorted({ ...next.tokens, [token]: id }) } : next, { value: id }];
}

function ofItem(service: Service, call: CallSpec): Served {
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

function ofSession(service: Service, call: CallSpec): Served {
  const { id, sessionId, name } = call.args as { id?: string; sessionId?: string; name?: string };
  const session = service.sessions.find(its => its.id === (id ?? sessionId));
  if (session === undefined) return [service, refused('NOT_FOUND')];
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
  const isWhole = Object.values(session.files).every(state => state === 'READY');
  switch (call.op) {
    case 'keepAlive':
    case 'updateSession':
      return [service, done];
    case 'addFile': {
      const then = withFile(service, session, String(name), 'WAITING_FOR_TRANSFER');
      return [then, { value: shown({ ...session, files: { [String(name)]: 'WAITING_FOR_TRANSFER' } }, String(name)) }];
    }
    case 'push':
      if (session.files[String(name)] === undefined) return [service, refused('TRANSFER_REFUSED')];
      return [withFile(service, session, String(name), 'VALIDATING'), { value: { sent: SIZE, digests: [sha(NEW)] } }];
    // Both are refused until what was pushed is READY; a generic item misses nothing.
    case 'validate':
      if (!isWhole) return [service, refused('NOT_ALLOWED_IN_CURRENT_STATE')];
      return [service, { value: { hasErrors: false, missing: [], invalid: [] } }];
    case 'complete': {
      if (!isWhole) return [service, refused('NOT_ALLOWED_IN_CURRENT_STATE')];
      const files = Object.fromEntries(Object.keys(session.files).map(each => [each, NEW]));
      const { item } = service as { item: NonNullable<Service['item']> };
      return [
        {
          ...put(service, { ...session, state: 'DONE' }),
          item: { ...item, version: item.version + 1, files: sorted({ ...item.files, ...files }) }
        },
        done
      ];
    }
    case 'cancelSession':
      return [put(service, { ...session, state: 'CANCELED' }), done];
    case 'failSession':
      return [put(service, { ...session, state: 'ERROR' }), done];
    default:
      throw new Error(`the service of the checker has no ${call.op}`);
  }
}

function shown(session: Session, name: string): object {
  const status = session.files[name];
  const isThere = status === 'READY';
  return {
    name,
    sourceType: 'PUSH',
    status,
    bytesTransferred: isThere ? SIZE : 0,
    uploadUri: `https://there/${name}`,
    ...(isThere && { size: SIZE, digest: sha(NEW) })
  };
}

function put(service: Service, session: Session): Service {
  return { ...service, sessions: service.sessions.map(its => (its.id === session.id ? session : its)) };
}

function withFile(service: Service, session: Session, name: string, state: FileState): Service {
  return put(service, { ...session, files: sorted({ ...session.files, [name]: state }) });
}

/** In which order things came makes no difference. */
function sorted<T>(record: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function sha(checksum: string) {
  return { algorithm: 'SHA256', checksum };
}

function refused(code: FailureCode): Answered {
  return { failure: failure(code, `refused: ${code}`) };
}
