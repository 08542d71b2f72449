// The journal in a SQLite file: what is in it after the process that wrote it is gone, and who may use it meanwhile.
import { spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { openDatabase } from '../../src/adapters/sqlite/database.ts';
import { type DurableJournal, sqliteJournal } from '../../src/adapters/sqlite/journal.ts';
import type { JournalRecord } from '../../src/ports.ts';
import { builtCommand, removeBuilt } from '../cli/built-command.ts';

let folder: string;
let path: string;
const open: DurableJournal[] = [];
const said: string[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shelver-journal-'));
  path = join(folder, 'deep', 'journal.db');
  said.length = 0;
});
afterEach(async () => {
  for (const journal of open.splice(0)) await journal.close();
  rmSync(folder, { recursive: true });
});

type Options = Partial<Parameters<typeof sqliteJournal>[0]>;
async function journalAt(options: Options = {}): Promise<DurableJournal> {
  const journal = await sqliteJournal({ path, now: () => 1_000, onWarning: text => said.push(text), ...options });
  open.push(journal);
  return journal;
}

const begun = (run: string, place = 'images/fox', kind = 'upload'): JournalRecord => ({
  v: 1,
  run,
  at: 5,
  type: 'begun',
  data: { kind, server: 'vc', place, files: [] }
});
const facts = (run: string, data: object): JournalRecord => ({ v: 1, run, at: 6, type: 'facts', data });
const ended = (run: string, left = false): JournalRecord => ({
  v: 1,
  run,
  at: 9,
  type: 'ended',
  data: { outcome: left ? 'failed' : 'done', left }
});

describe('what is written', () => {
  it('should be there for the next process, in its order, readable for nobody else', async () => {
    const first = await journalAt();
    await first.append([begun('a'), facts('a', { generation: 1 })]);
    await first.append([facts('a', { sessionId: 's' })]);
    await first.append([begun('b', 'images/other')]);
    const second = await journalAt();
    expect(await second.read('a')).toEqual([begun('a'), facts('a', { generation: 1 }), facts('a', { sessionId: 's' })]);
    expect(await second.read('none')).toEqual([]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'deep')).mode & 0o777).toBe(0o700);
  });

  it('should be written all or not at all', async () => {
    const journal = await journalAt();
    await journal.append([begun('a')]);
    await expect(journal.append([facts('x', {}), begun('b')])).rejects.toThrow('has not ended: run a');
    expect(await journal.read('x')).toEqual([]);
    expect((await journal.runs()).map(({ run }) => run)).toEqual(['a']);
  });

  it('should survive a process that is killed while it writes', async () => {
    const module = pathToFileURL(join(dirname(builtCommand()), '..', 'adapters', 'sqlite', 'journal.js')).href;
    onTestFinished(removeBuilt);
    const code = `
      import { sqliteJournal } from '${module}';
      const journal = await sqliteJournal({ path: process.argv[1], now: Date.now });
      await journal.append([${JSON.stringify(begun('a'))}]);
      for (let n = 0; ; n++) {
        await journal.append([{ v: 1, run: 'a', at: n, type: 'facts', data: { n } }]);
        process.stdout.write(n + '\\n');
      }`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', code, path], {
      stdio: ['ignore', 'pipe', 'pipe']
    });
    let out = '';
    await new Promise<void>((resolve, reject) => {
      child.stdout.on('data', chunk => {
        out += chunk;
        if (out.split('\n').length > 20) child.kill('SIGKILL');
      });
      child.stderr.on('data', chunk => reject(new Error(String(chunk))));
      child.on('exit', () => resolve());
    });
    const told = out.split('\n').slice(0, -1).length;
    const journal = await journalAt();
    const numbers = (await journal.read('a')).slice(1).map(({ data }) => (data as { n: number }).n);
    expect(numbers).toEqual(numbers.map((_, index) => index));
    expect(numbers.length).toBeGreaterThanOrEqual(told);
    expect((await journal.runs())[0]?.owner).toEqual({ host: hostname(), pid: child.pid, gone: true });
  });
});

describe('a run that has not ended', () => {
  it('should keep a second one away from the same item, until it has', async () => {
    let lives = true;
    const journal = await journalAt({ isAlive: () => lives });
    await journal.append([begun('a')]);
    await expect(journal.append([begun('b')])).rejects.toMatchObject({
      failure: { next: `wait for process ${process.pid}, which is at work on it (--on-busy wait), or end that` }
    });
    lives = false;
    await expect(journal.append([begun('b')])).rejects.toMatchObject({
      failure: {
        code: 'RESOURCE_BUSY',
        next: 'go on with it: shelver resume a; or end it: shelver cleanup a, or --on-busy take-over'
      }
    });
    await journal.append([begun('c', 'images/other')]);
    await journal.append([begun('d', 'images/fox', 'download'), begun('e', 'images/fox', 'download')]);
    await journal.append([ended('a')]);
    await journal.append([begun('b')]);
    expect((await journal.runs()).map(({ run, ending }) => [run, ending?.outcome])).toEqual([
      ['a', 'done'],
      ['b', undefined],
      ['c', undefined],
      ['d', undefined],
      ['e', undefined]
    ]);
  });

  it('should be left to its owner while that lives, and to whoever comes when it does not', async () => {
    const mine = await journalAt({ me: { pid: 41, started: '7' } });
    await mine.append([begun('a')]);
    let lives = true;
    const other = await journalAt({ me: { pid: 42 }, isAlive: () => lives });
    await expect(other.claim('a')).rejects.toMatchObject({
      failure: { code: 'RESOURCE_BUSY', message: 'process 41 is working on the run a' }
    });
    await expect(other.claim('a', true)).rejects.toThrow('process 41 is working');
    await mine.claim('a');
    lives = false;
    await other.claim('a');
    expect((await other.runs())[0]?.owner).toEqual({ host: hostname(), pid: 42, gone: true });
    await expect(other.claim('none')).rejects.toMatchObject({ failure: { code: 'NOT_FOUND' } });
  });

  it('should be known by its sessions, with whether somebody works on it', async () => {
    const alive = new Set([41]);
    const isAlive = ({ pid }: { pid: number }) => alive.has(pid);
    const mine = await journalAt({ me: { pid: 41 }, isAlive });
    await mine.append([begun('a'), facts('a', { sessionId: 's1' }), facts('a', { sessionId: null })]);
    await mine.append([facts('a', { sessionId: 's2', before: ['s9'] })]);
    const other = await journalAt({ me: { pid: 42 }, isAlive });
    const owned = (session: string, more: object) => ({ session, run: 'a', ...more });
    expect(await other.ownersOf?.(['s2', 's9', 's1'])).toEqual([
      owned('s2', { standing: 'alive', pid: 41 }),
      owned('s1', { standing: 'alive', pid: 41 })
    ]);
    const database = await openDatabase(path);
    database.prepare('update runs set host = ?').run('elsewhere');
    database.close();
    expect(await other.ownersOf?.(['s2'])).toEqual([
      owned('s2', { standing: 'elsewhere', pid: 41, host: 'elsewhere' })
    ]);
    await mine.append([ended('a', true)]);
    expect(await other.ownersOf?.(['s2'])).toEqual([owned('s2', { standing: 'gone' })]);
    await mine.append([begun('b', 'images/two'), facts('b', { sessionId: 's3' })]);
    alive.delete(41);
    expect(await other.ownersOf?.(['s3'])).toEqual([{ session: 's3', run: 'b', standing: 'gone' }]);
  });

  it('should be taken from another machine only by force', async () => {
    const journal = await journalAt();
    await journal.append([begun('a')]);
    const database = await openDatabase(path);
    database.prepare('update runs set host = ?').run('elsewhere');
    database.close();
    await expect(journal.claim('a')).rejects.toMatchObject({
      failure: {
        message: `process ${process.pid} on elsewhere is working on the run a`,
        next: expect.stringContaining('--force')
      }
    });
    await journal.claim('a', true);
    expect((await journal.runs())[0]?.owner).toMatchObject({ host: hostname(), pid: process.pid, gone: false });
  });

  it('should not be forgotten, nor one that left something', async () => {
    const journal = await journalAt();
    await journal.append([begun('a', 'images/1'), begun('b', 'images/2'), begun('c', 'images/3')]);
    await journal.append([ended('a'), ended('b', true)]);
    await journal.forget(9);
    expect((await journal.runs()).length).toBe(3);
    await journal.forget(10);
    expect((await journal.runs()).map(({ run }) => run)).toEqual(['b', 'c']);
    expect(await journal.read('a')).toEqual([]);
  });
});

describe('a journal that cannot be used', () => {
  it('should be set aside when it is damaged, not deleted', async () => {
    const first = await journalAt();
    await first.append([begun('a')]);
    await first.close();
    open.splice(0);
    const bytes = readFileSync(path);
    bytes.fill(0xff, 100, 200);
    writeFileSync(path, bytes);
    const second = await journalAt();
    expect(await second.runs()).toEqual([]);
    const aside = readdirSync(join(folder, 'deep')).filter(name => name.includes('damaged'));
    expect(aside).toEqual(['journal.db.damaged-1970-01-01T00-00-01-000Z']);
    expect(said).toEqual([
      `the journal ${path} is damaged: it was set aside as ${path}.damaged-1970-01-01T00-00-01-000Z, and a new one is begun. What it knew of unfinished runs is lost: see shelver sessions ls`
    ]);
  });

  it('should be set aside when only a page within it is damaged', async () => {
    const first = await journalAt();
    for (let n = 0; n < 200; n++) await first.append([begun(`run${n}`, `images/${n}`)]);
    await first.close();
    open.splice(0);
    const bytes = readFileSync(path);
    bytes.fill(0xff, 8_192, 16_384);
    writeFileSync(path, bytes);
    await journalAt();
    expect(said.join()).toContain('is damaged: it was set aside');
  });

  it('should be somebody else’s file, and left as it is', async () => {
    const other = join(folder, 'ubuntu.iso');
    writeFileSync(other, 'hello');
    const refused = { failure: { code: 'JOURNAL', message: `${other} is no journal of shelver: it is left as it is` } };
    await expect(journalAt({ path: other })).rejects.toMatchObject(refused);
    expect(readFileSync(other, 'utf8')).toBe('hello');
    const database = await openDatabase(join(folder, 'other.db'));
    database.exec('create table x(a)');
    database.close();
    const before = readFileSync(join(folder, 'other.db'));
    await expect(journalAt({ path: join(folder, 'other.db') })).rejects.toThrow('is no journal of shelver');
    expect(readFileSync(join(folder, 'other.db')).equals(before)).toBe(true);
    await expect(journalAt({ path: folder })).rejects.toThrow('is no journal of shelver');
  });

  it('should be told in a sentence when its folder is below one where none can be made', async () => {
    await expect(journalAt({ path: '/proc/shelver/deep/journal.db' })).rejects.toMatchObject({
      failure: { code: 'JOURNAL', message: expect.stringMatching(/cannot be made \((ENOENT|EACCES|EPERM|EROFS)\)/) }
    });
  });

  it('should be refused when a newer shelver wrote it, and left as it is', async () => {
    await (await journalAt()).close();
    open.splice(0);
    const database = await openDatabase(path);
    database.exec('pragma user_version=99');
    database.close();
    const before = readFileSync(path);
    await expect(journalAt()).rejects.toMatchObject({
      failure: {
        code: 'JOURNAL',
        message: expect.stringContaining('written by a newer shelver (version 99'),
        next: expect.stringContaining('update shelver')
      }
    });
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it('should be told in a sentence when its folder cannot be made, or it is a folder itself', async () => {
    writeFileSync(join(folder, 'file'), '');
    await expect(journalAt({ path: join(folder, 'file', 'journal.db') })).rejects.toMatchObject({
      failure: { code: 'JOURNAL', message: expect.stringMatching(/cannot be made \(ENOTDIR|EEXIST/) }
    });
  });

  it('should be used by two processes at once without losing a record', async () => {
    const [one, two] = [await journalAt(), await journalAt()];
    await one.append([begun('a')]);
    await two.append([begun('b', 'images/other')]);
    for (let n = 0; n < 50; n++) await Promise.all([one.append([facts('a', { n })]), two.append([facts('b', { n })])]);
    expect((await one.read('b')).length).toBe(51);
    expect((await two.read('a')).length).toBe(51);
  });

  it('should be told in a sentence when it cannot be used any more, whatever it is asked', async () => {
    const journal = await journalAt();
    await journal.append([begun('a')]);
    const other = await openDatabase(path);
    other.exec('alter table events rename to gone; alter table runs rename to gone_too');
    other.close();
    const uses = [
      journal.append([facts('a', {})]),
      journal.read('a'),
      journal.runs(),
      journal.ownersOf?.(['s']),
      journal.claim('a'),
      journal.forget(1)
    ];
    for (const use of uses) {
      await expect(use).rejects.toMatchObject({
        failure: {
          code: 'JOURNAL',
          message: expect.stringContaining(`the journal ${path} cannot be used: no such table`)
        }
      });
    }
  });

  it('should stay usable beside a copy of it', async () => {
    const journal = await journalAt();
    await journal.append([begun('a')]);
    copyFileSync(path, join(folder, 'copy.db'));
    const copy = await journalAt({ path: join(folder, 'copy.db') });
    expect(await copy.read('a')).toEqual([begun('a')]);
  });
});
