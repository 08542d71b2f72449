// What an upload is told and what it knows: the machine's input and context. All of it is JSON.
import type { ChecksumAlgorithm, Digest, Failure, ItemFile } from '../vocabulary.ts';
import type { RetryPolicy, SessionOwner } from './calls.ts';
import type { Reached } from './pulls.ts';
import type { FileSpec } from './upload-file.ts';

/** What the plan must know of the server (a part of ServerProfile, src/ports.ts). */
export interface Server {
  readonly reportsReady: boolean;
  readonly reportsSize: boolean;
  readonly reportsDigest: boolean;
  readonly removesFiles: boolean;
  /** Any number of update sessions may be open on one item. */
  readonly sharesItems?: boolean;
  readonly previews: boolean;
  readonly sessionTimeoutMs: number;
  readonly algorithms: readonly ChecksumAlgorithm[];
}

export interface UploadPolicy extends RetryPolicy {
  /** Files of the item that are sent at the same time. */
  readonly parallel: number;
  /** Milliseconds between two looks at the session while files are sent. */
  readonly watchMs: number;
  /** Milliseconds between two questions while the service works. */
  readonly pollMs: number;
  /** How long the service may work without any movement before the run gives up. */
  readonly patienceMs: number;
  /** How long to wait for another session on the item to end, and at most how long between two tries. */
  readonly busyMs: number;
  readonly busyPollMs: number;
}

export interface UploadInput {
  /** A UUID; client tokens are made from it. */
  readonly run: string;
  readonly to: {
    readonly library: string;
    readonly libraryById: boolean;
    readonly item: string;
    readonly itemById: boolean;
  };
  readonly itemType: string;
  readonly files: readonly FileSpec[];
  readonly ifExists: 'fail' | 'skip' | 'update' | 'replace';
  /** What to do when another session is open on the item. */
  readonly onBusy: 'fail' | 'wait' | 'take-over';
  /** Take over sessions of the same user, too, of which the journal knows nothing. */
  readonly force: boolean;
  readonly acceptWarnings: readonly string[];
  readonly hash: boolean;
  readonly server: Server;
  readonly policy: UploadPolicy;
  /** Only finds out what the upload would do: it asks, and changes nothing. `session`: one that it would go on with. */
  readonly rehearse?: { readonly session?: string };
  /** Facts of an earlier life of the run. */
  readonly known?: Known;
  /** It has ended, and its report said `done`: whatever becomes of the item since, it stays so. */
  readonly told?: true;
}

/** A session of ours that stands on the item. */
export interface Standing {
  readonly id: string;
  /** Instant on the server's clock. */
  readonly expiresAt?: number;
}

/** The facts: everything that an earlier life of the run must hand on. */
export interface Known {
  readonly library?: { readonly id: string; readonly name: string };
  readonly itemId?: string;
  readonly itemMade: boolean;
  /** The create of the item was sent, and its answer is not known. */
  readonly making: boolean;
  /** When the last create was begun, of the item or of a session. */
  readonly creatingAt?: number;
  /** When a create of the item, and of a session, was last in doubt: sent, and not answered, whatever became of it then. */
  readonly itemDoubtedAt?: number;
  readonly sessionDoubtedAt?: number;
  /** The removal of the item that this run has made was sent: it may still land, whatever is put into the item now. */
  readonly removing?: boolean;
  /** Which session of this run: rises when a lost one is cleared away. */
  readonly generation: number;
  /** This generation's create was sent. */
  readonly opened: boolean;
  readonly sessionId?: string;
  /** Sessions of ours on the item before this generation's create: whatever is there afterwards is this one. */
  readonly before: readonly string[];
  /** The same before the first create of a session that was in doubt, if that was an earlier one. */
  readonly beforeDoubt?: readonly string[];
  /** `complete` was sent. */
  readonly asked: boolean;
  /** The service has said DONE: nothing is taken back any more. */
  readonly done: boolean;
  /** Why the run shall be canceled. */
  readonly wish?: string;
  readonly failure?: Failure;
  /** What the item held before anything was sent, and its content version then. */
  readonly held?: readonly ItemFile[];
  readonly versionBefore?: string;
  readonly files: readonly FileKnown[];
}

export interface FileKnown {
  /** `unchanged`: the item holds it already, by digest. */
  readonly outcome: 'todo' | 'sending' | 'ready' | 'failed' | 'unchanged';
  readonly attempts: number;
  readonly digests: readonly Digest[];
  readonly reported?: Digest;
}

export type Verified = 'digest' | 'size' | 'notReported' | 'notKept' | 'no';
/** How a file was held against its source, and the digest that was compared, if one was. */
export interface Check {
  readonly verified: Verified;
  readonly digest?: Digest;
}

export interface UploadContext extends Known {
  readonly input: UploadInput;
  /** This life of the run has held the session itself. */
  readonly live: boolean;
  /** The service has said that the session is over: only reads and delete go to it any more. */
  readonly over: boolean;
  /** The session was gone when its end was asked for: the item itself is judged. */
  readonly lost: boolean;
  /** Times that it was said to be gone, and then found. */
  readonly contradictions: number;
  /** When the last answer came. */
  readonly at: number;
  readonly luck: number;
  /** The item's name, where only its id was given. */
  readonly itemName: string;
  readonly contentVersion?: string;
  readonly held: readonly ItemFile[];
  /** An earlier life has sent the create of the item, or of the session of this generation, and nobody heard what became of it. */
  readonly doubtedItem: boolean;
  readonly doubtedSession?: number;
  /** An earlier life was removing its item, and had failed for what may pass: once that is gone, all begins anew. */
  readonly tidiesFirst: boolean;
  /** A create of a session was in doubt: what came of it late has still to be looked for. */
  readonly looksForLate: boolean;
  /** How many sessions were looked into, that were not there before. */
  readonly looks: number;
  /** Which files to hash for a comparison, still. */
  readonly toCompare: readonly number[];
  /** Files of the item that shall go (--if-exists replace), still. */
  readonly toRemove: readonly string[];
  /** Sessions of ours on the item that a rehearsal has still to look at, and those that it found active. */
  readonly toLookAt: readonly string[];
  readonly inTheWay: readonly Standing[];
  /** Sessions of the same user on the item while another one is in the way, and whose the journal says they are. */
  readonly rivals: readonly string[];
  readonly owners?: readonly SessionOwner[];
  /** A session that was found after a create that nobody answered: is it ours? */
  readonly candidate?: string;
  /** Which of them to end, still; whether that has changed anything; how often it was begun. */
  readonly toTake: readonly string[];
  readonly took: boolean;
  readonly takeOvers: number;
  /** When the service first said that the item is busy, and its words. */
  readonly busySince?: number;
  readonly refusal?: Failure;
  /** Why the run rests, for people. */
  readonly why?: Failure;
  readonly waitingSince?: number;
  /** How far the service has come at most with what it fetches by itself, and when it last came further. */
  readonly reached: Reached;
  readonly movedAt?: number;
  /** Times that `complete` was sent. */
  readonly completions: number;
  readonly completeFailure?: Failure;
  /** Times that files were looked at again although all were READY before, and the refusal that was the reason. */
  readonly rechecks: number;
  readonly refused?: Failure;
  readonly warnings: readonly { readonly type: string; readonly message: string }[];
  readonly verified: readonly Check[];
  readonly outcome?: UploadResult['outcome'];
  /** Something could not be taken away, and may still be there. */
  readonly left: boolean;
  readonly notes: readonly string[];
}

export interface UploadResult extends Known {
  /** `planned`: it was a rehearsal, and the real call would begin. */
  readonly outcome: 'done' | 'upToDate' | 'failed' | 'canceled' | 'planned';
  readonly itemName: string;
  readonly contentVersion?: string;
  readonly verified: readonly Check[];
  readonly left: boolean;
  readonly notes: readonly string[];
  /** Files that it held besides, and does not hold any more (--if-exists replace). */
  readonly removed: readonly string[];
  /** What the item held before, and which of it would go. */
  readonly held: readonly ItemFile[];
  readonly toRemove: readonly string[];
  readonly inTheWay: readonly Standing[];
}

/** A client token: a UUID made of the run's own, so that it is the same after a crash. @example `tokenOf(run, 'session', 2)` */
export function tokenOf(run: string, purpose: 'item' | 'session', generation: number): string {
  const tail = (generation * 2 + (purpose === 'item' ? 0 : 1)).toString(16).padStart(6, '0');
  return run.slice(0, -6) + tail;
}

/** Files of an item in the order the service demands: manifest and certificate, then the descriptor, then the rest. */
export function rankOf(file: Pick<FileSpec, 'role'>): number {
  return isNotKept(file) ? 0 : file.role === 'descriptor' ? 1 : 2;
}

/** The indexes that may be sent now: of the lowest rank that is not finished, and within the window. */
export function sendable(input: UploadInput, files: readonly FileKnown[]): number[] {
  const open = files.flatMap((file, index) => (file.outcome === 'todo' || file.outcome === 'sending' ? [index] : []));
  const rank = Math.min(...open.map(index => rankOf(input.files[index] as FileSpec)));
  const sending = open.filter(index => files[index]?.outcome === 'sending').length;
  return open
    .filter(index => files[index]?.outcome === 'todo' && rankOf(input.files[index] as FileSpec) === rank)
    .slice(0, Math.max(0, input.policy.parallel - sending));
}

/** Manifest and certificate of an ovf item vanish from it with `complete` (keep_in_storage, vSphere API 6.7U1). */
export function isNotKept(file: Pick<FileSpec, 'role'>): boolean {
  return file.role === 'manifest' || file.role === 'certificate';
}
