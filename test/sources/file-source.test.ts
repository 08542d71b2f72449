import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { failure } from '../../machines/vocabulary.ts';
import { diskFiles, fileSource } from '../../src/adapters/files/file-source.ts';
import type { ByteSource } from '../../src/ports.ts';
import { failureOf } from './fails-with.ts';

const folder = mkdtempSync(join(tmpdir(), 'shelver-files-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const MEBI = 1024 * 1024;
const content = randomBytes(3 * MEBI + 17);
const path = join(folder, 'disk.vmdk');
beforeEach(() => {
  writeFileSync(path, content);
  utimesSync(path, 1000, 1000);
});

async function all(source: ByteSource, reuse = false): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source.read(undefined, reuse)) chunks.push(reuse ? chunk.slice() : chunk);
  return Buffer.concat(chunks);
}
const openHandles = (): number => readdirSync('/proc/self/fd').length;

describe('a file as a source', () => {
  it('should give all its bytes, any number of times, with memory used again or not', async () => {
    const source = await fileSource(path);
    expect(source.size).toBe(content.length);
    for (const reuse of [false, true, false]) expect((await all(source, reuse)).equals(content)).toBe(true);
  });

  it('should never fill memory again that was given away for good', async () => {
    const kept: Uint8Array[] = [];
    for await (const chunk of (await fileSource(path)).read()) kept.push(chunk);
    expect(new Set(kept.map(chunk => chunk.buffer)).size).toBe(kept.length);
  });

  it('should use two pieces of memory, however large the file, when they may be used again', async () => {
    const seen = new Set<ArrayBufferLike>();
    for await (const chunk of (await fileSource(path)).read(undefined, true)) seen.add(chunk.buffer);
    expect(seen.size).toBe(2);
  });

  it('should give parts of the file, and parts of parts', async () => {
    const middle = await fileSource(path, { start: 1000, end: 2 * MEBI });
    expect((await all(middle)).equals(content.subarray(1000, 2 * MEBI))).toBe(true);
    expect((await all(middle.range(5, 9))).equals(content.subarray(1005, 1009))).toBe(true);
    expect(await all(middle.range(7, 7))).toEqual(Buffer.alloc(0));
    const [a, b] = await middle.reading(async read => [await read(0, 3), await read(1000, 2)]);
    expect([a, b].map(each => Buffer.from(each ?? []))).toEqual([
      content.subarray(1000, 1003),
      content.subarray(2000, 2002)
    ]);
  });

  it('should take an empty file', async () => {
    writeFileSync(path, '');
    const source = await fileSource(path);
    expect([source.size, (await all(source)).length]).toEqual([0, 0]);
  });

  it('should know whether there is a file', async () => {
    expect(await diskFiles.exists(path)).toBe(true);
    expect(await diskFiles.exists(`${path}.not`)).toBe(false);
    expect((await diskFiles.open(path)).size).toBe(content.length);
  });

  it('should refuse parts that are not there', async () => {
    const source = await fileSource(path);
    for (const [from, to] of [
      [-1, 2],
      [5, 4],
      [0, content.length + 1]
    ] as const) {
      expect(await failureOf(() => source.range(from, to))).toEqual(
        failure('SOURCE_CHANGED', `${path} holds ${content.length} bytes: there is no part from ${from} to ${to}`)
      );
    }
  });
});

describe('what is no file that can be read', () => {
  const cannot = (what: string, why: string) => failure('SOURCE_UNREADABLE', `${what} cannot be read: ${why}`);
  it('should be told in one sentence', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const loop = join(folder, 'loop');
    symlinkSync(loop, loop);
    mkdirSync(join(folder, 'sub'), { recursive: true });
    const long = join(folder, 'n'.repeat(300));
    const told = [join(folder, 'no'), join(folder, 'sub'), pipe, loop, join(path, 'x'), '/dev/null', long];
    expect(await Promise.all(told.map(each => failureOf(() => fileSource(each))))).toEqual([
      cannot(join(folder, 'no'), 'there is no such file'),
      cannot(join(folder, 'sub'), 'it is a folder, not a file'),
      cannot(pipe, 'it is not a regular file'),
      cannot(loop, 'its symbolic links go round in a circle'),
      cannot(join(path, 'x'), 'a part of the path is not a folder'),
      cannot('/dev/null', 'it is not a regular file'),
      cannot(long, 'ENAMETOOLONG')
    ]);
  });
  it('should include files that say they are empty and are not', async () => {
    expect(await failureOf(() => fileSource('/proc/version'))).toEqual(
      cannot('/proc/version', 'its size is not known beforehand')
    );
  });
  it('should include a file that went away after it was planned', async () => {
    const source = await fileSource(path);
    rmSync(path);
    expect(await failureOf(() => all(source))).toEqual(cannot(path, 'there is no such file'));
    expect(await failureOf(() => source.reading(async () => 1))).toEqual(cannot(path, 'there is no such file'));
  });
});

describe('a file that does not come to rest', () => {
  /** Reads with something happening after the first chunk. */
  const during = (source: ByteSource, happens: () => void) =>
    failureOf(async () => {
      let first = true;
      for await (const _ of source.read(undefined, true)) {
        if (first) happens();
        first = false;
      }
    });
  /** One byte, in place: a reader that is ahead must not see the file shorter. */
  const overwrite = () => {
    const file = openSync(path, 'r+');
    writeSync(file, 'x', 0);
    closeSync(file);
  };
  const size = content.length;
  const changed = (what: string) => failure('SOURCE_CHANGED', `${path} ${what}`);

  it('should be found out when it shrinks while it is read', async () => {
    const source = await fileSource(path);
    expect(await during(source, () => truncateSync(path, 2 * MEBI))).toEqual(
      changed(`shrank while it was read: it ends at byte ${2 * MEBI}`)
    );
  });
  it('should be found out when it grows while it is read', async () => {
    const source = await fileSource(path);
    expect(await during(source, () => appendFileSync(path, 'x'))).toEqual(
      changed(`grew from ${size} to ${size + 1} bytes since it was first looked at`)
    );
  });
  it('should be found out when it is written to at the same size', async () => {
    const source = await fileSource(path);
    expect(await during(source, overwrite)).toEqual(changed('was written to since it was first looked at'));
  });
  it('should be found out when that happened before it was read, and in random reads', async () => {
    const source = await fileSource(path);
    expect(await failureOf(() => source.reading(async () => truncateSync(path, 5)))).toEqual(
      changed(`shrank from ${size} to 5 bytes since it was first looked at`)
    );
    for (const read of [() => all(source), () => source.reading(async () => 1)]) {
      expect(await failureOf(read)).toEqual(changed(`shrank from ${size} to 5 bytes since it was first looked at`));
    }
  });
});

describe('reading', () => {
  it('should close the file at the end, on a break, on an abort and on a failure', async () => {
    const source = await fileSource(path);
    const before = openHandles();
    await all(source);
    for await (const _ of source.read()) break;
    const stop = new AbortController();
    const aborted = (async () => {
      for await (const _ of source.read(stop.signal)) stop.abort(new Error('enough'));
    })();
    await expect(aborted).rejects.toThrow('enough');
    await expect(all({ size: 0, read: () => source.read(AbortSignal.abort(new Error('no'))) })).rejects.toThrow('no');
    await expect(source.reading(() => Promise.reject(new Error('mine')))).rejects.toThrow('mine');
    truncateSync(path, 2 * MEBI);
    await failureOf(() => all(source));
    expect(openHandles()).toBe(before);
  });

  it('should stop between a chunk and the next when it is aborted meanwhile', async () => {
    const source = await fileSource(path);
    const stop = new AbortController();
    const reader = source.read(stop.signal)[Symbol.asyncIterator]();
    await reader.next();
    const next = reader.next();
    stop.abort(new Error('now'));
    await expect(next).rejects.toThrow('now');
  });

  it('should tell a read error with its reason', async () => {
    // A file of /proc that opens, says it has a size, and fails when it is read, cannot be had: a closed handle serves.
    const source = await fileSource(path);
    const late = await source.reading(async read => read);
    expect((await failureOf(() => late(0, 1))).code).toBe('SOURCE_UNREADABLE');
  });
});
