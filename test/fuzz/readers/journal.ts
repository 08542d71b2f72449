// What lies on a disk: rows of a journal that somebody else wrote, a file that is no journal any more, the folder of a simulator.
import fc from 'fast-check';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../../../src/adapters/sqlite/database.ts';
import { type DurableJournal, sqliteJournal } from '../../../src/adapters/sqlite/journal.ts';
import { earlierRun, refusedFor } from '../../../src/cli/earlier-run.ts';
import { createSimulator } from '../../../src/simulator/simulator.ts';
import { virtualClock } from '../../../src/simulator/virtual-clock.ts';
import { faultOfData } from '../judge.ts';
import { almostBytes, almostText } from '../mutate-bytes.ts';
import { almostJson } from '../mutate-json.ts';
import { portFailure, type Reader, reader } from '../reader.ts';
import { begun, data, facts, readBack, RUN, SESSION } from './records.ts';

const row = fc.tuple(
  fc.constantFrom('begun', 'facts', 'ended', ''),
  fc.oneof(almostJson(data.map(([, its]) => its)), almostText(data.map(([, its]) => JSON.stringify(its)))),
  fc.constantFrom(1, 1, 1, 2, -1, 2 ** 40)
);
const runRow = fc.record({
  kind: fc.constantFrom('upload', 'download', 'x'),
  place: fc.constantFrom('images/i', '', '/', 'a\u001b'),
  outcome: fc.constantFrom(null, 'done', 'x'),
  left: fc.constantFrom(null, 0, 1, 7),
  endedAt: fc.constantFrom(null, 0, 2 ** 52),
  pid: fc.constantFrom(null, 1, -1, 0, 2 ** 52),
  started: fc.constantFrom(null, '', 'x')
});

let made = 0;
const folder = mkdtempSync(join(tmpdir(), 'shelver-fuzz-journal-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
const path = (): string => join(folder, `${++made}.db`);

/** All that a journal is asked. */
async function ask(journal: DurableJournal): Promise<unknown> {
  const here = { serverName: 'simulator', userName: 'user' };
  const runs = await journal.runs();
  await journal.runs({ unfinishedAt: 'images/i' });
  const answers: unknown[] = [runs];
  const ask = async (work: () => Promise<unknown>): Promise<void> => {
    answers.push(
      (await work().catch(cause => {
        if (portFailure()(cause) === undefined) throw cause;
        return null;
      })) ?? null
    );
  };
  await ask(async () => journal.ownersOf?.([SESSION, 'x']));
  await ask(() => earlierRun(journal, here, 'upload', { to: 'x' }, true));
  await ask(() => refusedFor(journal, here, 'images/i'));
  await ask(() => journal.claim(RUN));
  await ask(() => readBack(journal));
  await ask(() => journal.append([{ v: 1, run: 'other', at: 1, type: 'begun', data: begun }]));
  await ask(() => journal.forget(2 ** 50));
  return answers;
}

async function withRows(its: {
  rows: readonly (readonly [string, string, number])[];
  run: Record<string, string | number | null>;
  sql: string;
}): Promise<unknown> {
  const file = path();
  const first = await sqliteJournal({ path: file, now: () => 1 });
  await first.close();
  const database = await openDatabase(file);
  const { kind = '', place = '', outcome = null, left = null, endedAt = null, pid = null, started = null } = its.run;
  try {
    database
      .prepare(
        'insert into runs (run, kind, server, place, user, began_at, outcome, left_behind, ended_at, host, pid, started) values (?, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?)'
      )
      .run(RUN, kind, 'simulator', place, 'user', outcome, left, endedAt, 'h', pid, started);
    for (const [seq, [type, text, v]] of its.rows.entries()) {
      database
        .prepare('insert into events (run, seq, v, at, type, data) values (?, ?, ?, 1, ?, ?)')
        .run(RUN, seq, v, type, text);
    }
    database.exec(its.sql);
  } finally {
    database.close();
  }
  const journal = await sqliteJournal({ path: file, now: () => 1, isAlive: () => false });
  try {
    return await ask(journal);
  } finally {
    await journal.close();
    rmSync(file, { force: true });
  }
}

const sound = await soundJournal();

/** The bytes of a journal with one run in it. */
async function soundJournal(): Promise<Uint8Array> {
  const file = path();
  const journal = await sqliteJournal({ path: file, now: () => 1 });
  await journal.append([
    { v: 1, run: RUN, at: 1, type: 'begun', data: begun },
    ...facts.map(its => ({ v: 1, run: RUN, at: 2, type: 'facts', data: its }))
  ]);
  await journal.close();
  const { readFileSync } = await import('node:fs');
  const bytes = readFileSync(file);
  rmSync(file);
  return bytes;
}

const stored = await storedState();

/** The file of a simulator in which there is one of everything. */
async function storedState(): Promise<unknown> {
  const clock = virtualClock();
  const items = [{ name: 'i', type: 'iso', files: [{ name: 'a.iso', text: 'x' }] }];
  const simulator = createSimulator({ clock, libraries: [{ name: 'images', items }] });
  const { library } = simulator.ports();
  const [id = ''] = await library.listLibraries();
  const [itemId = ''] = await library.listItems(id);
  const session = await library.createSession({ itemId });
  await library.addFile(session, { name: 'b.iso', sourceType: 'PUSH', size: 3 });
  await library.prepareFile(await library.createDownloadSession({ itemId }), 'a.iso');
  return { version: 1, restarts: 0, state: simulator.state };
}

async function served(files: Readonly<Record<string, string>>): Promise<void> {
  const store = join(folder, `store-${++made}`);
  mkdirSync(store);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(store, name), text);
  try {
    const simulator = createSimulator({ clock: virtualClock(), store });
    try {
      const { library } = simulator.ports();
      for (const id of await library.listLibraries()) await library.getLibrary(id);
      for (const id of await library.findItems({})) {
        await library.listItemFiles(id);
        await library.getItem(id);
      }
      for (const id of await library.listSessions()) [await library.getSession(id), await library.listFiles(id)];
      for (const id of await library.listDownloadSessions())
        [await library.getDownloadSession(id), await library.listDownloadFiles(id)];
    } finally {
      await simulator.close();
    }
  } finally {
    rmSync(store, { recursive: true, force: true });
  }
}

export const journalReaders: readonly Reader[] = [
  reader({
    name: 'rows of a journal',
    covers: [
      'src/adapters/sqlite/journal.ts',
      'src/adapters/sqlite/schema.ts',
      'src/adapters/sqlite/database.ts',
      'src/adapters/sqlite/turns.ts',
      'src/adapters/sqlite/not-ended.ts',
      'src/cli/earlier-run.ts',
      'src/processes/alive.ts'
    ],
    cost: 30,
    inputs: {
      structured: fc.record({
        rows: fc.array(row, { maxLength: 4 }),
        run: runRow,
        sql: fc.constantFrom(
          '',
          '',
          '',
          'drop table events',
          'drop table runs',
          'alter table events drop column v',
          'alter table runs rename column place to p',
          'create table other (a)',
          'pragma user_version=99',
          'pragma user_version=-1',
          'pragma user_version=0',
          'delete from runs',
          'create view v as select * from runs'
        )
      })
    },
    read: withRows,
    declared: portFailure('JOURNAL'),
    check: answers => faultOfData(answers)
  }),
  reader({
    name: 'file of a journal',
    covers: ['src/adapters/sqlite/schema.ts', 'src/adapters/sqlite/journal.ts'],
    cost: 30,
    inputs: { bytes: almostBytes(fc.constant(sound)) },
    read: async bytes => {
      const file = path();
      writeFileSync(file, bytes);
      const journal = await sqliteJournal({ path: file, now: () => 1, isAlive: () => false });
      try {
        return await ask(journal);
      } finally {
        await journal.close();
      }
    },
    declared: cause => portFailure('JOURNAL')(cause)?.replaceAll(folder, ''),
    check: answers => faultOfData(answers)
  }),
  reader({
    name: 'folder of a simulator',
    covers: ['src/simulator/store.ts', 'src/simulator/beginning.ts', 'src/simulator/owner.ts'],
    cost: 20,
    inputs: {
      structured: almostJson(fc.constant(stored)).map((text): Record<string, string> => ({ 'state.json': text })),
      bytes: fc.record({
        'state.json': almostText(fc.constant(JSON.stringify(stored))),
        'owner.json': almostText(fc.constant('{"pid":999999999,"started":"1"}'))
      })
    },
    read: served,
    declared: portFailure()
  })
];
