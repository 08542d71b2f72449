// The product of client, service and channel: every state that they can come to together, and every step from it. A request
// goes out, arrives and acts, and is answered in steps of their own; it may be lost, its answer may be lost, it may land after
// the client gave up, or twice. The client may crash between any two steps; a session may expire; somebody may cancel.
import { failure } from '../../machines/vocabulary.ts';
import type { CallSpec } from '../../machines/workflow/calls.ts';
import { type Client, Clients, type Effect, type Stepped, type Subject } from './client.ts';
import { Interner } from './interner.ts';
import type { Answered } from './service.ts';

/** How much may go wrong on one path. */
export interface Budget {
  readonly faults: number;
  readonly crashes: number;
  readonly cancels: number;
  readonly expiries: number;
}

export interface State extends Budget {
  readonly client: number;
  readonly service: number;
  /** Per effect of the client: 0, its request is on the way; n, it has acted and answer n - 1 is on the way back. */
  readonly acted: readonly number[];
  /** A request that will land although nobody waits for it any more: its number + 1, or 0. */
  readonly late: number;
  /** Sessions that an answer has said to be over, in this life of the client. */
  readonly told: readonly string[];
  /** Something was made by a late request: 1, and nobody has asked since; 2, somebody has. */
  readonly stray: 0 | 1 | 2;
  readonly canceled: boolean;
  /** The answer to a create did not come, or not in time for somebody who cancels: it may be told that something may be left. */
  readonly unanswered: boolean;
}
/** `fault`: it is the world's doing, and costs of the budget. `poll`: it only repeats itself (watch, lease). */
export interface Edge {
  readonly say: string;
  readonly kind: 'step' | 'fault' | 'poll';
  readonly to: State;
}

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
  /** What must not be. */
  broken(step: { client: Client; service: S; state: State }): string | undefined;
}

/** Children whose calls go round in circles as long as something else lasts. */
const POLLS = /^(lease|watch|count)/;
/** How long a call that must not be left is waited for after a cancel: it passes only if the answer is held up. */
const GRACE = 'grace';
/** What tells of a session's end, what makes something, and what shows what was made. */
const LOOKS = new Set(['getSession', 'getDownloadSession']);
const MAKES = new Set(['createItem', 'createSession', 'createDownloadSession']);
const LISTS = new Set(['findItems', 'listSessions', 'listDownloadSessions']);
/** What may still be sent to a session after its end is known, besides reads. */
const AFTER_THE_END = new Set(['deleteSession', 'deleteDownloadSession']);

export class Product<S> {
  readonly clients: Clients;
  readonly services = new Interner<S>();
  readonly #calls = new Interner<CallSpec>();
  readonly #world: World<S>;

  constructor(world: World<S>) {
    this.#world = world;
    this.clients = new Clients(world);
  }

  first(budget: Budget): State {
    const client = this.clients.start();
    const acted = this.clients.at(client).effects.map(() => 0);
    const service = this.#service(this.#world.service);
    return { ...budget, client, service, acted, late: 0, told: [], stray: 0, canceled: false, unanswered: false };
  }

  key(s: State): string {
    const budget = `${s.faults}${s.crashes}${s.cancels}${s.expiries}`;
    return `${s.client}|${s.service}|${s.acted}|${s.late}|${s.told}|${s.stray}${s.canceled ? 1 : 0}${s.unanswered ? 1 : 0}${budget}`;
  }

  isEnd(state: State): boolean {
    return this.clients.at(state.client).tree.snapshot.status === 'done';
  }

  /** Throws a sentence when a step is one that must not be. */
  broken(state: State): string | undefined {
    const client = this.clients.at(state.client);
    const moved = client.effects.flatMap(({ call }) =>
      call?.op === 'push' || call?.op === 'fetch' ? [call.args.name] : []
    );
    if (new Set(moved).size < moved.length) return 'S3: one file is moved twice at a time';
    const service = this.services.at(state.service);
    return this.#world.broken({ client, service, state });
  }

  *next(state: State): Generator<Edge> {
    const client = this.clients.at(state.client);
    if (client.tree.snapshot.status === 'done') return;
    for (const [index, effect] of client.effects.entries()) yield* this.#ofEffect(state, client, index, effect);
    if (state.late > 0) yield this.#lands(state);
    if (state.cancels > 0) {
      const its = { ...state, cancels: state.cancels - 1, canceled: true };
      yield* this.#moved('somebody cancels', 'fault', its, client, this.clients.cancel(client));
    }
    if (state.expiries > 0) yield* this.#expires(state);
    if (state.crashes > 0) yield* this.#crashes(state, client);
  }

  *#ofEffect(state: State, client: Client, index: number, effect: Effect): Generator<Edge> {
    const { at, call } = effect;
    const { reads, local } = this.#world;
    const kind = POLLS.test(at) ? 'poll' : 'step';
    if (call === undefined && at.endsWith(GRACE)) {
      if (state.faults === 0) return;
      const its = { ...state, faults: state.faults - 1, unanswered: true };
      yield* this.#given(
        'an answer does not come in time for somebody who cancels',
        'fault',
        its,
        client,
        effect,
        undefined
      );
      return;
    }
    if (call === undefined) {
      yield* this.#given(`${at} is over`, kind, state, client, effect, undefined);
      return;
    }
    const acted = state.acted[index] as number;
    if (acted > 0) {
      yield* this.#given(`${call.op} is answered`, kind, state, client, effect, acted - 1);
      return;
    }
    const [arrived, value] = this.#acts(state, call);
    const said = this.#answer(value);
    yield { say: `${call.op} arrives`, kind, to: { ...arrived, acted: with_(state.acted, index, said + 1) } };
    if (state.faults === 0 || local.has(call.op)) return;
    const lost = this.#answer({ failure: broke(!reads.has(call.op)) });
    const less = { faults: state.faults - 1, unanswered: state.unanswered || MAKES.has(call.op) };
    yield* this.#given(`${call.op} is lost`, 'fault', { ...state, ...less }, client, effect, lost);
    if (reads.has(call.op)) return;
    yield* this.#given(`${call.op} acts, its answer is lost`, 'fault', { ...arrived, ...less }, client, effect, lost);
    if (state.late > 0) return;
    const late = this.#call(call) + 1;
    yield* this.#given(`${call.op} is held up`, 'fault', { ...state, ...less, late }, client, effect, lost);
    const twice = { ...arrived, ...less, late, acted: with_(state.acted, index, said + 1) };
    yield { say: `${call.op} arrives, and will once more`, kind: 'fault', to: twice };
  }

  *#given(say: string, kind: Edge['kind'], state: State, client: Client, effect: Effect, given: number | undefined) {
    const stepped = this.clients.answer(client, effect, given);
    const told = given === undefined ? state.told : this.#told(state.told, effect, given);
    yield* this.#moved(say, kind, { ...state, told }, client, stepped, effect.at);
  }

  /** The client has stepped: what it stopped may be dropped on its way, or arrive all the same. */
  *#moved(
    say: string,
    kind: Edge['kind'],
    state: State,
    client: Client,
    { to, stopped, begun }: Stepped,
    answered?: string
  ): Generator<Edge> {
    const next = this.clients.at(to);
    const before = new Map(client.effects.map(({ at }, index) => [at, state.acted[index] as number]));
    const acted = next.effects.map(({ at }) => (begun.has(at) || at === answered ? 0 : (before.get(at) ?? 0)));
    for (const { at, call } of next.effects) {
      const id = begun.has(at) ? sessionOf(call) : undefined;
      if (id !== undefined && state.told.includes(id) && !this.#mayFollow(String(call?.op))) {
        throw new Broken(`S6: ${call?.op} goes to ${id}, which is known to be over`, say);
      }
    }
    const moved: State = { ...state, client: to, acted };
    yield { say, kind, to: moved };
    if (state.late > 0) return;
    for (const late of this.#onTheWay(client, state.acted, path => stopped.includes(path))) {
      yield {
        say: `${say}; ${this.#calls.at(late - 1).op} was stopped, and will arrive all the same`,
        kind,
        to: { ...moved, late }
      };
    }
  }

  *#crashes(state: State, client: Client): Generator<Edge> {
    const to = this.clients.start(client.facts);
    const acted = this.clients.at(to).effects.map(() => 0);
    const unanswered = state.unanswered || client.effects.some(({ call }) => MAKES.has(String(call?.op)));
    const again: State = { ...state, client: to, acted, told: [], crashes: state.crashes - 1, unanswered };
    yield { say: 'the client crashes, and begins again', kind: 'fault', to: again };
    if (state.late > 0) return;
    for (const late of this.#onTheWay(client, state.acted, () => true)) {
      const say = `the client crashes, and begins again; ${this.#calls.at(late - 1).op} will arrive all the same`;
      yield { say, kind: 'fault', to: { ...again, late } };
    }
  }

  /** Requests that have not arrived and would change something: each of them may still. */
  #onTheWay({ effects }: Client, acted: readonly number[], which: (path: string) => boolean): number[] {
    return effects.flatMap(({ at, call }, index) =>
      call !== undefined && acted[index] === 0 && this.#changes(call.op) && which(at) ? [this.#call(call) + 1] : []
    );
  }

  #changes(op: string): boolean {
    return !this.#world.reads.has(op) && !this.#world.local.has(op);
  }
  #mayFollow(op: string): boolean {
    return AFTER_THE_END.has(op) || this.#world.reads.has(op);
  }

  #lands(state: State): Edge {
    const call = this.#calls.at(state.late - 1);
    const [{ service, stray }] = this.#acts(state, call);
    const made = service !== state.service && MAKES.has(call.op);
    return { say: `${call.op} lands late`, kind: 'step', to: { ...state, service, stray: made ? 1 : stray, late: 0 } };
  }

  *#expires(state: State): Generator<Edge> {
    for (const [say, service] of this.#world.expired(this.services.at(state.service))) {
      yield { say, kind: 'fault', to: { ...state, service: this.#service(service), expiries: state.expiries - 1 } };
    }
  }

  #acts(state: State, call: CallSpec): readonly [State, Answered] {
    const [service, answered] = this.#world.serve(this.services.at(state.service), call);
    const seen = state.stray === 1 && LISTS.has(call.op) ? 2 : state.stray;
    return [{ ...state, service: this.#service(service), stray: seen }, answered];
  }

  #told(told: readonly string[], { call }: Effect, given: number): readonly string[] {
    const id = call !== undefined && LOOKS.has(call.op) ? sessionOf(call) : undefined;
    if (id === undefined || told.includes(id)) return told;
    const answered = this.clients.answers.at(given);
    const over =
      'failure' in answered
        ? answered.failure.code === 'NOT_FOUND'
        : (answered.value as { state: string }).state !== 'ACTIVE';
    return over ? [...told, id].sort() : told;
  }

  #service(service: S): number {
    return this.services.id(JSON.stringify(service), () => service);
  }
  #answer(answered: Answered): number {
    return this.clients.answers.id(JSON.stringify(answered), () => answered);
  }
  #call(call: CallSpec): number {
    return this.#calls.id(JSON.stringify(call), () => call);
  }
}

/** A step that must not be: what is wrong with it, and what happened just then. */
export class Broken extends Error {
  readonly say: string;
  constructor(message: string, say: string) {
    super(message);
    this.say = say;
  }
}

function sessionOf(call: CallSpec | undefined): string | undefined {
  const { id, sessionId } = (call?.args ?? {}) as { id?: string; sessionId?: string };
  const its = id ?? sessionId;
  return its !== undefined && /^[sd]\d/.test(its) ? its : undefined;
}

function broke(ambiguous: boolean) {
  return failure('CONNECTION', 'the connection broke', ambiguous ? { ambiguous } : {});
}

function with_(list: readonly number[], index: number, value: number): readonly number[] {
  return list.map((each, at) => (at === index ? value : each));
}
