import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pack } from 'tar-stream';
import { afterAll, describe, expect, it } from 'vitest';
import { bytesOf, DOORS, failureOf, opened } from './doors.ts';

const root = mkdtempSync(join(tmpdir(), 'shelver-archive-'));
afterAll(() => rmSync(root, { recursive: true }));
let count = 0;
const DISK = Buffer.from('disk '.repeat(400_000));
const DESCRIPTOR = '<Envelope><References><File href="disk1.vmdk"/></References></Envelope>';

async function tar(files: Readonly<Record<string, string | Buffer>>): Promise<Buffer> {
  const archive = pack();
  for (const [name, content] of Object.entries(files)) archive.entry({ name }, content);
  archive.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of archive as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
const digest = (algorithm: string, content: Buffer) => createHash(algorithm).update(content).digest('hex');

describe.each(DOORS)('an .ova put into an ovf item %s', (_, open) => {
  it.each(['memory', 'a store'])('should become its members, kept in %s', async place => {
    const store = place === 'memory' ? undefined : join(root, `${count++}`);
    const door = await open({ store });
    const { library, bytes, simulator } = door;
    const ova = await tar({ './vm.ovf': DESCRIPTOR, './vm.mf': 'SHA1(disk1.vmdk)= 00', './disk1.vmdk': DISK });
    const { sessionId, uris } = await opened(door, { 'vm.ova': { size: ova.length } }, { type: 'ovf' });
    await bytes.push({ uri: uris['vm.ova']!, source: bytesOf(ova, 9), hash: [] });
    const listed = (await library.listFiles(sessionId)).map(({ name, status, size }) => [name, status, size]);
    expect(listed.sort()).toEqual([
      ['disk1.vmdk', 'READY', DISK.length],
      ['vm.mf', 'READY', 20],
      ['vm.ovf', 'READY', DESCRIPTOR.length]
    ]);
    expect(await library.validate(sessionId)).toEqual({ hasErrors: false, missing: [], invalid: [] });
    await library.complete(sessionId);
    const held = simulator.contents('item')!.files;
    expect(held.map(({ name }) => name).sort()).toEqual(['disk1.vmdk', 'vm.ovf']);
    const disk = held.find(({ name }) => name === 'disk1.vmdk')!;
    expect(disk.kept).toBe(true);
    expect(Buffer.from((await disk.read())!).equals(DISK)).toBe(true);
    expect(Buffer.from((await disk.read(5, 4))!).toString()).toBe('disk');
    expect(disk.digests).toEqual([
      { algorithm: 'SHA1', checksum: digest('SHA1', DISK) },
      { algorithm: 'SHA256', checksum: digest('SHA256', DISK) }
    ]);
    await library.deleteItem(simulator.contents('item')!.id);
    if (store !== undefined) expect(readdirSync(join(store, 'blobs'))).toEqual([]);
    await door.close();
  });

  it('should be an error of the file when it is no archive, or too large to be looked into', async () => {
    const door = await open({ memoryCap: 100_000 });
    const ova = await tar({ 'vm.ovf': DESCRIPTOR, 'disk1.vmdk': DISK });
    for (const [content, reason] of [
      [Buffer.from('not a tar'), 'cannot be used'],
      [ova, 'more than the simulator may hold']
    ] as const) {
      const item = { type: 'ovf', name: `item ${reason}` };
      const { sessionId, uris } = await opened(door, { 'vm.ova': {} }, item);
      const failure = await failureOf(door.bytes.push({ uri: uris['vm.ova']!, source: bytesOf(content), hash: [] }));
      expect(failure?.service?.messages[0]?.default_message).toContain(reason);
      expect((await door.library.getFile(sessionId, 'vm.ova')).status).toBe('ERROR');
    }
    expect((await door.library.listLibraries()).length).toBe(1);
    await door.close();
  });

  it('should be no different from its members put one by one', async () => {
    const door = await open();
    const files = { 'vm.mf': { size: 0 }, 'vm.ovf': {} };
    const { sessionId, uris } = await opened(door, files, { type: 'ovf' });
    await door.bytes.push({ uri: uris['vm.mf']!, source: bytesOf(''), hash: [] });
    await door.bytes.push({ uri: uris['vm.ovf']!, source: bytesOf(DESCRIPTOR, 3), hash: [] });
    expect((await door.library.validate(sessionId)).missing).toEqual(['disk1.vmdk']);
    const { uploadUri } = await door.library.addFile(sessionId, { name: 'disk1.vmdk', sourceType: 'PUSH' });
    await door.bytes.push({ uri: uploadUri!, source: bytesOf(DISK), hash: [] });
    expect((await door.library.validate(sessionId)).hasErrors).toBe(false);
    await door.close();
  });

  it('should stay an archive in an item of another type', async () => {
    const door = await open();
    const ova = await tar({ 'vm.ovf': DESCRIPTOR });
    const { sessionId, uris } = await opened(door, { 'vm.ova': {} });
    await door.bytes.push({ uri: uris['vm.ova']!, source: bytesOf(ova), hash: [] });
    expect((await door.library.listFiles(sessionId)).map(({ name }) => name)).toEqual(['vm.ova']);
    await door.close();
  });

  it('should keep only digests of what goes beyond the memory that it may use', async () => {
    const door = await open({ memoryCap: 100 });
    const { sessionId, uris } = await opened(door, { small: {}, big: {} });
    await door.bytes.push({ uri: uris.small!, source: bytesOf('x'.repeat(60)), hash: [] });
    await door.bytes.push({ uri: uris.big!, source: bytesOf('y'.repeat(60)), hash: [] });
    await door.library.complete(sessionId);
    const [small, big] = ['small', 'big'].map(
      name => door.simulator.contents('item')!.files.find(file => file.name === name)!
    );
    expect([small?.kept, big?.kept, big?.size]).toEqual([true, false, 60]);
    expect(await big?.read()).toBeUndefined();
    expect(big?.digests[0]).toEqual({ algorithm: 'SHA1', checksum: digest('SHA1', Buffer.from('y'.repeat(60))) });
    await door.close();
  });
});
