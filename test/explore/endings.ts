// How a run ended: by itself and wholly, as if nobody had died, and as somebody wished.
import { PROFILES } from '../../src/servers/profiles.ts';
import { knownSessions, untoldSessions } from '../invariants/left.ts';
import { endStanding } from '../invariants/standing.ts';
import { play } from './play.ts';
import type { Ending, Lived, Seen } from './seen.ts';

type Reported = Extract<Ending, { how: 'reported' }>;

/** S11: when the run has ended, nothing of it is under way any more. */
export function settled({ stillWaiting, stillSleeping }: Reported): string[] {
  return [
    ...(stillWaiting.length > 0 ? [`the run has ended, and still waits for ${stillWaiting.join(', ')}`] : []),
    ...(stillSleeping > 0 ? ['the run has ended, and something of it still sleeps'] : [])
  ];
}

/** S2: a session of ours that is open is named, or one of which the run cannot know may be there, and `cleanup` looks for it. */
export function untold({ plan, others, before, lives, records }: Seen, ending: Reported): string[] {
  const { report, atEnd, openDownloads } = ending;
  // What an earlier life had heard and could not write down any more, a later one does not know.
  const isKnown = knownSessions({ calls: (lives.at(-1) as Lived).witness.calls, records });
  const open = [...atEnd.active, ...openDownloads].filter(id => !before.active.includes(id));
  const known = open.filter(id => isKnown(id) && !others.theirs.has(id));
  const strange = mayMakeUnseen(plan) ? [] : notTheirs(open, others, isKnown);
  const noted = report.left ? [] : report.notes.filter(note => /^left /.test(note));
  return [
    ...untoldSessions([...known, ...strange], isKnown, report),
    ...noted.map(note => `it notes "${note}", and that nothing is left`)
  ];
}

/** Sessions of which nobody knows whose they are; as many as others may have opened besides are left out. */
function notTheirs(
  sessions: readonly string[],
  { theirs, unheard }: Seen['others'],
  isKnown: (session: string) => boolean
): string[] {
  return sessions.filter(id => !theirs.has(id) && !isKnown(id)).slice(unheard);
}

/**
 * A create of a session that lands when nobody asks any more, and makes a second one: no client can know of it. For two minutes
 * the report tells that it may, so it must have come before somebody took the run up again much later; or somebody set the client's
 * clock forward meanwhile, or its machine slept while the create was being made.
 */
function mayMakeUnseen({ server: { profile, tokens }, job, crashes, events, faults, line }: Seen['plan']): boolean {
  const isLate = hasLate({ crashes, faults });
  const isLong = jumps(events) || isLongDown(crashes);
  if (jumps(events) && isLate) return true;
  const mayBeSecond = job.kind === 'download' || PROFILES[profile].sharesItems === true;
  return isLong && !keepsTokens({ profile, tokens }) && (isLate || (mayBeSecond && line.landsWhenGivenUp));
}

/**
 * The same of an item, where its name is free again: others have taken it away, or the run itself, which died then and was taken up
 * again when two minutes had passed. Who is done has an item, and need not see that others have given its name away.
 */
export function mayMakeUnseenItem(
  { plan: { server, crashes, events, faults }, others, lives }: Seen,
  { report }: Reported
): boolean {
  if (!hasLate({ crashes, faults })) return false;
  const tookItem = lives.slice(0, -1).some(({ witness }) => witness.calls.some(({ op }) => op === 'deleteItem'));
  const mayMiss = jumps(events) || report.outcome === 'done';
  return (tookItem && isLongDown(crashes)) || (others.tookItem && mayMiss && !keepsTokens(server));
}

function isLongDown(crashes: Seen['plan']['crashes']): boolean {
  return crashes.some(({ downMs }) => downMs > 120_000);
}

function keepsTokens({ profile, tokens }: Pick<Seen['plan']['server'], 'profile' | 'tokens'>): boolean {
  return tokens !== false && PROFILES[profile].tokenPlace !== 'none';
}

function hasLate({ crashes, faults }: Pick<Seen['plan'], 'crashes' | 'faults'>): boolean {
  return crashes.some(({ lands }) => typeof lands === 'number') || faults.some(({ do: what }) => what === 'late');
}

/** The client's clock goes forward by more than two minutes. */
function jumps(events: Seen['plan']['events']): boolean {
  return events.some(
    event => (event.do === 'setClock' ? event.byMs : event.do === 'suspend' ? event.forMs : 0) > 120_000
  );
}

/** S13: where nothing went wrong but that the client died, the end is the one of a run that lived through. */
export async function asIfNoneHadDied({ plan, world, lives, ending }: Seen): Promise<string[]> {
  const { job, crashes, cleanUp } = plan;
  // Each life has a budget of retries of its own; what a late request unsettles is made good by one, too.
  const isLate = crashes.some(({ lands }) => typeof lands === 'number');
  const isPaid = plan.budget !== undefined && (plan.line.cutsFetchAt !== undefined || isLate);
  const other = plan.faults.length > 0 || plan.events.length > 0 || cleanUp || job.deadlineMs !== undefined || isPaid;
  if (crashes.length === 0 || lives.length === 1 || other) return [];
  // A manifest that a late request unsettles after its descriptor was added cannot be sent again: the run fails, and leaves nothing.
  const hasManifest = job.kind === 'upload' && job.files.some(({ name }) => /\.(mf|cert)$/.test(name));
  const isUnsettled = hasManifest && isLate;
  if (mayMakeUnseen(plan) || isUnsettled) return [];
  const whole = await play({ ...plan, crashes: [] });
  const stood = endStanding(whole.world.simulator);
  // What comes late must be told.
  const told = tellsOfMore(ending) ? ending.atEnd.items : undefined;
  const stands = endStanding(world.simulator, told);
  const wrong = stood === stands ? [] : [`after a crash the server stands otherwise: ${stands}, not ${stood}`];
  if (ending.how !== 'reported' || whole.ending.how !== 'reported') return wrong;
  // Which of two true reasons is heard first hangs on time, so only the outcomes are compared.
  const [is, was] = [ending.report.outcome, whole.ending.report.outcome];
  // A life that finds all done has nothing left to do.
  if (is !== was && !(is === 'upToDate' && was === 'done')) wrong.push(`after a crash it is ${is}, and was ${was}`);
  return wrong;
}

/** Its report, or the journal, says that something may be left. */
function tellsOfMore(ending: Ending): ending is Extract<Ending, { how: 'reported' | 'endedBeforeCrash' }> {
  if (ending.how === 'reported') return ending.report.left;
  return ending.how === 'endedBeforeCrash' && ending.left;
}

/** S14: a cancel that was heard is never forgotten. */
export function wished({ lives, plan, others }: Seen, { report }: Reported): string[] {
  const last = lives.at(-1) as Lived;
  const { canceledAt } = last;
  if (canceledAt === undefined || plan.job.kind !== 'upload' || others.completed) return [];
  if (canceledAt.at > report.endedAt - last.clockAhead) return [];
  // Complete is decided on, then written down, then sent: a cancel that comes between comes too late, and the report says so.
  const asked = canceledAt.asked || lives.slice(0, -1).some(({ witness }) => witness.calls.some(isComplete));
  if (report.outcome === 'done' && !asked)
    return [`canceled during ${canceledAt.during}, before complete was ever sent, and the run is done`];
  return [];
}

const isComplete = ({ op }: { readonly op: string }): boolean => op === 'complete';
