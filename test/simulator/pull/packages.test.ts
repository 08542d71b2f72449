// Pulled descriptors and archives of OVF items: what they bring along.
import { pack } from 'tar-stream';
import { afterEach, describe, expect, it } from 'vitest';
import type { PullOptions } from '../../../src/simulator/index.ts';
import { bytesOf, type Options } from '../doors.ts';
import { type Pulling, pulling } from './pulling.ts';

const AT = 'https://images.example/vm';
const ovf = (...hrefs: string[]) =>
  `<Envelope><References>${hrefs.map(href => `<File href="${href}"/>`).join('')}</References></Envelope>`;

let pull: Pulling;
afterEach(() => pull.close());

async function begin(sources: PullOptions['sources'], options: Options = {}): Promise<void> {
  pull = await pulling({ pull: { sources }, ...options }, { type: 'ovf' });
}
const listed = async () =>
  (await pull.library.listFiles(pull.sessionId)).map(({ name, sourceType, status }) => [name, sourceType, status]);

describe('a pulled descriptor', () => {
  it('should bring every file that it references, from beside it', async () => {
    await begin({
      [`${AT}/vm.ovf?sig=1`]: ovf('disk 1.vmdk', 'disk%202.vmdk'),
      [`${AT}/disk%201.vmdk`]: 'one',
      [`${AT}/disk%202.vmdk`]: 'two'
    });
    await pull.add(`${AT}/vm.ovf?sig=1`, { name: 'vm.ovf' }, { thumbprint: 'AA' });
    await pull.library.complete(pull.sessionId);
    await pull.clock.runUntilIdle();
    expect(await listed()).toEqual([
      ['vm.ovf', 'PULL', 'READY'],
      ['disk 1.vmdk', 'PULL', 'READY'],
      ['disk 2.vmdk', 'PULL', 'READY']
    ]);
    expect((await pull.session()).state).toBe('DONE');
    expect(await pull.held()).toMatchObject({ 'disk 1.vmdk': 'one', 'disk 2.vmdk': 'two' });
    const [, disk] = Object.values(pull.simulator.state.sessions).flatMap(Object.values)[0].files;
    expect(disk.endpoint).toEqual({ uri: `${AT}/disk%201.vmdk`, ssl_certificate_thumbprint: 'AA' });
  });

  it('should let the session wait for what it brings, and fail with it', async () => {
    await begin({ [`${AT}/vm.ovf`]: ovf('disk.vmdk') });
    await pull.add(`${AT}/vm.ovf`, { name: 'vm.ovf' });
    await pull.library.complete(pull.sessionId);
    await pull.clock.runUntilIdle();
    const { state, errorMessage } = await pull.session();
    expect([state, errorMessage]).toEqual([
      'ERROR',
      expect.stringContaining('Error transferring file disk.vmdk to ds:')
    ]);
  });

  it('should leave what the client gave, and renew what the item had', async () => {
    const sources = { [`${AT}/vm.ovf`]: ovf('old.vmdk', 'mine.vmdk'), [`${AT}/old.vmdk`]: 'new' };
    await begin(sources);
    const { library, bytes, itemId } = pull;
    const push = async (session: string, name: string, text: string) => {
      const { uploadUri } = await library.addFile(session, { name, sourceType: 'PUSH' });
      await bytes.push({ uri: uploadUri!, source: bytesOf(text), hash: [] });
    };
    await push(pull.sessionId, 'old.vmdk', 'old');
    await library.complete(pull.sessionId);
    const session = await library.createSession({ itemId });
    await push(session, 'mine.vmdk', 'mine');
    await library.addFile(session, { name: 'vm.ovf', sourceType: 'PULL', source: { uri: `${AT}/vm.ovf` } });
    await pull.clock.runUntilIdle();
    await library.complete(session);
    expect(await pull.held()).toMatchObject({ 'old.vmdk': 'new', 'mine.vmdk': 'mine' });
  });

  it.each([
    ['in a folder', 'disks/disk.vmdk'],
    ['out of the folder', '../disk.vmdk'],
    ['at another server', '//evil.example/disk.vmdk'],
    ['behind a coded separator', '..%2fdisk.vmdk']
  ])('should not bring what lies %s', async (_, href) => {
    await begin({ [`${AT}/vm.ovf`]: ovf(href) });
    await pull.add(`${AT}/vm.ovf`, { name: 'vm.ovf' });
    await pull.clock.runUntilIdle();
    expect(await listed()).toEqual([['vm.ovf', 'PULL', 'READY']]);
    const { missing } = await pull.library.validate(pull.sessionId);
    expect(missing).toEqual([decodeURIComponent(href)]);
  });

  it('should bring no more files than a session may have', async () => {
    const sources = { [`${AT}/vm.ovf`]: ovf('a', 'b', 'c'), [`${AT}/a`]: 'a', [`${AT}/b`]: 'b', [`${AT}/c`]: 'c' };
    await begin(sources, { rules: { maxFilesPerSession: 3 } });
    await pull.add(`${AT}/vm.ovf`, { name: 'vm.ovf' });
    await pull.clock.runUntilIdle();
    expect((await listed()).map(([name]) => name)).toEqual(['vm.ovf', 'a', 'b']);
    expect((await pull.library.validate(pull.sessionId)).missing).toEqual(['c']);
  });

  it('should bring nothing where its own address is no base', async () => {
    await begin({ 'http:': ovf('disk.vmdk') });
    await pull.add('http:', { name: 'vm.ovf' });
    await pull.clock.runUntilIdle();
    expect((await pull.library.validate(pull.sessionId)).missing).toEqual(['disk.vmdk']);
  });

  it('should bring nothing into an item that is not of type ovf', async () => {
    pull = await pulling({ pull: { sources: { [`${AT}/vm.ovf`]: ovf('disk.vmdk') } } });
    await pull.add(`${AT}/vm.ovf`, { name: 'vm.ovf' });
    await pull.clock.runUntilIdle();
    expect(await listed()).toEqual([['vm.ovf', 'PULL', 'READY']]);
  });
});

describe('a pulled archive', () => {
  it('should become its members', async () => {
    const archive = pack();
    archive.entry({ name: 'vm.ovf' }, ovf('disk.vmdk'));
    archive.entry({ name: 'disk.vmdk' }, 'disk');
    archive.finalize();
    const chunks: Uint8Array[] = [];
    for await (const chunk of archive as AsyncIterable<Uint8Array>) chunks.push(chunk);
    await begin({ [`${AT}/vm.ova`]: Buffer.concat(chunks) });
    await pull.add(`${AT}/vm.ova`, { name: 'vm.ova' });
    await pull.library.complete(pull.sessionId);
    await pull.clock.runUntilIdle();
    expect((await pull.session()).state).toBe('DONE');
    expect(await pull.held()).toEqual({ 'vm.ovf': ovf('disk.vmdk'), 'disk.vmdk': 'disk' });
  });

  it('should take the session along when it is none', async () => {
    await begin({ [`${AT}/vm.ova`]: 'not a tar' });
    await pull.add(`${AT}/vm.ova`, { name: 'vm.ova' });
    await pull.clock.runUntilIdle();
    expect(await pull.session()).toMatchObject({ state: 'ERROR', errorMessage: expect.stringContaining('vm.ova') });
  });
});
