import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Connection, connect, download, upload } from '../../src/index.ts';
import { call } from '../cli/call.ts';
import { runGovc } from './govc.ts';
import { digestOf, type Goods, makeGoods } from './goods.ts';
import { type Origin, startOrigin } from './origin.ts';
import { peers, type Server, startVcsim } from './peer-processes.ts';

// Without Go there is no real vcsim to run.
describe.skipIf(peers === undefined).each([
  { name: 'over plain HTTP', tls: false },
  { name: 'over TLS', tls: true }
])('our client before the real vcsim, $name', ({ tls }) => {
  let goods: Goods;
  let origin: Origin;
  let vcsim: Server;
  let vcenter: Connection;
  let thumbprint: string | undefined;
  let datastore: string;
  let vcsimFiles: string;

  beforeAll(async () => {
    goods = await makeGoods();
    origin = await startOrigin([goods.text, goods.iso, goods.ova.path]);
    vcsimFiles = goods.fresh('vcsim');
    await mkdir(vcsimFiles);
    vcsim = await startVcsim({ folder: vcsimFiles, tls });
    thumbprint = tls ? await thumbprintOf(vcsim.url) : undefined;
    datastore = await datastoreOf();
    const login = { url: vcsim.url.origin, username: 'user', password: 'pass', thumbprint };
    vcenter = await connect(login);
    await shelver('library', 'create', 'shelf', '--datastore', datastore);
  });
  afterAll(async () => {
    await vcenter?.close();
    await vcsim?.[Symbol.asyncDispose]();
    await origin[Symbol.asyncDispose]();
    await goods[Symbol.asyncDispose]();
  });

  it('should know what it talks to', () => {
    expect(vcenter.library.server.name).toBe('vcsim');
  });

  it('should ask for a datastore before it has a library made', async () => {
    const { code, stderr } = await tries('library', 'create', 'other');
    expect([code, stderr]).toEqual([2, expect.stringContaining('vcsim makes no library without a datastore')]);
    expect(JSON.parse(await govc('library.info', '-json', 'shelf'))).toMatchObject([
      { name: 'shelf', storage_backings: [{ type: 'DATASTORE', datastore_id: datastore }] }
    ]);
  });

  it('should bring a text and an image, and say that the server reports no size and no digest', async () => {
    const report = await upload(vcenter, { to: 'shelf/notes', files: [goods.text] }).report;
    expect(report).toMatchObject({ outcome: 'done', accepted: 16, retries: 0 });
    expect(report.files).toMatchObject([{ name: 'notes.txt', verified: 'notReported' }]);
    expect(report.notes.join()).toContain('the server reports neither size nor digest');
    await shelver('upload', goods.iso, 'shelf');
    for (const path of [goods.text, goods.iso]) {
      const name = path.split('/').at(-1)!;
      const back = goods.fresh(name);
      await govc('library.export', `/shelf/${name.split('.')[0]}/${name}`, back);
      expect(await digestOf(back)).toBe(await digestOf(path));
    }
    // govc leaves its own where they are
    for (const id of await vcenter.library.listDownloadSessions()) await vcenter.library.deleteDownloadSession(id);
  });

  it('should bring the descriptor and the disk of an OVA, each as a file of its own', async () => {
    const report = await upload(vcenter, { to: 'shelf/tiny', files: [goods.ova.path] }).report;
    expect(report).toMatchObject({ outcome: 'done', item: { name: 'tiny', made: true } });
    expect(report.accepted).toBe(report.files.reduce((sum, { size }) => sum + (size ?? 0), 0));
    const held = (await govc('library.ls', '/shelf/tiny/*')).split('\n');
    expect(held).toEqual(expect.arrayContaining(Object.keys(goods.ovaFiles).map(name => `/shelf/tiny/${name}`)));
  });

  it('should take the files out again as they were', async () => {
    for (const [item, path] of [
      ['notes', goods.text],
      ['installer', goods.iso]
    ] as const) {
      const to = await emptyFolder();
      await shelver('download', `shelf/${item}`, to);
      expect(await readdir(to)).toEqual([path.split('/').at(-1)]);
      expect(await digestOf(join(to, path.split('/').at(-1)!))).toBe(await digestOf(path));
    }
  });

  it('should say that nothing vouches for a disk, of which vcsim gives out no more than a description', async () => {
    const to = await emptyFolder();
    const report = await download(vcenter, { from: 'shelf/tiny', to }).report;
    expect(report).toMatchObject({ outcome: 'done' });
    expect(report.files.find(({ name }) => name.endsWith('.vmdk'))).toMatchObject({ verified: 'notReported' });
    expect(report.notes.join()).toMatch(/tiny-disk1\.vmdk: not held against the service/);
    expect(await readFile(join(to, 'tiny-disk1.vmdk'), 'utf8')).toContain('# Disk DescriptorFile');
    expect(await digestOf(join(to, 'tiny.ovf'))).toBe(goods.ovaFiles['tiny.ovf']);
  });

  it('should bring files again, and see each once, though vcsim then lists them twice', async () => {
    for (const [path, item] of [
      [goods.text, 'notes'],
      [goods.ova.path, 'tiny']
    ] as const) {
      const before = await filesOf(item);
      await shelver('upload', path, `shelf/${item}`);
      expect(await filesOf(item)).toEqual(before);
    }
    expect(await govc('library.ls', 'shelf/notes/*')).toBe('/shelf/notes/notes.txt\n/shelf/notes/notes.txt\n');
    const to = await emptyFolder();
    await shelver('download', 'shelf/notes', to);
    expect(await digestOf(join(to, 'notes.txt'))).toBe(await digestOf(goods.text));
    const { stdout } = await tries('upload', goods.text, 'shelf', '--if-exists', 'skip');
    expect(stdout).toMatch(/^skipped, the item exists already/);
  });

  it('should have it pull a file and an archive', async () => {
    await shelver('upload', '--pull', `${origin.url}/installer.iso`, 'shelf/pulled');
    const to = await emptyFolder();
    await shelver('download', 'shelf/pulled', to);
    expect(await digestOf(join(to, 'installer.iso'))).toBe(await digestOf(goods.iso));
    await shelver('upload', '--pull', `${origin.url}/tiny.ova`, 'shelf/pulled-ova');
    expect(await filesOf('pulled-ova')).toEqual(expect.arrayContaining(Object.keys(goods.ovaFiles)));
  });

  it('should fail, and leave nothing, when what it pulls has not the checksum it should', async () => {
    const checksum = `sha256:${'0'.repeat(64)}`;
    const { code, stderr } = await tries(
      'upload',
      '--pull',
      `${origin.url}/notes.txt`,
      '--checksum',
      checksum,
      'shelf/bad'
    );
    expect([code, stderr]).toEqual([6, expect.stringContaining('checksum mismatch')]);
    expect(await govc('library.ls', 'shelf/*')).not.toContain('/shelf/bad');
  });

  it('should leave nothing behind after a cancel', async () => {
    const controller = new AbortController();
    const run = upload(vcenter, { to: 'shelf/never', files: [goods.iso] }, { signal: controller.signal });
    run.state$.subscribe(({ phase }) => phase === 'transferring' && controller.abort('changed our mind'));
    expect((await run.report).outcome).toBe('canceled');
    expect(await govc('library.ls', 'shelf/*')).not.toContain('never');
  });

  it('should leave no session, no library and no file behind', async () => {
    expect(await govc('library.session.ls')).toBe('');
    expect(await filesBelow(vcsimFiles)).not.toEqual([]);
    await shelver('item', 'rm', 'shelf/notes');
    await shelver('library', 'rm', 'shelf', '--recursive');
    expect([await vcenter.library.listLibraries(), await vcenter.library.listSessions()]).toEqual([[], []]);
    expect(await vcenter.library.listDownloadSessions()).toEqual([]);
    expect(await filesBelow(vcsimFiles)).toEqual([]);
  });

  /** The command has to succeed. */
  async function shelver(...words: string[]): Promise<string> {
    const { code, stdout, stderr } = await tries(...words);
    if (code !== 0) throw new Error(`shelver ${words.join(' ')}: ${code} ${stderr}`);
    return stdout;
  }

  function tries(...words: string[]): ReturnType<typeof call> {
    const env = {
      SHELVER_URL: vcsim.url.origin,
      SHELVER_USERNAME: 'user',
      SHELVER_PASSWORD: 'pass',
      ...(thumbprint !== undefined && { SHELVER_THUMBPRINT: thumbprint })
    };
    return call(words, { env });
  }

  async function govc(...args: string[]): Promise<string> {
    const env = { GOVC_URL: vcsim.url.href, GOVC_PERSIST_SESSION: 'false', GOVC_INSECURE: 'true' };
    const { code, stdout, stderr } = await runGovc(env, ...args);
    if (code !== 0) throw new Error(`govc ${args.join(' ')}: ${code} ${stderr}`);
    return stdout;
  }

  /** vcsim tells the id of a datastore by a library on it; govc finds a datastore by itself. */
  async function datastoreOf(): Promise<string> {
    await govc('library.create', 'looks');
    const [told] = JSON.parse(await govc('library.info', '-json', 'looks'));
    await govc('library.rm', 'looks');
    return told.storage_backings[0].datastore_id;
  }

  async function filesOf(item: string): Promise<string[]> {
    const [library] = await vcenter.library.findLibraries({ name: 'shelf' });
    const [id] = await vcenter.library.findItems({ libraryId: library, name: item });
    return (await vcenter.library.listItemFiles(id!)).map(({ name }) => name);
  }

  async function emptyFolder(): Promise<string> {
    const to = goods.fresh('taken');
    await mkdir(to);
    return to;
  }
});

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter(entry => entry.parentPath.includes('contentlib')).map(({ name }) => name);
}

/** SHA-256, of what the server shows. */
function thumbprintOf({ hostname, port }: URL): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ host: hostname, port: Number(port), rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
    socket.on('error', reject);
  });
}
