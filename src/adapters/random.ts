// The system's chance as the Random port.
import { randomUUID } from 'node:crypto';
import type { Random } from '../ports.ts';

/** Not for secrets: `next` is a fast generator; `uuid` is cryptographically random. */
export function systemRandom(): Random {
  return { next: () => Math.random(), uuid: () => randomUUID() };
}
