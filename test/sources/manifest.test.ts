import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failure } from '../../machines/vocabulary.ts';
import { HEX_DIGITS } from '../../src/sources/checksum.ts';
import { parseManifest, withoutDot } from '../../src/sources/manifest.ts';
import { failureOf } from './fails-with.ts';

const SHA1 = 'da39a3ee5e6b4b0d3255bfef95601890afd80709';
const MD5 = 'd41d8cd98f00b204e9800998ecf8427e';

describe('a manifest', () => {
  it('should give the digest of each file, as tools write it', () => {
    const text = `\ufeffSHA1(a.ovf)= ${SHA1}\r\n\r\nMD5 (./b (1).vmdk) =${MD5.toUpperCase()}\r\nsha-1(c)=${SHA1}`;
    expect([...parseManifest(text, 'a.mf')]).toEqual([
      ['a.ovf', { algorithm: 'SHA1', checksum: SHA1 }],
      ['b (1).vmdk', { algorithm: 'MD5', checksum: MD5 }],
      ['c', { algorithm: 'SHA1', checksum: SHA1 }]
    ]);
    expect(parseManifest('', 'a.mf').size).toBe(0);
  });

  it.each([
    ['nonsense', 'it is not of the form SHA256(name)= checksum, but "nonsense"'],
    [')SHA1(', 'it is not of the form SHA256(name)= checksum, but ")SHA1("'],
    [`(a)= ${SHA1}`, `it is not of the form SHA256(name)= checksum, but "(a)= ${SHA1}"`],
    [`CRC(a)= ${SHA1}`, 'the algorithm "CRC" is none of SHA1, MD5, SHA256, SHA512'],
    [`toString(a)= ${SHA1}`, 'the algorithm "toString" is none of SHA1, MD5, SHA256, SHA512'],
    [`SHA1(a) ${SHA1}`, 'after the name there must be "= " and 40 hexadecimal digits (SHA1)'],
    [`SHA256(a)= ${SHA1}`, 'after the name there must be "= " and 64 hexadecimal digits (SHA256)'],
    [`SHA1(a)= ${'x'.repeat(40)}`, 'after the name there must be "= " and 40 hexadecimal digits (SHA1)'],
    [`SHA1()= ${SHA1}`, 'it names no file'],
    [`SHA1(./z)= ${SHA1}`, '"z" is listed twice']
  ])('should be refused with its line number: %s', async (line, fault) => {
    const text = `SHA1(z)= ${SHA1}\n\n${line}\n`;
    expect(await failureOf(() => parseManifest(text, 'a.mf'))).toEqual(
      failure('SOURCE_INVALID', `a.mf line 3: ${fault}`)
    );
  });

  it('should always read back what was written, brackets and all', () => {
    const name = fc
      .array(fc.constantFrom(...'ab()=(. é'))
      .map(parts => parts.join(''))
      .filter(each => each !== '' && !each.startsWith('./'));
    const digest = fc
      .constantFrom('SHA1', 'MD5', 'SHA256', 'SHA512')
      .chain(algorithm =>
        fc
          .array(fc.constantFrom(...'0123456789abcdef'), { minLength: 128, maxLength: 128 })
          .map(hex => ({ algorithm, checksum: hex.join('').slice(0, HEX_DIGITS[algorithm as 'SHA1']) }))
      );
    const files = fc.uniqueArray(fc.tuple(name, digest), { selector: ([each]) => each });
    fc.assert(
      fc.property(files, fc.constantFrom('\n', '\r\n'), (list, end) => {
        const text = list.map(([file, { algorithm, checksum }]) => `${algorithm}(${file})= ${checksum}${end}`).join('');
        expect([...parseManifest(text, 'a.mf')]).toEqual(list);
      })
    );
  });

  it('should end with digests or a declared failure for any text', async () => {
    const text = fc
      .array(fc.constantFrom('SHA1', 'MD5', '(', ')', '=', ' ', '\n', './', 'a', SHA1, MD5))
      .map(all => all.join(''));
    let read = 0;
    await fc.assert(
      fc.asyncProperty(text, async each => {
        const ended = await failureOf(() => parseManifest(each, 'a.mf'));
        expect(ended.code === 'SOURCE_INVALID' || ended.message === 'it did not fail').toBe(true);
        if (ended.code !== 'SOURCE_INVALID') read += 1;
      })
    );
    expect(read).toBeGreaterThan(0);
  });

  it('should take time in proportion to its length: a line of a million brackets ends', async () => {
    const line = `SHA1${'('.repeat(500_000)}${')'.repeat(500_000)}= x`;
    expect((await failureOf(() => parseManifest(line, 'a.mf'))).code).toBe('SOURCE_INVALID');
    expect(withoutDot('./'.repeat(500_000))).toBe('');
  });
});
