// The report of a download for a person: what is in the folder now, how sure it is, and what to do next.
import type { DownloadedFile, DownloadReport } from '../download-report.ts';
import { phasesOf } from '../events/phase.ts';
import { renderDryDownload } from './forecast.ts';
import { counted, field, outcomeLines, pathLines, type RenderOptions, tabled, written } from './report.ts';
import { rateOf, sizeOf, spanOf } from './words.ts';

const OUTCOMES: Readonly<Record<DownloadReport['outcome'], string>> = {
  done: 'done',
  upToDate: 'up to date, nothing was fetched',
  failed: 'failed',
  canceled: 'canceled',
  planned: 'planned'
};
const RESULTS: Readonly<Record<DownloadedFile['outcome'], string>> = {
  kept: 'kept',
  unchanged: 'unchanged',
  skipped: 'skipped',
  failed: 'failed',
  notFetched: 'not fetched'
};
const VERIFIED: Readonly<Record<DownloadedFile['verified'], string>> = {
  digest: 'digest',
  size: 'size only',
  notReported: 'not reported by the server',
  no: 'not verified'
};

/** Ends with a line feed. No colour, no control characters. */
export function renderDownload(report: DownloadReport, options: RenderOptions = {}): string {
  if (report.dryRun) return renderDryDownload(report, options);
  const { library, item, sessionId, failure } = report;
  const tookMs = report.endedAt - report.startedAt;
  const version = item?.contentVersion === undefined ? '' : `, content version ${item.contentVersion}`;
  const pace = report.received > 0 && tookMs > 0 ? `, ${rateOf((report.received * 1000) / tookMs)} on average` : '';
  const lines = [
    ...outcomeLines(OUTCOMES[report.outcome], failure, options),
    field('server', report.server),
    ...(library === undefined ? [] : [field('library', `${library.name} (${library.id})`)]),
    ...(item === undefined ? [] : [field('item', `${item.name} (${item.id})${version}`)]),
    ...(sessionId === undefined ? [] : [field('session', sessionId)]),
    field('folder', report.to),
    field('run', report.run),
    ...pathLines(phasesOf(report.path), options.columns),
    ...(report.files.length === 0 ? [] : ['', ...table(report.files, options.columns)]),
    '',
    `${sizeOf(report.received)} received, ${sizeOf(report.kept)} kept, ${counted(report.retries, 'retry', 'retries')}, ${spanOf(tookMs)}${pace}`,
    ...report.notes.map(note => `note: ${note}`)
  ];
  return written(lines, options);
}

function table(files: readonly DownloadedFile[], columns?: number): string[] {
  const head = ['file', 'size', 'result', 'verified by', 'attempts', 'received'];
  const rows = files.map(file => [
    file.name,
    file.size === undefined ? '' : sizeOf(file.size),
    RESULTS[file.outcome],
    file.digest === undefined || file.verified !== 'digest'
      ? VERIFIED[file.verified]
      : `${file.digest.algorithm} digest`,
    String(file.attempts),
    sizeOf(file.received)
  ]);
  return tabled(head, rows, new Set([1, 4, 5]), columns);
}
