// Digests on the spot, beside no thread: for small files and virtual time, where nothing may happen out of turn.
import { createHash } from 'node:crypto';
import type { Hasher } from '../ports.ts';

export const inlineHasher: Hasher = {
  start: algorithms => {
    const hashing = algorithms.map(algorithm => ({ algorithm, hash: createHash(algorithm) }));
    return {
      update: chunk => {
        for (const { hash } of hashing) hash.update(chunk);
        return undefined;
      },
      digest: async () => hashing.map(({ algorithm, hash }) => ({ algorithm, checksum: hash.digest('hex') })),
      dispose: () => undefined
    };
  }
};
