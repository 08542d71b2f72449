import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byteRate, collect, duration, wholeNumber } from '../../src/cli/options.ts';

describe('values of options', () => {
  it('should read times', () => {
    const times: [string, number][] = [
      ['90', 90_000],
      ['1.5', 1_500],
      ['250ms', 250],
      ['30s', 30_000],
      ['15m', 900_000],
      ['1m30s', 90_000],
      ['2h', 7_200_000],
      ['1d', 86_400_000]
    ];
    for (const [text, ms] of times) expect(duration(text), text).toBe(ms);
    for (const text of ['', '0', '0s', '-5', 'soon', '5 m', '1m30', '5x', 's', '0.0001ms']) {
      expect(() => duration(text), text).toThrow(/It must be a time/);
    }
  });

  it('should read rates in bytes a second', () => {
    const rates: [string, number][] = [
      ['500', 500],
      ['500K', 512_000],
      ['20M', 20_971_520],
      ['20MiB', 20_971_520],
      ['1.5k', 1_536],
      ['1GB', 1_073_741_824]
    ];
    for (const [text, bytes] of rates) expect(byteRate(text), text).toBe(bytes);
    for (const text of ['', '0', 'fast', '-1M', '5T', '1 M']) {
      expect(() => byteRate(text), text).toThrow(/It must be bytes a second/);
    }
  });

  it('should read whole numbers within their bounds, and nothing else', () => {
    const read = wholeNumber(1, 16);
    fc.assert(
      fc.property(fc.integer({ min: -20, max: 40 }), number => {
        if (number >= 1 && number <= 16) expect(read(String(number))).toBe(number);
        else expect(() => read(String(number))).toThrow('It must be a whole number from 1 to 16.');
      })
    );
    for (const text of ['', '1.5', '1e1', '0x3', ' 3']) expect(() => read(text), text).toThrow(/whole number/);
  });

  it('should collect what is given several times', () => {
    expect(collect('b', collect('a'))).toEqual(['a', 'b']);
  });
});
