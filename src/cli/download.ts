// shelver download: from LIBRARY/ITEM, or one file of it, into a folder; what is shown meanwhile and what is said at the end.
import { adviceOf } from '../../machines/vocabulary.ts';
import { download, downloadToldAgain } from '../download.ts';
import type { DownloadReport } from '../download-report.ts';
import { checkDownload, type DownloadSpec } from '../download-spec.ts';
import { renderDownload } from '../view/download-report.ts';
import { earlierRun } from './earlier-run.ts';
import { endingOf, exitOfReport, UsageError } from './exit.ts';
import { LEFT_UNFINISHED, openJournal } from './journal.ts';
import type { CommonFlags } from './options.ts';
import { type Context, tellsSentence, widthOf } from './output.ts';
import { placeOf } from './place.ts';
import { withConnection } from './server.ts';
import { showRun } from './show-run.ts';

export interface DownloadFlags extends CommonFlags {
  readonly ifExists: 'fail' | 'skip' | 'replace';
  readonly parallel: number;
  readonly deadline?: number;
  readonly showPath?: boolean;
  readonly dryRun?: boolean;
  readonly limitRate?: number;
}

export async function downloadCommand(
  place: string,
  folder: string,
  flags: DownloadFlags,
  context: Context
): Promise<number> {
  const spec = specOf(place, folder, flags);
  // Before the login: a wrong call is told without a server.
  checkDownload(spec);
  const until = flags.deadline === undefined ? undefined : Date.now() + flags.deadline;
  const { out } = context;
  const journal = await openJournal(flags, context, flags.dryRun);
  return withConnection(
    flags,
    context,
    async (server, interrupts) => {
      // Logging in is part of what the deadline is for.
      const deadlineMs = until === undefined ? undefined : Math.max(1, until - Date.now());
      const { dryRun } = flags;
      const known = await earlierRun(journal, server, 'download', downloadToldAgain(spec), dryRun);
      if (known !== undefined && !dryRun) out.log('info', `going on with run ${known}, which had not ended`);
      const run = download(server, { ...spec, deadlineMs }, { signal: interrupts.signal, run: known, dryRun });
      const shown = showRun(run, server.clock, context, {
        together: false,
        path: flags.showPath ?? false,
        toldAfter: tellsSentence(context)
      });
      const report = await run.report;
      tell(report, await shown.end(), context);
      return exitOfReport(report, interrupts.caught);
    },
    {
      journal,
      limitRate: flags.limitRate,
      until,
      endsByItself: true,
      onInterrupt: () => out.log('info', 'canceling, and taking away what is not complete; once more ends it at once'),
      onSecond: () => out.log('warning', LEFT_UNFINISHED)
    }
  ).finally(() => journal.close());
}

/** @example `specOf('images/ubuntu/disk.vmdk', '.', flags).files` is `['disk.vmdk']`. */
export function specOf(place: string, to: string, { ifExists, parallel }: DownloadFlags): DownloadSpec {
  const [library, item, ...more] = place.split('/');
  const { library: inLibrary, item: its } = placeOf([library, item].join('/'));
  if (its === undefined || more.length > 1) {
    throw new UsageError(
      `${JSON.stringify(place)} is not LIBRARY/ITEM or LIBRARY/ITEM/FILE`,
      'see shelver download --help'
    );
  }
  const written = (ref: typeof inLibrary): string => (ref.id === undefined ? ref.name : `id:${ref.id}`);
  const files = more.filter(name => name !== '');
  return { from: { library: written(inLibrary), item: written(its) }, files, to, ifExists, parallel };
}

function tell(report: DownloadReport, path: string | undefined, context: Context): void {
  const { out } = context;
  const { failure: failed } = report;
  const alone = !tellsSentence(context);
  if (out.json) {
    const told = failed && { ...failed, next: adviceOf(failed) };
    out.object({ ...report, ...(told && { failure: told }), ...(path !== undefined && { pathDiagram: path }) });
  } else {
    const text = renderDownload(report, { columns: widthOf(context), reason: alone });
    out.data(`${text}${path === undefined ? '' : `\n${path}`}\n`);
  }
  if (failed !== undefined && !alone) out.fail(endingOf(failed));
}
