// The budget that the retries of a process share: a count of tokens, without time and without memory of who drew them.
import { BUDGET_TOKENS } from './policy.ts';
import type { RetryBudget } from './ports.ts';

/**
 * A budget of its own, for a program that wants some of its connections not to share the one of the process.
 *
 * @param tokens how many there are at first, and at most
 * @example connect({ url, username, password, budget: createRetryBudget(100) })
 */
export function createRetryBudget(tokens: number = BUDGET_TOKENS): RetryBudget {
  let left = tokens;
  return {
    draw: (cost, spare = 0) => {
      if (cost + spare > left) return false;
      left -= cost;
      return true;
    },
    refund: back => {
      left = Math.min(tokens, left + back);
    }
  };
}

/** What every connection of this process draws from, unless it was given another. */
export const processBudget: RetryBudget = createRetryBudget();
