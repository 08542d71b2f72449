// The system's wall clock as the Clock port. Waiting follows the wall clock: a machine that slept wakes late, never twice.
// A wall clock that is set back must not make a wait longer, so time that has gone by counts too.
import type { Clock } from '../ports.ts';

// Node turns a longer delay into 1 ms.
const LONGEST_MS = 2 ** 31 - 1;

/** @example `await systemClock().sleepUntil(Date.now() + 1000, signal)` */
export function systemClock(): Clock {
  return { now: () => Date.now(), sleepUntil };
}

function sleepUntil(at: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    let timer: NodeJS.Timeout | undefined;
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const since = performance.now();
    const whole = at - Date.now();
    // A timer may fire a little early against the wall clock, so the instant is looked at again.
    const wait = () => {
      const left = Math.min(at - Date.now(), whole - (performance.now() - since));
      if (left > 0) {
        timer = setTimeout(wait, Math.min(left, LONGEST_MS));
        return;
      }
      signal?.removeEventListener('abort', abort);
      resolve();
    };
    signal?.addEventListener('abort', abort, { once: true });
    wait();
  });
}
