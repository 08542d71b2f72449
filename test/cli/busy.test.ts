// --on-busy before an upload begins: another run of the same journal, on the same item, that has not ended.
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type DurableJournal, sqliteJournal } from '../../src/adapters/sqlite/journal.ts';
import type { JournalRecord } from '../../src/ports.ts';
import { thisProcess } from '../../src/processes/alive.ts';
import { type CallOptions, call, folderWith, left, serve } from './call.ts';

const RUN = '5f0c2a3e-7d1b-4c55-9a44-0d6c1f2b3a4d';
const GONE = { pid: 2 ** 22 - 1, started: '1' };
const WAITS = `waiting for process ${process.pid}, which is working on images/fox (run ${RUN})\n`;

/** A run in the journal, of a process that lives or not, whose session stands open on the item that it made. */
async function stage(owner: 'lives' | 'gone') {
  const served = await serve();
  const folder = folderWith({ 'fox.bin': 'the quick brown fox' });
  const journal = await sqliteJournal({
    path: join(folder, 'journal.db'),
    now: Date.now,
    me: owner === 'lives' ? thisProcess() : GONE
  });
  onTestFinished(() => journal.close());
  const { library } = served.simulator.ports();
  const [libraryId = ''] = await library.findLibraries({ name: 'images' });
  const itemId = await library.createItem({ libraryId, name: 'fox' });
  const sessionId = await library.createSession({ itemId });
  const facts = {
    ...{ library: { id: libraryId, name: 'images' }, itemId, itemMade: true, making: false, generation: 1 },
    ...{ opened: true, sessionId, before: [], asked: false, done: false },
    files: { 0: { outcome: 'todo', attempts: 0, digests: [] } }
  };
  const server = served.env.SHELVER_URL?.replace('http://', '');
  const begun = { kind: 'upload', server, user: 'user', place: 'images/fox', files: [{ name: 'old.bin', size: 3 }] };
  await journal.append([record('begun', begun), record('facts', facts)]);
  const upload = (words: readonly string[], options: CallOptions = {}) =>
    call(['upload', join(folder, 'fox.bin'), 'images/fox', '--progress', 'none', ...words], {
      ...options,
      env: { ...served.env, SHELVER_JOURNAL: join(folder, 'journal.db') }
    });
  return { served, journal, library, sessionId, upload };
}
const record = (type: string, data: unknown): JournalRecord => ({ v: 1, run: RUN, at: Date.now(), type, data });
const standing = async (journal: DurableJournal) =>
  (await journal.runs()).map(({ run, ending }) => [run === RUN ? 'first' : 'second', ending?.outcome]);

describe('another run on the item whose process is gone', () => {
  it('should be ended first, and what it left be taken away, with --on-busy take-over', async () => {
    const { served, journal, upload } = await stage('gone');
    const { code, stderr } = await upload(['--on-busy', 'take-over']);
    expect(stderr).toBe(`taking over: ending run ${RUN} on images/fox, which nobody was working on any more\n`);
    expect(code).toBe(0);
    expect(left(served.simulator)).toEqual({ items: ['fox'], sessions: [] });
    expect(served.simulator.contents('fox')?.files.map(({ name }) => name)).toEqual(['fox.bin']);
    expect(await standing(journal)).toEqual([
      ['second', 'done'],
      ['first', 'canceled']
    ]);
  });

  it.each(['fail', 'wait'])('should be left to whoever comes, with --on-busy %s, without any waiting', async onBusy => {
    const { served, journal, upload } = await stage('gone');
    const { code, stderr } = await upload(['--on-busy', onBusy]);
    expect(code).toBe(11);
    expect(stderr).toContain(`shelver resume ${RUN}; or end it: shelver cleanup ${RUN}, or --on-busy take-over`);
    expect(stderr).not.toContain('waiting');
    expect(left(served.simulator).sessions).toHaveLength(1);
    expect(await standing(journal)).toEqual([['first', undefined]]);
  });

  it('should say what could not be taken away', async () => {
    const { served, upload } = await stage('gone');
    served.simulator.inject({ on: 'item.delete', do: 'answer', status: 403, times: 'always' });
    const { code, stderr } = await upload(['--on-busy', 'take-over']);
    expect([code, stderr]).toEqual([0, expect.stringContaining(`warning: of run ${RUN}: left on the server: item `)]);
  });
});

describe('another run on the item whose process lives', () => {
  it.each([
    ['fail', []],
    ['take-over', []],
    ['take-over', ['--force']]
  ])('should not be touched with --on-busy %s %s', async (onBusy, more) => {
    const { served, journal, upload } = await stage('lives');
    const { code, stderr } = await upload(['--on-busy', onBusy, ...more]);
    expect(code).toBe(11);
    expect(stderr).toContain(`wait for process ${process.pid}, which is at work on it (--on-busy wait), or end that`);
    expect(left(served.simulator).sessions).toHaveLength(1);
    expect(await standing(journal)).toEqual([['first', undefined]]);
  });

  it('should be waited for until it has ended', async () => {
    const { served, journal, library, sessionId, upload } = await stage('lives');
    let said = '';
    const { code, stderr } = await upload(['--on-busy', 'wait'], {
      onText: text => {
        said += text;
        if (said !== WAITS) return;
        void library
          .cancelSession(sessionId)
          .then(() => journal.append([record('ended', { outcome: 'canceled', left: false })]));
      }
    });
    expect([code, stderr]).toEqual([0, WAITS]);
    expect(served.simulator.contents('fox')?.files.map(({ name }) => name)).toEqual(['fox.bin']);
  });

  it('should be waited for no longer than --deadline allows', async () => {
    const { upload } = await stage('lives');
    const { code, stderr } = await upload(['--on-busy', 'wait', '--deadline', '1']);
    expect([code, stderr]).toEqual([10, expect.stringContaining('the time given by --deadline was over')]);
    expect(stderr.startsWith(WAITS)).toBe(true);
  });

  it('should be waited for no longer than until Ctrl-C, and be left as it is', async () => {
    const { served, journal, upload } = await stage('lives');
    const { code } = await upload(['--on-busy', 'wait'], {
      onText: (text, signal) => {
        if (text === WAITS) signal('SIGINT');
      }
    });
    expect(code).toBe(130);
    expect(left(served.simulator).sessions).toHaveLength(1);
    expect(await standing(journal)).toEqual([['first', undefined]]);
  });
});

it('should let several that wait for each other go one after the other, whoever is quicker', async () => {
  const { simulator, env } = await serve();
  const folder = folderWith({ 'a.bin': 'a', 'b.bin': 'b', 'c.bin': 'c' });
  const journal = { ...env, SHELVER_JOURNAL: join(folder, 'journal.db') };
  const ends = await Promise.all(
    ['a', 'b', 'c'].map(name =>
      call(['upload', join(folder, `${name}.bin`), 'images/fox', '--on-busy', 'wait', '--progress', 'none'], {
        env: journal
      })
    )
  );
  expect(ends.map(({ code, stderr }) => [code, stderr.replace(/^waiting for process .*\n/gm, '')])).toEqual([
    [0, ''],
    [0, ''],
    [0, '']
  ]);
  expect(simulator.contents('fox')).toMatchObject({ contentVersion: 4 });
  // The journal lets one at a time begin, so the service never had to say that the item is busy.
  expect(simulator.requests.filter(({ op, status }) => op === 'session.create' && status !== 201)).toEqual([]);
});

it('should refuse --force without take-over before any server is asked', async () => {
  const { code, stderr } = await call(['upload', 'fox.bin', 'images/fox', '--force']);
  expect([code, stderr]).toEqual([2, expect.stringContaining('force goes with onBusy "take-over" only')]);
});
