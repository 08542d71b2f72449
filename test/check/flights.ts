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
  readonly isEnd: boolean;
  /** Steps that were computed already: by `index of the effect * 2 ** 24 + answer + 1`, and by name. */
  readonly arrived: Map<number, number>;
  readonly heard: Map<number, Landing>;
  canceled?: Landing;
  crashed?: Landing;
}
/** Where the client comes to when it hears something. */
export interface Landing {
  readonly to: number;
  /** Requests that it stopped before they arrived and that would change something: each may arrive all the same. */
  readonly stopped: readonly number[];
  /** Calls that it begins with this step. */
  readonly begun: readonly CallSpec[];
}

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
    let to = flight.arrived.get(key);
    if (to === undefined) {
      const acted = flight.acted.map((each, at) => (at === index ? answer + 1 : each));
      to = this.#intern(flight.client, acted);
      flight.arrived.set(key, to);
    }
    return to;
  }

  /** The client hears an answer; `undefined`: a wait is over, or a draw is granted. */
  heard(flight: Flight, index: number, answer?: number): Landing {
    const key = index * 2 ** 24 + (answer ?? -1) + 1;
    let landing = flight.heard.get(key);
    if (landing === undefined) {
      const effect = flight.client.effects[index] as Effect;
      landing = this.#landed(flight, this.clients.answer(flight.client, effect, answer), effect.at);
      flight.heard.set(key, landing);
    }
    return landing;
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
      begun: []
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
      stopped: this.#onTheWay(flight, at => stopped.includes(at)),
      begun: next.effects.flatMap(({ at, call }) => (call !== undefined && begun.has(at) ? [call] : []))
    };
  }

  /** Requests that have not arrived and would change something. */
  #onTheWay({ client, acted }: Flight, which: (path: string) => boolean): number[] {
    return client.effects.flatMap(({ at, call }, index) =>
      call !== undefined && acted[index] === 0 && this.#changes(call.op) && which(at) ? [this.call(call)] : []
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
      isEnd: client.tree.snapshot.status === 'done',
      arrived: new Map(),
      heard: new Map()
    }));
  }
}
