// What a retry costs. Every process has one budget for all its retries, so that a server in trouble is not asked the more the
// worse it fares; the budget itself is a port (RetryBudget, src/ports.ts), the price and what follows from it stand here.
import type { Failure, FailureCode } from '../vocabulary.ts';

/** Tokens of the budget. */
export interface Prices {
  /** For a retry after an answer that said no for now. */
  readonly retryCost: number;
  /** For a retry after a time-out or a connection that broke: that the server is in trouble is likelier then. */
  readonly breakCost: number;
}

/**
 * Cleaning up draws nothing: a spent budget must never leave a session or an item behind. Neither do the lease and the watch
 * beside a transfer: a round that is tried again stands for the next one, one at a time and behind its back-off, so they ask
 * hardly more than they would of a server that is well; and a lease that gave up would cost the session with every byte in it.
 */
export const FREE: Prices = { retryCost: 0, breakCost: 0 };

const BROKE: ReadonlySet<FailureCode> = new Set(['CONNECTION', 'STALLED', 'TIMED_OUT']);

/** What a retry after this failure costs. @example `costOf(DEFAULT_POLICY, failure('STALLED', '…'))` is 10. */
export function costOf({ retryCost, breakCost }: Prices, { code }: Pick<Failure, 'code'>): number {
  return BROKE.has(code) ? breakCost : retryCost;
}

/** The same failure, told by a process that may not try again. Its code stays, and with it what can be done about it. */
export function unpaid(failed: Failure): Failure {
  if (failed.budgetSpent === true) return failed;
  return { ...failed, budgetSpent: true, message: `${failed.message}; not tried again: ${SPENT}` };
}

const SPENT = 'the retry budget of this process is spent';
