// The clock of one life of the client's process, as src/adapters/clock.ts has it: the wall clock of the moment when the
// process began (it may be ahead of the server's or behind it), and from then on the time in which its machine did not sleep.
import type { Clock } from '../../src/ports.ts';

export interface ClientClock extends Clock {
  /** The machine sleeps from now on, for so long. */
  suspend(ms: number): void;
  /** Resolves when the machine is awake; `undefined`: it is. */
  awake(): Promise<void> | undefined;
  /** How many waits are under way. */
  readonly waiting: number;
}

export function clientClock(base: Clock, aheadMs: number): ClientClock {
  let ahead = aheadMs;
  let sleepsUntil = Number.NEGATIVE_INFINITY;
  let frozenAt = 0;
  let waiting = 0;
  const now = (): number => (base.now() < sleepsUntil ? frozenAt : base.now() + ahead);
  const awake = (): Promise<void> | undefined =>
    base.now() < sleepsUntil ? base.sleepUntil(sleepsUntil).then(awake) : undefined;
  return {
    now,
    suspend: ms => {
      if (base.now() < sleepsUntil) return;
      frozenAt = now();
      sleepsUntil = base.now() + ms;
      ahead -= ms;
    },
    awake,
    get waiting() {
      return waiting;
    },
    sleepUntil: async (at, signal) => {
      waiting += 1;
      try {
        // A machine that sleeps meanwhile makes the wait longer by as much.
        for (let first = true; first || now() < at; first = false) {
          await base.sleepUntil(at - ahead, signal);
          await awake();
        }
      } finally {
        waiting -= 1;
      }
    }
  };
}
