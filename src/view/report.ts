// The report for a person: what happened, how sure it is, and what to do next.
import { adviceOf, type Failure } from '../../machines/vocabulary.ts';
import { phasesOf } from '../events/phase.ts';
import type { FileReport, Report, Verified } from '../report.ts';
import { columnsOf, harmless, rateOf, sizeOf, spanOf, withReason } from './words.ts';

const OUTCOMES: Readonly<Record<Report['outcome'], string>> = {
  done: 'done',
  upToDate: 'up to date, nothing was sent',
  failed: 'failed',
  canceled: 'canceled'
};
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

/** Ends with a line feed. No colour, no control characters. */
export function renderReport(report: Report): string {
  const { library, item, sessionId, failure } = report;
  const tookMs = report.endedAt - report.startedAt;
  const made = item?.made === true ? ', created by this run' : '';
  const version = item?.contentVersion === undefined ? '' : `, content version ${item.contentVersion}`;
  const pace = report.sent > 0 && tookMs > 0 ? `, ${rateOf((report.sent * 1000) / tookMs)} on average` : '';
  const lines = [
    withReason(OUTCOMES[report.outcome], failure?.message),
    ...(failure === undefined ? [] : failureLines(failure)),
    field('server', report.server),
    ...(library === undefined ? [] : [field('library', `${library.name} (${library.id})`)]),
    ...(item === undefined ? [] : [field('item', `${item.name} (${item.id})${version}${made}`)]),
    ...(sessionId === undefined ? [] : [field('session', sessionId)]),
    field('run', report.run),
    ...pathLines(phasesOf(report.path)),
    ...report.files.flatMap(({ name, pulledFrom }) =>
      pulledFrom === undefined ? [] : [field('pulled', `${name} from ${pulledFrom}`)]
    ),
    ...(report.files.length === 0 ? [] : ['', ...table(report.files)]),
    '',
    `${sizeOf(report.sent)} sent, ${sizeOf(report.accepted)} accepted, ${counted(report.retries, 'retry', 'retries')}, ${spanOf(tookMs)}${pace}`,
    ...report.notes.map(note => `note: ${note}`)
  ];
  return lines.map(line => `${harmless(line).trimEnd()}\n`).join('');
}

export function failureLines(failure: Failure): string[] {
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

export function pathLines(path: readonly string[]): string[] {
  const lines: string[] = [];
  let line = '';
  for (const [index, state] of path.entries()) {
    const part = index === 0 ? state : `→ ${state}`;
    if (line !== '' && line.length + 1 + part.length > WIDTH - 11) {
      lines.push(line);
      line = '';
    }
    line += line === '' ? part : ` ${part}`;
  }
  if (line !== '') lines.push(line);
  return lines.map((text, index) => field(index === 0 ? 'path' : '', text));
}

function table(files: readonly FileReport[]): string[] {
  const head = ['file', 'size', 'result', 'verified by', 'attempts', 'sent', 'accepted'];
  const right = new Set([1, 4, 5, 6]);
  const rows = files.map(file => [
    file.name,
    sizeOf(file.size),
    RESULTS[file.outcome],
    file.digest === undefined || file.verified !== 'digest'
      ? VERIFIED[file.verified]
      : `${file.digest.algorithm} digest`,
    String(file.attempts),
    sizeOf(file.sent),
    sizeOf(file.accepted)
  ]);
  return aligned(head, rows, right);
}

/** Names to the left, numbers (columns in `right`) to the right, as wide as what is in them. */
export function aligned(
  head: readonly string[],
  texts: readonly (readonly string[])[],
  right: ReadonlySet<number>
): string[] {
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
