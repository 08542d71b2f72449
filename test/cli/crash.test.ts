// The real command, killed at its work, and what the next call makes of it.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/adapters/clock.ts';
import { createSimulator, type Simulator } from '../../src/simulator/index.ts';
import { builtCommand, removeBuilt } from './built-command.ts';
import { call } from './call.ts';

let command: string;
let folder: string;
let simulator: Simulator;
let env: Record<string, string>;
const CONTENT = Buffer.alloc(3_000_000, 'the quick brown fox ');

beforeAll(() => {
  command = builtCommand();
});
afterAll(removeBuilt);
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'shelver-crash-'));
  writeFileSync(join(folder, 'fox.bin'), CONTENT);
  writeFileSync(join(folder, 'small.txt'), 'small');
  simulator = createSimulator({ clock: systemClock() });
  const { url } = await simulator.listen();
  env = { SHELVER_URL: url, SHELVER_USERNAME: 'user', SHELVER_PASSWORD: 'pass', XDG_STATE_HOME: folder, HOME: folder };
});
afterEach(async () => {
  await simulator.close();
  rmSync(folder, { recursive: true });
});

function begin(...words: string[]): ChildProcess {
  return spawn(process.execPath, [command, ...words], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
}
async function shelver(...words: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = begin(...words);
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', chunk => (stdout += chunk));
  child.stderr?.on('data', chunk => (stderr += chunk));
  const code = await new Promise<number | null>(resolve => child.on('close', resolve));
  return { code, stdout, stderr };
}
/** What the command says in this process, with the same journal: where the process itself is nothing to look at. */
const said = (...words: string[]) =>
  call(words, { env: { ...env, SHELVER_JOURNAL: join(folder, 'shelver', 'journal.db') } });
/** Kills the command when its simulator sees that request, and lets the server go on. */
async function killed(at: string, ...words: string[]): Promise<void> {
  const undo = simulator.inject({ on: at as never, do: 'stall' } as never);
  const child = begin(...words);
  const ended = new Promise(resolve => child.on('close', resolve));
  for (;;) {
    if (simulator.requests.some(({ fault }) => fault === 'stall')) break;
    if (child.exitCode !== null) throw new Error(`it ended before ${at}`);
    // A loop without a pause would take the core away from whom it waits for.
    await new Promise(resolve => setTimeout(resolve, 2));
  }
  child.kill('SIGKILL');
  await ended;
  undo();
}
const active = () =>
  simulator.state.sessions.flatMap(bucket => Object.values(bucket)).filter(({ state }) => state === 'ACTIVE').length;

describe('an upload that is killed', () => {
  it.each(['session.create', 'file.add', 'put', 'file.get', 'session.complete', 'itemFile.list', 'session.delete'])(
    'should be gone on with by resume when it died at %s',
    async at => {
      await killed(at, 'upload', 'fox.bin', 'small.txt', 'images/fox', '--parallel', '1', '--progress', 'none');
      const listed = JSON.parse((await said('transfers', '--json')).stdout);
      expect(listed.runs).toMatchObject([{ kind: 'upload', place: 'images/fox', standing: 'unfinished' }]);
      const resumed = await shelver('resume', '--json', '--progress', 'none');
      expect(resumed.code, resumed.stderr).toBe(0);
      expect(JSON.parse(resumed.stdout).runs).toMatchObject([{ outcome: 'done' }]);
      expect(active()).toBe(0);
      const { contentVersion, files } = simulator.contents('fox')!;
      expect(contentVersion).toBe(2);
      expect(files.map(({ name, size }) => [name, size])).toEqual([
        ['fox.bin', CONTENT.length],
        ['small.txt', 5]
      ]);
      // A second create may have been on its way when it died.
      const left = at === 'session.create' ? [{ standing: 'done, left something' }] : [];
      expect(JSON.parse((await said('transfers', '--json')).stdout).runs).toMatchObject(left);
      const again = await said('resume', '--progress', 'none');
      expect(again).toMatchObject({ code: 0, stderr: 'there is nothing to resume\n' });
    }
  );

  it('should be gone on with by the same call, too, and not by another one', async () => {
    await killed('put', 'upload', 'fox.bin', 'images/fox', '--progress', 'none');
    const other = await said('upload', join(folder, 'small.txt'), 'images/fox', '--progress', 'none');
    expect(other.code).toBe(11);
    expect(other.stderr).toMatch(
      /next: go on with it: shelver resume [\w-]+; or end it: shelver cleanup [\w-]+, or --on-busy take-over\n/
    );
    const same = await shelver('upload', 'fox.bin', 'images/fox', '--progress', 'none');
    expect(same.code, same.stderr).toBe(0);
    expect(same.stderr).toMatch(/^going on with run [\w-]+, which had not ended$/m);
    expect(active()).toBe(0);
  });

  it('should be ended by cleanup, even when its source is gone, and leave nothing', async () => {
    await killed('put', 'upload', 'fox.bin', 'images/fox', '--progress', 'none');
    rmSync(join(folder, 'fox.bin'));
    const refused = await shelver('resume', '--progress', 'none');
    expect(refused.code).toBe(3);
    const cleaned = await shelver('cleanup', '--progress', 'none');
    expect(cleaned.code, cleaned.stderr).toBe(0);
    expect(active()).toBe(0);
    expect(simulator.contents('fox')).toBeUndefined();
    expect((await said('cleanup', '--progress', 'none')).stderr).toBe('there is nothing to clean up\n');
  });

  it('should be refused when a source has changed meanwhile', async () => {
    await killed('put', 'upload', 'fox.bin', 'small.txt', 'images/fox', '--progress', 'none');
    writeFileSync(join(folder, 'small.txt'), 'other');
    const refused = await shelver('resume', '--progress', 'none');
    expect(refused.code).toBe(3);
    expect(refused.stderr).toContain('small.txt is not what it was when the upload began');
    expect(refused.stderr).toContain('shelver cleanup');
  });

  it('should have written neither password nor login nor upload address down', async () => {
    await killed('put', 'upload', 'fox.bin', 'images/fox', '--progress', 'none');
    const text = readFileSync(join(folder, 'shelver', 'journal.db'), 'latin1');
    expect(text).toContain('fox.bin');
    for (const secret of ['"pass"', '/cls/data/']) expect(text).not.toContain(secret);
  });
});

it('should tell what the disk says when there is no room for the journal, and begin one when there is', async () => {
  // blocks of 512 bytes: less than the tables take
  const words = ['-c', 'ulimit -f 8; exec "$@"', 'sh', process.execPath, command, 'transfers'];
  const child = spawn('/bin/sh', words, { cwd: folder, env, stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', chunk => (stderr += chunk));
  const code = await new Promise<number | null>(resolve => child.on('close', resolve));
  expect(code, stderr).toBe(1);
  expect(stderr).toMatch(
    /^error: the journal .* cannot be used: (disk I\/O error|database or disk is full)\nnext: check/
  );
  expect((await shelver('transfers', '--json')).stdout).toBe('{"schema":1,"runs":[]}\n');
});

it('should go on with a download that was killed, in the part that it had begun', async () => {
  expect((await said('upload', join(folder, 'fox.bin'), 'images/fox', '--progress', 'none')).code).toBe(0);
  const to = mkdtempSync(join(folder, 'to-'));
  await killed('get', 'download', 'images/fox', to, '--progress', 'none');
  expect(readdirSync(to)).toEqual([expect.stringMatching(/^\.fox\.bin\..*\.part$/)]);
  const resumed = await shelver('resume', '--progress', 'none');
  expect(resumed.code, resumed.stderr).toBe(0);
  expect(readdirSync(to)).toEqual(['fox.bin']);
  expect(readFileSync(join(to, 'fox.bin')).equals(CONTENT)).toBe(true);
});

it('should take a part away with cleanup', async () => {
  expect((await said('upload', join(folder, 'fox.bin'), 'images/fox', '--progress', 'none')).code).toBe(0);
  const to = mkdtempSync(join(folder, 'to-'));
  await killed('get', 'download', 'images/fox', to, '--progress', 'none');
  const cleaned = await shelver('cleanup', '--progress', 'none');
  expect(cleaned.code, cleaned.stderr).toBe(0);
  expect(readdirSync(to)).toEqual([]);
});
