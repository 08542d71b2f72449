// A journal that belongs to another user, and that this one may write to: it works, and says whose it is.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { sqliteJournal } from '../../src/adapters/sqlite/journal.ts';

vi.mock('node:fs', async original => ({
  ...(await original<typeof import('node:fs')>()),
  chmodSync: () => {
    throw Object.assign(new Error('operation not permitted'), { code: 'EPERM' });
  }
}));

it('should be used, with a word of warning', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'shelver-foreign-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const said: string[] = [];
  const path = join(folder, 'journal.db');
  const journal = await sqliteJournal({ path, now: () => 1_000, onWarning: text => said.push(text) });
  expect(await journal.runs()).toEqual([]);
  await journal.close();
  expect(said).toEqual([`the journal ${path} belongs to another user, so who may read it is theirs to say`]);
});
