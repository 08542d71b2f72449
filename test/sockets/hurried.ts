// Time that goes by fifty times as fast, for both sides: what a service waits between two tries is not waited for by a test.
import { systemClock } from '../../src/adapters/clock.ts';
import type { Clock } from '../../src/ports.ts';

const TIMES = 50;

export function hurriedClock(): Clock {
  const clock = systemClock();
  const began = clock.now();
  return {
    now: () => began + (clock.now() - began) * TIMES,
    sleepUntil: (at, signal) => clock.sleepUntil(began + Math.ceil((at - began) / TIMES), signal)
  };
}
