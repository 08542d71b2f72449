// The system's clock as the Clock port: the wall clock of the moment when it was made, and from then on the time that goes by.
// Who sets the wall clock, by an hour either way, moves no instant of a run: no wait gets longer, no patience ends early, and
// the log never goes back. The server's own clock is another one, and told by its answers.
import type { Clock } from '../ports.ts';

// Node turns a longer delay into 1 ms.
const LONGEST_MS = 2 ** 31 - 1;

/** @example `const clock = systemClock(); await clock.sleepUntil(clock.now() + 1000, signal)` */
export function systemClock(): Clock {
  const began = Date.now() - performance.now();
  const now = (): number => Math.floor(began + performance.now());
  return { now, sleepUntil: (at, signal) => sleepUntil(now, at, signal) };
}

function sleepUntil(now: () => number, at: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    let timer: NodeJS.Timeout | undefined;
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    // A timer may fire a little early, so the instant is looked at again.
    const wait = () => {
      const left = at - now();
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
