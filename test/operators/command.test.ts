// What operators ask of the command: a dry run, a limit, more words, and reports that fit.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/adapters/sqlite/database.ts';
import { connect } from '../../src/connect.ts';
import { download } from '../../src/download.ts';
import { values } from '../../src/simulator/service/table.ts';
import { type Called, call, folderWith, left, serve } from '../cli/call.ts';
import { as, simulating } from '../cli/simulating.ts';

const objectOf = ({ stdout }: Called) => JSON.parse(stdout);
const ISO = 'the quick brown fox '.repeat(5_000);

describe('--dry-run', () => {
  it('should say what an upload would do, exit well, and leave everything as it is', async () => {
    const { simulator, env } = await serve({
      libraries: [{ name: 'images', items: [{ name: 'old', files: [{ name: 'a.iso' }] }] }]
    });
    const folder = folderWith({ 'a.iso': ISO, 'b.iso': 'second' });
    const journal = join(folder, 'journal.db');
    const before = structuredClone(simulator.state);
    const words = ['upload', join(folder, 'a.iso'), join(folder, 'b.iso'), '--dry-run'];
    const made = await call([...words, 'images'], { env: { ...env, SHELVER_JOURNAL: journal } });
    expect(made.code).toBe(0);
    expect(made.stdout.match(/^dry run: nothing was changed; this is what would be done$/gm)).toHaveLength(2);
    expect(made.stdout).toMatch(/^ {2}item {5}a, would be created$/m);
    expect(made.stdout).toMatch(/^97\.7 KiB would be sent, 1 file$/m);
    expect(made.stdout).toMatch(/^note: what only the attempt tells is not known: privileges to write/m);
    const told = await call([...words, 'images/old', '--if-exists', 'replace', '--json'], { env });
    expect(objectOf(told).items[0]).toMatchObject({
      outcome: 'planned',
      dryRun: true,
      sent: 0,
      forecast: {
        item: { does: 'update', name: 'old' },
        files: [
          { name: 'a.iso', does: 'send', turn: 1, replaces: true, size: ISO.length },
          { name: 'b.iso', does: 'send', turn: 1 }
        ],
        removes: [],
        bytes: ISO.length + 6
      }
    });
    expect(told.code).toBe(0);
    expect(simulator.state).toEqual(before);
    expect(existsSync(journal), 'a journal was made').toBe(false);
  });

  it('should exit as the real call would, where that is known', async () => {
    const { env } = await serve({ libraries: [{ name: 'images', items: [{ name: 'old' }] }] });
    const folder = folderWith({ 'a.iso': ISO });
    const dry = (...words: string[]) => call(['upload', ...words, '--dry-run', '--progress', 'none'], { env });
    const iso = join(folder, 'a.iso');
    const nowhere = await dry(iso, 'isos/x');
    expect([nowhere.code, nowhere.stdout.split('\n')[0]]).toEqual([4, 'dry run: it would fail: NOT_FOUND']);
    expect(nowhere.stderr).toBe('error: there is no library "isos" on this server\nnext: check the name or id\n');
    expect((await dry(iso, 'images/old', '--if-exists', 'fail')).code).toBe(11);
    expect((await dry(join(folder, 'no.iso'), 'images/x')).code).toBe(3);
    const skipped = await dry(iso, 'images/old', '--if-exists', 'skip');
    expect([skipped.code, skipped.stdout.split('\n')[0]]).toEqual([
      0,
      'dry run: the item exists already, and would be skipped'
    ]);
  });

  it('should mention an unfinished run of the same call, and take nothing up', async () => {
    const { simulator, env } = await serve({ libraries: ['images'] });
    const folder = folderWith({ 'a.iso': ISO, 'b.iso': 'other' });
    const path = join(folder, 'journal.db');
    const theirs = { ...env, SHELVER_JOURNAL: path };
    const upload = (file: string, ...more: string[]) =>
      call(['upload', join(folder, file), 'images/x', '--progress', 'none', ...more], { env: theirs });
    // A real run, whose last words are struck out: as if the process had been killed before it could say them.
    expect((await upload('a.iso')).code).toBe(0);
    await stripped(path);
    const before = [readFileSync(path), structuredClone(simulator.state)];
    const same = await upload('a.iso', '--dry-run', '--json');
    expect(same.code).toBe(0);
    expect(objectOf(same).items[0].forecast.goesOnWith).toMatch(/^[\da-f-]{36}$/);
    expect((await upload('a.iso', '--dry-run')).stdout).toMatch(
      /^ {2}run {6}\S+ has not ended: it would be gone on with$/m
    );
    const other = await upload('b.iso', '--dry-run');
    expect(other.code).toBe(11);
    expect(other.stderr).toMatch(/^error: another upload of images\/x on \S+ has not ended: run /);
    const ends = await upload('b.iso', '--dry-run', '--on-busy', 'take-over');
    expect(ends.code).toBe(0);
    expect(ends.stdout).toMatch(/^note: another upload of .* has not ended: run \S+: it would be ended first$/m);
    expect([readFileSync(path), simulator.state]).toEqual(before);
  });

  it('should say what a download would do, and put nothing into the folder', async () => {
    const files = [
      { name: 'a.iso', text: ISO },
      { name: 'b.iso', text: 'b' }
    ];
    const { simulator, env } = await serve({ libraries: [{ name: 'images', items: [{ name: 'x', files }] }] });
    const folder = folderWith({ 'b.iso': 'mine' });
    const before = structuredClone(simulator.state);
    const dry = (...words: string[]) =>
      call(['download', 'images/x', folder, '--dry-run', '--progress', 'none', ...words], { env });
    const planned = await dry('--if-exists', 'replace');
    expect([planned.code, planned.stdout]).toEqual([
      0,
      expect.stringMatching(/^ {2}b\.iso +1 B {2}fetch, in place of what is there$/m)
    ]);
    expect(planned.stdout).toMatch(/^97\.7 KiB would be fetched, 2 files$/m);
    const told = objectOf(await dry('--if-exists', 'skip', '--json'));
    expect(told).toMatchObject({ outcome: 'planned', dryRun: true, kept: 0, received: 0 });
    expect(told.forecast.files.map((file: { does: string }) => file.does)).toEqual(['fetch', 'skip']);
    expect((await dry()).code).toBe(11);
    expect([simulator.state, readdirSync(folder)]).toEqual([before, ['b.iso']]);
  });
});

/** Strikes the end of every run out of the journal, and whoever worked on it: as if that process had been killed. */
async function stripped(path: string): Promise<void> {
  const database = await openDatabase(path);
  database.exec("delete from events where type = 'ended'");
  database.exec(
    `update runs set outcome = null, ended_at = null, left_behind = null, pid = ${2 ** 22 - 1}, started = '1',
     active = json_array(server, place)`
  );
  database.close();
}

describe('--limit-rate', () => {
  it('should slow an upload and a download down, and no time-out with them', async () => {
    const { env } = await serve();
    const folder = folderWith({ 'a.iso': ISO });
    const up = await call(['upload', join(folder, 'a.iso'), 'images/x', '--limit-rate', '200K', '--json'], { env });
    const [report] = objectOf(up).items;
    expect(report).toMatchObject({ outcome: 'done', retries: 0, sent: ISO.length });
    // 97.7 KiB at 200 KiB a second, but for the last piece of 50 ms.
    expect(report.endedAt - report.startedAt).toBeGreaterThan(400);
    const back = folderWith();
    const down = await call(['download', 'images/x', back, '--limit-rate', '200K', '--json'], { env });
    expect(objectOf(down)).toMatchObject({ outcome: 'done', retries: 0, kept: ISO.length });
    expect(objectOf(down).endedAt - objectOf(down).startedAt).toBeGreaterThan(400);
    expect(readFileSync(join(back, 'a.iso'), 'utf8')).toBe(ISO);
  });

  it('should not take its own slowness for silence of the server', async () => {
    const text = ISO.repeat(2);
    const libraries = [{ name: 'images', items: [{ name: 'x', files: [{ name: 'a.iso', text }] }] }];
    const { listening } = await serve({ libraries });
    const signedIn = { url: listening.url, username: 'user', password: 'pass', limitRate: 100 * 1024 };
    await using server = await connect({ ...signedIn, timeouts: { stallMs: 300 } });
    const got = await download(server, { from: 'images/x', to: folderWith() }).report;
    expect(got).toMatchObject({ outcome: 'done', retries: 0, kept: text.length });
    await expect(connect({ ...signedIn, limitRate: 20 })).rejects.toThrow(/at least 1024 bytes a second/);
  });

  it('should refuse what is no rate, or a slip of the pen, and say what it does not slow down', async () => {
    for (const rate of ['fast', '20', '0', '-1', '']) {
      const { code, stderr } = await call(['upload', 'a.iso', 'images', '--limit-rate', rate]);
      expect([code, stderr]).toEqual([
        2,
        expect.stringContaining('it must be bytes a second, 1K at least, such as 500K or 20M')
      ]);
    }
    const { env } = await serve();
    const words = ['upload', '--pull', 'http://127.0.0.1:1/a.iso', '--no-probe', 'images', '--limit-rate', '1M'];
    expect((await call(words, { env })).stderr).toMatch(
      /^--limit-rate does not slow down what the server fetches by itself/
    );
  });
});

describe('--deadline', () => {
  it.each([
    ['upload', 'a.iso', 'images/x'],
    ['download', 'images/x', '.']
  ])('should end a login that is not answered, too, of %s', async (...words) => {
    const { env } = await serve({ faults: [{ on: 'login.create', do: 'stall', times: 'always' }] });
    const { code, stderr, stdout } = await call([...words, '--deadline', '300ms'], { env });
    expect([code, stdout]).toEqual([10, '']);
    expect(stderr).toMatch(/^error: the time given by --deadline was over before the login was through\nnext: /);
  });
});

describe('-vv', () => {
  it('should tell every step and every request, without ids, queries or tokens in them; -v only the answers', async () => {
    const { simulator, env } = await serve();
    const folder = folderWith({ 'a.iso': ISO });
    const words = ['upload', join(folder, 'a.iso')];
    const much = await call([...words, 'images/x', '-vv'], { env });
    const requests = much.stderr.split('\n').filter(line => line.startsWith('request '));
    expect(requests).toContainEqual(expect.stringMatching(/^request POST \/api\/session: 201, \d+ ms$/));
    expect(requests).toContainEqual(expect.stringMatching(/^request PUT \(bytes\): 97\.7 KiB, \d+ ms$/));
    expect(requests).toContainEqual(
      expect.stringMatching(/^request GET \/api\/content\/library\/item\/update-session\/\{\w+\}: 200, \d+ ms$/)
    );
    expect(requests.join('\n')).not.toMatch(/[\da-f]{8}-?[\da-f]{4}-?[\da-f]{4}|client_token|cls\/data/i);
    // The server has seen as many as were told.
    expect(requests).toHaveLength(simulator.requests.length);
    for (const line of [
      /^state upload: opening\.listing$/m,
      /^call file:0\/pushing\/call push a\.iso$/m,
      /^push a\.iso: ok$/m
    ]) {
      expect(much.stderr).toMatch(line);
    }
    const more = await call([...words, 'images/y', '-v'], { env });
    expect(more.stderr).toMatch(/^push a\.iso: ok$/m);
    expect(more.stderr).not.toMatch(/^(request|state|call|wait|gone) /m);
  });

  it('should tell why a wait begins, and requests that had no good answer', async () => {
    const { env } = await serve({
      faults: [
        { on: 'put', do: 'answer', status: 503 },
        { on: 'library.get', do: 'refuse', times: 2 }
      ]
    });
    const folder = folderWith({ 'a.iso': ISO });
    const { stderr } = await call(['upload', join(folder, 'a.iso'), 'images/x', '-vv'], { env });
    expect(stderr).toMatch(/^request PUT \(bytes\): 503, UNAVAILABLE, \d+ ms$/m);
    expect(stderr).toMatch(/^request GET \/api\/content\/library\/\{\w+\}: CONNECTION, \d+ ms$/m);
    expect(stderr).toMatch(/^wait file:0\/pushing\/wait for [\d.]+ s: /m);
  });

  it('should be lines of JSON where that is asked for', async () => {
    const { env } = await serve();
    const folder = folderWith({ 'a.iso': ISO });
    const { stderr } = await call(['upload', join(folder, 'a.iso'), 'images/x', '-v', '-v', '--log-format', 'json'], {
      env
    });
    const lines = stderr
      .trim()
      .split('\n')
      .map(line => JSON.parse(line));
    expect(lines.filter(({ type }) => type === 'log').map(({ level }) => level)).toEqual(
      expect.arrayContaining(['debug', 'trace'])
    );
    expect(lines).toContainEqual(
      expect.objectContaining({ level: 'trace', message: expect.stringMatching(/^request /) })
    );
  });
});

describe('a narrow terminal', () => {
  it('should have reports of its own width, with every figure still in them', async () => {
    const { env } = await serve();
    const folder = folderWith({ 'a-rather-long-name.iso': ISO, 'b.iso': 'b' });
    const wide = ['upload', join(folder, 'a-rather-long-name.iso'), join(folder, 'b.iso'), 'images/x', '-q'];
    const { stdout } = await call(wide, { env, tty: ['stdout'], columns: 60 });
    const lines = stdout.split('\n');
    expect(lines.filter(line => line.length >= 60 && !/[\da-f-]{36}/.test(line))).toEqual([]);
    expect(lines).toContain('  a-rather-long-name.iso');
    expect(stdout).toMatch(/^ {4}size {9}97\.7 KiB$/m);
    expect(stdout).toMatch(/^ {4}verified by {2}SHA1 digest$/m);
    expect((await call(wide, { env })).stdout).toMatch(
      /^ {2}file +size +result +verified by +attempts +sent +accepted$/m
    );
  });
});

describe('shelver sessions', () => {
  it('should know a session by how its id begins, if only one does', async () => {
    const { simulator, env } = await serve({ libraries: [{ name: 'images', items: [{ name: 'x' }, { name: 'y' }] }] });
    const { library } = simulator.ports();
    const items = values(simulator.state.items).map(({ id }) => id);
    const [one, two] = [
      await library.createSession({ itemId: items[0]! }),
      await library.createDownloadSession({ itemId: items[1]! })
    ];
    const shown = async (id: string) => objectOf(await call(['sessions', 'show', id, '--json'], { env }));
    expect((await shown(one.slice(0, 8))).session.id).toBe(one);
    expect((await shown(`id:${one.slice(0, 36)}`)).session.id).toBe(one);
    expect((await shown(two.slice(0, 5))).session).toMatchObject({ id: two, kind: 'download' });
    expect((await shown('zz')).failure).toMatchObject({ code: 'NOT_FOUND' });
    expect(await call(['sessions', 'keep-alive', one.slice(0, 8)], { env })).toMatchObject({
      code: 0,
      stderr: expect.stringContaining(one)
    });
    expect(await call(['sessions', 'cancel', one.slice(0, 8)], { env })).toMatchObject({
      code: 0,
      stderr: `canceled the session ${one}\n`
    });
    expect(left(simulator).sessions).toEqual(['"CANCELED"']);
    const many = await Promise.all(
      Array.from({ length: 17 }, () => library.createDownloadSession({ itemId: items[1]! }))
    );
    const first = many.map(id => id[0]).find((letter, at, all) => all.indexOf(letter) !== at) as string;
    expect((await shown(first)).failure).toMatchObject({
      code: 'AMBIGUOUS',
      message: expect.stringMatching(/sessions begin with/)
    });
  });
});

describe('shelver simulate', () => {
  it.each([
    [['--library', 'a', '--library', 'a'], 'the library "a" is named twice'],
    [['--library', ' '], 'the name of a library is empty'],
    [['--pull-folder', 'no/such/folder'], 'the folder to pull from, no/such/folder, is not there'],
    [['--pull-folder', 'package.json'], 'the folder to pull from, package.json, is no folder']
  ])('should refuse %j in one sentence', async (words, sentence) => {
    const { code, stderr, stdout } = await call(['simulate', ...words]);
    expect([code, stdout, stderr.split('\n')[0]]).toEqual([2, '', `error: ${sentence}`]);
  });

  it('should show what it fetches by itself under -v', async () => {
    const folder = folderWith({ 'a.iso': ISO });
    const called = await simulating(['-v', '--pull-folder', folder], async (address, said) => {
      const env = as(address);
      const pull = (name: string) =>
        call(['upload', '--pull', `file:///${name}`, '--no-probe', 'images', '--progress', 'none'], { env });
      expect((await pull('a.iso')).code).toBe(0);
      expect((await pull('no.iso')).code).not.toBe(0);
      await said(/pull no\.iso: failed/);
    });
    expect(called.stderr).toMatch(/^pull a\.iso: begun$[\s\S]*^pull a\.iso: received$/m);
    expect(called.stderr).toMatch(/^pull no\.iso: failed, /m);
  });
});
