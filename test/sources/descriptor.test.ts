import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failure } from '../../machines/vocabulary.ts';
import { MAX_DEPTH, MAX_DESCRIPTOR_BYTES, parseReferences } from '../../src/sources/descriptor.ts';
import { nestingFault } from '../../src/sources/nesting.ts';
import { failureOf } from './fails-with.ts';

const read = (xml: string) => parseReferences(new TextEncoder().encode(xml), 'a.ovf');
const envelope = (files: string): string =>
  `<?xml version="1.0"?><!-- <a> --><ovf:Envelope xmlns:ovf="o"><ovf:References>${files}</ovf:References></ovf:Envelope>`;
const file = (rest: string): string => envelope(`<ovf:File ${rest}/>`);

describe('a descriptor', () => {
  it('should tell its references, each once, with their sizes, however names are qualified', () => {
    const xml = `<Envelope><References>
      <File ovf:href="./d 1.vmdk" ovf:size="7"/><File href="b.iso" note="a>b"/><File href="d 1.vmdk" size="7"/><Other href="x"/>
    </References><References><File href='c.nvram'/></References></Envelope>`;
    expect(read(xml)).toEqual([{ href: 'd 1.vmdk', size: 7 }, { href: 'b.iso' }, { href: 'c.nvram' }]);
    expect(read(`\ufeff${envelope('')}`)).toEqual([]);
    expect(read('<Envelope/>')).toEqual([]);
  });

  it.each([
    ['not XML', 'hello', 'Root element is missing or invalid (line 1, column 1)'],
    ['nothing', '', 'Root element is missing or invalid (line 1, column 1)'],
    ['another document', '<html/>', 'its outermost element is "html", not Envelope'],
    ['an unclosed tag', '<Envelope', 'Unclosed start tag for element `Envelope` (line 1, column 10)'],
    ['a quote that is not closed', '<Envelope a="', 'Unclosed attribute (line 1, column 14)'],
    ['a comment that is not closed', '<!-- ', 'Unclosed comment'],
    [
      'a document type',
      '<!DOCTYPE a [<!ENTITY b "c">]><a/>',
      'it declares a document type (<!DOCTYPE), which is not taken'
    ],
    ['an entity of its own', file('href="&lol;"'), 'Named entity isn'],
    ['no href', file('size="1"'), 'a File among its References has no href'],
    ['an empty href', file('href=""'), 'a File among its References has no href'],
    [
      'a URL',
      file('href="https://example.com/d.vmdk"'),
      'it references "https://example.com/d.vmdk": files must lie beside it, download this one and name it by its file name'
    ],
    [
      'a drive',
      file('href="C:d.vmdk"'),
      'it references "C:d.vmdk": files must lie beside it, download this one and name it by its file name'
    ],
    [
      'chunks',
      file('href="d" chunkSize="1"'),
      '"d" is split into chunks, which the service does not take: join them first'
    ],
    ['a size of letters', file('href="d" size="1e3"'), 'the size of "d" is "1e3", not a number of bytes'],
    [
      'a size beyond all',
      file('href="d" size="9999999999999999"'),
      'the size of "d" is "9999999999999999", not a number of bytes'
    ],
    [
      'two sizes of one file',
      envelope('<File href="d" size="1"/><File href="d" size="2"/>'),
      'it references "d" twice, with different sizes'
    ]
  ])('should be refused: %s', async (_what, xml, fault) => {
    const { code, message } = await failureOf(() => read(xml));
    expect(code).toBe('SOURCE_INVALID');
    expect(message).toContain(`a.ovf is not an OVF descriptor that can be used: ${fault}`);
    expect(message).not.toContain('\n');
  });

  it('should be refused when it is too large or no UTF-8', async () => {
    const refused = (fault: string) =>
      failure('SOURCE_INVALID', `a.ovf is not an OVF descriptor that can be used: ${fault}`);
    const large = new Uint8Array(MAX_DESCRIPTOR_BYTES + 1);
    expect(await failureOf(() => parseReferences(large, 'a.ovf'))).toEqual(
      refused(`it has more than ${MAX_DESCRIPTOR_BYTES} bytes`)
    );
    expect(await failureOf(() => parseReferences(new Uint8Array([0xff]), 'a.ovf'))).toEqual(
      refused('it is not UTF-8 text')
    );
  });

  it('should be refused when elements lie too deep, before a parser could overflow', async () => {
    const nested = (depth: number): string => '<Envelope>'.repeat(depth) + '</Envelope>'.repeat(depth);
    expect(read(nested(MAX_DEPTH))).toEqual([]);
    for (const xml of [nested(MAX_DEPTH + 1), '<a>'.repeat(1_000_000), '<a b="/>">'.repeat(100_000)]) {
      expect((await failureOf(() => read(xml))).message).toBe(
        'a.ovf is not an OVF descriptor that can be used: more than 64 elements lie inside one another'
      );
    }
  });

  it('should end with references or a declared failure for any text', async () => {
    const words = [
      '<',
      '>',
      '/',
      '<Envelope>',
      '</Envelope>',
      '<References>',
      '</References>',
      '<File href="a"/>',
      '<!--',
      '-->'
    ];
    const more = ['<![CDATA[', ']]>', '<?a', '?>', '"', "'", '=', ' ', 'a', '&', ';', '<!', ']'];
    const text = fc.array(fc.constantFrom(...words, ...more), { maxLength: 30 }).map(all => all.join(''));
    await fc.assert(
      fc.asyncProperty(text, async each => {
        const ended = await failureOf(() => read(each));
        expect(ended.code === 'SOURCE_INVALID' || ended.message === 'it did not fail').toBe(true);
      }),
      { numRuns: 1000 }
    );
  });
});

describe('the scan before the parser', () => {
  it('should count what is open, and nothing in comments, CDATA, instructions and attribute values', () => {
    const inert = '<!-- <a><a> --><![CDATA[<a><a>]]><?x <a><a>?><b c="<a><a>" d=\'">\'/>';
    expect(nestingFault(`<a>${inert.repeat(5)}<b/></a>`, 1)).toBeUndefined();
    expect(nestingFault('<a><b></b><b><c></c></b></a>', 2)).toBe('more than 2 elements lie inside one another');
    expect(nestingFault('<a></a><b></b>', 1)).toBeUndefined();
  });
  it('should leave what is not closed to the parser', () => {
    for (const text of ['<!-- <a>', '<![CDATA[', '<?x', '<a b="', '<a']) expect(nestingFault(text, 1)).toBeUndefined();
  });
});
