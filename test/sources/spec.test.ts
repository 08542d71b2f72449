import { describe, expect, it } from 'vitest';
import { failure } from '../../machines/vocabulary.ts';
import { checkSpec } from '../../src/spec.ts';
import { failureOf } from './fails-with.ts';
import { sourceOf } from './memory-source.ts';

const base = { to: 'images/ubuntu', files: ['a.ova'] };
const source = sourceOf('');
const faults = (...list: string[]) => failure('INVALID_SPEC', `the upload cannot be done as asked: ${list.join('; ')}`);
const refusal = (input: unknown) => failureOf(() => checkSpec(input));

describe('a spec', () => {
  it('should come out with all defaults filled in', () => {
    expect(checkSpec(base)).toEqual({
      library: { name: 'images' },
      item: { name: 'ubuntu' },
      files: ['a.ova'],
      ifExists: 'update',
      onBusy: 'fail',
      force: false,
      acceptWarnings: [],
      parallel: 4,
      hash: true
    });
  });

  it('should keep what the caller says', () => {
    const said = {
      files: [{ name: 'a', source, digest: { algorithm: 'MD5', checksum: 'a'.repeat(32) } }, 'b'],
      itemType: 'iso',
      ifExists: 'replace',
      onBusy: 'fail',
      force: false,
      acceptWarnings: ['EXPIRED_CERTIFICATE'],
      parallel: 16,
      deadlineMs: 1,
      hash: true,
      checksum: 'SHA512'
    };
    const checked = checkSpec({ to: { library: 'a/b', item: 'id:9-c' }, ...said });
    expect(checked).toEqual({ library: { name: 'a/b' }, item: { id: '9-c' }, ...said });
  });

  it.each([
    ['images', { library: { name: 'images' } }],
    ['images/', { library: { name: 'images' } }],
    ['id:4f0c-1/id:4f0c-2', { library: { id: '4f0c-1' }, item: { id: '4f0c-2' } }],
    [{ library: 'x' }, { library: { name: 'x' } }]
  ])('should know where to: %j', (to, where) => {
    const { library, item } = checkSpec({ ...base, to });
    expect({ library, ...(item && { item }) }).toEqual(where);
  });

  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'to must say where the files go: "library/item" or { library, item }, not nothing'],
    ['a list', [], 'to must say where the files go: "library/item" or { library, item }, not an empty list'],
    ['no library', '/item', 'the library must be a name or id:UUID, not ""'],
    [
      'too many slashes',
      'a/b/c',
      'to is "library" or "library/item", not "a/b/c" (a name with a slash goes into { library, item })'
    ],
    ['a blank', { library: ' ' }, 'the library must be a name or id:UUID, not " "'],
    ['a number', { library: 'a', item: 7 }, 'the item must be a name or id:UUID, not 7'],
    ['something else', { library: 'a', folder: 'b' }, 'to has no "folder": it holds library and item'],
    ['an id with a blank', 'id:a b', '"id:a b" names no library: it must be id:UUID'],
    ['an id of nothing', 'a/id:', '"id:" names no item: it must be id:UUID'],
    ['a long item name', `a/${'é'.repeat(81)}`, 'the item name is longer than the 80 characters that the service takes']
  ])('should be refused when it goes to %s', async (_what, to, fault) => {
    expect(await refusal({ ...base, to })).toEqual(faults(fault));
  });

  it.each<[string, unknown, string]>([
    ['no list', 'a.ova', 'files must be a list of at least one path or source, not "a.ova"'],
    ['none', [], 'files must be a list of at least one path or source, not an empty list'],
    ['an empty path', [''], 'files[0] must be a path, not ""'],
    ['a NUL', ['a', 'b\0'], 'files[1] must be a path, not "b\\u0000"'],
    ['a number', [7], 'files[0] must be a path, { name, source } or { pull }, not 7'],
    ['a list of lists', [[1]], 'files[0] must be a path, { name, source } or { pull }, not a list'],
    ['no name', [{ source }], 'files[0]: the name must be a text, not nothing'],
    ['a dot', [{ name: '.', source }], 'files[0]: "." is a folder, not a file name'],
    [
      'a folder in the name',
      [{ name: 'a/b', source }],
      'files[0]: "a/b" holds a "/": the files of an item have no folders'
    ],
    ['a control character', [{ name: 'a\nb', source }], 'files[0]: "a\\nb" holds a control character'],
    ['half a character', [{ name: '\ud800', source }], 'files[0]: "\\ud800" is not valid Unicode'],
    ['a long name', [{ name: 'é'.repeat(128), source }], `files[0]: "${'é'.repeat(120)}…" is longer than 255 bytes`],
    ['no source', [{ name: 'a' }], 'files[0]: source must be a ByteSource, with a size and read()'],
    [
      'a source that cannot be read',
      [{ name: 'a', source: { size: 1 } }],
      'files[0]: source must be a ByteSource, with a size and read()'
    ],
    [
      'half a byte',
      [{ name: 'a', source: { ...source, size: 0.5 } }],
      'files[0]: source.size must be a whole number of bytes, not 0.5'
    ],
    [
      'a size in words',
      [{ name: 'a', source: { ...source, size: '1' } }],
      'files[0]: source.size must be a whole number of bytes, not "1"'
    ],
    [
      'less than nothing',
      [{ name: 'a', source: { ...source, size: -1 } }],
      'files[0]: source.size must be a whole number of bytes, not -1'
    ],
    [
      'a digest of its own',
      [{ name: 'a', source, digest: 'abc' }],
      'files[0]: digest.algorithm must be one of SHA1, MD5, SHA256, SHA512'
    ],
    [
      'a digest without checksum',
      [{ name: 'a', source, digest: { algorithm: 'MD5' } }],
      'files[0]: digest.checksum must be 32 lower-case hexadecimal digits (MD5)'
    ],
    [
      'a digest in capitals',
      [{ name: 'a', source, digest: { algorithm: 'MD5', checksum: 'A'.repeat(32) } }],
      'files[0]: digest.checksum must be 32 lower-case hexadecimal digits (MD5)'
    ]
  ])('should be refused when its files are %s', async (_what, files, fault) => {
    expect(await refusal({ ...base, files })).toEqual(faults(fault));
  });

  it.each<[Record<string, unknown>, string]>([
    [{ itemType: '' }, 'itemType must be a text such as "iso", not ""'],
    [{ ifExists: 'overwrite' }, 'ifExists must be fail or skip or update or replace, not "overwrite"'],
    [{ onBusy: 'skip' }, 'onBusy must be fail or wait or take-over, not "skip"'],
    [{ force: 1 }, 'force must be true or false, not 1'],
    [{ force: true, onBusy: 'wait' }, 'force goes with onBusy "take-over" only'],
    [
      { acceptWarnings: 'ALL' },
      'acceptWarnings must be a list of SELF_SIGNED_CERTIFICATE, EXPIRED_CERTIFICATE, NOT_YET_VALID_CERTIFICATE, UNTRUSTED_CERTIFICATE, not "ALL"'
    ],
    [
      { acceptWarnings: ['ALL'] },
      'acceptWarnings must be SELF_SIGNED_CERTIFICATE or EXPIRED_CERTIFICATE or NOT_YET_VALID_CERTIFICATE or UNTRUSTED_CERTIFICATE, not "ALL"'
    ],
    [{ parallel: 0 }, 'parallel must be a whole number from 1 to 16, not 0'],
    [{ parallel: 17 }, 'parallel must be a whole number from 1 to 16, not 17'],
    [{ parallel: 1.5 }, 'parallel must be a whole number from 1 to 16, not 1.5'],
    [{ deadlineMs: '1s' }, 'deadlineMs must be a whole number from 1 to 281474976710656, not "1s"'],
    [{ hash: 'yes' }, 'hash must be true or false, not "yes"'],
    [{ hash: false, checksum: 'SHA1' }, 'checksum asks for hashing, and hash: false forbids it'],
    [{ checksum: 'CRC' }, 'checksum must be SHA1 or MD5 or SHA256 or SHA512, not "CRC"'],
    [
      { paralel: 1 },
      'there is no option "paralel" (there are to, files, itemType, ifExists, onBusy, force, acceptWarnings, parallel, deadlineMs, hash, checksum)'
    ]
  ])('should be refused with %j', async (more, fault) => {
    expect(await refusal({ ...base, ...more })).toEqual(faults(fault));
  });

  it('should name every fault, not the first, and nothing of what objects hold', async () => {
    expect(await refusal({ to: 5, files: {}, parallel: 'x'.repeat(100), hash: { password: 'secret' } })).toEqual(
      faults(
        'to must say where the files go: "library/item" or { library, item }, not 5',
        'files must be a list of at least one path or source, not an object',
        `parallel must be a whole number from 1 to 16, not "${'x'.repeat(80)}…"`,
        'hash must be true or false, not an object'
      )
    );
    for (const input of [undefined, null, 'x', []]) {
      expect(await refusal(input)).toEqual(
        faults('the upload must be an object such as { to: "library/item", files: ["path"] }')
      );
    }
  });
});
