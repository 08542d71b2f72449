// The world of a plan: a simulator with shelf, faults and rules, a journal that lasts, and the truth about every file.
import { memoryJournal } from '../../src/events/memory-journal.ts';
import type { Journal, Ports } from '../../src/ports.ts';
import { PROFILES } from '../../src/servers/profiles.ts';
import {
  createSimulator,
  type Simulator,
  seededRandom,
  type VirtualClock,
  virtualClock
} from '../../src/simulator/index.ts';
import type { UploadSpec } from '../../src/spec.ts';
import { type MemoryTarget, memoryTarget } from '../download/memory-target.ts';
import { addressOf, bytesIn, seedOf, specOf } from './contents.ts';
import type { Plan } from './plan.ts';

export const PASSWORD = 'canary-password-31e8';
/** After how long without an answer a call is given up, in milliseconds. */
const STALL_MS = 5_000;

export interface World {
  readonly clock: VirtualClock;
  readonly simulator: Simulator;
  readonly ports: Ports;
  readonly journal: BreakableJournal;
  /** What the files of the job hold. */
  readonly truth: ReadonlyMap<string, Uint8Array>;
  readonly target: MemoryTarget;
}

/** A disk that can be full. */
export interface BreakableJournal extends Journal {
  isBroken: boolean;
}

export function worldOf({ seed, job, server, shelf, line, faults }: Plan): World {
  const clock = virtualClock();
  const files = job.kind === 'upload' ? job.files : (shelf ?? []);
  const pulled = files.filter(({ pull }) => pull !== undefined);
  const simulator = createSimulator({
    clock,
    seed,
    users: { user: PASSWORD, other: PASSWORD },
    profile: PROFILES[server.profile],
    rules: server.rules,
    sessionTimeoutMs: server.sessionTimeoutMs,
    bandwidth: server.bandwidth,
    libraries: [{ name: 'images', items: shelf === undefined ? [] : [{ name: 'item', files: shelf.map(seedOf) }] }],
    pull: { sources: Object.fromEntries(pulled.map(file => [addressOf(file), bytesIn(file)])) }
  });
  for (const fault of faults) simulator.inject(fault);
  const journal = breakable(memoryJournal());
  const ports = simulator.connect({
    journal,
    random: seededRandom(seed + 1),
    latencyMs: line.latencyMs,
    stallMs: STALL_MS
  });
  const target = memoryTarget();
  if (job.kind === 'download') for (const file of job.folder) target.kept.set(file.name, bytesIn(file));
  return { clock, simulator, ports, journal, truth: new Map(files.map(file => [file.name, bytesIn(file)])), target };
}

/** What the upload is told to do. */
export function uploadSpecOf(job: Extract<Plan['job'], { kind: 'upload' }>): UploadSpec {
  const { files, ifExists, parallel, deadlineMs } = job;
  return {
    to: 'images/item',
    files: files.map(specOf),
    ifExists,
    parallel,
    ...(deadlineMs !== undefined && { deadlineMs })
  };
}

function breakable(journal: Journal): BreakableJournal {
  return {
    isBroken: false,
    async append(records) {
      if (this.isBroken) throw new Error('the disk is full');
      await journal.append(records);
    },
    read: run => journal.read(run)
  };
}
