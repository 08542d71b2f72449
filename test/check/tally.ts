// What went wrong so far, and what may yet, packed into one number of 32 bits.

/** How much may go wrong on one path. */
export interface Budget {
  readonly faults: number;
  readonly crashes: number;
  readonly cancels: number;
  readonly expiries: number;
  /** Requests that may be on their way at a time although nobody waits for them any more; 1 unless it is said. */
  readonly lates?: number;
}

type Part = readonly [at: number, bits: number];
export const FAULTS: Part = [0, 2];
export const CRASHES: Part = [2, 2];
export const CANCELS: Part = [4, 2];
export const EXPIRIES: Part = [6, 2];
/**
 * Something was made by a late request: 1, and nobody has listed such things since; 2, somebody has; 3, after somebody had
 * listed them, and before a service that cannot tell by a token whose it is.
 */
export const STRAY: Part = [8, 2];
export const CANCELED: Part = [10, 1];
/** The answer to a create did not come, or not in time for somebody who cancels: it may be told that something may be left. */
export const UNANSWERED: Part = [11, 1];
/** Somebody has listed what may be there while a create was late. */
export const ASKED: Part = [12, 1];
/** Sessions that an answer has said to be over, in this life of the client: the number of a set. */
export const TOLD: Part = [13, 6];
/** Requests that will land although nobody waits for them any more: the number of a list. */
export const LATE: Part = [19, 13];

export function begin({ faults, crashes, cancels, expiries }: Budget): number {
  return put(put(put(put(0, FAULTS, faults), CRASHES, crashes), CANCELS, cancels), EXPIRIES, expiries);
}

export function of(tally: number, [at, bits]: Part): number {
  return (tally >>> at) & (2 ** bits - 1);
}

export function put(tally: number, [at, bits]: Part, value: number): number {
  const most = 2 ** bits - 1;
  if (value < 0 || value > most) throw new Error(`a tally has no room for ${value} at bit ${at}`);
  return (tally & ~(most << at)) | (value << at);
}

export function spend(tally: number, part: Part): number {
  return put(tally, part, of(tally, part) - 1);
}
