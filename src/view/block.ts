// The block that a terminal shows: progress in, lines out. Pure: time, width and colour are passed in.
import { isThere } from '../observe/fold.ts';
import type { FileProgress, Progress } from '../observe/progress.ts';
import {
  clockOf,
  columnsOf,
  cut,
  fitted,
  harmless,
  isLeft,
  percentOf,
  rateOf,
  shortened,
  sizeOf,
  sizesOf,
  spanOf,
  verbsOf
} from './words.ts';

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
type Field = 'name' | 'bar' | 'percent' | 'words' | 'sizes' | 'rate' | 'left' | 'attempt' | 'tries' | 'state';
type Row = Readonly<Record<Exclude<Field, 'bar'>, Cell>> & {
  readonly share: readonly [sent: number, accepted: number];
};

/** What a line holds, from the widest terminal to the narrowest. */
const LAYOUTS: readonly (readonly Field[])[] = [
  ['name', 'bar', 'percent', 'words', 'rate', 'left', 'attempt', 'state'],
  ['name', 'bar', 'percent', 'sizes', 'rate', 'left', 'attempt', 'state'],
  ['name', 'bar', 'percent', 'sizes', 'rate', 'attempt', 'state'],
  ['name', 'bar', 'sizes', 'rate', 'tries', 'state'],
  ['name', 'bar', 'sizes', 'tries', 'state'],
  ['name', 'percent', 'sizes', 'state'],
  ['name', 'percent', 'state'],
  ['name', 'percent']
];
const [NAME_MIN, NAME_GOOD, NAME_MAX, BAR_MIN, BAR_MAX] = [12, 24, 32, 10, 30];
/** Room kept for what comes and goes, so that the columns stand still while numbers change. */
const AT_LEAST: Partial<Record<Field, number>> = { percent: 4, rate: 10, left: 9, attempt: 11, tries: 7, state: 10 };

/** @example `blockOf(progress, { columns: 80, rows: 24, color: false, now })[0]` is `'images/ubuntu  transferring'`. */
export function blockOf(progress: Progress, options: BlockOptions): string[] {
  const { columns, rows, color, now } = options;
  const room = Math.max(1, columns - 1);
  const paint = paints(color);
  const waits = progress.waits.slice(0, 3);
  const [shown, hidden] = choose(progress, Math.max(1, rows - 4 - waits.length));
  const files = shown.map(file => rowOf(file, progress, now, paint));
  const { lines, legend } = table(
    progress.files.length > 1 ? [...files, totalRow(progress, paint)] : files,
    room,
    color,
    progress.kind
  );
  const more = hidden.length === 0 ? [] : [cut(`… and ${hidden.length} more: ${countsOf(hidden)}`, room)];
  if (hidden.length > 0) lines.splice(shown.length, 0, ...more);
  return [
    cut(`${headOf(progress)}${legend}`, room),
    ...lines,
    ...waits.map(wait => {
      const who = wait.file === undefined ? '' : `${harmless(wait.file)}: `;
      return paint.wait(cut(`${who}goes on ${inTime(wait.until - now)}: ${harmless(wait.why)}`, room));
    })
  ];
}

function headOf(progress: Progress): string {
  const retries = progress.retries === 0 ? '' : `  ${progress.retries} ${progress.retries === 1 ? 'retry' : 'retries'}`;
  const { etaMs, rate } = progress.total;
  const left = isLeft(etaMs, rate) ? `, ${clockOf(etaMs)} left` : '';
  return `${harmless(progress.to)}  ${progress.outcome ?? progress.phase}${retries}  ${clockOf(progress.at - progress.startedAt)}${left}`;
}

function rowOf(file: FileProgress, progress: Progress, now: number, paint: Paints): Row {
  const wait = progress.waits.find(its => its.file === file.name);
  const state = wait === undefined ? file.state : `waits ${Math.max(0, Math.ceil((wait.until - now) / 1000))} s`;
  const tone =
    wait !== undefined
      ? paint.wait
      : file.state === 'failed'
        ? paint.bad
        : isThere(file.state)
          ? paint.good
          : undefined;
  const attempt = file.attempt === 0 ? '' : `${file.attempt}${file.of === undefined ? '' : `/${file.of}`}`;
  return {
    ...numbers(file, progress.kind),
    name: { text: harmless(file.name) },
    attempt: { text: attempt && `attempt ${attempt}` },
    tries: { text: attempt && `try ${attempt}` },
    state: { text: state, paint: tone }
  };
}

function totalRow({ total, files, kind, each }: Progress, paint: Paints): Row {
  return {
    ...numbers(total, kind),
    name: { text: `all ${files.length} ${each ?? 'file'}s`, paint: paint.strong },
    attempt: { text: '' },
    tries: { text: '' },
    state: { text: '' }
  };
}

type Numbers = Pick<FileProgress, 'sent' | 'accepted' | 'size' | 'unsized' | 'rate' | 'etaMs'>;

function numbers(
  { sent, accepted, size, unsized, rate, etaMs }: Numbers,
  kind: Progress['kind']
): Omit<Row, 'name' | 'attempt' | 'tries' | 'state'> {
  const done = Math.max(sent, accepted);
  const [moving, there] = verbsOf(kind);
  const [s, a, of] = sizesOf([sent, accepted, size]);
  return {
    share: unsized ? [0, 0] : size === 0 ? [1, 1] : [done / size, accepted / size],
    percent: { text: percentOf(done, size, accepted, unsized), right: true },
    words: { text: unsized ? `${sizeOf(accepted)} ${there}` : `${s} ${moving}, ${a} ${there} of ${of}`, right: true },
    sizes: { text: unsized ? `${sizeOf(accepted)}/?` : `${s}/${a}/${of}`, right: true },
    rate: { text: rateOf(rate), right: true },
    left: { text: isLeft(etaMs, rate) ? `${clockOf(etaMs)} left` : '', right: true }
  };
}

/** Rows with aligned columns, in the richest layout that fits. */
function table(
  rows: readonly Row[],
  room: number,
  color: boolean,
  kind: Progress['kind']
): { lines: string[]; legend: string } {
  for (const layout of LAYOUTS) {
    const widths = new Map<Field, number>();
    for (const field of layout) {
      if (field === 'bar') continue;
      widths.set(field, Math.max(AT_LEAST[field] ?? 0, ...rows.map(row => columnsOf(row[field].text))));
    }
    const name = Math.min(NAME_MAX, widths.get('name') ?? 0);
    const others = [...widths].reduce((sum, [field, width]) => sum + (field === 'name' ? 0 : width), 0);
    const left = room - others - 2 * (layout.length - 1) - (layout.includes('bar') ? BAR_MIN : 0);
    // A name is worth more than words or two more columns, and less than the speed.
    const least = layout.includes('attempt') ? NAME_GOOD : NAME_MIN;
    if (left < Math.min(name, least) && layout !== LAYOUTS.at(-1)) continue;
    widths.set('name', Math.max(1, Math.min(name, left)));
    widths.set('bar', Math.min(BAR_MAX, BAR_MIN + Math.max(0, left - name)));
    return {
      lines: rows.map(row => line(row, layout, widths, room, color)),
      legend: layout.includes('sizes') ? `  (${verbsOf(kind).join('/')}/size)` : ''
    };
  }
  return { lines: [], legend: '' };
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
    if (field === 'name') return { text: fitted(shortened(text, width), width), paint };
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
    file.state === 'failed' ? 1 : file.state === 'queued' ? 2 : isThere(file.state) ? 3 : 0;
  const ranked = progress.files
    .map((file, index) => ({ index, rank: urgency(file) }))
    .sort((a, b) => a.rank - b.rank || a.index - b.index);
  const kept = new Set(ranked.slice(0, room - 1).map(its => its.index));
  return [progress.files.filter((_, index) => kept.has(index)), progress.files.filter((_, index) => !kept.has(index))];
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
