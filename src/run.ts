// The page to read first: one run, from what is wanted (an upload, src/upload.ts, or a download, src/download.ts) to what
// happened. Each turn of the loop saves what is new, then carries out what follows from it, then waits for the next answer;
// so nothing begins before it is written down.
import type { Observable } from 'rxjs';
import { type Failure, failure } from '../machines/vocabulary.ts';
import type { RetryPolicy } from '../machines/workflow/calls.ts';
import { asFailure } from './effects/perform.ts';
import type { Errand, Faulted, Outcomes, Wanted } from './errand.ts';
import { changes } from './events/facts.ts';
import { Ledger } from './events/ledger.ts';
import { memoryJournal } from './events/memory-journal.ts';
import type { DownloadFacts, Facts, RunEvent } from './events/records.ts';
import { Timeline } from './events/timeline.ts';
import { type Arrival, type Cancel, Inbox } from './inbox.ts';
import { earlierLife, Logbook } from './logbook.ts';
import { createObserver, type Observer, type RunState } from './observe/observer.ts';
import type { Progress } from './observe/progress.ts';
import { endOfPatience } from './patience.ts';
import { Performer } from './performer.ts';
import { DEFAULT_POLICY } from './policy.ts';
import { type Clock, PortFailure, type Ports } from './ports.ts';
import { answer, type Node, type Step, send, start } from './step.ts';

export interface RunOptions {
  /** Aborting it cancels the run: what it has made on the way is taken away again, and the report says `canceled`. */
  readonly signal?: AbortSignal;
  /** A UUID for the run; drawn when absent. One that the journal knows as unfinished is taken up again. */
  readonly run?: string;
  /**
   * Takes an unfinished run up only to end it, for this reason: what it made on the way is taken away, as after a cancel.
   * One that is DONE already is finished.
   */
  readonly cleanUp?: string;
  /**
   * Only finds out what would happen: sources are read, the server is asked, nothing is changed or written down. The report says
   * `planned` where the same call would begin, and what it would do; or how it would fail, as far as that is known before.
   * With `run`: what taking that one up would do.
   */
  readonly dryRun?: boolean;
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
/** @param want may throw: what is wrong with the call is in the report, too */
export function begin<R extends Outcomes>(
  ports: Ports,
  options: RunOptions & { readonly policy?: Partial<RetryPolicy> },
  faulted: Faulted<R>,
  want: (run: string) => Wanted<R>
): Run<R> {
  const id = options.run ?? ports.random.uuid();
  const { maxAttempts: attempts } = { ...DEFAULT_POLICY, ...options.policy };
  const observer = createObserver({ clock: ports.clock, attempts });
  const inbox = new Inbox();
  const cancel = (reason: string): void => inbox.put({ kind: 'cancel', reason });
  const aborted = (): void => cancel(String(options.signal?.reason ?? 'aborted'));
  if (options.signal?.aborted) aborted();
  options.signal?.addEventListener('abort', aborted, { once: true });

  const attempt: Attempt<R> = { ports, faulted, id, options, observer, inbox, startedAt: ports.clock.now() };
  const report = prepare(attempt, want).finally(() => {
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
interface Attempt<R> {
  readonly ports: Ports;
  readonly faulted: Faulted<R>;
  readonly id: string;
  readonly options: RunOptions;
  readonly observer: Observer;
  readonly inbox: Inbox;
  readonly startedAt: number;
}

/** From what is wanted to what it contains; then the run itself. Whoever cancels is not kept waiting by a slow source. */
async function prepare<R extends Outcomes>(its: Attempt<R>, want: (run: string) => Wanted<R>): Promise<R> {
  const { ports, faulted, inbox, id, startedAt, observer } = its;
  const ended = new AbortController();
  let preparing: Promise<Errand<R>> | undefined;
  let began = false;
  let notes: readonly string[] = [];
  try {
    const wanted = want(id);
    if (wanted.deadlineMs !== undefined)
      limit(ports.clock, startedAt, wanted.what, wanted.deadlineMs, inbox, ended.signal);
    // A run whose id was drawn just now has no earlier life.
    const { run: known, cleanUp, dryRun } = its.options;
    if (dryRun && cleanUp !== undefined) throw new PortFailure(failure('INVALID_SPEC', 'a dry run cannot clean up'));
    const cut = endOfPatience(inbox, ports.clock, ended.signal);
    if (known !== undefined) notes = [unbegun(known)];
    const earlier = known === undefined ? undefined : await unless(cut, earlierLife(ports, id, cleanUp));
    if (earlier === undefined) notes = [];
    preparing = wanted.prepare(ended.signal, earlier);
    // What an earlier life has left is to be taken away, however early the cancel comes: only the machine can do that.
    const errand = await unless(earlier === undefined ? inbox.canceled : cut, preparing);
    began = true;
    return await new Drive(its, errand, earlier === undefined, cut).run();
  } catch (cause) {
    const failed = asFailure(cause);
    const report = faulted(id, ports.serverName, failed, startedAt, ports.clock.now());
    observer.event({ type: 'ended', at: report.endedAt, outcome: report.outcome, failure: report.failure });
    return failed.code === 'CANCELED' ? { ...report, notes } : report;
  } finally {
    ended.abort();
    const closed = preparing?.then(errand => errand.close()).catch(() => undefined);
    if (began) await closed;
  }
}

/** The work, unless the wish to end comes before it is done. */
function unless<T>(wish: Promise<Cancel>, work: Promise<T>): Promise<T> {
  const canceled = wish.then(({ fault, reason }) => {
    throw new PortFailure(fault ?? failure('CANCELED', `canceled: ${reason}`));
  });
  return Promise.race([work, canceled]);
}

function limit(
  clock: Clock,
  startedAt: number,
  what: string,
  deadlineMs: number,
  inbox: Inbox,
  signal: AbortSignal
): void {
  clock.sleepUntil(startedAt + deadlineMs, signal).then(
    () => inbox.give(failure('DEADLINE', `the ${what} was not finished within ${deadlineMs / 1_000} s`)),
    () => undefined
  );
}

/** One life of one run: the tree, what is under way, and what has been written down. */
class Drive<R extends Outcomes> {
  readonly #its: Attempt<R>;
  readonly #errand: Errand<R>;
  /** Whoever canceled has waited long enough. */
  readonly #cut: Promise<Cancel>;
  readonly #ledger: Ledger;
  readonly #performer: Performer;
  readonly #logbook: Logbook;
  readonly #timeline = new Timeline();
  #listed = 0;
  #tree: Node | undefined;
  #facts: Facts | DownloadFacts | undefined;
  /** A failure of the run itself; it outweighs whatever the machine comes to. */
  #fault: Failure | undefined;

  constructor(its: Attempt<R>, errand: Errand<R>, isNew: boolean, cut: Promise<Cancel>) {
    const { ports, observer, inbox } = its;
    this.#its = its;
    this.#errand = errand;
    this.#cut = cut;
    const book = its.options.dryRun ? { ...ports, journal: memoryJournal() } : ports;
    this.#logbook = new Logbook(book, its.id, isNew ? errand.begun : undefined);
    const ledger = new Ledger(errand.started.files, (file, bytes) => observer.bytes(file, bytes));
    const moved = (file: string, bytes: number): void => ledger.sent(file, bytes);
    const progress = (of: 'moved' | 'accepted'): number | undefined => ledger.percent(of);
    const means = { ...ports, ...errand.means, onSent: moved, onReceived: moved, progress };
    this.#ledger = ledger;
    this.#performer = new Performer(means, ledger, inbox, {
      event: event => observer.event(event),
      count: (op, about, value) => errand.count(ledger, op, about, value)
    });
  }

  async run(): Promise<R> {
    const { ports, id, startedAt, observer } = this.#its;
    const { machine, input, started } = this.#errand;
    observer.event({ type: 'started', at: startedAt, run: id, server: ports.serverName, ...started });
    try {
      const left = this.#cut.then(wish => this.#leave(wish));
      return await Promise.race([this.#turns(start(machine, input)), left]);
    } catch (cause) {
      return this.#broken(asFailure(cause));
    } finally {
      this.#performer.close();
    }
  }

  async #turns(first: Step): Promise<R> {
    let step = first;
    for (;;) {
      this.#tree = await this.#obey(step);
      if (this.#tree.snapshot.status === 'done') return this.#end(this.#tree);
      step = this.#take(this.#tree, await this.#its.inbox.next());
    }
  }

  /** Saves what is new, then carries out the commands. */
  async #obey([tree, commands]: Step): Promise<Node> {
    const saved = await this.#save(tree);
    // Saving takes time, in which answers may have been told: the log keeps the order of its instants.
    const at = this.#now();
    this.#list(tree, at);
    for (const event of this.#timeline.after(tree, at)) this.#its.observer.event(event);
    for (const command of commands) {
      if (command.do === 'stop') this.#performer.stop(command.at);
      else if (saved || command.src !== 'call') this.#performer.begin(tree, command);
      else this.#performer.refuse(command.at, this.#logbook.unwritten as Failure);
    }
    return tree;
  }

  #list(tree: Node, at: number): void {
    const files = this.#errand.listed?.(tree) ?? [];
    if (files.length === this.#listed) return;
    this.#listed = files.length;
    this.#ledger.add(files);
    this.#its.observer.event({ type: 'listed', at, files });
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
    const facts = this.#errand.factsOf(tree);
    const changed = changes(this.#facts, facts);
    this.#facts = facts;
    if (changed === undefined) return true;
    const at = this.#now();
    this.#its.observer.event({ type: 'facts', at, changed });
    if (this.#logbook.unwritten !== undefined || (await this.#logbook.save(at, changed))) return true;
    if (this.#errand.past(facts)) return true;
    // Without a journal nothing may be begun that a crash could strand: the run ends, and cleans up while it still can.
    this.#its.inbox.give(this.#logbook.unwritten as unknown as Failure);
    return false;
  }

  #now(): number {
    return this.#its.ports.clock.now();
  }

  /** No machine is left that could clean up: what may have stayed on the server is told at least. */
  #broken(failed: Failure): R {
    const { ports, faulted, id, startedAt, observer } = this.#its;
    const endedAt = this.#now();
    const left = this.#facts === undefined ? [] : this.#errand.left(this.#facts);
    observer.event({ type: 'ended', at: endedAt, outcome: 'failed', failure: failed });
    return {
      ...faulted(id, ports.serverName, failed, startedAt, endedAt),
      sessionId: this.#facts?.sessionId,
      path: this.#timeline.path,
      notes: left,
      left: left.length > 0
    };
  }

  /**
   * Whoever canceled has waited long enough: what it was about to take away stays where it is. The journal is not told
   * that it has ended, so that a later life can do that.
   */
  #leave({ reason }: Cancel): R {
    // Nothing goes out any more, and what is on its way is called off.
    this.#performer.close();
    const failed = this.#fault ?? failure('CANCELED', `canceled: ${reason}`);
    if (this.#tree === undefined || this.#facts === undefined) return this.#broken(failed);
    const { context } = this.#tree.snapshot as { readonly context: { readonly notes: readonly string[] } };
    const left = this.#errand.left(this.#facts);
    const notes = [...context.notes, ...left, 'cleaning up took too long, and was left', NOT_TOLD];
    const cut = this.#errand.cutShort(this.#facts, context, failed);
    const report = this.#report(this.#errand.outputOf({ ...context, ...cut, left: true, notes }));
    this.#its.observer.event({ type: 'ended', at: report.endedAt, outcome: report.outcome, failure: report.failure });
    return report;
  }

  #report(output: unknown): R {
    const { ports, id, startedAt } = this.#its;
    return this.#errand.report({
      run: id,
      server: ports.serverName,
      output,
      ledger: this.#ledger,
      path: this.#timeline.path,
      retries: this.#performer.retries,
      startedAt,
      endedAt: this.#now(),
      fault: this.#fault
    });
  }

  async #end(tree: Node): Promise<R> {
    const { observer } = this.#its;
    const report = this.#report(tree.snapshot.output);
    const told = await this.#logbook.end(report.endedAt, { outcome: report.outcome, left: report.left });
    observer.event({ type: 'ended', at: report.endedAt, outcome: report.outcome, failure: report.failure });
    return told ? report : { ...report, notes: [...report.notes, NOT_TOLD] };
  }
}

const NOT_TOLD = 'the journal does not know that this run has ended';

/** An earlier life of it may have left something, and nobody has looked. */
function unbegun(run: string): string {
  return `nothing was begun: go on with the run (shelver resume ${run}), or end it (shelver cleanup ${run})`;
}
