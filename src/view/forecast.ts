// What a dry run announces, for a person: what the same call would do, and what stands in its way.
import type { DownloadReport } from '../download-report.ts';
import type { ForecastFile } from '../forecast.ts';
import type { Outcome } from '../events/records.ts';
import type { Report } from '../report.ts';
import { counted, field, outcomeLines, type RenderOptions, tabled, written } from './report.ts';
import { sizeOf } from './words.ts';

/** The report of `upload(…, { dryRun: true })`. Ends with a line feed. */
export function renderDryRun(report: Report, options: RenderOptions): string {
  const { library, item, failure, forecast } = report;
  const lines = [
    ...outcomeLines(report.skipped ? SKIPPED : OUTCOMES[report.outcome], failure, options),
    field('server', report.server),
    ...(library === undefined ? [] : [field('library', `${library.name} (${library.id})`)]),
    ...(item === undefined
      ? []
      : [field('item', `${item.name} (${item.id}), ${ITEMS[forecast?.item.does ?? 'leave']}`)]),
    ...(item === undefined && forecast !== undefined ? [field('item', `${forecast.item.name}, ${ITEMS.create}`)] : []),
    ...(forecast?.inTheWay ?? []).map(({ id }) =>
      field('session', `${id}, open on the item${BUSY[forecast?.thenBusy ?? 'fail']}`)
    ),
    ...goesOnLines(forecast?.goesOnWith),
    ...(forecast === undefined ? [] : ['', ...table(forecast.files, options.columns)]),
    ...nameLines('removed', forecast?.removes),
    ...nameLines('stays', forecast?.stays),
    ...(forecast === undefined
      ? []
      : ['', `${sizeOf(forecast.bytes)} would be sent, ${countedBy(forecast.files, 'send')}`]),
    ...report.notes.map(note => `note: ${note}`)
  ];
  return written(lines, options);
}

/** The report of `download(…, { dryRun: true })`. Ends with a line feed. */
export function renderDryDownload(report: DownloadReport, options: RenderOptions): string {
  const { library, item, failure, forecast } = report;
  const rows = forecast?.files.map(({ name, size, does, replaces }) => [
    name,
    size === undefined ? '' : sizeOf(size),
    replaces ? 'fetch, in place of what is there' : FETCHES[does]
  ]);
  const lines = [
    ...outcomeLines(OUTCOMES[report.outcome], failure, options),
    field('server', report.server),
    ...(library === undefined ? [] : [field('library', `${library.name} (${library.id})`)]),
    ...(item === undefined ? [] : [field('item', `${item.name} (${item.id})`)]),
    field('folder', report.to),
    ...goesOnLines(forecast?.goesOnWith),
    ...(rows === undefined ? [] : ['', ...tabled(['file', 'size', 'would'], rows, new Set([1]), options.columns)]),
    ...(forecast === undefined
      ? []
      : ['', `${sizeOf(forecast.bytes)} would be fetched, ${countedBy(forecast.files, 'fetch')}`]),
    ...report.notes.map(note => `note: ${note}`)
  ];
  return written(lines, options);
}

/** Nobody would look whether it is up to date. */
const SKIPPED = 'dry run: the item exists already, and would be skipped';
const OUTCOMES: Readonly<Record<Outcome, string>> = {
  planned: 'dry run: nothing was changed; this is what would be done',
  upToDate: 'dry run: up to date, nothing would be done',
  failed: 'dry run: it would fail',
  canceled: 'dry run: canceled',
  done: 'dry run: done'
};
const ITEMS = { create: 'would be created', update: 'would be updated', leave: 'left as it is' } as const;
const BUSY = { fail: '', wait: ': it would be waited for', 'take-over': ': it would be taken over' } as const;
const SENDS: Readonly<Record<ForecastFile['does'], string>> = {
  send: 'be sent',
  pull: 'be fetched by the server',
  leave: 'not be sent'
};
const FETCHES = { fetch: 'be fetched', leave: 'stay: the same bytes are there', skip: 'stay as it is' } as const;

function table(files: readonly ForecastFile[], columns: number | undefined): string[] {
  const rows = files.map(({ name, size, does, turn = 0, replaces }) => [
    name,
    size === undefined ? '' : sizeOf(size),
    `${SENDS[does]}${replaces ? ', in place of what is there' : ''}`,
    turn === 0 ? '' : String(turn)
  ]);
  // Where all go at once there is no order to tell.
  const ordered = files.some(({ turn = 0 }) => turn > 1);
  const told = ordered ? rows : rows.map(row => row.slice(0, -1));
  return tabled(['file', 'size', 'would', ...(ordered ? ['turn'] : [])], told, new Set([1, 3]), columns);
}

function nameLines(what: string, names: readonly string[] = []): string[] {
  return names.map(name => field(what, name));
}

function goesOnLines(run: string | undefined): string[] {
  return run === undefined ? [] : [field('run', `${run} has not ended: it would be gone on with`)];
}

function countedBy(files: readonly { readonly does: string }[], does: string): string {
  return counted(files.filter(file => file.does === does).length, 'file', 'files');
}
