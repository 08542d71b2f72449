// Explores seeds: each draws a plan, plays it and holds it against what always holds. A failure comes with the shortest plan
// that still fails, and its timeline.
import { createHash } from 'node:crypto';
import { problemsOf } from './checks.ts';
import { drawPlan } from './draw.ts';
import type { Plan } from './plan.ts';
import { play } from './play.ts';
import type { Seen } from './seen.ts';
import { shrink } from './shrink.ts';
import { timeline, wholeLog } from './words.ts';

export interface Finding {
  readonly seed: number;
  readonly problems: readonly string[];
  /** The shortest plan that still fails so. */
  readonly plan: Plan;
  readonly timeline: readonly string[];
}
export interface Explored {
  readonly findings: readonly Finding[];
  /** How many worlds came to which end: `upload done` → 12. */
  readonly ends: Readonly<Record<string, number>>;
  readonly interactions: number;
  readonly lives: number;
}
export interface ExploreOptions {
  readonly from: number;
  readonly count: number;
  /** Every so many worlds are played a second time: their logs must be equal to the byte. */
  readonly twiceEvery?: number;
  /** Stops after so many findings. */
  readonly most?: number;
  /** Holds a played plan against what always holds. */
  readonly check?: (seen: Seen) => Promise<string[]>;
}

export async function explore({
  from,
  count,
  twiceEvery = 20,
  most = 5,
  check = problemsOf
}: ExploreOptions): Promise<Explored> {
  const findings: Finding[] = [];
  const ends: Record<string, number> = {};
  let interactions = 0;
  let lives = 0;
  for (let seed = from; seed < from + count && findings.length < most; seed++) {
    const plan = drawPlan(seed);
    const isTwice = seed % twiceEvery === 0;
    const { problems, seen, log } = await judged(plan, check, isTwice);
    if (seen !== undefined) {
      const end = endOf(seen);
      ends[end] = (ends[end] ?? 0) + 1;
      interactions += seen.interactions;
      lives += seen.lives.length;
    }
    if (isTwice && log !== undefined && log !== digest(await play(plan)))
      findings.push({ seed, problems: ['played twice, the logs differ'], plan, timeline: [] });
    if (problems.length > 0) findings.push(await reduced(plan, problems, check));
  }
  return { findings, ends, interactions, lives };
}

/** The end of a run, in a few words. */
export function endOf({ plan, ending }: Seen): string {
  return `${plan.job.kind} ${ending.how === 'reported' ? ending.report.outcome : ending.how}`;
}

async function judged(plan: Plan, check: (seen: Seen) => Promise<string[]>, isLogged = false) {
  let seen: Seen | undefined;
  try {
    seen = await play(plan);
    // A check may go on in the same world.
    const log = isLogged ? digest(seen) : undefined;
    return { seen, log, problems: await check(seen) };
  } catch (cause) {
    return { seen, problems: [`thrown: ${String((cause as Error).stack)}`] };
  }
}

async function reduced(plan: Plan, problems: string[], check: (seen: Seen) => Promise<string[]>): Promise<Finding> {
  const kinds = new Set(problems.map(kindOf));
  const small = await shrink(plan, async smaller =>
    (await judged(smaller, check)).problems.some(its => kinds.has(kindOf(its)))
  );
  const { seen, problems: left } = await judged(small, check);
  return { seed: plan.seed, problems: left, plan: small, timeline: seen === undefined ? [] : timeline(seen) };
}

/** A problem without the names and numbers in it. */
function kindOf(problem: string): string {
  return problem.replace(/[0-9a-f-]{8,}/g, '').replace(/[\w-]*\d[\w.]*/g, '');
}

function digest(seen: Seen): string {
  return createHash('sha256').update(wholeLog(seen)).digest('hex');
}
