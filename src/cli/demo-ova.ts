// Makes a real OVA for the demo: descriptor, manifest, and a disk of bytes that no link or disk can squeeze. The same name,
// seed and size give the same bytes. Written in one pass: all sizes are known beforehand, as nothing is compressed.
import { createCipheriv, createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { GRAIN_BYTES, StreamOptimizedLayout } from './demo-vmdk.ts';

export interface DemoOva {
  readonly path: string;
  /** The members, in the order of the archive. */
  readonly files: readonly { readonly name: string; readonly size: number; readonly sha256: string }[];
}

/**
 * Writes `folder/name.ova`: `name.ovf` (OVF 1.0), `name.mf` (SHA-256) and `name-disk1.vmdk` (streamOptimized).
 *
 * @param what.name of letters, digits, `.`, `_` and `-`
 * @param what.diskBytes of content on the virtual disk; taken up to whole grains of 64 KiB
 * @example `await makeOva(folder, { name: 'tiny', seed: 7, diskBytes: 1 << 20 })` writes `tiny.ova` of about 1 MiB.
 */
export async function makeOva(
  folder: string,
  what: { readonly name: string; readonly seed: number; readonly diskBytes: number }
): Promise<DemoOva> {
  const { name, seed } = what;
  const path = join(folder, `${name}.ova`);
  const grains = Math.max(1, Math.ceil(what.diskBytes / GRAIN_BYTES));
  const names = { ovf: `${name}.ovf`, mf: `${name}.mf`, vmdk: `${name}-disk1.vmdk` };
  const disk = new StreamOptimizedLayout(grains, packGrain(new Uint8Array(GRAIN_BYTES)).length, names.vmdk, seed);
  const ovf = Buffer.from(descriptorOf(name, names.vmdk, disk.size, grains * GRAIN_BYTES));
  const blank = '0'.repeat(64);
  const mfSize = manifestOf(names, blank, blank).length;
  const ovfAt = BLOCK;
  const mfAt = ovfAt + padded(ovf.length) + BLOCK;
  const vmdkAt = mfAt + padded(mfSize) + BLOCK;
  const handle = await open(path, 'w');
  try {
    const vmdkSha256 = await writeDisk(handle, vmdkAt, disk, seed);
    const ovfSha256 = sha256(ovf);
    const mf = manifestOf(names, ovfSha256, vmdkSha256);
    await put(handle, 0, tarHeader(names.ovf, ovf.length), ovf);
    await put(handle, mfAt - BLOCK, tarHeader(names.mf, mf.length), mf);
    await put(handle, vmdkAt - BLOCK, tarHeader(names.vmdk, disk.size));
    // Two blocks of zeros end a tar; what is skipped up to them is zeros, too.
    await handle.truncate(vmdkAt + padded(disk.size) + 2 * BLOCK);
    return {
      path,
      files: [
        { name: names.ovf, size: ovf.length, sha256: ovfSha256 },
        { name: names.mf, size: mf.length, sha256: sha256(mf) },
        { name: names.vmdk, size: disk.size, sha256: vmdkSha256 }
      ]
    };
  } finally {
    await handle.close();
  }
}

const BLOCK = 512;
/** Grains a write: some 4 MiB. */
const BATCH = 64;

/** Writes the disk from `at` on, and gives back its SHA-256. */
async function writeDisk(handle: FileHandle, at: number, disk: StreamOptimizedLayout, seed: number): Promise<string> {
  const hash = createHash('sha256');
  const random = randomBytes(seed);
  let next = at;
  let batch: Uint8Array[] = [];
  const flush = async (): Promise<void> => {
    for (const piece of batch) hash.update(piece);
    next = await put(handle, next, ...batch);
    batch = [];
  };
  batch.push(disk.head());
  for (let grain = 0; grain < disk.grains; grain += 1) {
    batch.push(...disk.grain(grain, packGrain(random(GRAIN_BYTES))));
    if (batch.length >= BATCH) await flush();
  }
  batch.push(...disk.tail());
  await flush();
  return hash.digest('hex');
}

/** zlib at level 0 stores: random bytes cannot be squeezed, and every grain comes out at the same size. */
function packGrain(content: Uint8Array): Uint8Array {
  return deflateSync(content, { level: 0 });
}

/** A key stream is random, fast, and the same for the same seed. */
function randomBytes(seed: number): (length: number) => Uint8Array {
  const key = createHash('sha256').update(`shelver demo ${seed}`).digest();
  const cipher = createCipheriv('aes-256-ctr', key, Buffer.alloc(16));
  return length => cipher.update(Buffer.alloc(length));
}

/** Writes pieces one after the other; gives back where they end. */
async function put(handle: FileHandle, at: number, ...pieces: Uint8Array[]): Promise<number> {
  const { bytesWritten } = await handle.writev(pieces, at);
  const due = pieces.reduce((sum, piece) => sum + piece.length, 0);
  if (bytesWritten !== due) throw new Error(`the disk took ${bytesWritten} of ${due} bytes`);
  return at + due;
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function padded(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK;
}

/** A ustar header of a regular file: owner 64:64 as ovftool writes it, and no date, so that the bytes are always the same. */
function tarHeader(name: string, size: number): Uint8Array {
  const octal = (value: number, length: number): string => `${value.toString(8).padStart(length - 1, '0')}\0`;
  const header = Buffer.alloc(BLOCK);
  const fields = [name, octal(0o644, 8), octal(64, 8), octal(64, 8), octal(size, 12), octal(0, 12), ' '.repeat(8), '0'];
  const places = [0, 100, 108, 116, 124, 136, 148, 156];
  for (const [index, field] of fields.entries()) header.write(field, places[index] as number, 'latin1');
  header.write('ustar\x0000', 257, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}

function manifestOf(names: { ovf: string; vmdk: string }, ovfSha256: string, vmdkSha256: string): Buffer {
  return Buffer.from(`SHA256(${names.ovf})= ${ovfSha256}\nSHA256(${names.vmdk})= ${vmdkSha256}\n`);
}

/** An envelope of one virtual machine with one disk (DSP0243 1.1.0; element order is that of its schema). */
function descriptorOf(name: string, vmdk: string, size: number, capacity: number): string {
  const item = (...parts: [string, string | number][]): string =>
    `      <Item>\n${parts.map(([tag, value]) => `        <rasd:${tag}>${value}</rasd:${tag}>\n`).join('')}      </Item>\n`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData" xmlns:vssd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <References>
    <File ovf:href="${vmdk}" ovf:id="file1" ovf:size="${size}"/>
  </References>
  <DiskSection>
    <Info>Virtual disk information</Info>
    <Disk ovf:capacity="${capacity}" ovf:capacityAllocationUnits="byte" ovf:diskId="vmdisk1" ovf:fileRef="file1" ovf:format="http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized" ovf:populatedSize="${capacity}"/>
  </DiskSection>
  <NetworkSection>
    <Info>The list of logical networks</Info>
    <Network ovf:name="VM Network">
      <Description>The VM Network network</Description>
    </Network>
  </NetworkSection>
  <VirtualSystem ovf:id="${name}">
    <Info>A virtual machine</Info>
    <Name>${name}</Name>
    <OperatingSystemSection ovf:id="101">
      <Info>The kind of installed guest operating system</Info>
      <Description>Other Linux (64-bit)</Description>
    </OperatingSystemSection>
    <VirtualHardwareSection>
      <Info>Virtual hardware requirements</Info>
      <System>
        <vssd:ElementName>Virtual Hardware Family</vssd:ElementName>
        <vssd:InstanceID>0</vssd:InstanceID>
        <vssd:VirtualSystemIdentifier>${name}</vssd:VirtualSystemIdentifier>
        <vssd:VirtualSystemType>vmx-13</vssd:VirtualSystemType>
      </System>
${[
  item(
    ['AllocationUnits', 'hertz * 10^6'],
    ['ElementName', '1 virtual CPU'],
    ['InstanceID', 1],
    ['ResourceType', 3],
    ['VirtualQuantity', 1]
  ),
  item(
    ['AllocationUnits', 'byte * 2^20'],
    ['ElementName', '256MB of memory'],
    ['InstanceID', 2],
    ['ResourceType', 4],
    ['VirtualQuantity', 256]
  ),
  item(
    ['Address', 0],
    ['ElementName', 'SCSI Controller 0'],
    ['InstanceID', 3],
    ['ResourceSubType', 'lsilogic'],
    ['ResourceType', 6]
  ),
  item(
    ['AddressOnParent', 0],
    ['ElementName', 'Hard disk 1'],
    ['HostResource', 'ovf:/disk/vmdisk1'],
    ['InstanceID', 4],
    ['Parent', 3],
    ['ResourceType', 17]
  ),
  item(
    ['AddressOnParent', 7],
    ['AutomaticAllocation', 'true'],
    ['Connection', 'VM Network'],
    ['ElementName', 'Network adapter 1'],
    ['InstanceID', 5],
    ['ResourceSubType', 'E1000'],
    ['ResourceType', 10]
  )
].join('')}    </VirtualHardwareSection>
  </VirtualSystem>
</Envelope>
`;
}
