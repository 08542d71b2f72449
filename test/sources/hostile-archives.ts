// Archives that must be refused: hostile ones, broken ones, and what is no archive at all.
import { MAX_ENTRIES, MAX_EXTENDED_BYTES } from '../../src/tar/index-tar.ts';
import { bytes, concat, entry, header, type Made, pax, tar } from './tar-maker.ts';

const MEBI = MAX_EXTENDED_BYTES;
/** What it is, the archive, and what is said of it. */
export const HOSTILE: readonly [string, Uint8Array, string][] = [
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
