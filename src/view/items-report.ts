// The report of many items at once, for a person: a line an item, what failed first; then why, and what it comes to in all.
import { adviceOf, type Failure } from '../../machines/vocabulary.ts';
import type { Report } from '../report.ts';
import { counted, field, type RenderOptions, tabled, verifiedBy, written } from './report.ts';
import { sizeOf, spanOf } from './words.ts';

/** What became of one of many items: a report, or why it was not begun. */
export interface ItemResult {
  /** `library/item`. */
  readonly name: string;
  readonly report?: Report;
  readonly notBegun?: string;
}

const RESULTS: Readonly<Record<Report['outcome'], string>> = {
  failed: 'failed',
  canceled: 'canceled',
  planned: 'planned',
  done: 'done',
  upToDate: 'up to date'
};
/** What needs somebody comes first. */
const ORDER = ['failed', 'canceled', 'not begun', 'planned', 'done', 'up to date', 'skipped'];
/** So many names stand before "and 12 more". */
const NAMED = 3;

/**
 * Ends with a line feed. No colour, no control characters.
 *
 * @param tookMs from the beginning of the first item to the end of the last
 */
export function renderItems(items: readonly ItemResult[], tookMs: number, options: RenderOptions = {}): string {
  const ordered = [...items].sort((one, other) => ORDER.indexOf(resultOf(one)) - ORDER.indexOf(resultOf(other)));
  const reports = items.flatMap(({ report }) => report ?? []);
  const lines = [
    ...tabled(HEAD, ordered.map(rowOf), new Set([1, 4, 5]), options.columns),
    '',
    ...failureLines(items),
    ...noteLines(reports),
    `${countsOf(items)}: ${sizeOf(sum(reports, 'sent'))} sent, ${sizeOf(sum(reports, 'accepted'))} accepted, ${counted(sum(reports, 'retries'), 'retry', 'retries')}, ${spanOf(tookMs)}`
  ];
  return written(lines, options);
}

/** @example `countsOf(items)` is `'197 of 200 items done, 2 failed, 1 not begun'`. */
function countsOf(items: readonly ItemResult[]): string {
  const count = (result: string): number => items.filter(item => resultOf(item) === result).length;
  const others = ORDER.filter(result => result !== 'done' && count(result) > 0);
  return [
    `${count('done')} of ${counted(items.length, 'item', 'items')} done`,
    ...others.map(result => `${count(result)} ${result}`)
  ].join(', ');
}

function resultOf({ report }: ItemResult): string {
  if (report === undefined) return 'not begun';
  return report.skipped ? 'skipped' : RESULTS[report.outcome];
}

const HEAD = ['item', 'size', 'result', 'verified by', 'retries', 'sent'];

function rowOf(item: ItemResult): string[] {
  const { name, report, notBegun } = item;
  const result = resultOf(item);
  if (report === undefined) return [name, '', notBegun === undefined ? result : `${result}: ${notBegun}`, '', '', ''];
  const { files, failure, retries, sent } = report;
  return [
    name,
    sizeOf(files.reduce((all, file) => all + (file.size ?? 0), 0)),
    report.outcome === 'failed' && failure !== undefined ? `${result}: ${failure.code}` : result,
    failure === undefined ? [...new Set(files.map(verifiedBy))].join(', ') : '',
    retries === 0 ? '' : String(retries),
    sizeOf(sent)
  ];
}

/** Each reason once, with those whom it kept: a library that is not there fails two hundred items in the same words. */
function failureLines(items: readonly ItemResult[]): string[] {
  const reasons = new Map<string, { failure: Failure; names: string[] }>();
  for (const { name, report } of items) {
    if (report?.failure === undefined || report.outcome !== 'failed') continue;
    const { failure } = report;
    const key = `${failure.code} ${failure.message}`;
    const known = reasons.get(key) ?? { failure, names: [] };
    known.names.push(name);
    reasons.set(key, known);
  }
  return [...reasons.values()].flatMap(({ failure, names }) => [
    `${listed(names)}: ${failure.message}`,
    field('code', failure.code),
    field('next', adviceOf(failure)),
    ''
  ]);
}

function noteLines(reports: readonly Report[]): string[] {
  const notes = new Map<string, number>();
  for (const note of reports.flatMap(report => report.notes)) notes.set(note, (notes.get(note) ?? 0) + 1);
  return [...notes].map(([note, count]) => `note: ${note} (${counted(count, 'item', 'items')})`);
}

function listed(names: readonly string[]): string {
  const rest = names.length - NAMED;
  return `${names.slice(0, NAMED).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

function sum(reports: readonly Report[], key: 'sent' | 'accepted' | 'retries'): number {
  return reports.reduce((all, report) => all + report[key], 0);
}
