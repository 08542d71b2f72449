// A clock that runs as another does, and can be moved forward: a server on the wall clock, with an hour less to wait for.
import type { Clock } from '../ports.ts';

export interface MovableClock extends Clock {
  /** So much time has passed at once; whoever sleeps until an instant that this reaches, wakes. */
  advanceBy(ms: number): void | Promise<void>;
}

/** Whether time on this clock can be moved: a virtual clock, or `offsetClock`. */
export function isMovable(clock: Clock): clock is MovableClock {
  return 'advanceBy' in clock && typeof clock.advanceBy === 'function';
}

/** @example `const clock = offsetClock(systemClock()); clock.advanceBy(3_600_000);` */
export function offsetClock(base: Clock): MovableClock {
  let ahead = 0;
  const sleepers = new Set<AbortController>();
  return {
    now: () => base.now() + ahead,
    advanceBy: ms => {
      ahead += ms;
      // each lies down again, and at once gets up where its instant has come
      for (const sleeper of sleepers) sleeper.abort();
    },
    sleepUntil: async (at, signal) => {
      for (;;) {
        if (signal?.aborted) throw signal.reason;
        const sleeper = new AbortController();
        const abort = () => sleeper.abort();
        signal?.addEventListener('abort', abort, { once: true });
        sleepers.add(sleeper);
        try {
          return await base.sleepUntil(at - ahead, sleeper.signal);
        } catch (cause) {
          if (!sleeper.signal.aborted) throw cause;
        } finally {
          sleepers.delete(sleeper);
          signal?.removeEventListener('abort', abort);
        }
      }
    }
  };
}
