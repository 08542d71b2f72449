// Where bytes lie: in memory up to a cap, or as files of a store. A blob may be handed out in ranges (the members of an
// archive), each with an id of its own; the bytes go when the last range has gone.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';

export interface BlobWriter {
  /** Settles when there is room for the next chunk. */
  write(chunk: Uint8Array): Promise<void> | undefined;
  /** Resolves when the blob can be read (and, in a store, would survive a crash). False: its bytes are not kept. */
  end(): Promise<boolean>;
  /** Forgets it; nothing is written afterwards. */
  abort(): void;
}

export interface Blobs {
  create(id: string): BlobWriter;
  /** Keeps a whole blob at once. */
  put(id: string, bytes: Uint8Array): void;
  /** Bytes of a blob, or `undefined` when they are not kept. A range beyond the end is cut. */
  read(id: string, offset: number, length: number): Promise<Uint8Array | undefined>;
  holds(id: string): boolean;
  /** From now on the blob is known by these ranges of it only. */
  split(id: string, ranges: readonly string[]): void;
  free(ids: readonly string[]): void;
  /** Keeps only these, which the service's state knows: after a restart. */
  keepOnly(ids: readonly string[]): void;
  /** Bytes in memory. */
  readonly held: number;
  close(): Promise<void>;
}

/** The id of a part of a blob. */
export function rangeOf(id: string, offset: number, size: number): string {
  return `${id}@${offset}+${size}`;
}

interface Place {
  readonly base: string;
  readonly offset: number;
  readonly size: number;
}

function placeOf(id: string): Place {
  const at = id.lastIndexOf('@');
  if (at < 0) return { base: id, offset: 0, size: Number.POSITIVE_INFINITY };
  const [offset, size] = id.slice(at + 1).split('+');
  return { base: id.slice(0, at), offset: Number(offset), size: Number(size) };
}

/** What is the same for every way to keep bytes: ranges, and when a base may go. */
interface Keeper {
  create(base: string): BlobWriter;
  put(base: string, bytes: Uint8Array): void;
  read(base: string, offset: number, length: number): Promise<Uint8Array | undefined>;
  has(base: string): boolean;
  remove(base: string): void;
  bases(): string[];
  held(): number;
  close(): Promise<void>;
}

function blobsOn(keeper: Keeper): Blobs {
  /** The ids under which a base is known: it goes with the last of them. */
  const users = new Map<string, Set<string>>();
  return {
    create: id => {
      users.set(id, new Set([id]));
      return keeper.create(id);
    },
    put: (id, bytes) => {
      users.set(id, new Set([id]));
      keeper.put(id, bytes);
    },
    split: (id, ranges) => {
      users.set(id, new Set(ranges));
    },
    read: async (id, offset, length) => {
      const place = placeOf(id);
      const from = Math.min(offset, place.size);
      return keeper.read(place.base, place.offset + from, Math.min(length, place.size - from));
    },
    holds: id => keeper.has(placeOf(id).base),
    free: ids => {
      for (const id of ids) {
        const { base } = placeOf(id);
        const left = users.get(base);
        if (left?.delete(id) && left.size === 0) {
          users.delete(base);
          keeper.remove(base);
        }
      }
    },
    keepOnly: ids => {
      users.clear();
      for (const id of ids) {
        const { base } = placeOf(id);
        const known = users.get(base) ?? new Set<string>();
        users.set(base, known.add(id));
      }
      for (const base of keeper.bases()) if (!users.has(base)) keeper.remove(base);
    },
    get held() {
      return keeper.held();
    },
    close: () => keeper.close()
  };
}

/** Bytes in memory, up to `cap` bytes in all: a blob that would go beyond is not kept. */
export function memoryBlobs(cap: number): Blobs {
  const kept = new Map<string, { chunks: Uint8Array[]; size: number }>();
  let held = 0;
  const remove = (base: string) => {
    held -= kept.get(base)?.size ?? 0;
    kept.delete(base);
  };
  return blobsOn({
    create: base => {
      const blob = { chunks: [] as Uint8Array[], size: 0 };
      let fits = true;
      let mine = 0;
      const giveUp = () => {
        held -= mine;
        mine = 0;
        blob.chunks = [];
        fits = false;
      };
      return {
        write: chunk => {
          if (!fits) return undefined;
          if (held + chunk.length > cap) {
            giveUp();
            return undefined;
          }
          held += chunk.length;
          mine += chunk.length;
          blob.size += chunk.length;
          // a small view would keep the whole of a large buffer alive
          blob.chunks.push(chunk.length * 2 < chunk.buffer.byteLength ? Uint8Array.from(chunk) : chunk);
          return undefined;
        },
        end: async () => {
          if (fits) kept.set(base, blob);
          return fits;
        },
        abort: giveUp
      };
    },
    put: (base, bytes) => {
      if (held + bytes.length > cap) return;
      held += bytes.length;
      kept.set(base, { chunks: [bytes], size: bytes.length });
    },
    read: async (base, offset, length) => {
      const blob = kept.get(base);
      return blob && slice(blob.chunks, offset, Math.max(0, Math.min(length, blob.size - offset)));
    },
    has: base => kept.has(base),
    remove,
    bases: () => [...kept.keys()],
    held: () => held,
    close: async () => undefined
  });
}

/** Bytes as files of a directory, one a blob. */
export function fileBlobs(directory: string): Blobs {
  mkdirSync(directory, { recursive: true });
  const kept = new Set(readdirSync(directory));
  const readers = new Map<string, Promise<FileHandle>>();
  const remove = (base: string) => {
    kept.delete(base);
    void readers
      .get(base)
      ?.then(handle => handle.close())
      .catch(() => undefined);
    readers.delete(base);
    rmSync(join(directory, base), { force: true });
  };
  return blobsOn({
    create: base => {
      const handle = open(join(directory, base), 'w', 0o600);
      let last: Promise<unknown> = handle;
      let waiting = 0;
      let ended = false;
      last.catch(() => undefined);
      return {
        write: chunk => {
          if (ended) return undefined;
          waiting += chunk.length;
          const written = last
            .then(async () => writeAll(await handle, chunk))
            .finally(() => {
              waiting -= chunk.length;
            });
          written.catch(() => undefined);
          last = written;
          return waiting > 4 * 1024 * 1024 ? written : undefined;
        },
        end: async () => {
          ended = true;
          await last;
          await (await handle).sync();
          await (await handle).close();
          kept.add(base);
          return true;
        },
        abort: () => {
          if (ended) return;
          ended = true;
          const gone = async () => {
            await (await handle).close();
            rmSync(join(directory, base), { force: true });
          };
          void last.then(gone, gone).catch(() => undefined);
        }
      };
    },
    put: (base, bytes) => {
      writeFileSync(join(directory, base), bytes, { mode: 0o600, flush: true });
      kept.add(base);
    },
    read: async (base, offset, length) => {
      if (!kept.has(base)) return undefined;
      const reader = readers.get(base) ?? open(join(directory, base), 'r');
      readers.set(base, reader);
      const handle = await reader;
      const { size } = await handle.stat();
      const wanted = Math.max(0, Math.min(length, size - offset));
      const { buffer, bytesRead } = await handle.read(new Uint8Array(wanted), 0, wanted, offset);
      return buffer.subarray(0, bytesRead);
    },
    has: base => kept.has(base),
    remove,
    bases: () => [...kept],
    held: () => 0,
    close: async () => {
      const open = [...readers.values()];
      readers.clear();
      await Promise.allSettled(open.map(async reader => (await reader).close()));
    }
  });
}

async function writeAll(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  let done = 0;
  while (done < chunk.length) done += (await handle.write(chunk, done)).bytesWritten;
}

function slice(chunks: readonly Uint8Array[], offset: number, length: number): Uint8Array {
  const out = new Uint8Array(length);
  let start = 0;
  for (const chunk of chunks) {
    const from = Math.max(offset - start, 0);
    const to = Math.min(offset + length - start, chunk.length);
    if (from < to) out.set(chunk.subarray(from, to), start + from - offset);
    start += chunk.length;
    if (start >= offset + length) break;
  }
  return out;
}
