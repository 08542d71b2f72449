// Chance as plans are drawn by: the same seed throws the same.
import { seededRandom } from '../../src/simulator/index.ts';

export interface Dice {
  whole(from: number, to: number): number;
  chance(of: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** A few of them, mostly none or one. */
  some<T>(most: number, draw: () => T): T[];
}

export function diceOf(seed: number): Dice {
  const random = seededRandom(Math.imul(seed, 0x9e3779b1) ^ 0x51ed270b);
  const dice: Dice = {
    whole: (from, to) => from + Math.floor(random.next() * (to - from + 1)),
    chance: of => random.next() < of,
    pick: list => list[Math.floor(random.next() * list.length)]!,
    some: (most, draw) => {
      const made: ReturnType<typeof draw>[] = [];
      while (made.length < most && random.next() < 0.55) made.push(draw());
      return made;
    }
  };
  return dice;
}
