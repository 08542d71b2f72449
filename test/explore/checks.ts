// Holds what was seen against S1-S14 of the plan of the house: CHECKS is the list of what is looked at, and by what. Nothing here
// is believed but the server's own state, the witness at the ports, the journal, the folder, and the bytes that the plan made; it
// shares no code with what it checks.
import type { DownloadReport } from '../../src/download-report.ts';
import type { FactsChange } from '../../src/events/records.ts';
import { BUDGET_TOKENS } from '../../src/policy.ts';
import type { Report } from '../../src/report.ts';
import { PROFILES } from '../../src/servers/profiles.ts';
import { budget } from '../invariants/budget.ts';
import { courseOf, type Moment } from '../invariants/course.ts';
import { brokenHolding } from '../invariants/held.ts';
import { filesInOrder, noneRepeatedBlindly, onlyEmptyRemoved, tokens } from '../invariants/order.ts';
import { askedBeforeEnding, askedFirst, notOfOthers, nothingAfterOurEnd } from '../invariants/sessions.ts';
import * as upload from '../invariants/upload.ts';
import { written } from '../invariants/written.ts';
import { exitCode, lease, pushes, repeats, small, watched } from './bounds.ts';
import { asExpected } from './calm.ts';
import { asIfNoneHadDied, mayMakeUnseenItem, settled, untold, wished } from './endings.ts';
import { comparable, downloaded, evidenceOf, NOTHING, partOf, ranked, together, untouched } from './evidence.ts';
import { asTold, besides } from './holds.ts';
import { journal, silence } from './records.ts';
import type { Ending, Seen } from './seen.ts';
import { twice } from './twice.ts';

/** What a check looks at. */
export interface Look {
  readonly seen: Seen;
  /** Calls and answers of all lives, in their order. */
  readonly course: readonly Moment[];
}
type Problems = readonly string[] | Promise<readonly string[]>;
type Reported = Extract<Ending, { how: 'reported' }>;

export interface Check {
  readonly promise: string;
  readonly says: string;
  /** Whether or not the run came to its end in front of somebody. */
  readonly always?: (look: Look) => Problems;
  /** At the end of a run that told how it ended. */
  readonly atEnd?: (look: Look & { readonly ending: Reported }) => Problems;
}

const CHECKS: readonly Check[] = [
  {
    promise: 'S1',
    says: 'done: the session is DONE, and the item holds what the sources hold',
    atEnd: async ({ seen, ending }) =>
      isUpload(seen) && !isTouched(seen, ending) ? upload.content(evidenceOf(seen, ending)) : []
  },
  {
    promise: 'S1',
    says: 'done agrees with what the service told last of the item, whatever others did',
    atEnd: ({ seen, ending }) =>
      isUpload(seen)
        ? asTold(together(seen.lives), ending.report as Report, comparable(seen.world.truth, ending.report, seen.plan))
        : []
  },
  {
    promise: 'S1',
    says: 'replace leaves exactly these files, update leaves the others',
    atEnd: ({ seen, seen: { plan, world, before, others }, ending }) =>
      plan.job.kind === 'upload' && !isTouched(seen, ending)
        ? besides(world.simulator, ending.report as Report, world.truth, before, plan.job.ifExists, others.removed)
        : []
  },
  {
    promise: 'S1',
    says: 'complete only when all is READY; a package in its order; no file that waits for its bytes is added again',
    always: ({ seen, course }) =>
      isUpload(seen) ? filesInOrder(course, ranked(seen.plan), PROFILES[seen.plan.server.profile].reportsReady) : []
  },
  {
    promise: 'S1',
    says: 'a download keeps what the item held, whole, of one version, under names that were free or to be replaced',
    atEnd: ({ seen, ending }) => (isUpload(seen) ? [] : downloaded(seen, ending.report as DownloadReport))
  },
  {
    promise: 'S1',
    says: 'an end is one of four, has a reason where it is not good, and is the last word of the log',
    atEnd: ({ seen, ending }) => (isUpload(seen) ? upload.ending(evidenceOf(seen, ending)) : [])
  },
  {
    promise: 'S2',
    says: 'no empty item stays without a word',
    atEnd: ({ seen, ending }) => (isUpload(seen) ? upload.leftOvers(ofOurs(seen, ending)) : [])
  },
  {
    promise: 'S2',
    says: 'no session stays that is not named, or may be there unheard; whoever reads the report as data is told, too',
    atEnd: ({ seen, ending }) => untold(seen, ending)
  },
  {
    promise: 'S2',
    says: 'sessions of others are let alone, unless they may be taken over',
    always: ({ seen, course }) => [...untouched(seen, course), ...notOfOthers(course)]
  },
  {
    promise: 'S2',
    says: 'an item goes away only when it was seen to be empty',
    always: ({ course }) => onlyEmptyRemoved(course)
  },
  {
    promise: 'S3, S4',
    says: 'one live push a file; counts within sizes, and never back within an attempt',
    always: ({ seen: { lives, plan } }) => lives.flatMap(life => upload.bytes(countedIn(life, plan)))
  },
  {
    promise: 'S4',
    says: 'the report counts no more than there is',
    // What an earlier life has sent, a later one does not count.
    atEnd: ({ seen, ending }) =>
      isUpload(seen) && seen.lives.length === 1 ? upload.bytes({ ...evidenceOf(seen, ending), progress: [] }) : []
  },
  {
    promise: 'S5',
    says: 'no call comes earlier than the server asked for, or more often than the policy allows',
    always: ({ seen: { lives, plan } }) => [
      ...lives.flatMap(life => [...upload.patience(partOf(life, plan)), ...repeats(life.events)]),
      ...pushes(plan, lives)
    ]
  },
  {
    promise: 'budget',
    says: 'retries are granted out of what is left, and cleaning up pays nothing',
    always: ({ seen, course }) => budget(course, seen.plan.budget ?? BUDGET_TOKENS)
  },
  {
    promise: 'S6',
    says: 'after a session is told to be over, or the run has begun to end it, only reads and delete go to it',
    always: ({ seen: { lives, others }, course }) => [
      ...lives.flatMap(({ witness }) => upload.afterTheEnd({ witness })),
      ...nothingAfterOurEnd(course, others.theirs)
    ]
  },
  { promise: 'S7', says: 'no secret in anything that is shown or written down', always: ({ seen }) => silence(seen) },
  {
    promise: 'S8',
    says: 'one step of the content version, or none; nothing shows before complete',
    atEnd: ({ seen, ending }) => {
      if (!isUpload(seen)) return [];
      const { touched, removed } = seen.others;
      const evidence = evidenceOf(seen, ending);
      // What others take out of our session when it is all there is published without, and has to be sent once more.
      const twice = removed.size > 0 ? [...touched, String(evidence.report.item?.id)] : touched;
      return [
        ...upload.versions(evidence, new Set(twice)),
        ...upload.unseen({ ...evidence, witness: together(seen.lives) }, touched)
      ];
    }
  },
  {
    promise: 'S8',
    says: 'what may have acted is not made again before somebody has asked; tokens tell one create from another',
    always: ({ seen: { others }, course }) => [...noneRepeatedBlindly(course), ...tokens(course, others.tookItem)]
  },
  { promise: 'S9', says: 'signs of life of session and login come in time', atEnd: ({ seen }) => lease(seen) },
  { promise: 'S9', says: 'while files are sent, the session is looked at', atEnd: ({ seen }) => watched(seen) },
  { promise: 'S10', says: 'the exit code says how it ended', atEnd: ({ ending }) => exitCode(ending.report) },
  {
    promise: 'S11',
    says: 'it ends, and then nothing of it is under way',
    always: ({ seen: { ending } }) => {
      if (ending.how === 'stuck') return [`nothing moves any more: ${ending.why}`];
      return ending.how === 'endless' ? ['the run does not end'] : [];
    },
    atEnd: ({ ending }) => settled(ending)
  },
  { promise: 'S12', says: 'what is written down does not grow with bytes', always: ({ seen }) => small(seen) },
  {
    promise: 'S12',
    says: 'of bytes no more is held than is on its way: one reading a file, a chunk of each, and nothing at the end',
    always: ({ seen: { lives, plan, ending } }) =>
      lives.flatMap(({ held }, life) =>
        brokenHolding(held, plan.job.parallel, ending.how === 'reported' && life === lives.length - 1)
      )
  },
  {
    promise: 'S13',
    says: 'after a crash it ends as if there had been none',
    always: ({ seen }) => asIfNoneHadDied(seen)
  },
  {
    promise: 'S13',
    says: 'what a call depends on stands in the journal before it goes out',
    always: ({ seen }) =>
      written(
        seen.lives.map(({ witness, diedAt = Number.POSITIVE_INFINITY }) =>
          witness.order.filter(entry => entry.kind === 'append' || entry.call.began <= diedAt)
        ),
        session => seen.others.theirs.has(session) || isTakenBlindly(seen, session)
      )
  },
  {
    promise: 'S13',
    says: 'a session of an earlier life is asked for before anything is done there',
    always: ({ course }) => askedFirst(course)
  },
  {
    promise: 'S13',
    says: 'the journal holds what was told, in its order, and its end',
    always: ({ seen }) => journal(seen)
  },
  {
    promise: 'S14',
    says: 'a cancel that was heard is never forgotten',
    always: ({ course }) => askedBeforeEnding(course),
    atEnd: ({ seen, ending }) => wished(seen, ending)
  },
  {
    promise: 'end',
    says: 'what only passes is got over',
    atEnd: ({ seen: { plan }, ending }) => asExpected(plan, ending)
  },
  {
    promise: 'S8',
    says: 'the same command once more sends nothing',
    // Last: it goes on in the same world.
    atEnd: ({ seen }) => (seen.plan.seed % 3 === 0 ? twice(seen) : [])
  }
];

/** Every broken promise in a sentence; none: all is well. */
export async function problemsOf(seen: Seen): Promise<string[]> {
  const { ending } = seen;
  const look: Look = { seen, course: courseOf(seen.lives) };
  const problems: string[] = [];
  for (const { promise, always, atEnd } of CHECKS) {
    const found = [
      ...((await always?.(look)) ?? []),
      ...((ending.how === 'reported' && (await atEnd?.({ ...look, ending }))) || [])
    ];
    problems.push(...found.map(problem => `${promise} ${problem}`));
  }
  return problems;
}

/** By force whatever is in the way is taken, though no journal knows whose it is. */
function isTakenBlindly({ plan: { job }, records }: Seen, session: string): boolean {
  const isNamed = records.some(({ data }) => (data as FactsChange | undefined)?.sessionId === session);
  return job.kind === 'upload' && job.onBusy === 'take-over' && job.force === true && !isNamed;
}

function isUpload({ plan }: Seen): boolean {
  return plan.job.kind === 'upload';
}

function countedIn(life: Seen['lives'][number], plan: Seen['plan']): upload.Evidence {
  // A server without ranges begins a broken download anew: what had come is thrown away, and progress says so.
  const beginsAnew = plan.job.kind === 'download' && plan.server.rules.ranges === false;
  return { ...partOf(life, plan), ...(beginsAnew && { progress: [] }), report: NOTHING };
}

/** What others made or took away is not ours to clean up; sessions are looked at elsewhere. */
function ofOurs(seen: Seen, ending: Reported): upload.Evidence {
  const { touched, theirs } = seen.others;
  const unheardItems = seen.others.unheardItems || mayMakeUnseenItem(seen, ending);
  const evidence = evidenceOf(seen, ending);
  const isOurs = ([id]: readonly [string, unknown]) => !touched.has(id) && !theirs.has(id);
  const before = { ...evidence.before, items: new Map([...evidence.before.items].filter(isOurs)) };
  const now = new Map([...ending.atEnd.items].filter(isOurs));
  return { ...evidence, before, atEnd: { active: [], items: unheardItems ? before.items : now } };
}

/** Others have changed the item that the run was about. */
function isTouched({ others: { touched } }: Seen, { report }: Reported): boolean {
  return touched.has(String((report as Report).item?.id));
}
