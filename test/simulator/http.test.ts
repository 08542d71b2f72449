import { Agent } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { PROFILES } from '../../src/servers/profiles.ts';
import { selfSignedCertificate } from '../../src/simulator/http/certificate.ts';
import { seededRandom } from '../../src/simulator/index.ts';
import {
  basic,
  bytesOf,
  failureOf,
  type HttpDoor,
  httpDoorIn,
  logIn,
  NOW,
  type Options,
  opened,
  send
} from './doors.ts';

const API = '/api/session';
const REST = '/rest/com/vmware/cis/session';
const LIBRARY = '/api/content/library';

let door: HttpDoor | undefined;
afterEach(async () => {
  await door?.close();
  door = undefined;
});
async function begin(options?: Options): Promise<HttpDoor> {
  door = await httpDoorIn('api')(options);
  return door;
}

describe('login over HTTP', () => {
  it('should give a token for user and password, in /api and in /rest', async () => {
    const { listening } = await begin({ users: { 'a@b': 'p:ä' } });
    const headers = { authorization: basic('a@b', 'p:ä') };
    const api = await send(`${listening.url}${API}`, { method: 'POST', headers });
    expect([api.status, api.headers['set-cookie']]).toEqual([201, undefined]);
    expect(JSON.parse(api.body)).toMatch(/^[0-9a-f]{32}$/);
    const rest = await send(`${listening.url}${REST}`, { method: 'POST', headers });
    const { value } = JSON.parse(rest.body);
    expect([rest.status, rest.headers['set-cookie']]).toEqual([
      200,
      [`vmware-api-session-id=${value};Path=/rest;HttpOnly`]
    ]);
    const bare = { ...headers, 'vmware-use-header-authn': 'true' };
    const quiet = await send(`${listening.url}${REST}`, { method: 'POST', headers: bare });
    expect([quiet.status, quiet.headers['set-cookie']]).toEqual([200, undefined]);
  });

  it.each([
    ['no credentials', {}],
    ['a wrong password', { authorization: basic('user', 'word') }],
    ['an unknown user', { authorization: basic('nobody', 'pass') }],
    ['no colon', { authorization: `Basic ${Buffer.from('userpass').toString('base64')}` }],
    ['another scheme', { authorization: 'Bearer abc' }]
  ])('should refuse %s', async (_, headers) => {
    const { listening } = await begin();
    const api = await send(`${listening.url}${API}`, { method: 'POST', headers });
    const error = {
      error_type: 'UNAUTHENTICATED',
      messages: [
        {
          id: 'com.vmware.vapi.endpoint.method.authentication.required',
          default_message: 'Authentication required.',
          args: []
        }
      ]
    };
    expect([api.status, JSON.parse(api.body)]).toEqual([401, error]);
    const rest = await send(`${listening.url}${REST}`, { method: 'POST', headers });
    expect([rest.status, JSON.parse(rest.body)]).toEqual([
      401,
      { type: 'com.vmware.vapi.std.errors.unauthenticated', value: error }
    ]);
  });

  it('should know who is logged in by header or cookie, until the logout', async () => {
    const { listening, token } = await begin();
    const by = (headers: Record<string, string>) => send(`${listening.url}${API}`, { headers });
    const header = await by({ 'vmware-api-session-id': token });
    const created_time = new Date(NOW).toISOString();
    expect(JSON.parse(header.body)).toEqual({ user: 'user', created_time, last_accessed_time: created_time });
    const cookie = await by({ cookie: `other=1; vmware-api-session-id=${token} ;x` });
    expect(cookie.status).toBe(200);
    expect((await by({ cookie: 'other=1' })).status).toBe(401);
    const rest = await send(`${listening.url}${REST}?~action=get`, {
      method: 'POST',
      headers: { 'vmware-api-session-id': token }
    });
    expect(JSON.parse(rest.body).value.user).toBe('user');
    const out = await send(`${listening.url}${API}`, { method: 'DELETE', headers: { 'vmware-api-session-id': token } });
    expect([out.status, out.body]).toEqual([204, '']);
    expect((await by({ 'vmware-api-session-id': token })).status).toBe(401);
  });

  it('should end a login that nobody shows for a while', async () => {
    const { listening, token, clock } = await begin({ loginTimeoutMs: 1000 });
    const status = async () =>
      (await send(`${listening.url}${LIBRARY}`, { headers: { 'vmware-api-session-id': token } })).status;
    await clock.advanceBy(1000);
    expect(await status()).toBe(200);
    await clock.advanceBy(1000);
    expect(await status()).toBe(200);
    await clock.advanceBy(1001);
    expect([await status(), await status()]).toEqual([401, 401]);
  });

  it('should end logins when told to, by fault or from code', async () => {
    const { listening, token, simulator, library } = await begin();
    simulator.inject({ on: 'library.list', do: 'expireLogin' });
    expect((await failureOf(library.listLibraries()))?.code).toBe('UNAUTHENTICATED');
    const other = await logIn(listening.url);
    expect(other).not.toBe(token);
    simulator.endLogins();
    const { status } = await send(`${listening.url}${LIBRARY}`, { headers: { 'vmware-api-session-id': other } });
    expect(status).toBe(401);
  });

  it('should say nothing about a request to those who are not logged in', async () => {
    const { listening } = await begin();
    const answer = await send(`${listening.url}${LIBRARY}/item`, { method: 'POST', body: '{"nme":1}' });
    expect(answer.status).toBe(401);
  });
});

describe('requests over HTTP', () => {
  const ask = async (path: string, more: Parameters<typeof send>[1] = {}) => {
    const headers = { 'vmware-api-session-id': door!.token, ...more.headers };
    const answer = await send(`${door!.listening.url}${path}`, { ...more, headers });
    return { ...answer, json: answer.body === '' ? undefined : JSON.parse(answer.body) };
  };

  it('should be answered 404 in the dialect of their path where there is no operation', async () => {
    await begin();
    const api = await ask(`${LIBRARY}/x/y/z?q=1`);
    expect([api.status, api.json.messages[0].id]).toEqual([404, 'com.vmware.vapi.rest.httpNotFound']);
    const rest = await ask('/rest/com/vmware/content/nothing');
    expect([rest.status, rest.json.value.messages[0].id]).toEqual([404, 'com.vmware.vapi.rest.httpNotFound']);
    expect((await ask('/')).status).toBe(404);
  });

  it('should be refused when they are not what the service knows', async () => {
    await begin();
    for (const body of ['{', '[]', '{"nme":"x"}', '{"name":7}']) {
      const answer = await ask(`${LIBRARY}?action=find`, { method: 'POST', body });
      expect([answer.status, answer.json.error_type]).toEqual([400, 'INVALID_ARGUMENT']);
    }
  });

  it('should be taken with an empty chunked body, as govc sends it', async () => {
    const { library } = await begin();
    const { sessionId } = await opened(door!);
    const answer = await ask(`/rest/com/vmware/content/library/item/update-session/id:${sessionId}?~action=cancel`, {
      method: 'POST',
      headers: { 'transfer-encoding': 'chunked' }
    });
    expect([answer.status, answer.body, answer.headers['content-length']]).toEqual([200, '', '0']);
    expect((await library.getSession(sessionId)).state).toBe('CANCELED');
  });

  it('should be refused with a body beyond the cap, on a connection that stays usable', async () => {
    await begin();
    const answer = await ask(`${LIBRARY}?action=find`, { method: 'POST', body: ' '.repeat(1024 * 1024 + 1) });
    expect([answer.status, answer.json.error_type]).toEqual([413, 'INVALID_ARGUMENT']);
    expect((await ask(LIBRARY)).status).toBe(200);
  });

  it('should carry the date of the simulator’s clock', async () => {
    const { clock } = await begin();
    expect((await ask(LIBRARY)).headers.date).toBe(new Date(NOW).toUTCString());
    await clock.advanceBy(60_000);
    expect((await ask(LIBRARY)).headers.date).toBe(new Date(NOW + 60_000).toUTCString());
  });

  it('should be heard in /rest only where the server is older than /api', async () => {
    door = await httpDoorIn('rest')({ profile: PROFILES['6.7'] });
    expect(await door.library.listLibraries()).toHaveLength(1);
    const headers = { authorization: basic('user', 'pass') };
    expect((await ask(API, { method: 'POST', headers })).status).toBe(404);
  });

  it('should be written down without ids, addresses or secrets', async () => {
    const { simulator } = await begin();
    await ask(`${LIBRARY}/nothing/here`);
    const { uris } = await opened(door!, { 'a b': {} });
    await door!.bytes.push({ uri: uris['a b']!, source: bytesOf('x'), hash: [] });
    expect(simulator.requests.map(({ op, status, file, user }) => [op, status, file, user])).toEqual([
      ['login.create', 201, undefined, 'user'],
      ['unknown', 404, undefined, undefined],
      ['library.find', 200, undefined, 'user'],
      ['item.create', 201, undefined, 'user'],
      ['session.create', 201, undefined, 'user'],
      ['file.add', 201, 'a b', 'user'],
      ['put', 200, 'a b', undefined]
    ]);
  });

  it('should be told of a defect of the simulator itself instead of being left alone', async () => {
    const random = seededRandom(1);
    let broken = false;
    await begin({
      random: {
        next: random.next,
        uuid: () => {
          if (broken) throw new Error('no more ids');
          return random.uuid();
        }
      }
    });
    broken = true;
    const answer = await ask(`/api/content/local-library`, { method: 'POST', body: '{"name":"x","type":"LOCAL"}' });
    expect([answer.status, answer.json.messages[0].default_message]).toEqual([
      500,
      'The simulator itself failed: no more ids'
    ]);
  });
});

describe('bytes over HTTP', () => {
  it('should be taken by PUT and by POST', async () => {
    const { library } = await begin();
    const { sessionId, uris } = await opened(door!, { a: {}, b: {} });
    for (const [name, method] of [
      ['a', 'PUT'],
      ['b', 'POST']
    ] as const) {
      const answer = await send(uris[name]!, { method, body: 'hello' });
      expect([answer.status, answer.body]).toEqual([200, '']);
      expect((await library.getFile(sessionId, name)).status).toBe('READY');
    }
  });

  it('should be taken chunked, without a length', async () => {
    const { library } = await begin();
    const { sessionId, uris } = await opened(door!, { a: { size: 5 } });
    await send(uris.a!, { method: 'PUT', body: 'hello', headers: { 'transfer-encoding': 'chunked' } });
    expect((await library.getFile(sessionId, 'a')).status).toBe('READY');
  });

  it.each([
    ['another method', 'DELETE', (uri: string) => uri, 405],
    [
      'an unknown transfer',
      'PUT',
      (uri: string) => uri.replace(/data\/[^/]+/, 'data/00000000-0000-4000-8000-000000000000'),
      404
    ],
    ['another file name', 'PUT', (uri: string) => `${uri}x`, 404],
    ['a deeper path', 'PUT', (uri: string) => `${uri}/x`, 404],
    ['a path that is not UTF-8', 'PUT', (uri: string) => `${uri}%ff`, 404],
    ['no file name', 'PUT', (uri: string) => uri.replace(/[^/]+$/, ''), 404]
  ])('should be refused at %s', async (_, method, change, status) => {
    await begin();
    const { uris } = await opened(door!, { a: {} });
    expect((await send(change(uris.a!), { method, body: 'hello' })).status).toBe(status);
  });

  it('should be refused when they are not as many as announced, in words', async () => {
    const { library } = await begin();
    const { sessionId, uris } = await opened(door!, { a: { size: 4 } });
    const answer = await send(uris.a!, { method: 'PUT', body: 'hello' });
    expect([answer.status, JSON.parse(answer.body).messages[0].default_message]).toEqual([
      400,
      'The file a was announced with 4 bytes, but 5 were received.'
    ]);
    expect((await library.getFile(sessionId, 'a')).status).toBe('ERROR');
  });

  it('should need a login only where the simulator is told so', async () => {
    const { token } = await begin({ rules: { putNeedsLogin: true } });
    const { uris } = await opened(door!, { a: {} });
    expect((await send(uris.a!, { method: 'PUT', body: 'x' })).status).toBe(401);
    const headers = { 'vmware-api-session-id': token };
    expect((await send(uris.a!, { method: 'PUT', body: 'x', headers })).status).toBe(200);
  });

  it('should come in beside one another, whoever was first', async () => {
    const { simulator } = await begin();
    const { sessionId, uris } = await opened(door!, { slow: {}, quick: {} });
    let release: (() => void) | undefined;
    const released = new Promise<void>(resolve => {
      release = resolve;
    });
    const slow = send(uris.slow!, {
      method: 'PUT',
      source: {
        size: 10,
        read: async function* () {
          yield Buffer.from('01234');
          await released;
          yield Buffer.from('56789');
        }
      }
    });
    while ((await door!.library.getFile(sessionId, 'slow')).bytesTransferred !== 5) await new Promise(setImmediate);
    expect((await send(uris.quick!, { method: 'PUT', body: 'quick' })).status).toBe(200);
    release?.();
    expect((await slow).status).toBe(200);
    expect(simulator.requests.filter(({ op }) => op === 'put').map(({ file }) => file)).toEqual(['quick', 'slow']);
  });

  it('should be forgotten when the client goes away in the middle', async () => {
    const { library } = await begin();
    const { sessionId, uris } = await opened(door!, { a: { size: 10 } });
    const stop = new AbortController();
    const source = {
      size: 10,
      read: async function* () {
        yield Buffer.from('01234');
        await new Promise(() => undefined);
      }
    };
    const sent = failureOf(send(uris.a!, { method: 'PUT', source, signal: stop.signal }));
    const status = async () => (await library.getFile(sessionId, 'a')).status;
    while ((await status()) !== 'TRANSFERRING') await new Promise(setImmediate);
    stop.abort();
    expect((await sent)?.code).toBe('CONNECTION');
    while ((await status()) !== 'WAITING_FOR_TRANSFER') await new Promise(setImmediate);
    expect((await send(uris.a!, { method: 'PUT', body: '0123456789' })).status).toBe(200);
  });

  it('should leave a connection usable, after an upload and after an early refusal', async () => {
    await begin();
    const { uris } = await opened(door!, { a: {} });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const sockets = new Set<number>();
    const put = async (uri: string) => {
      const answer = await send(uri, { method: 'PUT', body: 'x'.repeat(300_000), options: { agent } });
      for (const list of Object.values(agent.freeSockets)) for (const socket of list!) sockets.add(socket.localPort!);
      return answer.status;
    };
    const statuses = [await put(uris.a!), await put(`${uris.a}x`), await put(uris.a!)];
    agent.destroy();
    expect(statuses).toEqual([200, 404, 200]);
    expect(sockets.size).toBe(1);
  });

  it('should not be cut by how long they take: no time-out but for silence', async () => {
    const { listening } = await begin();
    const { requestTimeout, headersTimeout, timeout } = listening.server;
    expect([requestTimeout, headersTimeout, timeout]).toEqual([0, 60_000, 60_000]);
    const other = await door!.simulator.listen({ idleTimeoutMs: 5 });
    expect(other.server.timeout).toBe(5);
  });
});

describe('the HTTP door', () => {
  it('should be open under the address that it tells, and let go of it at once', async () => {
    const { listening, simulator, clock } = await begin();
    expect(listening.url).toBe(`http://127.0.0.1:${listening.port}`);
    const { uris } = await opened(door!, { a: {} });
    simulator.inject({ on: 'put', do: 'stall' });
    simulator.inject({ on: 'library.list', do: 'stall' });
    simulator.inject({ on: 'library.get', do: 'late', delayMs: 1e9 });
    const hanging = [
      failureOf(send(uris.a!, { method: 'PUT', body: 'x' })),
      failureOf(door!.library.listLibraries()),
      failureOf(door!.library.getLibrary('x'))
    ];
    while (simulator.requests.filter(({ fault }) => fault === 'stall').length < 2) await new Promise(setImmediate);
    while (clock.waiting < 1) await new Promise(setImmediate);
    await simulator.close();
    expect((await Promise.all(hanging)).map(failure => failure?.code)).toEqual(Array(3).fill('CONNECTION'));
    expect((await failureOf(send(listening.url, {})))?.code).toBe('CONNECTION');
  });

  it('should refuse an address that is taken, in a sentence', async () => {
    const { listening, simulator } = await begin();
    const failure = await failureOf(simulator.listen({ port: listening.port }));
    expect(failure).toMatchObject({ code: 'INVALID_SPEC', next: expect.stringContaining('another --port') });
    expect(failure?.message).toContain(`cannot listen on 127.0.0.1 port ${listening.port} (EADDRINUSE)`);
  });

  it('should name an address that can be connected to when it listens everywhere, and let uploads name none', async () => {
    const { simulator } = await begin();
    const everywhere = await simulator.listen({ host: '0.0.0.0' });
    expect(everywhere.url).toBe(`http://127.0.0.1:${everywhere.port}`);
    expect(simulator.state.settings.baseUrl).toBe(`http://0.0.0.0:${everywhere.port}`);
  });

  it('should write IPv6 addresses as URLs have them', async () => {
    const { simulator } = await begin();
    const other = await simulator.listen({ host: '::1' }).catch(() => undefined);
    if (other !== undefined) expect(other.url).toBe(`http://[::1]:${other.port}`);
  });

  it('should let a fault meet a connection before a word is said on it', async () => {
    const { listening, simulator } = await begin();
    simulator.inject({ on: '*', do: 'answer', status: 503 });
    simulator.inject({ on: 'connection', do: 'refuse' });
    expect((await failureOf(send(listening.url, {})))?.code).toBe('CONNECTION');
    expect(simulator.requests.at(-1)).toEqual({ at: NOW, door: 'http', op: 'connection', fault: 'refuse' });
    simulator.inject({ on: 'connection', do: 'stall' });
    const socket = connect(listening.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write('GET /api/session HTTP/1.1\r\n\r\n');
    while (simulator.requests.at(-1)?.fault !== 'stall') await new Promise(setImmediate);
    socket.destroy();
    expect(simulator.faults.remaining()).toHaveLength(1);
  });

  it('should speak TLS with a certificate of its own, to be pinned or trusted', async () => {
    const { simulator } = await begin();
    const other = await simulator.listen({ tls: true });
    expect(other.url).toBe(`https://127.0.0.1:${other.port}`);
    expect((await failureOf(send(`${other.url}${API}`, {})))?.message).toContain('self-signed');
    const trusted = await send(`${other.url}${API}`, { options: { ca: other.caPem! } });
    expect(trusted.status).toBe(401);
    const seen = await new Promise(resolve => {
      void import('node:tls').then(({ connect }) => {
        const socket = connect({ port: other.port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
          const { fingerprint, fingerprint256 } = socket.getPeerCertificate();
          socket.destroy();
          resolve({ sha1: fingerprint, sha256: fingerprint256 });
        });
      });
    });
    expect(other.thumbprints).toEqual(seen);
    const given = await simulator.listen({
      tls: selfSignedCertificate(NOW, new Uint8Array(16))
    });
    expect(given.thumbprints).not.toEqual(other.thumbprints);
  });

  it('should break off under TLS too', async () => {
    const { simulator } = await begin();
    const { url, caPem } = await simulator.listen({ tls: true });
    for (const fault of ['refuse', 'reset', 'loseAnswer'] as const) {
      simulator.inject({ on: 'login.get', do: fault });
      expect((await failureOf(send(`${url}${API}`, { options: { ca: caPem } })))?.code).toBe('CONNECTION');
    }
    expect((await send(`${url}${API}`, { options: { ca: caPem } })).status).toBe(401);
  });

  it('should not read on for ever after an early answer', async () => {
    await begin();
    let given = 0;
    const source = {
      size: 1024 ** 4,
      read: async function* () {
        const chunk = Buffer.alloc(4 * 1024 * 1024);
        for (; given < source.size; given += chunk.length) yield chunk;
      }
    };
    const { listening } = door!;
    await failureOf(send(`${listening.url}/cls/data/none/a`, { method: 'PUT', source }));
    const before = given;
    while (await connections()) await new Promise(setImmediate);
    expect([given - before < 256 * 1024 ** 2, before < 256 * 1024 ** 2]).toEqual([true, true]);

    function connections() {
      return new Promise<number>(resolve => listening.server.getConnections((_, count) => resolve(count)));
    }
  });

  it('should give upload addresses at its own address, or wherever it is told to', async () => {
    const { listening } = await begin();
    const { uris } = await opened(door!, { a: {} });
    expect(uris.a).toMatch(new RegExp(`^${listening.url}/cls/data/[0-9a-f-]{36}/a$`));
    await door!.close();
    await begin({ uploadBase: 'https://elsewhere.example' });
    const { uris: foreign } = await opened(door!, { a: {} });
    expect(foreign.a).toMatch(/^https:\/\/elsewhere\.example\/cls\/data\//);
  });
});
