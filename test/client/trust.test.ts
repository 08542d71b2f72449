import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { pinOf } from '../../src/adapters/http/pin.ts';
import { connect } from '../../src/connect.ts';
import { certificateFor } from './certificates.ts';
import {
  connected,
  failureOf,
  PASSWORD,
  serve,
  serveProxy,
  serveTcp,
  thrownBy,
  vcenter,
  withLogin
} from './servers.ts';

const good = certificateFor('good');
const other = certificateFor('other');

describe('trust', () => {
  it('should refuse a self-signed certificate before anything is sent, and state its fingerprint', async () => {
    const server = await serve(vcenter(), { tls: good });
    expect(await failureOf(connect(withLogin(server.url)))).toEqual({
      code: 'TLS_UNTRUSTED',
      message: `the certificate of ${server.place} is not trusted (it is self-signed): its SHA-256 fingerprint is ${good.sha256}`
    });
    expect(server.seen).toEqual([]);
  });

  it('should refuse a certificate that is for another name', async () => {
    // Another address of this machine, which is not among the names of the certificate.
    const server = await serve(vcenter(), { tls: good, host: '127.0.0.2' });
    expect(await failureOf(connect(withLogin(server.url, { ca: good.cert })))).toMatchObject({
      code: 'TLS_UNTRUSTED',
      message: expect.stringContaining('it is for another name')
    });
    expect(server.seen).toEqual([]);
  });

  it('should believe a CA given as text or as a file, without a warning', async () => {
    const server = await serve(vcenter(), { tls: good });
    const onWarning = vi.fn();
    const folder = await mkdtemp(join(tmpdir(), 'shelver-ca-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const caFile = join(folder, 'ca.pem');
    await writeFile(caFile, good.cert);
    for (const trust of [{ ca: good.cert }, { caFile }]) {
      const connection = await connected(server.url, { ...trust, onWarning });
      expect(await connection.library.listLibraries()).toEqual(['library-1']);
    }
    expect(onWarning).not.toHaveBeenCalled();
  });

  it('should refuse a CA that did not sign the certificate', async () => {
    const server = await serve(vcenter(), { tls: good });
    expect(await failureOf(connect(withLogin(server.url, { ca: other.cert })))).toMatchObject({
      code: 'TLS_UNTRUSTED'
    });
    expect(server.seen).toEqual([]);
  });

  it('should say that a CA file is missing, or no certificate', async () => {
    const server = await serve(vcenter(), { tls: good });
    expect(await failureOf(connect(withLogin(server.url, { caFile: 'no-such.pem' })))).toMatchObject({
      code: 'INVALID_SPEC',
      message: 'the CA file no-such.pem cannot be read (ENOENT)'
    });
    const nonsense = '-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n';
    expect(await failureOf(connect(withLogin(server.url, { ca: nonsense })))).toMatchObject({
      code: 'INVALID_SPEC',
      message: expect.stringContaining('holds no readable certificate')
    });
  });

  it('should warn each time when nothing is checked', async () => {
    const server = await serve(vcenter(), { tls: good });
    const onWarning = vi.fn();
    await connected(server.url, { insecure: true, onWarning });
    await connected(server.url, { insecure: true, onWarning });
    expect(onWarning.mock.calls.flat()).toEqual(
      new Array(2).fill(expect.stringMatching(/^the certificate of 127\.0\.0\.1:\d+ is not checked/))
    );
  });

  it.each([
    ['http://vc.example.com', 'the login goes to vc.example.com:80 without encryption'],
    ['http://localhost:1', ''],
    ['https://vc.example.com', '']
  ])('should warn when the password leaves this machine in the clear: %s', async (url, said) => {
    const onWarning = vi.fn();
    await thrownBy(connect(withLogin(url, { onWarning, signal: AbortSignal.abort() })));
    expect(onWarning.mock.calls.flat()).toEqual(said === '' ? [] : [expect.stringContaining(said)]);
  });

  it('should warn through the process when nobody listens', async () => {
    const server = await serve(vcenter(), { tls: good });
    const emitWarning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    onTestFinished(() => void emitWarning.mockRestore());
    await connected(server.url, { insecure: true, onWarning: undefined });
    expect(emitWarning).toHaveBeenCalledOnce();
  });
});

describe('a pinned fingerprint', () => {
  it('should be believed in SHA-256, in any spelling, without a warning', async () => {
    const server = await serve(vcenter(), { tls: good });
    const onWarning = vi.fn();
    const bare = good.sha256.replaceAll(':', '').toLowerCase();
    for (const thumbprint of [good.sha256, bare, `sha256:${bare}`])
      await connected(server.url, { thumbprint, onWarning });
    expect(onWarning).not.toHaveBeenCalled();
  });

  it('should be believed in SHA-1, with a warning', async () => {
    const server = await serve(vcenter(), { tls: good });
    const onWarning = vi.fn();
    await connected(server.url, { thumbprint: good.sha1, onWarning });
    expect(onWarning).toHaveBeenCalledWith(expect.stringContaining('SHA-1 fingerprint, which can be forged'));
  });

  it.each([
    ['SHA-256', { thumbprint: other.sha256 }],
    ['SHA-1', { thumbprint: other.sha1 }],
    ['SHA-256, although the CA is trusted', { thumbprint: other.sha256, ca: good.cert }],
    ['SHA-256, although insecure was asked for', { thumbprint: other.sha256, insecure: true }]
  ])('that is wrong should let the server see no request: %s', async (_, trust) => {
    const server = await serve(vcenter(), { tls: good });
    const refused = await thrownBy(connect(withLogin(server.url, trust)));
    expect(refused.failure).toEqual({
      code: 'TLS_PIN_MISMATCH',
      message: `the certificate of ${server.place} is not the pinned one: its SHA-256 fingerprint is ${good.sha256}`
    });
    expect(server.sockets.length).toBeGreaterThan(0);
    expect(server.seen).toEqual([]);
    expect(inspect(refused, { depth: 9 })).not.toContain(PASSWORD);
  });

  it('should let nothing out to an address that shows no certificate', async () => {
    const server = await serve(vcenter());
    const refused = await thrownBy(connect(withLogin(server.url, { thumbprint: good.sha256 })));
    expect(refused.failure).toMatchObject({ code: 'INVALID_SPEC', message: expect.stringContaining(server.place) });
    expect(server.sockets).toEqual([]);
  });

  it('should be held against every connection, a resumed TLS session too', async () => {
    // Both servers could resume the other's sessions: without a handshake, the certificate would look like the old one.
    const ticketKeys = randomBytes(48);
    const first = await serve(vcenter(), { tls: { ...good, ticketKeys, maxVersion: 'TLSv1.2' } });
    const connection = await connected(first.url, { thumbprint: good.sha256 });
    await first.close();
    const second = await serve(vcenter(), { tls: { ...other, ticketKeys, maxVersion: 'TLSv1.2' }, port: first.port });
    expect(await failureOf(connection.library.listLibraries())).toMatchObject({ code: 'TLS_PIN_MISMATCH' });
    expect(second.seen).toEqual([]);
  });

  it('should hold through a proxy', async () => {
    const server = await serve(vcenter(), { tls: good });
    const { port, asked } = await serveProxy();
    const proxy = `http://127.0.0.1:${port}`;
    const connection = await connected(server.url, { thumbprint: good.sha256, proxy });
    expect(await connection.library.listLibraries()).toEqual(['library-1']);
    const seen = server.seen.length;
    expect(await failureOf(connect(withLogin(server.url, { thumbprint: other.sha256, proxy })))).toMatchObject({
      code: 'TLS_PIN_MISMATCH'
    });
    expect(server.seen.length).toBe(seen);
    expect(asked.every(({ target }) => target === server.place)).toBe(true);
  });

  it.each(['', 'zz', 'AB:CD', 'a'.repeat(63)])('should be refused when it is no fingerprint: "%s"', thumbprint => {
    expect(() => pinOf(thumbprint)).toThrow('the thumbprint is not a fingerprint');
  });
});

describe('a proxy', () => {
  it('should carry plain HTTP too, with its own credentials only', async () => {
    const server = await serve(vcenter());
    const { port, asked } = await serveProxy();
    const connection = await connected(server.url, { proxy: `squid:canary-proxy@127.0.0.1:${port}` });
    await connection.library.listLibraries();
    expect(asked[0]).toEqual({
      target: server.place,
      authorization: `Basic ${Buffer.from('squid:canary-proxy').toString('base64')}`
    });
    expect(server.seen.every(({ headers }) => headers['proxy-authorization'] === undefined)).toBe(true);
  });

  it('should be named, without its password, when it refuses or does not answer', async () => {
    const { port } = await serveProxy({ refuse: 407 });
    const url = 'https://vc.example.com';
    const refused = await thrownBy(connect(withLogin(url, { proxy: `http://squid:canary-proxy@127.0.0.1:${port}` })));
    expect(refused.failure).toEqual({
      code: 'CONNECTION',
      message: `the proxy 127.0.0.1:${port} does not connect to vc.example.com:443 (it answered 407)`,
      next: `ask whoever runs the proxy 127.0.0.1:${port}, or go without it: --proxy none`
    });
    expect(inspect(refused, { depth: 9 })).not.toContain('canary');
    expect(await failureOf(connect(withLogin(url, { proxy: 'http://127.0.0.1:1' })))).toEqual({
      code: 'CONNECTION',
      message: 'nobody answers at vc.example.com:443, asked for through the proxy 127.0.0.1:1 (connection refused)',
      next: 'check that the proxy 127.0.0.1:1 is up and reachable, or go without it: --proxy none'
    });
  });

  it.each([
    ['socks5://127.0.0.1:1', 'a proxy of the kind socks5:// is not supported'],
    ['http://', 'the proxy is not a URL']
  ])('should be refused when it is %s', async (proxy, why) => {
    expect(await failureOf(connect(withLogin('https://vc', { proxy })))).toMatchObject({
      code: 'INVALID_SPEC',
      message: expect.stringContaining(why)
    });
  });
});

describe('connecting', () => {
  it('should say when nobody answers', async () => {
    expect(await failureOf(connect(withLogin('http://127.0.0.1:1')))).toEqual({
      code: 'CONNECTION',
      message: 'nobody answers at 127.0.0.1:1 (connection refused)'
    });
  });

  it('should give up on a server that never finishes its handshake', async () => {
    const silent = await serveTcp(() => {});
    const url = `https://127.0.0.1:${silent.port}`;
    expect(await failureOf(connect(withLogin(url, { timeouts: { connectMs: 50 } })))).toEqual({
      code: 'TIMED_OUT',
      message: `could not connect to 127.0.0.1:${silent.port} within 0.05 s`
    });
  });

  it('should give up on a proxy that never answers', async () => {
    const silent = await serveTcp(() => {});
    const proxy = `http://127.0.0.1:${silent.port}`;
    expect(await failureOf(connect(withLogin('https://vc', { proxy, timeouts: { connectMs: 50 } })))).toMatchObject({
      code: 'TIMED_OUT',
      next: expect.stringContaining(`the proxy 127.0.0.1:${silent.port} is up`)
    });
  });

  it('should see that a port for https does not speak TLS', async () => {
    const plain = await serve(vcenter());
    expect(await failureOf(connect(withLogin(plain.url.replace('http:', 'https:'))))).toEqual({
      code: 'NOT_THE_SERVICE',
      message: `${plain.place} does not speak TLS: perhaps its address begins with http://`
    });
  });

  it('should see that a port for http speaks TLS', async () => {
    const secure = await serve(vcenter(), { tls: good });
    const refused = await failureOf(connect(withLogin(secure.url.replace('https:', 'http:'))));
    expect(refused.message).toContain('its address begins with https://');
  });

  it('should say when the handshake is cut', async () => {
    const cut = await serveTcp(socket => socket.destroy());
    expect(await failureOf(connect(withLogin(`https://127.0.0.1:${cut.port}`)))).toMatchObject({
      code: 'CONNECTION',
      message: `127.0.0.1:${cut.port} closed the connection during the TLS handshake`
    });
  });

  it('should drop a connection that comes about when the time is up', async () => {
    const server = await serve(vcenter(), { tls: good });
    let release = () => {};
    const hold = new Promise<void>(resolve => {
      release = resolve;
    });
    const { port, sockets } = await serveProxy({ hold });
    const options = { proxy: `http://127.0.0.1:${port}`, timeouts: { connectMs: 50 }, ca: good.cert };
    expect(await failureOf(connect(withLogin(server.url, options)))).toMatchObject({ code: 'TIMED_OUT' });
    const closed = once(sockets[0]!, 'close');
    release();
    await closed;
    expect(server.seen).toEqual([]);
  });
});
