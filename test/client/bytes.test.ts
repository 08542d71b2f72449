import { createHash } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { certificateFor } from './certificates.ts';
import { inlineHasher } from './inline-hasher.ts';
import { connected, failureOf, serve, TOKEN, vcenter } from './servers.ts';
import { endless, MIB, ok, small, sourceOf, UPLOAD, uploading } from './uploading.ts';

describe('a push', () => {
  it('should send all bytes in one PUT with their length, on a connection of its own', async () => {
    const { server, push } = await uploading(ok);
    const told: number[] = [];
    expect(await push({ source: small(), onSent: sent => told.push(sent) })).toEqual({ sent: 11, digests: [] });
    const puts = server.seen.filter(({ method }) => method === 'PUT');
    expect(puts).toEqual([expect.objectContaining({ url: UPLOAD, body: 'hello world' })]);
    expect(puts[0]?.headers).toMatchObject({
      'content-length': '11',
      'content-type': 'application/octet-stream',
      'vmware-api-session-id': TOKEN
    });
    expect(puts[0]?.headers['transfer-encoding']).toBeUndefined();
    expect(told).toEqual([6, 11]);
    expect(server.sockets.length).toBe(2);
  });

  it('should send an empty file', async () => {
    const { server, push } = await uploading(ok);
    expect(await push({ source: sourceOf([]), hash: ['MD5'] })).toEqual({
      sent: 0,
      digests: [{ algorithm: 'MD5', checksum: 'd41d8cd98f00b204e9800998ecf8427e' }]
    });
    expect(server.seen.at(-1)?.headers['content-length']).toBe('0');
  });

  it('should skip chunks without bytes, wherever they are', async () => {
    const none = new Uint8Array(0);
    const { server, push } = await uploading(ok);
    expect(await push({ source: sourceOf([none, Buffer.from('a'), none, Buffer.from('b')]) })).toMatchObject({
      sent: 2
    });
    expect(server.seen.at(-1)?.body).toBe('ab');
  });

  it('should make the digests of what was read beside it, and dispose of the hasher', async () => {
    const hasher = inlineHasher();
    const { push } = await uploading(ok, { hasher });
    expect(await push({ source: small(), hash: ['SHA1', 'SHA256'] })).toEqual({
      sent: 11,
      digests: [
        { algorithm: 'SHA1', checksum: createHash('sha1').update('hello world').digest('hex') },
        { algorithm: 'SHA256', checksum: createHash('sha256').update('hello world').digest('hex') }
      ]
    });
    expect(hasher.disposed).toBe(1);
  });

  it('should wait until the hasher has room before it reads on', async () => {
    const source = small();
    let full: () => void = () => {};
    const room = new Promise<void>(resolve => {
      full = resolve;
    });
    const hasher = { start: () => ({ update: () => room, digest: async () => [], dispose: () => {} }) };
    const { push } = await uploading(ok, { hasher });
    let firstWent: () => void = () => {};
    const first = new Promise<void>(resolve => {
      firstWent = resolve;
    });
    const pushed = push({ source, hash: ['SHA1'], onSent: firstWent });
    await first;
    for (let turn = 0; turn < 100; turn += 1) await new Promise(resolve => setImmediate(resolve));
    expect(source.read_).toBe(6);
    full();
    expect(await pushed).toMatchObject({ sent: 11 });
  });

  it('should take a large chunk in pieces, and tell of each', async () => {
    const { push } = await uploading(ok);
    const told: number[] = [];
    await push({ source: sourceOf([new Uint8Array(2.5 * MIB)]), onSent: sent => told.push(sent) });
    expect(told).toEqual([MIB, 2 * MIB, 2.5 * MIB]);
  });

  it('should not read on while the server does not', async () => {
    let resume = () => {};
    const { push } = await uploading(
      (request, response) => {
        request.pause();
        resume = () => request.resume();
        request.on('end', () => void response.end());
      },
      {},
      true
    );
    const source = endless();
    const pushed = push({ source });
    // The network takes what its buffers hold, and then nothing more.
    let last = -1;
    while (source.read_ !== last || last === 0) {
      last = source.read_;
      for (let turn = 0; turn < 200; turn += 1) await new Promise(resolve => setImmediate(resolve));
    }
    expect(source.read_).toBeLessThan(64 * MIB);
    resume();
    expect(await pushed).toMatchObject({ sent: 512 * MIB });
  });

  it('should go beside other pushes, each on its own connection', async () => {
    let waiting: (() => void)[] = [];
    const { server, push } = await uploading((_, response) => {
      waiting.push(() => response.end());
      if (waiting.length === 3) for (const answer of waiting) answer();
    });
    const sent = await Promise.all([push({ source: small() }), push({ source: small() }), push({ source: small() })]);
    expect(sent.map(({ sent }) => sent)).toEqual([11, 11, 11]);
    expect(server.sockets.length).toBe(4);
    waiting = [];
  });
});

describe('the session header of a push', () => {
  it('should not go to another host, unless it is trusted', async () => {
    const foreign = await serve(ok);
    for (const [trustedHosts, expected] of [
      [[], undefined],
      [[foreign.place], TOKEN]
    ] as const) {
      const { push } = await uploading(ok, { trustedHosts });
      await push({ source: small(), uri: `${foreign.url}${UPLOAD}` });
      expect(foreign.seen.at(-1)?.headers['vmware-api-session-id']).toBe(expected);
      expect(foreign.seen.at(-1)?.headers.authorization).toBeUndefined();
    }
  });

  it('should not go from https to http, of which the caller is warned once', async () => {
    const tls = certificateFor('bytes');
    const plain = await serve(ok);
    const secure = await serve(vcenter(), { tls });
    const onWarning = vi.fn();
    const connection = await connected(secure.url, { ca: tls.cert, trustedHosts: ['127.0.0.1'], onWarning });
    for (let i = 0; i < 2; i += 1)
      await connection.bytes.push({ uri: `${plain.url}${UPLOAD}`, source: small(), hash: [] });
    expect(plain.seen.map(({ headers }) => headers['vmware-api-session-id'])).toEqual([undefined, undefined]);
    expect(onWarning.mock.calls).toEqual([[`the server wants bytes to be sent to ${plain.place} without encryption`]]);
  });

  it('should not follow a redirect', async () => {
    const elsewhere = await serve(ok);
    const { push } = await uploading((_, response) => void response.writeHead(307, { location: elsewhere.url }).end());
    expect(await failureOf(push({ source: small() }))).toMatchObject({ code: 'TRANSFER_REFUSED' });
    expect(elsewhere.seen).toEqual([]);
  });
});

describe('an upload address', () => {
  it.each(['ds:///vmfs/volumes/1/a.iso', 'nonsense'])('that nobody can PUT to should be refused: %s', async uri => {
    const { push } = await uploading(ok);
    const source = small();
    expect(await failureOf(push({ source, uri }))).toEqual({
      code: 'UNSUPPORTED',
      message: 'the server gave an upload address that is not http:// or https://'
    });
    expect(source.read_).toBe(0);
  });

  it('should reach the server itself where the host is "any address"', async () => {
    const { server, push } = await uploading(ok);
    await push({ source: small(), uri: `http://0.0.0.0:${server.port}${UPLOAD}` });
    expect(server.count('PUT', UPLOAD)).toBe(1);
  });
});
