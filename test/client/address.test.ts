import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { addressOf, mayHaveSession, usableUploadUrl } from '../../src/adapters/http/address.ts';
import { PortFailure } from '../../src/ports.ts';

describe('the address of a server', () => {
  it.each([
    ['vc.example.com', 'https://vc.example.com:443', 'vc.example.com'],
    ['https://VC.example.com/', 'https://vc.example.com:443', 'vc.example.com'],
    ['https://vc.example.com/sdk', 'https://vc.example.com:443', 'vc.example.com'],
    ['vc.example.com:8443', 'https://vc.example.com:8443', 'vc.example.com:8443'],
    ['http://127.0.0.1:8989', 'http://127.0.0.1:8989', '127.0.0.1:8989'],
    ['http://vc', 'http://vc:80', 'vc'],
    ['https://[::1]:8443', 'https://[::1]:8443', '[::1]:8443']
  ])('should be read from %s', (text, origin, name) => {
    expect(addressOf(text)).toMatchObject({ origin, name });
  });

  it.each([
    ['ftp://vc.example.com', 'only https:// and http:// are possible'],
    ['https://', 'is not a URL'],
    ['https://ada:canary-password@vc', 'holds a user name or password'],
    ['ada:canary-password@vc', 'holds a user name or password'],
    ['https://ada@vc', 'holds a user name or password']
  ])('should be refused when it is %s, without repeating it', (text, why) => {
    let thrown: unknown;
    try {
      addressOf(text);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(PortFailure);
    expect((thrown as PortFailure).failure).toMatchObject({
      code: 'BAD_ADDRESS',
      message: expect.stringContaining(why)
    });
    expect(inspect(thrown, { depth: 9 })).not.toContain('canary');
  });
});

describe('the session header', () => {
  const vcenter = addressOf('https://vc.example.com');
  const may = (url: string, trusted: string[] = [], at = vcenter) => mayHaveSession(new URL(url), at, trusted);

  it.each([
    ['https://vc.example.com/cls/data/1/a', [], true],
    ['https://vc.example.com:443/cls/data/1/a', [], true],
    ['https://VC.EXAMPLE.COM/cls/data/1/a', [], true],
    ['https://vc.example.com:8443/cls/data/1/a', [], false],
    ['https://vc.example.com.evil.example/a', [], false],
    ['https://evil.example/a', [], false],
    ['https://esx1.example.com/a', ['esx1.example.com'], true],
    ['https://esx1.example.com:8443/a', ['ESX1.example.com'], true],
    ['https://esx1.example.com:8443/a', ['esx1.example.com:8443'], true],
    ['https://esx1.example.com/a', ['esx1.example.com:8443'], false],
    ['http://vc.example.com/a', [], false],
    ['http://esx1.example.com/a', ['esx1.example.com'], false]
  ])('to %s with trusted hosts %j: %s', (url, trusted, expected) => {
    expect(may(url, trusted)).toBe(expected);
  });

  it('should go to the loopback under any of its names, on the same port', () => {
    const local = addressOf('http://localhost:8989');
    expect(may('http://127.0.0.1:8989/data', [], local)).toBe(true);
    expect(may('http://127.0.0.1:8990/data', [], local)).toBe(false);
    expect(may('http://10.0.0.1:8989/data', [], local)).toBe(false);
  });
});

describe('an upload address', () => {
  const vcenter = addressOf('https://vc.example.com');

  it('should be used as the server gave it', () => {
    expect(usableUploadUrl('http://10.1.2.3:8989/data/1/a.iso', vcenter).href).toBe(
      'http://10.1.2.3:8989/data/1/a.iso'
    );
  });

  it.each(['0.0.0.0', '[::]'])('should name the server itself where it names %s, which nobody can connect to', host => {
    expect(usableUploadUrl(`https://${host}:8443/data/1`, vcenter).href).toBe('https://vc.example.com:8443/data/1');
  });
});
