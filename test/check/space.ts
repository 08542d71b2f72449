// All states that were found, as numbers in columns: millions of them have to fit. A state is three numbers: the client with what
// it has on the way, the service, and the tally of what went wrong. Beside it stands how it was found first.

export class Space {
  size = 0;
  flight = new Int32Array(FIRST);
  service = new Int32Array(FIRST);
  tally = new Int32Array(FIRST);
  /** The state it was found from, and the words of the step. */
  from = new Int32Array(FIRST);
  by = new Int32Array(FIRST);
  /** Open addressing: id + 1 of a state, or 0. */
  #slots = new Int32Array(4 * FIRST);

  /** The number of the state, new or known. */
  add(flight: number, service: number, tally: number, from: number, by: number): number {
    const mask = this.#slots.length - 1;
    let slot = hash(flight, service, tally) & mask;
    for (let known = this.#slots[slot]; known !== 0; known = this.#slots[slot]) {
      const id = (known as number) - 1;
      if (this.flight[id] === flight && this.tally[id] === tally && this.service[id] === service) return id;
      slot = (slot + 1) & mask;
    }
    const id = this.size++;
    if (id === this.flight.length) this.#widen();
    this.flight[id] = flight;
    this.service[id] = service;
    this.tally[id] = tally;
    this.from[id] = from;
    this.by[id] = by;
    if (this.size * 2 > this.#slots.length) this.#rehash();
    else this.#slots[slot] = id + 1;
    return id;
  }

  /** The steps that led there first, by the numbers of their words. */
  wayTo(id: number): number[] {
    const way: number[] = [];
    for (let at = id; (this.from[at] as number) >= 0; at = this.from[at] as number) way.unshift(this.by[at] as number);
    return way;
  }

  #widen(): void {
    this.flight = twice(this.flight);
    this.service = twice(this.service);
    this.tally = twice(this.tally);
    this.from = twice(this.from);
    this.by = twice(this.by);
  }

  #rehash(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (let id = 0; id < this.size; id++) {
      let slot = hash(this.flight[id] as number, this.service[id] as number, this.tally[id] as number) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = id + 1;
    }
    this.#slots = slots;
  }
}

/** A list of numbers that grows. */
export class Column {
  size = 0;
  values = new Int32Array(FIRST);

  push(value: number): void {
    if (this.size === this.values.length) this.values = twice(this.values);
    this.values[this.size++] = value;
  }

  at(index: number): number {
    return this.values[index] as number;
  }
}

const FIRST = 2 ** 14;

function twice(column: Int32Array): Int32Array<ArrayBuffer> {
  const wider = new Int32Array(column.length * 2);
  wider.set(column);
  return wider;
}

function hash(flight: number, service: number, tally: number): number {
  let h = Math.imul(flight, 0x9e3779b1) ^ Math.imul(service, 0x85ebca6b) ^ Math.imul(tally, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  return h ^ (h >>> 13);
}
