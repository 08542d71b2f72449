// shelver upload of more items than a person reads one by one: a few at a time, one login, and what is told of them.
import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sqliteJournal } from '../../src/adapters/sqlite/journal.ts';
import { call, folderWith, left, serve } from './call.ts';

const name = (index: number): string => `item-${String(index).padStart(3, '0')}`;

/** So many files of a few bytes, and their paths. */
function files(count: number): { readonly folder: string; readonly paths: string[] } {
  const names = Array.from({ length: count }, (_, index) => `${name(index)}.iso`);
  const folder = folderWith(Object.fromEntries(names.map(file => [file, file])));
  return { folder, paths: names.map(file => join(folder, file)) };
}

/** The most update sessions that were open at a time. */
function mostAtOnce(ops: readonly string[]): number {
  let [open, most] = [0, 0];
  for (const op of ops) {
    if (op === 'session.create') open += 1;
    if (op === 'session.delete') open -= 1;
    most = Math.max(most, open);
  }
  return most;
}

describe('many items in one call', () => {
  it('should go up by one login, a few at a time, and be told in one table', async () => {
    const { paths } = files(12);
    const { env, simulator } = await serve();
    const { code, stdout, stderr } = await call(['upload', ...paths, 'images'], { env });
    expect(code).toBe(0);
    expect(left(simulator)).toEqual({
      items: expect.toSatisfy((items: string[]) => items.length === 12),
      sessions: []
    });
    expect(simulator.requests.filter(({ op }) => op === 'login.create')).toHaveLength(1);
    // Which library it is, those who began before the first answer asked for themselves.
    expect(simulator.requests.filter(({ op }) => op === 'library.get').length).toBeLessThanOrEqual(4);
    expect(mostAtOnce(simulator.requests.map(({ op }) => op))).toBe(4);
    const rows = stdout.split('\n');
    expect(rows[0]).toMatch(/^ {2}item +size +result +verified by +retries +sent$/);
    expect(rows.slice(1, 13).every(row => /^ {2}images\/item-\d{3} +12 B +done +\S+ digest +12 B$/.test(row))).toBe(
      true
    );
    expect(rows.at(-2)).toMatch(/^12 of 12 items done: 144 B sent, 144 B accepted, no retries, /);
    // Besides, it is told every ten seconds how far all are.
    const lines = stderr.match(/^\[0:\d\d\] \d+\/12 images\/item-\d{3}: done$/gm);
    expect(lines).toHaveLength(12);
    expect(lines?.[11]).toMatch(/ 12\/12 /);
  });

  it('should go on when some fail, put them first, and say each reason once', async () => {
    const { paths, folder } = files(11);
    const { env, simulator } = await serve({
      faults: [{ on: 'put', file: 'item-004.iso', do: 'answer', status: 400, times: 'always', message: 'not that one' }]
    });
    const { code, stdout, stderr } = await call(['upload', join(folder, 'none.iso'), ...paths, 'images'], { env });
    expect(code).toBe(6);
    const rows = stdout.split('\n');
    expect(rows[1]).toMatch(/^ {2}images\/none +0 B +failed: SOURCE_UNREADABLE/);
    expect(rows[2]).toMatch(/^ {2}images\/item-004 +12 B +failed: TRANSFER_REFUSED/);
    expect(rows[3]).toMatch(/^ {2}images\/item-000 .* done /);
    expect(stdout).toMatch(/\nimages\/item-004: .*not that one\n {2}code +TRANSFER_REFUSED\n {2}next +\S/);
    expect(rows.at(-2)).toMatch(/^10 of 12 items done, 2 failed: /);
    expect(stderr).toMatch(/^error: images\/none: .*none\.iso cannot be read/m);
    expect(stderr).toMatch(/^error: images\/item-004: .*not that one/m);
    expect(left(simulator).items).toHaveLength(10);
    expect(left(simulator).sessions).toEqual([]);
  });

  it('should say the same reason of two hundred once', async () => {
    const { paths } = files(200);
    const { env } = await serve({ libraries: ['isos'] });
    const { code, stdout } = await call(['upload', ...paths, 'images', '-q'], { env });
    expect(code).toBe(4);
    expect(stdout.split('there is no library "images"')).toHaveLength(2);
    expect(stdout).toContain('\nimages/item-000, images/item-001, images/item-002 and 197 more: there is no library');
    expect(stdout).toMatch(/\n0 of 200 items done, 200 failed: 0 B sent/);
  });

  it('should begin nothing more under --fail-fast, cancel what is under way, and say how many that is', async () => {
    const { paths } = files(200);
    const { env, simulator } = await serve({
      faults: [
        { on: 'put', file: 'item-000.iso', do: 'stall' },
        { on: 'put', file: 'item-001.iso', do: 'answer', status: 400, times: 'always' }
      ]
    });
    const words = ['upload', ...paths, 'images', '--fail-fast', '--parallel-items', '2'];
    const { code, stdout, stderr } = await call(words, { env });
    expect(code).toBe(6);
    expect(stdout).toMatch(/\n0 of 200 items done, 1 failed, 1 canceled, 198 not begun: /);
    expect(stdout).toMatch(/\n {2}images\/item-002 +not begun: another item failed\n/);
    expect(stderr).toContain('warning: not begun: 198 of 200 items (another item failed)\n');
    expect(stderr.match(/^error: /gm)).toHaveLength(1);
    expect(left(simulator)).toEqual({ items: [], sessions: [] });
  });

  it('should tell a program which item is which, also of those that never began', async () => {
    const { paths, folder } = files(11);
    const { env } = await serve();
    const { code, stdout, stderr } = await call(
      ['upload', join(folder, 'none.iso'), ...paths, 'images', '--json', '--progress', 'none'],
      { env }
    );
    expect(code).toBe(3);
    const { items, notBegun } = JSON.parse(stdout);
    expect(items.map(({ to, outcome }: { to: { item: string }; outcome: string }) => [to.item, outcome])).toEqual([
      ['none', 'failed'],
      ...paths.map((_, index) => [name(index), 'done'])
    ]);
    expect(notBegun).toEqual([]);
    expect(stderr).toMatch(/^error: images\/none: /);
  });

  it('should draw one block of items on a terminal, and the table apart from it', async () => {
    const { paths } = files(12);
    const { env } = await serve();
    const { code, stdout, stderr } = await call(['upload', ...paths, 'images'], { env, tty: ['stderr', 'stdout'] });
    expect(code).toBe(0);
    expect(stderr.startsWith('\x1b[?25l')).toBe(true);
    expect(stderr.endsWith('\x1b[?25h')).toBe(true);
    expect(stderr).toMatch(/images {2}0 of 12 items/);
    expect(stderr).toMatch(/images {2}12 of 12 items/);
    expect(stderr).toContain('all 12 items');
    expect(stdout.startsWith('\n  item ')).toBe(true);
  });

  it('should add the path of each run, named, under --show-path', async () => {
    const { paths } = files(11);
    const { env } = await serve();
    const { stdout } = await call(['upload', ...paths, 'images', '--show-path', '-q'], { env });
    expect(stdout.match(/^stateDiagram-v2$/gm)).toHaveLength(11);
    expect(stdout).toContain('\n%% images/item-010\nstateDiagram-v2\n');
  });

  it('should be told one by one where they are few, and in a dry run', async () => {
    const { paths } = files(11);
    const { env } = await serve();
    const few = await call(['upload', ...paths.slice(0, 2), 'images', '-q'], { env });
    expect(few.stdout.match(/^ {2}server /gm)).toHaveLength(2);
    const dry = await call(['upload', ...paths, 'images', '-q', '--dry-run'], { env });
    expect(dry.stdout.match(/^ {2}server /gm)).toHaveLength(11);
  });
});

describe('many runs that were left unfinished', () => {
  /** Twelve uploads of one file, written down by a process that is gone; that of the third item has another file now. */
  const stage = async () => {
    const { env, simulator } = await serve();
    const folder = folderWith({ 'fox.bin': 'the quick brown fox' });
    const [path, file] = [join(folder, 'journal.db'), join(folder, 'fox.bin')];
    const journal = await sqliteJournal({ path, now: Date.now, me: { pid: 2 ** 22 - 1, started: '1' } });
    const version = String(statSync(file, { bigint: true }).mtimeNs);
    const server = String(env.SHELVER_URL).replace('http://', '');
    await Promise.all(
      Array.from({ length: 12 }, (_, index) => {
        const to = { library: 'images', item: name(index) };
        const files = [{ name: 'fox.bin', size: index === 2 ? 7 : 19, version }];
        const data = { kind: 'upload', server, place: `images/${to.item}`, spec: { to, files: [file] }, files };
        return journal.append([{ v: 1, run: randomUUID(), at: Date.now(), type: 'begun', data }]);
      })
    );
    await journal.close();
    return { env: { ...env, SHELVER_JOURNAL: path }, simulator };
  };

  it('should be gone on with a few at a time, and told by a line each', async () => {
    const { env, simulator } = await stage();
    const { code, stdout, stderr } = await call(['resume'], { env });
    expect(code).toBe(3);
    expect(stdout).toBe('11 of 12 runs finished\n');
    expect(stderr.match(/^\[0:\d\d\] \d+\/12 images\/item-\d{3}: done$/gm)).toHaveLength(11);
    expect(stderr).toMatch(/^error: images\/item-002: fox\.bin is not what it was/m);
    expect(mostAtOnce(simulator.requests.map(({ op }) => op))).toBeLessThanOrEqual(4);
    expect(left(simulator).items).toHaveLength(11);
  });

  it('should be ended, and that counts as success', async () => {
    const { env, simulator } = await stage();
    const { code, stdout, stderr } = await call(['cleanup'], { env });
    expect([code, stdout]).toEqual([0, '12 of 12 runs ended\n']);
    expect(stderr).not.toMatch(/error|failed/);
    expect(left(simulator)).toEqual({ items: [], sessions: [] });
  });
});
