// The thread in which readers read. It says after each input that it still lives, and how long the slowest one took.
import { parentPort, workerData } from 'node:worker_threads';
import { type Found, fuzz } from './fuzz.ts';
import { Finding, type Kind } from './reader.ts';
import { readers } from './readers.ts';

export interface Order {
  readonly reader: string;
  readonly kind: Kind;
  readonly seed: number;
  readonly runs: number;
}
export interface Told {
  readonly runs: number;
  readonly ms: number;
  readonly slowestMs: number;
  readonly found?: Found;
}

/** The promise of the issue: no input holds a reader up for longer. */
const MOST_MS = 100;
/** A slow input is given again so often: what was slow by chance is not slow each time. */
const TRIES = 4;

const steps = workerData as Int32Array;

parentPort?.on('message', async ({ reader: name, kind, seed, runs }: Order) => {
  const reader = readers.find(each => each.name === name);
  if (reader === undefined) throw new Error(`there is no reader ${name}`);
  const told = { runs: 0, ms: 0, slowestMs: 0 };
  const began = performance.now();
  const around = async (work: () => Promise<void>): Promise<void> => {
    Atomics.add(steps, 0, 1);
    told.runs += 1;
    let least = await timed(work);
    // Of what is quick it does not matter how quick it is.
    for (let tries = 1; least > MOST_MS / 4 && tries < TRIES; tries += 1) {
      Atomics.add(steps, 0, 1);
      least = Math.min(least, await timed(work));
    }
    if (least <= MOST_MS) told.slowestMs = Math.max(told.slowestMs, least);
    else throw new Finding(`it takes ${least.toFixed(0)} ms of the processor`);
  };
  const found = await fuzz(reader, kind, { seed, runs }, around);
  parentPort?.postMessage({ ...told, ms: performance.now() - began, found } satisfies Told);
});

/** Milliseconds of the processor: the other threads of this process sleep meanwhile. */
async function timed(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
