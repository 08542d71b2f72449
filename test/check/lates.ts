// Requests that will land although nobody waits for them any more: lists of them by number, of which 0 is the empty one.
import { Interner, Memo } from './interner.ts';

export class Lates {
  readonly #lists = new Interner<readonly number[]>();
  readonly #longer = new Memo();
  readonly #each = new Map<number, readonly (readonly [number, number])[]>();
  readonly #most: number;

  /** @param most so many at a time */
  constructor(most: number) {
    this.#most = most;
    this.#id([]);
  }

  /** The list with one more; `undefined`: it is full. */
  with(list: number, call: number): number | undefined {
    const its = this.#lists.at(list);
    if (its.length >= this.#most) return undefined;
    return this.#longer.get(list, call, () => this.#id([...its, call]));
  }

  /** Each of the list, with the list of the others. */
  each(list: number): readonly (readonly [call: number, others: number])[] {
    let each = this.#each.get(list);
    if (each === undefined) {
      const its = this.#lists.at(list);
      const different = its.filter((call, index) => its.indexOf(call) === index);
      each = different.map(call => [call, this.#id(its.filter((_, index) => index !== its.indexOf(call)))] as const);
      this.#each.set(list, each);
    }
    return each;
  }

  #id(list: readonly number[]): number {
    const sorted = [...list].sort((a, b) => a - b);
    return this.#lists.id(String(sorted), () => sorted);
  }
}
