// What is to be moved: files on the disk of the one who calls, what the server holds before, and what must be there afterwards.
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pack } from 'tar-stream';
import type { Workflow } from './plan.ts';

export type Held = Readonly<Record<string, Buffer>>;

/** One item: what it holds before (absent: there is none), and what it must hold when all has gone well. */
export interface Item {
  readonly name: string;
  readonly before?: Held;
  readonly after: Held;
}

export interface Goods {
  /** The words of the command, from the folder that the files lie in. */
  readonly words: readonly string[];
  readonly items: readonly Item[];
  /** What the folder `to` must hold afterwards. */
  readonly fetched?: Held;
  /** What can be pulled from elsewhere, by name. */
  readonly elsewhere: Held;
  /** All bytes that go over the wire. */
  readonly bytes: number;
}

/** Bytes a second that the server takes or gives of one file. */
export const BANDWIDTH = 400_000;
/** Where all but many go to. */
export const PLACE = 'images/fox';
const SIZES = { small: [1_000, 30_000], large: [120_000, 200_000] } as const;

/** Another upload that comes into the item. */
export const OTHER: Held = { 'other.bin': bytesOf('other', 5_000) };

/** Bytes that a file of one size has more than one of the other. */
export const DIFFERENCE = SIZES.large[1] - SIZES.small[1];

/** @param origin where `elsewhere` can be pulled from */
export async function goodsIn(
  folder: string,
  workflow: Workflow,
  size: keyof typeof SIZES,
  origin: string
): Promise<Goods> {
  mkdirSync(join(folder, 'to'), { recursive: true });
  const [less, more] = SIZES[size];
  const plain: Held = { 'one.bin': bytesOf('one', more), 'two.bin': bytesOf('two', less) };
  const write = (held: Held): string[] => {
    for (const [name, bytes] of Object.entries(held)) writeFileSync(join(folder, name), bytes);
    return Object.keys(held);
  };
  write(OTHER);
  const upload = (held: Held, words: readonly string[], item: Omit<Item, 'name'>): Goods => ({
    words: ['upload', ...words],
    items: [{ name: 'fox', ...item }],
    elsewhere: {},
    bytes: total(held)
  });
  switch (workflow) {
    case 'new':
      return upload(plain, [...write(plain), PLACE], { after: plain });
    case 'into': {
      const before = { 'one.bin': bytesOf('old', less), 'kept.bin': bytesOf('kept', less) };
      return upload(plain, [...write(plain), PLACE], { before, after: { ...before, ...plain } });
    }
    case 'replace': {
      const before = { 'one.bin': bytesOf('old', less), 'gone.bin': bytesOf('gone', less) };
      return upload(plain, [...write(plain), PLACE, '--if-exists', 'replace'], { before, after: plain });
    }
    case 'ovf': {
      const { kept, manifest } = packageOf(less, more);
      write({ ...kept, 'fox.mf': manifest });
      return upload(kept, ['fox.ovf', PLACE], { after: kept });
    }
    case 'ova': {
      const { kept, manifest } = packageOf(less, more);
      writeFileSync(join(folder, 'fox.ova'), await archiveOf(kept, manifest));
      return upload(kept, ['fox.ova', PLACE], { after: kept });
    }
    case 'pull': {
      const [name, bytes] = ['one.bin', plain['one.bin']!];
      const words = ['--pull', `${origin}/${name}`, '--checksum', `sha256:${sha256(bytes)}`, PLACE];
      return { ...upload({ [name]: bytes }, words, { after: { [name]: bytes } }), elsewhere: plain };
    }
    case 'pulls': {
      const pulls = Object.keys(plain).flatMap(name => ['--pull', `${origin}/${name}`]);
      return { ...upload(plain, [...pulls, PLACE], { after: plain }), elsewhere: plain };
    }
    case 'many': {
      const many = Object.fromEntries(
        ['a', 'b', 'c', 'd', 'e', 'f'].map(name => [`${name}.bin`, bytesOf(name, Math.floor(more / 2))])
      );
      const items = Object.entries(many).map(([name, bytes]) => ({
        name: name.slice(0, 1),
        after: { [name]: bytes }
      }));
      const words = ['upload', ...write(many), 'images', '--parallel-items', '3'];
      return { words, items, elsewhere: {}, bytes: total(many) };
    }
    case 'download': {
      const items = [{ name: 'fox', before: plain, after: plain }];
      return { words: ['download', PLACE, 'to'], items, fetched: plain, elsewhere: {}, bytes: total(plain) };
    }
  }
}

/** Bytes that nothing squeezes, the same for the same name. */
function bytesOf(name: string, size: number): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < size; at += 64) parts.push(createHash('sha512').update(`${name} ${at}`).digest());
  return Buffer.concat(parts).subarray(0, size);
}

function total(held: Held): number {
  return Object.values(held).reduce((sum, { length }) => sum + length, 0);
}

/** What an item keeps of a package: manifest and certificate are only looked at. */
function packageOf(less: number, more: number): { kept: Held; manifest: Buffer } {
  const disks = { 'fox-disk1.vmdk': bytesOf('disk1', more), 'fox-disk2.vmdk': bytesOf('disk2', less) };
  const references = Object.entries(disks).map(
    ([name, { length }], index) => `    <File ovf:href="${name}" ovf:id="file${index}" ovf:size="${length}"/>\n`
  );
  const descriptor = Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1">
  <References>
${references.join('')}  </References>
  <VirtualSystem ovf:id="fox">
    <Info>A virtual machine</Info>
  </VirtualSystem>
</Envelope>
`);
  const kept: Held = { 'fox.ovf': descriptor, ...disks };
  const lines = Object.entries(kept).map(([name, bytes]) => `SHA256(${name})= ${sha256(bytes)}\n`);
  return { kept, manifest: Buffer.from(lines.join('')) };
}

async function archiveOf(kept: Held, manifest: Buffer): Promise<Buffer> {
  const { 'fox.ovf': descriptor, ...disks } = kept;
  const archive = pack();
  for (const [name, bytes] of Object.entries({ 'fox.ovf': descriptor!, 'fox.mf': manifest, ...disks })) {
    archive.entry({ name }, bytes);
  }
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
