// A world in which everything is well, for checks that are to find one thing wrong in it.
import { type Failure, failure, type FailureCode } from '../../machines/vocabulary.ts';
import type { Check, Examination, Finding, Means, Server, Settings } from '../../src/doctor/check.ts';
import { examine } from '../../src/doctor/examine.ts';
import { memoryJournal } from '../../src/events/memory-journal.ts';
import { PortFailure } from '../../src/ports.ts';
import type { Reach, Shown, Where } from '../../src/reach.ts';
import { createSimulator, type Simulator, type SimulatorOptions, virtualClock } from '../../src/simulator/index.ts';

export const WHERE: Where = { secure: true, host: 'vc.example', port: 443, place: 'vc.example:443' };
export const NOW = Date.parse('2026-06-01T12:00:00Z');
export const DAY_MS = 86_400_000;

export const SHOWN: Shown = {
  subject: 'CN=vc.example',
  issuer: 'CN=house authority',
  validFrom: NOW - DAY_MS,
  validUntil: NOW + 365 * DAY_MS,
  sha256: 'AA:BB',
  ownName: true,
  chain: [],
  protocol: 'TLSv1.3'
};

export const SETTINGS: Settings = {
  where: WHERE,
  username: 'ada',
  origins: [{ what: 'address', from: '--url' }],
  insecure: false,
  pinned: false
};

export interface Patient {
  readonly means: Means;
  readonly simulator: Simulator;
  /** Makes these checks, and finds what they found. */
  look(...checks: readonly Check[]): Promise<readonly Finding[]>;
}

export function reachOf(more: Partial<Reach> = {}): Reach {
  return {
    lookUp: async () => ['192.0.2.7'],
    dial: async () => ({ tookMs: 3 }),
    greet: async () => SHOWN,
    ask: async () => ({ status: 401, serverNow: NOW, now: NOW, tookMs: 12 }),
    leadsTo: () => ({ to: WHERE, withLogin: true }),
    ...more
  };
}

export function patient(
  more: Partial<Means> & { reaches?: Partial<Reach>; house?: Partial<SimulatorOptions> } = {}
): Patient {
  const { reaches, house, ...own } = more;
  const clock = virtualClock(NOW);
  const simulator = createSimulator({ ...house, clock });
  const ports = simulator.connect({ journal: memoryJournal() });
  const server: Server = { ...ports, version: '8.0.3', freeSpace: async () => undefined };
  const means: Means = {
    clock,
    signal: new AbortController().signal,
    node: 'v22.1.0',
    settings: async () => SETTINGS,
    reach: async () => reachOf(reaches),
    connect: async () => server,
    journal: async () => ({ path: '/state/journal.db', journal: memoryJournal(), unfinished: 0 }),
    freeBytes: async () => 2 ** 40,
    findLibrary: async ({ library }) => library.getLibrary((await library.findLibraries({ name: 'images' }))[0]!),
    ...own
  };
  return { means, simulator, look: (...checks) => clock.run(examine(checks, means)) };
}

export function refusing(code: FailureCode, message = 'so it is', more: Partial<Failure> = {}): () => Promise<never> {
  return async () => {
    throw new PortFailure(failure(code, message, more));
  };
}

/** A check that knows already what it needs. */
export function knowing(check: Check, known: Partial<Examination>): Check {
  return { id: check.id, look: its => check.look(Object.assign(its, known)) };
}
