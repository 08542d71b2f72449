// The stage for scenarios: a simulator, a client through one of its doors, and a run whose end is held against everything
// that must hold at the end of every run.
import { expect, onTestFinished } from 'vitest';
import type { UploadPolicy } from '../../machines/workflow/upload-facts.ts';
import { systemClock } from '../../src/adapters/clock.ts';
import { type ConnectOptions, connect } from '../../src/connect.ts';
import { memoryJournal } from '../../src/events/memory-journal.ts';
import type { RunEvent } from '../../src/events/records.ts';
import type { Progress } from '../../src/observe/progress.ts';
import type { Clock, Journal, Ports, Random } from '../../src/ports.ts';
import type { Report } from '../../src/report.ts';
import {
  createSimulator,
  type PortOptions,
  type Simulator,
  type SimulatorOptions,
  seededRandom,
  type VirtualClock,
  virtualClock
} from '../../src/simulator/index.ts';
import { createRetryBudget } from '../../src/retry-budget.ts';
import type { UploadSpec } from '../../src/spec.ts';
import { type UploadRun, upload } from '../../src/upload.ts';
import { broken, standingOf, visibleIn } from '../invariants/upload.ts';
import { type Witness, witness } from '../invariants/witness.ts';

export const PASSWORD = 'canary-password-91c4';
/** Patience that a test can afford where time is real. */
const SHORT: Partial<UploadPolicy> = { baseMs: 5, capMs: 40, watchMs: 40, pollMs: 10 };

export interface Stage {
  readonly simulator: Simulator;
  readonly clock: Clock;
  readonly ports: Ports;
  /** Runs one upload to its end, and holds that end against all invariants. */
  play(spec: UploadSpec, options?: PlayOptions): Promise<Ended>;
}
export interface VirtualStage extends Stage {
  readonly clock: VirtualClock;
}
export interface PlayOptions {
  readonly policy?: Partial<UploadPolicy>;
  readonly signal?: AbortSignal;
  readonly run?: string;
  /** Told every event as it happens. */
  readonly on?: (event: RunEvent, run: UploadRun) => void;
  /** What the files hold, where the spec names them by path or address. */
  readonly truth?: ReadonlyMap<string, Uint8Array>;
  /** What must never be told, besides what the stage itself knows. */
  readonly secrets?: readonly string[];
  /** Whether something else than `signal` and `on` ends the run. */
  readonly canceled?: boolean;
  /** Is handed the ports just before the run begins: for a disk that is full, a clock that stands. */
  readonly ports?: (ports: Ports) => Ports;
}
export interface Ended {
  readonly report: Report;
  readonly events: readonly RunEvent[];
  readonly progress: readonly Progress[];
  readonly witness: Witness;
}

type SimulatorSettings = Partial<Omit<SimulatorOptions, 'clock' | 'random'>>;

/** The port door, where time is virtual and an hour costs nothing. */
export function portStage(settings: SimulatorSettings = {}, options: PortOptions = {}): VirtualStage {
  const clock = virtualClock();
  const { random, drawn } = remembering(settings.seed ?? 1);
  const simulator = createSimulator({ users: { user: PASSWORD }, ...settings, clock, random });
  const ports = simulator.connect({ journal: memoryJournal(), latencyMs: 1, ...options });
  return {
    simulator,
    clock,
    ports,
    play: async (spec, options = {}) => {
      const ended = await playOn(simulator, ports, drawn, spec, options, async work => {
        const report = await clock.run(work);
        // What the server does late, after the client gave up, it has done by then.
        await clock.advanceBy(10_000);
        return report;
      });
      expect(clock.waiting, 'something of the run still sleeps').toBe(0);
      return ended;
    }
  };
}

interface HttpOptions extends Partial<ConnectOptions> {
  /** Of both sides; that of the system unless said otherwise. */
  readonly clock?: Clock;
  readonly journal?: Journal;
  /** Whether the simulator speaks TLS; the client trusts it then. */
  readonly tls?: boolean;
  /** Puts something between client and simulator: told the address of the one, it answers where the other shall go. */
  readonly through?: (url: string) => Promise<string>;
}

/** The real client over a loopback socket. Time is real, and patience short. */
export async function httpStage(settings: SimulatorSettings = {}, options: HttpOptions = {}): Promise<Stage> {
  const { clock = systemClock(), ...more } = options;
  const { simulator, ports, drawn } = await overHttp(clock, settings, more);
  const play: Stage['play'] = (spec, its = {}) =>
    playOn(simulator, ports, drawn, spec, { ...its, policy: { ...SHORT, ...its.policy } }, work => work);
  return { simulator, clock, ports, play };
}

/** The same, but both sides read a virtual clock, which moves on while real work is done. */
export async function timelessHttpStage(settings: SimulatorSettings = {}): Promise<VirtualStage> {
  const clock = virtualClock();
  const { simulator, ports, drawn } = await overHttp(clock, settings, {});
  const play: Stage['play'] = (spec, its = {}) =>
    playOn(simulator, { ...ports, clock }, drawn, spec, its, async work => {
      let settled = false;
      const end = () => {
        settled = true;
      };
      work.then(end, end);
      while (!settled) await clock.advanceToNext();
      return work;
    });
  return { simulator, clock, ports, play };
}

async function overHttp(clock: Clock, settings: SimulatorSettings, options: HttpOptions) {
  const { random, drawn } = remembering(settings.seed ?? 1);
  const simulator = createSimulator({ users: { user: PASSWORD }, ...settings, clock, random });
  onTestFinished(() => simulator.close());
  const { tls = false, through = (url: string) => Promise.resolve(url), ...connecting } = options;
  const { url, caPem: ca } = await simulator.listen({ tls });
  const connection = await connect({
    url: await through(url),
    ca,
    username: 'user',
    password: PASSWORD,
    budget: createRetryBudget(),
    ...connecting
  });
  onTestFinished(() => connection.close());
  const { library, bytes, hasher, budget, journal, serverName, probe, random: chance } = connection;
  const ports = { library, bytes, hasher, budget, journal, serverName, probe, random: chance, clock };
  return { simulator, drawn, ports };
}

/** A run in a world of somebody else's making. */
export function playIn(
  { simulator, ports, clock }: { simulator: Simulator; ports: Ports; clock: VirtualClock },
  spec: UploadSpec,
  options: PlayOptions = {}
): Promise<Ended> {
  return playOn(simulator, ports, [], spec, options, async work => {
    const report = await clock.run(work);
    // What the server does late, after the client gave up, it has done by then.
    await clock.advanceBy(10_000);
    return report;
  });
}

async function playOn(
  simulator: Simulator,
  ports: Ports,
  drawn: readonly string[],
  spec: UploadSpec,
  options: PlayOptions,
  drive: (work: Promise<Report>) => Promise<Report>
): Promise<Ended> {
  const before = standingOf(simulator);
  const seen = witness(options.ports?.(ports) ?? ports, () => visibleIn(simulator));
  const { policy, signal, run: id, on } = options;
  let asked = options.canceled === true || signal !== undefined;
  const run = upload(seen.ports, spec, { policy, signal, run: id });
  const watched: UploadRun = {
    ...run,
    cancel: reason => {
      asked = true;
      run.cancel(reason);
    }
  };
  const events: RunEvent[] = [];
  const progress: Progress[] = [];
  run.timeline$.subscribe(event => {
    events.push(event);
    on?.(event, watched);
  });
  run.progress$.subscribe(value => progress.push(value));
  let atEnd = before;
  const report = await drive(
    run.report.then(its => {
      atEnd = standingOf(simulator);
      return its;
    })
  );
  const problems = await broken({
    simulator,
    witness: seen,
    report,
    events,
    progress,
    truth: options.truth ?? (await truthOf(spec)),
    before,
    atEnd,
    secrets: [PASSWORD, ...drawn, ...(options.secrets ?? [])],
    canceled: asked,
    parallel: spec.parallel ?? 3,
    retryAfterCapMs: policy?.retryAfterCapMs ?? 60_000
  });
  expect(problems.join('; '), `${report.outcome} (${report.failure?.message ?? ''})`).toBe('');
  return { report, events, progress, witness: seen };
}

async function truthOf(spec: UploadSpec): Promise<ReadonlyMap<string, Uint8Array>> {
  const truth = new Map<string, Uint8Array>();
  for (const file of spec.files) {
    // What the server fetches the test has to tell.
    if (typeof file === 'string' || 'pull' in file) continue;
    const chunks: Uint8Array[] = [];
    try {
      for await (const chunk of file.source.read()) chunks.push(Uint8Array.from(chunk));
    } catch {
      // what cannot be read must not be there
    }
    truth.set(file.name, Buffer.concat(chunks));
  }
  return truth;
}

/** Chance that remembers every login token it drew: they are UUIDs without dashes. */
function remembering(seed: number): { random: Random; drawn: string[] } {
  const chance = seededRandom(seed);
  const drawn: string[] = [];
  const uuid = () => {
    const id = chance.uuid();
    drawn.push(id.replaceAll('-', ''));
    return id;
  };
  return { random: { next: chance.next, uuid }, drawn };
}

/** The calls that the server saw, by name. */
export function opsOf({ simulator }: Stage): string[] {
  return simulator.requests.map(({ op }) => op);
}

/** Sessions and items on the server, as it sees them itself. */
export function left({ simulator }: Stage): { sessions: string[]; items: string[] } {
  return {
    sessions: simulator.state.sessions.flatMap(bucket =>
      Object.values(bucket).map(({ state }) => (typeof state === 'string' ? state : String(Object.keys(state)[0])))
    ),
    items: simulator.state.items.flatMap(bucket => Object.values(bucket).map(({ name }) => name))
  };
}
