import { describe, expect, it } from 'vitest';
import { proxyFor } from '../../src/cli/proxy.ts';

const BOTH = { HTTPS_PROXY: 'http://s:1', HTTP_PROXY: 'http://p:2' };

describe('the proxy', () => {
  it('should follow the scheme of the address', () => {
    expect(proxyFor('https://vc.example.com', undefined, BOTH)).toBe('http://s:1');
    expect(proxyFor('vc.example.com', undefined, BOTH)).toBe('http://s:1');
    expect(proxyFor('http://vc.example.com', undefined, BOTH)).toBe('http://p:2');
    expect(proxyFor('https://vc.example.com', undefined, { https_proxy: 'http://low:3', ...BOTH })).toBe(
      'http://low:3'
    );
    expect(proxyFor('http://vc.example.com', undefined, { http_proxy: 'http://low:3' })).toBe('http://low:3');
    expect(proxyFor('https://vc.example.com', undefined, {})).toBeUndefined();
    expect(proxyFor('https://not an address', undefined, BOTH)).toBeUndefined();
  });

  it('should be the one that is asked for, whatever the environment exempts', () => {
    const env = { ...BOTH, SHELVER_PROXY: 'http://own:4', NO_PROXY: '*' };
    expect(proxyFor('https://vc.example.com', undefined, env)).toBe('http://own:4');
    expect(proxyFor('https://vc.example.com', 'http://flag:5', env)).toBe('http://flag:5');
    expect(proxyFor('https://vc.example.com', 'none', env)).toBeUndefined();
    expect(proxyFor('https://vc.example.com', undefined, { ...env, SHELVER_PROXY: 'none' })).toBeUndefined();
  });

  it('should be refused with a password on the command line, without repeating it', () => {
    const refused = () => proxyFor('https://vc.example.com', 'http://me:hunter2@p:1', {});
    expect(refused).toThrow(/^the address given by --proxy holds a user name or password/);
    expect(refused).not.toThrow(/hunter2/);
  });

  it('should never stand before a loopback address by itself', () => {
    for (const host of ['localhost', '127.0.0.1', '127.8.8.8', '[::1]']) {
      expect(proxyFor(`http://${host}:8080`, undefined, BOTH), host).toBeUndefined();
    }
  });

  const EXEMPT: readonly [list: string, url: string, exempt: boolean][] = [
    ['vc.example.com', 'https://vc.example.com', true],
    ['example.com', 'https://vc.example.com', true],
    ['.example.com', 'https://vc.example.com', true],
    ['*.example.com', 'https://vc.example.com', true],
    ['.example.com', 'https://example.com', false],
    ['ample.com', 'https://example.com', false],
    ['EXAMPLE.com', 'https://vc.Example.COM', true],
    ['other.com, example.com', 'https://vc.example.com', true],
    ['vc.example.com:443', 'https://vc.example.com', true],
    ['vc.example.com:8443', 'https://vc.example.com', false],
    ['vc.example.com:80', 'http://vc.example.com', true],
    ['*', 'https://vc.example.com', true],
    [',,', 'https://vc.example.com', false],
    ['10.0.0.0/8', 'https://10.1.2.3', true],
    ['10.0.0.0/8', 'https://11.1.2.3', false],
    ['10.0.0.0/8', 'https://vc.example.com', false],
    ['10.0.0.0/99', 'https://10.1.2.3', false],
    ['fd00::/8', 'https://[fd00::1]', true],
    ['fd00::/999', 'https://[fd00::1]', false],
    ['fd00::1', 'https://[fd00::1]', true],
    ['10.1.2.3', 'https://10.1.2.3', true],
    ['10.1.2.3', 'https://10.1.2.33', false]
  ];
  for (const [list, url, exempt] of EXEMPT) {
    it(`should ${exempt ? 'be left out' : 'stand'} for ${url} with NO_PROXY=${list}`, () => {
      const found = proxyFor(url, undefined, { ...BOTH, NO_PROXY: list });
      expect(found === undefined).toBe(exempt);
    });
  }
});
