import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { inflateSync } from 'node:zlib';
import { extract } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { makeOva } from '../../src/cli/demo-ova.ts';
import { plan } from '../../src/plan.ts';
import { checkSpec } from '../../src/spec.ts';
import { testFolder } from './folder.ts';

const folder = testFolder();
const MEBI = 1024 * 1024;
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

async function members(path: string): Promise<{ name: string; content: Buffer }[]> {
  const extractor = extract();
  extractor.end(readFileSync(path));
  const found: { name: string; content: Buffer }[] = [];
  for await (const each of extractor) {
    const chunks: Buffer[] = [];
    for await (const chunk of each) chunks.push(chunk as Buffer);
    found.push({ name: each.header.name, content: Buffer.concat(chunks) });
  }
  return found;
}

/** Reads a streamOptimized VMDK as its specification says, from the footer backwards: the content of the virtual disk. */
function readDisk(vmdk: Buffer): Buffer {
  const sector = (at: number, count = 1): Buffer => vmdk.subarray(at * 512, (at + count) * 512);
  const last = vmdk.length / 512;
  expect(sector(last - 1).every(byte => byte === 0)).toBe(true);
  const footer = sector(last - 2);
  expect([sector(last - 3).readUInt32LE(8), sector(last - 3).readUInt32LE(12)]).toEqual([0, 3]);
  expect(footer.subarray(0, 4).toString()).toBe('KDMV');
  // The header is the footer but for the place of the grain directory.
  const header = Buffer.from(sector(0));
  expect(header.readBigUInt64LE(56)).toBe(0xffff_ffff_ffff_ffffn);
  footer.copy(header, 56, 56, 64);
  expect(header.equals(footer)).toBe(true);
  const capacity = Number(footer.readBigUInt64LE(12));
  const grainSectors = Number(footer.readBigUInt64LE(20));
  const tableEntries = footer.readUInt32LE(44);
  const directory = Number(footer.readBigUInt64LE(56));
  const grains: Buffer[] = [];
  for (let lba = 0; lba < capacity; lba += grainSectors) {
    const index = lba / grainSectors;
    const table = vmdk.readUInt32LE(directory * 512 + 4 * Math.floor(index / tableEntries));
    expect([sector(table - 1).readBigUInt64LE(0), sector(table - 1).readUInt32LE(12)]).toEqual([4n, 1]);
    const at = vmdk.readUInt32LE(table * 512 + 4 * (index % tableEntries)) * 512;
    expect(Number(vmdk.readBigUInt64LE(at))).toBe(lba);
    grains.push(inflateSync(vmdk.subarray(at + 12, at + 12 + vmdk.readUInt32LE(at + 8))));
  }
  return Buffer.concat(grains);
}

describe('the OVA of the demo', () => {
  it('should be valid in each of its formats: tar, manifest, descriptor and disk', async () => {
    const { path, files } = await makeOva(folder.path, { name: 'demo', seed: 1, diskBytes: 33 * MEBI + 1 });
    const found = await members(path);
    expect(found.map(({ name, content }) => ({ name, size: content.length, sha256: sha256(content) }))).toEqual(files);
    expect(files.map(file => file.name)).toEqual(['demo.ovf', 'demo.mf', 'demo-disk1.vmdk']);
    const planned = await plan(checkSpec({ to: 'l', files: [path] }));
    expect(planned.files.map(file => [file.role, file.name, file.digest?.checksum])).toEqual([
      ['manifest', 'demo.mf', undefined],
      ['descriptor', 'demo.ovf', files[0]?.sha256],
      ['disk', 'demo-disk1.vmdk', files[2]?.sha256]
    ]);
    const vmdk = found[2]?.content as Buffer;
    const disk = readDisk(vmdk);
    expect(disk.length).toBe(33 * MEBI + 65_536);
    expect(vmdk.subarray(512, 20 * 512).toString()).toContain(`RW ${disk.length / 512} SPARSE "demo-disk1.vmdk"`);
    expect(found[0]?.content.toString()).toContain(`ovf:capacity="${disk.length}"`);
    // Not to be squeezed: every byte value is as frequent as the others, within 5 %.
    const counts = new Uint32Array(256);
    for (const byte of disk) counts[byte] = (counts[byte] as number) + 1;
    const mean = disk.length / 256;
    expect(counts.every(count => Math.abs(count - mean) < mean / 20)).toBe(true);
  });

  it('should be the same for the same seed, and another for another', async () => {
    const make = async (sub: string, seed: number) => {
      folder.put(`${sub}/x`, '');
      return sha256(readFileSync((await makeOva(folder.sub(sub).path, { name: 'tiny', seed, diskBytes: 0 })).path));
    };
    const first = await make('a', 7);
    expect(await make('b', 7)).toBe(first);
    expect(await make('c', 8)).not.toBe(first);
  });
});
