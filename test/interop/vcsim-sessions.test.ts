// shelver sessions before the real vcsim: both kinds, looked at and ended.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connect } from '../../src/connect.ts';
import { call } from '../cli/call.ts';
import { runGovc } from './govc.ts';
import { peers, startVcsim } from './peer-processes.ts';

// Without Go there is no real vcsim to run.
describe.skipIf(peers === undefined)('shelver sessions before the real vcsim', () => {
  it('should list, show, keep alive, fail and remove sessions for update and for download', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'shelver-vcsim-sessions-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await using vcsim = await startVcsim({ folder });
    const { origin: url } = vcsim.url;
    const env = { SHELVER_URL: url, SHELVER_USERNAME: 'user', SHELVER_PASSWORD: 'pass' };
    const says = async (...words: string[]) => {
      const { code, stdout } = await call([...words, '--json'], { env });
      return { code, ...(JSON.parse(stdout) as Record<string, unknown>) };
    };
    expect(await runGovc({ GOVC_URL: vcsim.url.href }, 'library.create', 'images')).toMatchObject({ code: 0 });
    await writeFile(join(folder, 'a.iso'), 'bytes');
    expect(await says('upload', join(folder, 'a.iso'), 'images')).toMatchObject({ code: 0 });
    await using vcenter = await connect({ url, username: 'user', password: 'pass' });
    const { library } = vcenter;
    const [itemId = ''] = await library.findItems({ name: 'a' });
    const update = await library.createSession({ itemId });
    const download = await library.createDownloadSession({ itemId });

    const its = { state: 'ACTIVE', item: { id: itemId, name: 'images/a' } };
    for (const place of [[], ['images/a']]) {
      expect(await says('sessions', 'ls', ...place)).toMatchObject({
        sessions: [
          { id: update, kind: 'update', ...its },
          { id: download, kind: 'download', ...its }
        ]
      });
    }
    const show = await says('sessions', 'show', download);
    expect(show).toMatchObject({ session: { kind: 'download', files: [{ name: 'a.iso', status: 'UNPREPARED' }] } });
    for (const [id, kind] of [
      [update, 'update'],
      [download, 'download']
    ] as const) {
      expect(await says('sessions', 'keep-alive', id, '--percent', '30')).toMatchObject({
        keptAlive: { session: { id, kind, state: 'ACTIVE' } }
      });
      expect(await says('sessions', 'fail', id, '--message', 'x')).toMatchObject({ failed: { session: { id, kind } } });
    }
    expect(await says('sessions', 'show', update)).toMatchObject({ session: { state: 'ERROR' } });
    expect(await says('sessions', 'rm', update)).toMatchObject({ removed: { session: { id: update } } });
    // vcsim forgets a session for download that fails, and one that was removed.
    for (const id of [update, download]) {
      expect(await says('sessions', 'show', id)).toMatchObject({ code: 4, failure: { code: 'NOT_FOUND' } });
    }
  });
});
