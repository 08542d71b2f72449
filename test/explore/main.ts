// `npm run explore -- --seeds N [--seed S]`: explores N seeds from S on (1 unless said otherwise), and says what came of it.
// `--workers K` shares them out among K processes, 0: as many as there are cores; what is said is the same. `--show S` plays one
// seed and prints its timeline; `--sweep` plays every case of the sweep. The script that starts it gives young objects 64 MB: a world
// makes some megabytes of garbage, and with room for a dozen of them little of it is copied before it goes.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { problemsOf } from './checks.ts';
import { inOrder, type Worker } from './crew.ts';
import { drawPlan } from './draw.ts';
import { type Explored, type Finding, type Played, playShare, tallyOf } from './explore.ts';
import { AS_WORKER, type Crew, crewOf, serve } from './forked.ts';
import { play } from './play.ts';
import { type Swept, sweepShare, WORKFLOWS } from './sweep.ts';
import { timeline } from './words.ts';

const USAGE = `usage: npm run explore -- [options]
  --seeds N    how many worlds are played (1000)
  --seed S     the first of them (1)
  --workers K  processes that play them; 0: as many as there are cores (1)
  --most M     stops after M findings (5)
  --show S     plays one seed, and prints its timeline
  --sweep      plays everything that can go wrong in a good run, one thing at a time
Ctrl-C ends it, and it says what it has found so far. Ends with 1 when something was found.`;

/** How often it says how far it is. */
const TELL_EVERY_MS = 30_000;
/** Seeds that a process is given at a time. */
const SHARE = 25;

// XState throws and swallows an error at each step of a machine: a tenth of the time goes into stacks that nobody reads.
Error.stackTraceLimit = 0;

const { values } = asked();
if (values['as-worker']) serve(values.sweep ? sweepShare : playShare);
else if (values.sweep) await sweepAll(whole('workers'));
else if (values.show !== undefined) await show(whole('show'));
else await exploreAll(whole('seed'), whole('seeds'), whole('workers'), whole('most'));

function asked() {
  try {
    return parseArgs({
      options: {
        seeds: { type: 'string', default: '1000' },
        seed: { type: 'string', default: '1' },
        workers: { type: 'string', default: '1' },
        most: { type: 'string', default: '5' },
        show: { type: 'string' },
        sweep: { type: 'boolean', default: false },
        [AS_WORKER.slice(2) as 'as-worker']: { type: 'boolean', default: false }
      }
    });
  } catch (cause) {
    return misused((cause as Error).message);
  }
}

function whole(name: 'seeds' | 'seed' | 'workers' | 'most' | 'show'): number {
  const text = values[name] as string;
  return /^\d{1,15}$/.test(text) ? Number(text) : misused(`--${name} ${text}: that is not a whole number`);
}

function misused(what: string): never {
  console.error(`${what}\n${USAGE}`);
  process.exit(2);
}

async function exploreAll(from: number, count: number, processes: number, most: number): Promise<void> {
  const startedAt = performance.now();
  const secondsSoFar = () => (performance.now() - startedAt) / 1_000;
  const tally = tallyOf();
  const interrupt = new AbortController();
  process.once('SIGINT', () => interrupt.abort('Ctrl-C'));
  const crew = crewFor<Played>(processes, playShare);
  const played = inOrder({
    from,
    to: from + count,
    workers: crew.workers,
    each: crew.workers.length === 1 ? 1 : SHARE,
    signal: interrupt.signal
  });
  let toldAt = startedAt;
  let last = from - 1;
  let trouble = '';
  try {
    for await (const its of played) {
      tally.add(its);
      last = its.seed;
      for (const finding of its.findings) tellFinding(finding);
      if (tally.findings.length >= most) break;
      if (performance.now() - toldAt < TELL_EVERY_MS) continue;
      toldAt = performance.now();
      console.error(`seed ${its.seed} of ${from + count - 1}: ${paceOf(tally, secondsSoFar())}`);
    }
  } catch (cause) {
    trouble = (cause as Error).message;
  }
  crew.dismiss();
  tellAll(tally, from, last, secondsSoFar());
  if (trouble !== '') console.log(trouble);
  if (interrupt.signal.aborted) console.log(`interrupted: ${count} seeds were asked for`);
  // At once: a world that was interrupted need not be played to its end.
  process.exit(tally.findings.length > 0 || trouble !== '' ? 1 : interrupt.signal.aborted ? 130 : 0);
}

function tellFinding({ seed, problems, plan, timeline: lines }: Finding): void {
  console.log(`\nseed ${seed} fails: ${problems.join('; ')}`);
  console.log(`the shortest plan that still does: ${JSON.stringify(plan)}`);
  console.log(lines.join('\n'));
  console.log(`again: npm run explore -- --seeds 1 --seed ${seed}`);
}

function tellAll(tally: Explored, from: number, last: number, seconds: number): void {
  const { ends, lives, interactions } = tally;
  console.log(`\nseeds ${from} to ${last}: ${worldsIn(tally)} worlds, ${lives} lives, ${interactions} interactions`);
  for (const [end, times] of Object.entries(ends).sort()) console.log(`  ${end}: ${times}`);
  console.log(`${seconds.toFixed(1)} s, ${paceOf(tally, seconds)}`);
}

function paceOf(tally: Explored, seconds: number): string {
  return `${(worldsIn(tally) / seconds).toFixed(0)} worlds a second, ${tally.findings.length} findings`;
}

function worldsIn({ ends }: Explored): number {
  return Object.values(ends).reduce((sum, its) => sum + its, 0);
}

/** Every case of every workflow, counted by kind and end. */
async function sweepAll(processes: number): Promise<void> {
  const startedAt = performance.now();
  const crew = crewFor<Swept>(processes, sweepShare, ['--sweep']);
  let failed = 0;
  let cases = 0;
  for await (const its of inOrder({ from: 0, to: Object.keys(WORKFLOWS).length, workers: crew.workers, each: 1 })) {
    cases += its.cases;
    failed += its.failed.length;
    for (const told of its.failed) console.log(told);
    console.log(`${its.workflow}:`);
    for (const [what, times] of Object.entries(its.counts).sort()) console.log(`  ${what}: ${times}`);
  }
  crew.dismiss();
  const seconds = (performance.now() - startedAt) / 1_000;
  console.log(`${cases} cases, ${failed} failed, ${seconds.toFixed(1)} s`);
  process.exitCode = failed === 0 ? 0 : 1;
}

/** So many processes, 0: as many as there are cores; one is this one. */
function crewFor<T>(processes: number, play: Worker<T>['play'], words: readonly string[] = []): Crew<T> {
  const count = processes === 0 ? availableParallelism() : processes;
  if (count === 1) return { workers: [{ play }], dismiss: () => undefined };
  return crewOf(count, process.argv[1] as string, words);
}

async function show(seed: number): Promise<void> {
  const seen = await play(drawPlan(seed));
  console.log(timeline(seen).join('\n'));
  console.log((await problemsOf(seen)).join('\n') || 'all is well');
}
