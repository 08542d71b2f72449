// Time that passes only when it is told to: for tests and for exploring many runs of the same thing. Sleepers wake one at
// a time, in the order of their instants, then of their asking; what a wake sets off is let run before the next one.
import type { Clock } from '../ports.ts';

export interface VirtualClock extends Clock {
  /** How many are asleep. */
  readonly waiting: number;
  /** When the next one wakes; `undefined`: nobody sleeps. */
  nextAt(): number | undefined;
  /** Moves time to the next sleeper and wakes it. False: nobody sleeps. */
  advanceToNext(): Promise<boolean>;
  /** Lets that much time pass, waking everyone due on the way. */
  advanceBy(ms: number): Promise<void>;
  /** Goes from sleeper to sleeper until nobody sleeps. */
  runUntilIdle(): Promise<void>;
  /**
   * Lets time pass until the work settles, and answers with what it gave. Throws when the work can never settle, because
   * nobody sleeps and nothing moves.
   *
   * @example `await clock.run(upload(simulator.connect({ journal }), spec).report)`
   */
  run<T>(work: Promise<T>): Promise<T>;
}

interface Sleeper {
  readonly at: number;
  wake(): void;
}

/** Turns of the event loop without any move after which `run` calls the work stuck. */
const STUCK_AFTER = 1000;

/** @param startAt the first instant, in milliseconds since 1970. */
export function virtualClock(startAt = Date.UTC(2025, 0, 1)): VirtualClock {
  let now = startAt;
  const sleepers: Sleeper[] = [];

  const wakeNext = async () => {
    const next = sleepers.shift();
    if (next === undefined) return false;
    now = next.at;
    next.wake();
    await settle();
    return true;
  };

  return {
    now: () => now,
    sleepUntil: (at, signal) =>
      new Promise<void>((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        if (at <= now) return resolve();
        const sleeper: Sleeper = {
          at,
          wake: () => {
            signal?.removeEventListener('abort', abort);
            resolve();
          }
        };
        const abort = () => {
          sleepers.splice(sleepers.indexOf(sleeper), 1);
          reject(signal?.reason);
        };
        signal?.addEventListener('abort', abort, { once: true });
        sleepers.splice(placeFor(sleepers, at), 0, sleeper);
      }),
    get waiting() {
      return sleepers.length;
    },
    nextAt: () => sleepers[0]?.at,
    advanceToNext: async () => {
      await settle();
      return wakeNext();
    },
    advanceBy: async ms => {
      const until = now + ms;
      await settle();
      while (sleepers[0] !== undefined && sleepers[0].at <= until) await wakeNext();
      now = until;
    },
    runUntilIdle: async () => {
      await settle();
      while (await wakeNext());
    },
    run: async work => {
      let settled = false;
      const end = () => {
        settled = true;
      };
      work.then(end, end);
      let quiet = 0;
      await settle();
      while (!settled) {
        if (await wakeNext()) {
          quiet = 0;
          continue;
        }
        if (++quiet > STUCK_AFTER) {
          throw new Error('the work waits for something that virtual time cannot bring: nobody sleeps on the clock');
        }
        await settle();
      }
      return work;
    }
  };
}

/** After the last sleeper that wakes no later. */
function placeFor(sleepers: readonly Sleeper[], at: number): number {
  let place = sleepers.length;
  while (place > 0 && sleepers[place - 1]!.at > at) place--;
  return place;
}

/** One turn of the event loop: every promise that can go on has gone on. It measures no time. */
function settle(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve));
}
