// Chance that can be repeated: the same seed draws the same numbers and the same ids.
import type { Random } from '../ports.ts';

/** @example `seededRandom(1).uuid() === seededRandom(1).uuid()` is true. */
export function seededRandom(seed: number): Random {
  // mulberry32: one 32-bit word of state, good enough to spread faults and jitter
  let word = seed >>> 0;
  const draw = () => {
    word = (word + 0x6d2b79f5) >>> 0;
    let mixed = word;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  return {
    next: () => draw() / 2 ** 32,
    uuid: () => {
      const hex = [draw(), draw(), draw(), draw()].map(part => part.toString(16).padStart(8, '0')).join('');
      // version 4, variant 1
      const variant = ((Number.parseInt(hex[16]!, 16) & 3) | 8).toString(16);
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
    }
  };
}
