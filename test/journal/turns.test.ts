// Group commit: what is written down in one turn is durable together, and a failure reaches exactly those whom it concerns.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Database, openDatabase } from '../../src/adapters/sqlite/database.ts';
import { sqliteJournal } from '../../src/adapters/sqlite/journal.ts';
import { turnsOf } from '../../src/adapters/sqlite/turns.ts';
import type { JournalRecord } from '../../src/ports.ts';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'shelver-turns-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A file of one table, and what it was told to do. */
async function table(fails: (sql: string) => boolean = () => false) {
  const path = join(folder(), 'turns.db');
  const real = await openDatabase(path);
  onTestFinished(() => real.close());
  real.exec('create table words (word text unique)');
  const said: string[] = [];
  const database: Database = {
    ...real,
    prepare: sql => real.prepare(sql),
    close: () => real.close(),
    exec(sql) {
      said.push(sql);
      if (fails(sql)) throw new Error(`cannot ${sql}`);
      real.exec(sql);
    }
  };
  const insert = real.prepare('insert into words values (?)');
  return {
    real,
    said,
    turns: turnsOf(database),
    put: (word: string) => () => {
      insert.run(word);
    },
    words: () =>
      (real.prepare('select word from words order by rowid').all() as { word: string }[]).map(row => row.word)
  };
}

const begun = (run: string, place = run): JournalRecord => ({
  v: 1,
  run,
  at: 1,
  type: 'begun',
  data: { kind: 'upload', server: 'vc', place }
});
const fact = (run: string, data: object): JournalRecord => ({ v: 1, run, at: 2, type: 'facts', data });

describe('work of one turn', () => {
  it('should be committed once, in the order in which it was asked for', async () => {
    const { turns, put, words, said } = await table();
    await Promise.all(['one', 'two', 'three'].map(word => turns.add(put(word))));
    expect(words()).toEqual(['one', 'two', 'three']);
    expect(said.filter(sql => sql === 'commit')).toHaveLength(1);
  });

  it('should be believed written only when it is', async () => {
    const { turns, put, words } = await table();
    let settled = false;
    const adding = turns.add(put('one')).then(() => {
      settled = true;
    });
    await Promise.resolve();
    expect([settled, words()]).toEqual([false, []]);
    await adding;
    expect([settled, words()]).toEqual([true, ['one']]);
  });

  it('should fail all together when the transaction cannot be committed, and leave nothing of it', async () => {
    let full = true;
    const { turns, put, words } = await table(sql => sql === 'commit' && full);
    const ended = await Promise.allSettled(['one', 'two'].map(word => turns.add(put(word))));
    expect(ended).toMatchObject([
      { status: 'rejected', reason: { message: 'cannot commit' } },
      { status: 'rejected', reason: { message: 'cannot commit' } }
    ]);
    expect(words()).toEqual([]);
    full = false;
    await turns.add(put('three'));
    expect(words()).toEqual(['three']);
  });

  it('should fail all together when the transaction cannot begin', async () => {
    const { turns, put, words } = await table(sql => sql === 'begin immediate');
    const ended = await Promise.allSettled(['one', 'two'].map(word => turns.add(put(word))));
    expect(ended.map(each => each.status)).toEqual(['rejected', 'rejected']);
    expect(words()).toEqual([]);
  });

  it('should tell why, even where the database has undone everything by itself', async () => {
    const { turns, put, real } = await table();
    const failing = turns.add(() => {
      real.exec('rollback');
      throw new Error('the disk is full');
    });
    const other = turns.add(put('two'));
    const ended = await Promise.allSettled([failing, other]);
    expect(ended).toMatchObject([
      { status: 'rejected', reason: { message: 'the disk is full' } },
      { status: 'rejected', reason: { message: 'the disk is full' } }
    ]);
  });

  it('should take back what one has refused, whole, and keep what the others wrote', async () => {
    const { turns, put, words } = await table();
    const half = turns.add(() => {
      put('half')();
      throw new Error('no');
    });
    const ended = await Promise.allSettled([turns.add(put('one')), half, turns.add(put('two'))]);
    expect(ended).toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected', reason: { message: 'no' } },
      { status: 'fulfilled' }
    ]);
    expect(words()).toEqual(['one', 'two']);
  });

  it('should be done at once when somebody is about to read', async () => {
    const { turns, put, words } = await table();
    const adding = turns.add(put('one'));
    turns.flush();
    expect(words()).toEqual(['one']);
    await adding;
    turns.flush();
    expect(words()).toEqual(['one']);
  });
});

describe('the journal, written by several runs in one turn', () => {
  const opened = async () => {
    const path = join(folder(), 'journal.db');
    const journal = await sqliteJournal({ path, now: () => 0 });
    onTestFinished(() => journal.close());
    return { path, journal };
  };

  it('should refuse the second upload of a place, and it alone', async () => {
    const { journal } = await opened();
    const ended = await Promise.allSettled([
      journal.append([begun('a', 'images/x')]),
      journal.append([begun('b', 'images/x'), fact('b', { making: true })]),
      journal.append([begun('c', 'images/y')])
    ]);
    expect(ended).toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected', reason: { failure: { code: 'RESOURCE_BUSY' } } },
      { status: 'fulfilled' }
    ]);
    expect((await journal.runs()).map(({ run }) => run).sort()).toEqual(['a', 'c']);
    expect(await journal.read('b')).toEqual([]);
  });

  it('should show a reader what was asked for before, and a second process what was answered', async () => {
    const { path, journal } = await opened();
    const writing = journal.append([begun('a'), fact('a', { generation: 1 })]);
    expect((await journal.read('a')).map(({ type }) => type)).toEqual(['begun', 'facts']);
    await writing;
    const other = await sqliteJournal({ path, now: () => 0 });
    expect((await other.read('a')).map(({ type }) => type)).toEqual(['begun', 'facts']);
    await other.close();
  });

  it('should keep the order of what one run writes', async () => {
    const { journal } = await opened();
    await Promise.all(
      [1, 2, 3, 4].map(generation =>
        journal.append(generation === 1 ? [begun('a'), fact('a', { generation })] : [fact('a', { generation })])
      )
    );
    const generations = (await journal.read('a')).flatMap(
      ({ data }) => (data as { generation?: number }).generation ?? []
    );
    expect(generations).toEqual([1, 2, 3, 4]);
  });

  it('should have what was not yet answered when it is closed', async () => {
    const { path } = await opened();
    const journal = await sqliteJournal({ path, now: () => 0 });
    const writing = journal.append([begun('late')]);
    await journal.close();
    await writing;
    const other = await sqliteJournal({ path, now: () => 0 });
    expect((await other.runs()).map(({ run }) => run)).toEqual(['late']);
    await other.close();
  });

  it('should list what has not ended at a place, and nothing else', async () => {
    const { journal } = await opened();
    await journal.append([
      begun('a', 'images/x'),
      { v: 1, run: 'a', at: 3, type: 'ended', data: { outcome: 'done', left: false } }
    ]);
    await journal.append([begun('b', 'images/x')]);
    await journal.append([begun('c', 'images/y')]);
    expect((await journal.runs({ unfinishedAt: 'images/x' })).map(({ run }) => run)).toEqual(['b']);
    expect(await journal.runs({ unfinishedAt: 'images/z' })).toEqual([]);
  });
});
