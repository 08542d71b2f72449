// The stage for downloads: a simulator that holds an item, a folder in memory, and a run whose end is held against everything
// that must hold at the end of every download.
import { expect } from 'vitest';
import { type DownloadRun, download } from '../../src/download.ts';
import type { DownloadReport } from '../../src/download-report.ts';
import type { DownloadSpec } from '../../src/download-spec.ts';
import { memoryJournal } from '../../src/events/memory-journal.ts';
import type { RunEvent } from '../../src/events/records.ts';
import type { Ports } from '../../src/ports.ts';
import {
  createSimulator,
  type Simulator,
  type SimulatorOptions,
  seededRandom,
  type VirtualClock,
  virtualClock
} from '../../src/simulator/index.ts';
import { upload } from '../../src/upload.ts';
import { type MemoryTarget, memoryTarget } from '../download/memory-target.ts';
import { activeDownloads, brokenDownload } from '../invariants/download.ts';
import { bytesOf } from '../run/bytes.ts';

export interface DownloadStage {
  readonly simulator: Simulator;
  readonly clock: VirtualClock;
  readonly ports: Ports;
  readonly truth: ReadonlyMap<string, Uint8Array>;
  play(options?: PlayDownload): Promise<Played>;
}
export interface PlayDownload extends Partial<Omit<DownloadSpec, 'from' | 'to'>> {
  readonly target?: MemoryTarget;
  readonly signal?: AbortSignal;
  readonly on?: (event: RunEvent, run: DownloadRun) => void;
  readonly ports?: (ports: Ports) => Ports;
  /** The content of the item changes under the run: what is held against it is what it holds at the end. */
  readonly changes?: boolean;
}
export interface Played {
  readonly report: DownloadReport;
  readonly events: readonly RunEvent[];
  readonly target: MemoryTarget;
}

const PASSWORD = 'canary-password-5d20';

/** `images/item` holds `files`; faults begin when they are there. */
export async function downloadStage(
  files: Readonly<Record<string, Uint8Array>>,
  settings: Partial<Omit<SimulatorOptions, 'clock'>> = {}
): Promise<DownloadStage> {
  const clock = virtualClock();
  const { faults, ...rest } = settings;
  const simulator = createSimulator({ users: { user: PASSWORD }, ...rest, clock });
  const ports = simulator.connect({ journal: memoryJournal(), latencyMs: 1, stallMs: 5_000 });
  const sources = Object.entries(files).map(([name, bytes]) => ({ name, source: bytesOf(bytes) }));
  const sent = await clock.run(upload(ports, { to: 'images/item', files: sources }).report);
  expect(sent.outcome).toBe('done');
  for (const fault of (faults ?? []) as Parameters<Simulator['inject']>[0][]) simulator.inject(fault);
  const truth = new Map(Object.entries(files));
  return { simulator, clock, ports, truth, play: options => play({ simulator, clock, ports, truth }, options) };
}

async function play(stage: Omit<DownloadStage, 'play'>, options: PlayDownload = {}): Promise<Played> {
  const { simulator, clock, truth } = stage;
  const { target = memoryTarget(), signal, on, ports = its => its, changes, ...spec } = options;
  const before = new Map(target.kept);
  let asked = signal !== undefined;
  const run = download(ports(stage.ports), { ...spec, from: 'images/item', to: target }, { signal });
  const watched: DownloadRun = {
    ...run,
    cancel: reason => {
      asked = true;
      run.cancel(reason);
    }
  };
  const events: RunEvent[] = [];
  run.timeline$.subscribe(event => {
    events.push(event);
    on?.(event, watched);
  });
  let active: string[] = [];
  const report = await clock.run(
    run.report.then(its => {
      active = activeDownloads(simulator);
      return its;
    })
  );
  await clock.advanceBy(10_000);
  const problems = brokenDownload({
    simulator,
    report,
    events,
    truth: changes ? target.kept : truth,
    before,
    kept: target.kept,
    parts: target.parts,
    ifExists: spec.ifExists ?? 'fail',
    canceled: asked,
    active,
    secrets: [PASSWORD]
  });
  expect(problems.join('; '), `${report.outcome} (${report.failure?.message ?? ''})`).toBe('');
  return { report, events, target };
}

/** Bytes that differ from place to place, so that a wrong offset shows. */
export function bytesFrom(seed: number, size: number): Uint8Array {
  const random = seededRandom(seed);
  return Uint8Array.from({ length: size }, () => Math.floor(random.next() * 256));
}
