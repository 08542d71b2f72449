// The product of client, service and channel: every state that they can come to together, and every step from it. A request
// goes out, arrives and acts, and is answered in steps of their own; it may be lost, its answer may be lost, it may land after
// the client gave up, or twice. The client may crash between any two steps; a session may expire; somebody may cancel.
import { failure } from '../../machines/vocabulary.ts';
import type { CallSpec } from '../../machines/workflow/calls.ts';
import type { Effect, Subject } from './client.ts';
import { type Flight, Flights, type Landing } from './flights.ts';
import { Interner, Memo } from './interner.ts';
import { besides, said } from './said.ts';
import type { Answered } from './service.ts';
import * as tallies from './tally.ts';

/** What the client talks to, and what must hold. `S` is JSON: all that the other side and this machine's disk know. */
export interface World<S> extends Subject {
  readonly service: S;
  serve(service: S, call: CallSpec): readonly [S, Answered];
  /** What may expire just now: in words, and as it is then. */
  expired(service: S): readonly (readonly [string, S])[];
  /** Calls that change nothing. */
  readonly reads: ReadonlySet<string>;
  /** Calls that go to no network: a crash may come between, but nothing else. */
  readonly local: ReadonlySet<string>;
  /** What must not be, whatever the client is at. */
  broken(service: S): string | undefined;
  /** What must not be at the end. */
  brokenEnd(end: End<S>): string | undefined;
}
export interface End<S> {
  readonly output: unknown;
  readonly service: S;
  readonly canceled: boolean;
  readonly unanswered: boolean;
  /** Something was made by a late request, and nobody has asked since. */
  readonly unseen: boolean;
}

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
/** What tells of a session's end, what makes something, and what shows what was made. */
const LOOKS = new Set(['getSession', 'getDownloadSession']);
const MAKES = new Set(['createItem', 'createSession', 'createDownloadSession']);
const LISTS = new Set(['findItems', 'listSessions', 'listDownloadSessions']);
/** What may still be sent to a session after its end is known, besides reads. */
const AFTER_THE_END = new Set(['deleteSession', 'deleteDownloadSession']);
const { FAULTS, CRASHES, CANCELS, EXPIRIES, STRAY, CANCELED, UNANSWERED, TOLD, LATE } = tallies;

export class Product<S> {
  readonly flights: Flights;
  readonly services = new Interner<S>();
  readonly #world: World<S>;
  /** Sets of sessions, and lists of late calls, by number. */
  readonly #told = new Interner<readonly string[]>();
  readonly #served = new Memo();
  readonly #outcomes: { readonly service: number; readonly answer: number }[] = [];
  readonly #expired = new Map<number, readonly (readonly [number, number])[]>();
  /** The answers that are none, by number. */
  readonly #broke: number;
  readonly #brokeInDoubt: number;
  readonly #health = new Map<number, string | undefined>();

  constructor(world: World<S>) {
    this.#world = world;
    this.flights = new Flights(world, op => !world.reads.has(op) && !world.local.has(op));
    this.#broke = this.flights.answer({ failure: failure('CONNECTION', 'the connection broke') });
    const failed = failure('CONNECTION', 'the connection broke', { ambiguous: true });
    this.#brokeInDoubt = this.flights.answer({ failure: failed });
    this.#told.id('', () => []);
  }

  first(budget: tallies.Budget): State {
    return { flight: this.flights.first(), service: this.#service(this.#world.service), tally: tallies.begin(budget) };
  }

  /** How the client ended, if it has. */
  outcomeOf({ flight }: State): string | undefined {
    const { isEnd, client } = this.flights.at(flight);
    return isEnd ? (client.tree.snapshot.output as { outcome: string }).outcome : undefined;
  }

  /** What must not be, in a sentence. */
  broken(state: State): string | undefined {
    const flight = this.flights.at(state.flight);
    const moved = flight.client.effects.flatMap(({ call }) =>
      call?.op === 'push' || call?.op === 'fetch' ? [call.args.name] : []
    );
    if (new Set(moved).size < moved.length) return 'S3: one file is moved twice at a time';
    const service = this.services.at(state.service);
    if (!this.#health.has(state.service)) this.#health.set(state.service, this.#world.broken(service));
    const sick = this.#health.get(state.service);
    if (sick !== undefined || !flight.isEnd) return sick;
    return this.#world.brokenEnd({
      output: flight.client.tree.snapshot.output,
      service,
      canceled: tallies.of(state.tally, CANCELED) === 1,
      unanswered: tallies.of(state.tally, UNANSWERED) === 1,
      unseen: tallies.of(state.tally, STRAY) === 1
    });
  }

  next({ flight: id, service, tally }: State, emit: Emit): void {
    const flight = this.flights.at(id);
    if (flight.isEnd) return;
    for (let index = 0; index < flight.acted.length; index++) this.#ofEffect(flight, index, service, tally, emit);
    if (tallies.of(tally, LATE) > 0) this.#lands(id, service, tally, emit);
    if (tallies.of(tally, CANCELS) > 0) {
      const its = tallies.put(tallies.spend(tally, CANCELS), CANCELED, 1);
      this.#moves(this.flights.canceled(flight), service, its, emit, said('somebody cancels'), FAULT);
    }
    if (tallies.of(tally, EXPIRIES) > 0) {
      const less = tallies.spend(tally, EXPIRIES);
      for (const [word, then] of this.#whatExpires(service)) emit(id, then, less, said('#', word), FAULT);
    }
    if (tallies.of(tally, CRASHES) > 0) this.#crashes(flight, service, tally, emit);
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
      this.#moves(landing, service, this.#learns(tally, call, acted - 1), emit, said('# is answered', name), who);
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
    const { reads, local } = this.#world;
    const name = flight.names[index] as number;
    const number = flight.calls[index] as number;
    const { service: then, answer } = this.#serve(service, number);
    const seen = tallies.of(tally, STRAY) === 1 && LISTS.has(op) ? tallies.put(tally, STRAY, 2) : tally;
    const arrived = this.flights.arrived(flight, index, answer);
    emit(arrived, then, seen, said('# arrives', name), flight.paths[index] as number);
    if (tallies.of(tally, FAULTS) === 0 || local.has(op)) return;
    const cost = (before: number): number => {
      const less = tallies.spend(before, FAULTS);
      return MAKES.has(op) ? tallies.put(less, UNANSWERED, 1) : less;
    };
    const broken = this.flights.heard(flight, index, reads.has(op) ? this.#broke : this.#brokeInDoubt);
    this.#moves(broken, service, cost(tally), emit, said('# is lost', name), FAULT);
    if (reads.has(op)) return;
    this.#moves(broken, then, cost(seen), emit, said('# acts, its answer is lost', name), FAULT);
    if (tallies.of(tally, LATE) > 0) return;
    const late = (before: number): number => tallies.put(cost(before), LATE, number + 1);
    this.#moves(broken, service, late(tally), emit, said('# is held up', name), FAULT);
    emit(arrived, then, late(seen), said('# arrives, and will once more', name), FAULT);
  }

  /** The client has stepped: what it stopped may be dropped on its way, or arrive all the same. */
  #moves(landing: Landing, service: number, tally: number, emit: Emit, say: number, who: number): void {
    const told = this.#told.at(tallies.of(tally, TOLD));
    if (told.length > 0) {
      for (const call of landing.begun) {
        const id = sessionOf(call);
        if (id !== undefined && told.includes(id) && !AFTER_THE_END.has(call.op) && !this.#world.reads.has(call.op))
          throw new Broken(`S6: ${call.op} goes to ${id}, which is known to be over`, say);
      }
    }
    emit(landing.to, service, tally, say, who);
    if (tallies.of(tally, LATE) > 0) return;
    for (const call of landing.stopped)
      emit(landing.to, service, tallies.put(tally, LATE, call + 1), besides(say, call), who);
  }

  #crashes(flight: Flight, service: number, tally: number, emit: Emit): void {
    const { to, stopped } = this.flights.crashed(flight);
    const making = flight.client.effects.some(({ call }) => MAKES.has(String(call?.op)));
    const less = tallies.put(tallies.spend(tally, CRASHES), TOLD, 0);
    const its = making ? tallies.put(less, UNANSWERED, 1) : less;
    this.#moves({ to, stopped, begun: [] }, service, its, emit, said('the client crashes, and begins again'), FAULT);
  }

  #lands(flight: number, service: number, tally: number, emit: Emit): void {
    const number = tallies.of(tally, LATE) - 1;
    const { op } = this.flights.calls.at(number);
    const { service: then } = this.#serve(service, number);
    const landed = tallies.put(tally, LATE, 0);
    const its = then !== service && MAKES.has(op) ? tallies.put(landed, STRAY, 1) : landed;
    const word = this.flights.word(op);
    emit(flight, then, its, said('# lands late', word), word);
  }

  /** What the answer tells of a session's end. */
  #learns(tally: number, call: CallSpec, answer: number): number {
    const id = LOOKS.has(call.op) ? sessionOf(call) : undefined;
    if (id === undefined) return tally;
    const told = this.#told.at(tallies.of(tally, TOLD));
    if (told.includes(id)) return tally;
    const answered = this.flights.clients.answers.at(answer);
    const over =
      'failure' in answered
        ? answered.failure.code === 'NOT_FOUND'
        : (answered.value as { state: string }).state !== 'ACTIVE';
    if (!over) return tally;
    const more = [...told, id].sort();
    const set = this.#told.id(String(more), () => more);
    return tallies.put(tally, TOLD, set);
  }

  #serve(service: number, call: number): { readonly service: number; readonly answer: number } {
    const at = this.#served.get(service, call, () => {
      const [then, answered] = this.#world.serve(this.services.at(service), this.flights.calls.at(call));
      return this.#outcomes.push({ service: this.#service(then), answer: this.flights.answer(answered) }) - 1;
    });
    return this.#outcomes[at] as { service: number; answer: number };
  }

  #whatExpires(service: number): readonly (readonly [number, number])[] {
    let its = this.#expired.get(service);
    if (its === undefined) {
      its = this.#world
        .expired(this.services.at(service))
        .map(([say, then]) => [this.flights.word(say), this.#service(then)] as const);
      this.#expired.set(service, its);
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

function sessionOf(call: CallSpec): string | undefined {
  const { id, sessionId } = call.args as { id?: string; sessionId?: string };
  const its = id ?? sessionId;
  return its !== undefined && /^[sd]\d/.test(its) ? its : undefined;
}
