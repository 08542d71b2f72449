// The block that a terminal shows: progress in, lines out. Pure: time, width and colour are passed in.
import type { FileProgress, Progress } from '../observe/progress.ts';
import { clockOf, columnsOf, cut, fitted, harmless, percentOf, rateOf, sizeOf, sizesOf, spanOf } from './words.ts';

export interface BlockOptions {
  /** Lines are shorter than this, so that no terminal wraps them. */
  readonly columns: number;
  /** Height of the terminal; files that do not fit are counted in one line. */
  readonly rows: number;
  readonly color: boolean;
  readonly now: number;
}

type Paint = (text: string) => string;
interface Cell {
  readonly text: string;
  readonly paint?: Paint;
  readonly right?: boolean;
}
type Field = 'name' | 'bar' | 'percent' | 'words' | 'sizes' | 'rate' | 'left' | 'attempt' | 'state';
type Row = Readonly<Record<Exclude<Field, 'bar'>, Cell>> & {
  readonly share: readonly [sent: number, accepted: number];
};

/** What a line holds, from the widest terminal to the narrowest. */
const LAYOUTS: readonly (readonly Field[])[] = [
  ['name', 'bar', 'percent', 'words', 'rate', 'left', 'attempt', 'state'],
  ['name', 'bar', 'percent', 'sizes', 'rate', 'left', 'attempt', 'state'],
  ['name', 'bar', 'percent', 'sizes', 'rate', 'attempt', 'state'],
  ['name', 'bar', 'percent', 'sizes', 'state'],
  ['name', 'percent', 'sizes', 'state'],
  ['name', 'percent', 'state'],
  ['name', 'percent']
];
const [NAME_MAX, BAR_MIN, BAR_MAX] = [32, 10, 30];

/** @example `blockOf(progress, { columns: 80, rows: 24, color: false, now })[0]` is `'images/ubuntu  transferring'`. */
export function blockOf(progress: Progress, options: BlockOptions): string[] {
  const { columns, rows, color, now } = options;
  const room = Math.max(1, columns - 1);
  const paint = paints(color);
  const waits = progress.waits.slice(0, 3);
  const [shown, hidden] = choose(progress, Math.max(1, rows - 4 - waits.length));
  const files = shown.map(file => rowOf(file, progress, now, paint));
  const lines = table(progress.files.length > 1 ? [...files, totalRow(progress, paint)] : files, room, color);
  const more = hidden.length === 0 ? [] : [cut(`… and ${hidden.length} more: ${countsOf(hidden)}`, room)];
  if (hidden.length > 0) lines.splice(shown.length, 0, ...more);
  return [
    `${cut(headOf(progress), room)}`,
    ...lines,
    ...waits.map(wait => {
      const who = wait.file === undefined ? '' : `${harmless(wait.file)}: `;
      return paint.wait(cut(`${who}goes on ${inTime(wait.until - now)}: ${harmless(wait.why)}`, room));
    })
  ];
}

function headOf(progress: Progress): string {
  const retries = progress.retries === 0 ? '' : `  ${progress.retries} ${progress.retries === 1 ? 'retry' : 'retries'}`;
  return `${harmless(progress.to)}  ${progress.outcome ?? progress.phase}${retries}  ${clockOf(progress.at - progress.startedAt)}`;
}

function rowOf(file: FileProgress, progress: Progress, now: number, paint: Paints): Row {
  const wait = progress.waits.find(its => its.file === file.name);
  const state = wait === undefined ? file.state : `waits ${spanOf(wait.until - now)}`;
  const tone =
    wait !== undefined
      ? paint.wait
      : file.state === 'failed'
        ? paint.bad
        : file.state === 'ready'
          ? paint.good
          : undefined;
  const attempt = file.attempt === 0 ? '' : `attempt ${file.attempt}${file.of === undefined ? '' : `/${file.of}`}`;
  return {
    ...numbers(file),
    name: { text: harmless(file.name) },
    attempt: { text: attempt },
    state: { text: state, paint: tone }
  };
}

function totalRow({ total, files }: Progress, paint: Paints): Row {
  return {
    ...numbers(total),
    name: { text: `total, ${files.length} files`, paint: paint.strong },
    attempt: { text: '' },
    state: { text: '' }
  };
}

type Numbers = Pick<FileProgress, 'sent' | 'accepted' | 'size' | 'rate' | 'etaMs'>;

function numbers({ sent, accepted, size, rate, etaMs }: Numbers): Omit<Row, 'name' | 'attempt' | 'state'> {
  const done = Math.max(sent, accepted);
  const [s, a, of] = sizesOf([sent, accepted, size]);
  return {
    share: size === 0 ? [1, 1] : [done / size, accepted / size],
    percent: { text: percentOf(done, size), right: true },
    words: { text: `${s} sent, ${a} accepted of ${of}`, right: true },
    sizes: { text: `${s}/${a}/${of}`, right: true },
    rate: { text: rateOf(rate), right: true },
    left: { text: etaMs === undefined || rate === 0 ? '' : `${clockOf(etaMs)} left`, right: true }
  };
}

/** Rows with aligned columns, in the richest layout that fits. */
function table(rows: readonly Row[], room: number, color: boolean): string[] {
  for (const layout of LAYOUTS) {
    const widths = new Map<Field, number>();
    for (const field of layout) {
      if (field === 'bar') continue;
      const width = Math.max(...rows.map(row => columnsOf(row[field].text)));
      widths.set(field, field === 'name' ? Math.min(width, NAME_MAX) : width);
    }
    const fields = layout.filter(field => field === 'bar' || (widths.get(field) ?? 0) > 0);
    const used = [...widths.values()].reduce((sum, width) => sum + width, 0) + 2 * (fields.length - 1);
    const hasBar = layout.includes('bar');
    if (used + (hasBar ? BAR_MIN : 0) > room && layout !== LAYOUTS.at(-1)) continue;
    widths.set('bar', Math.min(BAR_MAX, room - used));
    return rows.map(row => line(row, fields, widths, room, color));
  }
  return [];
}

function line(
  row: Row,
  fields: readonly Field[],
  widths: ReadonlyMap<Field, number>,
  room: number,
  color: boolean
): string {
  const cells = fields.map((field): Cell => {
    const width = widths.get(field) ?? 0;
    if (field === 'bar') return { text: bar(row.share, width) };
    const { text, paint, right } = row[field];
    return { text: right ? text.padStart(width) : fitted(text, width), paint };
  });
  const plain = cells.map(cell => cell.text).join('  ');
  if (!color || columnsOf(plain) > room) return cut(plain.trimEnd(), room);
  return cells
    .map(({ text, paint }) => (paint === undefined ? text : paint(text)))
    .join('  ')
    .trimEnd();
}

/** Solid: accepted; shaded: sent and not yet accepted. */
function bar([sent, accepted]: readonly [number, number], width: number): string {
  const solid = Math.floor(accepted * width);
  const shaded = Math.max(0, Math.floor(sent * width) - solid);
  return '█'.repeat(solid) + '▒'.repeat(shaded) + '░'.repeat(width - solid - shaded);
}

/** Files at work stand before those that wait their turn, and these before those that are through; the order stays otherwise. */
function choose(progress: Progress, room: number): [FileProgress[], FileProgress[]] {
  if (progress.files.length <= room) return [[...progress.files], []];
  const urgency = (file: FileProgress): number =>
    file.state === 'failed' ? 1 : file.state === 'queued' ? 2 : isThere(file) ? 3 : 0;
  const ranked = progress.files
    .map((file, index) => ({ index, rank: urgency(file) }))
    .sort((a, b) => a.rank - b.rank || a.index - b.index);
  const kept = new Set(ranked.slice(0, room - 1).map(its => its.index));
  return [progress.files.filter((_, index) => kept.has(index)), progress.files.filter((_, index) => !kept.has(index))];
}

function isThere({ state }: FileProgress): boolean {
  return state === 'ready' || state === 'unchanged';
}

function countsOf(files: readonly FileProgress[]): string {
  const counts = new Map<string, number>();
  for (const { state } of files) counts.set(state, (counts.get(state) ?? 0) + 1);
  const size = files.reduce((sum, file) => sum + file.size, 0);
  return `${[...counts].map(([state, count]) => `${count} ${state}`).join(', ')}; ${sizeOf(size)}`;
}

/** @example `inTime(2300)` is `'in 2.3 s'`; what is due is `'now'`. */
export function inTime(ms: number): string {
  return ms <= 0 ? 'now' : `in ${spanOf(ms)}`;
}

interface Paints {
  readonly good: Paint;
  readonly bad: Paint;
  readonly wait: Paint;
  readonly strong: Paint;
}

function paints(color: boolean): Paints {
  const sgr =
    (code: number): Paint =>
    text =>
      color ? `\x1b[${code}m${text}\x1b[0m` : text;
  return { good: sgr(32), bad: sgr(31), wait: sgr(33), strong: sgr(1) };
}
