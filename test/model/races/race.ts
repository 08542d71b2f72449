// One upload in a world in which fast-check orders what happens, judged at its end as every other run is.
import type { RunEvent } from '../../../src/events/records.ts';
import { memoryJournal } from '../../../src/events/memory-journal.ts';
import type { Progress } from '../../../src/observe/progress.ts';
import type { Journal, Ports } from '../../../src/ports.ts';
import type { Report } from '../../../src/report.ts';
import {
  createSimulator,
  type Simulator,
  type SimulatorOptions,
  seededRandom,
  type VirtualClock,
  virtualClock
} from '../../../src/simulator/index.ts';
import type { UploadSpec } from '../../../src/spec.ts';
import { type UploadRun, upload } from '../../../src/upload.ts';
import { broken, type Evidence, standingOf, visibleIn } from '../../invariants/upload.ts';
import { type Witness, witness } from '../../invariants/witness.ts';
import { inPieces, inTurns, late, type Order, ordered } from './order.ts';

export const PASSWORD = 'canary-password-7e02';
const PARALLEL = 2;

export interface World {
  readonly order: Order;
  readonly clock: VirtualClock;
  readonly simulator: Simulator;
  /** What has gone well on the server, in its order. */
  readonly landed: { readonly who: string; readonly op: string }[];
}
export interface Racing {
  readonly run: UploadRun;
  readonly witness: Witness;
  /** What it was, once it has ended; and every promise that it broke. */
  ended(): Promise<Ended>;
}
export interface Ended {
  readonly report: Report;
  readonly problems: readonly string[];
  readonly evidence: Evidence;
}
export interface Entrant {
  readonly name?: string;
  readonly user?: 'ann' | 'bob';
  readonly journal?: Journal;
  readonly signal?: AbortSignal;
  /** Whether somebody asks it to end. */
  readonly canceled?: boolean;
  readonly spec?: Partial<UploadSpec>;
  /** How long its sources stand still between two pieces. */
  readonly pauseMs?: number;
  /** Whether the connection breaks under its first call of that name. */
  readonly loses?: string;
  /** Told of every call that it is about to make. */
  before?(op: string, run: () => UploadRun, events: readonly RunEvent[]): void;
}

export function worldOf(order: Order, settings: Partial<Omit<SimulatorOptions, 'clock'>> = {}): World {
  const clock = virtualClock();
  const libraries = [{ name: 'images', items: [{ name: 'old', files: [{ name: 'a.bin', text: 'as it was' }] }] }];
  const simulator = createSimulator({ users: { ann: PASSWORD, bob: PASSWORD }, libraries, ...settings, clock });
  return { order, clock, simulator, landed: [] };
}

/** What an entrant sends, by name: nobody else sends the same. */
export function truthOf(name: string): ReadonlyMap<string, Uint8Array> {
  const bytes = (file: string) => new TextEncoder().encode(`${file} of ${name}, `.repeat(8));
  return new Map(['a.bin', 'b.bin'].map(file => [file, bytes(file)]));
}

/** Begins an upload; it comes on as the order lets it. */
export function enter({ order, simulator, clock, landed }: World, entrant: Entrant = {}): Racing {
  const { name = 'run', user = 'ann', signal, before = () => undefined } = entrant;
  const journal = entrant.journal ?? memoryJournal();
  const truth = truthOf(name);
  const own: Ports = {
    ...simulator.connect({ journal, username: user, random: seededRandom(name === 'one' ? 1 : 2), latencyMs: 0 })
  };
  const standing = standingOf(simulator);
  const events: RunEvent[] = [];
  let run: UploadRun | undefined;
  let lost = entrant.loses;
  const ports = ordered(order, own, name, {
    before: op => before(op, () => run as UploadRun, events),
    landed: op => landed.push({ who: name, op }),
    loses: op => {
      if (op !== lost) return false;
      lost = undefined;
      return true;
    }
  });
  const seen = witness(ports, () => visibleIn(simulator));
  const { pauseMs } = entrant;
  const pause = pauseMs === undefined ? undefined : (its?: AbortSignal) => clock.sleepUntil(clock.now() + pauseMs, its);
  const files = [...truth].map(([file, bytes]) => ({
    name: file,
    source: inPieces(order, bytes, `${name} ${file}`, pause)
  }));
  const spec: UploadSpec = { to: 'images/old', files, parallel: PARALLEL, ...entrant.spec };
  run = upload(seen.ports, spec, { signal });
  const progress: Progress[] = [];
  run.timeline$.subscribe(event => events.push(event));
  run.progress$.subscribe(its => progress.push(its));
  const reported = run.report.then(report => ({ report, atEnd: standingOf(simulator) }));
  return {
    run,
    witness: seen,
    ended: async () => {
      const { report, atEnd } = await reported;
      const evidence: Evidence = {
        simulator,
        witness: seen,
        report,
        events,
        progress,
        truth,
        before: standing,
        atEnd,
        secrets: [PASSWORD],
        canceled: entrant.canceled === true,
        parallel: PARALLEL,
        retryAfterCapMs: 60_000
      };
      const problems = await broken(evidence);
      if (clock.waiting > 0) problems.push('something of the run still sleeps');
      return { report, problems, evidence };
    }
  };
}

/** Plays one upload to its end, and lets what is still on its way arrive. */
export async function raced(world: World, entrant: Entrant = {}): Promise<Ended> {
  const racing = enter(world, entrant);
  await inTurns(world.order, world.clock, racing.run.report);
  await late(world.order, world.clock);
  return racing.ended();
}

/** What `op` was answered, in the order in which the answers came. */
export function answersOf({ calls }: Witness, op: string): string[] {
  return calls.filter(its => its.op === op).map(({ failed }) => failed ?? 'ok');
}
