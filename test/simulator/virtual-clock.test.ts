import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/simulator/seeded-random.ts';
import { virtualClock } from '../../src/simulator/virtual-clock.ts';

describe('virtual clock', () => {
  it('should wake sleepers in the order of their instants, then of their asking', async () => {
    const clock = virtualClock(0);
    const woken: string[] = [];
    const sleep = async (name: string, at: number) => {
      await clock.sleepUntil(at);
      woken.push(`${name} at ${clock.now()}`);
    };
    void sleep('late', 30);
    void sleep('first', 10);
    void sleep('second', 10);
    await clock.runUntilIdle();
    expect(woken).toEqual(['first at 10', 'second at 10', 'late at 30']);
  });

  it('should let what a wake sets off fall asleep before the next wake', async () => {
    const clock = virtualClock(0);
    const woken: number[] = [];
    const chain = async () => {
      for (const at of [5, 7]) {
        await clock.sleepUntil(at);
        woken.push(at);
      }
    };
    void chain();
    void clock.sleepUntil(6).then(() => woken.push(6));
    await clock.runUntilIdle();
    expect(woken).toEqual([5, 6, 7]);
  });

  it('should not sleep for an instant that has come', async () => {
    const clock = virtualClock(100);
    await clock.sleepUntil(100);
    expect([clock.now(), clock.waiting, clock.nextAt()]).toEqual([100, 0, undefined]);
  });

  it('should reject with the reason of the signal, and forget the sleeper', async () => {
    const clock = virtualClock(0);
    const stop = new AbortController();
    const sleep = clock.sleepUntil(10, stop.signal);
    expect([clock.waiting, clock.nextAt()]).toEqual([1, 10]);
    stop.abort('enough');
    await expect(sleep).rejects.toBe('enough');
    await expect(clock.sleepUntil(10, stop.signal)).rejects.toBe('enough');
    expect(clock.waiting).toBe(0);
  });

  it('should pass just the time it is told to', async () => {
    const clock = virtualClock(0);
    const woken: number[] = [];
    for (const at of [10, 20, 30]) void clock.sleepUntil(at, new AbortController().signal).then(() => woken.push(at));
    await clock.advanceBy(20);
    expect([woken, clock.now()]).toEqual([[10, 20], 20]);
    expect(await clock.advanceToNext()).toBe(true);
    expect(await clock.advanceToNext()).toBe(false);
    expect([woken, clock.now()]).toEqual([[10, 20, 30], 30]);
  });

  it('should run until the work settles, and hand on how', async () => {
    const clock = virtualClock(0);
    expect(await clock.run(clock.sleepUntil(86_400_000).then(() => clock.now()))).toBe(86_400_000);
    await expect(clock.run(Promise.reject(new Error('no')))).rejects.toThrow('no');
  });

  it('should say so when the work can never settle', async () => {
    await expect(virtualClock().run(new Promise(() => undefined))).rejects.toThrow('nobody sleeps on the clock');
  });
});

describe('seeded random', () => {
  it('should draw the same again from the same seed, and other numbers from another', () => {
    const draws = (seed: number) => {
      const random = seededRandom(seed);
      return [random.next(), random.uuid(), random.next()];
    };
    expect(draws(7)).toEqual(draws(7));
    expect(draws(7)).not.toEqual(draws(8));
  });

  it('should draw numbers in [0, 1) around one half, and UUIDs of version 4', () => {
    const random = seededRandom(1);
    const drawn = Array.from({ length: 2000 }, () => random.next());
    const mean = drawn.reduce((sum, number) => sum + number, 0) / drawn.length;
    expect(drawn.every(number => number >= 0 && number < 1)).toBe(true);
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.05);
    for (let i = 0; i < 50; i++) {
      expect(random.uuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }
  });
});
