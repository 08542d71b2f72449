// That every bug can still be put in, and names a check that there is. Whether it is caught: npm run sabotage.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Bug, sabotaged } from './apply.ts';
import { BUGS } from './bugs.ts';

const read = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');

describe('the deliberate bugs', () => {
  it.each(BUGS.map(bug => [bug.name, bug] as const))('should find the place of one that %s', (_, bug) => {
    const text = read(bug.file);
    expect(sabotaged(text, bug)).not.toBe(text);
  });

  it.each(BUGS.map(bug => [bug.name, bug] as const))('should name tests that there are for one that %s', (_, bug) => {
    expect(read(bug.catcher.test)).toMatch(/^\s*(it|describe)/m);
  });

  it('should have names of their own', () => {
    expect(new Set(BUGS.map(({ name }) => name)).size).toBe(BUGS.length);
    expect(BUGS.length).toBeGreaterThanOrEqual(30);
  });
});

describe('an anchor', () => {
  const bug: Omit<Bug, 'catcher'> = { name: 'x', file: 'a.ts', anchor: 'b', replacement: '$&c' };

  it('should be replaced by exactly what is said', () => {
    expect(sabotaged('abd', bug)).toBe('a$&cd');
  });
  it.each([
    ['ad', 'is not found'],
    ['abbd', 'is found 2 times']
  ])('should fail with a clear sentence in %s', (text, found) => {
    expect(() => sabotaged(text, bug)).toThrow(`the bug "x": its anchor ${found} in a.ts any more`);
  });
});
