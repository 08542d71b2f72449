import { setTimeout as later } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { failure } from '../../machines/vocabulary.ts';
import type { ConnectOptions } from '../../src/connect.ts';
import { type FetchRequest, PortFailure } from '../../src/ports.ts';
import { certificateFor } from './certificates.ts';
import { type Answer, connected, failureOf, json, serve, TOKEN, text, thrownBy, vcenter } from './servers.ts';

const LINK = '/cls/data/canary-transfer-0123456789/a.iso';
const CONTENT = 'hello world';

async function fetching(get: Answer, options: Partial<ConnectOptions> = {}) {
  const server = await serve((request, response, seen) => {
    if (seen.url.startsWith('/cls/')) return get(request, response, seen);
    vcenter()(request, response, seen);
  });
  const connection = await connected(server.url, { profile: '8.0', ...options });
  const written: [number, string][] = [];
  const sink = {
    write: async (chunk: Uint8Array, at: number) => void written.push([at, Buffer.from(chunk).toString()])
  };
  const fetch = (request: Partial<FetchRequest> = {}) =>
    connection.bytes.fetch({ uri: `${server.url}${LINK}`, from: 0, sink, ...request });
  const asked = () => server.seen.filter(({ url }) => url.startsWith('/cls/'));
  return { server, fetch, asked, written, text: () => written.map(([, chunk]) => chunk).join('') };
}
const whole: Answer = (_, response) => void response.writeHead(200, { 'content-length': CONTENT.length }).end(CONTENT);
const part =
  (from: number, range = `bytes ${from}-10/11`): Answer =>
  (_, response) =>
    void response.writeHead(206, { 'content-range': range }).end(CONTENT.slice(from));

describe('a fetch', () => {
  it('should write all bytes at their place, and ask with the login for them as they are', async () => {
    const { fetch, asked, text: all } = await fetching(whole);
    const told: number[] = [];
    expect(await fetch({ onReceived: bytes => told.push(bytes) })).toEqual({ received: 11, resumed: false });
    expect([all(), told.at(-1)]).toEqual([CONTENT, 11]);
    expect(asked()).toMatchObject([
      { method: 'GET', headers: { 'vmware-api-session-id': TOKEN, 'accept-encoding': 'identity' } }
    ]);
    expect(asked()[0]?.headers.range).toBeUndefined();
  });
  it('should go on where it is told to, where the server allows it', async () => {
    const { fetch, asked, written } = await fetching(part(6));
    expect(await fetch({ from: 6 })).toEqual({ received: 5, resumed: true });
    expect([asked()[0]?.headers.range, written]).toEqual(['bytes=6-', [[6, 'world']]]);
  });
  it('should have all where nothing is left behind the place that it is told', async () => {
    const nothing: Answer = (_, response) => void response.writeHead(416, { 'content-range': 'bytes */11' }).end();
    const { fetch, written } = await fetching(nothing);
    expect(await fetch({ from: 11 })).toEqual({ received: 0, resumed: true });
    expect(written).toEqual([]);
  });
  it('should begin again where the server does not', async () => {
    const { fetch, written } = await fetching(whole);
    expect(await fetch({ from: 6 })).toEqual({ received: 11, resumed: false });
    expect(written[0]?.[0]).toBe(0);
  });
  it('should begin a file of no bytes, too, and take a body that does not say how long it is', async () => {
    const empty = await fetching((_, response) => void response.writeHead(200, { 'content-length': 0 }).end());
    expect([await empty.fetch(), empty.written]).toEqual([{ received: 0, resumed: false }, [[0, '']]]);
    const chunked = await fetching((_, response) => {
      response.writeHead(200).write('hello ');
      response.end('world');
    });
    expect([await chunked.fetch(), chunked.text()]).toEqual([{ received: 11, resumed: false }, CONTENT]);
  });
  it('should not read on before a chunk is written', async () => {
    const { fetch } = await fetching((_, response) => void response.writeHead(200).end(new Uint8Array(4_000_000)));
    let writing = 0;
    let most = 0;
    const sink = {
      async write() {
        writing += 1;
        most = Math.max(most, writing);
        await later(0);
        writing -= 1;
      }
    };
    expect((await fetch({ sink })).received).toBe(4_000_000);
    expect(most).toBe(1);
  });
});

describe('a fetch that does not come to its end', () => {
  it('should say that the connection broke, and keep what came before', async () => {
    const { fetch, text: all } = await fetching((request, response) => {
      response.writeHead(200, { 'content-length': 11 }).write('hello ', () => {
        setTimeout(() => request.socket.destroy(), 20);
      });
    });
    expect(await failureOf(fetch())).toMatchObject({
      code: 'CONNECTION',
      message: expect.stringContaining('broke the connection before its answer was complete')
    });
    expect(all()).toBe('hello ');
  });
  it('should say that nothing moved', async () => {
    const { fetch } = await fetching((_, response) => void response.writeHead(200).write('hello '), {
      timeouts: { stallMs: 60 }
    });
    expect(await failureOf(fetch())).toMatchObject({
      code: 'STALLED',
      message: expect.stringContaining('no byte moved')
    });
  });
  it('should end when it is called off, before and while it reads', async () => {
    const { fetch, asked } = await fetching((_, response) => void response.writeHead(200).write('hello '));
    expect((await failureOf(fetch({ signal: AbortSignal.abort() }))).code).toBe('CANCELED');
    expect(asked()).toEqual([]);
    const abort = new AbortController();
    const sink = { write: async () => abort.abort() };
    expect((await failureOf(fetch({ signal: abort.signal, sink }))).code).toBe('CANCELED');
    const early = new AbortController();
    const silent = await fetching(() => early.abort());
    expect((await failureOf(silent.fetch({ signal: early.signal }))).code).toBe('CANCELED');
  });
  it('should say what the sink says, and read no further', async () => {
    const { fetch } = await fetching((_, response) => void response.writeHead(200).end(new Uint8Array(4_000_000)));
    let writes = 0;
    const sink = {
      async write() {
        writes += 1;
        throw new PortFailure(failure('TARGET_UNWRITABLE', 'the disk is full'));
      }
    };
    expect(await failureOf(fetch({ sink }))).toEqual({ code: 'TARGET_UNWRITABLE', message: 'the disk is full' });
    expect(writes).toBe(1);
  });
});

describe('an answer that is not the bytes', () => {
  it.each<[string, Answer, number, string, object]>([
    ['404', (_, response) => text(response, 404, 'gone'), 0, 'NOT_FOUND', {}],
    ['410', (_, response) => json(response, 410, { error_type: 'ERROR', messages: [] }), 0, 'NOT_FOUND', {}],
    ['403', (_, response) => text(response, 403, 'no'), 0, 'UNAUTHORIZED', {}],
    [
      '503',
      (_, response) => json(response, 503, undefined, { 'retry-after': '3' }),
      0,
      'UNAVAILABLE',
      { retryAfterMs: 3_000 }
    ],
    ['500', (_, response) => text(response, 500, 'oops'), 0, 'SERVER_ERROR', {}],
    ['400', (_, response) => text(response, 400, 'what?'), 0, 'TRANSFER_REFUSED', {}],
    [
      '302',
      (_, response) => void response.writeHead(302, { location: 'http://elsewhere.invalid/' }).end(),
      0,
      'TRANSFER_REFUSED',
      {}
    ],
    ['204', (_, response) => void response.writeHead(204).end(), 0, 'TRANSFER_REFUSED', {}],
    ['416', (_, response) => void response.writeHead(416).end(), 20, 'TRANSFER_REFUSED', { received: 0 }],
    [
      '416 of a shorter file',
      (_, response) => void response.writeHead(416, { 'content-range': 'bytes */19' }).end(),
      20,
      'TRANSFER_REFUSED',
      { received: 0 }
    ],
    ['another part', part(3), 6, 'TRANSFER_REFUSED', { received: 0 }],
    ['a part of unknown place', part(6, 'pages 6-10/11'), 6, 'TRANSFER_REFUSED', { received: 0 }],
    [
      'a part without a place',
      (_, response) => void response.writeHead(206).end('x'),
      6,
      'TRANSFER_REFUSED',
      { received: 0 }
    ],
    ['a part nobody asked for', part(0), 0, 'TRANSFER_REFUSED', { received: 0 }],
    [
      'bytes in a coding',
      (_, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end('x'),
      0,
      'UNSUPPORTED',
      {}
    ]
  ])('should be told as what it means: %s', async (_, answer, from, code, more) => {
    const { fetch, written } = await fetching(answer);
    const failed = await failureOf(fetch({ from }));
    expect(failed).toMatchObject({ code, ...more });
    expect(written).toEqual([]);
  });
  it('should not hold the link, whatever the server says', async () => {
    const { fetch, server } = await fetching((_, response, seen) =>
      text(response, 400, `bad ${server.url}${seen.url}`)
    );
    const thrown = await thrownBy(fetch());
    expect(JSON.stringify(thrown.failure)).not.toContain('canary-transfer');
    expect(String(thrown.stack)).not.toContain('canary-transfer');
  });
  it('should log in again when the login had ended, so that the next attempt is taken', async () => {
    let tokens = 0;
    const server = await serve((request, response, seen) => {
      if (seen.method === 'POST' && seen.url === '/api/session') return json(response, 201, `token-${++tokens}`);
      if (!seen.url.startsWith('/cls/')) return vcenter()(request, response, seen);
      if (seen.headers['vmware-api-session-id'] === 'token-1') return json(response, 401);
      whole(request, response, seen);
    });
    const { bytes } = await connected(server.url, { profile: '8.0' });
    const fetch = () => bytes.fetch({ uri: `${server.url}${LINK}`, from: 0, sink: { write: async () => undefined } });
    expect((await failureOf(fetch())).code).toBe('TRANSFER_REFUSED');
    expect((await fetch()).received).toBe(11);
  });
});

describe('where the login goes', () => {
  it('should be only to the server itself and to hosts that the caller trusts', async () => {
    const other = await serve(whole);
    const uri = `${other.url}${LINK}`;
    const foreign = await fetching(whole);
    await foreign.fetch({ uri });
    expect(other.seen[0]?.headers['vmware-api-session-id']).toBeUndefined();
    const trusted = await fetching(whole, { trustedHosts: [other.place] });
    await trusted.fetch({ uri });
    expect(other.seen[1]?.headers['vmware-api-session-id']).toBe(TOKEN);
  });
  it('should not be in the clear when it was encrypted before, and that is said once', async () => {
    const clear = await serve(whole);
    const { cert, key } = certificateFor('127.0.0.1');
    const server = await serve(vcenter(), { tls: { cert, key } });
    const warnings: string[] = [];
    const { bytes } = await connected(server.url, { profile: '8.0', ca: cert, onWarning: said => warnings.push(said) });
    for (let turn = 0; turn < 2; turn++) {
      await bytes.fetch({ uri: `${clear.url}${LINK}`, from: 0, sink: { write: async () => undefined } });
    }
    expect(clear.seen.map(({ headers }) => headers['vmware-api-session-id'])).toEqual([undefined, undefined]);
    expect(warnings).toEqual([`the server sends bytes from ${clear.place} without encryption`]);
  });
  it.each(['ftp://x/y', 'not a url'])('should be nowhere that cannot be called: %s', async uri => {
    const { fetch } = await fetching(whole);
    expect(await failureOf(fetch({ uri }))).toMatchObject({
      code: 'UNSUPPORTED',
      message: 'the server gave a download address that is not http:// or https://'
    });
  });
});
