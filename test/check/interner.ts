// Values by small numbers: two that are told by the same words are one.

export class Interner<T> {
  readonly #ids = new Map<string, number>();
  readonly #values: T[] = [];

  /** @example `answers.id(JSON.stringify(answer), () => answer)` */
  id(key: string, make: () => T): number {
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = this.#values.length;
    this.#ids.set(key, id);
    this.#values.push(make());
    return id;
  }

  at(id: number): T {
    return this.#values[id] as T;
  }

  get size(): number {
    return this.#values.length;
  }
}

/** What is asked for again and again with two small numbers, computed once. */
export class Memo {
  readonly #known = new Map<number, number>();

  /** @param a below 2 ** 26, as is `b` */
  get(a: number, b: number, make: () => number): number {
    const key = a * 2 ** 26 + b;
    let value = this.#known.get(key);
    if (value === undefined) {
      value = make();
      this.#known.set(key, value);
    }
    return value;
  }
}
