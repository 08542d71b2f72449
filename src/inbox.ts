// What reaches a running upload from outside: answers of its effects, and the wish that it end. In the order it came.
import type { Failure } from '../machines/vocabulary.ts';
import type { Result } from './step.ts';

export interface Cancel {
  readonly kind: 'cancel';
  readonly reason: string;
  /** Why the run itself gave up, where nobody asked it to. */
  readonly fault?: Failure;
}
export type Arrival =
  | Cancel
  | { readonly kind: 'answer'; readonly path: string; readonly serial: number; readonly result: Result };

/** Many may put, one takes. */
export class Inbox {
  /** The first wish to end, for those who wait for something else than the inbox. */
  readonly canceled: Promise<Cancel>;
  /** The first that came from outside. */
  readonly asked: Promise<Cancel>;
  readonly #waiting: Arrival[] = [];
  #wake: (() => void) | undefined;
  #cancel: (cancel: Cancel) => void = () => undefined;
  #ask: (cancel: Cancel) => void = () => undefined;

  constructor() {
    this.canceled = new Promise(resolve => {
      this.#cancel = resolve;
    });
    this.asked = new Promise(resolve => {
      this.#ask = resolve;
    });
  }

  put(arrival: Arrival): void {
    if (arrival.kind === 'cancel') this.#cancel(arrival);
    if (arrival.kind === 'cancel' && arrival.fault === undefined) this.#ask(arrival);
    this.#waiting.push(arrival);
    this.#wake?.();
  }

  /** Gives the run up. */
  give(fault: Failure): void {
    this.put({ kind: 'cancel', reason: fault.message, fault });
  }

  async next(): Promise<Arrival> {
    while (this.#waiting.length === 0) {
      await new Promise<void>(resolve => {
        this.#wake = resolve;
      });
    }
    return this.#waiting.shift() as Arrival;
  }
}
