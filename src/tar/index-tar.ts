// A seekable index of a tar archive: where each file lies, found by going from header to header, so that every member can
// be read again by itself. Nothing is ever extracted, and archives that could mislead an extractor are refused.
import { failure } from '../../machines/vocabulary.ts';
import { PortFailure, type ReadAt } from '../ports.ts';
import { parseExtended, tellsSparse } from './extended-header.ts';
import { hasControl, quoted } from './quoted.ts';
import { BLOCK, isZero, parseHeader, type TarHeader, utf8 } from './tar-header.ts';

export interface TarEntry {
  /** Relative, with `/` between folders and without `./`. */
  readonly name: string;
  /** Where the content begins, in bytes from the beginning of the archive. */
  readonly offset: number;
  readonly size: number;
}
export interface TarIndex {
  readonly entries: readonly TarEntry[];
}

/** Most files that an archive may hold. */
export const MAX_ENTRIES = 1000;
/** Most bytes that one extended header or long name may have, and all of them together. */
export const MAX_EXTENDED_BYTES = 1024 * 1024;

/**
 * Finds the files of a tar archive (ustar, pax, GNU long names and base-256 sizes). Directories are passed over; links,
 * devices and sparse files, names that leave the archive, names that occur twice and archives that are cut short are
 * refused with `PortFailure` SOURCE_INVALID; SOURCE_UNREADABLE when `read` fails otherwise.
 *
 * @param read gives `length` bytes from `offset`
 * @param size of the archive in bytes
 * @param archive what it is called in messages
 * @example `(await indexTar(read, size, 'ubuntu.ova')).entries[0]` is `{ name: 'ubuntu.ovf', offset: 512, size: 5321 }`.
 */
export async function indexTar(read: ReadAt, size: number, archive = 'the archive'): Promise<TarIndex> {
  const checked = checkedRead(read, archive);
  const walk: Walk = { read: checked, size, archive, at: 0, headers: 0, extendedBytes: 0, global: new Map() };
  const entries: TarEntry[] = [];
  const names = new Set<string>();
  if (size === 0) throw invalid(archive, 'it is empty, not a tar archive');
  for (;;) {
    const entry = await nextEntry(walk);
    if (entry === undefined) break;
    if (entry === 'folder') continue;
    // Names that differ only in how accents are composed are one name to some file systems.
    const key = entry.name.normalize('NFC');
    if (names.has(key)) throw invalid(archive, `entry ${quoted(entry.name)} at byte ${entry.offset} occurs twice`);
    if (entries.length === MAX_ENTRIES) throw invalid(archive, `it has more than ${MAX_ENTRIES} entries`);
    names.add(key);
    entries.push(entry);
  }
  if (entries.length === 0) throw invalid(archive, 'it holds no file');
  return { entries };
}

interface Walk {
  readonly read: ReadAt;
  readonly size: number;
  readonly archive: string;
  /** Where the next header is. */
  at: number;
  headers: number;
  extendedBytes: number;
  readonly global: Map<string, string>;
}

/** The next file, with whatever headers say more about it; `undefined` at the end of the archive. */
async function nextEntry(walk: Walk): Promise<TarEntry | 'folder' | undefined> {
  let local: Map<string, string> | undefined;
  let longName: string | undefined;
  for (;;) {
    const at = walk.at;
    const header = await nextHeader(walk);
    if (header === undefined) {
      if (local || longName !== undefined)
        throw invalid(walk.archive, `the header before byte ${at} belongs to no file`);
      return undefined;
    }
    if (header.type === 'x' || header.type === 'g') {
      if (local) throw refusal(walk, header, at, 'two extended headers follow each other');
      const records = parseExtended(await extended(walk, header, at));
      if (typeof records === 'string') throw refusal(walk, header, at, records);
      if (tellsSparse(records)) throw refusal(walk, header, at, 'sparse files are not taken');
      if (header.type === 'x') local = records;
      else for (const [key, value] of records) walk.global.set(key, value);
    } else if (header.type === 'L') {
      if (longName !== undefined) throw refusal(walk, header, at, 'two long names follow each other');
      const body = await extended(walk, header, at);
      const end = body.indexOf(0);
      longName = utf8(end < 0 ? body : body.subarray(0, end));
      if (!longName) throw refusal(walk, header, at, 'the long name is empty or not UTF-8');
    } else {
      return entryOf(walk, header, at, new Map([...walk.global, ...(local ?? [])]), longName);
    }
  }
}

function entryOf(
  walk: Walk,
  header: TarHeader,
  at: number,
  records: ReadonlyMap<string, string>,
  longName: string | undefined
): TarEntry | 'folder' {
  const path = records.get('path') || undefined;
  if (path !== undefined && longName !== undefined && path !== longName) {
    throw refusal(walk, header, at, `it has two names: ${quoted(path)} and ${quoted(longName)}`);
  }
  const name = path ?? longName ?? header.name;
  const named = { ...header, name };
  const fault = pathFault(name);
  if (fault !== undefined) throw refusal(walk, named, at, fault);
  const kind = REFUSED_TYPES[header.type];
  if (kind !== undefined) throw refusal(walk, named, at, `${kind} are not taken, only files`);
  // Before there was a type for folders, a slash at the end told them.
  const isFolder = header.type === '5' || (header.type === '0' && name.endsWith('/'));
  if (!isFolder && header.type !== '0' && header.type !== '7') {
    throw refusal(walk, named, at, `entries of type ${quoted(header.type)} are not taken, only files`);
  }
  const size = sizeIn(records.get('size') || undefined, header.size);
  if (size === undefined) throw refusal(walk, named, at, 'the size in its extended header is not a number of bytes');
  if (isFolder) {
    if (size > 0) throw refusal(walk, named, at, 'it is a folder that has content');
    walk.at = at + BLOCK;
    return 'folder';
  }
  const plain = name
    .split('/')
    .filter(part => part !== '' && part !== '.')
    .join('/');
  if (plain === '') throw refusal(walk, named, at, 'it has no name');
  return { name: plain, offset: at + BLOCK, size: advance(walk, named, at, size) };
}

/** Reads the header at `walk.at` and goes behind it; `undefined` when the archive ends here as it should. */
async function nextHeader(walk: Walk): Promise<TarHeader | undefined> {
  const { at, archive } = walk;
  if (at + BLOCK > walk.size) {
    throw invalid(
      archive,
      at === walk.size
        ? `it is cut short at byte ${at}: its end mark is missing`
        : `it is cut short: at byte ${at} a header should be`
    );
  }
  const block = await walk.read(at, BLOCK);
  if (isZero(block)) {
    await checkEnd(walk);
    return undefined;
  }
  // Each file may bring an extended header, a long name and its folder.
  walk.headers += 1;
  if (walk.headers > 4 * MAX_ENTRIES) throw invalid(archive, `it has more than ${4 * MAX_ENTRIES} headers`);
  const header = parseHeader(block);
  if (typeof header !== 'string') {
    walk.at = at + BLOCK;
    return header;
  }
  throw invalid(archive, at === 0 ? `it is not a tar archive (${header})` : `at byte ${at} ${header}`);
}

/** Behind the end mark there may be padding, of zeros only: anything else could be another archive. */
async function checkEnd({ at, size, archive, read }: Walk): Promise<void> {
  if (at === 0) throw invalid(archive, 'it holds no file');
  const rest = size - at - BLOCK;
  if (rest > MAX_PADDING) throw invalid(archive, `${rest} bytes follow its end mark at byte ${at}`);
  if (rest > 0 && !isZero(await read(at + BLOCK, rest))) {
    throw invalid(archive, `something other than padding follows its end mark at byte ${at}`);
  }
}

/** The content of an extended header or long name. */
async function extended(walk: Walk, header: TarHeader, at: number): Promise<Uint8Array> {
  walk.extendedBytes += header.size;
  if (walk.extendedBytes > MAX_EXTENDED_BYTES) {
    throw refusal(walk, header, at, `extended headers have more than ${MAX_EXTENDED_BYTES} bytes`);
  }
  advance(walk, header, at, header.size);
  return header.size === 0 ? new Uint8Array() : walk.read(at + BLOCK, header.size);
}

/** Goes behind the content of an entry, which must lie within the archive. Gives back the size. */
function advance(walk: Walk, header: TarHeader, at: number, size: number): number {
  const end = at + BLOCK + size;
  if (end > walk.size) {
    throw refusal(
      walk,
      header,
      at,
      `it should have ${size} bytes, and the archive ends ${end - walk.size} bytes too early`
    );
  }
  walk.at = at + BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  return size;
}

/** What is wrong with a path inside the archive. */
function pathFault(path: string): string | undefined {
  if (path === '') return 'it has no name';
  if (hasControl(path)) return 'its name holds a control character';
  if (path.startsWith('/')) return 'its name is an absolute path';
  if (path.includes('\\')) return 'its name holds a backslash';
  if (/^[A-Za-z]:/.test(path)) return 'its name begins with a drive letter';
  if (path.split('/').includes('..')) return 'its name leads out of the archive';
  return path.length > MAX_PATH ? `its name is longer than ${MAX_PATH} characters` : undefined;
}

function sizeIn(record: string | undefined, fallback: number): number | undefined {
  if (record === undefined) return fallback;
  const size = /^\d{1,16}$/.test(record) ? Number(record) : Number.NaN;
  return Number.isSafeInteger(size) ? size : undefined;
}

const MAX_PATH = 4096;
/** Writers fill the last record, of 10 KiB by default, with zeros; larger records are rare. */
const MAX_PADDING = 1024 * 1024;
const REFUSED_TYPES: Readonly<Record<string, string>> = {
  '1': 'hard links',
  '2': 'symbolic links',
  '3': 'devices',
  '4': 'devices',
  '6': 'named pipes',
  K: 'links',
  S: 'sparse files',
  M: 'files that go on from another volume'
};

function checkedRead(read: ReadAt, archive: string): ReadAt {
  return async (offset, length) => {
    const bytes = await read(offset, length).catch(cause => {
      if (cause instanceof PortFailure) throw cause;
      const message = `${archive} cannot be read at byte ${offset}`;
      throw new PortFailure(failure('SOURCE_UNREADABLE', message), { cause });
    });
    if (bytes.length === length) return bytes;
    const message = `${archive} gave ${bytes.length} of ${length} bytes at byte ${offset}`;
    throw new PortFailure(failure('SOURCE_UNREADABLE', message));
  };
}

function refusal(walk: Walk, header: TarHeader, at: number, fault: string): PortFailure {
  return invalid(walk.archive, `entry ${quoted(header.name)} at byte ${at}: ${fault}`);
}

function invalid(archive: string, fault: string): PortFailure {
  return new PortFailure(failure('SOURCE_INVALID', `${archive} is not a package that can be used: ${fault}`));
}
