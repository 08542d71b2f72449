// shelver upload: which items it comes to, one run each, what is shown meanwhile and what is said at the end.
import { adviceOf, FAILURES, failure } from '../../machines/vocabulary.ts';
import type { DurableJournal } from '../adapters/sqlite/journal.ts';
import type { Connection } from '../connect.ts';
import type { Report } from '../report.ts';
import { checkSpec, type IfExists, type UploadSpec } from '../spec.ts';
import { upload, uploadToldAgain } from '../upload.ts';
import { renderReport } from '../view/report.ts';
import { earlierRun } from './earlier-run.ts';
import { endingOf, exitOfReport, exitOfSignal, worstOf } from './exit.ts';
import type { Interrupts } from './interrupts.ts';
import { type Job, jobsOf, labelOf } from './jobs.ts';
import { LEFT_UNFINISHED, openJournal } from './journal.ts';
import type { CommonFlags } from './options.ts';
import type { Context } from './output.ts';
import { type PullFlags, pullsOf } from './pulls.ts';
import { withConnection } from './server.ts';
import { several } from './several.ts';
import { showRun } from './show-run.ts';

export interface UploadFlags extends CommonFlags, Omit<PullFlags, 'proxy'> {
  readonly ifExists: IfExists;
  readonly type?: string;
  readonly acceptWarning?: readonly string[];
  readonly parallel: number;
  readonly parallelItems: number;
  readonly failFast?: boolean;
  readonly deadline?: number;
  readonly hash: boolean;
  readonly showPath?: boolean;
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
  const until = flags.deadline === undefined ? undefined : Date.now() + flags.deadline;
  const { out } = context;
  const journal = await openJournal(flags, context);
  return withConnection(
    flags,
    context,
    async (server, interrupts) => {
      const done = await runAll(jobs, flags, until, { server, journal }, interrupts, context);
      const late = done.filter(each => each.report === undefined);
      for (const { job } of late) out.log('warning', `not begun: ${job.files.map(labelOf).join(', ')}`);
      if (late.some(each => each.notBegun === 'deadline')) {
        out.fail(endingOf(failure('DEADLINE', 'the time given by --deadline was over before everything was begun')));
      }
      if (out.json) {
        const items = done.flatMap(each => (each.report ? [withPath(each.report, each.path)] : []));
        out.object({ items, notBegun: late.map(({ job }) => ({ files: job.files.map(labelOf), to: job.to })) });
      }
      return worstOf(done.map(each => codeOf(each, interrupts)));
    },
    {
      journal,
      endsByItself: true,
      onInterrupt: () => out.log('info', 'canceling, and cleaning up on the server; once more ends it at once'),
      onSecond: () => out.log('warning', LEFT_UNFINISHED)
    }
  ).finally(() => journal.close());
}

function runAll(
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
  return several(flags.parallelItems, jobs, async (job): Promise<Done> => {
    if (interrupts.signal.aborted) return { job, notBegun: 'signal' };
    if (failFast.signal.aborted) return { job, notBegun: 'failFast' };
    const leftMs = until === undefined ? undefined : until - Date.now();
    if (leftMs !== undefined && leftMs <= 0) return { job, notBegun: 'deadline' };
    const spec = specOf(job, flags, leftMs);
    const known = await earlierRun(journal, server.serverName, 'upload', uploadToldAgain(spec));
    if (known !== undefined) context.out.log('info', `going on with run ${known}, which had not ended`);
    const run = upload(server, spec, { signal, run: known });
    const shown = showRun(run, server.clock, context, {
      together,
      path: flags.showPath ?? false,
      toldAfter: tellsSentence(context)
    });
    const report = await run.report;
    const path = await shown.end();
    const byFailFast = report.outcome === 'canceled' && failFast.signal.aborted && !interrupts.signal.aborted;
    if (flags.failFast && exitOfReport(report) !== 0) failFast.abort('another item failed');
    tell(report, path, together ? `${job.to.library}/${job.to.item}: ` : '', context);
    return { job, report, path, byFailFast };
  });
}

function specOf(job: Job, flags: UploadFlags, leftMs: number | undefined): UploadSpec {
  return {
    to: job.to,
    files: job.files,
    itemType: flags.type,
    ifExists: flags.ifExists,
    acceptWarnings: flags.acceptWarning as UploadSpec['acceptWarnings'],
    parallel: flags.parallel,
    deadlineMs: leftMs,
    hash: flags.hash
  };
}

/** @param whose stands before the sentence, where several are told */
function tell(report: Report, path: string | undefined, whose: string, context: Context): void {
  const { out } = context;

  if (!out.json) out.data(`${renderReport(report)}${path === undefined ? '' : `\n${path}`}\n`);
  if (report.failure === undefined || !tellsSentence(context)) return;
  const ending = endingOf(report.failure);
  out.fail({ ...ending, message: `${whose}${ending.message}` });
}

/** Whether a failure gets a sentence on stderr of its own. */
function tellsSentence({ io, out }: Context): boolean {
  // On a terminal the report itself stands where the sentence would.
  return out.progress !== 'ndjson' && (out.json || !io.stdout.isTTY);
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
