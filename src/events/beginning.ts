// The first and the last record of a run: what it was to do, and that it is over. Between them stand its facts.
import type { Digest } from '../../machines/vocabulary.ts';
import type { JournalRecord } from '../ports.ts';
import type { FileRole, Outcome } from './records.ts';

/** What a run was to do, told by its first record: enough to take it up again. JSON; no credentials, no secrets of a source. */
export interface Beginning {
  readonly kind: 'upload' | 'download';
  /** What the server is called, never with credentials. */
  readonly server: string;
  /** As whom the run logged in, where the connection tells. */
  readonly user?: string;
  /** Library and item as the caller named them: `images/ubuntu-24.04`. */
  readonly place: string;
  /** The call itself. Absent: it cannot be told in JSON (sources or targets of the caller's own), who made it must make it again. */
  readonly spec?: unknown;
  /** Of an upload: what is to be sent. */
  readonly files: readonly BegunFile[];
}
export interface BegunFile {
  readonly name: string;
  /** Absent: the service fetches it, and nobody says how long it is. */
  readonly size?: number;
  /** Tells one version of the source from another, where the source knows one. */
  readonly version?: string;
  /** Absent: plain. Some roles are not found in the item again, which whoever only ends the run must know, too. */
  readonly role?: FileRole;
  /** What the caller or a manifest says of it. */
  readonly digest?: Digest;
  /** The service fetches it. */
  readonly pull?: true;
}

/** How a run ended. */
export interface Ending {
  readonly outcome: Outcome;
  /** Something of it may still be on the server or in the folder: `cleanup` looks for it. */
  readonly left: boolean;
}

export function beginningOf(records: readonly JournalRecord[]): Beginning | undefined {
  return records.find(({ type }) => type === 'begun')?.data as Beginning | undefined;
}

export function endingOf(records: readonly JournalRecord[]): Ending | undefined {
  return records.findLast(({ type }) => type === 'ended')?.data as Ending | undefined;
}

/** The first file that is not what it was when the run began; `undefined` when all are. */
export function changedSince(begun: readonly BegunFile[], now: readonly BegunFile[]): string | undefined {
  const gone = begun.find(({ name }) => !now.some(file => file.name === name));
  if (gone !== undefined) return gone.name;
  return now.find(file => {
    const was = begun.find(({ name }) => name === file.name);
    return (
      was === undefined || was.size !== file.size || (was.version ?? file.version) !== (file.version ?? was.version)
    );
  })?.name;
}
