// The readers of XML and of forms: what they take, and that they refuse everything else in their own words, whatever comes.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Refusal } from '../../src/wire/errors.ts';
import { FORM_DEPTH, FORM_PAIRS, readForm, readPairs, writeForm } from '../../src/wire/form.ts';
import { encodingOf, wantedBy } from '../../src/wire/media.ts';
import type { Fields } from '../../src/wire/model-fields.ts';
import { readXml, XML_DEPTH, XML_LIMIT, XML_NODES } from '../../src/wire/xml.ts';
import { readAnswer, readFields, writeFields } from '../../src/wire/xml-fields.ts';
import { valueAs } from './arbitraries.ts';

const FIELDS: Fields = {
  file_spec: 'AddSpec',
  create_spec: 'UpdateSessionModel',
  names: ['string'],
  client_progress: 'integer',
  file_name: 'string',
  anything: 'any'
};
const NAMED = { root: 'Add-Input', namespace: 'n' };

/** What a reader says no with; anything but a refusal in one sentence is thrown on. */
function refusalOf(read: () => unknown): string | undefined {
  try {
    read();
    return undefined;
  } catch (cause) {
    if (!(cause instanceof Refusal)) throw cause;
    expect(cause.error.error_type).toBe('INVALID_ARGUMENT');
    expect(cause.message).toMatch(/^[^\n]+\.$/);
    return cause.message;
  }
}

const inside = (content: string) => readFields(`<x:Add-Input xmlns:x="n">${content}</x:Add-Input>`, NAMED, FIELDS);
const xml = (text: string) => refusalOf(() => readFields(text, NAMED, FIELDS));
const content = (text: string) => refusalOf(() => inside(text));
const form = (text: string) => readForm(readPairs(text), FIELDS);
const refusedForm = (text: string) => refusalOf(() => form(text));

describe('XML', () => {
  it('should be read with comments, CDATA, references, blanks and any prefix', () => {
    const text = `<?xml version="1.0"?><!-- <a> --><?p <b> ?>
      <y:Add-Input xmlns:y="n" xmlns:xsi="i" xsi:schemaLocation="a > b"> <!-- > -->
        <file_name><![CDATA[<a>]]>&amp;&lt;&gt;&quot;&apos;&#65;&#x42;</file_name>
        <client_progress> 7 </client_progress>
        <names-array> <array-item/> <array-item> b </array-item> </names-array>
        <create_spec xsi:nil="true"/>
        <file_spec/>
      </y:Add-Input>`;
    expect(readFields(text, NAMED, FIELDS)).toEqual({
      file_name: '<a>&<>"\'AB',
      client_progress: 7,
      names: ['', ' b '],
      file_spec: {}
    });
  });

  it('should be read without a prefix', () => {
    expect(readFields('<Add-Input xmlns="n"><file_name>a</file_name></Add-Input>', NAMED, FIELDS)).toEqual({
      file_name: 'a'
    });
  });

  it('should be read where a field may be anything', () => {
    expect(inside('<anything>a</anything>')).toEqual({ anything: 'a' });
    expect(inside('<anything><b>c</b><d-array><array-item>e</array-item></d-array></anything>')).toEqual({
      anything: { b: 'c', d: ['e'] }
    });
    expect(inside('<anything-array><array-item>e</array-item></anything-array>')).toEqual({ anything: ['e'] });
    const odd = inside('<anything><__proto__>a</__proto__></anything>').anything as object;
    expect(Object.getPrototypeOf(odd)).toBe(Object.prototype);
    expect(Object.hasOwn(odd, '__proto__')).toBe(true);
  });

  it('should be refused when it is no document that may be parsed', () => {
    expect(xml('')).toContain('The XML cannot be read: ');
    expect(xml('<a')).toContain('The XML cannot be read: ');
    expect(xml('<!DOCTYPE a><a/>')).toBe(
      'The XML cannot be read: it declares a document type (<!DOCTYPE), which is not taken.'
    );
    expect(xml('<!ENTITY a "b"><a/>')).toContain('document type');
    expect(xml('<Add-Input xmlns="n">&nbsp;</Add-Input>')).toContain("isn't defined");
    expect(xml('<Add-Input xmlns="n">&constructor;</Add-Input>')).toContain("isn't defined");
    expect(xml('<Add-Input xmlns="n">\u0001</Add-Input>')).toContain('The XML cannot be read: ');
    expect(xml(`<a b='>`)).toContain('The XML cannot be read: ');
    expect(xml(`<a>&${'b'.repeat(300)};</a>`)?.length).toBeLessThan(250);
    expect(xml('<!-- <a>')).toContain('The XML cannot be read: ');
  });

  it('should be refused when it is too large, has too many tags or nests too deep, before it is parsed', () => {
    expect(xml(' '.repeat(XML_LIMIT + 1))).toBe(`The XML cannot be read: it has more than ${XML_LIMIT} characters.`);
    expect(xml('<a/>'.repeat(XML_NODES + 1))).toBe(`The XML cannot be read: it has more than ${XML_NODES} tags.`);
    const nested = (depth: number) => `${'<a b=">">'.repeat(depth)}${'</a>'.repeat(depth)}`;
    expect(xml(nested(XML_DEPTH + 1))).toContain(`more than ${XML_DEPTH} elements lie inside one another`);
    const hidden = '<!-- </a> --><![CDATA[</a>]]><?p </a>?><a>'.repeat(XML_DEPTH + 1);
    expect(xml(hidden)).toContain(`more than ${XML_DEPTH} elements lie inside one another`);
    expect(readXml(nested(XML_DEPTH)).name).toBe('a');
    expect(readXml(`<a>${'<b/>'.repeat(XML_DEPTH + 1)}</a>`).children.length).toBe(XML_DEPTH + 1);
    expect(xml('<a>'.repeat(XML_NODES))).toContain('inside one another');
  });

  it('should be refused when its outermost element is another, or of another service', () => {
    const sentence = 'The XML cannot be read: its outermost element is not Add-Input in the namespace n.';
    expect(xml('<Get-Input xmlns="n"/>')).toBe(sentence);
    expect(xml('<Add-Input xmlns="m"/>')).toBe(sentence);
    expect(xml('<a:Add-Input xmlns="n"/>')).toBe(sentence);
    expect(xml('<Add-Input/>')).toBe(sentence);
  });

  it('should be refused for an element that is no field, as a property would be', () => {
    const unsupported = (name: string) => `Unsupported property with name: ${name}.`;
    expect(content('<other/>')).toBe(unsupported('other'));
    expect(content('<__proto__/>')).toBe(unsupported('__proto__'));
    expect(content('<constructor><prototype/></constructor>')).toBe(unsupported('constructor'));
    expect(content('<x:file_name/>')).toBe(unsupported('x:file_name'));
    expect(content('<file_spec><nam/></file_spec>')).toBe(unsupported('nam'));
    expect(content('<names><array-item/></names>')).toBe(unsupported('names'));
    expect(content('<file_name-array/>')).toBe(unsupported('file_name-array'));
    expect(content('<names-array><item/></names-array>')).toBe(unsupported('item'));
  });

  it('should be refused for what is said twice, beside or in an attribute', () => {
    expect(content('<file_name/><file_name/>')).toBe(
      'The XML cannot be read: the element file_name stands there twice.'
    );
    expect(content('a<file_name/>')).toBe('The XML cannot be read: there is text beside the elements in Add-Input.');
    expect(content('<file_spec>a</file_spec>')).toContain('there is text beside the elements in file_spec');
    expect(content('<file_name a="b"/>')).toBe('The XML cannot be read: the element file_name has an attribute a.');
    expect(content('<names-array><array-item a="b"/></names-array>')).toContain('has an attribute a');
    expect(content('<file_name><b/></file_name>')).toBe(
      'The XML cannot be read: there are elements in file_name, which is a plain value.'
    );
  });

  it('should be read in an answer, whatever else is in it', () => {
    const answer = (text: string) => readAnswer(`<a:R xmlns:a="x">${text}</a:R>`, 'R', FIELDS);
    expect(
      answer('text <file_name b="c">d<e>f</e></file_name><other-array><array-item>1</array-item></other-array>')
    ).toEqual({ file_name: { e: 'f' }, other: ['1'] });
    expect(answer('<names-array>a<item/><array-item>b</array-item></names-array>')).toEqual({ names: ['b'] });
    expect(answer('<client_progress>many</client_progress>')).toEqual({ client_progress: 'many' });
    expect(refusalOf(() => readAnswer('<S/>', 'R', FIELDS))).toContain('its outermost element is not R');
  });

  it('should be written without what is unset and what cannot be a name, its characters replaced if they may be', () => {
    const value = { a: undefined, b: null, 'c d': 'e', f: 'g\u0001\ud800', h: [true, null] };
    expect(writeFields(NAMED, value, 'replace')).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n<ns0:Add-Input xmlns:ns0="n"><f>g\ufffd\ufffd</f>' +
        '<h-array><array-item>true</array-item><array-item>null</array-item></h-array></ns0:Add-Input>'
    );
    expect(() => writeFields(NAMED, value, name => new Error(`not ${name}`))).toThrow('not f');
  });
});

describe('a form', () => {
  it('should be read with numbered lists, blanks, and times without a zone', () => {
    expect(
      form(
        'file_name=a+b%2B&names.1=x&names.2=&create_spec.expiration_time=2013-06-06T22%3A13%3A05&file_spec.size=-5' +
          '&create_spec.warning_behavior.1.ignored=true&create_spec.warning_behavior.1.type=T&anything=1'
      )
    ).toEqual({
      file_name: 'a b+',
      names: ['x', ''],
      create_spec: { expiration_time: '2013-06-06T22:13:05Z', warning_behavior: [{ ignored: true, type: 'T' }] },
      file_spec: { size: -5 },
      anything: '1'
    });
    expect(form('names.2=b&names.1=a')).toEqual({ names: ['a', 'b'] });
    expect(form('create_spec.expiration_time=2013-06-06T22:13:05.651Z')).toEqual({
      create_spec: { expiration_time: '2013-06-06T22:13:05.651Z' }
    });
    expect(form('file_spec=&names=&file_name')).toEqual({ file_spec: {}, names: [], file_name: '' });
    expect(form('')).toEqual({});
    expect(form('&\r\n&')).toEqual({});
  });

  it('should be refused in one sentence', () => {
    const because = (why: string) => `The form cannot be read: ${why}.`;
    const unsupported = (name: string) => `Unsupported property with name: ${name}.`;
    expect(refusedForm('other=1')).toBe(unsupported('other'));
    expect(refusedForm('=1')).toBe(unsupported(''));
    expect(refusedForm('a%0A%00b=1')).toBe(unsupported('a\ufffd\ufffdb'));
    expect(refusedForm(`${'a'.repeat(101)}=1`)).toBe(unsupported(`${'a'.repeat(100)}…`));
    expect(refusedForm('__proto__.polluted=1')).toBe(unsupported('__proto__'));
    expect(refusedForm('file_spec.__proto__.x=1')).toBe(unsupported('__proto__'));
    expect(refusedForm('file_spec.constructor.prototype.x=1')).toBe(unsupported('constructor'));
    expect(refusedForm('file_name.x=1')).toBe(unsupported('file_name.x'));
    expect(refusedForm('anything.x=1')).toBe(unsupported('anything.x'));
    expect(refusedForm('file_name=1&file_name=2')).toBe(because('file_name stands there twice'));
    expect(refusedForm('file_spec=&file_spec.name=a')).toBe(because('file_spec stands there twice'));
    expect(refusedForm('names=a')).toBe(because('names is a list, whose members are numbered: names.1'));
    for (const names of [
      'names.2=a',
      'names.0=a',
      'names.01=a',
      'names.1=a&names.3=b',
      'names.length=5',
      'names.__proto__=a'
    ]) {
      expect(refusedForm(names)).toBe(because('the members of names are not numbered from 1 on'));
    }
    expect(refusedForm('names.1=a&names.1=b')).toBe(because('names.1 stands there twice'));
    expect(refusedForm('file_name=%zz')).toBe(because('it is not percent-encoded UTF-8'));
    expect(refusedForm('a=1&'.repeat(FORM_PAIRS + 1))).toBe(because(`it has more than ${FORM_PAIRS} members`));
    expect(refusedForm(`a${'.a'.repeat(FORM_DEPTH)}=1`)).toBe(because(`a name has more than ${FORM_DEPTH} parts`));
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('should be written with times that have no zone', () => {
    const spec = { expiration_time: '2015-01-01T22:13:05.651Z' };
    expect(writeForm(FIELDS, { create_spec: spec })).toBe('create_spec.expiration_time=2015-01-01T22%3A13%3A05.651');
  });

  it('should be written for what has no fields known here, too', () => {
    expect(
      writeForm(FIELDS, { other: { a: 1, b: [] }, file_name: 'x\ud800', names: undefined, anything: [null, {}] })
    ).toBe('other.a=1&other.b=&file_name=x%EF%BF%BD&anything.1=null&anything.2=');
  });
});

describe('whatever comes', () => {
  const mutated = (text: fc.Arbitrary<string>) =>
    fc
      .tuple(
        text,
        fc.array(fc.tuple(fc.nat(), fc.nat(3), fc.string({ unit: 'binary', maxLength: 4 })), { maxLength: 6 })
      )
      .map(([whole, cuts]) =>
        cuts.reduce((now, [at, length, put]) => {
          const from = at % (now.length + 1);
          return now.slice(0, from) + put + now.slice(from + length);
        }, whole)
      );
  const known = fc.record({ file_spec: valueAs('AddSpec', 'xml'), names: valueAs(['string'], 'xml') });
  const tags = fc.constantFrom(
    '<',
    '>',
    '/>',
    '</',
    '<a>',
    '</a>',
    '<a b="',
    '"',
    "'",
    '<!--',
    '-->',
    '<![CDATA[',
    ']]>',
    '<?',
    '?>',
    '<!DOCTYPE a [',
    '<x:Add-Input xmlns:x="n">',
    '</x:Add-Input>',
    '<file_spec>',
    '</file_spec>',
    '<names-array>',
    '<array-item>',
    '&',
    ';',
    '&#x0;',
    '&#xD800;',
    '&a;',
    '&__proto__;',
    '\u0000',
    ' ',
    '<__proto__>',
    'x'
  );
  const names = fc.constantFrom(
    'file_spec',
    'create_spec',
    'names',
    '1',
    '2',
    '0',
    '-1',
    '999999999',
    '__proto__',
    'constructor',
    '',
    'name',
    '%',
    '%E0',
    '=',
    '&',
    '.',
    '+',
    'toString',
    'warning_behavior',
    'checksum_info',
    '\u0000'
  );
  const bytes = fc.uint8Array({ maxLength: 200 }).map(given => Buffer.from(given).toString('utf8'));

  const survives = (texts: fc.Arbitrary<string>, read: (text: string) => unknown) =>
    fc.assert(
      fc.property(texts, text => {
        refusalOf(() => read(text));
      }),
      { numRuns: 600 }
    );
  const readXmlAll = (text: string) => {
    refusalOf(() => readAnswer(text, 'Add-Input', FIELDS));
    return readFields(text, NAMED, FIELDS);
  };

  it('should be refused by the reader of XML, or read: bytes', () => survives(bytes, readXmlAll));
  it('should be refused by the reader of XML, or read: pieces of XML', () =>
    survives(
      fc.array(tags, { maxLength: 40 }).map(parts => parts.join('')),
      readXmlAll
    ));
  it('should be refused by the reader of XML, or read: almost what it should be', () =>
    survives(mutated(known.map(value => writeFields(NAMED, value, 'replace'))), readXmlAll));
  it('should be refused by the reader of forms, or read: bytes', () => survives(bytes, form));
  it('should be refused by the reader of forms, or read: pieces of forms', () =>
    survives(
      fc.array(names, { maxLength: 40 }).map(parts => parts.join('')),
      form
    ));
  it('should be refused by the reader of forms, or read: almost what it should be', () =>
    survives(mutated(known.map(value => writeForm(FIELDS, value))), form));
});

describe('media types', () => {
  it.each([
    ['application/json', 'json'],
    ['Application/XML; charset=utf-8', 'xml'],
    ['text/xml', 'xml'],
    ['application/x-www-form-urlencoded', 'form'],
    ['text/plain', 'json'],
    [undefined, 'json']
  ])('should be known in Content-Type: %s', (type, encoding) => {
    expect(encodingOf(type)).toBe(encoding);
  });

  it.each([
    [undefined, 'json'],
    ['*/*', 'json'],
    ['application/json', 'json'],
    ['application/xml', 'xml'],
    ['text/xml, */*;q=0.1', 'xml'],
    ['application/xml;q=0.9, application/json', 'json'],
    ['application/json; q=0.5, application/xml', 'xml'],
    ['application/xml, application/json', 'json'],
    ['application/xml;q=0', 'json'],
    ['application/xml;level=1', 'xml']
  ])('should be weighed in Accept: %s', (accept, wanted) => {
    expect(wantedBy(accept)).toBe(wanted);
  });
});
