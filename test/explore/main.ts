// `npm run explore -- --seeds N [--seed S]`: explores N seeds from S on (1 unless said otherwise), and says what came of it.
// `--show S` plays one seed and prints its timeline; `--sweep` plays every case of the sweep.
import { parseArgs } from 'node:util';
import { problemsOf } from './checks.ts';
import { drawPlan } from './draw.ts';
import { type Explored, explore } from './explore.ts';
import { play } from './play.ts';
import { casesOf, judge, WORKFLOWS } from './sweep.ts';
import { timeline } from './words.ts';

// XState throws and swallows an error at each step of a machine: a tenth of the time goes into stacks that nobody reads.
Error.stackTraceLimit = 0;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    show: { type: 'string' },
    sweep: { type: 'boolean', default: false }
  }
});

if (values.sweep) await sweepAll();
else if (values.show === undefined) await exploreAll(Number(values.seed), Number(values.seeds));
else await show(Number(values.show));

async function exploreAll(from: number, count: number): Promise<void> {
  const startedAt = performance.now();
  const explored = await explore({ from, count });
  const seconds = (performance.now() - startedAt) / 1_000;
  tell(explored, from, count, seconds);
  process.exitCode = explored.findings.length === 0 ? 0 : 1;
}

function tell({ findings, ends, interactions, lives }: Explored, from: number, count: number, seconds: number): void {
  for (const { seed, problems, plan, timeline: lines } of findings) {
    console.log(`\nseed ${seed} fails: ${problems.join('; ')}`);
    console.log(`the shortest plan that still does: ${JSON.stringify(plan)}`);
    console.log(lines.join('\n'));
    console.log(`again: npm run explore -- --seeds 1 --seed ${seed}`);
  }
  const worlds = Object.values(ends).reduce((sum, its) => sum + its, 0);
  console.log(`\nseeds ${from} to ${from + count - 1}: ${worlds} worlds, ${lives} lives, ${interactions} interactions`);
  for (const [end, times] of Object.entries(ends).sort()) console.log(`  ${end}: ${times}`);
  console.log(`${seconds.toFixed(1)} s, ${(worlds / seconds).toFixed(0)} worlds a second, ${findings.length} findings`);
}

/** Every case of every workflow, counted by kind and end. */
async function sweepAll(): Promise<void> {
  const startedAt = performance.now();
  let failed = 0;
  let cases = 0;
  for (const workflow of Object.keys(WORKFLOWS)) {
    const counts: Record<string, number> = {};
    for await (const its of casesOf(workflow)) {
      const { kind, name, end, problems, plan } = await judge(its);
      cases += 1;
      counts[`${kind}: ${end}`] = (counts[`${kind}: ${end}`] ?? 0) + 1;
      if (problems.length === 0) continue;
      failed += 1;
      console.log(`${workflow}, ${kind} ${name}: ${problems.join('; ')}\n  ${JSON.stringify(plan)}`);
    }
    console.log(`${workflow}:`);
    for (const [what, times] of Object.entries(counts).sort()) console.log(`  ${what}: ${times}`);
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  console.log(`${cases} cases, ${failed} failed, ${seconds.toFixed(1)} s`);
  process.exitCode = failed === 0 ? 0 : 1;
}

async function show(seed: number): Promise<void> {
  const seen = await play(drawPlan(seed));
  console.log(timeline(seen).join('\n'));
  console.log((await problemsOf(seen)).join('\n') || 'all is well');
}
