import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FAILURES } from '../../machines/vocabulary.ts';
import { WHY } from './failures.ts';
import { retryPage } from './page.ts';

const page = new URL('../../docs/retry.md', import.meta.url);

describe('docs/retry.md', () => {
  if (process.env.UPDATE_DOCS === '1') writeFileSync(page, retryPage());
  const text = readFileSync(page, 'utf8');

  it('should say what the code does (else: npm run docs)', () => {
    expect(text).toBe(retryPage());
  });
  it('should tell every failure, and no other', () => {
    expect(Object.keys(WHY)).toEqual(Object.keys(FAILURES));
    for (const code of Object.keys(FAILURES)) expect(text).toContain(`| \`${code}\` | `);
  });
  it('should tell what is asked in doubt', () => {
    expect(text).toContain('| `createSession` | `listSessions` | after a doubt |  | `RESOURCE_BUSY` |');
    expect(text).toContain('| `push` | `getFile` | after every failure that may pass |');
    expect(text).toContain('| `deleteItem` |  |  | `NOT_FOUND` |  |');
  });
});
