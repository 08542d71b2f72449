import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  clockOf,
  columnsOf,
  cut,
  fitted,
  harmless,
  isLeft,
  percentOf,
  rateOf,
  shortened,
  sizeOf,
  sizesOf,
  spanOf,
  withReason
} from '../../src/view/words.ts';

describe('numbers', () => {
  it('should print sizes in binary units with one decimal, and small ones exactly', () => {
    const sizes = [
      0,
      1,
      1023,
      1024,
      5 * 1024 + 512,
      1024 ** 2 - 1,
      1024 ** 2,
      64 * 1024 ** 2,
      1024 ** 3 - 1,
      14.5 * 1024 ** 3
    ];
    expect(sizes.map(sizeOf)).toEqual([
      '0 B',
      '1 B',
      '1023 B',
      '1.0 KiB',
      '5.5 KiB',
      '1.0 MiB',
      '1.0 MiB',
      '64.0 MiB',
      '1.0 GiB',
      '14.5 GiB'
    ]);
  });

  it('should print several sizes in the unit of the last', () => {
    expect(sizesOf([0, 1024 ** 2, 2 * 1024 ** 2])).toEqual(['0.0', '1.0', '2.0 MiB']);
    expect(sizesOf([0, 0])).toEqual(['0', '0 B']);
    expect(sizesOf([])).toEqual([]);
  });

  it('should print a rate, and nothing when nothing moves', () => {
    expect([rateOf(12.3 * 1024 ** 2), rateOf(0)]).toEqual(['12.3 MiB/s', '']);
  });

  it('should print spans and clock faces', () => {
    expect([0, 62_000, 3_723_000, -5].map(clockOf)).toEqual(['0:00', '1:02', '1:02:03', '0:00']);
    expect([0, 1234, 59_949, 59_950, 62_000, -5].map(spanOf)).toEqual([
      '0.0 s',
      '1.2 s',
      '59.9 s',
      '1:00',
      '1:02',
      '0.0 s'
    ]);
  });

  it('should say 100 % only when it is all there', () => {
    expect([
      percentOf(999, 1000, 0),
      percentOf(1000, 1000, 900),
      percentOf(1000, 1000, 1000),
      percentOf(0, 0, 0)
    ]).toEqual(['99%', '99%', '100%', '100%']);
  });

  it('should tell a time to go only while something moves and is not through', () => {
    expect([isLeft(5, 1), isLeft(0, 1), isLeft(5, 0), isLeft(undefined, 1)]).toEqual([true, false, false, false]);
  });
});

describe('texts', () => {
  it('should take away what a terminal would obey', () => {
    expect(harmless('a\x1b[2Jb\u0007\u009b\u202edcba\nx\ty')).toBe('a?[2Jb???dcba x y');
  });

  it('should count wide characters twice and combining marks not at all', () => {
    expect(['abc', '日本', 'e\u0301', '🚀'].map(columnsOf)).toEqual([3, 4, 1, 2]);
  });

  it('should cut at the end and fill up', () => {
    expect([
      cut('abcdef', 4),
      cut('abc', 4),
      cut('日本語', 4),
      cut('abc', 0),
      fitted('ab', 4),
      fitted('abcdef', 4)
    ]).toEqual(['abc…', 'abc', '日… ', '', 'ab  ', 'abc…']);
  });

  it('should cut names in the middle', () => {
    expect([shortened('disk-one.vmdk', 9), shortened('disk', 9), shortened('disk', 1), shortened('disk', 0)]).toEqual([
      'disk…vmdk',
      'disk',
      '…',
      ''
    ]);
  });

  it('should never be wider than it may be', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat({ max: 20 }), (text, columns) => {
        expect(columnsOf(cut(text, columns))).toBeLessThanOrEqual(columns);
        expect(columnsOf(shortened(text, columns))).toBeLessThanOrEqual(columns);
        expect(columnsOf(fitted(text, columns))).toBe(columns);
      })
    );
  });
});

describe('withReason', () => {
  it('should say an outcome once', () => {
    expect(withReason('done', undefined)).toBe('done');
    expect(withReason('failed', 'no route')).toBe('failed: no route');
    expect(withReason('canceled', 'canceled: user asked')).toBe('canceled: user asked');
  });
});
