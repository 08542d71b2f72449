// A look at a source that the service is to fetch: what it tells, whom it trusts, and what it never says.
import { createHash, X509Certificate } from 'node:crypto';
import net from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { httpSourceProbe } from '../../src/adapters/http/source-probe.ts';
import { createRetryBudget } from '../../src/retry-budget.ts';
import { PortFailure, type ProbeRequest } from '../../src/ports.ts';
import { certificateFor } from './certificates.ts';
import { serve } from './servers.ts';

const SECRET = 'canary-signature-3d90';
const timeouts = { connectMs: 5_000, headersMs: 5_000, stallMs: 5_000, answerMs: 5_000 };
const OURS = certificateFor('ours');
const look = (request: ProbeRequest, options: Partial<Parameters<typeof httpSourceProbe>[0]> = {}) =>
  httpSourceProbe({ timeouts, budget: createRetryBudget(), ...options }).probe(request);
const refused = async (request: ProbeRequest, options: Partial<Parameters<typeof httpSourceProbe>[0]> = {}) => {
  const error = await look(request, options).then(
    () => undefined,
    (cause: unknown) => cause
  );
  expect(error).toBeInstanceOf(PortFailure);
  expect(JSON.stringify([(error as PortFailure).failure, String((error as PortFailure).cause)])).not.toContain(SECRET);
  return (error as PortFailure).failure;
};

describe('a source that is there', () => {
  it('should tell its size by a HEAD, without the bytes being read', async () => {
    const { url, seen } = await serve((_, response) => response.writeHead(200, { 'content-length': 12_345 }).end());
    expect(await look({ uri: `${url}/a.iso?sig=${SECRET}` })).toEqual({
      uri: `${url}/a.iso?sig=${SECRET}`,
      size: 12_345
    });
    expect(seen.map(({ method, url: path, headers }) => [method, path, headers['accept-encoding']])).toEqual([
      ['HEAD', `/a.iso?sig=${SECRET}`, 'identity']
    ]);
  });
  it.each([403, 405, 501])('should be asked for its first byte where HEAD is answered %i', async status => {
    const { url, seen } = await serve(({ method }, response) => {
      if (method === 'HEAD') return response.writeHead(status).end();
      return response.writeHead(206, { 'content-range': 'bytes 0-0/777', 'content-length': 1 }).end('x');
    });
    expect((await look({ uri: `${url}/a` })).size).toBe(777);
    expect(seen.map(({ method, headers }) => [method, headers.range])).toEqual([
      ['HEAD', undefined],
      ['GET', 'bytes=0-0']
    ]);
  });
  it('should be empty where it has no first byte', async () => {
    const sizes = ['bytes */0', 'bytes */7'].map(async range => {
      const { url } = await serve(({ method }, response) =>
        response.writeHead(method === 'HEAD' ? 403 : 416, { 'content-range': range }).end()
      );
      return (await look({ uri: `${url}/a?sig=${SECRET}` })).size;
    });
    const [empty, odd] = await Promise.allSettled(sizes);
    expect(empty).toEqual({ status: 'fulfilled', value: 0 });
    expect(odd).toMatchObject({ status: 'rejected', reason: { failure: { code: 'SOURCE_UNREADABLE' } } });
  });
  it('should not be read to its end where it knows no ranges', async () => {
    const { url } = await serve(({ method }, response) => {
      if (method === 'HEAD') return response.writeHead(405).end();
      response.writeHead(200, { 'content-length': 1e9 }).write('the beginning');
    });
    expect((await look({ uri: `${url}/a` })).size).toBe(1e9);
  });
  it.each([
    ['does not say', {}],
    ['sends it encoded', { 'content-length': 5, 'content-encoding': 'gzip' }],
    ['says nonsense', { 'content-range': 'bytes 0-0/*' }]
  ])('should be of unknown size when it %s', async (_, headers) => {
    const { url } = await serve((_request, response) =>
      response.writeHead('content-range' in headers ? 206 : 200, headers).end()
    );
    expect(await look({ uri: `${url}/a` })).toEqual({ uri: `${url}/a` });
  });
  it('should be of the size that it says it has as it is', async () => {
    const headers = { 'content-length': 5, 'content-encoding': 'identity' };
    const { url } = await serve((_, response) => response.writeHead(200, headers).end());
    expect((await look({ uri: `${url}/a` })).size).toBe(5);
  });
  it('should be found through redirects, and told where they lead to', async () => {
    const there = await serve((_, response) => response.writeHead(200, { 'content-length': 3 }).end());
    const { url } = await serve(({ url: path }, response) => {
      const location = path === '/a' ? '/b' : `${there.url}/c?sig=${SECRET}`;
      response.writeHead(302, { location }).end();
    });
    expect(await look({ uri: `${url}/a` })).toEqual({ uri: `${there.url}/c?sig=${SECRET}`, size: 3 });
  });
});

describe('a source that cannot be had', () => {
  it.each([404, 500, 304])(
    'should be told with its status %i, its address without the query, and what to do',
    async status => {
      const { url } = await serve((_, response) => response.writeHead(status).end());
      expect(await refused({ uri: `${url}/a.iso?sig=${SECRET}` })).toMatchObject({
        code: 'SOURCE_UNREADABLE',
        message: `${url}/a.iso answers ${status}`,
        next: expect.stringContaining('--no-probe')
      });
    }
  );
  it.each([
    ['in a circle', '/a', 'redirects more than 5 times'],
    ['to what is no address', 'http://[', 'redirects to what is no address'],
    ['to another scheme', `ftp://x.example/${SECRET}`, 'redirects to ftp:']
  ])('should be refused when it redirects %s', async (_, location, message) => {
    const { url, seen } = await serve((_request, response) => response.writeHead(301, { location }).end());
    const failure = await refused({ uri: `${url}/a?sig=${SECRET}` });
    expect([failure.code, failure.message]).toEqual(['SOURCE_UNREADABLE', `${url}/a ${message}`]);
    expect(seen.length).toBeLessThan(7);
  });
  it('should be refused when its way leads from TLS to none', async () => {
    const plain = await serve((_, response) => response.end());
    const { url } = await serve(
      (_, response) => response.writeHead(302, { location: `${plain.url}/b?${SECRET}` }).end(),
      {
        tls: OURS
      }
    );
    const failure = await refused({ uri: `${url}/a`, ca: OURS.cert });
    expect(failure.message).toContain(`redirects to ${plain.url}/b, which is not encrypted`);
    expect(plain.seen).toEqual([]);
  });
  it('should be told when nobody answers there, with the way around', async () => {
    const gone = await serve((_, response) => response.end());
    await gone.close();
    const failure = await refused({ uri: `${gone.url}/a?sig=${SECRET}` });
    expect(failure).toMatchObject({ code: 'SOURCE_UNREADABLE', next: expect.stringContaining('--no-probe') });
    expect(failure.message).toContain(`${gone.url}/a cannot be looked at from here: nobody answers at`);
    expect(failure.ambiguous).toBeUndefined();
  });
  it('should be told when it breaks off, or is silent', async () => {
    const { url } = await serve((_, response) => response.destroy());
    expect((await refused({ uri: `${url}/a` })).code).toBe('SOURCE_UNREADABLE');
    const silent = await serve(() => undefined);
    const failure = await refused({ uri: `${silent.url}/a` }, { timeouts: { ...timeouts, headersMs: 30 } });
    expect(failure.message).toContain('did not answer in time');
  });
  it('should be told when it would rather speak something else', async () => {
    const switching = 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: other\r\n\r\n';
    const { url } = await serve(({ socket }) => socket.write(switching));
    expect((await refused({ uri: `${url}/a?sig=${SECRET}` })).code).toBe('SOURCE_UNREADABLE');
  });
  it('should not be waited for once nobody wants it, before and while it is asked', async () => {
    const abort = new AbortController();
    const { url, seen } = await serve(() => abort.abort());
    expect((await refused({ uri: `${url}/a`, signal: abort.signal })).code).toBe('CANCELED');
    expect((await refused({ uri: `${url}/a`, signal: AbortSignal.abort() })).code).toBe('CANCELED');
    expect(seen.length).toBe(1);
  });
});

describe('the certificate of a source', () => {
  const source = () => serve((_, response) => response.writeHead(200, { 'content-length': 9 }).end(), { tls: OURS });
  const told = new X509Certificate(OURS.cert);

  it('should be told as PEM and by its SHA-1 fingerprint, as the service wants it', async () => {
    const { url } = await source();
    for (const request of [{ ca: OURS.cert }, { thumbprint: OURS.sha256 }, { thumbprint: OURS.sha1 }]) {
      const { certificate } = await look({ uri: `${url}/a`, ...request });
      expect(certificate?.thumbprint).toMatch(/^([0-9A-F]{2}:){19}[0-9A-F]{2}$/);
      const der = new X509Certificate(String(certificate?.pem)).raw;
      expect(createHash('sha1').update(der).digest('hex')).toBe(
        certificate?.thumbprint.replaceAll(':', '').toLowerCase()
      );
      expect(der.equals(told.raw)).toBe(true);
    }
  });
  it('should be believed by the authorities that the connection believes', async () => {
    const { url } = await source();
    expect((await look({ uri: `${url}/a` }, { ca: Buffer.from(OURS.cert) })).size).toBe(9);
  });
  it('should be refused when nobody vouches for it, before the source has seen the request', async () => {
    const { url, place, seen } = await source();
    expect(await refused({ uri: `${url}/a?sig=${SECRET}` })).toMatchObject({
      code: 'TLS_UNTRUSTED',
      message: `the certificate of the source ${place} is not trusted (it is self-signed): its fingerprints are SHA-256 ${told.fingerprint256} and SHA-1 ${told.fingerprint}`,
      next: expect.stringContaining('--source-thumbprint')
    });
    expect(seen).toEqual([]);
  });
  it('should be refused when it is not the pinned one, by either fingerprint', async () => {
    const { url, seen } = await source();
    const other = certificateFor('other');
    for (const thumbprint of [other.sha256, other.sha1]) {
      const failure = await refused({ uri: `${url}/a`, thumbprint, ca: OURS.cert });
      expect(failure).toMatchObject({
        code: 'TLS_PIN_MISMATCH',
        next: expect.stringContaining('whoever runs the source')
      });
      expect(failure.message).toContain(told.fingerprint256);
    }
    expect(seen).toEqual([]);
  });
  it('should be refused when the authorities given are none', async () => {
    const { url } = await source();
    expect((await refused({ uri: `${url}/a`, ca: 'nonsense' })).code).toBe('INVALID_SPEC');
  });
});

it('should go through the proxy that is given', async () => {
  const source = await serve((_, response) => response.writeHead(200, { 'content-length': 4 }).end());
  const asked: string[] = [];
  const proxy = net.createServer(socket => {
    socket.on('error', () => undefined);
    socket.once('data', data => {
      asked.push(String(data).split('\r\n')[0] as string);
      const through = net.connect(source.port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        through.pipe(socket).pipe(through);
      });
      through.on('error', () => undefined);
    });
  });
  await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void proxy.close());
  const { port } = proxy.address() as net.AddressInfo;
  expect((await look({ uri: `${source.url}/a`, proxy: `http://127.0.0.1:${port}` })).size).toBe(4);
  expect(asked).toEqual([`CONNECT ${source.place} HTTP/1.1`]);
});
