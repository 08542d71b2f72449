// One download over a line, and its end: what the folder holds and what the server holds, held against what the item holds.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type DownloadRun, download } from '../../src/download.ts';
import type { DownloadReport } from '../../src/download-report.ts';
import type { RunEvent } from '../../src/events/records.ts';
import type { SimulatorOptions } from '../../src/simulator/index.ts';
import { emptyFolder } from '../download/folder.ts';
import { memoryTarget } from '../download/memory-target.ts';
import { activeDownloads, brokenDownload } from '../invariants/download.ts';
import { bytesFrom } from '../scenarios/download-stage.ts';
import { PASSWORD } from '../scenarios/stage.ts';
import { type Lined, POLICY } from './lines.ts';
import { ALL } from './sweep.ts';

export const FILES: ReadonlyMap<string, Uint8Array> = new Map([['fox.bin', bytesFrom(7, 48_000)]]);

/** `images/fox` holds the files. */
export const HELD: Partial<SimulatorOptions> = {
  rules: { preparingMs: 40 },
  libraries: [
    {
      name: 'images',
      items: [
        {
          name: 'fox',
          files: [...FILES].map(([name, bytes]) => ({ name, base64: Buffer.from(bytes).toString('base64') }))
        }
      ]
    }
  ]
};

export interface Plot {
  readonly on?: (event: RunEvent) => void;
  /** Told after `on`. */
  readonly meanwhile?: (event: RunEvent, run: DownloadRun) => void;
  /** So many bytes fit into the folder. */
  readonly full?: number;
  readonly policy?: object;
}

/** With all cases, into a real folder; a memory is quicker. */
export async function fetched({ simulator, ports }: Lined, plot: Plot = {}): Promise<DownloadReport> {
  const { on, meanwhile, full, policy } = plot;
  const folder = ALL && full === undefined ? emptyFolder() : undefined;
  const memory = memoryTarget(full);
  const run = download(ports, { from: 'images/fox', to: folder ?? memory }, { policy: { ...POLICY, ...policy } });
  let canceled = false;
  const watched: DownloadRun = {
    ...run,
    cancel: reason => {
      canceled = true;
      run.cancel(reason);
    }
  };
  const events: RunEvent[] = [];
  run.timeline$.subscribe(event => {
    events.push(event);
    on?.(event);
    meanwhile?.(event, watched);
  });
  const report = await run.report;
  const problems = brokenDownload({
    simulator,
    report,
    events,
    truth: FILES,
    before: new Map(),
    ...(folder === undefined ? { kept: memory.kept, parts: memory.parts } : standingIn(folder)),
    ifExists: 'fail',
    canceled,
    active: activeDownloads(simulator),
    secrets: [PASSWORD]
  });
  expect(problems.join('; '), `${report.outcome} (${report.failure?.message ?? ''})`).toBe('');
  return report;
}

function standingIn(folder: string): { kept: Map<string, Uint8Array>; parts: Map<string, Uint8Array> } {
  const kept = new Map<string, Uint8Array>();
  const parts = new Map<string, Uint8Array>();
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    (FILES.has(name) ? kept : parts).set(name, readFileSync(join(folder, name)));
  }
  return { kept, parts };
}
