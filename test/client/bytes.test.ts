import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { failure } from '../../machines/vocabulary.ts';
import { type ByteSource, PortFailure, type PushRequest } from '../../src/ports.ts';
import type { ConnectOptions } from '../../src/connect.ts';
import { certificateFor } from './certificates.ts';
import { inlineHasher } from './inline-hasher.ts';
import { type Answer, connected, failureOf, json, serve, text, thrownBy, TOKEN, vcenter } from './servers.ts';

const UPLOAD = '/cls/data/canary-transfer-0123456789/a.iso';
const MIB = 2 ** 20;

/** A source of these chunks; `closed` tells that it was read no further and let go. */
function sourceOf(
  chunks: readonly (Uint8Array | Error)[],
  size?: number
): ByteSource & { closed: number; read_: number } {
  const source = {
    size: size ?? chunks.reduce((sum, chunk) => sum + (chunk instanceof Error ? 0 : chunk.length), 0),
    closed: 0,
    read_: 0,
    async *read() {
      try {
        for (const chunk of chunks) {
          if (chunk instanceof Error) throw chunk;
          source.read_ += chunk.length;
          yield chunk;
        }
      } finally {
        source.closed += 1;
      }
    }
  };
  return source;
}

/** More than the buffers of any socket hold. */
const endless = () => sourceOf(new Array(512).fill(new Uint8Array(MIB)));
const small = () => sourceOf([Buffer.from('hello '), Buffer.from('world')]);

async function uploading(put: Answer, options: Partial<ConnectOptions> = {}, early = false) {
  const server = await serve(
    (request, response, seen) => {
      if (seen.method === 'PUT') return put(request, response, seen);
      vcenter()(request, response, seen);
    },
    { early }
  );
  const connection = await connected(server.url, { profile: '8.0', ...options });
  const push = (request: Partial<PushRequest> & { source: ByteSource }) =>
    connection.bytes.push({ uri: `${server.url}${UPLOAD}`, hash: [], ...request });
  return { server, connection, push };
}

const ok: Answer = (_, response) => void response.writeHead(200).end();

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

describe('a push that the server refuses', () => {
  const said = {
    error_type: 'INVALID_ARGUMENT',
    messages: [{ id: 'm', default_message: 'The checksum differs.', args: [] }]
  };

  it('should end in what the server said, with the digests, because all was read', async () => {
    const { push } = await uploading((_, response) => void json(response, 400, said));
    expect(await failureOf(push({ source: small(), hash: ['MD5'] }))).toEqual({
      code: 'INVALID_ARGUMENT',
      message: 'The checksum differs.',
      service: { errorType: 'INVALID_ARGUMENT', status: 400, messages: said.messages },
      sent: 11,
      digests: [{ algorithm: 'MD5', checksum: createHash('md5').update('hello world').digest('hex') }]
    });
  });

  it.each([
    ['keeps the connection', () => {}],
    ['resets it at once', (socket: { resetAndDestroy(): void }) => socket.resetAndDestroy()]
  ])('early should stop the sending at once and be heard, when the server %s', async (_, then) => {
    const { push } = await uploading(
      (request, response) => {
        request.pause();
        json(response, 507, said, { 'retry-after': '3' });
        response.on('finish', () => then(request.socket));
      },
      {},
      true
    );
    const source = endless();
    const refused = await failureOf(push({ source, hash: ['SHA1'] }));
    expect(refused).toMatchObject({ code: 'INVALID_ARGUMENT', message: 'The checksum differs.', retryAfterMs: 3_000 });
    expect(refused.digests).toBeUndefined();
    expect(refused.ambiguous).toBeUndefined();
    expect(refused.sent).toBeLessThan(64 * MIB);
    expect(source.closed).toBe(1);
  });

  it('early with success should not be taken for success', async () => {
    const { server, push } = await uploading((_, response) => void response.writeHead(200).end(), {}, true);
    expect(await failureOf(push({ source: endless() }))).toMatchObject({
      code: 'TRANSFER_REFUSED',
      message: `${server.place} answered 200 before it had all the bytes`
    });
  });

  it.each([
    [404, 'nothing here', 'TRANSFER_REFUSED'],
    [400, '', 'TRANSFER_REFUSED'],
    [403, '', 'UNAUTHORIZED'],
    [429, '', 'UNAVAILABLE'],
    [500, 'vmdk: invalid format', 'SERVER_ERROR'],
    [503, '', 'UNAVAILABLE']
  ])('with %i and text "%s" should be %s', async (status, body, code) => {
    const { push } = await uploading((_, response) => void text(response, status, body));
    const refused = await failureOf(push({ source: small() }));
    expect(refused).toMatchObject({ code, sent: 11 });
    if (body) expect(refused.message).toBe(body);
  });

  it('should hear a refusal that is cut short, and not more of one than anybody reads', async () => {
    const cut = await uploading((request, response) => {
      response.writeHead(500, { 'content-length': '1000' });
      response.write('half a sen', () => request.socket.destroy());
    });
    expect(await failureOf(cut.push({ source: small() }))).toMatchObject({ code: 'SERVER_ERROR' });
    const long = await uploading((_, response) => {
      response.writeHead(500);
      const more = () => void response.write('x'.repeat(65_536), error => error ?? setImmediate(more));
      more();
    });
    expect(await failureOf(long.push({ source: small() }))).toMatchObject({ code: 'SERVER_ERROR' });
  });

  it('because the login ended should find a new login at the next attempt', async () => {
    let logins = 0;
    const server = await serve(
      vcenter((_, response, { method, url, headers }) => {
        if (url === '/api/session' && method === 'POST') return json(response, 201, `canary-token-${++logins}`);
        if (method !== 'PUT') return false;
        return headers['vmware-api-session-id'] === 'canary-token-1' ? json(response, 401) : json(response, 200);
      })
    );
    const { bytes } = await connected(server.url);
    const push = () => bytes.push({ uri: `${server.url}${UPLOAD}`, source: small(), hash: [] });
    expect(await failureOf(push())).toMatchObject({
      code: 'TRANSFER_REFUSED',
      message: `${server.place} refused the bytes: the login had ended`,
      sent: 11
    });
    expect(await push()).toMatchObject({ sent: 11 });
    expect(logins).toBe(2);
  });

  it('because it was not shown the session should say how to trust that host', async () => {
    const foreign = await serve((_, response) => void response.writeHead(401).end());
    const { push } = await uploading(ok);
    expect(await failureOf(push({ source: small(), uri: `${foreign.url}${UPLOAD}` }))).toMatchObject({
      code: 'UNAUTHENTICATED',
      message: `${foreign.place} refused the bytes: this host is not trusted with the login session (trustedHosts)`
    });
  });

  it('should not repeat the upload address or the session, whatever the server says', async () => {
    const echo = `PUT ${UPLOAD} of canary-transfer-0123456789 with ${TOKEN} failed`;
    const { server, push } = await uploading((_, response) => void text(response, 500, echo));
    const refused = await thrownBy(push({ source: small() }));
    expect(inspect(refused, { depth: 9 })).not.toContain('canary');
    await server.close();
    const dead = await thrownBy(push({ source: small() }));
    expect(dead.failure.code).toBe('CONNECTION');
    expect(inspect(dead, { depth: 9, showHidden: true })).not.toContain('canary');
  });
});

describe('a push whose connection fails', () => {
  it('on the way should tell what was sent, and be certain that the server has not all', async () => {
    const { server, push } = await uploading(
      request => {
        let had = 0;
        request.on('data', chunk => {
          had += chunk.length;
          if (had > 3 * MIB) request.socket.resetAndDestroy();
        });
      },
      {},
      true
    );
    const source = endless();
    const broken = await failureOf(push({ source, hash: ['SHA1'] }));
    expect(broken).toEqual({
      code: 'CONNECTION',
      message: `${server.place} broke the connection before its answer was complete`,
      sent: expect.any(Number)
    });
    expect(broken.sent).toBeGreaterThan(0);
    expect(source.closed).toBe(1);
  });

  it('after the last byte should be ambiguous, with the digests', async () => {
    const { push } = await uploading(request => void request.socket.destroy());
    expect(await failureOf(push({ source: small(), hash: ['MD5'] }))).toMatchObject({
      code: 'CONNECTION',
      ambiguous: true,
      sent: 11,
      digests: [{ algorithm: 'MD5' }]
    });
  });

  it('before it began should say so, and read nothing that it does not need', async () => {
    const { server, push } = await uploading(ok);
    await server.close();
    const refused = await failureOf(push({ source: endless() }));
    expect(refused).toEqual({
      code: 'CONNECTION',
      message: `nobody answers at ${server.place} (connection refused)`,
      sent: 0
    });
  });

  it.each([
    ['while sending', endless, undefined],
    ['while waiting for the answer', small, true]
  ])('by standing still %s should be STALLED', async (_, source, ambiguous) => {
    const { server, push } = await uploading(request => void request.pause(), { timeouts: { stallMs: 100 } }, true);
    const stalled = await failureOf(push({ source: source() }));
    expect(stalled).toMatchObject({
      code: 'STALLED',
      message: `no byte moved to or from ${server.place} for too long`
    });
    expect(stalled.ambiguous).toBe(ambiguous);
  });
});

describe('a push whose source fails', () => {
  const gone = new PortFailure(failure('SOURCE_CHANGED', 'a.iso grew'));

  it.each([
    ['by a failure of its own', [Buffer.from('hello'), gone], 10, { code: 'SOURCE_CHANGED', message: 'a.iso grew' }],
    [
      'only when all bytes are there',
      [Buffer.from('hello'), gone],
      5,
      { code: 'SOURCE_CHANGED', message: 'a.iso grew' }
    ],
    [
      'by any error',
      [Buffer.from('hello'), new Error('canary')],
      10,
      { code: 'SOURCE_UNREADABLE', message: 'the source failed while it was read' }
    ],
    [
      'by ending early',
      [Buffer.from('hello')],
      10,
      { code: 'SOURCE_CHANGED', message: 'the source ended after 5 of 10 bytes' }
    ],
    [
      'by not ending',
      [Buffer.from('hello'), Buffer.from('more')],
      5,
      { code: 'SOURCE_CHANGED', message: 'the source gave more than its 5 bytes' }
    ],
    [
      'by more at once',
      [Buffer.from('hello')],
      3,
      { code: 'SOURCE_CHANGED', message: 'the source gave more than its 3 bytes' }
    ]
  ] as const)('%s should report that, and the server never has the whole file', async (_, chunks, size, expected) => {
    const hasher = inlineHasher();
    const complete = vi.fn();
    const { server, push } = await uploading(
      request => {
        request.on('data', () => {});
        request.on('end', complete);
      },
      { hasher },
      true
    );
    expect(await failureOf(push({ source: sourceOf(chunks, size), hash: ['SHA1'] }))).toMatchObject(expected);
    // The connection of the PUT came and went.
    while (!server.sockets[1]?.closed) await new Promise(resolve => setImmediate(resolve));
    expect(complete).not.toHaveBeenCalled();
    expect(hasher.disposed).toBe(1);
  });

  it('should cut the connection, so that the server does not wait', async () => {
    let cut = () => {};
    const closed = new Promise<void>(resolve => {
      cut = resolve;
    });
    const { push } = await uploading(
      request => {
        request.on('data', () => {});
        request.on('close', cut);
      },
      {},
      true
    );
    await failureOf(push({ source: sourceOf([new Uint8Array(3 * MIB), gone], 9 * MIB) }));
    await closed;
  });
});

describe('a push that is canceled', () => {
  it('before it began should not reach the server', async () => {
    const { server, push } = await uploading(ok);
    const source = small();
    expect(await failureOf(push({ source, signal: AbortSignal.abort() }))).toEqual({
      code: 'CANCELED',
      message: 'the transfer was canceled',
      sent: 0
    });
    expect(server.count('PUT', UPLOAD)).toBe(0);
    expect(source.read_).toBe(0);
  });

  it('on the way should end at once, close the source and cut the connection', async () => {
    const abort = new AbortController();
    let cut = () => {};
    const closed = new Promise<void>(resolve => {
      cut = resolve;
    });
    const { push } = await uploading(
      request => {
        request.resume();
        request.on('close', cut);
      },
      {},
      true
    );
    const source = endless();
    const onSent = (sent: number) => (sent >= MIB ? abort.abort() : undefined);
    expect(await failureOf(push({ source, signal: abort.signal, onSent, hash: ['SHA1'] }))).toMatchObject({
      code: 'CANCELED'
    });
    expect(source.closed).toBe(1);
    await closed;
  });

  it('should not wait for a source that never answers', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    try {
      const abort = new AbortController();
      const { push } = await uploading(ok);
      const stuck: ByteSource = {
        size: 5,
        read: () => ({
          [Symbol.asyncIterator]: () => ({
            next: () => new Promise(() => {}),
            return: () => {
              setImmediate(() => vi.advanceTimersByTime(1_000));
              return new Promise(() => {});
            }
          })
        })
      };
      const pushed = failureOf(push({ source: stuck, signal: abort.signal }));
      setImmediate(() => abort.abort());
      expect(await pushed).toMatchObject({ code: 'CANCELED' });
    } finally {
      vi.useRealTimers();
    }
  });

  it('while its source fails because of that should be CANCELED, not a failure of the source', async () => {
    const abort = new AbortController();
    const { push } = await uploading(ok);
    const source: ByteSource = {
      size: 5,
      async *read() {
        yield Buffer.from('he');
        abort.abort();
        throw new Error('aborted');
      }
    };
    expect(await failureOf(push({ source, signal: abort.signal }))).toMatchObject({ code: 'CANCELED' });
  });
});
