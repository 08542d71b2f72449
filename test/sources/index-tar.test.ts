import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { extract, pack } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { failure } from '../../machines/vocabulary.ts';
import { PortFailure } from '../../src/ports.ts';
import { indexTar, MAX_ENTRIES, MAX_EXTENDED_BYTES, type TarEntry } from '../../src/tar/index-tar.ts';
import { failureOf } from './fails-with.ts';
import { base256, bytes, concat, entry, header, type Made, pax, paxRecord, readerOf, tar } from './tar-maker.ts';

const index = async (archive: Uint8Array): Promise<readonly TarEntry[]> =>
  (await indexTar(readerOf(archive).read, archive.length, 'a.ova')).entries;
const contentOf = (archive: Uint8Array, { offset, size }: TarEntry): string =>
  Buffer.from(archive.subarray(offset, offset + size)).toString('latin1');

describe('the index of a tar', () => {
  it('should find every file with its place and size', async () => {
    const archive = tar(
      { name: 'a.ovf', body: 'abc' },
      { name: 'a.mf', body: '' },
      { name: 'd.vmdk', body: 'x'.repeat(513) }
    );
    expect(await index(archive)).toEqual([
      { name: 'a.ovf', offset: 512, size: 3 },
      { name: 'a.mf', offset: 1536, size: 0 },
      { name: 'd.vmdk', offset: 2048, size: 513 }
    ]);
  });

  it('should join the ustar prefix, and not mistake what GNU tar keeps there for one', async () => {
    const [posix, gnu] = [
      tar({ name: 'a'.repeat(100), prefix: 'p/q' }),
      tar({ name: 'a', prefix: '13371', magic: 'ustar  \0' })
    ];
    expect((await index(posix)).map(each => each.name)).toEqual([`p/q/${'a'.repeat(100)}`]);
    expect((await index(gnu)).map(each => each.name)).toEqual(['a']);
  });

  it('should take archives from before ustar', async () => {
    const archive = tar({ name: 'dir/', magic: V7, type: '\0' }, { name: 'a', magic: V7, type: '\0', body: 'x' });
    expect(await index(archive)).toEqual([{ name: 'a', offset: 1024, size: 1 }]);
  });

  it('should drop ./ and pass over folders', async () => {
    const archive = tar({ name: './', type: '5' }, { name: './a' }, { name: '././/b/./c' }, { name: 'b', type: '5' });
    expect((await index(archive)).map(each => each.name)).toEqual(['a', 'b/c']);
  });

  it('should take GNU long names, with and without their NUL', async () => {
    const long = `${'n'.repeat(150)}.vmdk`;
    const archive = tar(
      { type: 'L', body: `${long}\0` },
      { name: 'cut' },
      { type: 'L', body: `2${long}` },
      { name: 'cut' }
    );
    expect((await index(archive)).map(each => each.name)).toEqual([long, `2${long}`]);
  });

  it('should let a local extended header go before a global one, and both before the header', async () => {
    const archive = tar(
      pax({ size: '4', mtime: '1', path: 'g' }, 'g'),
      { name: 'a', size: 0, body: 'abcd' },
      pax({ path: 'long', size: '2' }),
      { name: 'b', size: 7, body: 'ef' },
      pax({ path: '', size: '' }),
      { name: 'c', body: 'ghi' }
    );
    const entries = await index(archive);
    expect(entries.map(each => [each.name, contentOf(archive, each)])).toEqual([
      ['g', 'abcd'],
      ['long', 'ef'],
      ['c', 'ghi']
    ]);
  });

  it('should take a name that both kinds of long names agree on', async () => {
    const archive = tar({ type: 'L', body: 'one' }, pax({ path: 'one' }), { name: 'x' });
    expect((await index(archive)).map(each => each.name)).toEqual(['one']);
  });

  it('should read sizes in base 256, in octal with spaces, and without digits', async () => {
    const archive = tar(
      { name: 'a', size: base256(3), body: 'abc' },
      { name: 'b', size: '         4 \0', body: 'abcd' },
      { name: 'c', size: ' '.repeat(12) },
      { name: 'd', size: '00000000003', body: 'abc' }
    );
    expect((await index(archive)).map(each => each.size)).toEqual([3, 4, 0, 3]);
  });

  it('should take one block of zeros as the end mark, and padding behind it', async () => {
    const archive = entry({ name: 'a', body: 'x' });
    for (const zeros of [512, 1024, 10_240, 700]) {
      expect(await index(concat(archive, new Uint8Array(zeros)))).toEqual([{ name: 'a', offset: 512, size: 1 }]);
    }
  });

  it('should index an OVA of 14 GiB with one read a header, whatever its disks weigh', async () => {
    const disk = 7 * 1024 ** 3;
    const blocks = new Map<number, Uint8Array>();
    let at = 0;
    for (const made of [
      { name: 'a.ovf', size: 5000 },
      { name: '1.vmdk', size: disk - 1 },
      { name: '2.vmdk', size: disk }
    ]) {
      blocks.set(at, header(made));
      at += 512 + Math.ceil(made.size / 512) * 512;
    }
    const reads: number[] = [];
    const read = async (offset: number, length: number): Promise<Uint8Array> => {
      reads.push(offset);
      return blocks.get(offset) ?? new Uint8Array(length);
    };
    const { entries } = await indexTar(read, at + 10_240);
    expect(entries.map(each => each.size)).toEqual([5000, disk - 1, disk]);
    expect(reads).toEqual([...blocks.keys(), at, at + 512]);
  });

  it('should take a file of more bytes than octal digits can say', async () => {
    const size = 12 * 1024 ** 3;
    const first = header({ name: 'big.vmdk', size: base256(size) });
    const read = async (offset: number, length: number) => (offset === 0 ? first : new Uint8Array(length));
    expect((await indexTar(read, size + 1536)).entries).toEqual([{ name: 'big.vmdk', offset: 512, size }]);
  });
});

const V7 = '';
const MEBI = MAX_EXTENDED_BYTES;
const HOSTILE: readonly [string, Uint8Array, string][] = [
  ['an empty file', new Uint8Array(), 'it is empty, not a tar archive'],
  ['zeros', new Uint8Array(1024), 'it holds no file'],
  ['text', bytes('x'.repeat(2000)), 'it is not a tar archive (the header checksum does not match)'],
  ['less than a block', bytes('PK'), 'it is cut short: at byte 0 a header should be'],
  ['only a folder', tar({ name: 'd', type: '5' }), 'it holds no file'],
  ['an absolute path', tar({ name: '/etc/passwd' }), 'entry "/etc/passwd" at byte 0: its name is an absolute path'],
  ['a way out', tar({ name: '../../x' }), 'entry "../../x" at byte 0: its name leads out of the archive'],
  [
    'a way out inside',
    tar({ name: 'a' }, { name: 'b/../../x' }),
    'entry "b/../../x" at byte 512: its name leads out of the archive'
  ],
  ['a backslash', tar({ name: '..\\win' }), 'entry "..\\\\win" at byte 0: its name holds a backslash'],
  ['a drive letter', tar({ name: 'C:x' }), 'entry "C:x" at byte 0: its name begins with a drive letter'],
  [
    'a NUL',
    tar(pax({ path: 'a\0b' }), { name: 'x' }),
    'entry "a\\u0000b" at byte 1024: its name holds a control character'
  ],
  [
    'a terminal escape',
    tar({ name: 'a\u001b[2J\u009b' }),
    'entry "a\\u001b[2J\\u009b" at byte 0: its name holds a control character'
  ],
  ['no name', tar({ name: '' }), 'entry "" at byte 0: it has no name'],
  ['a name of dots', tar({ name: './.' }), 'entry "./." at byte 0: it has no name'],
  [
    'a name of 4097',
    tar({ type: 'L', body: 'n'.repeat(4097) }, { name: 'x' }),
    `entry "${'n'.repeat(120)}…" at byte 5120: its name is longer than 4096 characters`
  ],
  [
    'a name that is not UTF-8',
    tar({ name: new Uint8Array([0xff, 0xfe]) }),
    'it is not a tar archive (the name is not UTF-8)'
  ],
  ['a prefix that is not UTF-8', concat(entry({ name: 'a' }), tarWithBadPrefix()), 'at byte 512 the name is not UTF-8'],
  ['a hard link', tar({ name: 'l', type: '1' }), 'entry "l" at byte 0: hard links are not taken, only files'],
  ['a symbolic link', tar({ name: 'l', type: '2' }), 'entry "l" at byte 0: symbolic links are not taken, only files'],
  ['a character device', tar({ name: 'l', type: '3' }), 'entry "l" at byte 0: devices are not taken, only files'],
  ['a block device', tar({ name: 'l', type: '4' }), 'entry "l" at byte 0: devices are not taken, only files'],
  ['a pipe', tar({ name: 'l', type: '6' }), 'entry "l" at byte 0: named pipes are not taken, only files'],
  ['a long link', tar({ name: 'l', type: 'K' }), 'entry "l" at byte 0: links are not taken, only files'],
  ['a sparse file', tar({ name: 'l', type: 'S' }), 'entry "l" at byte 0: sparse files are not taken, only files'],
  [
    'a sparse file by pax',
    tar(pax({ 'GNU.sparse.major': '1' }), { name: 'l' }),
    'entry "PaxHeader" at byte 0: sparse files are not taken'
  ],
  [
    'a volume',
    tar({ name: 'l', type: 'M' }),
    'entry "l" at byte 0: files that go on from another volume are not taken, only files'
  ],
  ['another type', tar({ name: 'l', type: 'Z' }), 'entry "l" at byte 0: entries of type "Z" are not taken, only files'],
  [
    'a folder with content',
    tar({ name: 'd', type: '5', body: 'x' }),
    'entry "d" at byte 0: it is a folder that has content'
  ],
  ['a name twice', tar({ name: 'a' }, { name: './a' }), 'entry "a" at byte 1024 occurs twice'],
  [
    'a name twice, composed otherwise',
    tar({ name: 'é' }, { name: 'e\u0301' }),
    'entry "e\u0301" at byte 1024 occurs twice'
  ],
  [
    'a wrong checksum',
    tar({ name: 'a' }, { name: 'b', checksum: '0000000\0' }),
    'at byte 512 the header checksum does not match'
  ],
  [
    'no checksum',
    tar({ name: 'a', checksum: 'zzzzzzzz' }),
    'it is not a tar archive (the header checksum does not match)'
  ],
  [
    'a header of another kind',
    tar({ name: 'a', magic: 'ustax' }),
    'it is not a tar archive (the header is of no known kind of tar)'
  ],
  [
    'a size of letters',
    tar({ name: 'a', size: 'zz' }),
    'it is not a tar archive (the size field is not a number of bytes)'
  ],
  [
    'a negative size',
    tar({ name: 'a', size: new Uint8Array(12).fill(255) }),
    'it is not a tar archive (the size field is not a number of bytes)'
  ],
  [
    'a size beyond all',
    tar({ name: 'a', size: new Uint8Array([0x80, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]) }),
    'it is not a tar archive (the size field is not a number of bytes)'
  ],
  [
    'a size beyond the file',
    tar({ name: 'a', size: 5000 }),
    'entry "a" at byte 0: it should have 5000 bytes, and the archive ends 3976 bytes too early'
  ],
  [
    'an extended size beyond the file',
    tar(pax({ size: '999999' }), { name: 'a' }),
    'entry "a" at byte 1024: it should have 999999 bytes, and the archive ends 998975 bytes too early'
  ],
  [
    'an extended size of letters',
    tar(pax({ size: '0x10' }), { name: 'a' }),
    'entry "a" at byte 1024: the size in its extended header is not a number of bytes'
  ],
  [
    'an extended size beyond all',
    tar(pax({ size: '9999999999999999' }), { name: 'a' }),
    'entry "a" at byte 1024: the size in its extended header is not a number of bytes'
  ],
  [
    'a cut in the content',
    tar({ name: 'a', body: 'x'.repeat(5000) }).subarray(0, 3000),
    'entry "a" at byte 0: it should have 5000 bytes, and the archive ends 2512 bytes too early'
  ],
  [
    'a cut one byte too early',
    tar({ name: 'a', body: 'five!' }).subarray(0, 516),
    'entry "a" at byte 0: it should have 5 bytes, and the archive ends 1 bytes too early'
  ],
  [
    'a cut in the padding',
    entry({ name: 'a', body: 'x' }).subarray(0, 600),
    'it is cut short: at byte 1024 a header should be'
  ],
  ['no end mark', entry({ name: 'a', body: 'x' }), 'it is cut short at byte 1024: its end mark is missing'],
  [
    'a cut in a header',
    concat(entry({ name: 'a' }), header({ name: 'b' }).subarray(0, 200)),
    'it is cut short: at byte 512 a header should be'
  ],
  [
    'another archive behind the end',
    concat(tar({ name: 'a' }), tar({ name: 'b' })),
    'something other than padding follows its end mark at byte 512'
  ],
  [
    'endless padding',
    concat(tar({ name: 'a' }), new Uint8Array(MEBI + 512)),
    `${MEBI + 1024} bytes follow its end mark at byte 512`
  ],
  [
    'an extended header of no file',
    tar({ name: 'a' }, pax({ path: 'b' })),
    'the header before byte 1536 belongs to no file'
  ],
  [
    'a long name of no file',
    tar({ name: 'a' }, { type: 'L', body: 'b' }),
    'the header before byte 1536 belongs to no file'
  ],
  [
    'two extended headers',
    tar(pax({ path: 'a' }), pax({ path: 'b' }), { name: 'c' }),
    'entry "PaxHeader" at byte 1024: two extended headers follow each other'
  ],
  [
    'two long names',
    tar({ type: 'L', body: 'a' }, { type: 'L', body: 'b' }, { name: 'c' }),
    'entry "file" at byte 1024: two long names follow each other'
  ],
  [
    'an empty long name',
    tar({ type: 'L' }, { name: 'c' }),
    'entry "file" at byte 0: the long name is empty or not UTF-8'
  ],
  [
    'a long name that is not UTF-8',
    tar({ type: 'L', body: new Uint8Array([0xff]) }, { name: 'c' }),
    'entry "file" at byte 0: the long name is empty or not UTF-8'
  ],
  [
    'two names',
    tar(pax({ path: 'a' }), { type: 'L', body: 'b' }, { name: 'c' }),
    'entry "c" at byte 2048: it has two names: "a" and "b"'
  ],
  [
    'an extended header too large',
    tar({ type: 'x', body: new Uint8Array(MEBI + 1) }, { name: 'c' }),
    `entry "file" at byte 0: extended headers have more than ${MEBI} bytes`
  ],
  [
    'many extended headers too large',
    tar(...twoLargeHeaders()),
    `entry "PaxHeader" at byte ${Math.ceil((600_000 + 18) / 512) * 512 + 1024}: extended headers have more than ${MEBI} bytes`
  ],
  [
    'a record without length',
    tar({ type: 'x', body: 'path=a\n' }, { name: 'c' }),
    'entry "file" at byte 0: an extended header record has no length'
  ],
  [
    'a record of ten digits',
    tar({ type: 'x', body: '0000000011 path=a\n' }, { name: 'c' }),
    'entry "file" at byte 0: an extended header record has no length'
  ],
  [
    'a record that only counts',
    tar({ type: 'x', body: '11' }, { name: 'c' }),
    'entry "file" at byte 0: an extended header record has no length'
  ],
  [
    'a record too long',
    tar({ type: 'x', body: '99 path=a\n' }, { name: 'c' }),
    'entry "file" at byte 0: an extended header record is cut short'
  ],
  [
    'a record too short',
    tar({ type: 'x', body: '1 path=a\n' }, { name: 'c' }),
    'entry "file" at byte 0: an extended header record is cut short'
  ],
  [
    'a record of length nothing',
    tar({ type: 'x', body: '9 path=a\n0 b=c\n' }, { name: 'c' }),
    'entry "file" at byte 0: an extended header record is cut short'
  ],
  [
    'a record without end',
    tar({ type: 'x', body: '9 path=ab' }, { name: 'c' }),
    'entry "file" at byte 0: an extended header record is cut short'
  ],
  [
    'a record without key',
    tar({ type: 'x', body: '5 =a\n' }, { name: 'c' }),
    'entry "file" at byte 0: an extended header record has no key'
  ],
  [
    'a key that is not UTF-8',
    tar({ type: 'x', body: concat(bytes('6 '), new Uint8Array([0xff]), bytes('=a\n')) }, { name: 'c' }),
    'entry "file" at byte 0: an extended header key is not UTF-8'
  ],
  [
    'a path that is not UTF-8',
    tar({ type: 'x', body: concat(bytes('9 path='), new Uint8Array([0xff]), bytes('\n')) }, { name: 'c' }),
    'entry "file" at byte 0: the extended header value of path is not UTF-8'
  ],
  [
    'too many files',
    tar(...Array.from({ length: MAX_ENTRIES + 1 }, (_, at) => ({ name: `f${at}` }))),
    `it has more than ${MAX_ENTRIES} entries`
  ],
  [
    'too many folders',
    tar(...Array.from({ length: 4 * MAX_ENTRIES + 2 }, (_, at) => ({ name: `d${at}`, type: '5' }))),
    `it has more than ${4 * MAX_ENTRIES} headers`
  ]
];

function tarWithBadPrefix(): Uint8Array {
  const block = header({ name: 'b' });
  block[345] = 0xff;
  const sum = block.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 0x20 : byte), 0);
  block.set(bytes(`${sum.toString(8).padStart(6, '0')}\0 `), 148);
  return concat(block, new Uint8Array(1024));
}
function twoLargeHeaders(): Made[] {
  const large = pax({ comment: 'x'.repeat(600_000) });
  return [large, { name: 'a' }, large, { name: 'b' }];
}

describe('a hostile or broken archive', () => {
  it.each(HOSTILE)('should be refused: %s', async (_what, archive, fault) => {
    expect(await failureOf(() => index(archive))).toEqual(
      failure('SOURCE_INVALID', `a.ova is not a package that can be used: ${fault}`)
    );
  });

  it('should be taken up to the last entry that is allowed', async () => {
    const made = Array.from({ length: MAX_ENTRIES }, (_, at) => ({ name: `f${at}` }));
    expect(await index(tar(...made))).toHaveLength(MAX_ENTRIES);
  });

  it('should say what could not be read, and pass on a failure that says so already', async () => {
    const archive = tar({ name: 'a' });
    const gone = new PortFailure(failure('SOURCE_CHANGED', 'gone'));
    const broken = (error: Error) => () => indexTar(() => Promise.reject(error), archive.length);
    expect(await failureOf(broken(new Error('EIO')))).toEqual(
      failure('SOURCE_UNREADABLE', 'the archive cannot be read at byte 0')
    );
    expect(await failureOf(broken(gone))).toEqual(gone.failure);
    expect(await failureOf(() => indexTar(async () => new Uint8Array(7), archive.length))).toEqual(
      failure('SOURCE_UNREADABLE', 'the archive gave 7 of 512 bytes at byte 0')
    );
  });
});

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
