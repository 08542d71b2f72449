// What the checks look at, put together of what was seen.
import type { DownloadReport } from '../../src/download-report.ts';
import type { Report } from '../../src/report.ts';
import type { Moment } from '../invariants/course.ts';
import { sessionIn } from '../invariants/course.ts';
import { brokenDownload } from '../invariants/download.ts';
import type { Ranked } from '../invariants/order.ts';
import type * as upload from '../invariants/upload.ts';
import type { Witness } from '../invariants/witness.ts';
import { SECRETS } from './contents.ts';
import { oneVersion, type Version } from './holds.ts';
import type { Plan } from './plan.ts';
import type { Ending, Lived, Seen } from './seen.ts';
import { PASSWORD } from './world.ts';

type Reported = Extract<Ending, { how: 'reported' }>;
type Truth = ReadonlyMap<string, Uint8Array>;

export const NOTHING = { files: [], outcome: 'failed' } as unknown as Report;

export function evidenceOf({ plan, world, before, lives }: Seen, ending: Reported): upload.Evidence {
  const report = ending.report as Report;
  return {
    ...partOf(lives.at(-1) as Lived, plan),
    simulator: world.simulator,
    report,
    truth: comparable(world.truth, report, plan),
    before,
    atEnd: ending.atEnd,
    canceled: lives.some(({ canceledAt }) => canceledAt !== undefined) || plan.cleanUp || outlived(plan, lives)
  };
}

/** Of one life what can be looked at whether or not it came to an end. */
export function partOf({ events, progress, witness }: Lived, { job }: Plan): upload.Evidence {
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
export function together(lives: readonly Lived[]): Witness {
  return {
    ...(lives.at(-1) as Lived).witness,
    calls: lives.flatMap(({ witness }) => witness.calls),
    uris: new Set(lives.flatMap(({ witness }) => [...witness.uris]))
  };
}

/**
 * S1 promises the source's bytes by digest where one can be had. Where the report says that there was none, a byte that changed on
 * the way is nobody's lie.
 */
export function comparable(
  truth: Truth,
  { files }: { readonly files: readonly { readonly name: string; readonly verified: string }[] },
  { faults }: Plan,
  otherwise: Truth = new Map()
): Truth {
  if (!faults.some(fault => fault.do === 'corrupt')) return truth;
  const told = new Map(files.map(({ name, verified }) => [name, verified]));
  // What a fetched archive or descriptor brought along is in no report by its name.
  const isBlind = (name: string): boolean => told.get(name) !== 'digest';
  return new Map(
    [...truth].filter(([name]) => !isBlind(name)).concat([...otherwise].filter(([name]) => isBlind(name)))
  );
}

export function downloaded(seen: Seen, report: DownloadReport): string[] {
  const { plan, world, folderBefore, lives, others } = seen;
  const { kept, parts } = world.target;
  const last = lives.at(-1) as Lived;
  const broken = brokenDownload({
    simulator: world.simulator,
    report,
    events: last.events,
    truth: others.items ? kept : comparable(world.truth, report, plan, kept),
    before: folderBefore,
    kept,
    parts,
    ifExists: plan.job.ifExists as 'fail' | 'skip' | 'replace',
    canceled: lives.some(({ canceledAt }) => canceledAt !== undefined) || plan.cleanUp || outlived(plan, lives),
    // Sessions are looked at elsewhere.
    active: [],
    secrets: [PASSWORD, ...SECRETS]
  });
  const names = report.files.filter(({ outcome }) => outcome === 'kept').map(({ name }) => name);
  const isBlind = plan.faults.some(fault => fault.do === 'corrupt') || report.outcome !== 'done' || names.length === 0;
  return isBlind ? broken : [...broken, ...oneVersion(kept, names, versionsIn(seen))];
}

/** What any item held whenever a call went out, and at the end: SHA-256 by name. */
function versionsIn({ lives, before, ending }: Seen): Version[] {
  const texts = new Set(lives.flatMap(({ witness }) => witness.calls.map(({ seen }) => seen)));
  const seen = [...texts].filter(text => text !== '').flatMap(text => JSON.parse(text) as [string, number, string][]);
  const ends = ending.how === 'reported' ? [...before.items.values(), ...ending.atEnd.items.values()] : [];
  return [...seen.map(([, , files]) => files), ...ends.map(({ files }) => files)].map(versionOf);
}

function versionOf(files: string): Version {
  const listed = JSON.parse(files) as [string, { algorithm: string; checksum: string }[]][];
  return new Map(
    listed.map(([name, digests]) => [name, digests.find(({ algorithm }) => algorithm === 'SHA256')?.checksum ?? ''])
  );
}

/** The files of the job in the order in which the service takes them. */
export function ranked({ job }: Plan): Ranked[] {
  if (job.kind !== 'upload') return [];
  return job.files.map(({ name, pull }) => ({
    name,
    rank: /\.(mf|cert)$/.test(name) ? 0 : /\.ovf$/.test(name) ? 1 : 2,
    isArchive: pull !== undefined && /\.ova$/.test(name)
  }));
}

/** Nothing changes a session of another client, but the take-over that the caller allowed. */
export function untouched({ plan: { job }, world, others }: Seen, course: readonly Moment[]): string[] {
  if (job.kind !== 'upload') return [];
  const wrong: string[] = [];
  for (const moment of course) {
    if (moment.what !== 'out' || READS.test(moment.call.op)) continue;
    const session = sessionIn(moment.call);
    if (session === undefined || !others.theirs.has(session)) continue;
    const standing = world.owners.get(session)?.standing;
    // Nobody can tell a session that no journal knows from one whose create was not answered.
    if (standing === undefined && !TAKES.has(moment.call.op)) continue;
    const may = job.onBusy === 'take-over' && (standing === 'gone' || (standing !== 'alive' && job.force));
    if (TAKES.has(moment.call.op) && (may || standing === undefined)) continue;
    wrong.push(`${moment.call.op} went to a session of another client (${standing ?? 'unknown to the journal'})`);
  }
  return wrong;
}
const READS = /^(get|list)/;
const TAKES: ReadonlySet<string> = new Set(['cancelSession', 'deleteSession']);

/** A deadline of an earlier life is a wish that the next one carries out. */
function outlived({ job }: Seen['plan'], lives: Seen['lives']): boolean {
  return job.deadlineMs !== undefined && lives.length > 1;
}
