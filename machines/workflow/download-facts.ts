// What a download is told and what it knows: the machine's input and context. All of it is JSON.
import type { Digest, Failure, ItemFile } from '../vocabulary.ts';
import type { RetryPolicy } from './calls.ts';
import type { Server, UploadPolicy, Verified } from './upload-facts.ts';

export type DownloadPolicy = RetryPolicy & Pick<UploadPolicy, 'parallel' | 'pollMs' | 'patienceMs'>;

/** What the plan must know of the server: what it does not report, or not reliably, is not compared. */
export type DownloadServer = Pick<Server, 'sessionTimeoutMs' | 'reportsSize' | 'reportsDigest'>;

export interface DownloadInput {
  /** A UUID; client tokens are made from it, and parts are told by it. */
  readonly run: string;
  readonly from: {
    readonly library: string;
    readonly libraryById: boolean;
    readonly item: string;
    readonly itemById: boolean;
  };
  /** Names of files; none means all that the item holds. */
  readonly wanted: readonly string[];
  readonly ifExists: 'fail' | 'skip' | 'replace';
  readonly server: DownloadServer;
  readonly policy: DownloadPolicy;
  /** Only finds out what the download would do: it asks, looks, and changes nothing. */
  readonly rehearse?: true;
  /** Facts of an earlier life of the run. */
  readonly known?: DownloadKnown;
  /** It has ended, and its report said `done`: whatever becomes of the item since, it stays so. */
  readonly told?: true;
}

/** The facts: everything that an earlier life of the run must hand on. */
export interface DownloadKnown {
  readonly library?: { readonly id: string; readonly name: string };
  readonly itemId?: string;
  /** Which session of this run: rises when a lost one is replaced. */
  readonly generation: number;
  /** This generation's create was sent. */
  readonly opened: boolean;
  readonly sessionId?: string;
  /** Sessions of ours on the item before this generation's create: whatever is there afterwards is this one. */
  readonly before: readonly string[];
  /** The same before the first create of a session that was in doubt, if that was an earlier one. */
  readonly beforeDoubt?: readonly string[];
  /** When the last create of a session was begun, and when one was last in doubt: sent, and not answered, whatever became of it then. */
  readonly creatingAt?: number;
  readonly sessionDoubtedAt?: number;
  /** Of the item, as the run's first session has it. */
  readonly contentVersion?: string;
  /** Why the run shall be canceled. */
  readonly wish?: string;
  readonly failure?: Failure;
  readonly files: readonly FetchKnown[];
}

/** How sure it is that a file is what the service holds; `no`: it was not compared, or is not there. */
export type FetchVerified = Exclude<Verified, 'notKept'>;

export interface FetchKnown {
  readonly name: string;
  readonly size?: number;
  /** What the service says that its bytes are. */
  readonly digest?: Digest;
  /** `unchanged`: the same bytes were there already; `skipped`: something was there, and left as it is. */
  readonly outcome: 'todo' | 'fetching' | 'kept' | 'unchanged' | 'skipped' | 'failed';
  readonly attempts: number;
  /** A part of it may be in the target folder. */
  readonly parted: boolean;
  /**
   * How many bytes its part had when it was about to get its name, without a digest that a later look could compare: what stands
   * under the name then, while the part is gone, is this run's own.
   */
  readonly naming?: number;
  readonly verified: FetchVerified;
}

export interface DownloadContext extends DownloadKnown {
  readonly input: DownloadInput;
  /** This life of the run has held a session itself. */
  readonly live: boolean;
  /** The service has said that the session is over: only reads and delete go to it any more. */
  readonly over: boolean;
  /** Times that it was said to be over, and then found. */
  readonly contradictions: number;
  /** When the last answer came. */
  readonly at: number;
  readonly luck: number;
  /** The item's name, where only its id was given. */
  readonly itemName: string;
  /** Which names to look for in the target folder, still. */
  readonly toLook: readonly number[];
  /** A session that was found after a create that nobody answered: is it ours? */
  readonly candidate?: string;
  /** A create was in doubt: what came of it late has still to be looked for. */
  readonly looksForLate: boolean;
  /** How many sessions were looked into, that were not there before. */
  readonly looks: number;
  /** Files in whose place something else stands, which would go (--if-exists replace). */
  readonly replaces: readonly number[];
  readonly outcome?: DownloadResult['outcome'];
  /** Something could not be taken away, and may still be there. */
  readonly left: boolean;
  readonly notes: readonly string[];
}

export interface DownloadResult extends DownloadKnown {
  /** `planned`: it was a rehearsal, and the real call would begin. */
  readonly outcome: 'done' | 'upToDate' | 'failed' | 'canceled' | 'planned';
  readonly itemName: string;
  readonly left: boolean;
  readonly notes: readonly string[];
  readonly replaces: readonly number[];
}

/** What is to be fetched of an item, in the item's order; nothing of it is there yet. */
export function filesOf({ wanted, server }: DownloadInput, held: readonly ItemFile[]): FetchKnown[] {
  return held
    .filter(({ name }) => wanted.length === 0 || wanted.includes(name))
    .map(({ name, size, digest }) => ({
      name,
      size: server.reportsSize ? size : undefined,
      digest: server.reportsDigest ? digest : undefined,
      outcome: 'todo',
      attempts: 0,
      parted: false,
      verified: 'no'
    }));
}

/** The first two names that some file systems hold for one: they would overwrite each other. */
export function collision(files: readonly Pick<FetchKnown, 'name'>[]): readonly [string, string] | undefined {
  const seen = new Map<string, string>();
  for (const { name } of files) {
    const key = name.normalize('NFC').toLowerCase();
    const other = seen.get(key);
    if (other !== undefined) return [other, name];
    seen.set(key, name);
  }
  return undefined;
}

/**
 * The indexes of the files that an earlier life has left in the folder, or may have: nobody knows what became of them since,
 * nor whether the last thing that it did was to give a part its name.
 */
export function thereBefore(files: readonly FetchKnown[]): number[] {
  return files.flatMap((file, index) => (isThere(file) || file.parted ? [index] : []));
}

/** Whether a file stands in the folder as the service holds it, as far as was known when it was last looked at. */
export function isThere({ outcome }: Pick<FetchKnown, 'outcome'>): boolean {
  return outcome === 'kept' || outcome === 'unchanged';
}

/** The indexes that may be fetched now, within the window. */
export function fetchable({ parallel }: DownloadPolicy, files: readonly FetchKnown[]): number[] {
  const fetching = files.filter(({ outcome }) => outcome === 'fetching').length;
  return files
    .flatMap(({ outcome }, index) => (outcome === 'todo' ? [index] : []))
    .slice(0, Math.max(0, parallel - fetching));
}

/** How a file that was kept had been held against what the service says of it. */
export function verifiedBy({ digest, size }: Pick<FetchKnown, 'digest' | 'size'>): FetchVerified {
  if (isComparable(digest)) return 'digest';
  return size === undefined ? 'notReported' : 'size';
}

/** Whether we can make such a digest, too: the word may be newer than this library. */
export function isComparable(digest: Digest | undefined): digest is Digest {
  return digest !== undefined && ['SHA1', 'MD5', 'SHA256', 'SHA512'].includes(digest.algorithm);
}

/** @example `sameDigest({ algorithm: 'SHA1', checksum: 'AB…' }, { algorithm: 'SHA1', checksum: 'ab…' })` is true. */
export function sameDigest(one: Digest, other: Digest | undefined): boolean {
  return one.algorithm === other?.algorithm && one.checksum.toLowerCase() === other.checksum.toLowerCase();
}
