import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ROOMS } from './rooms.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

describe.each(Object.entries(ROOMS))('the mutated room %s', (_, { mutate, tests, oneIn }) => {
  it('should name files and tests that are there', () => {
    for (const pattern of mutate) {
      const [folder, rest = ''] = pattern.split(/\/(?=[^/]*$)/) as [string, string];
      const names = readdirSync(root + folder.replace('/**', ''));
      const wanted = new RegExp(`^${rest.replace('.', '\\.').replace('*', '.*')}$`);
      expect(
        names.filter(name => wanted.test(name)),
        pattern
      ).not.toEqual([]);
    }
    expect(tests.filter(test => !existsSync(root + test))).toEqual([]);
    expect(oneIn).toBeGreaterThanOrEqual(1);
  });
});
