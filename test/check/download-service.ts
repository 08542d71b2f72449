// The other side of a download, for the model checker: one item, its download sessions, and the folder of this machine. Written
// apart from the simulator and from machines/service, after the documentation.
import { type FailureCode, failure } from '../../machines/vocabulary.ts';
import type { CallSpec } from '../../machines/workflow/calls.ts';
import { type Answered, NEW } from './service.ts';

export interface DownloadService {
  readonly names: readonly string[];
  readonly sessions: readonly { readonly id: string; readonly state: 'ACTIVE' | 'CANCELED' | 'ERROR' }[];
  readonly given: number;
  readonly tokens: Readonly<Record<string, string>>;
  /** Name → bytes in the part of this run. */
  readonly parts: Readonly<Record<string, number>>;
  /** Names that stand in the folder. */
  readonly kept: readonly string[];
}
type Served = readonly [DownloadService, Answered];
const SIZE = 16;
const DIGEST = { algorithm: 'SHA256', checksum: NEW };

export const DOWNLOAD_READS: ReadonlySet<string> = new Set([
  'findLibraries',
  'getLibrary',
  'findItems',
  'getItem',
  'listItemFiles',
  'listDownloadSessions',
  'getDownloadSession',
  'getDownloadFile',
  'listDownloadFiles',
  'keepLogin'
]);
/** What happens in the folder, and in the journal. */
export const FOLDER: ReadonlySet<string> = new Set([
  'findTarget',
  'openPart',
  'digestTarget',
  'keep',
  'dropPart',
  'ownersOf'
]);

export function serveDownload(service: DownloadService, call: CallSpec): Served {
  const name = String((call.args as { name?: string }).name);
  const { [name]: part, ...otherParts } = service.parts;
  switch (call.op) {
    case 'findLibraries':
      return [service, { value: ['l1'] }];
    case 'getLibrary':
      return [service, { value: { id: 'l1', name: 'images', type: 'LOCAL' } }];
    case 'findItems':
      return [service, { value: ['i1'] }];
    case 'getItem':
      return [service, { value: { id: 'i1', libraryId: 'l1', name: 'ubuntu', contentVersion: '2' } }];
    case 'listItemFiles':
      return [service, { value: service.names.map(each => ({ name: each, size: SIZE, digest: DIGEST })) }];
    case 'keepLogin':
      return [service, { value: null }];
    case 'findTarget':
      return [service, { value: service.kept.includes(name) ? { size: SIZE, parted: part !== undefined } : null }];
    case 'openPart':
      return [{ ...service, parts: { ...service.parts, [name]: part ?? 0 } }, { value: { size: part ?? 0 } }];
    case 'digestTarget':
      return [service, { value: DIGEST }];
    case 'keep':
      if (part !== SIZE) return refused(service, 'INTERNAL');
      // What has its name already is not replaced unasked, whoever gave it.
      if (service.kept.includes(name) && !call.args.replace) return refused(service, 'ALREADY_EXISTS');
      return [{ ...service, parts: otherParts, kept: [...service.kept, name].sort() }, { value: null }];
    case 'dropPart':
      return [{ ...service, parts: otherParts }, { value: { kept: service.kept.includes(name) } }];
    case 'createDownloadSession':
      return created(service, call.args.token);
    case 'ownersOf':
      return [service, { value: [] }];
    case 'listDownloadSessions':
      return [service, { value: service.sessions.map(({ id }) => id) }];
    default:
      return ofSession(service, call, name);
  }
}

function created(service: DownloadService, token: string): Served {
  const known = service.tokens[token];
  if (known !== undefined) return [service, { value: known }];
  const id = `d${service.given + 1}`;
  const sessions = [...service.sessions, { id, state: 'ACTIVE' as const }];
  return [
    { ...service, given: service.given + 1, sessions, tokens: { ...service.tokens, [token]: id } },
    { value: id }
  ];
}

function ofSession(service: DownloadService, call: CallSpec, name: string): Served {
  const { id, sessionId } = call.args as { id?: string; sessionId?: string };
  const session = service.sessions.find(its => its.id === (id ?? sessionId));
  if (session === undefined) return refused(service, 'NOT_FOUND');
  const others = service.sessions.filter(its => its !== session);
  const now = (state: 'CANCELED' | 'ERROR'): Served => [
    { ...service, sessions: [...others, { ...session, state }] },
    { value: null }
  ];
  if (call.op === 'getDownloadSession') {
    const shown = { ...session, itemId: 'i1', contentVersion: '2', expiresAt: 300_000, serverNow: 0 };
    return [service, { value: shown }];
  }
  if (call.op === 'deleteDownloadSession') return [{ ...service, sessions: others }, { value: null }];
  if (session.state !== 'ACTIVE') return refused(service, 'NOT_ALLOWED_IN_CURRENT_STATE');
  switch (call.op) {
    case 'keepDownloadAlive':
      return [service, { value: null }];
    case 'cancelDownload':
      return now('CANCELED');
    case 'failDownload':
      return now('ERROR');
    case 'prepareFile':
    case 'getDownloadFile': {
      const file = {
        name,
        status: 'PREPARED',
        bytesTransferred: 0,
        size: SIZE,
        digest: DIGEST,
        downloadUri: 'https://x'
      };
      return [service, { value: file }];
    }
    // Only one that nobody has asked for a file yet is ever looked into: it was found by its name in a list.
    case 'listDownloadFiles':
      return [
        service,
        { value: service.names.map(each => ({ name: each, status: 'UNPREPARED', bytesTransferred: 0 })) }
      ];
    case 'fetch':
      if (service.parts[name] === undefined) return refused(service, 'TARGET_UNWRITABLE');
      return [{ ...service, parts: { ...service.parts, [name]: SIZE } }, { value: { received: SIZE } }];
    default:
      throw new Error(`the service of the checker has no ${call.op}`);
  }
}

function refused(service: DownloadService, code: FailureCode): Served {
  return [service, { failure: failure(code, `refused: ${code}`) }];
}
