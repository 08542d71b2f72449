// transfers, resume and cleanup inside this process: the runs that they find were written down by one that is gone.
import { readdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sqliteJournal } from '../../src/adapters/sqlite/journal.ts';
import type { JournalRecord } from '../../src/ports.ts';
import { call, folderWith, left, type Served, serve } from './call.ts';

const GONE = { pid: 2 ** 22 - 1, started: '1' };
const RUN = '5f0c2a3e-7d1b-4c55-9a44-0d6c1f2b3a4d';
const OTHER = '5f0c9999-7d1b-4c55-9a44-0d6c1f2b3a4d';

interface Written {
  readonly run?: string;
  readonly kind?: 'upload' | 'download';
  readonly place?: string;
  readonly server?: string;
  readonly user?: string;
  readonly spec?: unknown;
  readonly files?: readonly object[];
  readonly ended?: { outcome: string; left: boolean };
  readonly facts?: object;
  readonly alive?: boolean;
}

/** Writes a run down as a process would have that is gone, or as this one. */
async function written(folder: string, served: Served, its: Written): Promise<void> {
  const { run = RUN, kind = 'upload', place = 'images/fox', files = [], spec, facts, ended, alive = false } = its;
  const { user, server = served.env.SHELVER_URL?.replace('http://', '') } = its;
  const me = alive ? undefined : GONE;
  const journal = await sqliteJournal({ path: join(folder, 'journal.db'), now: Date.now, ...(me && { me }) });
  const record = (type: string, data: unknown): JournalRecord => ({ v: 1, run, at: Date.now(), type, data });
  await journal.append([
    record('begun', { kind, server, user, place, spec, files }),
    ...(facts === undefined ? [] : [record('facts', facts)]),
    ...(ended === undefined ? [] : [record('ended', ended)])
  ]);
  await journal.close();
}

async function stage() {
  const served = await serve();
  const folder = folderWith({ 'fox.bin': 'the quick brown fox' });
  const env = { ...served.env, SHELVER_JOURNAL: join(folder, 'journal.db') };
  const path = join(folder, 'fox.bin');
  const spec = { to: { library: 'images', item: 'fox' }, files: [path] };
  const { statSync } = await import('node:fs');
  const version = String(statSync(path, { bigint: true }).mtimeNs);
  const files = [{ name: 'fox.bin', size: 19, version }];
  return { served, folder, env, spec, files, path };
}

describe('shelver transfers', () => {
  it('should list what has not ended or left something, and with --all the rest', async () => {
    const { served, folder, env } = await stage();
    await written(folder, served, {});
    await written(folder, served, { run: OTHER, place: 'images/two', ended: { outcome: 'failed', left: true } });
    await written(folder, served, { run: 'c', place: 'images/three', ended: { outcome: 'done', left: false } });
    await written(folder, served, { run: 'd', place: 'images/four', alive: true });
    const { code, stdout } = await call(['transfers'], { env });
    expect(code).toBe(0);
    expect(stdout).toMatch(/images\/fox .* unfinished/);
    expect(stdout).toMatch(/images\/two .* failed, left something/);
    expect(stdout).toMatch(new RegExp(`images/four .* at work \\(process ${process.pid}\\)`));
    expect(stdout).not.toContain('images/three');
    const all = JSON.parse((await call(['transfers', '--all', '--json'], { env })).stdout);
    expect(all.runs.map(({ run, standing }: { run: string; standing: string }) => [run, standing])).toContainEqual([
      'c',
      'done'
    ]);
    expect(all.runs.find(({ run }: { run: string }) => run === RUN).owner).toEqual({
      host: hostname(),
      pid: GONE.pid,
      gone: true
    });
  });

  it('should say nothing of a journal that is not wanted', async () => {
    expect(await call(['transfers', '--journal', 'none', '--json'])).toMatchObject({
      code: 0,
      stdout: `${JSON.stringify({ schema: 1, runs: [] })}\n`
    });
  });

  it('should keep its journal where the system keeps such things', async () => {
    const folder = folderWith();
    const env = { SHELVER_JOURNAL: undefined, XDG_STATE_HOME: folder };
    expect((await call(['transfers'], { env })).code).toBe(0);
    expect(readdirSync(join(folder, 'shelver'))).toEqual(['journal.db']);
    const home = folderWith();
    expect((await call(['transfers'], { env: { SHELVER_JOURNAL: undefined, HOME: home } })).code).toBe(0);
    expect(readdirSync(join(home, '.local', 'state', 'shelver'))).toEqual(['journal.db']);
  });
});

describe('shelver resume', () => {
  it('should go on with what nobody works on', async () => {
    const { served, folder, env, spec, files } = await stage();
    await written(folder, served, { spec, files });
    const { code, stdout, stderr } = await call(['resume', '--progress', 'none'], { env });
    expect([code, stderr]).toEqual([0, `going on with run ${RUN}: upload of images/fox\n`]);
    expect(stdout).toMatch(/^done\n/);
    expect(left(served.simulator)).toEqual({ items: ['fox'], sessions: [] });
    const stderrOfAnother = `there is nothing to resume: run ${RUN} has ended (done)\n`;
    expect(await call(['resume', RUN], { env })).toMatchObject({ code: 0, stderr: stderrOfAnother });
  });

  it('should take a run by the beginning of its id, and only one', async () => {
    const { served, folder, env, spec, files } = await stage();
    await written(folder, served, { spec, files });
    await written(folder, served, { run: OTHER, place: 'images/two', spec, files });
    const many = await call(['resume', '5f0c'], { env });
    expect([many.code, many.stderr.split('\n')[0]]).toEqual([4, 'error: the ids of 2 runs begin with 5f0c']);
    const none = await call(['resume', 'zz'], { env });
    expect([none.code, none.stderr]).toEqual([
      4,
      'error: the journal knows no run zz\nnext: see shelver transfers --all\n'
    ]);
    const empty = await call(['resume', ''], { env });
    expect([empty.code, empty.stderr.split('\n')[0]]).toEqual([2, 'error: the id of the run is empty']);
    const one = await call(['resume', '5f0c2', '--json'], { env });
    expect(JSON.parse(one.stdout).runs).toMatchObject([{ run: RUN, outcome: 'done' }]);
  });

  it('should respect an owner that lives, and say so', async () => {
    const { served, folder, env, spec, files } = await stage();
    await written(folder, served, { spec, files, alive: true });
    const { sqliteJournal: open } = await import('../../src/adapters/sqlite/journal.ts');
    const other = await open({ path: join(folder, 'journal.db'), now: Date.now, me: { pid: 1 } });
    await expect(other.claim(RUN)).rejects.toThrow(`process ${process.pid} is working on the run ${RUN}`);
    await other.close();
    const told = await call(['resume'], { env });
    expect([told.code, told.stderr]).toEqual([0, 'there is nothing to resume (1 at work: see shelver transfers)\n']);
  });

  it('should pass over runs of other servers', async () => {
    const { served, folder, env, spec, files } = await stage();
    await written(folder, served, { spec, files, server: 'vc.example.com' });
    const { code, stderr } = await call(['resume'], { env });
    expect(code).toBe(0);
    expect(stderr).toMatch(/^warning: passed over: run .*, images\/fox is on vc\.example\.com, not on 127/m);
    expect(stderr).toMatch(/^there is nothing to resume on 127/m);
  });

  it('should pass over runs of other users, whose sessions it could not see', async () => {
    const { served, folder, env, spec, files } = await stage();
    await written(folder, served, { spec, files, user: 'ann' });
    await written(folder, served, { run: OTHER, place: 'images/two', spec, files, user: 'USER' });
    const { code, stderr } = await call(['resume', '--progress', 'none'], { env });
    expect(code, stderr).toBe(0);
    expect(stderr).toContain(`warning: passed over: run ${RUN}, images/fox was begun as ann, and this is user\n`);
    expect(stderr).toContain(`going on with run ${OTHER}`);
    const all = JSON.parse((await call(['transfers', '--json'], { env })).stdout);
    expect(all.runs).toMatchObject([{ run: RUN, user: 'ann', standing: 'unfinished' }]);
  });

  it('should refuse what it cannot tell again, and a source that changed, and go on with the others', async () => {
    const { served, folder, env, spec, files, path } = await stage();
    await written(folder, served, { run: 'a', place: 'images/secret', files });
    await written(folder, served, { run: 'b', place: 'images/fox', spec, files: [{ ...files[0], size: 5 }] });
    const third = { to: 'images/third', files: [path] };
    await written(folder, served, { run: OTHER, place: 'images/third', spec: third, files });
    const { code, stderr } = await call(['resume', '--progress', 'none'], { env });
    expect(code, stderr).toBe(3);
    expect(stderr).toContain('error: the run a read from sources that are not written down');
    expect(stderr).toContain('error: fox.bin is not what it was when the upload began');
    expect(left(served.simulator).items).toEqual(['third']);
  });

  it('should be what the same call does, too', async () => {
    const { served, folder, env, files, path } = await stage();
    const first = await call(['upload', path, 'images/fox', '--progress', 'none'], { env });
    expect(first.code).toBe(0);
    const journal = await sqliteJournal({ path: join(folder, 'journal.db'), now: Date.now });
    const [run] = await journal.runs();
    const [begun] = await journal.read(String(run?.run));
    await journal.close();
    await written(folder, served, { run: OTHER, files, spec: (begun!.data as { spec: unknown }).spec });
    const again = await call(['upload', path, 'images/fox', '--progress', 'none'], { env });
    expect([again.code, again.stderr]).toEqual([0, `going on with run ${OTHER}, which had not ended\n`]);
  });

  it('should go on with a download in its folder', async () => {
    const { served, folder, env } = await stage();
    const to = folderWith();
    await call(['upload', join(folder, 'fox.bin'), 'images/fox'], { env });
    await written(folder, served, { kind: 'download', spec: { from: 'images/fox', to } });
    const { code, stdout } = await call(['resume', '--progress', 'none'], { env });
    expect([code, readdirSync(to)]).toEqual([0, ['fox.bin']]);
    expect(stdout).toContain('kept');
  });
});

describe('shelver cleanup', () => {
  it('should end a run without its sources, and call it done', async () => {
    const { served, folder, env, files } = await stage();
    await written(folder, served, { files });
    const { code, stderr } = await call(['cleanup', '--progress', 'none'], { env });
    expect([code, stderr]).toEqual([0, `ending run ${RUN}: upload of images/fox\n`]);
    const again = await call(['cleanup', '--json'], { env });
    expect([again.code, again.stdout]).toEqual([0, `${JSON.stringify({ schema: 1, runs: [] })}\n`]);
  });

  it('should take away what an ended run has left', async () => {
    const { served, folder, env, files } = await stage();
    const { simulator } = served;
    const { library } = simulator.ports();
    const [libraryId = ''] = await library.findLibraries({ name: 'images' });
    const itemId = await library.createItem({ libraryId, name: 'fox' });
    const sessionId = await library.createSession({ itemId });
    const facts = {
      ...{ itemId, itemMade: true, making: false, generation: 1, opened: true, sessionId, before: [], asked: false },
      ...{
        done: false,
        library: { id: libraryId, name: 'images' },
        failure: { code: 'CONNECTION', message: 'it broke' }
      },
      files: { 0: { outcome: 'todo', attempts: 0, digests: [] } }
    };
    await written(folder, served, { files, facts, ended: { outcome: 'failed', left: true } });
    expect((await call(['resume'], { env })).stderr).toBe('there is nothing to resume\n');
    const { code, stderr } = await call(['cleanup', '5f0c', '--progress', 'none'], { env });
    expect([code, left(simulator)], stderr).toEqual([0, { items: [], sessions: [] }]);
  });

  it('should keep a journal apart that somebody has damaged, and tell what that means', async () => {
    const { served, folder, env } = await stage();
    await written(folder, served, {});
    const path = join(folder, 'journal.db');
    const { readFileSync } = await import('node:fs');
    const bytes = readFileSync(path);
    bytes.fill(0xff, 100, 300);
    writeFileSync(path, bytes);
    const { code, stderr } = await call(['cleanup'], { env });
    expect(code).toBe(0);
    expect(stderr).toMatch(/^warning: the journal .* is damaged: it was set aside as .*see shelver sessions ls$/m);
  });
});
