// shelver upload: which items it comes to, one run each, what is shown meanwhile and what is said at the end.
import { adviceOf, FAILURES, failure } from '../../machines/vocabulary.ts';
import type { DurableJournal } from '../adapters/sqlite/journal.ts';
import type { Connection } from '../connect.ts';
import { DEFAULT_POLICY } from '../policy.ts';
import { asFailure } from '../effects/perform.ts';
import { type Report, reportOfFault } from '../report.ts';
import { checkSpec, type IfExists, type UploadSpec } from '../spec.ts';
import { upload, uploadToldAgain } from '../upload.ts';
import { renderReport } from '../view/report.ts';
import { askOnce } from './ask-once.ts';
import { type BusyFlags, isAbandoned, makeRoom, placeIn, wasRefused } from './busy.ts';
import { earlierRun, refusedFor } from './earlier-run.ts';
import { endingOf, exitOfReport, exitOfSignal, worstOf } from './exit.ts';
import type { Interrupts } from './interrupts.ts';
import { type Job, jobsOf, labelOf } from './jobs.ts';
import { LEFT_UNFINISHED, openJournal } from './journal.ts';
import type { CommonFlags } from './options.ts';
import { type Context, tellsSentence, widthOf } from './output.ts';
import { type PullFlags, pullsOf } from './pulls.ts';
import { withConnection } from './server.ts';
import { several } from './several.ts';
import { areMany, showItems, tellItems } from './show-items.ts';
import { showRun } from './show-run.ts';

export interface UploadFlags extends CommonFlags, BusyFlags, Omit<PullFlags, 'proxy'> {
  readonly ifExists: IfExists;
  readonly type?: string;
  readonly acceptWarning?: readonly string[];
  readonly parallel: number;
  readonly parallelItems: number;
  readonly failFast?: boolean;
  readonly deadline?: number;
  readonly hash: boolean;
  readonly showPath?: boolean;
  readonly dryRun?: boolean;
  readonly limitRate?: number;
}

/** What became of one job: a report, or why it was not begun. */
type Done = { readonly job: Job } & (
  | { readonly report: Report; readonly path?: string; readonly byFailFast: boolean }
  | { readonly report?: undefined; readonly notBegun: 'signal' | 'deadline' | 'failFast' }
);

export async function uploadCommand(paths: readonly string[], flags: UploadFlags, context: Context): Promise<number> {
  const jobs = jobsOf(paths, await pullsOf(flags, context.io.env));
  // Before the login: a wrong call is told without a server.
  for (const job of jobs) checkSpec(specOf(job, flags, flags.deadline));
  if (flags.limitRate !== undefined && flags.pull !== undefined) {
    context.out.log(
      'info',
      '--limit-rate does not slow down what the server fetches by itself: that does not pass through here'
    );
  }
  const until = flags.deadline === undefined ? undefined : Date.now() + flags.deadline;
  const { out } = context;
  const journal = await openJournal(flags, context, flags.dryRun);
  return withConnection(
    flags,
    context,
    async (server, interrupts) => {
      const beganAt = server.clock.now();
      const done = await runAll(jobs, flags, until, { server, journal }, interrupts, context);
      const late = done.filter(each => each.report === undefined);
      if (areMany(jobs) && !flags.dryRun) tellItems(done, server.clock.now() - beganAt, context);
      else for (const { job } of late) out.log('warning', `not begun: ${job.files.map(labelOf).join(', ')}`);
      if (late.some(each => each.notBegun === 'deadline')) {
        out.fail(endingOf(failure('DEADLINE', 'the time given by --deadline was over before everything was begun')));
      }
      if (out.json) {
        const items = done.flatMap(each =>
          each.report ? [{ to: each.job.to, ...withPath(each.report, each.path) }] : []
        );
        out.object({ items, notBegun: late.map(({ job }) => ({ files: job.files.map(labelOf), to: job.to })) });
      }
      return worstOf(done.map(each => codeOf(each, interrupts)));
    },
    {
      journal,
      limitRate: flags.limitRate,
      until,
      endsByItself: true,
      onInterrupt: () => out.log('info', 'canceling, and cleaning up on the server; once more ends it at once'),
      onSecond: () => out.log('warning', LEFT_UNFINISHED)
    }
  ).finally(() => journal.close());
}

async function runAll(
  jobs: readonly Job[],
  flags: UploadFlags,
  until: number | undefined,
  { server, journal }: { readonly server: Connection; readonly journal: DurableJournal },
  interrupts: Interrupts,
  context: Context
): Promise<Done[]> {
  const failFast = new AbortController();
  const signal = AbortSignal.any([interrupts.signal, failFast.signal]);
  const together = Math.min(flags.parallelItems, jobs.length) > 1;
  const many = areMany(jobs) && !flags.dryRun;
  const ports = jobs.length > 1 ? askOnce(server) : server;
  const names = jobs.map(({ to }) => `${to.library}/${to.item}`);
  const all = many ? showItems(names, String(jobs[0]?.to.library), server.clock, context) : undefined;
  const keptFrom = (): 'signal' | 'failFast' | 'deadline' | undefined => {
    if (interrupts.signal.aborted) return 'signal';
    if (failFast.signal.aborted) return 'failFast';
    return until !== undefined && until <= Date.now() ? 'deadline' : undefined;
  };
  const begin = async (job: Job, index: number, patientUntil: number): Promise<Done> => {
    let notBegun = keptFrom();
    if (notBegun !== undefined) return { job, notBegun };
    const told = uploadToldAgain(specOf(job, flags, undefined));
    const known = await earlierRun(journal, server, 'upload', told, flags.dryRun, placeIn(job.to));
    if (known !== undefined && !flags.dryRun) {
      context.out.log('info', `going on with run ${known}, which had not ended`);
    } else if (!flags.dryRun) {
      const leftMs = until === undefined ? undefined : until - Date.now();
      await makeRoom(placeIn(job.to), flags, { server, journal, signal, context, leftMs, patientUntil });
      notBegun = keptFrom();
      if (notBegun !== undefined) return { job, notBegun };
    }
    const spec = specOf(job, flags, until === undefined ? undefined : Math.max(1, until - Date.now()));
    const run = upload(ports, spec, { signal, run: known, dryRun: flags.dryRun });
    if (flags.onBusy === 'wait' && (await wasRefused(run)) && server.clock.now() < patientUntil) {
      // Somebody else was quicker.
      if (!(await isAbandoned(placeIn(job.to), { server, journal }))) return begin(job, index, patientUntil);
    }
    all?.begin(index, run.progress$);
    const shown = showRun(run, server.clock, context, {
      together,
      path: flags.showPath ?? false,
      toldAfter: tellsSentence(context),
      elsewhere: all !== undefined
    });
    const report = flags.dryRun
      ? await asJournalHas(journal, server, job, await run.report, flags, known)
      : await run.report;
    const path = await shown.end();
    const byFailFast = report.outcome === 'canceled' && failFast.signal.aborted && !interrupts.signal.aborted;
    return { job, report, path, byFailFast };
  };
  const settled = async (job: Job, index: number): Promise<Done> => {
    const beganAt = server.clock.now();
    const done = await begin(job, index, beganAt + DEFAULT_POLICY.busyMs).catch((cause: unknown): Done => {
      // What keeps one item from being begun is no reason to leave the others.
      if (jobs.length === 1) throw cause;
      const report = reportOfFault('', server.serverName, asFailure(cause), beganAt, server.clock.now());
      return { job, report, byFailFast: false };
    });
    if (done.report === undefined) return done;
    all?.end(index, done.report.outcome);
    if (flags.failFast && exitOfReport(done.report) !== 0) failFast.abort('another item failed');
    const whose = together || many ? `${names[index]}: ` : '';
    if (!(many && done.byFailFast)) tell(done.report, done.path, whose, !many, context);
    return done;
  };
  try {
    return await several(flags.parallelItems, jobs, settled);
  } finally {
    await all?.close();
  }
}

function specOf(job: Job, flags: UploadFlags, leftMs: number | undefined): UploadSpec {
  return {
    to: job.to,
    files: job.files,
    itemType: flags.type,
    ifExists: flags.ifExists,
    onBusy: flags.onBusy,
    force: flags.force,
    acceptWarnings: flags.acceptWarning as UploadSpec['acceptWarnings'],
    parallel: flags.parallel,
    deadlineMs: leftMs,
    hash: flags.hash
  };
}

/**
 * @param whose stands before the sentence, where several are told
 * @param whole the whole report, not only why it failed
 */
function tell(report: Report, path: string | undefined, whose: string, whole: boolean, context: Context): void {
  const { out } = context;
  const alone = !tellsSentence(context);
  if (whole && !out.json) {
    const text = renderReport(report, { columns: widthOf(context), reason: alone });
    out.data(`${text}${path === undefined ? '' : `\n${path}`}\n`);
  }
  if (report.failure === undefined || alone) return;
  const ending = endingOf(report.failure);
  out.fail({ ...ending, message: `${whose}${ending.message}` });
}

/** Another unfinished run on the item would keep the real one from beginning, whatever it would find; or be seen to first. */
async function asJournalHas(
  journal: DurableJournal,
  server: Connection,
  { to }: Job,
  report: Report,
  { onBusy, force }: UploadFlags,
  known?: string
): Promise<Report> {
  if (known !== undefined || report.path.length === 0 || report.outcome === 'canceled') return report;
  const other = await refusedFor(journal, server, placeIn(to));
  if (other === undefined) return report;
  const first =
    onBusy === 'wait' ? 'waited for' : onBusy === 'take-over' && (other.gone || force) ? 'ended' : undefined;
  if (first === undefined) return { ...report, outcome: 'failed', failure: other.refusal };
  return { ...report, notes: [...report.notes, `${other.refusal.message}: it would be ${first} first`] };
}

function withPath(report: Report, path: string | undefined): object {
  const failed = report.failure && { ...report.failure, next: adviceOf(report.failure) };
  return { ...report, ...(failed && { failure: failed }), ...(path !== undefined && { pathDiagram: path }) };
}

/** What `--fail-fast` stopped is no failure of its own. */
function codeOf(done: Done, { caught }: Interrupts): number {
  if (done.report !== undefined) return done.byFailFast ? 0 : exitOfReport(done.report, caught);
  if (done.notBegun === 'failFast') return 0;
  return done.notBegun === 'deadline' ? FAILURES.DEADLINE.exit : exitOfSignal(caught ?? 'SIGINT');
}
