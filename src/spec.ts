// 1: what the caller wants, checked: every fault is named, not just the first. Checked by hand, so that the library's
// entry does not load a schema library.
import { type ChecksumAlgorithm, type Digest, failure, type WarningType } from '../machines/vocabulary.ts';
import { type ByteSource, PortFailure } from './ports.ts';
import { ALGORITHMS, digestFault } from './sources/checksum.ts';
import { extensionOf, nameFault } from './sources/file-name.ts';
import { nameIn } from './sources/pull-address.ts';
import { type PullFile, pullFaults } from './sources/pull-file.ts';
import { quoted } from './tar/quoted.ts';

export type { PullFile };

/** A source of the caller's own: it must be readable from its beginning any number of times. */
export interface OwnFile {
  /** The name inside the item. */
  readonly name: string;
  readonly source: ByteSource;
  /** What the bytes are known to be; compared while they are sent. */
  readonly digest?: Digest;
}

/**
 * `fail`: the item must not exist; `skip`: an item that exists is left alone; `update`: these files change, others stay;
 * `replace`: the item holds exactly these files.
 */
export type IfExists = 'fail' | 'skip' | 'update' | 'replace';

export type OnBusy = 'fail' | 'wait' | 'take-over';

/** What an upload shall do. */
export interface UploadSpec {
  /** `'library'`, `'library/item'`, or both apart. Wherever a name stands, `id:UUID` may stand. */
  readonly to: string | { readonly library: string; readonly item?: string };
  /** Paths (`.ova` and `.ovf` bring what they reference), sources of the caller's own, or what the service shall fetch. */
  readonly files: readonly (string | OwnFile | PullFile)[];
  /** The item type; by default told from the files. */
  readonly itemType?: string;
  /** Default `update`. */
  readonly ifExists?: IfExists;
  /**
   * What to do when another session is open on the item. `wait`: until it has ended, half an hour at most. `take-over`: ends a
   * session of a run of the journal whose owner is gone, and goes on. Default `fail`.
   */
  readonly onBusy?: OnBusy;
  /** With `take-over`: ends sessions of the same user, too, of which the journal knows nothing. Default false. */
  readonly force?: boolean;
  /** Preview warnings of the service that shall not end the upload. */
  readonly acceptWarnings?: readonly WarningType[];
  /** How many files of the item travel at a time, 1 to 16. Default 4. */
  readonly parallel?: number;
  /** Milliseconds after which the upload is given up. Default: none. */
  readonly deadlineMs?: number;
  /** Whether files are hashed while they are sent. Default true. */
  readonly hash?: boolean;
  /** An algorithm to hash with besides SHA-1 and SHA-256. */
  readonly checksum?: ChecksumAlgorithm;
}

/** A library or item by its name or by its id. */
export type Ref =
  | { readonly name: string; readonly id?: undefined }
  | { readonly id: string; readonly name?: undefined };

/** A spec without faults, with all defaults filled in. */
export interface CheckedSpec {
  readonly library: Ref;
  /** Absent: the item is named after the first file. */
  readonly item?: Ref;
  readonly files: readonly (string | OwnFile | PullFile)[];
  readonly itemType?: string;
  readonly ifExists: IfExists;
  readonly onBusy: OnBusy;
  readonly force: boolean;
  readonly acceptWarnings: readonly WarningType[];
  readonly parallel: number;
  readonly deadlineMs?: number;
  readonly hash: boolean;
  readonly checksum?: ChecksumAlgorithm;
}

/** Longest item name that the service takes, in characters (Item.create, vSphere API 8.0). */
export const MAX_ITEM_NAME = 80;

/**
 * Checks what a caller wants. Throws one `PortFailure` INVALID_SPEC whose message names every fault.
 *
 * @example `checkSpec({ to: 'images/ubuntu', files: ['ubuntu.ova'] }).item` is `{ name: 'ubuntu' }`.
 */
export function checkSpec(input: unknown): CheckedSpec {
  const faults: string[] = [];
  if (!isRecord(input)) throw refused(['the upload must be an object such as { to: "library/item", files: ["path"] }']);
  for (const key of Object.keys(input)) {
    if (!KEYS.includes(key)) faults.push(`there is no option ${show(key)} (there are ${KEYS.join(', ')})`);
  }
  const place = checkTo(input.to, faults);
  const files = checkFiles(input.files, faults);
  const acceptWarnings = checkWarnings(input.acceptWarnings, faults);
  const itemType = input.itemType;
  if (itemType !== undefined && !isText(itemType))
    faults.push(`itemType must be a text such as "iso", not ${show(itemType)}`);
  const ifExists = oneOf('ifExists', input.ifExists ?? 'update', IF_EXISTS, faults);
  const onBusy = oneOf('onBusy', input.onBusy ?? 'fail', ON_BUSY, faults);
  const force = input.force ?? false;
  if (typeof force !== 'boolean') faults.push(`force must be true or false, not ${show(force)}`);
  else if (force && onBusy !== 'take-over') faults.push('force goes with onBusy "take-over" only');
  if (ifExists === 'replace' && files.some(isPulledTemplate)) {
    faults.push('with ifExists "replace" all files of the item must be known, and an OVA or OVF to pull brings more');
  }
  const checksum = input.checksum === undefined ? undefined : oneOf('checksum', input.checksum, ALGORITHMS, faults);
  const parallel = whole('parallel', input.parallel ?? 4, 1, 16, faults);
  const deadlineMs =
    input.deadlineMs === undefined ? undefined : whole('deadlineMs', input.deadlineMs, 1, 2 ** 48, faults);
  const hash = input.hash ?? true;
  if (typeof hash !== 'boolean') faults.push(`hash must be true or false, not ${show(hash)}`);
  else if (!hash && checksum !== undefined) faults.push('checksum asks for hashing, and hash: false forbids it');
  if (faults.length > 0) throw refused(faults);
  return {
    library: place.library,
    ...(place.item && { item: place.item }),
    files,
    ...(itemType !== undefined && { itemType: itemType as string }),
    ifExists,
    onBusy,
    force: force as boolean,
    acceptWarnings,
    parallel,
    ...(deadlineMs !== undefined && { deadlineMs }),
    hash: hash as boolean,
    ...(checksum !== undefined && { checksum })
  };
}

const IF_EXISTS = ['fail', 'skip', 'update', 'replace'] as const satisfies readonly IfExists[];
const ON_BUSY = ['fail', 'wait', 'take-over'] as const satisfies readonly OnBusy[];
const WARNINGS = [
  'SELF_SIGNED_CERTIFICATE',
  'EXPIRED_CERTIFICATE',
  'NOT_YET_VALID_CERTIFICATE',
  'UNTRUSTED_CERTIFICATE'
] as const satisfies readonly WarningType[];
const KEYS: readonly string[] = [
  'to',
  'files',
  'itemType',
  'ifExists',
  'onBusy',
  'force',
  'acceptWarnings',
  'parallel',
  'deadlineMs',
  'hash',
  'checksum'
] satisfies (keyof UploadSpec)[];

function refused(faults: readonly string[]): PortFailure {
  return new PortFailure(failure('INVALID_SPEC', `the upload cannot be done as asked: ${faults.join('; ')}`));
}

function checkTo(to: unknown, faults: string[]): { library: Ref; item?: Ref } {
  const nowhere = { library: { name: '' } };
  if (typeof to === 'string') {
    const [library = '', item = '', ...more] = to.split('/');
    if (more.length > 0) {
      faults.push(
        `to is "library" or "library/item", not ${show(to)} (a name with a slash goes into { library, item })`
      );
      return nowhere;
    }
    return { library: ref('library', library, faults), ...(item !== '' && { item: ref('item', item, faults) }) };
  }
  if (!isRecord(to)) {
    faults.push(`to must say where the files go: "library/item" or { library, item }, not ${show(to)}`);
    return nowhere;
  }
  for (const key of Object.keys(to)) {
    if (key !== 'library' && key !== 'item') faults.push(`to has no ${show(key)}: it holds library and item`);
  }
  const library = ref('library', to.library, faults);
  return to.item === undefined ? { library } : { library, item: ref('item', to.item, faults) };
}

function ref(what: 'library' | 'item', value: unknown, faults: string[]): Ref {
  if (!isText(value)) {
    faults.push(`the ${what} must be a name or id:UUID, not ${show(value)}`);
  } else if (value.startsWith('id:')) {
    const id = value.slice(3);
    if (!/^[\w:.-]+$/.test(id)) faults.push(`${show(value)} names no ${what}: it must be id:UUID`);
    return { id };
  } else if (what === 'item' && [...value].length > MAX_ITEM_NAME) {
    faults.push(`the item name is longer than the ${MAX_ITEM_NAME} characters that the service takes`);
  }
  return { name: isText(value) ? value : '' };
}

function checkFiles(files: unknown, faults: string[]): CheckedSpec['files'] {
  if (!Array.isArray(files) || files.length === 0) {
    faults.push(`files must be a list of at least one path or source, not ${show(files)}`);
    return [];
  }
  for (const [index, file] of files.entries()) {
    const at = `files[${index}]`;
    if (typeof file === 'string') {
      if (file === '' || file.includes('\0')) faults.push(`${at} must be a path, not ${show(file)}`);
    } else if (isRecord(file) && 'pull' in file) faults.push(...pullFaults(file).map(fault => `${at}: ${fault}`));
    else if (isRecord(file)) checkOwn(at, file, faults);
    else faults.push(`${at} must be a path, { name, source } or { pull }, not ${show(file)}`);
  }
  return [...files] as CheckedSpec['files'];
}

/** What it brings along is known only when the service has it. */
function isPulledTemplate(file: CheckedSpec['files'][number]): boolean {
  if (!isRecord(file) || typeof file.pull !== 'string' || pullFaults(file).length > 0) return false;
  return ['.ova', '.ovf'].includes(extensionOf(String(file.name ?? nameIn(file.pull))));
}

function checkOwn(at: string, file: Readonly<Record<string, unknown>>, faults: string[]): void {
  const { name, source, digest } = file;
  const fault = isText(name) ? nameFault(name) : `the name must be a text, not ${show(name)}`;
  if (fault !== undefined) faults.push(`${at}: ${fault}`);
  if (!isRecord(source) || typeof source.read !== 'function') {
    faults.push(`${at}: source must be a ByteSource, with a size and read()`);
  } else if (!isSize(source.size)) {
    faults.push(`${at}: source.size must be a whole number of bytes, not ${show(source.size)}`);
  }
  const wrong = digest === undefined ? undefined : digestFault('digest', digest);
  if (wrong !== undefined) faults.push(`${at}: ${wrong}`);
}

function checkWarnings(value: unknown, faults: string[]): readonly WarningType[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value.map(each => oneOf('acceptWarnings', each, WARNINGS, faults));
  faults.push(`acceptWarnings must be a list of ${WARNINGS.join(', ')}, not ${show(value)}`);
  return [];
}

function oneOf<T extends string>(key: string, value: unknown, allowed: readonly [T, ...T[]], faults: string[]): T {
  const found = allowed.find(each => each === value);
  if (found === undefined) faults.push(`${key} must be ${allowed.join(' or ')}, not ${show(value)}`);
  return found ?? allowed[0];
}

function whole(key: string, value: unknown, least: number, most: number, faults: string[]): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  faults.push(`${key} must be a whole number from ${least} to ${most}, not ${show(value)}`);
  return least;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}
function isSize(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** A value as a person may read it: short, and never the inside of an object, which could hold a secret. */
function show(value: unknown): string {
  if (typeof value === 'string') return quoted(value.length > 80 ? `${value.slice(0, 80)}…` : value);
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
