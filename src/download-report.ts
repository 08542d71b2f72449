// What a download came to, for every outcome, JSON-safe.
import type { Digest, Failure } from '../machines/vocabulary.ts';
import type { DownloadResult, FetchVerified } from '../machines/workflow/download-facts.ts';
import type { Ledger } from './events/ledger.ts';
import type { Outcome } from './events/records.ts';
import { type DownloadForecast, NOT_ASKED } from './forecast.ts';

export interface DownloadedFile {
  readonly name: string;
  /** Bytes; absent where the server does not say and nothing came. */
  readonly size?: number;
  /** `unchanged`: the same bytes were there; `skipped`: something was there, and left as it is. */
  readonly outcome: 'kept' | 'unchanged' | 'skipped' | 'failed' | 'notFetched';
  /** How what is on the disk was held against what the service says; `no`: not compared, or not there. */
  readonly verified: FetchVerified;
  /** What the service says that its bytes are. */
  readonly digest?: Digest;
  readonly attempts: number;
  /** Bytes taken from the network, over all attempts. */
  readonly received: number;
}

export interface DownloadReport {
  readonly v: 1;
  readonly kind: 'download';
  readonly run: string;
  readonly outcome: Outcome;
  readonly server: string;
  readonly library?: { readonly id: string; readonly name: string };
  readonly item?: { readonly id: string; readonly name: string; readonly contentVersion?: string };
  readonly sessionId?: string;
  /** The folder, as a path or as its target calls itself. */
  readonly to: string;
  /** The states of the download machine, in order. */
  readonly path: readonly string[];
  readonly files: readonly DownloadedFile[];
  readonly received: number;
  /** Bytes of the files that this run has put into the folder. */
  readonly kept: number;
  readonly retries: number;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly failure?: Failure;
  /** What is less than certain, or was left somewhere: never silent. */
  readonly notes: readonly string[];
  /** Something of the run may still be on the server or in the folder: `cleanup` looks for it. */
  readonly left: boolean;
  /** Nothing was fetched or changed: this is what would have happened. */
  readonly dryRun?: true;
  /** Of a dry run that found out what the call would do. */
  readonly forecast?: DownloadForecast;
}

/** What `downloadReportOf` puts together. */
export interface Downloaded {
  readonly run: string;
  readonly server: string;
  readonly to: string;
  readonly result: DownloadResult;
  readonly ledger: Ledger;
  readonly path: readonly string[];
  readonly retries: number;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly fault?: Failure;
}

export function downloadReportOf({ result, ledger, fault: late, ...its }: Downloaded): DownloadReport {
  const files = result.files.map((file): DownloadedFile => {
    const { sent, attempts } = ledger.totalOf(file.name);
    const { name, size, verified, digest } = file;
    return { name, size, outcome: FILE_OUTCOMES[file.outcome], verified, digest, attempts, received: sent };
  });
  // What fails the run when every file has been kept (only the session is still to go) does not undo what happened.
  const fault = isDone(result.outcome) ? undefined : late;
  const outcome = fault === undefined ? result.outcome : 'failed';
  return {
    v: 1,
    kind: 'download',
    outcome,
    ...its,
    library: result.library,
    item:
      result.itemId === undefined
        ? undefined
        : { id: result.itemId, name: result.itemName, contentVersion: result.contentVersion },
    sessionId: result.sessionId,
    files,
    received: files.reduce((sum, file) => sum + file.received, 0),
    kept: files.reduce((sum, { outcome, size = 0 }) => sum + (outcome === 'kept' ? size : 0), 0),
    failure: isDone(outcome) ? undefined : (fault ?? result.failure),
    notes: [...result.notes, ...lessThanDigest(files), ...(outcome === 'planned' ? [NOT_ASKED.download] : [])],
    left: result.left
  };
}

/** A call that could not even begin. */
export function downloadReportOfFault(
  to: string,
  run: string,
  server: string,
  failed: Failure,
  startedAt: number,
  endedAt: number
): DownloadReport {
  return {
    v: 1,
    kind: 'download',
    run,
    outcome: failed.code === 'CANCELED' ? 'canceled' : 'failed',
    server,
    to,
    path: [],
    files: [],
    received: 0,
    kept: 0,
    retries: 0,
    startedAt,
    endedAt,
    failure: failed,
    notes: [],
    left: false
  };
}

function isDone(outcome: Outcome): boolean {
  return outcome === 'done' || outcome === 'upToDate';
}

const FILE_OUTCOMES = {
  todo: 'notFetched',
  fetching: 'notFetched',
  kept: 'kept',
  unchanged: 'unchanged',
  skipped: 'skipped',
  failed: 'failed'
} as const;

/** Less than a digest is done with a note, never silently. */
function lessThanDigest(files: readonly DownloadedFile[]): string[] {
  return (['size', 'notReported'] as const).flatMap(kind => {
    const names = files.filter(file => file.outcome === 'kept' && file.verified === kind).map(({ name }) => name);
    return names.length === 0 ? [] : [`${names.join(', ')}: ${WEAKER[kind]}`];
  });
}
const WEAKER = {
  size: 'held against the service by size only: it reports no digest that could be compared',
  notReported: 'not held against the service: it reports neither size nor digest'
} as const;
