// A clock that goes only when a test says so; sleepers wake in the order of their instants.
import type { Clock } from '../../src/ports.ts';

export interface ManualClock extends Clock {
  /** Goes on, waking whoever is due, and lets what they do settle. */
  advance(ms: number): Promise<void>;
  /** Sleepers that are neither woken nor aborted. */
  readonly sleeping: number;
}

export function manualClock(startAt = 0): ManualClock {
  let now = startAt;
  const sleepers = new Set<{ at: number; wake: () => void }>();
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  };
  return {
    now: () => now,
    sleepUntil(at, signal) {
      return new Promise((resolve, reject) => {
        const sleeper = { at, wake: resolve };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', () => {
          sleepers.delete(sleeper);
          reject(signal.reason);
        });
      });
    },
    async advance(ms) {
      const end = now + ms;
      for (;;) {
        const next = [...sleepers].filter(its => its.at <= end).sort((a, b) => a.at - b.at)[0];
        if (next === undefined) break;
        now = Math.max(now, next.at);
        sleepers.delete(next);
        next.wake();
        await settle();
      }
      now = end;
      await settle();
    },
    get sleeping() {
      return sleepers.size;
    }
  };
}
