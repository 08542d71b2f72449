// Every fault at every place of every exchange: how long each exchange is, is measured in a run that goes well, and the same run
// is then struck at the first byte, in the middle and at the last bytes of the way there and of the way back.
import { afterAll, vi } from 'vitest';
import type { RunEvent } from '../../src/events/records.ts';
import { type Strike, type TcpProxy, TOXICS, type Toxic, type Way } from './proxy.ts';

/** All of them take minutes: `SHELVER_SOCKETS=all npx vitest run test/sockets`. */
export const ALL = process.env.SHELVER_SOCKETS === 'all';
if (ALL) vi.setConfig({ testTimeout: 3_600_000, hookTimeout: 600_000 });
let played = 0;
afterAll(() => {
  if (ALL) console.log(`${played} cases`);
});

const PLACES = ['start', 'middle', 'end'] as const;
export type Place = (typeof PLACES)[number];

export const LINES = ['plain', 'TLS'] as const;
export type Line = (typeof LINES)[number];

/** Bytes of an exchange, each way. */
export type Measured = Readonly<Record<Way, number>>;

export interface Case {
  readonly line: Line;
  readonly toxic: Toxic;
  readonly way: Way;
  readonly place: Place;
}

/**
 * All places of all faults, plain and under TLS; or, where that takes too long, every second fault by turns, at another place
 * each `turn`, plain or under TLS by turns.
 */
export function casesFor(turn: number): Case[] {
  const places = (['request', 'answer'] as const).flatMap(way => PLACES.map(place => ({ way, place })));
  if (ALL) return LINES.flatMap(line => TOXICS.flatMap(toxic => places.map(its => ({ line, toxic, ...its }))));
  return TOXICS.map((toxic, index) => ({
    line: LINES[((turn >> 1) + (index >> 1)) % 2]!,
    toxic,
    ...places[(turn * 5 + index) % places.length]!
  })).filter(({ toxic }, index) => (index + turn) % 2 === 0 && toxic !== 'stall');
}

/** Where not all cases are played: each exchange stalls once. They wait together for the end of their patience. */
export function stallsOf(exchanges: readonly string[]): (Case & { readonly exchange: string })[] {
  if (ALL) return [];
  return exchanges.map((exchange, turn) => ({
    exchange,
    line: LINES[turn % 2]!,
    toxic: 'stall',
    way: turn % 3 === 0 ? 'request' : 'answer',
    place: PLACES[(turn >> 1) % 3]!
  }));
}

export function strikeOf({ toxic, way, place }: Case, measured: Measured | undefined): Strike {
  if (measured === undefined) throw new Error('the good run has no such exchange');
  const length = measured[way];
  // A handshake is a byte or two longer or shorter each time, as signatures are.
  const last = Math.max(0, length - 4);
  return { toxic, way, after: { start: 0, middle: Math.floor(length / 2), end: last }[place] };
}

/** Listens to a run that goes well: what each of its calls took, by name; the second of a name is `name#2`. */
export function measuring(proxy: TcpProxy): { on(event: RunEvent): void; readonly lengths: Map<string, Measured> } {
  const lengths = new Map<string, Measured>();
  const under = new Map<string, { readonly name: string; readonly since: Measured }>();
  const name = naming();
  return {
    lengths,
    on: event => {
      if (event.type === 'call') under.set(event.path, { name: name(event.op), since: { ...proxy.passed } });
      const its = event.type === 'answer' ? under.get(event.path) : undefined;
      if (its === undefined || proxy.passed.request === its.since.request) return;
      // What goes on beside it counts for both, and does so again when it is struck.
      const { request, answer } = proxy.passed;
      lengths.set(its.name, { request: request - its.since.request, answer: answer - its.since.answer });
    }
  };
}

/** Listens to a run, and arms the proxy when the exchange begins. */
export function arming(proxy: TcpProxy, exchange: string, strike: Strike): (event: RunEvent) => void {
  const name = naming();
  return event => {
    if (event.type === 'call' && name(event.op) === exchange) proxy.arm(strike);
  };
}

/** What a good run is like is the same for all that are struck. */
export function remembered<K, V>(make: (key: K) => Promise<V>): (key: K) => Promise<V> {
  const made = new Map<K, Promise<V>>();
  return key => {
    const known = made.get(key) ?? make(key);
    made.set(key, known);
    return known;
  };
}

/** A few at a time: most of them wait most of the time. Says what was struck when something is wrong. */
export async function each<T extends object>(
  list: readonly T[],
  work: (one: T) => Promise<void>,
  atOnce = 4
): Promise<void> {
  const waiting = [...list];
  const next = async (): Promise<void> => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
      const what = Object.values(one).join(', ');
      played += 1;
      await work(one).catch(cause => {
        throw new Error(`${what}: ${cause.message}`, { cause });
      });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, next));
}

function naming(): (op: string) => string {
  const seen = new Map<string, number>();
  return op => {
    const count = (seen.get(op) ?? 0) + 1;
    seen.set(op, count);
    return count === 1 ? op : `${op}#${count}`;
  };
}
