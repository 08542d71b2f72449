// `npm run fuzz -- [--minutes M | --runs N] [--only WORDS] [--seed S]`: every reader of what comes from outside, in a thread
// that is watched. Fails on what a reader does wrong, and on an input that takes longer than 100 ms of the processor.
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { Found } from './fuzz.ts';
import { KINDS, type Reader } from './reader.ts';
import { readers } from './readers.ts';
import type { Order, Told } from './worker.ts';

/** An input that takes the processor for so long has hung its reader; so has one that nothing has come of for so long at all. */
const HUNG_MS = 10_000;
const SILENT_MS = 180_000;
/** After so many findings a reader is left alone. */
const ENOUGH = 3;
/** Runs between two looks at the time. */
const BATCH = 200;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string' },
    runs: { type: 'string' },
    only: { type: 'string', default: '' },
    seed: { type: 'string', default: '1' },
    list: { type: 'boolean', default: false }
  }
});

interface Row {
  runs: number;
  ms: number;
  slowestMs: number;
  readonly found: Found[];
}

const chosen = readers.filter(({ name }) => name.includes(values.only));
if (values.list) for (const { name, covers } of chosen) console.log(`${name}: ${covers.join(', ')}`);
else await fuzzAll();

async function fuzzAll(): Promise<void> {
  const rows = new Map<Reader, Row>();
  const shareMs = values.minutes === undefined ? undefined : (Number(values.minutes) * 60_000) / chosen.length;
  for (const reader of chosen) {
    const row: Row = { runs: 0, ms: 0, slowestMs: 0, found: [] };
    rows.set(reader, row);
    await fuzzOne(reader, row, shareMs);
    tell(reader, row);
  }
  const all = [...rows.values()];
  const findings = all.flatMap(({ found }) => found);
  const runs = all.reduce((sum, row) => sum + row.runs, 0);
  console.log(
    `\n${chosen.length} readers, ${runs} runs, ${findings.length} findings (seed ${values.seed}, ${cpus().length} cores)`
  );
  process.exitCode = findings.length === 0 && chosen.length > 0 ? 0 : 1;
}

/** Kind by kind in turns, until the runs or the time are used up. */
async function fuzzOne(reader: Reader, row: Row, shareMs: number | undefined): Promise<void> {
  const kinds = KINDS.filter(kind => reader.inputs[kind] !== undefined);
  const most = shareMs === undefined ? Math.ceil(Number(values.runs ?? 2_000) / reader.cost) : Number.POSITIVE_INFINITY;
  let thread = watched();
  for (let turn = 0; row.runs < most && (shareMs === undefined || row.ms < shareMs); turn += 1) {
    const kind = kinds[turn % kinds.length] as (typeof kinds)[number];
    // Long inputs cost more than others, and there are fewer of them to tell apart.
    const runs = Math.max(1, Math.min(most - row.runs, Math.ceil(BATCH / reader.cost / (kind === 'long' ? 10 : 1))));
    const seed = Number(values.seed) + turn;
    const told = await thread.order({ reader: reader.name, kind, seed, runs });
    if (told === 'hung') {
      row.found.push({
        reader: reader.name,
        kind,
        seed,
        problem: `it hangs for more than ${HUNG_MS / 1_000} s`,
        input: 'see --seed'
      });
      thread = watched();
      row.runs += 1;
    } else {
      row.runs += told.runs;
      row.ms += told.ms;
      row.slowestMs = Math.max(row.slowestMs, told.slowestMs);
      if (told.found !== undefined) row.found.push(told.found);
    }
    if (row.found.length >= ENOUGH) break;
  }
  await thread.end();
}

/** A thread with somebody beside it who sees whether it still moves. */
function watched() {
  const steps = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: steps });
  const order = (its: Order): Promise<Told | 'hung'> =>
    new Promise((resolve, reject) => {
      let last = -1;
      let [since, used] = [performance.now(), process.cpuUsage()];
      const done = (told: Told | 'hung'): void => {
        clearInterval(watch);
        worker.off('message', done).off('error', reject);
        resolve(told);
      };
      const watch = setInterval(() => {
        const now = Atomics.load(steps, 0);
        const { user } = process.cpuUsage(used);
        if (now !== last) [last, since, used] = [now, performance.now(), process.cpuUsage()];
        // Not by the wall clock: on a busy machine everybody stands still at times.
        else if (user / 1_000 > HUNG_MS || performance.now() - since > SILENT_MS)
          void worker.terminate().then(() => done('hung'));
      }, 250);
      worker.once('message', done);
      worker.once('error', reject);
      worker.postMessage(its);
    });
  return { order, end: () => worker.terminate() };
}

function tell({ name }: Reader, { runs, ms, slowestMs, found }: Row): void {
  const pace = Math.round(runs / Math.max(0.001, ms / 1_000));
  console.log(`${name}: ${runs} runs, ${pace} a second, slowest ${slowestMs.toFixed(1)} ms, ${found.length} findings`);
  for (const { kind, seed, problem, input } of found) {
    console.log(
      `  ${problem}\n    ${kind}, seed ${seed}: ${input}\n    again: npm run fuzz -- --only '${name}' --seed ${seed} --runs 1000`
    );
  }
}
