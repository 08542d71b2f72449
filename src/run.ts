// The page to read first: one run, from what is wanted to what happened: an upload, and in src/download.ts the loop for
// the way back. Each turn of the loop saves what is new, then
// carries out what follows from it, then waits for the next answer; so nothing begins before it is written down.
import type { Observable } from 'rxjs';
import type { AnyStateMachine } from 'xstate';
import type { CallSpec, RetryPolicy } from '../machines/workflow/calls.ts';
import { uploadMachine } from '../machines/workflow/upload.ts';
import type { UploadPolicy, UploadResult } from '../machines/workflow/upload-facts.ts';
import { type Failure, failure, type ItemFile, type SessionFile } from '../machines/vocabulary.ts';
import type { Means } from './effects/calls.ts';
import { asFailure, performCall, performSleep } from './effects/perform.ts';
import { changes, factsOf } from './events/facts.ts';
import { Ledger } from './events/ledger.ts';
import type { DownloadFacts, Facts, ListedFile, Outcome, RunEvent } from './events/records.ts';
import { Timeline, waitOf } from './events/timeline.ts';
import { createObserver, type RunState } from './observe/observer.ts';
import type { Progress } from './observe/progress.ts';
import { plan as planUpload } from './plan.ts';
import { DEFAULT_POLICY } from './policy.ts';
import type { Ports } from './ports.ts';
import { type Report, reportOf, reportOfFault } from './report.ts';
import { checkSpec, type UploadSpec } from './spec.ts';
import { answer, type Command, type Node, type Result, send, start, type Step } from './step.ts';
import { inputOf } from './upload-input.ts';

export interface UploadOptions {
  /** Aborting it cancels the run: the server is cleaned up, and the report says `canceled`. */
  readonly signal?: AbortSignal;
  readonly policy?: Partial<UploadPolicy>;
  /** A UUID for the run; drawn when absent. */
  readonly run?: string;
}

/** An upload or a download that goes on. Its streams complete with it and never error: failure is a value in the report. */
export interface Run<R> extends AsyncDisposable {
  readonly id: string;
  /** The current state; replays. */
  readonly state$: Observable<RunState>;
  /** Sent and accepted bytes, per file and in total; at most ten a second; replays. */
  readonly progress$: Observable<Progress>;
  /** Every transition, call, answer and wait, from the beginning, as plain records. */
  readonly timeline$: Observable<RunEvent>;
  /** Asks the run to end, and to leave the server as it was. `report` tells how that went. */
  cancel(reason: string): void;
  /** Resolves once, for every outcome. */
  readonly report: Promise<R>;
}
export type UploadRun = Run<Report>;

/** What a run is about: a machine, and what the loop must know of it. */
export interface Errand<R> {
  readonly machine: AnyStateMachine;
  /** `download` and the like, as it stands in sentences. */
  readonly what: string;
  readonly input: object;
  readonly started: Pick<Extract<RunEvent, { type: 'started' }>, 'to' | 'files' | 'kind'>;
  readonly deadlineMs?: number;
  readonly means: Pick<Means, 'files' | 'target'>;
  factsOf(tree: Node): Facts | DownloadFacts;
  /** Byte counts that an answer tells; they never pass through the chart. */
  count(ledger: Ledger, op: string, about: string | undefined, value: unknown): void;
  /** What is to be moved, where that is known only after a while. */
  listed?(tree: Node): readonly ListedFile[];
  report(its: Ended): R;
  /** Releases what it holds. */
  close(): Promise<void>;
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
type Outcomes = { readonly endedAt: number; readonly outcome: Outcome; readonly failure?: Failure };

/**
 * Uploads files into one item. Never throws: what is wrong with the call is in the report, too.
 *
 * @example
 * const run = upload(vcenter, { to: 'images/ubuntu-24.04', files: ['ubuntu.ova'] });
 * const { outcome } = await run.report; // 'done' | 'upToDate' | 'failed' | 'canceled'
 */
export function upload(ports: Ports, spec: UploadSpec, options: UploadOptions = {}): UploadRun {
  return begin(ports, options, reportOfFault, async run => {
    const checked = checkSpec(spec);
    const plan = await planUpload(checked);
    const input = inputOf(checked, plan, ports.library.server, { ...DEFAULT_POLICY, ...options.policy }, run);
    return {
      machine: uploadMachine,
      what: 'upload',
      input,
      started: { to: `${input.to.library}/${input.to.item}`, files: input.files },
      deadlineMs: checked.deadlineMs,
      means: { files: plan.files },
      factsOf,
      count: countUpload(ports),
      report: ({ output, ...its }) => reportOf({ ...its, result: output as UploadResult, plan }),
      close: () => plan.close()
    };
  });
}

/** @param faulted makes the report of a call that could not even begin */
export function begin<R extends Outcomes>(
  ports: Ports,
  options: Pick<UploadOptions, 'signal' | 'run'> & { readonly policy?: Partial<RetryPolicy> },
  faulted: (run: string, server: string, failed: Failure, startedAt: number, endedAt: number) => R,
  prepare: (run: string) => Promise<Errand<R>>
): Run<R> {
  const id = options.run ?? ports.random.uuid();
  const observer = createObserver({
    clock: ports.clock,
    attempts: options.policy?.maxAttempts ?? DEFAULT_POLICY.maxAttempts
  });
  const inbox = new Inbox();
  const cancel = (reason: string): void => inbox.put({ kind: 'cancel', reason });
  const aborted = (): void => cancel(String(options.signal?.reason ?? 'aborted'));
  if (options.signal?.aborted) aborted();
  options.signal?.addEventListener('abort', aborted, { once: true });

  const go = async (): Promise<R> => {
    const startedAt = ports.clock.now();
    let errand: Errand<R> | undefined;
    try {
      errand = await prepare(id);
      return await new Drive(ports, errand, id, startedAt, observer, inbox).run();
    } catch (cause) {
      const report = faulted(id, ports.serverName, asFailure(cause), startedAt, ports.clock.now());
      observer.event({ type: 'ended', at: report.endedAt, outcome: 'failed', failure: report.failure });
      return report;
    } finally {
      await errand?.close();
    }
  };
  const report = go().finally(() => {
    options.signal?.removeEventListener('abort', aborted);
    observer.end();
  });
  return {
    id,
    state$: observer.state$,
    progress$: observer.progress$,
    timeline$: observer.timeline$,
    cancel,
    report,
    async [Symbol.asyncDispose]() {
      cancel('disposed');
      await report;
    }
  };
}

type Observer = ReturnType<typeof createObserver>;
type Arrival = { kind: 'cancel'; reason: string } | { kind: 'answer'; path: string; serial: number; result: Result };

/** One life of one run: the tree, what is under way, and what has been written down. */
class Drive<R extends Outcomes> {
  readonly #ports: Ports;
  readonly #errand: Errand<R>;
  readonly #id: string;
  readonly #startedAt: number;
  readonly #observer: Observer;
  readonly #inbox: Inbox;
  readonly #means: Means;
  readonly #ledger: Ledger;
  readonly #timeline = new Timeline();
  readonly #going = new Map<string, { serial: number; abort: AbortController }>();
  #serial = 0;
  #retries = 0;
  #listed = 0;
  #facts: Facts | DownloadFacts | undefined;
  /** A failure of the run itself; it outweighs whatever the machine comes to. */
  #fault: Failure | undefined;

  constructor(ports: Ports, errand: Errand<R>, id: string, startedAt: number, observer: Observer, inbox: Inbox) {
    this.#ports = ports;
    this.#errand = errand;
    this.#id = id;
    this.#startedAt = startedAt;
    this.#observer = observer;
    this.#inbox = inbox;
    this.#ledger = new Ledger(errand.started.files, (file, bytes) => observer.bytes(file, bytes));
    const moved = (file: string, bytes: number): void => this.#ledger.sent(file, bytes);
    const progress = (): number | undefined => this.#ledger.percent();
    this.#means = { ...ports, ...errand.means, onSent: moved, onReceived: moved, progress };
  }

  async run(): Promise<R> {
    const { machine, input, started, deadlineMs } = this.#errand;
    const server = this.#ports.serverName;
    this.#event({ type: 'started', at: this.#startedAt, run: this.#id, server, ...started });
    const deadline = new AbortController();
    if (deadlineMs !== undefined) this.#limit(deadlineMs, deadline.signal);
    try {
      let step = start(machine, input);
      for (;;) {
        const tree = await this.#obey(step);
        if (tree.snapshot.status === 'done') return this.#end(tree);
        step = this.#take(tree, await this.#inbox.next());
      }
    } finally {
      deadline.abort();
      for (const { abort } of this.#going.values()) abort.abort();
    }
  }

  #limit(deadlineMs: number, signal: AbortSignal): void {
    this.#ports.clock.sleepUntil(this.#startedAt + deadlineMs, signal).then(
      () => this.#give(failure('DEADLINE', `the ${this.#errand.what} was not finished within ${deadlineMs / 1_000} s`)),
      () => undefined
    );
  }

  /** Saves what is new, then carries out the commands. */
  async #obey([tree, commands]: Step): Promise<Node> {
    await this.#save(tree, this.#ports.clock.now());
    // Saving takes time, in which answers may have been told: the log keeps the order of its instants.
    const at = this.#ports.clock.now();
    this.#list(tree, at);
    for (const event of this.#timeline.after(tree, at)) this.#event(event);
    for (const command of commands) {
      if (command.do === 'start') this.#start(tree, command);
      else this.#stop(command.at);
    }
    return tree;
  }

  #list(tree: Node, at: number): void {
    const files = this.#errand.listed?.(tree) ?? [];
    if (files.length === this.#listed) return;
    this.#listed = files.length;
    this.#ledger.add(files);
    this.#event({ type: 'listed', at, files });
  }

  #take(tree: Node, arrival: Arrival): Step {
    if (arrival.kind === 'cancel') return send(tree, { type: 'cancel', reason: arrival.reason } as never);
    // An effect that was stopped, or whose place was taken by another, is not heard any more.
    if (this.#going.get(arrival.path)?.serial !== arrival.serial) return [tree, []];
    this.#going.delete(arrival.path);
    return answer(tree, arrival.path, arrival.result);
  }

  async #save(tree: Node, at: number): Promise<void> {
    const facts = this.#errand.factsOf(tree);
    const changed = changes(this.#facts, facts);
    this.#facts = facts;
    if (changed === undefined) return;
    this.#event({ type: 'facts', at, changed });
    if (this.#fault?.code === 'JOURNAL') return;
    try {
      await this.#ports.journal.append([{ v: 1, run: this.#id, at, type: 'facts', data: changed }]);
    } catch (cause) {
      // Without a journal nothing may be begun that a crash could strand: the run ends, and cleans up while it still can.
      this.#give(failure('JOURNAL', `the journal cannot be written: ${asFailure(cause).message}`));
    }
  }

  /** Gives the run up, and lets it clean up after itself. */
  #give(fault: Failure): void {
    this.#fault ??= fault;
    this.#inbox.put({ kind: 'cancel', reason: fault.message });
  }

  #start(tree: Node, command: Extract<Command, { do: 'start' }>): void {
    const serial = ++this.#serial;
    const abort = new AbortController();
    this.#going.set(command.at, { serial, abort });
    if (command.src === 'sleep') this.#event(waitOf(tree, command, this.#ports.clock.now()));
    // A wait of an attempt stands between a call that failed and the same call, or its question, again.
    if (command.at.endsWith('/wait')) this.#retries += 1;
    const settle = (result: Result): void => this.#inbox.put({ kind: 'answer', path: command.at, serial, result });
    this.#perform(command, abort.signal).then(
      output => settle({ output }),
      (error: unknown) => settle({ error })
    );
  }

  #perform({ at: path, src, input }: Extract<Command, { do: 'start' }>, signal: AbortSignal): Promise<unknown> {
    if (src === 'sleep') return performSleep(this.#means, input as { until: number }, signal);
    return performCall(this.#means, input as CallSpec, signal, {
      call: (op, about) => {
        if (op === 'push' && about !== undefined) this.#ledger.begin(about);
        if (op === 'fetch' && about !== undefined)
          this.#ledger.begin(about, (input as { args: { from: number } }).args.from);
        this.#event({ type: 'call', at: this.#ports.clock.now(), path, op, about });
      },
      answer: (op, about, outcome) => {
        const failed = 'failure' in outcome ? outcome.failure : undefined;
        if ('value' in outcome) this.#errand.count(this.#ledger, op, about, outcome.value);
        this.#event({ type: 'answer', at: this.#ports.clock.now(), path, op, about, failure: failed });
      }
    });
  }

  #stop(path: string): void {
    this.#going.get(path)?.abort.abort();
    this.#going.delete(path);
  }

  #event(event: RunEvent): void {
    this.#observer.event(event);
  }

  #end(tree: Node): R {
    const report = this.#errand.report({
      run: this.#id,
      server: this.#ports.serverName,
      output: tree.snapshot.output,
      ledger: this.#ledger,
      path: this.#timeline.path,
      retries: this.#retries,
      startedAt: this.#startedAt,
      endedAt: this.#ports.clock.now(),
      fault: this.#fault
    });
    this.#event({ type: 'ended', at: report.endedAt, outcome: report.outcome, failure: report.failure });
    return report;
  }
}

/** Arrivals in the order they came, one taker. */
class Inbox {
  readonly #waiting: Arrival[] = [];
  #wake: (() => void) | undefined;

  put(arrival: Arrival): void {
    this.#waiting.push(arrival);
    this.#wake?.();
  }

  async next(): Promise<Arrival> {
    while (this.#waiting.length === 0) {
      await new Promise<void>(resolve => {
        this.#wake = resolve;
      });
    }
    return this.#waiting.shift() as Arrival;
  }
}

function countUpload({ library }: Ports): Errand<Report>['count'] {
  return (ledger, op, about, value) => {
    if (op === 'getFile') ledger.told(value as SessionFile);
    if (op === 'listFiles') for (const file of value as SessionFile[]) ledger.told(file);
    if (op === 'push' && !library.server.reportsReady) ledger.taken(String(about));
    if (op === 'listItemFiles')
      for (const { name } of value as ItemFile[]) if (ledger.totalOf(name).accepted > 0) ledger.taken(name);
  };
}
