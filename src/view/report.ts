// The report for a person: what happened, how sure it is, and what to do next.
import { adviceOf, type Failure } from '../../machines/vocabulary.ts';
import { phasesOf } from '../events/phase.ts';
import type { FileReport, Report, Verified } from '../report.ts';
import { renderDryRun } from './forecast.ts';
import { columnsOf, harmless, rateOf, sizeOf, spanOf, withReason } from './words.ts';

const OUTCOMES: Readonly<Record<Report['outcome'], string>> = {
  done: 'done',
  upToDate: 'up to date, nothing was sent',
  failed: 'failed',
  canceled: 'canceled',
  planned: 'planned'
};
const SKIPPED = 'skipped, the item exists already';
const VERIFIED: Readonly<Record<Verified, string>> = {
  digest: 'digest',
  size: 'size only',
  notReported: 'nothing to compare',
  notKept: 'not kept by the service',
  no: 'not verified'
};
const RESULTS: Readonly<Record<FileReport['outcome'], string>> = {
  ready: 'ready',
  unchanged: 'unchanged',
  failed: 'failed',
  notSent: 'not sent'
};
const WIDTH = 100;

export interface RenderOptions {
  /** Width of the terminal; without one, lines are as long as what they say. */
  readonly columns?: number;
  /** Whether the reason of a failure and what to do next are told, too, not its code alone; true unless somebody else tells them. */
  readonly reason?: boolean;
}

/** Ends with a line feed. No colour, no control characters. */
export function renderReport(report: Report, options: RenderOptions = {}): string {
  if (report.dryRun) return renderDryRun(report, options);
  const { library, item, sessionId, failure } = report;
  const tookMs = report.endedAt - report.startedAt;
  const made = item?.made === true ? ', created by this run' : '';
  const version = item?.contentVersion === undefined ? '' : `, content version ${item.contentVersion}`;
  const pace = report.sent > 0 && tookMs > 0 ? `, ${rateOf((report.sent * 1000) / tookMs)} on average` : '';
  const lines = [
    ...outcomeLines(report.skipped ? SKIPPED : OUTCOMES[report.outcome], failure, options),
    field('server', report.server),
    ...(library === undefined ? [] : [field('library', `${library.name} (${library.id})`)]),
    ...(item === undefined ? [] : [field('item', `${item.name} (${item.id})${version}${made}`)]),
    ...(sessionId === undefined ? [] : [field('session', sessionId)]),
    field('run', report.run),
    ...pathLines(phasesOf(report.path), options.columns),
    ...report.files.flatMap(({ name, pulledFrom }) =>
      pulledFrom === undefined ? [] : [field('pulled', `${name} from ${pulledFrom}`)]
    ),
    ...(report.removed ?? []).map(name => field('removed', name)),
    ...(report.files.length === 0 ? [] : ['', ...table(report.files, options.columns)]),
    '',
    `${sizeOf(report.sent)} sent, ${sizeOf(report.accepted)} accepted, ${counted(report.retries, 'retry', 'retries')}, ${spanOf(tookMs)}${pace}`,
    ...report.notes.map(note => `note: ${note}`)
  ];
  return written(lines, options);
}

/** Lines as text: harmless, and broken between words where the terminal ends. */
export function written(lines: readonly string[], { columns }: RenderOptions): string {
  return lines.flatMap(line => folded(harmless(line).trimEnd(), columns)).join('');
}

/** How it ended; why, and what to do, unless that is told elsewhere. */
export function outcomeLines(
  outcome: string,
  failure: Failure | undefined,
  { reason = true }: RenderOptions
): string[] {
  if (failure === undefined) return [outcome];
  if (!reason) return [`${outcome}: ${failure.code}`];
  return [withReason(outcome, failure.message), ...failureLines(failure)];
}

function failureLines(failure: Failure): string[] {
  const said = failure.service?.messages.map(message => message.default_message) ?? [];
  return [
    ...said.filter(text => !failure.message.includes(text)).map(text => field('service', text)),
    field('code', failure.code),
    field('next', adviceOf(failure))
  ];
}

export function field(name: string, value: string): string {
  return `  ${name.padEnd(8)} ${value}`;
}

/** A line that is too long goes on below its own words; a word is never cut. */
function folded(line: string, columns: number | undefined): string[] {
  if (columns === undefined || columnsOf(line) < columns) return [`${line}\n`];
  const indent = /^ {2}\S+ +/.exec(line)?.[0].length ?? (line.startsWith(' ') ? 11 : 0);
  const lines: string[] = [];
  let now = line.slice(0, indent);
  for (const word of line.slice(indent).split(' ')) {
    const more =
      now.length > indent || now.trim() === '' ? `${now}${now.length > indent ? ' ' : ''}${word}` : `${now}${word}`;
    if (columnsOf(more) < columns || now.length <= indent) {
      now = more;
      continue;
    }
    lines.push(now);
    now = ' '.repeat(indent) + word;
  }
  return [...lines, now].map(text => `${text.trimEnd()}\n`);
}

export function pathLines(path: readonly string[], columns = WIDTH + 1): string[] {
  const width = Math.min(WIDTH, columns - 1);
  const lines: string[] = [];
  let line = '';
  for (const [index, state] of path.entries()) {
    const part = index === 0 ? state : `→ ${state}`;
    if (line !== '' && line.length + 1 + part.length > width - 11) {
      lines.push(line);
      line = '';
    }
    line += line === '' ? part : ` ${part}`;
  }
  if (line !== '') lines.push(line);
  return lines.map((text, index) => field(index === 0 ? 'path' : '', text));
}

function table(files: readonly FileReport[], columns?: number): string[] {
  const head = ['file', 'size', 'result', 'verified by', 'attempts', 'sent', 'accepted'];
  const right = new Set([1, 4, 5, 6]);
  const rows = files.map(file => [
    file.name,
    sizeOf(file.size),
    file.replaced ? 'replaced' : RESULTS[file.outcome],
    verifiedBy(file),
    String(file.attempts),
    sizeOf(file.sent),
    sizeOf(file.accepted)
  ]);
  return tabled(head, rows, right, columns);
}

/** @example `verifiedBy(file)` is `'SHA256 digest'`. */
export function verifiedBy({ digest, verified }: FileReport): string {
  return digest === undefined || verified !== 'digest' ? VERIFIED[verified] : `${digest.algorithm} digest`;
}

/** A table; where the terminal is too narrow for it, the cells of each row below its name. */
export function tabled(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: ReadonlySet<number>,
  columns: number | undefined
): string[] {
  const lines = aligned(head, rows, right);
  if (columns === undefined || lines.every(line => columnsOf(line.trimEnd()) < columns)) return lines;
  return rows.flatMap(([name = '', ...cells]) => [
    `  ${name}`,
    ...cells.flatMap((cell, index) => (cell === '' ? [] : [`    ${head[index + 1]?.padEnd(12)} ${cell}`]))
  ]);
}

/** Names to the left, numbers (columns in `right`) to the right, as wide as what is in them. */
function aligned(head: readonly string[], texts: readonly (readonly string[])[], right: ReadonlySet<number>): string[] {
  const all = [head, ...texts.map(row => row.map(harmless))];
  const widths = head.map((title, column) => Math.max(...all.map(row => columnsOf(row[column] ?? title))));
  return all.map(
    row =>
      `  ${row
        .map((text, column) => {
          const gap = ' '.repeat((widths[column] ?? 0) - columnsOf(text));
          return right.has(column) ? gap + text : text + gap;
        })
        .join('  ')}`
  );
}

export function counted(count: number, one: string, many: string): string {
  return count === 0 ? `no ${many}` : `${count} ${count === 1 ? one : many}`;
}
