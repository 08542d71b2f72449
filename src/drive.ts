// The page to read first: the loop of a run. Each turn saves what is new, then carries out what follows from it, then waits for
// the next answer; so nothing begins before it is written down.
import { type Failure, failure } from '../machines/vocabulary.ts';
import { mayPass } from '../machines/workflow/taken-up.ts';
import { asFailure } from './effects/perform.ts';
import type { EarlierLife, Errand, Faulted, Outcomes } from './errand.ts';
import { changes, firstOf } from './events/facts.ts';
import { Ledger } from './events/ledger.ts';
import { memoryJournal } from './events/memory-journal.ts';
import type { DownloadFacts, Facts } from './events/records.ts';
import { Timeline } from './events/timeline.ts';
import type { Arrival, Cancel, Inbox } from './inbox.ts';
import { Logbook } from './logbook.ts';
import type { Observer } from './observe/observer.ts';
import { Performer } from './performer.ts';
import type { Ports } from './ports.ts';
import { answer, type Node, type Step, send, start } from './step.ts';

/** What stands from the beginning of a life of a run to its end. */
export interface Life<R> {
  readonly ports: Ports;
  readonly faulted: Faulted<R>;
  /** The id of the run. */
  readonly id: string;
  readonly dryRun: boolean;
  readonly observer: Observer;
  readonly inbox: Inbox;
  readonly startedAt: number;
}

/** One life of one run: the tree, what is under way, and what has been written down. */
export class Drive<R extends Outcomes> {
  readonly #its: Life<R>;
  readonly #errand: Errand<R>;
  readonly #earlier: EarlierLife | undefined;
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

  constructor(its: Life<R>, errand: Errand<R>, earlier: EarlierLife | undefined, cut: Promise<Cancel>) {
    const { ports, observer, inbox } = its;
    this.#its = its;
    this.#errand = errand;
    this.#earlier = earlier;
    this.#cut = cut;
    const book = its.dryRun ? { ...ports, journal: memoryJournal() } : ports;
    this.#logbook = new Logbook(book, its.id, earlier === undefined ? errand.begun : undefined);
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
    const changed = this.#facts === undefined ? firstOf(this.#earlier?.facts, facts) : changes(this.#facts, facts);
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
    const failed =
      this.#fault ??
      failure('CANCELED', `canceled: ${reason}`, {
        next: `take away what may be left: shelver cleanup ${this.#its.id}`
      });
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
    const { endedAt, outcome, left } = report;
    // What is left, and may pass, a later life goes on with: so the run has not ended.
    const told = !(left && mayPass(report.failure)) && (await this.#logbook.end(endedAt, { outcome, left }));
    observer.event({ type: 'ended', at: report.endedAt, outcome: report.outcome, failure: report.failure });
    return told ? report : { ...report, notes: [...report.notes, NOT_TOLD] };
  }
}

const NOT_TOLD = 'the journal does not know that this run has ended';
