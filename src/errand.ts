// What the loop of src/drive.ts must know of what it carries out, an upload or a download; and what it tells at the end.
import type { AnyStateMachine } from 'xstate';
import type { Failure } from '../machines/vocabulary.ts';
import type { Means } from './effects/calls.ts';
import type { Beginning } from './events/beginning.ts';
import type { Ledger } from './events/ledger.ts';
import type { DownloadFacts, Facts, ListedFile, Outcome, RunEvent } from './events/records.ts';
import type { Node } from './step.ts';

/** What is wanted, as far as the call itself says it. */
export interface Wanted<R> {
  /** As it stands in sentences. */
  readonly what: 'upload' | 'download';
  readonly deadlineMs?: number;
  /** May take its time: whoever cancels does not wait for it, and the signal says that nobody does any more. */
  prepare(signal: AbortSignal, earlier?: EarlierLife): Promise<Errand<R>>;
}

/** What a run that is taken up again has written down. */
export interface EarlierLife {
  readonly beginning: Beginning;
  /** Absent: it had come to nothing yet. */
  readonly facts?: Facts | DownloadFacts;
  /** Its report said `done`; it is only cleaned up. */
  readonly told?: true;
}

/** What a run is about: a machine, and what the loop must know of it. */
export interface Errand<R> {
  readonly machine: AnyStateMachine;
  readonly input: object;
  /** The first record of the run. */
  readonly begun: Beginning;
  readonly started: Pick<Extract<RunEvent, { type: 'started' }>, 'to' | 'files' | 'kind'>;
  readonly means: Pick<Means, 'files' | 'target'>;
  factsOf(tree: Node): Facts | DownloadFacts;
  /** Byte counts that an answer tells; they never pass through the chart. */
  count(ledger: Ledger, op: string, about: string | undefined, value: unknown): void;
  /** What is to be moved, where that is known only after a while. */
  listed?(tree: Node): readonly ListedFile[];
  /** Whether a crash could not strand anything any more: then a journal that fails does not end the run. */
  past(facts: Facts | DownloadFacts): boolean;
  /** Notes on what may have stayed somewhere, when nothing can clean up any more. */
  left(facts: Facts | DownloadFacts): readonly string[];
  /** What a run has come to that is left in the middle of cleaning up: by its facts, and by the context of its machine. */
  cutShort(facts: Facts | DownloadFacts, context: object, canceled: Failure): Cut;
  /** What the machine would tell, were this the context that it ends with. */
  outputOf(context: object): object;
  report(its: Ended): R;
  /** Releases what it holds. */
  close(): Promise<void>;
}

export interface Cut {
  readonly outcome: 'done' | 'failed' | 'canceled';
  readonly failure?: Failure;
}

/** What the loop knows at the end. */
export interface Ended {
  readonly run: string;
  readonly server: string;
  readonly output: unknown;
  readonly ledger: Ledger;
  readonly path: readonly string[];
  readonly retries: number;
  readonly startedAt: number;
  readonly endedAt: number;
  /** A failure of the run itself, which outweighs what the machine says. */
  readonly fault?: Failure;
}

/** What the loop reads of a report. */
export interface Outcomes {
  readonly notes: readonly string[];
  /** Something of the run may still be on the server or in the folder. */
  readonly left: boolean;
  readonly endedAt: number;
  readonly outcome: Outcome;
  readonly failure?: Failure;
}

/** Makes the report of a call that could not even begin. */
export type Faulted<R> = (run: string, server: string, failed: Failure, startedAt: number, endedAt: number) => R;
