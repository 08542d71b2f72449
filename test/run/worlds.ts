// Seeded worlds for the tests of whole runs: a simulator with faults, a client, files; the same seed is the same world.
import { wordOf } from '../../machines/law.ts';
import { memoryJournal } from '../../src/events/memory-journal.ts';
import type { Ports } from '../../src/ports.ts';
import {
  createSimulator,
  seededRandom,
  type Simulator,
  type VirtualClock,
  virtualClock
} from '../../src/simulator/index.ts';
import { values } from '../../src/simulator/service/table.ts';
import type { UploadSpec } from '../../src/spec.ts';
import { bytesOf } from './bytes.ts';

export interface World {
  readonly clock: VirtualClock;
  readonly simulator: Simulator;
  readonly ports: Ports;
  readonly spec: UploadSpec;
}

const CALLS = ['library.find', 'item.find', 'item.create', 'session.*', 'file.*', 'put', '*'];
const ANYWHERE = [
  { do: 'refuse' },
  { do: 'answer', status: 503, retryAfter: 2 },
  { do: 'answer', status: 500 },
  { do: 'loseAnswer' },
  { do: 'late', delayMs: 900 },
  { do: 'stall' }
];
const IN_A_BODY = [{ do: 'reset', afterBytes: 100 }, { do: 'corrupt', atByte: 3 }, { do: 'transferError' }].map(
  its => ({ ...its, on: 'put' })
);
const ON_A_SESSION = ['session.get', 'file.add', 'put', 'session.complete'].map(on => ({ do: 'expireSession', on }));

export function worldOf(seed: number): World {
  const random = seededRandom(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random.next() * list.length)] as T;
  const faults = Array.from({ length: Math.floor(random.next() * 4) }, () => ({
    ...pick<object>([...ANYWHERE.map(its => ({ ...its, on: pick(CALLS) })), ...IN_A_BODY, ...ON_A_SESSION]),
    times: 1 + Math.floor(random.next() * 2),
    skip: Math.floor(random.next() * 3)
  }));
  const clock = virtualClock();
  const simulator = createSimulator({ clock, seed, libraries: ['images'], faults });
  const ports = simulator.connect({
    journal: memoryJournal(),
    random: seededRandom(seed + 1),
    latencyMs: [1, 20],
    stallMs: 5_000
  });
  const files = Array.from({ length: 1 + Math.floor(random.next() * 4) }, (_, index) => ({
    name: `disk${index}.bin`,
    source: bytesOf(new Uint8Array(Math.floor(random.next() * 5_000)).fill(index + 1))
  }));
  return { clock, simulator, ports, spec: { to: 'images/item', files } };
}

/** What may not be left on the server when a run has ended: a session of ours that is ACTIVE. */
export function activeSessions({ simulator }: World): string[] {
  return values(simulator.state.sessions)
    .filter(({ state }) => wordOf(state) === 'ACTIVE')
    .map(({ id }) => id);
}

export function itemNames({ simulator }: World): string[] {
  return values(simulator.state.items).map(({ name }) => name);
}
