// A journal that another version of Shelver wrote: an older one is brought up to this one or left as it is, a newer one is
// refused in a sentence, table by table and record by record.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openDatabase } from '../../src/adapters/sqlite/database.ts';
import { type DurableJournal, sqliteJournal } from '../../src/adapters/sqlite/journal.ts';
import { recordsOf } from '../../src/events/reading.ts';
import { createSimulator, virtualClock } from '../../src/simulator/index.ts';
import { upload } from '../../src/upload.ts';
import { bytesOf } from '../run/bytes.ts';

/** The tables as version 1 had them. They are history: nobody changes them any more. */
const VERSION_1 = `
  pragma application_id=${0x53484c56};
  create table runs (
    run text primary key, kind text not null, server text not null, place text not null, began_at integer not null,
    outcome text, left_behind integer, ended_at integer,
    host text, pid integer, started text,
    active text unique
  ) strict;
  create table events (
    run text not null, seq integer not null, at integer not null, type text not null, data text not null,
    primary key (run, seq)
  ) strict, without rowid;
  insert into runs values ('a', 'upload', 'vc', 'images/fox', 5, null, null, null, 'here', 7, '9', '["vc","images/fox"]');
  insert into runs values ('b', 'download', 'vc', 'images/fox', 6, 'done', 0, 8, 'here', 7, '9', null);
  insert into events values ('a', 0, 5, 'begun', '{"kind":"upload","server":"vc","place":"images/fox","files":[]}');
  insert into events values ('a', 1, 6, 'facts', '{"generation":1}');
  pragma user_version=1;`;

async function fileWith(sql: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'shelver-versions-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'journal.db');
  const database = await openDatabase(path);
  database.exec(sql);
  database.close();
  return path;
}
async function journalAt(path: string): Promise<DurableJournal> {
  const journal = await sqliteJournal({ path, now: () => 1_000 });
  onTestFinished(() => journal.close());
  return journal;
}
async function versionOf(path: string): Promise<unknown> {
  const database = await openDatabase(path);
  const row = database.prepare('pragma user_version').get();
  database.close();
  return row;
}
const begun = (run: string, user?: string) => ({
  v: 1,
  run,
  at: 9,
  type: 'begun',
  data: { kind: 'upload', server: 'vc', place: 'images/fox', user, files: [] }
});

describe('a journal of version 1', () => {
  it('should be brought up to this version with all that it knows', async () => {
    const path = await fileWith(VERSION_1);
    const journal = await journalAt(path);
    expect(await versionOf(path)).toMatchObject({ user_version: 2 });
    expect(await journal.runs()).toMatchObject([
      { run: 'b', kind: 'download', ending: { outcome: 'done', left: false, at: 8 } },
      { run: 'a', kind: 'upload', beganAt: 5, owner: { host: 'here', pid: 7 } }
    ]);
    expect((await journal.runs()).every(run => !('user' in run))).toBe(true);
    expect(await recordsOf(journal, 'a')).toEqual([
      { v: 1, run: 'a', at: 5, type: 'begun', data: { kind: 'upload', server: 'vc', place: 'images/fox', files: [] } },
      { v: 1, run: 'a', at: 6, type: 'facts', data: { generation: 1 } }
    ]);
    // What was unique is unique still, and what is new is kept.
    await expect(journal.append([begun('c', 'ann')])).rejects.toThrow('has not ended: run a');
    await journal.append([{ v: 1, run: 'a', at: 9, type: 'ended', data: { outcome: 'done', left: false } }]);
    await journal.append([begun('c', 'ann')]);
    expect((await journal.runs())[0]).toMatchObject({ run: 'c', user: 'ann' });
    await expect(journal.append([begun('d', 'bob')])).rejects.toThrow(
      'another upload of images/fox on vc as ann has not ended: run c'
    );
  });

  it('should be brought up once when two processes open it at the same time', async () => {
    const path = await fileWith(VERSION_1);
    const [one, two] = await Promise.all([journalAt(path), journalAt(path)]);
    expect([(await one.runs()).length, (await two.runs()).length]).toEqual([2, 2]);
  });

  it('should be left as it is when it cannot be brought up, and this be said', async () => {
    // Somebody was at it: the column is there already.
    const path = await fileWith(`${VERSION_1} alter table runs add column user text;`);
    const before = readFileSync(path);
    await expect(journalAt(path)).rejects.toMatchObject({
      failure: { code: 'JOURNAL', message: expect.stringMatching(/cannot be used: .*user/) }
    });
    expect(readFileSync(path).equals(before)).toBe(true);
  });
});

describe('a record of another version', () => {
  it('should be refused in a sentence, not misread', async () => {
    const path = await fileWith(VERSION_1);
    const journal = await journalAt(path);
    await journal.append([{ v: 2, run: 'a', at: 7, type: 'facts', data: { session: 'somewhere else' } }]);
    expect((await journal.read('a')).map(({ v }) => v)).toEqual([1, 1, 2]);
    const clock = virtualClock();
    const simulator = createSimulator({ clock });
    const ports = simulator.connect({ journal });
    for (const cleanUp of [undefined, 'cleaned up']) {
      const spec = { to: 'images/fox', files: [{ name: 'a', source: bytesOf('a') }] };
      const report = await clock.run(upload(ports, spec, { run: 'a', cleanUp }).report);
      expect(report.failure).toMatchObject({
        code: 'JOURNAL',
        message: 'the run a was written down by a newer shelver (version 2 of its records)'
      });
    }
    expect(simulator.requests).toEqual([]);
    expect(await journal.read('a')).toHaveLength(3);
  });
});
