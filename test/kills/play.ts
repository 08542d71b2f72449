// One time: a call is killed, what goes on with it perhaps, too, and then somebody goes on to the end; and what came of it.
import { rmSync } from 'node:fs';
import { type Course, followedBy, waysOf } from './following.ts';
import { BANDWIDTH, DIFFERENCE } from './goods.ts';
import { writtenRuns } from './journal-eyes.ts';
import { problemsOf } from './judge.ts';
import { CANCELED, KILLED, type Life, UNREACHABLE } from './life.ts';
import { type Place, placeOf } from './place.ts';
import type { Moment, Plan } from './plan.ts';
import { type Stage, staged } from './stage.ts';
import { type Measure, strike } from './strike.ts';

export interface Landing {
  /** Which call was killed. */
  readonly call: string;
  readonly place: Place;
}

export interface Played {
  readonly landings: readonly Landing[];
  readonly problems: readonly string[];
  /** How to see it again, and what was said. */
  readonly told: readonly string[];
  /** Where it was played; it is gone when there are no problems. */
  readonly folder: string;
}

const PATIENCE_MS = 60_000;

/** What a run of this kind does that nobody kills; throws where that goes wrong already. */
export async function measure(plan: Plan, command: string): Promise<Measure> {
  const stage = await staged({ ...plan, server: undefined }, command);
  const { goods, service, folder, journal } = stage;
  try {
    const begunAt = performance.now();
    const life = stage.begin(goods.words, false);
    const code = await life.ended;
    const durationMs = performance.now() - begunAt;
    const { arrived } = await service.look();
    const runs = await writtenRuns(journal);
    const ways = waysOf({ ...plan, next: 'resume' }, { goods, begun: runs, asked: true, places: [] });
    const problems = problemsOf({ goods, found: await service.end(), folder, runs, ways, complete: true });
    if (code !== 0 || problems.length > 0) {
      throw new Error(`unharmed, it ended with ${code}: ${problems.join('; ')}\n${life.said().stderr}`);
    }
    return { durationMs, requests: arrived };
  } finally {
    stage.strike();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param measured what such a run with small files does */
export async function play(plan: Plan, command: string, measured: Measure): Promise<Played> {
  const stage = await staged(plan, command);
  const { goods, service, journal, folder } = stage;
  const lives: { readonly life: Life; readonly code: number }[] = [];
  const landings: Landing[] = [];
  const problems: string[] = [];
  const longer = plan.size === 'large' ? (1_000 * DIFFERENCE) / BANDWIDTH : 0;
  const known = { ...measured, durationMs: measured.durationMs + longer, bytes: goods.bytes };
  const lived = async (words: readonly string[], moment?: Moment): Promise<void> => {
    const isFirst = lives.length === 0;
    const before = await service.look();
    const life = stage.begin(words, plan.piped && isFirst);
    const hung = setTimeout(() => {
      problems.push(`it did not end: ${words.join(' ')}`);
      life.kill();
    }, PATIENCE_MS);
    const diesBeforeMs = plan.server?.diesBeforeMs;
    const struck = moment && (await strike(life, moment, { measure: known, service, journal, before, diesBeforeMs }));
    const code = await life.ended;
    clearTimeout(hung);
    await service.rise?.();
    lives.push({ life, code });
    // It met the server that was killed before it, and said so: the next one goes on.
    const metNobody = struck !== undefined && !struck.killed && service.die !== undefined && code === UNREACHABLE;
    // So soon after a create that was in doubt, a clean-up cannot promise that nothing will come.
    const maySayLeft = plan.next === 'cleanup' && !isFirst && code === CANCELED && (await isDoubted(journal));
    if (code !== (struck?.killed ? KILLED : 0) && !metNobody && !maySayLeft)
      problems.push(`it ended with ${code}: ${words.join(' ')}`);
    if (/\n {4}at |INTERNAL/.test(life.said().stderr)) problems.push(`it threw: ${words.join(' ')}`);
    if (struck === undefined || metNobody) return;
    const place = placeOf(struck, await writtenRuns(journal), isFirst);
    landings.push({ call: isFirst ? 'the command' : plan.next, place });
  };
  const isOver = (): boolean => landings.at(-1)?.place === 'after the end';

  try {
    await lived(goods.words, plan.moments[0]);
    const begun = await writtenRuns(journal);
    // By now the server has dealt with all that came from the dead; of one that died, too, nobody knows what it had heard.
    const asked = plan.server !== undefined || (await service.look()).completing > 0;
    const goesOn = plan.next === 'again' || plan.next === 'take-over';
    const follow = followedBy(plan, goods);
    if (goesOn || !isOver()) {
      for (const moment of plan.moments.slice(1)) {
        if (lives.length > 1 && isOver()) break;
        await lived(follow, moment);
      }
      if (lives.length === 1 || !isOver()) await lived(follow);
    }
    const log = await service.log();
    const course: Course = { goods, begun, asked, places: landings.map(({ place }) => place) };
    const found = await service.end();
    const complete = goesOn || (plan.next === 'resume' && begun.length > 0);
    const runs = await writtenRuns(journal);
    problems.push(...problemsOf({ goods, found, folder, runs, ways: waysOf(plan, course), complete }));
    return { landings, problems, told: tellingOf(plan, stage, lives, log), folder };
  } catch (cause) {
    // Whatever cannot even be judged is a finding, too, and no reason to leave the others.
    problems.push(`it could not be judged: ${String(cause)}`);
    return { landings, problems, told: tellingOf(plan, stage, lives, []), folder };
  } finally {
    stage.strike();
    if (problems.length === 0) rmSync(folder, { recursive: true, force: true });
  }
}

async function isDoubted(journal: string): Promise<boolean> {
  return (await writtenRuns(journal)).some(({ doubted }) => doubted === 1);
}

function tellingOf(
  plan: Plan,
  { service, journal, folder }: Stage,
  lives: readonly { readonly life: Life; readonly code: number }[],
  log: readonly string[]
): string[] {
  return [
    `plan: ${JSON.stringify(plan)}`,
    `by hand, in ${folder}:`,
    `  ${service.byHand}`,
    ...lives.flatMap(({ life, code }) => {
      const { stdout, stderr } = life.said();
      const said = `${stdout}${stderr}`.trimEnd().split('\n');
      return [`  shelver ${life.words.join(' ')}   # ended with ${code}`, ...said.map(line => `    | ${line}`)];
    }),
    'what the server saw:',
    ...log.map(line => `  ${line}`),
    `journal: ${journal}`
  ];
}
