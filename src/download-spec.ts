// What a download shall do, checked: every fault is named, not just the first.
import { failure } from '../machines/vocabulary.ts';
import { PortFailure, type Target } from './ports.ts';
import type { Ref } from './spec.ts';
import { quoted } from './tar/quoted.ts';

export interface DownloadSpec {
  /** `'library/item'`, or both apart. Wherever a name stands, `id:UUID` may stand. */
  readonly from: string | { readonly library: string; readonly item: string };
  /** Names of files of the item. Default: all. */
  readonly files?: readonly string[];
  /** A folder that is there, or a target of the caller's own. */
  readonly to: string | Target;
  /**
   * What becomes of a file that is there under the same name, with other bytes: `fail` (the default), `skip`: leave it as it
   * is (it is not even compared), `replace`. A file with the same bytes, by digest, is never fetched again.
   */
  readonly ifExists?: 'fail' | 'skip' | 'replace';
  /** How many files travel at a time, 1 to 16. Default 4. */
  readonly parallel?: number;
  /** Milliseconds after which the download is given up. Default: none. */
  readonly deadlineMs?: number;
}

/** A spec without faults, with all defaults filled in. */
export interface CheckedDownload {
  readonly library: Ref;
  readonly item: Ref;
  readonly files: readonly string[];
  readonly to: string | Target;
  readonly ifExists: 'fail' | 'skip' | 'replace';
  readonly parallel: number;
  readonly deadlineMs?: number;
}

/**
 * Checks what a caller wants. Throws one `PortFailure` INVALID_SPEC whose message names every fault.
 *
 * @example `checkDownload({ from: 'images/ubuntu', to: '.' }).item` is `{ name: 'ubuntu' }`.
 */
export function checkDownload(input: DownloadSpec): CheckedDownload {
  const faults: string[] = [];
  const given: Readonly<Record<string, unknown>> = isRecord(input) ? input : {};
  if (!isRecord(input)) faults.push('the download must be an object such as { from: "library/item", to: "folder" }');
  for (const key of Object.keys(given)) {
    if (!KEYS.includes(key)) faults.push(`there is no option ${show(key)} (there are ${KEYS.join(', ')})`);
  }
  const [library, item] = placeIn(given.from, faults);
  const { to, files = [], ifExists = 'fail', parallel = 4, deadlineMs } = given;
  if (!isText(to) && !(isRecord(to) && typeof to.openPart === 'function')) {
    faults.push(`to must be a folder, or a Target, not ${show(to)}`);
  } else if (typeof to === 'string' && to.includes('\0')) faults.push('to must be a path');
  if (!Array.isArray(files) || !files.every(isText)) faults.push(`files must be a list of names, not ${show(files)}`);
  if (!IF_EXISTS.includes(ifExists as string)) {
    faults.push(`ifExists must be ${IF_EXISTS.join(' or ')}, not ${show(ifExists)}`);
  }
  if (!isWhole(parallel, 16)) faults.push(`parallel must be a whole number from 1 to 16, not ${show(parallel)}`);
  if (deadlineMs !== undefined && !isWhole(deadlineMs, 2 ** 48)) {
    faults.push(`deadlineMs must be a whole number of milliseconds, not ${show(deadlineMs)}`);
  }
  if (faults.length > 0) {
    throw new PortFailure(failure('INVALID_SPEC', `the download cannot be done as asked: ${faults.join('; ')}`));
  }
  return {
    library,
    item,
    files: [...new Set(files as readonly string[])],
    to: to as string | Target,
    ifExists: ifExists as CheckedDownload['ifExists'],
    parallel: parallel as number,
    ...(deadlineMs !== undefined && { deadlineMs: deadlineMs as number })
  };
}

const IF_EXISTS: readonly string[] = ['fail', 'skip', 'replace'] satisfies CheckedDownload['ifExists'][];
const KEYS: readonly string[] = [
  'from',
  'files',
  'to',
  'ifExists',
  'parallel',
  'deadlineMs'
] satisfies (keyof DownloadSpec)[];

function placeIn(from: unknown, faults: string[]): [Ref, Ref] {
  if (typeof from === 'string') {
    const [library = '', item = '', ...more] = from.split('/');
    if (more.length === 0) return [refIn('library', library, faults), refIn('item', item, faults)];
  } else if (isRecord(from)) return [refIn('library', from.library, faults), refIn('item', from.item, faults)];
  faults.push(`from is "library/item" or { library, item }, not ${show(from)}`);
  return [{ name: '' }, { name: '' }];
}

function refIn(what: 'library' | 'item', value: unknown, faults: string[]): Ref {
  if (!isText(value)) faults.push(`the ${what} must be a name or id:UUID, not ${show(value)}`);
  else if (value.startsWith('id:')) {
    const id = value.slice('id:'.length);
    if (!/^[\w:.-]+$/.test(id)) faults.push(`${show(value)} names no ${what}: it must be id:UUID`);
    return { id };
  }
  return { name: isText(value) ? value : '' };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}
function isWhole(value: unknown, most: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most;
}

/** A value as a person may read it: short, and never the inside of an object. */
function show(value: unknown): string {
  if (typeof value === 'string') return quoted(value.length > 80 ? `${value.slice(0, 80)}…` : value);
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
