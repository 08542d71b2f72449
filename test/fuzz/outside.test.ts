// No file of the sources takes something apart that comes from outside without being fuzzed.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { NOT_FROM_OUTSIDE, takersApart } from './outside.ts';
import { readers } from './readers.ts';

const root = join(import.meta.dirname, '../..');
const covered = new Set(readers.flatMap(({ covers }) => covers));

describe('a place where something is taken apart', () => {
  const all = takersApart(root);

  it.each(all)('should be fuzzed, or have a reason why not: %s', file => {
    expect(covered.has(file) || Object.hasOwn(NOT_FROM_OUTSIDE, file)).toBe(true);
  });

  it('should be there, and not be both', () => {
    expect(all.length).toBeGreaterThan(60);
    expect([...covered].filter(file => !existsSync(join(root, file)))).toEqual([]);
    expect(Object.keys(NOT_FROM_OUTSIDE).filter(file => !all.includes(file) || covered.has(file))).toEqual([]);
  });

  it('should be told of by one name a reader', () => {
    expect(new Set(readers.map(({ name }) => name)).size).toBe(readers.length);
  });
});
