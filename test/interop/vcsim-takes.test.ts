import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeOva } from '../../src/cli/demo-ova.ts';
import { type Connection, connect } from '../../src/connect.ts';
import { upload } from '../../src/upload.ts';
import { govc, peers, type Server, startVcsim } from './peer-processes.ts';

// Without Go there is no real vcsim to run.
describe.skipIf(peers === undefined)('our client, uploading to the real vcsim', () => {
  let folder: string;
  let vcsim: Server;
  let vcenter: Connection;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'shelver-interop-'));
    vcsim = await startVcsim();
    // vcsim makes no library without a datastore; govc finds one by its name.
    await govc(vcsim.url, 'library.create', '-ds', 'LocalDS_0', 'shelf');
    vcenter = await connect({ url: vcsim.url.origin, username: 'user', password: 'pass' });
  });
  afterAll(async () => {
    await vcenter?.close();
    await vcsim?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  it('should know what it talks to', () => {
    expect(vcenter.library.server.name).toBe('vcsim');
  });

  it('should bring a file, byte for byte, and say that the server reports no size and no digest', async () => {
    const path = join(folder, 'notes.txt');
    await writeFile(path, 'kept on a shelf\n'.repeat(1_000));
    const report = await upload(vcenter, { to: 'shelf/notes', files: [path] }).report;
    expect(report).toMatchObject({ outcome: 'done', accepted: 16_000, retries: 0 });
    expect(report.files.map(({ name, verified }) => ({ name, verified }))).toEqual([
      { name: 'notes.txt', verified: 'notReported' }
    ]);
    expect(report.notes.join()).toContain('the server reports neither size nor digest');
    const back = join(folder, 'back.txt');
    await govc(vcsim.url, 'library.export', '/shelf/notes/notes.txt', back);
    expect(await readFile(back, 'utf8')).toBe(await readFile(path, 'utf8'));
  });

  it('should bring the descriptor and the disk of an OVA, each as a file of its own', async () => {
    const ova = await makeOva(folder, { name: 'tiny', seed: 5, diskBytes: 1 << 20 });
    const report = await upload(vcenter, { to: 'shelf/tiny', files: [ova.path] }).report;
    expect(report).toMatchObject({ outcome: 'done', item: { name: 'tiny', made: true } });
    expect(report.accepted).toBe(report.files.reduce((sum, { size }) => sum + size, 0));
    const held = await govc(vcsim.url, 'library.ls', '/shelf/tiny/*');
    expect(held.split('\n')).toEqual(expect.arrayContaining(['/shelf/tiny/tiny.ovf', '/shelf/tiny/tiny-disk1.vmdk']));
  });

  it('should leave no session that is still active', async () => {
    const sessions = await vcenter.library.listSessions();
    const states = await Promise.all(sessions.map(async id => (await vcenter.library.getSession(id)).state));
    expect(states.filter(state => state === 'ACTIVE')).toEqual([]);
  });

  it('should leave nothing behind after a cancel', async () => {
    const path = join(folder, 'never.bin');
    await writeFile(path, Buffer.alloc(1_000_000));
    const controller = new AbortController();
    const run = upload(vcenter, { to: 'shelf/never', files: [path] }, { signal: controller.signal });
    run.state$.subscribe(({ phase }) => phase === 'transferring' && controller.abort('changed our mind'));
    expect((await run.report).outcome).toBe('canceled');
    expect(await govc(vcsim.url, 'library.ls', 'shelf/*')).not.toContain('never');
  });
});
