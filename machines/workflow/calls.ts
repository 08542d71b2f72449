// The calls that the plan makes, and how long it waits between two of them: before a try anew, and before another look.
// Names are those of the ports (src/ports.ts); arguments and answers are JSON.
import type {
  ChecksumAlgorithm,
  Digest,
  DownloadFile,
  DownloadSessionInfo,
  Failed,
  Item,
  ItemFile,
  Library,
  SessionFile,
  SessionInfo,
  Validation
} from '../vocabulary.ts';
import type { Prices } from './retry-budget.ts';

/** Arguments and answer of every call. */
export interface Calls {
  findLibraries: [{ name: string }, string[]];
  getLibrary: [{ id: string }, Library];
  findItems: [{ libraryId: string; name: string }, string[]];
  getItem: [{ id: string }, Item];
  createItem: [{ libraryId: string; name: string; type: string; token: string }, string];
  deleteItem: [{ id: string }, null];
  listItemFiles: [{ itemId: string }, ItemFile[]];
  createSession: [{ itemId: string; token: string; before: readonly string[] }, string];
  listSessions: [{ itemId: string }, string[]];
  getSession: [{ id: string }, SessionInfo];
  updateSession: [{ id: string; warnings: readonly { type: string; ignored: boolean }[] }, null];
  keepAlive: [{ id: string }, null];
  complete: [{ id: string }, null];
  cancelSession: [{ id: string }, null];
  failSession: [{ id: string; message: string }, null];
  deleteSession: [{ id: string }, null];
  /** `pull`: the service fetches it from the source of the planned file with this index. */
  addFile: [{ sessionId: string; name: string; size?: number; digest?: Digest; pull?: number }, SessionFile];
  getFile: [{ sessionId: string; name: string }, SessionFile];
  listFiles: [{ sessionId: string }, SessionFile[]];
  removeFile: [{ sessionId: string; name: string }, null];
  validate: [{ sessionId: string }, Validation];
  keepLogin: [Record<string, never>, null];
  /** Whose the sessions are, as far as the journal knows. */
  ownersOf: [{ sessions: readonly string[] }, readonly SessionOwner[]];
  /** One PUT of the planned file with this index. */
  push: [
    { sessionId: string; file: number; name: string; size: number; uri: string; hash: readonly ChecksumAlgorithm[] },
    { sent: number; digests: readonly Digest[] }
  ];
  /** Reads the planned file with this index once, for its digest. */
  digest: [{ file: number; name: string; algorithm: ChecksumAlgorithm }, Digest];

  createDownloadSession: [{ itemId: string; token: string; before: readonly string[] }, string];
  listDownloadSessions: [{ itemId: string }, string[]];
  getDownloadSession: [{ id: string }, DownloadSessionInfo];
  keepDownloadAlive: [{ id: string }, null];
  cancelDownload: [{ id: string }, null];
  failDownload: [{ id: string; message: string }, null];
  deleteDownloadSession: [{ id: string }, null];
  prepareFile: [{ sessionId: string; name: string }, DownloadFile];
  listDownloadFiles: [{ sessionId: string }, readonly DownloadFile[]];
  getDownloadFile: [{ sessionId: string; name: string }, DownloadFile];
  /** One GET into the open part; `received` bytes are in it then, all told. */
  fetch: [{ sessionId: string; name: string; size: number; uri: string; from: number }, { received: number }];
  /** What stands under the name in the target folder; `parted`: and a part of this run beside it. */
  findTarget: [{ name: string; run: string }, { size: number; parted?: boolean } | null];
  openPart: [{ name: string; run: string }, { size: number }];
  /** Reads the part, or what stands under the final name, once, for its digest. */
  digestTarget: [{ name: string; what: 'part' | 'kept'; algorithm: ChecksumAlgorithm }, Digest];
  keep: [{ name: string; replace: boolean }, null];
  dropPart: [{ name: string; run: string }, { kept: boolean }];
}
export type Op = keyof Calls;

/** The run of the journal that a session belongs to. */
export interface SessionOwner {
  readonly session: string;
  readonly run: string;
  /** Whether somebody works on the run; `elsewhere`: a process of another machine, of which nobody here knows whether it lives. */
  readonly standing: 'gone' | 'alive' | 'elsewhere';
  /** The process, and its machine if that is another one. */
  readonly pid?: number;
  readonly host?: string;
}
export type CallSpec = { [K in Op]: { readonly op: K; readonly args: Calls[K][0] } }[Op];
/** A call as an attempt makes it. */
export type Order = CallSpec & {
  /** Tokens that the retry budget gets back once the call is answered well. */
  readonly refund?: number;
};
export type ValueOf<K extends Op> = Calls[K][1];

/** How long to wait before the next try, in milliseconds: full jitter, never less than the server asked for (capped). */
export function backOffMs(policy: RetryPolicy, tries: number, failed: Failed): number {
  const ceiling = Math.min(policy.capMs, policy.baseMs * 2 ** Math.min(tries - 1, 30));
  const asked = Math.min(failed.failure.retryAfterMs ?? 0, policy.retryAfterCapMs);
  return Math.max(0, asked) + Math.round(failed.luck * (asked > 0 ? Math.min(ceiling, asked / 10) : ceiling));
}

/** The first look again comes this soon, in milliseconds: most servers are done by then. */
const FIRST_LOOK_MS = 25;

/** How long to wait before looking again: as long as has been waited already, up to `pollMs`. @example `lookMs(400, 1_000, 1_100)` is 100. */
export function lookMs(pollMs: number, since: number, at: number): number {
  return Math.min(pollMs, Math.max(FIRST_LOOK_MS, at - since));
}

export interface RetryPolicy extends Prices {
  /** Calls without progress before giving up. */
  readonly maxAttempts: number;
  readonly baseMs: number;
  readonly capMs: number;
  /** The longest Retry-After that is obeyed. */
  readonly retryAfterCapMs: number;
}
