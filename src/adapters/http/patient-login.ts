// The first login, made again while the server says that this will pass: a vCenter Server whose sessions are all taken answers
// 503 (packer-plugin-vsphere #217). A login that is renewed later belongs to a call, and that is repeated by its attempt.
import { failure } from '../../../machines/vocabulary.ts';
import { backOffMs } from '../../../machines/workflow/calls.ts';
import { DEFAULT_POLICY } from '../../policy.ts';
import { type Clock, PortFailure, type Random, type RetryBudget } from '../../ports.ts';
import type { Tried, TryLogin } from './login.ts';

export interface Patience {
  readonly clock: Clock;
  readonly random: Random;
  readonly budget: RetryBudget;
}

/** The same login, with the waits of every other call: full jitter, Retry-After up to its cap, drawn from the budget. */
export function patientLogin(tryLogin: TryLogin, { clock, random, budget }: Patience): TryLogin {
  const { maxAttempts, retryCost } = DEFAULT_POLICY;
  return async (dialect, signal) => {
    for (let tries = 1; ; tries++) {
      try {
        const tried: Tried = await tryLogin(dialect, signal);
        if (tries > 1) budget.refund(retryCost);
        return tried;
      } catch (cause) {
        if (!isBusy(cause) || tries >= maxAttempts || !budget.draw(retryCost)) throw cause;
        const at = clock.now();
        const waitMs = backOffMs(DEFAULT_POLICY, tries, { at, luck: random.next(), failure: cause.failure });
        await clock.sleepUntil(at + waitMs, signal).catch(reason => {
          throw new PortFailure(failure('CANCELED', 'the login was canceled'), { cause: reason });
        });
      }
    }
  };
}

/** Nobody who does not answer at all is asked again here: an address that is wrong should be told at once. */
function isBusy(cause: unknown): cause is PortFailure {
  return cause instanceof PortFailure && cause.failure.code === 'UNAVAILABLE';
}
