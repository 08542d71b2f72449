// A hasher without a thread, for tests that look at what is hashed.
import { createHash } from 'node:crypto';
import type { Hasher } from '../../src/ports.ts';

export function inlineHasher(): Hasher & { disposed: number } {
  const hasher = {
    disposed: 0,
    start: (algorithms: readonly string[]) => {
      const hashes = algorithms.map(algorithm => ({ algorithm, hash: createHash(algorithm.toLowerCase()) }));
      return {
        update: (chunk: Uint8Array) => {
          for (const { hash } of hashes) hash.update(chunk);
          return undefined;
        },
        digest: async () => hashes.map(({ algorithm, hash }) => ({ algorithm, checksum: hash.digest('hex') })),
        dispose: () => {
          hasher.disposed += 1;
        }
      };
    }
  };
  return hasher;
}
