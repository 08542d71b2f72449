import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/adapters/clock.ts';
import { systemRandom } from '../../src/adapters/random.ts';

const DAY_MS = 86_400_000;

describe('the system clock', () => {
  beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }));
  afterEach(() => void vi.useRealTimers());

  it('should tell the time', () => {
    expect(systemClock().now()).toBe(1_000_000);
  });

  it('should wake at the instant and not before', async () => {
    const woken = vi.fn();
    const sleep = systemClock().sleepUntil(1_000_500).then(woken);
    await vi.advanceTimersByTimeAsync(499);
    expect(woken).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    await sleep;
    expect(woken).toHaveBeenCalledOnce();
  });

  it('should wake at once for an instant that is over', async () => {
    await systemClock().sleepUntil(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('should sleep longer than a timer of Node can run', async () => {
    const woken = vi.fn();
    const sleep = systemClock()
      .sleepUntil(1_000_000 + 60 * DAY_MS)
      .then(woken);
    await vi.advanceTimersByTimeAsync(60 * DAY_MS - 1);
    expect(woken).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    await sleep;
  });

  it.each([-10 * DAY_MS, -3_600_000, 3_600_000])(
    'should tell and sleep the time that goes by when the clock of the machine is set by %i ms meanwhile',
    async by => {
      const clock = systemClock();
      const woken = vi.fn();
      const sleep = clock.sleepUntil(1_000_500).then(woken);
      vi.setSystemTime(1_000_000 + by);
      expect(clock.now()).toBe(1_000_000);
      await vi.advanceTimersByTimeAsync(499);
      expect(woken).not.toHaveBeenCalled();
      await vi.advanceTimersByTimeAsync(1);
      await sleep;
      expect(clock.now()).toBe(1_000_500);
      // A clock that is made now goes by what the machine says now.
      expect(systemClock().now()).toBe(1_000_500 + by);
    }
  );

  it('should end a sleep with the reason of the signal, and leave no timer', async () => {
    const abort = new AbortController();
    const sleep = systemClock().sleepUntil(2_000_000, abort.signal);
    abort.abort('enough');
    await expect(sleep).rejects.toBe('enough');
    expect(vi.getTimerCount()).toBe(0);
    await expect(systemClock().sleepUntil(2_000_000, abort.signal)).rejects.toBe('enough');
  });

  it('should let go of the signal when it wakes', async () => {
    const abort = new AbortController();
    const removed = vi.spyOn(abort.signal, 'removeEventListener');
    const sleep = systemClock().sleepUntil(1_000_010, abort.signal);
    await vi.advanceTimersByTimeAsync(10);
    await sleep;
    expect(removed).toHaveBeenCalledOnce();
  });
});

describe('the chance of the system', () => {
  it('should draw from [0, 1) and make UUIDs', () => {
    const random = systemRandom();
    const draw = random.next();
    expect(draw).toBeGreaterThanOrEqual(0);
    expect(draw).toBeLessThan(1);
    expect(random.uuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(random.uuid()).not.toBe(random.uuid());
  });
});
