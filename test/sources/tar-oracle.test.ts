import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { extract, pack } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import type { PortFailure } from '../../src/ports.ts';
import { indexTar, type TarEntry } from '../../src/tar/index-tar.ts';
import { failureOf } from './fails-with.ts';
import { bytes, concat, entry, header, pax, paxRecord, readerOf } from './tar-maker.ts';

const index = async (archive: Uint8Array): Promise<readonly TarEntry[]> =>
  (await indexTar(readerOf(archive).read, archive.length, 'a.ova')).entries;
const contentOf = (archive: Uint8Array, { offset, size }: TarEntry): string =>
  Buffer.from(archive.subarray(offset, offset + size)).toString('latin1');

interface OracleFile {
  name: string;
  content: Buffer;
}
const fileName = fc
  .array(fc.constantFrom(...'abcdefghijklmnopqrstuvwxyzäöüß日本0123456789-_. ()'), { minLength: 1, maxLength: 180 })
  .map(parts => parts.join(''))
  .filter(name => !/^\.+$/.test(name));
const files = fc.uniqueArray(
  fc.record({ name: fileName, content: fc.integer({ min: 0, max: 3000 }).map(size => randomBytes(size)) }),
  { minLength: 1, maxLength: 6, selector: file => file.name.normalize('NFC') }
);

async function packed(list: readonly OracleFile[]): Promise<Uint8Array> {
  const packer = pack();
  for (const { name, content } of list) packer.entry({ name }, content);
  packer.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of packer) chunks.push(chunk as Buffer);
  return concat(...chunks);
}

async function unpacked(archive: Uint8Array): Promise<OracleFile[]> {
  const found: OracleFile[] = [];
  // Its types do not know the option yet.
  const options: object = { allowUnknownFormat: true };
  const extractor = extract(options);
  extractor.end(Buffer.from(archive));
  for await (const each of extractor) {
    const chunks: Buffer[] = [];
    for await (const chunk of each) chunks.push(chunk as Buffer);
    found.push({ name: each.header.name, content: Buffer.concat(chunks) });
  }
  return found;
}

describe('beside another implementation', () => {
  it('should find in every archive of tar-stream what tar-stream put there', async () => {
    await fc.assert(
      fc.asyncProperty(files, async list => {
        const archive = await packed(list);
        const entries = await index(archive);
        expect(entries.map(each => [each.name, contentOf(archive, each)])).toEqual(
          list.map(file => [file.name, file.content.toString('latin1')])
        );
      }),
      { numRuns: 100 }
    );
  });

  it('should never see another archive than tar-stream does, whatever bytes are changed', async () => {
    let taken = 0;
    const base = await packed([
      { name: 'a.ovf', content: Buffer.from('descriptor') },
      { name: `${'long'.repeat(40)}ä.vmdk`, content: randomBytes(700) }
    ]);
    const change = fc.record({ at: fc.nat(base.length - 1), to: fc.integer({ min: 0, max: 255 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), fc.boolean(), async (changes, mended) => {
        const archive = base.slice();
        for (const { at, to } of changes) archive[at] = to;
        if (mended) mendChecksums(archive);
        let entries: readonly TarEntry[];
        try {
          entries = await index(archive);
        } catch (error) {
          expect((error as PortFailure).failure.code).toBe('SOURCE_INVALID');
          return;
        }
        taken += 1;
        const seen = entries.map(each => [each.name, contentOf(archive, each)]);
        expect(seen).toEqual((await unpacked(archive)).map(file => [file.name, file.content.toString('latin1')]));
      }),
      { numRuns: 600 }
    );
    expect(taken).toBeGreaterThan(60);
  });

  it('should end with an index or a declared failure for any bytes at all', async () => {
    const blocks = fc.array(
      fc.oneof(
        fc.uint8Array({ minLength: 0, maxLength: 700 }),
        fc.constantFrom(new Uint8Array(512), header({ name: 'a', size: 700 }), entry(pax({ path: 'p', size: '3' }))),
        fc.record({ type: fc.constantFrom(...'0125xgLKS7Z'), size: fc.nat(2000) }).map(made => header(made)),
        fc.string({ maxLength: 30 }).map(body => entry({ type: 'x', body })),
        fc.constant(paxRecord('path', 'q'))
      ),
      { maxLength: 8 }
    );
    await fc.assert(
      fc.asyncProperty(blocks, async parts => {
        const archive = concat(...parts);
        const ended = await failureOf(() => index(archive));
        expect(['SOURCE_INVALID', 'INTERNAL']).toContain(ended.code);
        if (ended.code === 'INTERNAL') expect(ended.message).toBe('it did not fail');
      }),
      { numRuns: 500 }
    );
  });
});

/** Makes the checksums of the base archive's headers right again, so that changes get past them. */
function mendChecksums(archive: Uint8Array): void {
  for (let at = 0; at + 512 <= archive.length; at += 512) {
    if (Buffer.from(archive.subarray(at + 257, at + 262)).toString('latin1') !== 'ustar') continue;
    archive.fill(0x20, at + 148, at + 156);
    const sum = archive.subarray(at, at + 512).reduce((total, byte) => total + byte, 0);
    archive.set(bytes(`${sum.toString(8).padStart(6, '0')}\0 `), at + 148);
  }
}
