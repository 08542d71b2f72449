// sessions ls|show|keep-alive|cancel|fail|rm, for update and for download, against a simulator behind a socket.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { values } from '../../src/simulator/service/table.ts';
import { call, folderWith, left, serve } from './call.ts';

const ITEMS = [{ name: 'b', type: 'iso' }, { name: 'a' }];

describe('shelver sessions', () => {
  const withSession = async () => {
    const served = await serve({ libraries: [{ name: 'images', items: ITEMS }] });
    const item = values(served.simulator.state.items).find(its => its.name === 'a')!;
    const { library } = served.simulator.ports();
    const id = await library.createSession({ itemId: item.id });
    await library.addFile(id, { name: 'disk.vmdk', sourceType: 'PUSH', size: 2048 });
    return { ...served, library, item, id };
  };

  it('should list one session with its item and when it expires', async () => {
    const { env, id, item } = await withSession();
    const { code, stdout } = await call(['sessions', 'ls'], { env });
    expect(code).toBe(0);
    const [head, line] = stdout.split('\n');
    expect(head).toMatch(/^ID +KIND +STATE +ITEM +PROGRESS +EXPIRES$/);
    expect(line).toMatch(new RegExp(`^${id} +update +ACTIVE +images/a +\\S+ +in \\d:\\d\\d$`));
    const json = JSON.parse((await call(['sessions', 'ls', 'images/a', '--json'], { env })).stdout);
    expect(json.sessions).toHaveLength(1);
    expect(json.sessions[0]).toMatchObject({
      id,
      kind: 'update',
      state: 'ACTIVE',
      item: { id: item.id, name: 'images/a' }
    });
    expect(JSON.parse((await call(['sessions', 'ls', 'images/b', '--json'], { env })).stdout).sessions).toEqual([]);
  });

  it('should show a session and its files, and never where one may write', async () => {
    const { env, id } = await withSession();
    const { stdout } = await call(['sessions', 'show', `id:${id}`], { env });
    expect(stdout).toMatch(new RegExp(`^session {2}${id}\nkind {5}update\nstate {4}ACTIVE\nitem {5}images/a \\(`));
    expect(stdout).toMatch(/\nFILE +STATUS +ACCEPTED +SIZE\ndisk\.vmdk +WAITING_FOR_TRANSFER +0 B +-\n$/);
    const json = await call(['sessions', 'show', id, '--json'], { env });
    expect(JSON.parse(json.stdout).session.files[0]).toMatchObject({ name: 'disk.vmdk', bytesTransferred: 0 });
    expect(stdout + json.stdout).not.toContain('/cls/data');
  });

  it('should cancel, then remove, in that order', async () => {
    const { env, id, simulator } = await withSession();
    const early = await call(['sessions', 'rm', id], { env });
    expect(early.code).toBe(6);
    expect(early.stderr).toBe(
      `error: the session ${id} is active\nnext: end it first: shelver sessions cancel ${id}\n`
    );
    const canceled = await call(['sessions', 'cancel', id], { env });
    expect(canceled).toEqual({ code: 0, stdout: '', stderr: `canceled the session ${id}\n` });
    expect((await call(['sessions', 'show', id], { env })).stdout).toMatch(
      /\nstate {4}CANCELED\n[\s\S]*\nexpires {2}-\n/
    );
    const removed = await call(['sessions', 'rm', id, '--json'], { env });
    expect(JSON.parse(removed.stdout)).toEqual({ schema: 1, removed: { session: { id, kind: 'update' } } });
    expect(left(simulator).sessions).toEqual([]);
    const gone = await call(['sessions', 'rm', id], { env });
    expect(gone.code).toBe(4);
    expect(gone.stderr).toContain(`there is no session with the id ${id} on this server`);
  });

  it('should advise to remove what is DONE and cannot be canceled any more', async () => {
    const { env, item, library, id } = await withSession();
    await library.cancelSession(id);
    const done = await library.createSession({ itemId: item.id });
    await library.complete(done);
    const { code, stderr } = await call(['sessions', 'cancel', done], { env });
    expect(code).toBe(6);
    expect(stderr).toContain(`\nnext: it has ended; to remove it from the list: shelver sessions rm ${done}\n`);
  });

  it('should name the item of a session by its id when the item is gone', async () => {
    const { env, id, item, library } = await withSession();
    await library.deleteItem(item.id);
    expect((await call(['sessions', 'ls'], { env })).stdout).toMatch(new RegExp(`${id} +update +ERROR +id:${item.id}`));
    expect((await call(['sessions', 'show', id], { env })).stdout).toMatch(/\nerror {4}\S/);
  });

  it('should put the end of a session off, and show how far it is', async () => {
    const { env, id, simulator } = await withSession();
    const before = values(simulator.state.sessions)[0]!.expiresAt;
    const kept = await call(['sessions', 'keep-alive', id, '--percent', '40'], { env });
    expect(kept).toMatchObject({ code: 0, stdout: '' });
    expect(kept.stderr).toMatch(new RegExp(`^kept the session ${id} alive: it expires in \\d:\\d\\d\n$`));
    expect((await call(['sessions', 'show', id], { env })).stdout).toMatch(/\nprogress +40%\nexpires +in /);
    const [session] = values(simulator.state.sessions);
    expect(session?.progress).toBe(40);
    expect(session!.expiresAt).toBeGreaterThanOrEqual(before);
    const json = JSON.parse((await call(['sessions', 'keep-alive', id, '--json'], { env })).stdout);
    expect(json.keptAlive.session).toMatchObject({ id, kind: 'update', state: 'ACTIVE', progress: 40 });
    expect(json.keptAlive.session.expiresInMs).toBeGreaterThan(0);
    await call(['sessions', 'cancel', id], { env });
    const { code, stderr } = await call(['sessions', 'keep-alive', id], { env });
    expect(code).toBe(6);
    expect(stderr).toContain(`\nnext: it has ended; to remove it from the list: shelver sessions rm ${id}\n`);
  });

  it('should end a session as failed, with the message', async () => {
    const { env, id } = await withSession();
    const { code, stderr } = await call(['sessions', 'fail', id, '--message', 'the source is gone'], { env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: `failed the session ${id}\n` });
    const shown = await call(['sessions', 'show', id], { env });
    expect(shown.stdout).toMatch(/\nstate {4}ERROR\n[\s\S]*\nerror {4}.*the source is gone/);
    const again = await call(['sessions', 'fail', id, '--message', 'twice'], { env });
    expect(again.code).toBe(6);
    expect(again.stderr).toContain(`shelver sessions rm ${id}`);
  });
});

describe('shelver sessions, for download', () => {
  const withDownload = async () => {
    const folder = folderWith({ 'a.iso': 'some bytes' });
    const served = await serve();
    expect((await call(['upload', join(folder, 'a.iso'), 'images'], { env: served.env })).code).toBe(0);
    const item = values(served.simulator.state.items)[0]!;
    const { library } = served.simulator.ports();
    const update = await library.createSession({ itemId: item.id });
    const id = await library.createDownloadSession({ itemId: item.id });
    await library.prepareFile(id, 'a.iso');
    return { ...served, library, item, id, update };
  };

  it('should list sessions of both kinds, each with its kind', async () => {
    const { env, id, update } = await withDownload();
    for (const place of [[], ['images/a']]) {
      const { stdout } = await call(['sessions', 'ls', ...place, '--json'], { env });
      const rows = JSON.parse(stdout).sessions as { id: string; kind: string; state: string }[];
      expect(rows.filter(row => row.state === 'ACTIVE').map(row => [row.id, row.kind])).toEqual([
        [update, 'update'],
        [id, 'download']
      ]);
    }
    expect((await call(['sessions', 'ls'], { env })).stdout).toMatch(
      new RegExp(`\n${id} +download +ACTIVE +images/a `)
    );
  });

  it('should show the files, and never where they can be read', async () => {
    const { env, id, simulator } = await withDownload();
    const text = await call(['sessions', 'show', id], { env });
    expect(text.stdout).toMatch(
      new RegExp(`^session {2}${id}\nkind {5}download\nstate {4}ACTIVE\nitem {5}images/a \\(`)
    );
    expect(text.stdout).toMatch(/\nFILE +STATUS +MOVED +SIZE\na\.iso +PREPARED +0 B +-\n$/);
    const json = await call(['sessions', 'show', id, '--json'], { env });
    expect(JSON.parse(json.stdout).session).toMatchObject({ kind: 'download', files: [{ name: 'a.iso' }] });
    const links = values(simulator.state.downloads).flatMap(session => session.files.map(file => file.link ?? '?'));
    expect(links).toHaveLength(1);
    expect(text.stdout + json.stdout).not.toContain(links[0]);
    expect(text.stdout + json.stdout).not.toContain('/cls/data');
  });

  it('should keep one alive, fail it, and remove it in whatever state it is', async () => {
    const { env, id, simulator, item, library } = await withDownload();
    const kept = JSON.parse((await call(['sessions', 'keep-alive', id, '--percent', '7', '--json'], { env })).stdout);
    expect(kept.keptAlive.session).toMatchObject({ id, kind: 'download', progress: 7 });
    const failed = await call(['sessions', 'fail', id, '--message', 'enough', '--json'], { env });
    expect(JSON.parse(failed.stdout)).toEqual({ schema: 1, failed: { session: { id, kind: 'download' } } });
    expect((await call(['sessions', 'show', id], { env })).stdout).toMatch(/\nstate {4}ERROR\n[\s\S]*enough/);
    expect((await call(['sessions', 'rm', id], { env })).code).toBe(0);
    const active = await library.createDownloadSession({ itemId: item.id });
    expect((await call(['sessions', 'rm', active], { env })).code).toBe(0);
    const other = await library.createDownloadSession({ itemId: item.id });
    expect(await call(['sessions', 'cancel', other], { env })).toMatchObject({ code: 0 });
    expect(values(simulator.state.downloads).map(({ id, state }) => [id, state])).toEqual([[other, 'CANCELED']]);
    const again = await call(['sessions', 'cancel', other], { env });
    expect(again.code).toBe(6);
    expect(again.stderr).toContain(`shelver sessions rm ${other}`);
  });

  it('should list what one may see, and say what one may not', async () => {
    const users = {
      uploader: { password: 'pass', roles: ['Uploader'] },
      reader: { password: 'pass', roles: ['ReadOnly'] }
    };
    const { env, simulator } = await serve({ users, libraries: [{ name: 'images', items: ITEMS }] });
    const item = values(simulator.state.items).find(its => its.name === 'a')!;
    const id = await simulator.ports({ username: 'uploader' }).library.createSession({ itemId: item.id });
    const words = ['sessions', 'ls', 'images/a', '--json'];
    const own = await call(words, { env: { ...env, SHELVER_USERNAME: 'uploader' } });
    expect(own.code).toBe(0);
    expect(JSON.parse(own.stdout).sessions).toMatchObject([{ id, kind: 'update' }]);
    expect(own.stderr).toMatch(/^warning: sessions for download are not listed: .*ContentLibrary\.DownloadSession/);
    const none = await call(words, { env: { ...env, SHELVER_USERNAME: 'reader' } });
    expect(none.code).toBe(7);
    expect(none.stderr).toContain('ContentLibrary.UpdateSession');
    simulator.inject({ on: 'download.list', do: 'answer', status: 400, message: 'Broken.' });
    expect((await call(words, { env: { ...env, SHELVER_USERNAME: 'uploader' } })).code).toBe(6);
  });
});
