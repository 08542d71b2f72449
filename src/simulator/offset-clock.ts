// A clock that runs as another does, and can be moved: a server on the wall clock with an hour less to wait for, a client whose
// clock is wrong. Set back, it makes no wait longer, as the system's own does (src/adapters/clock.ts).
import type { Clock } from '../ports.ts';

export interface MovableClock extends Clock {
  /** So much time has passed at once; whoever sleeps until an instant that this reaches, wakes. Negative: it is set back. */
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
      const latest = at - ahead;
      for (;;) {
        if (signal?.aborted) throw signal.reason;
        const sleeper = new AbortController();
        const abort = () => sleeper.abort();
        signal?.addEventListener('abort', abort, { once: true });
        sleepers.add(sleeper);
        try {
          return await base.sleepUntil(Math.min(at - ahead, latest), sleeper.signal);
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
