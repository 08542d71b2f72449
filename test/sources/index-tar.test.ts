import { describe, expect, it } from 'vitest';
import { failure } from '../../machines/vocabulary.ts';
import { PortFailure } from '../../src/ports.ts';
import { indexTar, MAX_ENTRIES, type TarEntry } from '../../src/tar/index-tar.ts';
import { failureOf } from './fails-with.ts';
import { HOSTILE } from './hostile-archives.ts';
import { base256, concat, entry, header, pax, readerOf, tar } from './tar-maker.ts';

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
