// The checker of secrets finds what was let out on purpose; what strikes them out leaves nothing for it to find.
import { describe, expect, it } from 'vitest';
import { makeSecrets } from '../../src/adapters/http/secrets.ts';
import { striker } from '../../src/secret-forms.ts';
import { formsOf, leaks, searcher, textOf } from './secrets.ts';

const SECRET = 'pW-"7f&<ö>/+%2F\\\'q9 Xk-b41c77';
const canaries = [{ name: 'the password', text: SECRET }];

describe('the checker', () => {
  it('should know every common form', () => {
    const hows = new Set(formsOf(SECRET).values());
    expect([...hows].sort()).toEqual([
      'as HTML',
      'as JSON',
      'as JSON in JSON',
      'as it is',
      'in base64',
      'in base64url',
      'percent-encoded',
      'percent-encoded twice'
    ]);
  });

  it.each([...formsOf(SECRET)])('should find %j, which is the secret %s', form => {
    expect(leaks({ log: `before ${form} after` }, canaries)).toHaveLength(1);
    expect(leaks({ journal: Buffer.from(`\0\xff${form}\0`) }, canaries)).toHaveLength(1);
  });

  it.each([
    ['of a login', `user:${SECRET}`],
    ['of a longer login', `a.user:${SECRET}`],
    ['of the longest login', `ab.user:${SECRET}`]
  ])('should find it inside base64 %s', (_, text) => {
    expect(leaks({ header: `Basic ${Buffer.from(text).toString('base64')}` }, canaries)[0]).toContain('base64');
  });

  it('should look into errors, what caused them and what is attached to them', () => {
    const deep = new Error('outer', { cause: new Error('inner', { cause: new Error(SECRET) }) });
    const attached = Object.assign(new Error('x'), { options: { headers: { authorization: SECRET } } });
    const hidden = Object.defineProperty(new Error('x'), 'token', { value: SECRET });
    for (const error of [deep, attached, hidden, [attached]]) {
      expect(leaks({ errors: error }, canaries).join()).toContain('the password');
    }
    expect(leaks({ errors: [new Error('x')], data: { a: [1, null] }, nothing: undefined }, canaries)).toEqual([]);
    expect(textOf(() => 1)).toContain('Function');
  });

  it('should find pieces where they tell something', () => {
    const piece = SECRET.slice(4, 16);
    expect(leaks({ log: piece }, canaries)).toEqual([]);
    expect(leaks({ log: piece }, canaries, { parts: 12 })).toEqual(['a part of the password is in the log']);
    expect(searcher([{ ...canaries[0]!, whole: true }], { parts: 12 })(piece)).toEqual([]);
  });
});

describe('what strikes secrets out', () => {
  const hide = striker([[SECRET, '[hidden]']]);

  it.each([...formsOf(SECRET)])('should leave nothing of %j, which is the secret %s', form => {
    const said = { text: `It was ${form}.`, more: [form, { deep: form, n: 1, no: null }] };
    expect(leaks({ said: hide(said) }, canaries, { parts: 10 })).toEqual([]);
    expect(hide(said).more[1]).toMatchObject({ n: 1, no: null });
  });

  it('should leave nothing of a login, or of letters that were read in another encoding', () => {
    for (const before of ['user:', 'a.user:', 'ab.user:']) {
      const header = Buffer.from(before + SECRET).toString('base64');
      expect(leaks({ header: hide(header) }, canaries)).toEqual([]);
    }
    const garbled = Buffer.from(SECRET).toString('latin1');
    expect(hide(`${garbled} and ${SECRET.replace('ö', '?')} and ${SECRET.replace('ö', '\ufffd')}`)).toBe(
      '[hidden] and [hidden] and [hidden]'
    );
  });

  it('should leave nothing of what was cut off', () => {
    const before = 'The service could not be reached. '.repeat(8);
    for (let length = 6; length <= SECRET.length; length++) {
      expect(hide(before + SECRET.slice(0, length))).toBe(`${before}[hidden]`);
    }
    expect(hide(`${before}pW-"7`)).toBe(`${before}pW-"7`);
  });

  it('should come to an end, however many letters with accents it holds', () => {
    const long = striker([['пароль-администратораXхранилищаY', '[hidden]']]);
    const said = `Сеанс${'неудалосьоткрытьпотомучтопользовательнеимеетправ'.repeat(20)} ${'?'.repeat(200)}`;
    expect(long(said)).toBe(said);
    expect(long('no ??????-??????????????X?????????Y!')).toBe('no [hidden]!');
  });

  it('should find the few that are in a long page among very many', () => {
    const id = (n: number) => String(n).padStart(36, 'f-0');
    const many = striker(Array.from({ length: 500 }, (_, n) => [`https://vc/cls/data/${id(n)}/disk.vmdk`, `<${n}>`]));
    const page = '<p>the quick /brown https://fox jumps over the lazy dog</p>\n'.repeat(20_000);
    const encoded = encodeURIComponent(`https://vc/cls/data/${id(7)}/disk.vmdk`);
    const base64 = Buffer.from(`https://vc/cls/data/${id(8)}/disk.vmdk`).toString('base64url');
    expect(many(`${page}${encoded} ${base64} https://vc/cls/data/${id(499).slice(0, 20)}`).slice(page.length)).toMatch(
      /^<7> <8>.{0,2} <\d+>$/
    );
  });

  it('should leave alone what is no secret', () => {
    const text = 'the library "images" has 12 items; 100% of a+b, &amp; more';
    expect(hide(text)).toBe(text);
    expect(striker([['user', '[hidden]']])('user')).toBe('user');
    const nested = striker([
      ['secret', 'S'],
      ['secret-and-more', 'M']
    ]);
    expect(nested('secret-and-more, secret')).toBe('M, S');
    expect(striker([['lone \ud800 half', 'H']])('a lone \ud800 half')).toBe('a H');
  });
});

describe('the secrets of a connection', () => {
  it('should be those that were added, whenever that was, and the latest addresses for bytes', () => {
    const secrets = makeSecrets();
    expect(secrets.hide('token-1234')).toBe('token-1234');
    secrets.add('token-1234');
    expect(secrets.hide(['token-1234', 5])).toEqual(['[hidden]', 5]);
    const uri = (n: number) => `https://vc/cls/data/${String(n).padStart(32, 'a')}/disk.vmdk?ticket=t${n}-99999`;
    for (let n = 0; n < 400; n++) secrets.addAddress(uri(n));
    secrets.addAddress(uri(399));
    for (const part of [uri(399), new URL(uri(399)).pathname, 'a'.repeat(29) + 399, 'ticket=t399-99999']) {
      expect(secrets.hide(`no ${part}!`)).toBe('no [hidden]!');
    }
    expect(secrets.hide('disk.vmdk')).toBe('disk.vmdk');
    expect(secrets.hide(`no ${'a'.repeat(31)}0`)).toContain('a0');
    secrets.addSource('https://me:pw@x.example/a.iso?X-Signature=abcdef');
    expect(secrets.hide('https://me:pw@x.example/a.iso?X-Signature=abcdef and abcdef, me:pw')).toBe(
      'https://x.example/a.iso and [hidden], [hidden]'
    );
    secrets.addSource('https://x.example/b.iso');
    secrets.addSource('nothing');
    expect(secrets.hide('https://x.example/b.iso')).toBe('https://x.example/b.iso');
    secrets.addAddress('no address at all');
    expect(secrets.hide('no address at all')).toBe('[hidden]');
    expect(secrets.hide('token-1234')).toBe('[hidden]');
  });
});
