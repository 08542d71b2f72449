// What lies in a journal: records of whatever kind and order, rows that somebody else wrote, a file that is no journal any more;
// and what lies in the folder of a simulator.
import fc from 'fast-check';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../../../src/adapters/sqlite/database.ts';
import { type DurableJournal, sqliteJournal } from '../../../src/adapters/sqlite/journal.ts';
import { earlierRun, refusedFor } from '../../../src/cli/earlier-run.ts';
import { toEnd } from '../../../src/cli/take-up.ts';
import { beginningOf, changedSince, endingOf } from '../../../src/events/beginning.ts';
import { fold } from '../../../src/events/facts.ts';
import { recordsOf } from '../../../src/events/reading.ts';
import type { Journal, JournalRecord } from '../../../src/ports.ts';
import { createSimulator } from '../../../src/simulator/simulator.ts';
import { virtualClock } from '../../../src/simulator/virtual-clock.ts';
import { bytesSource } from '../../../src/sources/bytes-source.ts';
import { upload } from '../../../src/upload.ts';
import { faultOfData } from '../judge.ts';
import { almostBytes, almostText } from '../mutate-bytes.ts';
import { almostJson, almostValue, parsed } from '../mutate-json.ts';
import { portFailure, type Reader, reader } from '../reader.ts';

const RUN = '11111111-1111-4111-8111-111111111111';
const SESSION = '22222222-2222-4222-8222-222222222222';

const begun = {
  kind: 'upload',
  server: 'simulator',
  user: 'user',
  place: 'images/i',
  spec: { to: 'images/i', files: ['/a.iso'] },
  files: [{ name: 'a.iso', size: 3, version: 'v' }]
};
const facts: readonly object[] = [
  {
    library: { id: 'l', name: 'images' },
    itemId: 'i',
    itemMade: false,
    making: false,
    generation: 1,
    opened: false,
    before: [],
    asked: false,
    done: false,
    files: { 0: { outcome: 'todo', attempts: 0, digests: [] } }
  },
  { opened: true, sessionId: SESSION, before: ['x'], held: [{ name: 'b', size: 1 }], versionBefore: '1' },
  {
    files: {
      0: {
        outcome: 'ready',
        attempts: 1,
        digests: [{ algorithm: 'SHA1', checksum: 'aa' }],
        reported: { algorithm: 'MD5', checksum: 'bb' }
      }
    }
  },
  { asked: true, sessionId: null, failure: { code: 'NOT_FOUND', message: 'x' }, wish: 'w', removing: true }
];
const ended = { outcome: 'failed', left: true };

const data: fc.Arbitrary<readonly [string, unknown]> = fc.oneof(
  fc.constant(['begun', begun] as const),
  fc.constantFrom(...facts).map(its => ['facts', its] as const),
  fc.constant(['ended', ended] as const),
  fc.constant(['constructor', {}] as const)
);
const record = data.map(([type, its]) => ({ v: 1, run: RUN, at: 7, type, data: its }));
/** In any order; mostly a beginning first. */
const records = fc
  .tuple(fc.boolean(), fc.array(record, { maxLength: 5 }))
  .map(([first, rest]) => [...(first ? [{ v: 1, run: RUN, at: 1, type: 'begun', data: begun }] : []), ...rest]);

/** A journal of whatever kind gives records with a kind, which is a text. */
const asRecords = (value: unknown): JournalRecord[] =>
  Array.isArray(value)
    ? value.filter((each): each is JournalRecord => typeof each?.type === 'string' && !Array.isArray(each))
    : [];

const holding = (its: readonly JournalRecord[]): Journal => ({
  append: async () => undefined,
  read: async () => [...its]
});

async function readBack(journal: Journal): Promise<unknown> {
  const its = await recordsOf(journal, RUN);
  const beginning = beginningOf(its);
  const known = fold(its);
  if (beginning !== undefined) {
    changedSince(beginning.files, [{ name: 'a.iso', size: 3 }]);
    toEnd(beginning.kind, beginning.place, beginning.files);
  }
  if ((known?.files.length ?? 0) > 100_000) throw new Error(`it takes ${known?.files.length} files`);
  // The call is checked as any other is.
  return [{ ...beginning, spec: null }, endingOf(its) ?? null, known ?? null];
}

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
    name: 'records of a run',
    covers: ['src/events/reading.ts', 'src/events/beginning.ts', 'src/events/facts.ts', 'src/cli/take-up.ts'],
    inputs: { structured: almostValue(records).map(parsed).map(asRecords) },
    read: its => readBack(holding(its)),
    declared: portFailure('JOURNAL'),
    // What nobody knows the name of is carried along, whatever it is: nobody looks at it.
    check: read => (Array.isArray(read) ? undefined : 'it gives no list')
  }),
  reader({
    name: 'a run, taken up with what was written down',
    covers: ['src/logbook.ts', 'src/upload.ts', 'src/events/facts.ts'],
    cost: 10,
    inputs: { structured: fc.tuple(almostValue(records).map(parsed).map(asRecords), fc.boolean()) },
    read: async ([its, ends]) => {
      const clock = virtualClock();
      const simulator = createSimulator({ clock });
      const ports = simulator.connect({ journal: holding(its) });
      const files = [{ name: 'a.iso', source: bytesSource('abc') }];
      const run = upload(ports, { to: 'images/i', files }, { run: RUN, ...(ends && { cleanUp: 'cleaned up' }) });
      const { outcome, failure } = await clock.run(run.report);
      await simulator.close();
      if (failure?.code === 'INTERNAL') throw new Error(failure.message);
      return outcome;
    },
    declared: portFailure()
  }),
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
