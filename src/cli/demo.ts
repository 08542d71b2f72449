// shelver demo: the main job on this machine alone. A simulated server behind a real socket, a real OVA, a connection that
// breaks and a server that is busy; and a second look at what arrived, which trusts nothing that the run said of itself.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../adapters/clock.ts';
import { connect } from '../connect.ts';
import { download } from '../download.ts';
import type { DownloadReport } from '../download-report.ts';
import type { Report } from '../report.ts';
import { createSimulator, type Fault, type Simulator } from '../simulator/index.ts';
import { upload } from '../upload.ts';
import { renderDownload } from '../view/download-report.ts';
import { renderReport } from '../view/report.ts';
import { sizeOf } from '../view/words.ts';
import { type DemoOva, makeOva } from './demo-ova.ts';
import { exitOfReport } from './exit.ts';
import { type Interrupts, listenForInterrupts } from './interrupts.ts';
import type { Context } from './output.ts';
import { showRun } from './show-run.ts';

const MIB = 1024 * 1024;

/** What is played. */
export interface Scene {
  readonly diskBytes: number;
  readonly bytesPerSecond: number;
  /** The byte of the disk at which the connection breaks. */
  readonly breaksAt: number;
}
/** Slow enough that a person sees the bytes go. */
const SCENE: Scene = { diskBytes: 64 * MIB, bytesPerSecond: 24 * MIB, breaksAt: 24 * MIB };

/** One is met before the first byte, the others in the middle of the disk: on its way there, and on its way back. */
function faultsOf({ breaksAt }: Scene): Fault[] {
  return [
    { on: 'file.add', do: 'answer', status: 503, retryAfter: 1 },
    { on: 'put', file: '*.vmdk', do: 'reset', afterBytes: breaksAt },
    { on: 'get', file: '*.vmdk', do: 'reset', afterBytes: breaksAt }
  ];
}

/** A file of the OVA, as it came back. */
interface Looked {
  readonly name: string;
  readonly size: number;
  readonly sha256: string;
  readonly same: boolean;
}

export async function demoCommand(context: Context, scene = SCENE): Promise<number> {
  const { io, out } = context;
  const interrupts = listenForInterrupts(io, () => out.log('info', 'canceling; once more ends it at once'));
  const folder = await mkdtemp(join(tmpdir(), 'shelver-demo-'));
  const simulator = createSimulator({
    clock: systemClock(),
    libraries: ['images'],
    bandwidth: scene.bytesPerSecond,
    faults: faultsOf(scene)
  });
  try {
    out.log('info', `making an OVA with a disk of ${sizeOf(scene.diskBytes)}, in a folder that is removed afterwards`);
    const ova = await Promise.race([
      makeOva(folder, { name: 'demo', seed: 1, diskBytes: scene.diskBytes }),
      interrupts.rejected
    ]);
    const back = join(folder, 'back');
    await mkdir(back);
    const { report, fetched, path } = await thereAndBack(simulator, ova, back, interrupts, context);
    const looked = fetched?.outcome === 'done' ? await look(back, ova) : [];
    tell(report, fetched, path, looked, context);
    const code = exitOfReport(fetched ?? report, interrupts.caught);
    return code === 0 && !looked.every(file => file.same) ? 1 : code;
  } finally {
    await simulator.close();
    await rm(folder, { recursive: true, force: true });
    interrupts.stop();
  }
}

/** Sends it, and fetches it back if that went well. */
async function thereAndBack(
  simulator: Simulator,
  ova: DemoOva,
  back: string,
  { signal }: Interrupts,
  context: Context
): Promise<{ report: Report; fetched?: DownloadReport; path: string | undefined }> {
  const { out } = context;
  const { url } = await simulator.listen();
  out.log('info', `simulated vCenter Server at ${url}; it will answer 503 once, and break a connection off both ways`);
  const server = await connect({ url, username: 'user', password: 'pass', signal });
  const how = { together: false, path: true };
  try {
    const run = upload(server, { to: 'images/demo', files: [ova.path] }, { signal });
    const shown = showRun(run, server.clock, context, how);
    const report = await run.report;
    const path = await shown.end();
    if (report.outcome !== 'done') return { report, path };
    const fetching = download(server, { from: 'images/demo', to: back }, { signal });
    const seen = showRun(fetching, server.clock, context, { ...how, path: false });
    const fetched = await fetching.report;
    await seen.end();
    return { report, fetched, path };
  } finally {
    await server.close();
  }
}

/** Compares what came back with what was made. The service does not keep the manifest. */
async function look(folder: string, ova: DemoOva): Promise<Looked[]> {
  const wanted = ova.files.filter(file => !file.name.endsWith('.mf'));
  return Promise.all(
    wanted.map(async ({ name, size, sha256 }) => {
      const hash = createHash('sha256');
      let bytes = 0;
      for await (const chunk of createReadStream(join(folder, name))) {
        hash.update(chunk as Buffer);
        bytes += (chunk as Buffer).length;
      }
      const found = hash.digest('hex');
      return { name, size: bytes, sha256: found, same: bytes === size && found === sha256 };
    })
  );
}

function tell(
  report: Report,
  fetched: DownloadReport | undefined,
  path: string | undefined,
  looked: readonly Looked[],
  { out }: Context
): void {
  if (out.json) {
    out.object({
      items: [{ ...report, pathDiagram: path }],
      downloads: fetched === undefined ? [] : [fetched],
      looked
    });
    return;
  }
  out.data(renderReport(report));
  if (fetched === undefined) return;
  out.data(`\n${renderDownload(fetched)}`);
  if (fetched.outcome !== 'done') return;
  out.data('\nwhat came back, beside what was made:\n');
  for (const { name, size, sha256, same } of looked) {
    out.data(`  ${same ? 'same' : 'DIFFERENT'}  ${name}  ${sizeOf(size)}  sha256 ${sha256}\n`);
  }
}
