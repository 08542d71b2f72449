// Holds what was seen against S1-S14 of the plan of the house. It believes the server's own state, the witness at the ports,
// and the bytes that the plan made; it shares no code with what it checks.
import type { DownloadReport } from '../../src/download-report.ts';
import type { Report } from '../../src/report.ts';
import { brokenDownload } from '../invariants/download.ts';
import { endStanding } from '../invariants/standing.ts';
import * as upload from '../invariants/upload.ts';
import type { Witness } from '../invariants/witness.ts';
import { exitCode, lease, repeats } from './bounds.ts';
import { SECRETS } from './contents.ts';
import type { Plan } from './plan.ts';
import { play } from './play.ts';
import type { Ending, Lived, Seen } from './seen.ts';
import { twice } from './twice.ts';
import { PASSWORD } from './world.ts';

type Reported = Extract<Ending, { how: 'reported' }>;

/** Every broken promise in a sentence; none: all is well. */
export async function problemsOf(seen: Seen): Promise<string[]> {
  const { ending, plan } = seen;
  const always = [
    ...seen.lives.flatMap(life => ofOneLife(life, plan)),
    ...silence(seen),
    ...journal(seen),
    ...(await asIfNoneHadDied(seen))
  ];
  if (ending.how === 'stuck') return [...always, `S11 nothing moves any more: ${ending.why}`];
  if (ending.how === 'endless') return [...always, 'S11 the run does not end'];
  if (ending.how === 'endedBeforeCrash') return always;
  const end = seen.plan.job.kind === 'upload' ? await uploaded(seen, ending) : downloaded(seen, ending);
  return [
    ...always,
    ...settled(ending),
    ...wished(seen, ending),
    ...end,
    ...exitCode(ending.report),
    ...lease(seen),
    // Last: it goes on in the same world.
    ...(plan.seed % 3 === 0 ? await twice(seen) : [])
  ];
}

/** What holds in each life, whether or not it came to its end. */
function ofOneLife(life: Lived, plan: Plan): string[] {
  // A server without ranges begins a broken download anew: what had come is thrown away, and progress says so.
  const beginsAnew = plan.job.kind === 'download' && plan.server.rules.ranges === false;
  const part = { ...partOf(life, plan), ...(beginsAnew && { progress: [] }) };
  return [
    ...upload.bytes({ ...part, report: NOTHING }),
    ...upload.patience(part),
    ...repeats(life.events),
    ...afterTheEnd(life)
  ];
}

async function uploaded(seen: Seen, ending: Reported): Promise<string[]> {
  const { plan, world, before, lives, others } = seen;
  const last = lives.at(-1) as Lived;
  const report = ending.report as Report;
  const evidence: upload.Evidence = {
    ...partOf(last, plan),
    simulator: world.simulator,
    report,
    truth: comparable(world.truth, report, plan),
    before,
    atEnd: ending.atEnd,
    canceled: lives.some(({ canceledAt }) => canceledAt !== undefined) || plan.cleanUp
  };
  return [
    ...upload.ending(evidence),
    ...(others.items ? [] : await upload.content(evidence)),
    ...leftOvers(evidence, seen),
    ...(others.items ? [] : upload.versions(evidence)),
    ...(others.items ? [] : upload.unseen({ ...evidence, witness: together(lives) })),
    // What an earlier life has sent, a later one does not count.
    ...(lives.length > 1 ? [] : upload.bytes({ ...evidence, progress: [] }))
  ];
}

/**
 * S1 promises the source's bytes by digest where one can be had. Where the report says that there was none, a byte that changed on
 * the way is nobody's lie.
 */
function comparable(
  truth: Truth,
  { files }: { readonly files: readonly { readonly name: string; readonly verified: string }[] },
  { faults }: Plan,
  otherwise: Truth = new Map()
): Truth {
  if (!faults.some(fault => fault.do === 'corrupt')) return truth;
  const blind = new Set(files.flatMap(({ name, verified }) => (verified === 'digest' ? [] : [name])));
  return new Map(
    [...truth].filter(([name]) => !blind.has(name)).concat([...otherwise].filter(([name]) => blind.has(name)))
  );
}
type Truth = ReadonlyMap<string, Uint8Array>;

/** What others hold, made or took away is not ours to clean up. */
function leftOvers(evidence: upload.Evidence, { others }: Seen): string[] {
  const { atEnd, before } = evidence;
  const mine = { ...atEnd, active: atEnd.active.filter(id => !others.theirs.has(id)) };
  if (!others.items) return upload.leftOvers({ ...evidence, atEnd: mine });
  return upload.leftOvers({ ...evidence, atEnd: { ...mine, items: before.items } });
}

function downloaded(seen: Seen, ending: Reported): string[] {
  const { plan, world, folderBefore, lives, others } = seen;
  const last = lives.at(-1) as Lived;
  const report = ending.report as DownloadReport;
  return brokenDownload({
    simulator: world.simulator,
    report,
    events: last.events,
    truth: others.items ? world.target.kept : comparable(world.truth, report, plan, world.target.kept),
    before: folderBefore,
    kept: world.target.kept,
    parts: world.target.parts,
    ifExists: plan.job.ifExists as 'fail' | 'skip' | 'replace',
    canceled: lives.some(({ canceledAt }) => canceledAt !== undefined) || plan.cleanUp,
    active: ending.openDownloads,
    secrets: [PASSWORD, ...SECRETS]
  });
}

/** S11: when the run has ended, nothing of it is under way any more. */
function settled({ stillWaiting, stillSleeping }: Reported): string[] {
  return [
    ...(stillWaiting.length > 0 ? [`S11 the run has ended, and still waits for ${stillWaiting.join(', ')}`] : []),
    ...(stillSleeping > 0 ? ['S11 the run has ended, and something of it still sleeps'] : [])
  ];
}

/** S13: where nothing went wrong but that the client died, the end is the one of a run that lived through. */
async function asIfNoneHadDied({ plan, world, lives, ending }: Seen): Promise<string[]> {
  const { job, crashes, cleanUp } = plan;
  const other = plan.faults.length > 0 || plan.events.length > 0 || cleanUp || job.deadlineMs !== undefined;
  if (crashes.length === 0 || lives.length === 1 || other) return [];
  const whole = await play({ ...plan, crashes: [] });
  const stood = endStanding(whole.world.simulator);
  const open = ending.how === 'reported' ? [...ending.atEnd.active, ...ending.openDownloads] : undefined;
  const stands = endStanding(world.simulator, open);
  const wrong = stood === stands ? [] : [`S13 after a crash the server stands otherwise: ${stands}, not ${stood}`];
  if (ending.how !== 'reported' || whole.ending.how !== 'reported') return wrong;
  // Which of two true reasons is heard first hangs on time, so only the outcomes are compared.
  const [is, was] = [ending.report.outcome, whole.ending.report.outcome];
  // A life that finds all done has nothing left to do.
  if (is !== was && !(is === 'upToDate' && was === 'done')) wrong.push(`S13 after a crash it is ${is}, and was ${was}`);
  return wrong;
}

/** S14: a cancel that was heard is never forgotten. */
function wished({ lives, plan }: Seen, { report }: Reported): string[] {
  const last = lives.at(-1) as Lived;
  const { canceledAt } = last;
  if (canceledAt === undefined || plan.job.kind !== 'upload') return [];
  if (canceledAt.at > report.endedAt - last.clockAhead) return [];
  // Complete is decided on, then written down, then sent: a cancel that comes between comes too late, and the report says so.
  const asked = canceledAt.asked || lives.slice(0, -1).some(({ witness }) => witness.calls.some(isComplete));
  if (report.outcome === 'done' && !asked)
    return [`S14 canceled during ${canceledAt.during}, before complete was ever sent, and the run is done`];
  return [];
}

const isComplete = ({ op }: { readonly op: string }): boolean => op === 'complete';

/** S6: in each life, after an answer has told of a session's end, only reads and delete go to it. */
function afterTheEnd({ witness }: Lived): string[] {
  return upload.afterTheEnd({ witness });
}

/** S7: no secret in anything that is shown or written down. */
function silence({ lives, records, ending }: Seen): string[] {
  const { uris } = together(lives);
  const canaries = [PASSWORD, ...SECRETS, ...[...uris].flatMap(uri => [uri, uri.split('/').at(-2) as string])];
  const places = {
    events: lives.map(({ events }) => events),
    progress: lives.map(({ progress }) => progress.at(-1)),
    journal: records,
    report: ending.how === 'reported' ? ending.report : undefined
  };
  return Object.entries(places).flatMap(([place, what]) => {
    const text = JSON.stringify(what) ?? '';
    return canaries.some(canary => text.includes(canary)) || text.includes('/cls/data/')
      ? [`S7 a secret is in the ${place}`]
      : [];
  });
}

/** The journal holds the facts that all lives told, in their order; of a life that died perhaps not the last. */
function journal({ records, lives, ending }: Seen): string[] {
  const kept = records.filter(({ type }) => type === 'facts').map(({ data }) => JSON.stringify(data));
  let at = 0;
  for (const { events } of lives) {
    const told = events.flatMap(event => (event.type === 'facts' ? [JSON.stringify(event.changed)] : []));
    for (const fact of told) if (kept[at] === fact) at += 1;
  }
  if (at < kept.length) return ['the journal holds facts that nobody told'];
  if (ending.how !== 'reported') return [];
  const { report } = ending;
  const ends = records.filter(({ type }) => type === 'ended').length;
  if (ends > 1) return ['the journal knows two ends of the run'];
  const untold =
    report.failure?.code === 'JOURNAL' || report.notes.includes('the journal does not know that this run has ended');
  if (records.length > 0 && ends === 0 && !untold) return ['the journal does not know that the run has ended'];
  return [];
}

const NOTHING = { files: [], outcome: 'failed' } as unknown as Report;

function partOf({ events, progress, witness }: Lived, { job }: Plan) {
  return {
    events,
    progress,
    witness,
    parallel: job.parallel,
    retryAfterCapMs: 60_000,
    secrets: []
  } as unknown as upload.Evidence;
}

/** All lives as one. */
function together(lives: readonly Lived[]): Witness {
  return {
    ...(lives.at(-1) as Lived).witness,
    calls: lives.flatMap(({ witness }) => witness.calls),
    uris: new Set(lives.flatMap(({ witness }) => [...witness.uris]))
  };
}
