// `npm run kills -- --times N [--seed S] [--workers K]`: kills (-9) the built command N times at moments drawn from seeds S, S+1, …,
// goes on with what it was at, and looks whether everything is as if nothing had happened. A plan is the same for the same seed;
// the moment is not, to the byte: that is the machine's. `--show S` plays one and tells all of it;
// `--command FILE` takes another build of the command.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { drawPlan, type Plan } from './plan.ts';
import { measure, type Played, play } from './play.ts';
import type { Measure } from './strike.ts';
import { tableOf } from './table.ts';

const { values } = parseArgs({
  options: {
    times: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string', default: '1' },
    show: { type: 'string' },
    command: { type: 'string', default: fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url)) }
  }
});
const { command } = values;

if (values.show === undefined) await killAll(Number(values.seed), Number(values.times), Number(values.workers));
else await show(Number(values.show));

async function killAll(from: number, times: number, workers: number): Promise<void> {
  const startedAt = performance.now();
  const measured = new Map<string, Promise<Measure>>();
  const played: { readonly plan: Plan; readonly its: Played }[] = [];
  let next = from;
  const worker = async (): Promise<void> => {
    while (next < from + times) {
      const plan = drawPlan(next++);
      const its = await play(plan, command, await measureOnce(plan, measured));
      played.push({ plan, its });
      if (its.problems.length > 0) tell(plan, its);
    }
  };
  await Promise.all(Array.from({ length: workers }, worker));
  const seconds = (performance.now() - startedAt) / 1_000;
  const findings = played.filter(({ its }) => its.problems.length > 0).length;
  console.log(`\nseeds ${from} to ${from + times - 1}:\n${tableOf(played)}`);
  console.log(`${seconds.toFixed(1)} s, ${measured.size} runs without a kill to measure by, ${findings} findings`);
  process.exitCode = findings === 0 ? 0 : 1;
}

/** How long such a run takes does not depend on who serves it, as far as it matters here. */
function measureOnce(plan: Plan, measured: Map<string, Promise<Measure>>): Promise<Measure> {
  const known = measured.get(plan.workflow) ?? measure({ ...plan, size: 'small', profile: '8.0' }, command);
  measured.set(plan.workflow, known);
  return known;
}

async function show(seed: number): Promise<void> {
  const plan = drawPlan(seed);
  const measured = await measureOnce(plan, new Map());
  const its = await play(plan, command, measured);
  console.log(`unharmed: ${JSON.stringify(measured)}`);
  tell(plan, its);
  console.log(its.problems.length === 0 ? 'all is well' : '');
}

function tell({ seed }: Plan, { landings, problems, told }: Played): void {
  console.log(`\nseed ${seed}: ${problems.join('; ') || 'nothing is wrong'}`);
  for (const { call, place } of landings) console.log(`killed: ${call}, ${place}`);
  console.log(told.join('\n'));
  console.log(`again: npm run kills -- --times 1 --seed ${seed}`);
}
