// The page to read first: one upload, from what is wanted to what happened. Each turn of the loop saves what is new, then
// carries out what follows from it, then waits for the next answer; so nothing begins before it is written down.
import type { Observable } from 'rxjs';
import type { CallSpec } from '../machines/workflow/calls.ts';
import { uploadMachine } from '../machines/workflow/upload.ts';
import type { UploadPolicy } from '../machines/workflow/upload-facts.ts';
import { type Failure, failure, type ItemFile, type SessionFile } from '../machines/vocabulary.ts';
import type { Means } from './effects/calls.ts';
import { asFailure, performCall, performSleep } from './effects/perform.ts';
import { changes, factsOf } from './events/facts.ts';
import { Ledger } from './events/ledger.ts';
import type { Facts, RunEvent } from './events/records.ts';
import { Timeline, waitOf } from './events/timeline.ts';
import { createObserver, type RunState } from './observe/observer.ts';
import type { Progress } from './observe/progress.ts';
import { type Plan, plan as planUpload } from './plan.ts';
import { DEFAULT_POLICY } from './policy.ts';
import type { Ports } from './ports.ts';
import { type Report, reportOf, reportOfFault } from './report.ts';
import { type CheckedSpec, checkSpec, type UploadSpec } from './spec.ts';
import { answer, type Command, type Node, type Result, send, start, type Step } from './step.ts';
import { inputOf } from './upload-input.ts';

export interface UploadOptions {
  /** Aborting it cancels the run: the server is cleaned up, and the report says `canceled`. */
  readonly signal?: AbortSignal;
  readonly policy?: Partial<UploadPolicy>;
  /** A UUID for the run; drawn when absent. */
  readonly run?: string;
}

/** A running upload. Its streams complete with it and never error: failure is a value in the report. */
export interface UploadRun extends AsyncDisposable {
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
  readonly report: Promise<Report>;
}

/**
 * Uploads files into one item. Never throws: what is wrong with the call is in the report, too.
 *
 * @example
 * const run = upload(vcenter, { to: 'images/ubuntu-24.04', files: ['ubuntu.ova'] });
 * const { outcome } = await run.report; // 'done' | 'upToDate' | 'failed' | 'canceled'
 */
export function upload(ports: Ports, spec: UploadSpec, options: UploadOptions = {}): UploadRun {
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

  const report = prepare(ports, spec, options, id, observer, inbox).finally(() => {
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

async function prepare(
  ports: Ports,
  spec: UploadSpec,
  options: UploadOptions,
  id: string,
  observer: Observer,
  inbox: Inbox
): Promise<Report> {
  const startedAt = ports.clock.now();
  let plan: Plan | undefined;
  try {
    const checked = checkSpec(spec);
    plan = await planUpload(checked);
    return await new Drive(
      ports,
      checked,
      plan,
      { ...DEFAULT_POLICY, ...options.policy },
      id,
      startedAt,
      observer,
      inbox
    ).run();
  } catch (cause) {
    const report = reportOfFault(id, ports.serverName, asFailure(cause), startedAt, ports.clock.now());
    observer.event({ type: 'ended', at: report.endedAt, outcome: 'failed', failure: report.failure });
    return report;
  } finally {
    await plan?.close();
  }
}

type Arrival = { kind: 'cancel'; reason: string } | { kind: 'answer'; path: string; serial: number; result: Result };

/** One life of one upload: the tree, what is under way, and what has been written down. */
class Drive {
  readonly #ports: Ports;
  readonly #plan: Plan;
  readonly #checked: CheckedSpec;
  readonly #policy: UploadPolicy;
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
  /** Files that have waited since they were last pushed: `file:2`. */
  readonly #waited = new Set<string>();
  #facts: Facts | undefined;
  /** A failure of the run itself; it outweighs whatever the machine comes to. */
  #fault: Failure | undefined;
  /** Why facts cannot be written down any more. */
  #unwritten: Failure | undefined;

  constructor(
    ports: Ports,
    checked: CheckedSpec,
    plan: Plan,
    policy: UploadPolicy,
    id: string,
    startedAt: number,
    observer: Observer,
    inbox: Inbox
  ) {
    this.#ports = ports;
    this.#plan = plan;
    this.#checked = checked;
    this.#policy = policy;
    this.#id = id;
    this.#startedAt = startedAt;
    this.#observer = observer;
    this.#inbox = inbox;
    this.#ledger = new Ledger(plan.files, (file, bytes) => observer.bytes(file, bytes));
    this.#means = { ...ports, files: plan.files, onSent: (file, sent) => this.#ledger.sent(file, sent) };
  }

  async run(): Promise<Report> {
    const input = inputOf(this.#checked, this.#plan, this.#ports.library.server, this.#policy, this.#id);
    const to = `${input.to.library}/${input.to.item}`;
    this.#event({
      type: 'started',
      at: this.#startedAt,
      run: this.#id,
      server: this.#ports.serverName,
      to,
      files: input.files
    });
    const deadline = new AbortController();
    if (this.#checked.deadlineMs !== undefined) this.#limit(this.#checked.deadlineMs, deadline.signal);
    try {
      let step = start(uploadMachine, input);
      for (;;) {
        const tree = await this.#obey(step);
        if (tree.snapshot.status === 'done') return this.#end(tree);
        step = this.#take(tree, await this.#inbox.next());
      }
    } catch (cause) {
      return this.#broken(asFailure(cause));
    } finally {
      deadline.abort();
      for (const { abort } of this.#going.values()) abort.abort();
    }
  }

  #limit(deadlineMs: number, signal: AbortSignal): void {
    this.#ports.clock.sleepUntil(this.#startedAt + deadlineMs, signal).then(
      () => this.#give(failure('DEADLINE', `the upload was not finished within ${deadlineMs / 1_000} s`)),
      () => undefined
    );
  }

  /** Saves what is new, then carries out the commands. */
  async #obey([tree, commands]: Step): Promise<Node> {
    const saved = await this.#save(tree, this.#ports.clock.now());
    // Saving takes time, in which answers may have been told: the log keeps the order of its instants.
    const at = this.#ports.clock.now();
    for (const event of this.#timeline.after(tree, at)) this.#event(event);
    for (const command of commands) {
      if (command.do === 'stop') this.#stop(command.at);
      else if (saved || command.src === 'sleep') this.#start(tree, command);
      else this.#refuse(command.at, at);
    }
    return tree;
  }

  #take(tree: Node, arrival: Arrival): Step {
    if (arrival.kind === 'cancel') return send(tree, { type: 'cancel', reason: arrival.reason } as never);
    // An effect that was stopped, or whose place was taken by another, is not heard any more.
    if (this.#going.get(arrival.path)?.serial !== arrival.serial) return [tree, []];
    this.#going.delete(arrival.path);
    return answer(tree, arrival.path, arrival.result);
  }

  /** Whether all that is new is written down, or nothing can be any more and the run only cleans up. */
  async #save(tree: Node, at: number): Promise<boolean> {
    const facts = factsOf(tree);
    const changed = changes(this.#facts, facts);
    this.#facts = facts;
    if (changed === undefined) return true;
    this.#event({ type: 'facts', at, changed });
    if (this.#unwritten !== undefined) return true;
    try {
      await this.#ports.journal.append([{ v: 1, run: this.#id, at, type: 'facts', data: changed }]);
      return true;
    } catch (cause) {
      // Without a journal nothing may be begun that a crash could strand: the run ends, and cleans up while it still can.
      this.#unwritten = failure('JOURNAL', `the journal cannot be written: ${asFailure(cause).message}`);
      this.#give(this.#unwritten);
      return false;
    }
  }

  /** Gives the run up, and lets it clean up after itself. */
  #give(fault: Failure): void {
    this.#fault ??= fault;
    this.#inbox.put({ kind: 'cancel', reason: fault.message });
  }

  /** A call that must not go out, because what it depends on is not written down, fails for that reason. */
  #refuse(path: string, at: number): void {
    const serial = ++this.#serial;
    this.#going.set(path, { serial, abort: new AbortController() });
    this.#inbox.put({ kind: 'answer', path, serial, result: { error: { at, luck: 0, failure: this.#unwritten } } });
  }

  #start(tree: Node, command: Extract<Command, { do: 'start' }>): void {
    const serial = ++this.#serial;
    const abort = new AbortController();
    this.#going.set(command.at, { serial, abort });
    if (command.src === 'sleep') this.#event(waitOf(tree, command, this.#ports.clock.now()));
    // A wait of an attempt stands between a call that failed and the same call, or its question, again.
    if (command.at.endsWith('/wait')) {
      this.#retries += 1;
      this.#waited.add(fileIn(command.at));
    }
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
        if (op === 'push' && about !== undefined) {
          const waited = this.#waited.delete(fileIn(path));
          // Added anew without a wait: what arrived was refused, or its session is gone. It is sent again all the same.
          if (this.#ledger.totalOf(about).attempts > 0 && !waited) this.#retries += 1;
          this.#ledger.begin(about);
        }
        this.#event({ type: 'call', at: this.#ports.clock.now(), path, op, about });
      },
      answer: (op, about, outcome) => {
        const failed = 'failure' in outcome ? outcome.failure : undefined;
        if ('value' in outcome) this.#count(op, about, outcome.value);
        this.#event({ type: 'answer', at: this.#ports.clock.now(), path, op, about, failure: failed });
      }
    });
  }

  #stop(path: string): void {
    this.#going.get(path)?.abort.abort();
    this.#going.delete(path);
  }

  /** Byte counts never pass through the chart. */
  #count(op: string, about: string | undefined, value: unknown): void {
    if (op === 'getFile') this.#ledger.told(value as SessionFile);
    if (op === 'listFiles') for (const file of value as SessionFile[]) this.#ledger.told(file);
    if (op === 'push' && !this.#means.library.server.reportsReady) this.#ledger.taken(String(about));
    if (op === 'listItemFiles')
      for (const { name } of value as ItemFile[]) if (this.#ledger.totalOf(name).accepted > 0) this.#ledger.taken(name);
  }

  #event(event: RunEvent): void {
    this.#observer.event(event);
  }

  /** No machine is left that could clean up: what may have stayed on the server is told at least. */
  #broken(failed: Failure): Report {
    const { itemId, itemMade, sessionId, opened } = this.#facts ?? {};
    const notes = [
      ...(opened ? [`left on the server: session ${sessionId ?? `of run ${this.#id} on item ${itemId}`}`] : []),
      ...(itemMade ? [`left on the server: item ${itemId}`] : [])
    ];
    const endedAt = this.#ports.clock.now();
    const report = reportOfFault(this.#id, this.#ports.serverName, failed, this.#startedAt, endedAt);
    this.#event({ type: 'ended', at: endedAt, outcome: 'failed', failure: failed });
    return { ...report, sessionId, path: this.#timeline.path, notes };
  }

  #end(tree: Node): Report {
    const report = reportOf({
      run: this.#id,
      server: this.#ports.serverName,
      result: tree.snapshot.output,
      plan: this.#plan,
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

/** @example `fileIn('file:2/pushing/wait')` is `'file:2'`. */
function fileIn(path: string): string {
  return path.replace(/\/.*$/, '');
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
