// Where the simulator lets itself be sent, judged without a network.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allowedHosts } from '../../../src/simulator/pull/hosts.ts';

const allows = (hosts: readonly string[], url: string) => allowedHosts(hosts).allow(new URL(url));
const connects = (hosts: readonly string[], url: string, address: string) =>
  allowedHosts(hosts).mayConnect(new URL(url), address);

describe('the list of allowed hosts', () => {
  it.each([
    [['images.example'], 'https://images.example/a'],
    [['IMAGES.example'], 'http://images.EXAMPLE:8080/a'],
    [['images.example'], 'https://images.example./a'],
    [['images.example:443'], 'https://images.example/a'],
    [['images.example:80'], 'http://images.example/a'],
    [['*.example'], 'https://a.b.example/'],
    [['*.example:8443'], 'https://a.example:8443/'],
    [['127.0.0.1'], 'http://127.1/'],
    [['127.0.0.1'], 'http://2130706433/'],
    [['::1'], 'http://[::1]:8080/'],
    [['[0:0::1]:8080'], 'http://[::1]:8080/'],
    [['no.example', 'bücher.example'], 'http://xn--bcher-kva.example/']
  ])('should let %j match %s', (hosts, url) => {
    expect(allows(hosts, url)).toBe(true);
  });

  it.each([
    [[], 'https://images.example/'],
    [['images.example'], 'https://evil.example/'],
    [['images.example'], 'https://images.example.evil/'],
    [['images.example:443'], 'https://images.example:444/'],
    [['images.example:443'], 'http://images.example/'],
    [['*.example'], 'https://example/'],
    [['*.example'], 'https://badexample/'],
    [['127.0.0.1'], 'http://127.0.0.2/'],
    [['127.0.0.1'], 'http://[::ffff:127.0.0.1]/'],
    [['images.example'], 'http://images.example@evil.example/'],
    [['images.example'], 'http://evil.example/images.example'],
    [['images.example'], 'http://evil.example\\@images.example/']
  ])('should not let %j match %s', (hosts, url) => {
    expect(allows(hosts, url)).toBe(false);
  });

  it.each([
    '',
    '*',
    '*.',
    'a/b',
    'http://a',
    'a:b',
    'a:99999',
    'user@a',
    '*.127.0.0.1',
    '*.[::1]',
    '[::1',
    'a b',
    'a*'
  ])('should refuse %j as a host', host => {
    expect(() => allowedHosts(['good.example', host])).toThrow(`${JSON.stringify(host)} is no host to fetch from`);
  });
});

describe('an address of IPv4', () => {
  const octet = fc.integer({ min: 0, max: 255 });
  const written = fc.tuple(octet, octet, octet, octet).chain(([a, b, c, d]) => {
    const number = ((a * 256 + b) * 256 + c) * 256 + d;
    const hex = (n: number) => `0x${n.toString(16)}`;
    const octal = (n: number) => `0${n.toString(8)}`;
    const tail = c * 256 + d;
    const forms = [`${a}.${b}.${c}.${d}`, `${number}`, hex(number), octal(number), `${hex(a)}.${octal(b)}.${tail}`];
    return fc.record({ plain: fc.constant(forms[0]!), form: fc.constantFrom(...forms) });
  });

  it('should be allowed as itself only, however it is written', () => {
    fc.assert(
      fc.property(written, written, ({ plain, form }, other) => {
        const url = `http://${form}/`;
        expect(allows([plain], url)).toBe(true);
        expect(allows(['images.example', '*.example', 'localhost'], url)).toBe(false);
        if (other.plain !== plain) expect(allows([other.plain], url)).toBe(false);
      })
    );
  });
});

describe('the address that an allowed name leads to', () => {
  const EXACT = [['images.example'], 'http://images.example/'] as const;
  const WILD = [['*.example'], 'http://images.example/'] as const;

  it.each(['93.184.216.34', '2606:2800:220:1::1', '::ffff:93.184.216.34'])('may be %s', address => {
    expect([connects(...EXACT, address), connects(...WILD, address)]).toEqual([true, true]);
  });

  it.each(['10.0.0.1', '172.16.5.4', '192.168.1.1', '100.64.0.1', 'fd12::1', '::ffff:10.0.0.1'])(
    'may be %s for an exact name only',
    address => {
      expect([connects(...EXACT, address), connects(...WILD, address)]).toEqual([true, false]);
    }
  );

  it.each([
    '127.0.0.1',
    '127.8.8.8',
    '0.0.0.0',
    '169.254.169.254',
    '100.100.100.200',
    '192.0.0.192',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    '::127.0.0.1',
    '::ffff:127.0.0.1',
    '::ffff:169.254.169.254',
    '::ffff:0:7f00:1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::1',
    '2001::1',
    'fe80::1',
    'fec0::1',
    'ff02::1',
    'fd00:ec2::254',
    'not an address'
  ])('may not be %s', address => {
    expect([connects(...EXACT, address), connects(...WILD, address)]).toEqual([false, false]);
  });

  it('may be one that is written in the list itself', () => {
    expect(connects(['images.example', '127.0.0.1'], 'http://images.example/', '127.0.0.1')).toBe(true);
    expect(connects(['images.example', '::1'], 'http://images.example/', '::1')).toBe(true);
    expect(connects(['images.example', '127.0.0.1:81'], 'http://images.example/', '127.0.0.1')).toBe(false);
  });

  it('may be of this machine for localhost, where that is in the list', () => {
    for (const address of ['127.0.0.1', '::1']) {
      expect(connects(['localhost'], 'http://localhost/', address)).toBe(true);
      expect(connects(['*.localhost'], 'http://a.localhost/', address)).toBe(false);
    }
    expect(connects(['localhost'], 'http://localhost/', '169.254.169.254')).toBe(false);
  });
});
