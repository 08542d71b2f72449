// The product of client, service and channel: every state that they can come to together, and every step from it. A request
// goes out, arrives and acts, and is answered in steps of their own; it may be lost, its answer may be lost, it may land after
// the client gave up, or twice. The client may crash between any two steps; a session may expire; somebody may cancel.
import { failure } from '../../machines/vocabulary.ts';
import type { CallSpec } from '../../machines/workflow/calls.ts';
import type { Effect } from './client.ts';
import { type Flight, Flights, type Landing, MAKES } from './flights.ts';
import { Interner, Memo } from './interner.ts';
import { Lates } from './lates.ts';
import { besides, said } from './said.ts';
import * as tallies from './tally.ts';
import { mayNotFollow, Told } from './told.ts';
import type { World } from './world.ts';

export interface State {
  readonly flight: number;
  readonly service: number;
  readonly tally: number;
}
/** It is the world's doing, and costs of the budget. */
export const FAULT = -1;
/** Hears of each step: the state it leads to, its words, and whose step it is, by number, or `FAULT`. */
export type Emit = (flight: number, service: number, tally: number, say: number, who: number) => void;

/** How long a call that must not be left is waited for after a cancel: it passes only if the answer is held up. */
const GRACE = 'grace';
/** What shows what was made. */
const LISTS = new Set(['findItems', 'listSessions', 'listDownloadSessions']);
const { FAULTS, CRASHES, CANCELS, EXPIRIES, STRAY, CANCELED, UNANSWERED, ASKED, TOLD, LATE } = tallies;

export class Product<S> {
  readonly flights: Flights;
  readonly services = new Interner<S>();
  readonly #world: World<S>;
  readonly #told: Told;
  readonly #lates: Lates;
  readonly #served = new Memo();
  readonly #outcomes: { readonly service: number; readonly answer: number }[] = [];
  readonly #expired = new Map<number, readonly (readonly [number, number])[]>();
  readonly #after = new Map<number, readonly (readonly [number, number])[]>();
  readonly #health = new Map<number, string | undefined>();
  /** The answers that are none, by number. */
  readonly #broke: number;
  readonly #brokeInDoubt: number;

  constructor(world: World<S>, { lates = 1 }: tallies.Budget) {
    this.#world = world;
    this.#lates = new Lates(lates);
    this.flights = new Flights(world, op => !world.reads.has(op) && !world.local.has(op));
    this.#told = new Told(this.flights);
    this.#broke = this.flights.answer({ failure: failure('CONNECTION', 'the connection broke') });
    const inDoubt = failure('CONNECTION', 'the connection broke', { ambiguous: true });
    this.#brokeInDoubt = this.flights.answer({ failure: inDoubt });
  }

  first(budget: tallies.Budget): State {
    return { flight: this.flights.first(), service: this.#service(this.#world.service), tally: tallies.begin(budget) };
  }

  /** How the client ended, if it has. */
  outcomeOf(flight: number): string | undefined {
    const { isEnd, client } = this.flights.at(flight);
    return isEnd ? (client.tree.snapshot.output as { outcome: string }).outcome : undefined;
  }

  /** What must not be, in a sentence. */
  broken({ flight, service, tally }: State): string | undefined {
    const { isDoubled, isEnd, client } = this.flights.at(flight);
    if (isDoubled) return 'S3: one file is moved twice at a time';
    const its = this.services.at(service);
    if (!this.#health.has(service)) this.#health.set(service, this.#world.broken(its));
    const sick = this.#health.get(service);
    if (sick !== undefined || !isEnd) return sick;
    const stray = tallies.of(tally, STRAY);
    return this.#world.brokenEnd({
      output: client.tree.snapshot.output,
      service: its,
      canceled: tallies.of(tally, CANCELED) === 1,
      unanswered: tallies.of(tally, UNANSWERED) === 1,
      unseen: stray === 1 || stray === 3
    });
  }

  next({ flight: id, service, tally }: State, emit: Emit): void {
    const flight = this.flights.at(id);
    this.#lands(id, service, tally, emit);
    // What lands even then must do no harm.
    if (flight.isEnd) return;
    for (let index = 0; index < flight.acted.length; index++) this.#ofEffect(flight, index, service, tally, emit);
    for (const [word, then] of this.#known(this.#after, service, this.#world.goesOn))
      emit(id, then, tally, said('#', word), word);
    if (tallies.of(tally, CANCELS) > 0) {
      const its = tallies.put(tallies.spend(tally, CANCELS), CANCELED, 1);
      this.#moves(this.flights.canceled(flight), service, its, emit, said('somebody cancels'), FAULT);
    }
    if (tallies.of(tally, EXPIRIES) > 0) {
      const less = tallies.spend(tally, EXPIRIES);
      for (const [word, then] of this.#known(this.#expired, service, this.#world.expired))
        emit(id, then, less, said('#', word), FAULT);
    }
    if (tallies.of(tally, CRASHES) > 0) {
      const less = tallies.put(tallies.spend(tally, CRASHES), TOLD, 0);
      const its = flight.isMaking ? tallies.put(less, UNANSWERED, 1) : less;
      const say = said('the client crashes, and begins again');
      this.#moves(this.flights.crashed(flight), service, its, emit, say, FAULT);
    }
  }

  #ofEffect(flight: Flight, index: number, service: number, tally: number, emit: Emit): void {
    const { at, call } = flight.client.effects[index] as Effect;
    const who = flight.paths[index] as number;
    const name = flight.names[index] as number;
    const acted = flight.acted[index] as number;
    if (call !== undefined && acted === 0) {
      this.#goesOut(flight, index, call, service, tally, emit);
    } else if (call !== undefined) {
      const landing = this.flights.heard(flight, index, acted - 1);
      const its = tallies.put(tally, TOLD, this.#told.by(tallies.of(tally, TOLD), call, acted - 1));
      this.#moves(landing, service, its, emit, said('# is answered', name), who);
    } else if (!at.endsWith(GRACE)) {
      this.#moves(this.flights.heard(flight, index), service, tally, emit, said('# is over', name), who);
    } else if (tallies.of(tally, FAULTS) > 0) {
      const its = tallies.put(tallies.spend(tally, FAULTS), UNANSWERED, 1);
      const say = said('an answer does not come in time for somebody who cancels');
      this.#moves(this.flights.heard(flight, index), service, its, emit, say, FAULT);
    }
  }

  /** A request arrives, or whatever else may become of it. */
  #goesOut(flight: Flight, index: number, { op }: CallSpec, service: number, tally: number, emit: Emit): void {
    const { reads, local, tokens } = this.#world;
    const name = flight.names[index] as number;
    const number = flight.calls[index] as number;
    const { service: then, answer } = this.#serve(service, number);
    const seen = LISTS.has(op) ? this.#listed(tally) : tally;
    const arrived = this.flights.arrived(flight, index, answer);
    const who = flight.paths[index] as number;
    if (flight.isDeaf[index]) {
      const landing = this.flights.heard(flight, index, answer);
      this.#moves(landing, then, seen, emit, said('# arrives, and is answered', name), who);
    } else emit(arrived, then, seen, said('# arrives', name), who);
    if (tallies.of(tally, FAULTS) === 0 || local.has(op)) return;
    const less = tallies.spend(tally, FAULTS);
    const turnedAway = this.flights.heard(flight, index, this.#broke);
    this.#moves(turnedAway, service, less, emit, said('# is turned away', name), FAULT);
    if (reads.has(op)) return;
    const doubtful = MAKES.has(op) ? tallies.put(less, UNANSWERED, 1) : less;
    const broken = this.flights.heard(flight, index, this.#brokeInDoubt);
    this.#moves(broken, service, doubtful, emit, said('# is lost', name), FAULT);
    this.#moves(broken, then, doubtful, emit, said('# acts, its answer is lost', name), FAULT);
    const late = this.#delayed(doubtful, number);
    if (late === undefined) return;
    this.#moves(broken, service, late, emit, said('# is held up', name), FAULT);
    // Without tokens a create that comes twice makes two things, and nobody can tell.
    if (tokens || !MAKES.has(op)) emit(arrived, then, late, said('# arrives, and will once more', name), FAULT);
  }

  /** The client has stepped: what it stopped may be dropped on its way, or arrive all the same. */
  #moves(landing: Landing, service: number, tally: number, emit: Emit, say: number, who: number): void {
    const told = tallies.of(tally, TOLD);
    if (told > 0 && landing.begun.length > 0) {
      const wrong = mayNotFollow(this.#told.sessions(told), landing.begun);
      if (wrong !== undefined) throw new Broken(wrong, say);
    }
    emit(landing.to, service, tally, say, who);
    for (const call of landing.stopped) {
      const late = this.#delayed(tally, call);
      if (late !== undefined) emit(landing.to, service, late, besides(say, call), who);
    }
  }

  /** Requests that nobody waits for any more arrive, one at a time. */
  #lands(flight: number, service: number, tally: number, emit: Emit): void {
    const late = tallies.of(tally, LATE);
    if (late === 0) return;
    for (const [number, rest] of this.#lates.each(late)) {
      const { op } = this.flights.calls.at(number);
      const { service: then } = this.#serve(service, number);
      const landed = tallies.put(tally, LATE, rest);
      const isMade = then !== service && MAKES.has(op);
      const hidden = tallies.of(tally, STRAY) === 3 || (!this.#world.tokens && tallies.of(tally, ASKED) === 1);
      const its = isMade ? tallies.put(landed, STRAY, hidden ? 3 : 1) : landed;
      const word = this.flights.word(op);
      emit(flight, then, its, said('# lands late', word), word);
    }
  }

  #delayed(tally: number, call: number): number | undefined {
    const late = this.#lates.with(tallies.of(tally, LATE), call);
    if (late === undefined) return undefined;
    const its = tallies.put(tally, LATE, late);
    return MAKES.has(this.flights.calls.at(call).op) ? tallies.put(its, ASKED, 0) : its;
  }

  /** Somebody has listed what there is. */
  #listed(tally: number): number {
    const seen = tallies.of(tally, STRAY) === 1 ? tallies.put(tally, STRAY, 2) : tally;
    return this.#world.tokens || tallies.of(tally, LATE) === 0 ? seen : tallies.put(seen, ASKED, 1);
  }

  #serve(service: number, call: number): { readonly service: number; readonly answer: number } {
    const at = this.#served.get(service, call, () => {
      const [then, answered] = this.#world.serve(this.services.at(service), this.flights.calls.at(call));
      return this.#outcomes.push({ service: this.#service(then), answer: this.flights.answer(answered) }) - 1;
    });
    return this.#outcomes[at] as { service: number; answer: number };
  }

  #known(
    memory: Map<number, readonly (readonly [number, number])[]>,
    service: number,
    make: (service: S) => readonly (readonly [string, S])[]
  ): readonly (readonly [number, number])[] {
    let its = memory.get(service);
    if (its === undefined) {
      its = make(this.services.at(service)).map(([say, then]) => [this.flights.word(say), this.#service(then)]);
      memory.set(service, its);
    }
    return its;
  }

  #service(service: S): number {
    return this.services.id(JSON.stringify(service), () => service);
  }
}

/** A step that must not be: what is wrong with it, and what happened just then. */
export class Broken extends Error {
  readonly say: number;
  constructor(message: string, say: number) {
    super(message);
    this.say = say;
  }
}
