import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRate, etaMs } from '../../src/observe/rate.ts';

describe('rate', () => {
  it('should be 0 before anything came', () => {
    expect(createRate().perSecond(1000)).toBe(0);
  });

  it('should be bytes over the time since the first, while that is shorter than the window', () => {
    const rate = createRate(5000);
    rate.add(1000, 0);
    rate.add(1000, 1000);
    expect(rate.perSecond(2000)).toBe(1000);
  });

  it('should not take the first chunk for infinitely fast', () => {
    const rate = createRate(5000);
    rate.add(1000, 0);
    expect(rate.perSecond(0)).toBe(2000);
  });

  it('should forget what is older than the window', () => {
    const rate = createRate(5000);
    rate.add(5000, 0);
    expect(rate.perSecond(4900)).toBeCloseTo(1020.4, 1);
    expect(rate.perSecond(5000)).toBe(0);
    rate.add(500, 60_000);
    expect(rate.perSecond(60_000)).toBe(100);
  });

  it('should add what comes within a tenth of a second', () => {
    const rate = createRate(1000);
    rate.add(1, 10);
    rate.add(2, 20);
    rate.add(4, 99);
    expect(rate.perSecond(510)).toBe(14);
  });

  it('should always lie between 0 and all bytes in half a second', () => {
    const steps = fc.array(fc.tuple(fc.nat({ max: 1e6 }), fc.nat({ max: 3000 })), { maxLength: 50 });
    fc.assert(
      fc.property(steps, given => {
        const rate = createRate();
        let [now, all] = [0, 0];
        for (const [bytes, later] of given) {
          now += later;
          all += bytes;
          rate.add(bytes, now);
          const its = rate.perSecond(now);
          expect(its).toBeGreaterThanOrEqual(0);
          expect(its).toBeLessThanOrEqual(all * 2);
        }
      })
    );
  });
});

describe('etaMs', () => {
  it('should tell how long the rest takes, nothing for no rest, and undefined when nothing moves', () => {
    expect([etaMs(3000, 1000), etaMs(0, 0), etaMs(-1, 5), etaMs(10, 0)]).toEqual([3000, 0, 0, undefined]);
  });
});
