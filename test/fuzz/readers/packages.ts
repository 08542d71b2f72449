import fc from 'fast-check';
import { type Files, PortFailure, type SeekableSource } from '../../../src/ports.ts';
import { bytesSource } from '../../../src/sources/bytes-source.ts';
import { parseReferences } from '../../../src/sources/descriptor.ts';
import { parseManifest } from '../../../src/sources/manifest.ts';
import { planOva } from '../../../src/sources/ova.ts';
import { planOvf } from '../../../src/sources/ovf.ts';
import { indexTar, MAX_ENTRIES } from '../../../src/tar/index-tar.ts';
import { failure } from '../../../machines/vocabulary.ts';
import { type Made, pax, readerOf, tar } from '../../sources/tar-maker.ts';
import { almostBytes, almostText, inPieces, longText, UNITS } from '../mutate-bytes.ts';
import { portFailure, type Reader, reader } from '../reader.ts';

const invalid = portFailure('SOURCE_INVALID');

export const name = fc.oneof(
  fc.constantFrom('a.vmdk', 'disk%201.vmdk', './b.iso', 'é.vmdk', 'a(1).vmdk', 'c:d', '../x', 'con', '.', '', 'x '),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 300 })
);
const quoted = (text: string): string => text.replace(/[&<"]/g, char => `&#${char.charCodeAt(0)};`);

const file = fc
  .record({
    href: name,
    size: fc.constantFrom('', ' ovf:size="0"', ' size="70144"', ' ovf:size="-1"', ' a:size="1e3"')
  })
  .map(({ href, size }) => `<File ovf:id="f" ovf:href="${quoted(href)}"${size}/>`);
export const descriptor = fc
  .tuple(
    fc.array(file, { maxLength: 4 }),
    fc.constantFrom('', '<!-- x -->', '<DiskSection><Info>&amp;</Info></DiskSection>')
  )
  .map(
    ([files, more]) =>
      `<?xml version="1.0"?>\n<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="o"><References>${files.join('')}</References>${more}</Envelope>`
  );

const digits = fc.constantFrom(
  'da39a3ee5e6b4b0d3255bfef95601890afd80709',
  'D41D8CD98F00B204E9800998ECF8427E',
  'e3b0',
  'zz'
);
export const manifest = fc
  .array(fc.tuple(fc.constantFrom('SHA1', 'sha-256', 'MD5', 'SHA384', ''), name, digits), { maxLength: 5 })
  .map(lines => lines.map(([algorithm, its, hex]) => `${algorithm}(${its})= ${hex}\n`).join(''));

const entry: fc.Arbitrary<Made> = fc.oneof(
  fc.record(
    {
      name,
      type: fc.constantFrom('0', '0', '0', '5', '1', '2', 'L', 'x', 'g', 'K', 'S', '\0', '7', '\u001b'),
      body: fc.oneof(fc.constantFrom('', 'x', 'x'.repeat(513)), descriptor, manifest),
      size: fc.oneof(fc.nat(2_000), fc.constantFrom('77777777777\0', 'zz', ' 0 ')),
      prefix: fc.constantFrom('', 'p'),
      magic: fc.constantFrom('ustar\x0000', 'ustar  \0', '\0\0\0\0\0\0', 'ustax')
    },
    { requiredKeys: ['name'], noNullPrototype: true }
  ),
  fc
    .dictionary(
      fc.constantFrom('path', 'size', 'GNU.sparse.major', 'mtime', '__proto__'),
      fc.oneof(name, fc.constantFrom('7', '1e9'))
    )
    .map(records => pax(records))
);
export const archive = fc.array(entry, { maxLength: 5 }).map(entries => tar(...entries));
const ova = fc
  .tuple(descriptor, fc.option(manifest), fc.array(name, { maxLength: 3 }))
  .map(([its, mf, names]) =>
    tar(
      { name: 'a.ovf', body: its },
      ...(mf === null ? [] : [{ name: 'a.mf', body: mf }]),
      ...names.map(each => ({ name: each, body: 'x' }))
    )
  );

/** So many reads an entry may cost, whatever the archive says of itself: header, long name, extended header. */
const MOST_READS = 8 * MAX_ENTRIES + 10;

/** Files in memory, of which each can be read anywhere. */
function filesOf(contents: ReadonlyMap<string, Uint8Array>): Files {
  const open = async (path: string): Promise<SeekableSource> => {
    const bytes = contents.get(path);
    if (bytes === undefined) throw new PortFailure(failure('SOURCE_UNREADABLE', 'there is no such file'));
    return {
      ...bytesSource(bytes),
      range: (start, end) => bytesSource(bytes.subarray(start, end)),
      reading: use => use(readerOf(bytes).read)
    };
  };
  return { open, exists: async path => contents.has(path) };
}

const bytesOf = (text: fc.Arbitrary<string>): fc.Arbitrary<Uint8Array> =>
  text.map(its => new TextEncoder().encode(its));
const XML_AROUND = [
  ['', ''],
  ['<Envelope><References><File href="', '"/></References></Envelope>'],
  ['<Envelope>', '</Envelope>'],
  ['<Envelope ', '/>'],
  ['<Envelope><!--', '--></Envelope>']
] as const;
export const XML_UNITS = [
  '<a>',
  '</a>',
  '<a/>',
  '<array-item/>',
  '<a b="c"/>',
  '<a b="/>">',
  '<!--',
  '<!---->',
  ']]>',
  '<![CDATA[',
  '&amp;',
  '&',
  ' a=""',
  ...UNITS
];

export const packageReaders: readonly Reader[] = [
  reader({
    name: 'OVF descriptor',
    covers: ['src/sources/descriptor.ts', 'src/sources/nesting.ts'],
    inputs: {
      structured: bytesOf(descriptor),
      bytes: almostBytes(bytesOf(descriptor)),
      long: bytesOf(longText(XML_UNITS, XML_AROUND))
    },
    read: bytes => parseReferences(bytes, 'a.ovf'),
    declared: invalid
  }),
  reader({
    name: 'manifest',
    covers: ['src/sources/manifest.ts', 'src/sources/checksum.ts'],
    inputs: {
      structured: manifest,
      bytes: almostText(manifest),
      long: longText(
        ['SHA1(a)= ', ...UNITS],
        [
          ['', ''],
          ['SHA1(', ''],
          ['SHA1(a)=', ''],
          ['', ')= aa']
        ]
      )
    },
    read: text => parseManifest(text, 'a.mf'),
    declared: invalid
  }),
  reader({
    name: 'tar index',
    covers: ['src/tar/index-tar.ts', 'src/tar/tar-header.ts', 'src/tar/extended-header.ts'],
    inputs: {
      structured: archive,
      bytes: almostBytes(archive),
      long: fc.oneof(
        fc
          .constantFrom('x', 'g', 'L', '5')
          .map(type => tar(...Array.from({ length: 9_000 }, () => ({ name: 'a', type })))),
        fc.constant(tar(...Array.from({ length: 1_000 }, (_, at) => ({ name: `${at}`, body: 'x' })))),
        fc.constant(tar({ name: 'a', type: 'x', body: '11 path=aa\n'.repeat(90_000) }, { name: 'b' }))
      )
    },
    read: async bytes => {
      const { read, ...counted } = readerOf(bytes);
      let reads = 0;
      const counting = (at: number, length: number): Promise<Uint8Array> => {
        reads += 1;
        return read(at, length);
      };
      const index = await indexTar(counting, bytes.length).catch((cause: unknown) => {
        if (reads > MOST_READS) throw new Error(`${reads} reads`);
        throw cause;
      });
      return { ...counted, ...index, reads };
    },
    declared: invalid,
    check: ({ entries, reads }, bytes) => {
      if (reads > MOST_READS) return `it reads ${reads} times`;
      const out = entries.find(({ offset, size }) => offset < 512 || offset + size > bytes.length || size < 0);
      return out && `the entry ${out.name} lies outside of the archive`;
    }
  }),
  reader({
    name: 'OVA package',
    covers: ['src/sources/ova.ts', 'src/sources/package.ts', 'src/sources/bytes-source.ts'],
    inputs: { structured: ova, bytes: almostBytes(ova) },
    read: bytes => planOva('dir/a.ova', filesOf(new Map([['dir/a.ova', bytes]]))),
    declared: portFailure('SOURCE_INVALID', 'SOURCE_DISAGREES', 'SOURCE_UNREADABLE')
  }),
  reader({
    name: 'OVF package in a folder',
    covers: ['src/sources/ovf.ts', 'src/sources/package.ts'],
    inputs: {
      structured: fc.tuple(bytesOf(descriptor), bytesOf(manifest), name),
      bytes: fc.tuple(almostBytes(bytesOf(descriptor)), almostBytes(bytesOf(manifest)), name)
    },
    read: ([its, mf, other]) =>
      planOvf(
        'dir/a.ovf',
        filesOf(
          new Map([
            ['dir/a.ovf', its],
            ['dir/a.mf', mf],
            [`dir/${other}`, mf]
          ])
        )
      ),
    declared: portFailure('SOURCE_INVALID', 'SOURCE_DISAGREES', 'SOURCE_UNREADABLE')
  }),
  reader({
    name: 'source in pieces',
    covers: ['src/sources/bytes-source.ts'],
    inputs: { bytes: inPieces(almostBytes(bytesOf(descriptor))) },
    // A source of the caller's own gives its bytes in whatever pieces it likes.
    read: async pieces => {
      const bytes = Buffer.concat(pieces);
      const source = {
        size: bytes.length,
        async *read() {
          yield* pieces;
        }
      };
      const files = { ...filesOf(new Map()), exists: async () => false };
      const open = async (): Promise<SeekableSource> => ({
        ...source,
        range: () => source,
        reading: async use => use(readerOf(bytes).read)
      });
      const planned = await planOvf('a.ovf', { ...files, open });
      return planned.map(each => each.size);
    },
    declared: portFailure('SOURCE_INVALID', 'SOURCE_DISAGREES', 'SOURCE_UNREADABLE')
  })
];
