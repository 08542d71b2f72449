// What happened, for every outcome, JSON-safe.
import type { Digest, Failure } from '../machines/vocabulary.ts';
import type { UploadResult, Verified } from '../machines/workflow/upload-facts.ts';
import type { Ledger } from './events/ledger.ts';
import type { FileRole, Outcome } from './events/records.ts';
import { NOT_ASKED, type UploadForecast } from './forecast.ts';
import { isPulled, type Plan } from './plan.ts';

/** How a file of the item was held against the source after DONE; `notKept`: the service does not keep it (manifest, certificate). */
export type { Verified };

export interface FileReport {
  readonly name: string;
  /** Bytes; where nobody knew them before the service fetched the file, what it had of it at the end. */
  readonly size: number;
  readonly role: FileRole;
  readonly outcome: 'ready' | 'unchanged' | 'failed' | 'notSent';
  readonly verified: Verified;
  /** The digest that was compared, when one was. */
  readonly digest?: Digest;
  /** The item held other bytes under this name, which are gone. */
  readonly replaced?: true;
  /** Where the service fetched it, without user name, password and query; absent: it was sent from here. */
  readonly pulledFrom?: string;
  readonly attempts: number;
  /** Bytes handed to the network over all attempts. */
  readonly sent: number;
  /** Bytes the service has taken for good. */
  readonly accepted: number;
}

export interface Report {
  readonly v: 1;
  readonly run: string;
  readonly outcome: Outcome;
  readonly server: string;
  readonly library?: { readonly id: string; readonly name: string };
  readonly item?: {
    readonly id: string;
    readonly name: string;
    readonly made: boolean;
    readonly contentVersion?: string;
  };
  readonly sessionId?: string;
  /** The states of the upload machine, in order. */
  readonly path: readonly string[];
  readonly files: readonly FileReport[];
  /** Files that the item held besides, and that are gone (ifExists `replace`). */
  readonly removed?: readonly string[];
  /** The item was there, and was left as it is (ifExists `skip`): it was not compared. */
  readonly skipped?: true;
  readonly sent: number;
  readonly accepted: number;
  readonly retries: number;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly failure?: Failure;
  /** What is less than certain, or was left on the server: never silent. */
  readonly notes: readonly string[];
  /** Something of the run may still be on the server: `cleanup` looks for it. */
  readonly left: boolean;
  /** Nothing was changed: this is what would have happened. */
  readonly dryRun?: true;
  /** Of a dry run that found out what the call would do. */
  readonly forecast?: UploadForecast;
}

/** What `reportOf` puts together. */
export interface Happened {
  readonly run: string;
  readonly server: string;
  readonly result: UploadResult;
  readonly plan: Plan;
  readonly ledger: Ledger;
  readonly path: readonly string[];
  readonly retries: number;
  readonly startedAt: number;
  readonly endedAt: number;
  /** A failure of the run itself, which outweighs what the machine says. */
  readonly fault?: Failure;
  readonly dryRun?: boolean;
  readonly forecast?: UploadForecast;
}

export function reportOf(its: Happened): Report {
  const { result, plan } = its;
  const files = plan.files.map((file, index): FileReport => {
    const known = result.files[index];
    const { verified, digest } = result.verified[index] ?? { verified: 'no' as const };
    const { sent, accepted, attempts } = its.ledger.totalOf(file.name);
    return {
      name: file.name,
      size: file.size ?? accepted,
      role: file.role,
      outcome: FILE_OUTCOMES[known?.outcome ?? 'todo'],
      verified,
      digest,
      ...(isReplaced(result, index, file.name) && { replaced: true as const }),
      ...(isPulled(file) && { pulledFrom: file.from }),
      attempts,
      sent,
      accepted
    };
  });
  // What fails the run when nothing can be called back any more (the session is DONE) does not undo what happened.
  const isPast = result.outcome === 'done' || (its.fault?.code === 'DEADLINE' && result.outcome !== 'canceled');
  const fault = isPast ? undefined : its.fault;
  const failed = fault ?? result.failure;
  return {
    v: 1,
    run: its.run,
    outcome: fault === undefined ? result.outcome : 'failed',
    server: its.server,
    library: result.library,
    item:
      result.itemId === undefined
        ? undefined
        : { id: result.itemId, name: result.itemName, made: result.itemMade, contentVersion: result.contentVersion },
    sessionId: result.sessionId,
    path: its.path,
    files,
    ...(result.outcome === 'done' && result.removed.length > 0 && { removed: result.removed }),
    ...(result.outcome === 'upToDate' && files.some(isLeftOut) && { skipped: true as const }),
    sent: files.reduce((sum, file) => sum + file.sent, 0),
    accepted: files.reduce((sum, file) => sum + file.accepted, 0),
    retries: its.retries,
    startedAt: its.startedAt,
    endedAt: its.endedAt,
    failure: result.outcome === 'done' && fault === undefined ? undefined : failed,
    notes: [
      ...plan.notes,
      ...result.notes,
      ...lessThanDigest(result.outcome, files),
      ...(result.outcome === 'planned' ? [NOT_ASKED.upload] : [])
    ],
    left: result.left,
    ...(its.dryRun && { dryRun: true, forecast: its.forecast })
  };
}

/** A call that could not even begin. */
export function reportOfFault(
  run: string,
  server: string,
  failed: Failure,
  startedAt: number,
  endedAt: number
): Report {
  return {
    v: 1,
    run,
    outcome: failed.code === 'CANCELED' ? 'canceled' : 'failed',
    server,
    path: [],
    files: [],
    sent: 0,
    accepted: 0,
    retries: 0,
    startedAt,
    endedAt,
    failure: failed,
    notes: [],
    left: false
  };
}

/** Bytes of that name were in the item before, and others are now. */
function isReplaced({ outcome, files, held }: UploadResult, index: number, name: string): boolean {
  return outcome === 'done' && files[index]?.outcome === 'ready' && held.some(its => its.name === name);
}

/** What is up to date was compared, file by file; what was skipped was not. */
function isLeftOut({ outcome }: FileReport): boolean {
  return outcome === 'notSent';
}

const FILE_OUTCOMES = {
  todo: 'notSent',
  sending: 'notSent',
  ready: 'ready',
  failed: 'failed',
  unchanged: 'unchanged'
} as const;

/** Less than a digest is done with a note, never silently. */
function lessThanDigest(outcome: Outcome, files: readonly FileReport[]): string[] {
  if (outcome !== 'done') return [];
  return [false, true].flatMap(pulled =>
    (['size', 'notReported'] as const).flatMap(kind => {
      const some = files.filter(file => file.verified === kind && (file.pulledFrom !== undefined) === pulled);
      const names = some.map(({ name }) => name);
      return names.length === 0 ? [] : [`${names.join(', ')}: ${(pulled ? WEAKER_OF_PULLED : WEAKER)[kind]}`];
    })
  );
}
const WEAKER = {
  size: 'held against the source by size only: the server reports no digest that could be compared',
  notReported: 'not held against the source: the server reports neither size nor digest'
} as const;
const WEAKER_OF_PULLED = {
  size: 'fetched by the server, and held against the source by size only: there was no checksum that could be compared',
  notReported: 'fetched by the server, and not held against the source: nothing was known to compare'
} as const;
