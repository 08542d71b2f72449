import { describe, expect, it } from 'vitest';
import { virtualClock } from '../../src/simulator/index.ts';
import { isMovable, offsetClock } from '../../src/simulator/offset-clock.ts';

/** How a promise stands once everything that can go on has gone on. */
async function standing(work: Promise<unknown>): Promise<string> {
  let state = 'waits';
  work.then(
    () => {
      state = 'done';
    },
    () => {
      state = 'failed';
    }
  );
  await new Promise(resolve => setImmediate(resolve));
  return state;
}

describe('a clock that can be moved forward', () => {
  it('should run as the other does, and be ahead by what it was moved', async () => {
    const base = virtualClock(1_000);
    const clock = offsetClock(base);
    expect(clock.now()).toBe(1_000);
    await clock.advanceBy(500);
    await base.advanceBy(10);
    expect([clock.now(), base.now()]).toEqual([1_510, 1_010]);
  });

  it('should wake those whose instant it reaches, and let the others sleep on', async () => {
    const base = virtualClock(0);
    const clock = offsetClock(base);
    const soon = clock.sleepUntil(100);
    const late = clock.sleepUntil(1_000);
    expect([await standing(soon), await standing(late)]).toEqual(['waits', 'waits']);
    clock.advanceBy(100);
    expect([await standing(soon), await standing(late)]).toEqual(['done', 'waits']);
    await base.advanceBy(899);
    expect(await standing(late)).toBe('waits');
    await base.advanceBy(1);
    expect(await standing(late)).toBe('done');
    expect(base.waiting).toBe(0);
  });

  it('should make no wait longer when it is set back', async () => {
    const base = virtualClock(0);
    const clock = offsetClock(base);
    const sleeping = clock.sleepUntil(1_000);
    clock.advanceBy(-500);
    await base.advanceBy(999);
    expect([clock.now(), await standing(sleeping)]).toEqual([499, 'waits']);
    await base.advanceBy(1);
    expect(await standing(sleeping)).toBe('done');
    // Who lies down now goes by what the clock says now.
    const late = clock.sleepUntil(1_000);
    await base.advanceBy(499);
    expect(await standing(late)).toBe('waits');
    await base.advanceBy(1);
    expect(await standing(late)).toBe('done');
  });

  it('should let a sleeper go when it is called off, before and after it was moved', async () => {
    const base = virtualClock(0);
    const clock = offsetClock(base);
    const abort = new AbortController();
    const sleeping = clock.sleepUntil(1_000, abort.signal);
    clock.advanceBy(10);
    expect(await standing(sleeping)).toBe('waits');
    abort.abort(new Error('enough'));
    await expect(sleeping).rejects.toThrow('enough');
    await expect(clock.sleepUntil(0, abort.signal)).rejects.toThrow('enough');
    expect(base.waiting).toBe(0);
  });

  it('should hand on what goes wrong below it', async () => {
    const broken = { now: () => 0, sleepUntil: () => Promise.reject(new Error('no clock')) };
    await expect(offsetClock(broken).sleepUntil(1)).rejects.toThrow('no clock');
  });

  it('should be told from one that cannot be moved', () => {
    expect(isMovable(virtualClock())).toBe(true);
    expect(isMovable(offsetClock({ now: () => 0, sleepUntil: async () => undefined }))).toBe(true);
    expect(isMovable({ now: () => 0, sleepUntil: async () => undefined })).toBe(false);
  });
});
