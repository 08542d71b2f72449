// The world of a plan: a simulator with shelf, faults and rules, a journal that lasts, and the truth about every file.
import { memoryJournal } from '../../src/events/memory-journal.ts';
import type { SessionOwner } from '../../machines/workflow/calls.ts';
import type { Journal, Ports, ServerProfile } from '../../src/ports.ts';
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
import { capitals, cutting } from './lies.ts';
import { bytesIn, diskOf, fetchable, seedOf, specOf, truthOf } from './contents.ts';
import { isPackage, type Plan } from './plan.ts';

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
  /** Sessions of others of which the journal knows. */
  readonly owners: Map<string, SessionOwner>;
}

export const RUN = '5f0c2a3e-7d1b-4c55-9a44-0d6c1f2b3a4d';

/** A disk that can be full. */
export interface BreakableJournal extends Journal {
  isBroken: boolean;
}

export function worldOf({ seed, job, server, shelf, line, faults }: Plan): World {
  const clock = virtualClock();
  const files = job.kind === 'upload' ? job.files : (shelf ?? []);
  const owners = new Map<string, SessionOwner>();
  const type = files.some(({ name }) => /\.(ovf|ova)$/.test(name)) ? 'ovf' : '';
  const simulator = createSimulator({
    clock,
    seed,
    users: { user: PASSWORD, other: PASSWORD },
    profile: profileOf(server),
    rules: server.rules,
    sessionTimeoutMs: server.sessionTimeoutMs,
    bandwidth: server.bandwidth,
    libraries: [
      { name: 'images', items: shelf === undefined ? [] : [{ name: 'item', type, files: shelf.map(seedOf) }] }
    ],
    pull: { sources: fetchable(files) }
  });
  for (const fault of faults) simulator.inject(fault);
  const journal = breakable(memoryJournal(), owners);
  const connected = simulator.connect({
    journal,
    random: seededRandom(seed + 1),
    latencyMs: line.latencyMs,
    stallMs: STALL_MS
  });
  const ports: Ports = {
    ...connected,
    ...(server.digests === 'capitals' && { library: capitals(connected.library) }),
    ...(line.cutsFetchAt !== undefined && { bytes: cutting(connected.bytes, line.cutsFetchAt) }),
    ...(job.kind === 'upload' && job.as !== undefined && { disk: diskOf(files, job.as) })
  };
  const target = memoryTarget();
  if (job.kind === 'download') for (const file of job.folder) target.kept.set(file.name, bytesIn(file));
  return { clock, simulator, ports, journal, truth: truthOf(files), target, owners };
}

function profileOf({ profile, tokens, digests }: Plan['server']): ServerProfile {
  return {
    ...PROFILES[profile],
    ...(tokens === false && { tokenPlace: 'none' as const }),
    ...(digests === 'none' && { reportsDigest: false })
  };
}

/** What the upload is told to do. */
export function uploadSpecOf(job: Extract<Plan['job'], { kind: 'upload' }>): UploadSpec {
  const { files, as, ifExists, parallel, deadlineMs, onBusy, force, acceptWarnings } = job;
  return {
    to: 'images/item',
    files: as === undefined ? files.map(specOf) : [`/shelf/vm.${as}`],
    ifExists,
    parallel,
    ...(deadlineMs !== undefined && { deadlineMs }),
    ...(onBusy !== undefined && { onBusy }),
    ...(force && onBusy === 'take-over' && { force }),
    ...(acceptWarnings && isPackage(job) && { acceptWarnings: ['SELF_SIGNED_CERTIFICATE'] as const })
  };
}

function breakable(journal: Journal, owners: ReadonlyMap<string, SessionOwner>): BreakableJournal {
  return {
    isBroken: false,
    async append(records) {
      if (this.isBroken) throw new Error('the disk is full');
      await journal.append(records);
    },
    read: run => journal.read(run),
    // Our own, as far as the journal has been told of it, and those of others.
    async ownersOf(sessions) {
      const told = JSON.stringify(await journal.read(RUN));
      return sessions.flatMap((session): SessionOwner[] => {
        const other = owners.get(session);
        if (other !== undefined) return [other];
        return told.includes(`"sessionId":"${session}"`) ? [{ session, run: RUN, standing: 'alive' }] : [];
      });
    }
  };
}
