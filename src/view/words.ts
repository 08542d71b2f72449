// Numbers and texts as a person reads them on a terminal: sizes in binary units, spans of time, names made harmless.

const UNITS = [
  ['B', 1],
  ['KiB', 1024],
  ['MiB', 1024 ** 2],
  ['GiB', 1024 ** 3]
] as const;
type Unit = (typeof UNITS)[number];

/** @example `sizeOf(67_108_864)` is `'64.0 MiB'`; below 1 KiB it is exact: `'12 B'`. */
export function sizeOf(bytes: number): string {
  const unit = unitOf(bytes);
  return `${inUnit(bytes, unit)} ${unit[0]}`;
}

/** Several sizes in the unit of the last one. @example `sizesOf([0, 1_048_576, 2_097_152])` is `['0.0', '1.0', '2.0 MiB']`. */
export function sizesOf(sizes: readonly number[]): string[] {
  const unit = unitOf(sizes.at(-1) ?? 0);
  return sizes.map((bytes, index) => `${inUnit(bytes, unit)}${index === sizes.length - 1 ? ` ${unit[0]}` : ''}`);
}

/** @example `rateOf(12_897_485)` is `'12.3 MiB/s'`; nothing is `''`. */
export function rateOf(perSecond: number): string {
  return perSecond > 0 ? `${sizeOf(Math.round(perSecond))}/s` : '';
}

/** A clock face. @example `clockOf(62_000)` is `'1:02'`, `clockOf(3_723_000)` is `'1:02:03'`. */
export function clockOf(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const two = (value: number): string => String(value).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** A span. @example `spanOf(1234)` is `'1.2 s'`, `spanOf(62_000)` is `'1:02'`. */
export function spanOf(ms: number): string {
  return ms < 59_950 ? `${(Math.max(0, ms) / 1000).toFixed(1)} s` : clockOf(ms);
}

/** 100 % only when the service has it all; nothing where nobody knows how much that is. @example `percentOf(1000, 1000, 900)` is `'99%'`. */
export function percentOf(done: number, whole: number, accepted: number, unsized = false): string {
  if (unsized) return '';
  return `${accepted >= whole ? 100 : Math.min(99, Math.floor((done / whole) * 100))}%`;
}

/** Whether a time to go says anything: something moves, and not all of it is through. */
export function isLeft(etaMs: number | undefined, rate: number): etaMs is number {
  return etaMs !== undefined && etaMs > 0 && rate > 0;
}

/**
 * Text from elsewhere on one line, without anything that a terminal would obey or that turns the writing direction.
 *
 * @example `harmless('a\x1b[2Jb')` is `'a?[2Jb'`.
 */
export function harmless(text: string): string {
  return text.replace(/[\t\r\n]+/g, ' ').replace(/[\p{Cc}\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu, '?');
}

/** Columns on the terminal; combining marks take none, East Asian wide characters and emoji two. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) columns += columnsOfOne(character);
  return columns;
}

/** Cut at the end, with a sign that it was, or filled up with blanks. */
export function fitted(text: string, columns: number): string {
  const wide = columnsOf(text);
  if (wide <= columns) return text + ' '.repeat(columns - wide);
  return cut(text, columns);
}

/** Cut to at most so many columns. @example `cut('abcdef', 4)` is `'abc…'`. */
export function cut(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  let kept = '';
  let used = 0;
  for (const character of text) {
    const more = columnsOfOne(character);
    if (used + more > columns - 1) break;
    kept += character;
    used += more;
  }
  return columns > 0 ? `${kept}…${' '.repeat(columns - 1 - used)}` : '';
}

/** Cut in the middle: the end of a file's name often tells it from its siblings. @example `shortened('disk-one.vmdk', 9)` is `'disk…vmdk'`. */
export function shortened(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  const characters = [...text];
  let [head, tail] = ['', ''];
  for (let turn = 0; ; turn += 1) {
    const next = (turn % 2 === 0 ? characters.shift() : characters.pop()) ?? '';
    if (columnsOf(head) + columnsOf(next) + columnsOf(tail) > columns - 1) return columns > 0 ? `${head}…${tail}` : '';
    if (turn % 2 === 0) head += next;
    else tail = next + tail;
  }
}

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|[\u{20000}-\u{3fffd}]/u;

function columnsOfOne(character: string): number {
  if (/\p{M}/u.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

function unitOf(bytes: number): Unit {
  // 1023.96 KiB would be printed as 1024.0 KiB.
  return [...UNITS].reverse().find(([, factor]) => bytes >= factor * 0.99996 && bytes >= 1) ?? UNITS[0];
}

function inUnit(bytes: number, [name, factor]: Unit): string {
  return name === 'B' ? String(Math.round(bytes)) : (bytes / factor).toFixed(1);
}

/** An outcome and why, without saying it twice. @example `withReason('canceled', 'canceled: user asked')` is `'canceled: user asked'`. */
export function withReason(outcome: string, reason: string | undefined): string {
  if (reason === undefined) return outcome;
  return reason.startsWith(`${outcome}: `) ? reason : `${outcome}: ${reason}`;
}

/** How bytes on their way and bytes that are there are called. */
export function verbsOf(kind: 'download' | undefined): readonly [moving: string, there: string] {
  return kind === 'download' ? ['received', 'kept'] : ['sent', 'accepted'];
}
