// shelver resume and shelver cleanup: runs that a crash, or a second Ctrl-C, left unfinished are gone on with, or ended.
import { adviceOf, failure } from '../../machines/vocabulary.ts';
import type { DurableJournal, ListedRun } from '../adapters/sqlite/journal.ts';
import type { Connection } from '../connect.ts';
import { download } from '../download.ts';
import type { DownloadReport } from '../download-report.ts';
import type { DownloadSpec } from '../download-spec.ts';
import { beginningOf } from '../events/beginning.ts';
import { recordsOf } from '../events/reading.ts';
import { PortFailure } from '../ports.ts';
import type { Report } from '../report.ts';
import type { Run } from '../run.ts';
import type { UploadSpec } from '../spec.ts';
import { upload } from '../upload.ts';
import { renderDownload } from '../view/download-report.ts';
import { renderReport } from '../view/report.ts';
import { type Ending, endingOf, exitOfReport, worstOf } from './exit.ts';
import type { Interrupts } from './interrupts.ts';
import { LEFT_UNFINISHED, openJournal } from './journal.ts';
import type { CommonFlags } from './options.ts';
import { type Context, widthOf } from './output.ts';
import { withConnection } from './server.ts';
import { several } from './several.ts';
import { areMany, showItems } from './show-items.ts';
import { showRun } from './show-run.ts';
import { isHere, passedOver } from './whose-run.ts';

export interface TakeUpFlags extends CommonFlags {
  readonly force?: boolean;
  readonly limitRate?: number;
}

/** Goes on with one run, or with all that nobody works on. Nothing to do is success. */
export function resumeCommand(id: string | undefined, flags: TakeUpFlags, context: Context): Promise<number> {
  return takeUp(id, flags, context, {
    what: 'resume',
    takes: ({ ending }) => ending === undefined,
    none: 'there is nothing to resume'
  });
}

/** Ends runs, and takes away what they left on the server and in the folder. */
export function cleanupCommand(id: string | undefined, flags: TakeUpFlags, context: Context): Promise<number> {
  return takeUp(id, flags, context, {
    what: 'cleanup',
    takes: ({ ending }) => ending === undefined || ending.left,
    none: 'there is nothing to clean up',
    cleanUp: 'cleaned up'
  });
}

interface Manner {
  readonly what: 'resume' | 'cleanup';
  takes(run: ListedRun): boolean;
  readonly none: string;
  readonly cleanUp?: string;
}

async function takeUp(id: string | undefined, flags: TakeUpFlags, context: Context, manner: Manner): Promise<number> {
  const { out } = context;
  const journal = await openJournal(flags, context);
  try {
    const chosen = await chosenOf(journal, id, manner);
    if (chosen.length === 0) {
      const working = (await journal.runs()).filter(run => run.ending === undefined && run.owner?.gone === false);
      const besides = working.length === 0 ? '' : ` (${working.length} at work: see shelver transfers)`;
      if (out.json) out.object({ runs: [] });
      else out.log('info', (await ended(journal, id, manner)) ?? `${manner.none}${besides}`);
      return 0;
    }
    const onInterrupt = (): void => out.log('info', 'canceling, and cleaning up; once more ends it at once');
    const use = async (server: Connection, interrupts: Interrupts): Promise<number> => {
      const here = chosen.filter(run => isHere(run, server));
      for (const run of chosen) if (!here.includes(run)) out.log('warning', passedOver(run, server));
      if (here.length === 0) out.log('info', `${manner.none} on ${server.serverName}`);
      const many = areMany(here);
      const names = here.map(({ place }) => place);
      const all = many ? showItems(names, server.serverName, server.clock, context) : undefined;
      const ended = await several(many ? AT_ONCE : 1, here, async (run, index) => {
        if (interrupts.signal.aborted) return [];
        const among = { many, begin: all?.begin.bind(undefined, index), end: all?.end.bind(undefined, index) };
        return [await again(run, journal, server, interrupts, flags, context, manner, among)];
      });
      await all?.close();
      const results = ended.flat();
      const well = results.filter(({ code }) => code === 0).length;
      if (out.json) out.object({ runs: results.flatMap(({ report }) => report ?? []) });
      else if (many) out.data(`${well} of ${here.length} runs ${manner.what === 'resume' ? 'finished' : 'ended'}\n`);
      return worstOf(results.map(({ code }) => code));
    };
    const onSecond = (): void => out.log('warning', LEFT_UNFINISHED);
    return await withConnection(flags, context, use, {
      journal,
      limitRate: flags.limitRate,
      endsByItself: true,
      onInterrupt,
      onSecond
    });
  } finally {
    await journal.close();
  }
}

/** So many runs go on at the same time, where there are many. */
const AT_ONCE = 4;

/** What a run is told among others: of many, its progress is shown with theirs, and no report of its own. */
interface Among {
  readonly many: boolean;
  begin?(progress$: Run<unknown>['progress$']): void;
  end?(outcome: Report['outcome']): void;
}

/** What is to be said of the one run that was named, and has ended. */
async function ended(journal: DurableJournal, id: string | undefined, { none }: Manner): Promise<string | undefined> {
  const named = id === undefined ? undefined : (await journal.runs()).find(({ run }) => run.startsWith(id));
  if (named?.ending === undefined) return undefined;
  const { outcome, left } = named.ending;
  const rest = left ? `, and something of it may be left: shelver cleanup ${named.run}` : '';
  return `${none}: run ${named.run} has ended (${outcome})${rest}`;
}

/** The run that is meant, by its id or the beginning of it; or all that wait for somebody. */
async function chosenOf(journal: DurableJournal, id: string | undefined, manner: Manner): Promise<ListedRun[]> {
  const runs = await journal.runs();
  if (id === undefined)
    return runs.filter(run => manner.takes(run) && (run.owner === undefined || run.owner.gone || run.ending));
  // Every id begins with nothing: a script whose variable is empty means none of them.
  if (id === '') throw new PortFailure(failure('INVALID_SPEC', 'the id of the run is empty', { next: SEE }));
  const found = runs.filter(({ run }) => run.startsWith(id));
  const [first, second] = found;
  if (first === undefined) throw new PortFailure(failure('NOT_FOUND', `the journal knows no run ${id}`, { next: SEE }));
  if (second !== undefined) {
    throw new PortFailure(failure('AMBIGUOUS', `the ids of ${found.length} runs begin with ${id}`, { next: SEE }));
  }
  return manner.takes(first) ? [first] : [];
}
const SEE = 'see shelver transfers --all';

/** One run, to its end; what keeps it from beginning is told, and does not stop the others. */
async function again(
  listed: ListedRun,
  journal: DurableJournal,
  server: Connection,
  interrupts: Interrupts,
  flags: TakeUpFlags,
  context: Context,
  { cleanUp }: Manner,
  among: Among
): Promise<{ report?: object; code: number }> {
  const { out } = context;
  const fail = (ending: Ending): void =>
    out.fail(among.many ? { ...ending, message: `${listed.place}: ${ending.message}` } : ending);
  try {
    await journal.claim(listed.run, flags.force);
    const { spec, files = [], place } = beginningOf(await recordsOf(journal, listed.run)) ?? {};
    const told = spec ?? (cleanUp === undefined ? undefined : toEnd(listed.kind, place, files));
    if (told === undefined) throw untold(listed);
    const options = { run: listed.run, signal: interrupts.signal, cleanUp };
    const doing = cleanUp === undefined ? 'going on with' : 'ending';
    if (!among.many) out.log('info', `${doing} run ${listed.run}: ${listed.kind} of ${listed.place}`);
    const run: Run<Report | DownloadReport> =
      listed.kind === 'upload'
        ? upload(server, told as UploadSpec, options)
        : download(server, told as DownloadSpec, options);
    among.begin?.(run.progress$);
    const shown = showRun(run, server.clock, context, {
      together: among.many,
      path: false,
      toldAfter: true,
      elsewhere: among.begin !== undefined
    });
    const report = await run.report;
    await shown.end();
    // What had been told as done stays so, and need not be told again.
    const isEnd = report.failure?.code === 'CANCELED' || listed.ending?.outcome === 'done';
    const ended = cleanUp !== undefined && isEnd && !report.left;
    among.end?.(ended ? 'done' : report.outcome);
    // The sentence of a failure follows on stderr.
    const form = { columns: widthOf(context), reason: false };
    const ending = ended
      ? `cleaned up: nothing is left of run ${listed.run}, ${listed.kind} of ${listed.place}\n`
      : `${'to' in report ? renderDownload(report, form) : renderReport(report, form)}\n`;
    if (!out.json && !among.many) out.data(ending);
    if (report.failure !== undefined && !ended) fail(endingOf(report.failure));
    const failed = report.failure && { ...report.failure, next: adviceOf(report.failure) };
    return {
      report: { ...report, ...(failed && { failure: failed }), ...(ended && { cleanedUp: true }) },
      code: ended ? 0 : exitOfReport(report, interrupts.caught)
    };
  } catch (cause) {
    if (!(cause instanceof PortFailure)) throw cause;
    const ending = endingOf(cause.failure);
    among.end?.('failed');
    fail(ending);
    return { code: ending.exit };
  }
}

/** The call of an upload that is only to be ended: nothing is read any more. A download has no folder that is known. */
export function toEnd(
  kind: ListedRun['kind'],
  place = '',
  files: readonly { readonly name: string }[]
): UploadSpec | undefined {
  const [library = '', ...item] = place.split('/');
  return kind === 'upload'
    ? { to: { library, item: item.join('/') }, files: files.map(({ name }) => name) }
    : undefined;
}

function untold({ run }: ListedRun): PortFailure {
  return new PortFailure(
    failure(
      'INVALID_SPEC',
      `the run ${run} read from sources that are not written down (a program's own, or an address with a secret)`,
      {
        next: `end it, and begin anew: shelver cleanup ${run}`
      }
    )
  );
}
