// The client together with its requests: which of them are still on their way, and which have acted and are being answered.
// Whatever does not depend on the service or on what went wrong before is computed here, once for each of them.
import type { CallSpec } from '../../machines/workflow/calls.ts';
import { type Client, Clients, type Effect, type Stepped, type Subject } from './client.ts';
import { Interner } from './interner.ts';
import type { Answered } from './service.ts';

export interface Flight {
  readonly id: number;
  readonly client: Client;
  /** Per effect of the client: 0, its request is on the way; n, it has acted and answer n - 1 is on the way back. */
  readonly acted: readonly number[];
  /** The calls of the effects, by number; -1: it is none. */
  readonly calls: readonly number[];
  /** Their paths, and what they are called in steps, by number. */
  readonly paths: readonly number[];
  readonly names: readonly number[];
  /** Nothing depends on when they are answered. */
  readonly isDeaf: readonly boolean[];
  readonly isEnd: boolean;
  /** It moves one file twice at a time. */
  readonly isDoubled: boolean;
  /** It waits for the answer to a create, or until it sends it again: a later life cannot tell the one from the other. */
  readonly isMaking: boolean;
  /** Steps that were computed already. */
  readonly arrived: Known<number>;
  readonly heard: Known<Landing>;
  canceled?: Landing;
  crashed?: Landing;
}
/** By `index of the effect * 2 ** 24 + answer + 1`; there are a few of each, so that they are looked for one by one. */
interface Known<T> {
  readonly keys: number[];
  readonly values: T[];
}
/** Where the client comes to when it hears something. */
export interface Landing {
  readonly to: number;
  /** Requests that it stopped before they arrived and that would change something: each may arrive all the same. */
  readonly stopped: readonly number[];
  /** Calls that it begins with this step, and that would change something. */
  readonly begun: readonly CallSpec[];
}
const NOTHING: readonly never[] = [];
/** The plan goes on in the same way whatever is answered here. */
const DEAF = /^(lease\/login|count)\//;
/** What is read on this machine, and nobody changes. */
const STEADY = new Set(['digest', 'ownersOf']);
/** Attempts at a create, by their names in the plans. */
const MAKING = /^create(Item|Session)\//;
/** What makes something. */
export const MAKES: ReadonlySet<string> = new Set(['createItem', 'createSession', 'createDownloadSession']);

export class Flights {
  readonly clients: Clients;
  readonly calls = new Interner<CallSpec>();
  readonly words = new Interner<string>();
  readonly #flights = new Interner<Flight>();
  readonly #changes: (op: string) => boolean;

  constructor(subject: Subject, changes: (op: string) => boolean) {
    this.clients = new Clients(subject);
    this.#changes = changes;
  }

  get size(): number {
    return this.#flights.size;
  }

  first(): number {
    return this.#fresh(this.clients.start());
  }

  at(id: number): Flight {
    return this.#flights.at(id);
  }

  answer(answered: Answered): number {
    return this.clients.answers.id(JSON.stringify(answered), () => answered);
  }

  call(call: CallSpec): number {
    return this.calls.id(JSON.stringify(call), () => call);
  }

  word(text: string): number {
    return this.words.id(text, () => text);
  }

  /** A request has arrived, and its answer sets out. */
  arrived(flight: Flight, index: number, answer: number): number {
    const key = index * 2 ** 24 + answer + 1;
    return known(flight.arrived, key, () => {
      const acted = flight.acted.map((each, at) => (at === index ? answer + 1 : each));
      return this.#intern(flight.client, acted);
    });
  }

  /** The client hears an answer; `undefined`: a wait is over, or a draw is granted. */
  heard(flight: Flight, index: number, answer?: number): Landing {
    const key = index * 2 ** 24 + (answer ?? -1) + 1;
    return known(flight.heard, key, () => {
      const effect = flight.client.effects[index] as Effect;
      return this.#landed(flight, this.clients.answer(flight.client, effect, answer), effect.at);
    });
  }

  canceled(flight: Flight): Landing {
    flight.canceled ??= this.#landed(flight, this.clients.cancel(flight.client));
    return flight.canceled;
  }

  /** A new life begins with what was written down. */
  crashed(flight: Flight): Landing {
    flight.crashed ??= {
      to: this.#fresh(this.clients.start(flight.client)),
      stopped: this.#onTheWay(flight, () => true),
      begun: NOTHING
    };
    return flight.crashed;
  }

  #landed(flight: Flight, { to, stopped, begun }: Stepped, answered?: string): Landing {
    const { client, acted } = flight;
    const next = this.clients.at(to);
    const before = new Map(client.effects.map(({ at }, index) => [at, acted[index] as number]));
    const now = next.effects.map(({ at }) => (begun.has(at) || at === answered ? 0 : (before.get(at) ?? 0)));
    return {
      to: this.#intern(next, now),
      stopped: stopped.length === 0 ? NOTHING : this.#onTheWay(flight, at => stopped.includes(at)),
      begun: orNothing(
        next.effects.flatMap(({ at, call }) =>
          call !== undefined && begun.has(at) && this.#changes(call.op) ? [call] : []
        )
      )
    };
  }

  /** Requests that have not arrived and would change something. */
  #onTheWay({ client, acted }: Flight, which: (path: string) => boolean): readonly number[] {
    return orNothing(
      client.effects.flatMap(({ at, call }, index) =>
        call !== undefined && acted[index] === 0 && this.#changes(call.op) && which(at) ? [this.call(call)] : []
      )
    );
  }

  #fresh(id: number): number {
    const client = this.clients.at(id);
    return this.#intern(
      client,
      client.effects.map(() => 0)
    );
  }

  #intern(client: Client, acted: readonly number[]): number {
    return this.#flights.id(`${client.id}|${acted}`, () => ({
      id: this.#flights.size,
      client,
      acted,
      calls: client.effects.map(({ call }) => (call === undefined ? -1 : this.call(call))),
      paths: client.effects.map(({ at }) => this.word(at)),
      names: client.effects.map(({ at, call }) => this.word(call?.op ?? at)),
      isDeaf: client.effects.map(({ at, call }) => DEAF.test(at) || STEADY.has(String(call?.op))),
      isEnd: client.tree.snapshot.status === 'done',
      isDoubled: isDoubled(client),
      isMaking: client.effects.some(({ at }) => MAKING.test(at)),
      arrived: { keys: [], values: [] },
      heard: { keys: [], values: [] }
    }));
  }
}

function known<T>({ keys, values }: Known<T>, key: number, make: () => T): T {
  const at = keys.indexOf(key);
  if (at >= 0) return values[at] as T;
  const value = make();
  keys.push(key);
  values.push(value);
  return value;
}

function isDoubled({ effects }: Client): boolean {
  const moved = effects.flatMap(({ call }) => (call?.op === 'push' || call?.op === 'fetch' ? [call.args.name] : []));
  return new Set(moved).size < moved.length;
}

/** Most lists are empty: those are one. */
function orNothing<T>(list: readonly T[]): readonly T[] {
  return list.length === 0 ? NOTHING : list;
}
