// What one time is: a call of the command, the server that it meets, when it is killed, and how it is gone on with. All of it
// JSON, drawn from a seed.
import type { ProfileName } from '../../src/servers/profiles.ts';
import { seededRandom } from '../../src/simulator/index.ts';

export const WORKFLOWS = ['new', 'into', 'replace', 'ovf', 'ova', 'pull', 'pulls', 'many', 'download'] as const;
export type Workflow = (typeof WORKFLOWS)[number];

/**
 * When a process dies. Parts are of what a run that nobody kills does: `time` of its time, `arrival` and `answer` of its
 * requests (as one comes in, and when its answer has gone out), `body` of the bytes of its files. `journal`: when the file of
 * the journal comes to be; `complete`: as a request to complete comes in, or (above a half) when its answer has gone out;
 * `ending`: when the answer to its last request has gone out.
 */
export interface Moment {
  readonly at: 'time' | 'arrival' | 'answer' | 'body' | 'journal' | 'complete' | 'ending';
  /** From 0 to 1; of `time` a little more than 1, so that some come too late. */
  readonly part: number;
  /** So much later, in milliseconds. */
  readonly laterMs: number;
}

export interface Plan {
  readonly seed: number;
  readonly workflow: Workflow;
  /** `large`: the bytes of a file take half a second or so. */
  readonly size: 'small' | 'large';
  readonly profile: ProfileName;
  /** The simulator is a process of its own with a store; it dies, too, so many milliseconds before the command does. */
  readonly server?: { readonly diesBeforeMs: number };
  /** What goes on with it. `again`: the same call once more. `take-over`: another upload to the same item, with that option. */
  readonly next: 'resume' | 'again' | 'cleanup' | 'take-over';
  /** Of the call itself, and then of what goes on with it. */
  readonly moments: readonly Moment[];
  /** Behind a pipe that brings the password, and the whole group of processes is killed. */
  readonly piped: boolean;
}

/** The same seed draws the same plan. */
export function drawPlan(seed: number): Plan {
  const random = seededRandom(Math.imul(seed, 0x9e3779b1) ^ 0x6b696c6c);
  const chance = (of: number): boolean => random.next() < of;
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random.next() * list.length)]!;
  const momentOf = (at: Moment['at'], part: number): Moment => ({
    at,
    part,
    laterMs: chance(0.5) ? 0 : Math.floor(random.next() * (at === 'ending' ? 60 : 12))
  });
  const workflow = pick(WORKFLOWS);
  const size = chance(0.6) ? 'large' : 'small';
  const profile = pick(PROFILES);
  const server = chance(0.15) ? { diesBeforeMs: chance(0.5) ? 0 : Math.floor(random.next() * 300) } : undefined;
  const next = pick<Plan['next']>(['resume', 'resume', 'resume', 'again', 'cleanup', 'take-over']);
  const at = pick(FIRST);
  const first = momentOf(at, random.next() * (at === 'time' ? 1.05 : 1));
  // What goes on has less to do: earlier moments are the likelier ones.
  const others = Array.from({ length: pick([0, 0, 1, 1, 2]) }, () => momentOf(pick(LATER), random.next() ** 2));
  const oneItem = workflow !== 'many' && workflow !== 'download';
  return {
    seed,
    workflow,
    size,
    // Of a server that keeps no tokens and forgets digests only this much is promised.
    profile: profile === 'vcsim' && workflow !== 'new' ? '8.0' : profile,
    ...(server && { server }),
    next: next === 'take-over' && !oneItem ? 'resume' : next,
    moments: [first, ...others],
    piped: chance(0.12)
  };
}

const PROFILES: readonly ProfileName[] = ['8.0', '8.0', '8.0', '9.0', '7.0', '6.7', '6.5', '6.0', 'vcsim'];

const FIRST: readonly Moment['at'][] = [
  ...(['time', 'time', 'arrival', 'arrival', 'arrival', 'answer', 'answer', 'answer'] as const),
  ...(['body', 'body', 'complete', 'complete', 'journal', 'ending'] as const)
];
const LATER: readonly Moment['at'][] = ['time', 'arrival', 'arrival', 'answer', 'answer', 'body', 'complete'];
