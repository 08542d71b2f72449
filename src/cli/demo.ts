// shelver demo: the main job on this machine alone. A simulated server behind a real socket, a real OVA, a connection that
// breaks and a server that is busy; and a second look at what arrived, which trusts nothing that the run said of itself.
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../adapters/clock.ts';
import { connect } from '../connect.ts';
import type { Report } from '../report.ts';
import { upload } from '../run.ts';
import { createSimulator, type Fault, type Simulator } from '../simulator/index.ts';
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

/** One is met before the first byte, the other in the middle of the disk. */
function faultsOf({ breaksAt }: Scene): Fault[] {
  return [
    { on: 'file.add', do: 'answer', status: 503, retryAfter: 1 },
    { on: 'put', file: '*.vmdk', do: 'reset', afterBytes: breaksAt }
  ];
}

/** A file of the OVA, as the service holds it. */
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
    const { report, path } = await uploadTo(simulator, ova, interrupts, context);
    const looked = await look(simulator, ova, report);
    tell(report, path, looked, context);
    const right = looked.length > 0 && looked.every(file => file.same);
    return report.outcome === 'done' && !right ? 1 : exitOfReport(report, interrupts.caught);
  } finally {
    await simulator.close();
    await rm(folder, { recursive: true, force: true });
    interrupts.stop();
  }
}

async function uploadTo(
  simulator: Simulator,
  ova: DemoOva,
  { signal }: Interrupts,
  context: Context
): Promise<{ report: Report; path: string | undefined }> {
  const { out } = context;
  const { url } = await simulator.listen();
  out.log('info', `simulated vCenter Server at ${url}; it will answer 503 once, and break a connection off`);
  const server = await connect({ url, username: 'user', password: 'pass', signal });
  try {
    const run = upload(server, { to: 'images/demo', files: [ova.path] }, { signal });
    const shown = showRun(run, server.clock, context, { together: false, path: true });
    return { report: await run.report, path: await shown.end() };
  } finally {
    await server.close();
  }
}

/** Reads what the service holds, byte by byte, and compares it with what was made. The manifest is not kept by it. */
async function look(simulator: Simulator, ova: DemoOva, report: Report): Promise<Looked[]> {
  const held = report.item === undefined ? undefined : simulator.contents(report.item.id);
  const wanted = ova.files.filter(file => !file.name.endsWith('.mf'));
  return Promise.all(
    wanted.map(async ({ name, size, sha256 }) => {
      const hash = createHash('sha256');
      const file = held?.files.find(each => each.name === name);
      for (let at = 0; file !== undefined && at < file.size; at += MIB) {
        const bytes = await file.read(at, Math.min(MIB, file.size - at));
        if (bytes !== undefined) hash.update(bytes);
      }
      const found = hash.digest('hex');
      return { name, size: file?.size ?? 0, sha256: found, same: file?.size === size && found === sha256 };
    })
  );
}

function tell(report: Report, path: string | undefined, looked: readonly Looked[], { out }: Context): void {
  if (out.json) {
    out.object({ items: [{ ...report, pathDiagram: path }], looked });
    return;
  }
  out.data(renderReport(report));
  if (report.outcome !== 'done') return;
  out.data('\nlooked at again, past the run, in what the service holds:\n');
  for (const { name, size, sha256, same } of looked) {
    out.data(`  ${same ? 'same' : 'DIFFERENT'}  ${name}  ${sizeOf(size)}  sha256 ${sha256}\n`);
  }
}
