// A file of this machine as a source that can be read at any place. It is opened for each read and always closed, and it
// must stay what it was when it was first looked at: bytes of two versions are never mixed.
import { constants } from 'node:fs';
import { access, type FileHandle, open } from 'node:fs/promises';
import { type Failure, failure } from '../../../machines/vocabulary.ts';
import { type ByteSource, type Files, PortFailure, type ReadAt, type SeekableSource } from '../../ports.ts';
import { closed, readUnlessHung } from './hung.ts';

/** The files of this machine. */
export const diskFiles: Files = {
  open: path => fileSource(path),
  exists: path =>
    access(path).then(
      () => true,
      () => false
    )
};

/**
 * A file, or its bytes from `start` up to `end` (exclusive), as a source. Throws `PortFailure` SOURCE_UNREADABLE when the
 * path is no regular file that can be read; reading throws SOURCE_CHANGED when size or modification time is another than
 * now. An empty file is a source of no bytes.
 *
 * @example `(await fileSource('ubuntu.iso')).size` is the size of the file in bytes.
 */
export async function fileSource(
  path: string,
  place: { readonly start?: number; readonly end?: number } = {}
): Promise<SeekableSource> {
  const handle = await openFile(path);
  const seen = await lookFirst(path, handle).finally(() => closed(handle));
  const { start = 0, end = seen.size } = place;
  return {
    ...section(path, seen, start, end),
    range: (from, to) => section(path, seen, start + from, start + to),
    async reading(use) {
      const held = await openFile(path);
      try {
        checkSame(path, seen, await lookAt(path, held));
        const result = await use(readerAt(path, held, start));
        checkSame(path, seen, await lookAt(path, held));
        return result;
      } finally {
        await closed(held);
      }
    }
  };
}

/** Big enough that a call costs nothing beside the copy. */
const REUSED_BYTES = 1024 * 1024;
/** Memory that is not used again is best taken in pieces that the allocator keeps: larger ones are mapped anew each time. */
const FRESH_BYTES = 256 * 1024;

/** What tells one version of a file from another. */
interface Version {
  readonly size: number;
  readonly modifiedNs: bigint;
}

function section(path: string, seen: Version, start: number, end: number): ByteSource {
  if (start < 0 || end < start || end > seen.size) {
    throw changed(`${path} holds ${seen.size} bytes: there is no part from ${start} to ${end}`);
  }
  return {
    size: end - start,
    version: String(seen.modifiedNs),
    read: (signal, reuse) => readSection(path, seen, start, end, signal, reuse)
  };
}

async function* readSection(
  path: string,
  seen: Version,
  start: number,
  end: number,
  signal?: AbortSignal,
  reuse = false
): AsyncGenerator<Uint8Array, void, undefined> {
  signal?.throwIfAborted();
  const handle = await openFile(path);
  // While the reader works on one chunk the next is on its way: two pieces of memory, filled in turn.
  const memory = reuse ? [new Uint8Array(REUSED_BYTES), new Uint8Array(REUSED_BYTES)] : [];
  const fill = (at: number, turn: number): Promise<Uint8Array> => {
    const into = memory[turn % 2] ?? new Uint8Array(Buffer.allocUnsafeSlow(FRESH_BYTES).buffer);
    const filled = readInto(path, handle, into.subarray(0, Math.min(into.length, end - at)), at);
    // It may fail while nobody waits for it: that is told when the reader asks for it.
    filled.catch(() => undefined);
    return filled;
  };
  let ahead: Promise<Uint8Array> | undefined;
  try {
    checkSame(path, seen, await lookAt(path, handle));
    ahead = start < end ? fill(start, 0) : undefined;
    for (let at = start, turn = 1; ahead !== undefined; turn += 1) {
      const chunk: Uint8Array = await ahead;
      at += chunk.length;
      ahead = at < end ? fill(at, turn) : undefined;
      signal?.throwIfAborted();
      yield chunk;
      signal?.throwIfAborted();
    }
    checkSame(path, seen, await lookAt(path, handle));
  } finally {
    // A handle must not be closed under a read that is still going on.
    await ahead?.catch(() => undefined);
    await closed(handle);
  }
}

function readerAt(path: string, handle: FileHandle, start: number): ReadAt {
  return (offset, length) => readInto(path, handle, new Uint8Array(length), start + offset);
}

/** Fills all of `into`, or finds that the file has become shorter. */
async function readInto(path: string, handle: FileHandle, into: Uint8Array, at: number): Promise<Uint8Array> {
  for (let done = 0; done < into.length; ) {
    const reading = handle.read(into, done, into.length - done, at + done);
    const { bytesRead } = await readUnlessHung(path, reading).catch(cause => {
      throw unreadable(path, cause);
    });
    if (bytesRead === 0) throw changed(`${path} shrank while it was read: it ends at byte ${at + done}`);
    done += bytesRead;
  }
  return into;
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    // Not blocking: to open a named pipe would wait for its writer.
    const opening = open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    return await readUnlessHung(path, opening, handle => void handle.close().catch(() => undefined));
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

async function lookAt(path: string, handle: FileHandle): Promise<Version> {
  const stat = await readUnlessHung(path, handle.stat({ bigint: true }));
  if (stat.isDirectory()) throw unreadable(path, { code: 'EISDIR' });
  if (!stat.isFile()) throw unreadable(path, { code: 'NOT_REGULAR' });
  return { size: Number(stat.size), modifiedNs: stat.mtimeNs };
}

/** Files that are made while they are read (as in /proc) say that they are empty. */
async function lookFirst(path: string, handle: FileHandle): Promise<Version> {
  const seen = await lookAt(path, handle);
  if (seen.size > 0) return seen;
  const { bytesRead } = await handle.read(new Uint8Array(1), 0, 1, 0);
  if (bytesRead > 0) throw unreadable(path, { code: 'NO_SIZE' });
  return seen;
}

function checkSame(path: string, seen: Version, now: Version): void {
  if (now.size !== seen.size) {
    const what = now.size < seen.size ? 'shrank' : 'grew';
    throw changed(`${path} ${what} from ${seen.size} to ${now.size} bytes since it was first looked at`);
  }
  if (now.modifiedNs !== seen.modifiedNs) throw changed(`${path} was written to since it was first looked at`);
}

function changed(message: string): PortFailure {
  return new PortFailure(failure('SOURCE_CHANGED', message));
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'a part of the path is not a folder',
  EACCES: 'there is no permission to read it',
  EPERM: 'there is no permission to read it',
  EISDIR: 'it is a folder, not a file',
  NOT_REGULAR: 'it is not a regular file',
  NO_SIZE: 'its size is not known beforehand',
  ENXIO: 'it is not a regular file',
  ELOOP: 'its symbolic links go round in a circle',
  EMFILE: 'too many files are open',
  EIO: 'the disk or the file server reports a read error'
};

function unreadable(path: string, cause: unknown): PortFailure {
  if (cause instanceof PortFailure) return cause;
  const code = String((cause as { code?: unknown }).code);
  const told: Failure = failure('SOURCE_UNREADABLE', `${path} cannot be read: ${REASONS[code] ?? code}`);
  return new PortFailure(told, { cause });
}
