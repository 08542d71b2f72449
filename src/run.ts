// The page to read first: one upload, from what is wanted to what happened. Each turn of the loop saves what is new, then
// carries out what follows from it, then waits for the next answer; so nothing begins before it is written down.
import type { Observable } from 'rxjs';
import { type Failure, failure } from '../machines/vocabulary.ts';
import { uploadMachine } from '../machines/workflow/upload.ts';
import type { UploadPolicy } from '../machines/workflow/upload-facts.ts';
import { asFailure } from './effects/perform.ts';
import { changes, factsOf } from './events/facts.ts';
import { Ledger } from './events/ledger.ts';
import type { Facts, RunEvent } from './events/records.ts';
import { Timeline } from './events/timeline.ts';
import { writeDown } from './events/write-down.ts';
import { type Arrival, Inbox } from './inbox.ts';
import { createObserver, type Observer, type RunState } from './observe/observer.ts';
import type { Progress } from './observe/progress.ts';
import { Performer } from './performer.ts';
import { type Plan, plan as planUpload } from './plan.ts';
import { DEFAULT_POLICY } from './policy.ts';
import { type Clock, PortFailure, type Ports } from './ports.ts';
import { type Report, reportOf, reportOfFault } from './report.ts';
import { type CheckedSpec, checkSpec, type UploadSpec } from './spec.ts';
import { answer, type Node, type Step, send, start } from './step.ts';
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
  const policy = { ...DEFAULT_POLICY, ...options.policy };
  const observer = createObserver({ clock: ports.clock, attempts: policy.maxAttempts });
  const inbox = new Inbox();
  const cancel = (reason: string): void => inbox.put({ kind: 'cancel', reason });
  const aborted = (): void => cancel(String(options.signal?.reason ?? 'aborted'));
  if (options.signal?.aborted) aborted();
  options.signal?.addEventListener('abort', aborted, { once: true });

  const attempt: Attempt = { ports, policy, id, observer, inbox, startedAt: ports.clock.now() };
  const report = prepare(attempt, spec).finally(() => {
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

/** What stands from the beginning of a run to its end. */
interface Attempt {
  readonly ports: Ports;
  readonly policy: UploadPolicy;
  readonly id: string;
  readonly observer: Observer;
  readonly inbox: Inbox;
  readonly startedAt: number;
}

/** From what is wanted to what it contains; then the run itself. Whoever cancels is not kept waiting by a slow source. */
async function prepare(its: Attempt, spec: UploadSpec): Promise<Report> {
  const { ports, inbox, id, startedAt, observer } = its;
  const ended = new AbortController();
  let planning: Promise<Plan> | undefined;
  try {
    const checked = checkSpec(spec);
    if (checked.deadlineMs !== undefined) limit(ports.clock, startedAt, checked.deadlineMs, inbox, ended.signal);
    planning = planUpload(checked);
    const plan = await Promise.race([planning, inbox.canceled]);
    if (!('kind' in plan)) return await new Drive(its, checked, plan).run();
    throw new PortFailure(plan.fault ?? failure('CANCELED', `canceled: ${plan.reason}`));
  } catch (cause) {
    const report = reportOfFault(id, ports.serverName, asFailure(cause), startedAt, ports.clock.now());
    observer.event({ type: 'ended', at: report.endedAt, outcome: report.outcome, failure: report.failure });
    return report;
  } finally {
    ended.abort();
    planning?.then(plan => plan.close()).catch(() => undefined);
  }
}

function limit(clock: Clock, startedAt: number, deadlineMs: number, inbox: Inbox, signal: AbortSignal): void {
  clock.sleepUntil(startedAt + deadlineMs, signal).then(
    () => inbox.give(failure('DEADLINE', `the upload was not finished within ${deadlineMs / 1_000} s`)),
    () => undefined
  );
}

/** One life of one upload: the tree, what is under way, and what has been written down. */
class Drive {
  readonly #its: Attempt;
  readonly #checked: CheckedSpec;
  readonly #plan: Plan;
  readonly #ledger: Ledger;
  readonly #performer: Performer;
  readonly #timeline = new Timeline();
  #facts: Facts | undefined;
  /** A failure of the run itself; it outweighs whatever the machine comes to. */
  #fault: Failure | undefined;
  /** Why facts cannot be written down any more. */
  #unwritten: Failure | undefined;

  constructor(its: Attempt, checked: CheckedSpec, plan: Plan) {
    const { ports, observer, inbox } = its;
    this.#its = its;
    this.#checked = checked;
    this.#plan = plan;
    this.#ledger = new Ledger(plan.files, (file, bytes) => observer.bytes(file, bytes));
    const means = {
      ...ports,
      files: plan.files,
      onSent: (file: string, sent: number) => this.#ledger.sent(file, sent)
    };
    this.#performer = new Performer(means, this.#ledger, inbox, event => observer.event(event));
  }

  async run(): Promise<Report> {
    const { ports, policy, id, startedAt, observer, inbox } = this.#its;
    const input = inputOf(this.#checked, this.#plan, ports.library.server, policy, id);
    const to = `${input.to.library}/${input.to.item}`;
    observer.event({ type: 'started', at: startedAt, run: id, server: ports.serverName, to, files: input.files });
    try {
      let step = start(uploadMachine, input);
      for (;;) {
        const tree = await this.#obey(step);
        if (tree.snapshot.status === 'done') return this.#end(tree);
        step = this.#take(tree, await inbox.next());
      }
    } catch (cause) {
      return this.#broken(asFailure(cause));
    } finally {
      this.#performer.close();
    }
  }

  /** Saves what is new, then carries out the commands. */
  async #obey([tree, commands]: Step): Promise<Node> {
    const saved = await this.#save(tree);
    // Saving takes time, in which answers may have been told: the log keeps the order of its instants.
    for (const event of this.#timeline.after(tree, this.#now())) this.#its.observer.event(event);
    for (const command of commands) {
      if (command.do === 'stop') this.#performer.stop(command.at);
      else if (saved || command.src === 'sleep') this.#performer.begin(tree, command);
      else this.#performer.refuse(command.at, this.#unwritten as Failure);
    }
    return tree;
  }

  #take(tree: Node, arrival: Arrival): Step {
    if (arrival.kind === 'answer') {
      return this.#performer.takes(arrival) ? answer(tree, arrival.path, arrival.result) : [tree, []];
    }
    this.#fault ??= arrival.fault;
    return send(tree, { type: 'cancel', reason: arrival.reason, at: this.#now() } as never);
  }

  /** Whether all that is new is written down, or nothing can be any more and the run only cleans up. */
  async #save(tree: Node): Promise<boolean> {
    const facts = factsOf(tree);
    const changed = changes(this.#facts, facts);
    this.#facts = facts;
    if (changed === undefined) return true;
    const at = this.#now();
    this.#its.observer.event({ type: 'facts', at, changed });
    if (this.#unwritten !== undefined) return true;
    try {
      await writeDown({ v: 1, run: this.#its.id, at, type: 'facts', data: changed }, this.#its.ports);
      return true;
    } catch (cause) {
      // Without a journal nothing may be begun that a crash could strand: the run ends, and cleans up while it still can.
      this.#unwritten = failure('JOURNAL', `the journal cannot be written: ${asFailure(cause).message}`);
      this.#its.inbox.give(this.#unwritten);
      return false;
    }
  }

  #now(): number {
    return this.#its.ports.clock.now();
  }

  /** No machine is left that could clean up: what may have stayed on the server is told at least. */
  #broken(failed: Failure): Report {
    const { ports, id, startedAt, observer } = this.#its;
    const { itemId, itemMade, sessionId, opened } = this.#facts ?? {};
    const notes = [
      ...(opened ? [`left on the server: session ${sessionId ?? `of run ${id} on item ${itemId}`}`] : []),
      ...(itemMade ? [`left on the server: item ${itemId}`] : [])
    ];
    const endedAt = this.#now();
    observer.event({ type: 'ended', at: endedAt, outcome: 'failed', failure: failed });
    return {
      ...reportOfFault(id, ports.serverName, failed, startedAt, endedAt),
      sessionId,
      path: this.#timeline.path,
      notes
    };
  }

  #end(tree: Node): Report {
    const { ports, id, startedAt, observer } = this.#its;
    const report = reportOf({
      run: id,
      server: ports.serverName,
      result: tree.snapshot.output,
      plan: this.#plan,
      ledger: this.#ledger,
      path: this.#timeline.path,
      retries: this.#performer.retries,
      startedAt,
      endedAt: this.#now(),
      fault: this.#fault
    });
    observer.event({ type: 'ended', at: report.endedAt, outcome: report.outcome, failure: report.failure });
    return report;
  }
}
