import { createHash, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { type WorkerHasher, workerHasher } from '../../src/adapters/hash.ts';
import { ALGORITHMS } from '../../src/sources/checksum.ts';
import { failureOf } from './fails-with.ts';

const hashers: WorkerHasher[] = [];
const made = (options?: { slots: number; slotBytes: number }): WorkerHasher => {
  const hasher = workerHasher(options);
  hashers.push(hasher);
  return hasher;
};
afterEach(async () => {
  for (const hasher of hashers.splice(0)) await hasher.close();
});
const digestsOf = (bytes: Uint8Array, algorithms: readonly string[]) =>
  algorithms.map(algorithm => ({ algorithm, checksum: createHash(algorithm).update(bytes).digest('hex') }));
const MEBI = 1024 * 1024;

describe('digests made beside the main thread', () => {
  it('should be those of node:crypto, for any bytes in any chunks, several files at a time', async () => {
    const hasher = made({ slots: 2, slotBytes: 16_384 });
    const file = fc.array(fc.integer({ min: 0, max: 90_000 }), { maxLength: 5 });
    const algorithms = fc.subarray([...ALGORITHMS]);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(file, algorithms), { minLength: 1, maxLength: 3 }), async files => {
        const results = await Promise.all(
          files.map(async ([sizes, which]) => {
            const hashing = hasher.start(which);
            const chunks = sizes.map(size => randomBytes(size));
            for (const chunk of chunks) {
              const same = new Uint8Array(chunk);
              await hashing.update(same);
              // Once it is taken, its memory may be used again.
              same.fill(0);
            }
            const made = await hashing.digest();
            hashing.dispose();
            return [made, digestsOf(Buffer.concat(chunks), which)];
          })
        );
        for (const [made, due] of results) expect(made).toEqual(due);
      }),
      { numRuns: 60 }
    );
  });

  it('should keep a bounded number of bytes in flight, and make the caller wait beyond', async () => {
    const hashing = made({ slots: 2, slotBytes: 100_000 }).start(['SHA256']);
    const chunk = randomBytes(100_000);
    expect(hashing.update(chunk)).toBeUndefined();
    expect(hashing.update(chunk)).toBeUndefined();
    const third = hashing.update(chunk);
    expect(third).toBeInstanceOf(Promise);
    await third;
    expect(await hashing.digest()).toEqual(digestsOf(Buffer.concat([chunk, chunk, chunk]), ['SHA256']));
  });

  it('should be right even when the caller does not wait', async () => {
    const hashing = made({ slots: 1, slotBytes: 1000 }).start(['SHA1', 'SHA256']);
    const chunks = [randomBytes(70_000), randomBytes(5000), randomBytes(1)];
    for (const chunk of chunks) hashing.update(chunk);
    expect(await hashing.digest()).toEqual(digestsOf(Buffer.concat(chunks), ['SHA1', 'SHA256']));
  });

  it('should let one file go on when another is given up', async () => {
    const hasher = made({ slots: 1, slotBytes: 70_000 });
    const [given, kept] = [hasher.start(['SHA1']), hasher.start(['SHA1'])];
    const bytes = randomBytes(200_000);
    const waiting = [given.update(bytes), kept.update(bytes)];
    given.dispose();
    given.dispose();
    expect(given.update(bytes)).toBeUndefined();
    await Promise.all(waiting);
    expect(await kept.digest()).toEqual(digestsOf(bytes, ['SHA1']));
    expect((await failureOf(() => given.digest())).code).toBe('INTERNAL');
  });

  it('should begin one thread for all files that are not small, and none for those that are', async () => {
    let threads = 0;
    const count = () => {
      threads += 1;
    };
    process.on('worker', count);
    const hasher = made();
    const hashing = hasher.start(['MD5']);
    hashing.update(Buffer.from('abc'));
    expect(await hashing.digest()).toEqual(digestsOf(Buffer.from('abc'), ['MD5']));
    const idle = hasher.start(['MD5']);
    idle.update(Buffer.from('abc'));
    idle.dispose();
    const none = hasher.start([]);
    none.update(randomBytes(MEBI));
    expect(await none.digest()).toEqual([]);
    expect(threads).toBe(0);
    for (const each of [hasher.start(['SHA1']), hasher.start(['SHA1'])]) {
      each.update(randomBytes(MEBI));
      await each.digest();
    }
    expect(threads).toBe(1);
    process.off('worker', count);
  });

  it('should hold the process only while somebody waits for it', async () => {
    const held = () => process.getActiveResourcesInfo().filter(each => each === 'MessagePort').length;
    const before = held();
    const hasher = made();
    const hashing = hasher.start(['SHA1']);
    hashing.update(randomBytes(MEBI));
    expect(held()).toBe(before);
    const digest = hashing.digest();
    expect(held()).toBe(before + 1);
    await digest;
    expect(held()).toBe(before);
    const closing = hasher.close();
    expect(held()).toBe(before + 1);
    await closing;
  });

  it('should fail what is under way when the thread is ended, and begin anew afterwards', async () => {
    const hasher = made({ slots: 1, slotBytes: MEBI });
    const bytes = randomBytes(3 * MEBI);
    const hashing = hasher.start(['SHA256']);
    const update = hashing.update(bytes);
    const digest = hashing.digest();
    const late = hasher.start(['SHA256']);
    late.update(bytes);
    const ends = Promise.all([failureOf(() => update), failureOf(() => digest)]);
    await hasher.close();
    expect((await ends).map(each => [each.code, each.message])).toEqual(
      Array(2).fill(['INTERNAL', 'the hashing thread ended before its digest was made'])
    );
    expect((await failureOf(() => late.update(bytes))).message).toBe('the hashing thread ended');
    expect((await failureOf(() => late.digest())).message).toBe('the hashing thread ended');
    hasher.start(['SHA1']).dispose();
    const again = hasher.start(['SHA256']);
    await again.update(bytes);
    expect(await again.digest()).toEqual(digestsOf(bytes, ['SHA256']));
    const unused = hasher.start(['SHA256']);
    await unused.update(bytes);
    await hasher.close();
    unused.dispose();
  });

  it('should tell why when the thread fails', async () => {
    const hashing = made().start(['NONE' as 'SHA1']);
    hashing.update(randomBytes(MEBI));
    const ended = await failureOf(() => hashing.digest());
    expect([ended.code, ended.message]).toEqual(['INTERNAL', 'the hashing thread ended before its digest was made']);
  });
});
