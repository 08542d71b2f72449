// Explores seeds: each draws a plan, plays it and holds it against what always holds. A failure comes with the shortest plan
// that still fails, and its timeline.
import { createHash } from 'node:crypto';
import { problemsOf } from './checks.ts';
import type { Share } from './crew.ts';
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
/** What one seed came to. Plain JSON: it may come from another process. */
export interface Played {
  readonly seed: number;
  /** Absent: the world could not be played to an end. */
  readonly end?: string;
  readonly interactions: number;
  readonly lives: number;
  readonly findings: readonly Finding[];
}
export interface Explored {
  readonly findings: readonly Finding[];
  /** How many worlds came to which end: `upload done` → 12. */
  readonly ends: Readonly<Record<string, number>>;
  readonly interactions: number;
  readonly lives: number;
}
export interface JudgeOptions {
  /** Every so many worlds are played a second time: their logs must be equal to the byte. */
  readonly twiceEvery?: number;
  /** Holds a played plan against what always holds. */
  readonly check?: (seen: Seen) => Promise<string[]>;
}
export interface ExploreOptions extends JudgeOptions {
  readonly from: number;
  readonly count: number;
  /** Stops after so many findings. */
  readonly most?: number;
}

export async function explore({ from, count, most = 5, ...options }: ExploreOptions): Promise<Explored> {
  const tally = tallyOf();
  for (let seed = from; seed < from + count && tally.findings.length < most; seed++) {
    tally.add(await exploreSeed(seed, options));
  }
  return tally;
}

/** Plays the world of one seed; where it breaks a promise, the shortest plan that does comes with it. */
export async function exploreSeed(
  seed: number,
  { twiceEvery = 20, check = problemsOf }: JudgeOptions = {}
): Promise<Played> {
  const plan = drawPlan(seed);
  const isTwice = seed % twiceEvery === 0;
  const { problems, seen, log } = await judged(plan, check, isTwice);
  const findings: Finding[] = [];
  if (isTwice && log !== undefined && log !== digest(await play(plan)))
    findings.push({ seed, problems: ['played twice, the logs differ'], plan, timeline: [] });
  if (problems.length > 0) findings.push(await reduced(plan, problems, check));
  return {
    seed,
    ...(seen !== undefined && { end: endOf(seen) }),
    interactions: seen?.interactions ?? 0,
    lives: seen?.lives.length ?? 0,
    findings
  };
}

/** Adds up what seeds came to. */
/** Plays seeds one after the other. */
export async function playShare({ from, to }: Share): Promise<Played[]> {
  const played: Played[] = [];
  for (let seed = from; seed < to; seed++) played.push(await exploreSeed(seed));
  return played;
}

export function tallyOf(): Explored & { add(played: Played): void } {
  const tally = {
    findings: [] as Finding[],
    ends: {} as Record<string, number>,
    interactions: 0,
    lives: 0,
    add: ({ end, interactions, lives, findings }: Played): void => {
      if (end !== undefined) tally.ends[end] = (tally.ends[end] ?? 0) + 1;
      tally.interactions += interactions;
      tally.lives += lives;
      tally.findings.push(...findings);
    }
  };
  return tally;
}

/** The end of a run, in a few words. */
export function endOf({ plan, ending }: Seen): string {
  return `${plan.job.kind} ${ending.how === 'reported' ? ending.report.outcome : ending.how}`;
}

async function judged(plan: Plan, check: (seen: Seen) => Promise<string[]>, isLogged = false) {
  let seen: Seen | undefined;
  const dropped: string[] = [];
  const drop = (cause: unknown) => dropped.push(`thrown, and caught by nobody: ${stackOf(cause)}`);
  process.on('unhandledRejection', drop);
  try {
    seen = await play(plan);
    // A check may go on in the same world.
    const log = isLogged ? digest(seen) : undefined;
    const problems = await check(seen);
    // Node tells of what nobody catches when nothing else is left to do in a turn.
    await new Promise(resolve => setImmediate(resolve));
    return { seen, log, problems: [...problems, ...dropped] };
  } catch (cause) {
    return { seen, problems: [`thrown: ${stackOf(cause)}`] };
  } finally {
    process.off('unhandledRejection', drop);
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

function stackOf(cause: unknown): string {
  return cause instanceof Error ? String(cause.stack) : String(cause);
}
