// The admin door over HTTP: who may come in, what can be seen and done, and what stays hidden.
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { PortFailure } from '../../src/ports.ts';
import type { Administered } from '../../src/simulator/admin/administered.ts';
import { openAdminDoor } from '../../src/simulator/admin/door.ts';
import { guardOf, isLoopbackAddress } from '../../src/simulator/admin/guard.ts';
import {
  createSimulator,
  type Simulator,
  type SimulatorOptions,
  type VirtualClock,
  virtualClock
} from '../../src/simulator/index.ts';
import { requestLog } from '../../src/simulator/request-log.ts';
import { values } from '../../src/simulator/service/table.ts';
import { bytesOf } from '../run/bytes.ts';

const TOKEN = 'canary-admin-token-7d21';

interface Said {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, unknown>>;
}

interface Opened {
  readonly simulator: Simulator;
  readonly clock: VirtualClock;
  readonly url: string;
  readonly adminUrl: string;
  ask(line: string, body?: unknown, headers?: Record<string, string>): Promise<Said>;
}

async function opened(options: Partial<SimulatorOptions> = {}): Promise<Opened> {
  const clock = virtualClock();
  const simulator = createSimulator({ clock, ...options });
  onTestFinished(() => simulator.close());
  const { url, admin } = await simulator.listen({ admin: { token: TOKEN } });
  return { simulator, clock, url, adminUrl: admin!.url, ask: asking(admin!.url) };
}

function asking(url: string): Opened['ask'] {
  return (line, body, headers = {}) => {
    const [method = '', path = ''] = line.split(' ');
    return new Promise((resolve, reject) => {
      const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
      const all = { authorization: `Bearer ${TOKEN}`, ...headers };
      const req = request(`${url}${path}`, { method, headers: all }, res => {
        let said = '';
        res.setEncoding('utf8');
        res.on('data', (chunk: string) => {
          said += chunk;
        });
        res.on('end', () =>
          resolve({
            status: res.statusCode ?? 0,
            headers: res.headers,
            body: said === '' ? undefined : JSON.parse(said)
          })
        );
      });
      req.on('error', reject);
      req.end(text);
    });
  };
}

const messageOf = ({ body }: Said): string =>
  (body as { messages: { default_message: string }[] }).messages[0]!.default_message;

const libraryOf = ({ state }: Simulator): string => values(state.libraries)[0]!.id;

/** A session for update with a file that waits, and the item that it is on. */
async function withSession({ simulator }: Opened) {
  const { library } = simulator.ports();
  const [libraryId = ''] = await library.findLibraries({ name: 'images' });
  const itemId = await library.createItem({ libraryId, name: 'vm' });
  const id = await library.createSession({ itemId });
  const file = await library.addFile(id, { name: 'a.iso', sourceType: 'PUSH', size: 4 });
  return { library, itemId, id, uri: file.uploadUri! };
}

describe('who comes to the admin door', () => {
  it('should be let in with the token only, and be told no more without it', async () => {
    const { ask } = await opened();
    expect((await ask('GET /admin/state')).status).toBe(200);
    for (const authorization of ['', `Bearer ${TOKEN}x`, 'Bearer x', `Basic ${TOKEN}`, 'Bearer']) {
      const said = await ask('GET /admin/state', undefined, { authorization });
      expect(said.status).toBe(401);
      expect(said.headers['www-authenticate']).toBe('Bearer');
      expect(said.body).toMatchObject({ error_type: 'UNAUTHENTICATED' });
      expect((await ask('GET /admin/nothing', undefined, { authorization })).status).toBe(401);
    }
  });

  it('should not be sent by a web page: the Host and the Origin are of this machine, and no answer is for others', async () => {
    const { ask } = await opened();
    for (const host of ['localhost', 'LOCALHOST:80', '127.0.0.1:1', '127.9.9.9', '[::1]:8080']) {
      expect((await ask('GET /admin/state', undefined, { host })).status, host).toBe(200);
    }
    for (const host of [
      'evil.example',
      'localhost.evil.example',
      '127.0.0.1.evil.example',
      '10.0.0.1',
      '[::2]',
      'a b'
    ]) {
      const said = await ask('GET /admin/state', undefined, { host });
      expect(said.status, host).toBe(403);
      expect(messageOf(said)).toContain('Host header');
    }
    expect((await ask('GET /admin/state', undefined, { origin: 'http://localhost:3000' })).status).toBe(200);
    for (const origin of ['https://evil.example', 'null']) {
      expect((await ask('POST /admin/reset', undefined, { origin })).status, origin).toBe(403);
    }
    const preflight = await ask('OPTIONS /admin/reset', undefined, {
      authorization: '',
      origin: 'https://evil.example'
    });
    expect(preflight.status).toBe(403);
    const { headers } = await ask('GET /admin/state', undefined, { origin: 'http://localhost' });
    expect(Object.keys(headers).filter(name => name.startsWith('access-control'))).toEqual([]);
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
  });

  it('should come from this machine', async () => {
    for (const address of ['127.0.0.1', '127.1.2.3', '::1', '::ffff:127.0.0.1']) {
      expect(isLoopbackAddress(address), address).toBe(true);
    }
    for (const address of ['10.0.0.1', '128.0.0.1', '::', '::2', '::ffff:10.0.0.1', 'fe80::1', '1127.0.0.1']) {
      expect(isLoopbackAddress(address), address).toBe(false);
    }
    const headers = { host: 'localhost', authorization: `Bearer ${TOKEN}` };
    const guard = guardOf({ token: TOKEN });
    expect(guard({ address: '127.0.0.1', headers })).toBeUndefined();
    const { authorization } = headers;
    expect(guard({ address: '127.0.0.1', headers: { authorization } })).toMatchObject({ error_type: 'UNAUTHORIZED' });
    expect(guard({ address: '::1', headers: { host: 'localhost' } })).toMatchObject({ error_type: 'UNAUTHENTICATED' });
    for (const address of ['192.0.2.7', undefined]) {
      expect(guard({ address, headers })).toMatchObject({ error_type: 'UNAUTHORIZED' });
    }
    const simulator = createSimulator({ clock: virtualClock() });
    onTestFinished(() => simulator.close());
    const { admin } = await simulator.listen({ admin: { token: TOKEN, isLocal: () => false } });
    expect((await asking(admin!.url)('GET /admin/state')).status).toBe(403);
  });

  it('should need a token that cannot be guessed', async () => {
    const simulator = createSimulator({ clock: virtualClock() });
    onTestFinished(() => simulator.close());
    for (const token of ['', 'short', 'a token with spaces', `é${TOKEN}`]) {
      const cause = await simulator.listen({ admin: { token } }).catch((cause: PortFailure) => cause);
      expect(cause).toMatchObject({ failure: { code: 'INVALID_SPEC' } });
      if (token !== '') expect(JSON.stringify((cause as PortFailure).failure)).not.toContain(token);
    }
  });

  it('should find it where it was opened, beside the service and not in it', async () => {
    const { url, adminUrl, simulator } = await opened();
    expect(adminUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect((await asking(url)('GET /admin/state')).status).toBe(404);
    const port = Number(new URL(adminUrl).port);
    await expect(simulator.listen({ admin: { token: TOKEN, port } })).rejects.toMatchObject({
      failure: { code: 'INVALID_SPEC', message: expect.stringContaining(`port ${port} (EADDRINUSE)`) }
    });
    // A service that cannot listen leaves no admin door behind.
    const taken = Number(new URL(url).port);
    const free = createSimulator({ clock: virtualClock() });
    onTestFinished(() => free.close());
    await expect(free.listen({ port: taken, admin: { token: TOKEN } })).rejects.toMatchObject({
      failure: { code: 'INVALID_SPEC' }
    });
    await simulator.close();
    await expect(asking(adminUrl)('GET /admin/state')).rejects.toThrow();
  });
});

describe('the state behind the admin door', () => {
  it('should show what is there, and nothing that opens anything', async () => {
    const its = await opened({ users: { user: 'canary-password' }, pull: false });
    const { id, itemId, uri, library } = await withSession(its);
    await its.simulator.ports().bytes.push({ uri, source: bytesOf('abcd'), hash: [] });
    await library.complete(id);
    const download = await library.createDownloadSession({ itemId });
    const { downloadUri = '' } = await library.prepareFile(download, 'a.iso');
    const open = await library.createSession({ itemId });
    const pulled = 'https://me:canary-secret@source.example/b.iso?sig=canary-query';
    const { uploadUri = '' } = await library.addFile(open, { name: 'c.iso', sourceType: 'PUSH' });
    await library.addFile(open, { name: 'b.iso', sourceType: 'PULL', source: { uri: pulled } });
    const login = await fetch(`${its.url}/api/session`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from('user:canary-password').toString('base64')}` }
    });
    const token = (await login.json()) as string;
    its.simulator.loseStorage(libraryOf(its.simulator));
    const { body } = await its.ask('GET /admin/state');
    expect(body).toMatchObject({
      profile: '8.0',
      libraries: [{ name: 'images', backingGone: true, items: [{ name: 'vm', files: [{ name: 'a.iso', size: 4 }] }] }],
      sessions: [
        { id, owner: 'user', state: 'DONE' },
        {
          id: open,
          files: [
            { name: 'a.iso' },
            { name: 'c.iso', state: 'WAITING_FOR_TRANSFER' },
            { name: 'b.iso', source: 'PULL' }
          ]
        }
      ],
      downloads: [{ id: download, files: [{ name: 'a.iso', state: 'PREPARED', size: 4 }] }],
      logins: [{ user: 'user' }]
    });
    const text = JSON.stringify(body);
    for (const secret of [token, 'canary-password', 'canary-secret', 'canary-query', TOKEN]) {
      expect(text).not.toContain(secret);
    }
    for (const link of [uploadUri, downloadUri, uri]) {
      const [, uuid = 'none'] = /data\/([^/]+)\//.exec(link) ?? [];
      expect(uuid).not.toBe('none');
      expect(text).not.toContain(uuid);
    }
  });

  it('should be as at the beginning after a reset, with what was on its way broken off', async () => {
    const its = await opened({
      libraries: [{ name: 'images', items: [{ name: 'seed', files: [{ name: 's.txt', text: 'seed' }] }] }, 'isos'],
      faults: [{ on: 'library.list', do: 'answer', status: 500 }]
    });
    const begun = its.simulator.state;
    const { id, uri } = await withSession(its);
    await its.simulator
      .ports()
      .library.listLibraries()
      .catch(() => undefined);
    its.simulator.inject({ on: 'put', do: 'slow', bytesPerSecond: 1 });
    const stalled = fetch(uri.replace('http://simulator.invalid', its.url), { method: 'PUT', body: 'abcd' });
    let answered = false;
    stalled
      .catch(() => undefined)
      .finally(() => {
        answered = true;
      });
    while (its.clock.waiting === 0 && !answered) await new Promise(resolve => setImmediate(resolve));
    expect((await its.ask('POST /admin/reset')).status).toBe(204);
    await expect(stalled).rejects.toThrow();
    const { libraries, items, sessions, settings } = its.simulator.state;
    expect(
      values(libraries)
        .map(({ name }) => name)
        .toSorted()
    ).toEqual(['images', 'isos']);
    expect(values(items).map(({ name }) => name)).toEqual(['seed']);
    expect(values(sessions)).toEqual([]);
    expect(settings).toEqual(begun.settings);
    const { blob } = values(items)[0]!.files[0]!;
    expect(blob).not.toBe(values(begun.items)[0]!.files[0]!.blob);
    expect(its.simulator.contents('seed')?.files[0]).toMatchObject({ name: 's.txt', size: 4 });
    expect((await its.ask('GET /admin/faults')).body).toMatchObject({ faults: [{ fault: { on: 'library.list' } }] });
    expect((await its.ask('GET /admin/state')).body).toMatchObject({ logins: [] });
    await expect(its.simulator.ports().library.getSession(id)).rejects.toMatchObject({
      failure: { code: 'NOT_FOUND' }
    });
    const again = await withSession(its);
    expect(again.uri).not.toBe(uri);
  });
});

describe('faults by the admin door', () => {
  it('should be injected, counted down and taken away', async () => {
    const { ask, simulator } = await opened({ faults: [{ on: 'get', do: 'reset' }] });
    const one = { on: 'library.list', do: 'answer', status: 500, times: 2 };
    const injected = await ask('POST /admin/faults', one);
    expect(injected.status).toBe(201);
    expect(injected.body).toEqual({ faults: [{ id: 2, fault: one, left: 2 }] });
    const two = await ask('POST /admin/faults', { faults: [{ on: 'put', do: 'corrupt', times: 'always' }, one] });
    expect((two.body as { faults: { id: number }[] }).faults.map(({ id }) => id)).toEqual([3, 4]);
    await expect(simulator.ports().library.listLibraries()).rejects.toMatchObject({
      failure: { code: 'SERVER_ERROR' }
    });
    expect((await ask('GET /admin/faults')).body).toMatchObject({
      faults: [{ id: 1, left: 1 }, { id: 2, left: 1 }, { id: 3 }, { id: 4, left: 2 }]
    });
    expect((await ask('DELETE /admin/faults/2')).status).toBe(204);
    const gone = await ask('DELETE /admin/faults/2');
    expect(gone.status).toBe(404);
    expect(messageOf(gone)).toBe('There is no fault 2: it is spent, or was never there.');
    expect((await ask('DELETE /admin/faults/x')).status).toBe(404);
    expect(simulator.faults.numbered().map(({ id }) => id)).toEqual([1, 3, 4]);
    expect((await ask('DELETE /admin/faults')).status).toBe(204);
    expect((await ask('GET /admin/faults')).body).toEqual({ faults: [] });
    expect((await ask('POST /admin/faults', [])).body).toEqual({ faults: [] });
  });

  it('should be refused all together when one is wrong, in one sentence', async () => {
    const { ask, simulator } = await opened();
    const said = await ask('POST /admin/faults', [
      { on: 'put', do: 'reset' },
      { on: 'put', do: 'dance' }
    ]);
    expect(said.status).toBe(400);
    expect(messageOf(said)).toMatch(/^The fault plan is wrong \(fault 2: .*\)\.$/);
    expect(simulator.faults.numbered()).toEqual([]);
    for (const body of ['', '{', '7']) expect((await ask('POST /admin/faults', body)).status, body).toBe(400);
  });
});

describe('expiry by the admin door', () => {
  it('should end a session, for update or download, as time does', async () => {
    const its = await opened();
    const { id, library, itemId } = await withSession(its);
    expect((await its.ask('POST /admin/expire', { session: id })).body).toEqual({ session: id, was: 'ACTIVE' });
    await expect(library.getSession(id)).rejects.toMatchObject({ failure: { code: 'NOT_FOUND' } });
    const download = await library.createDownloadSession({ itemId });
    expect((await its.ask('POST /admin/expire', { session: download })).status).toBe(200);
    expect((await its.ask('POST /admin/expire', { session: download })).status).toBe(404);
    const done = await library.createSession({ itemId });
    await library.cancelSession(done);
    const refused = await its.ask('POST /admin/expire', { session: done });
    expect(refused.status).toBe(400);
    expect(refused.body).toMatchObject({ error_type: 'NOT_ALLOWED_IN_CURRENT_STATE' });
  });

  it('should end the logins of one user, or of all', async () => {
    const { url, ask } = await opened({ users: { ann: 'a', bob: 'b' } });
    const logIn = async (who: string) => {
      const headers = { authorization: `Basic ${Buffer.from(who).toString('base64')}` };
      return (await (await fetch(`${url}/api/session`, { method: 'POST', headers })).json()) as string;
    };
    const tokens = [await logIn('ann:a'), await logIn('ann:a'), await logIn('bob:b')];
    const states = () =>
      Promise.all(
        tokens.map(
          async token => (await fetch(`${url}/api/session`, { headers: { 'vmware-api-session-id': token } })).status
        )
      );
    expect((await ask('POST /admin/expire', { login: 'ann' })).body).toEqual({ login: 'ann', ended: 2 });
    expect(await states()).toEqual([401, 401, 200]);
    const none = await ask('POST /admin/expire', { login: 'ann' });
    expect([none.status, messageOf(none)]).toEqual([404, 'Nobody is logged in as ann.']);
    expect((await ask('POST /admin/expire', { login: '*' })).body).toEqual({ login: '*', ended: 1 });
    expect(await states()).toEqual([401, 401, 401]);
    expect((await ask('POST /admin/expire', { login: '*' })).body).toEqual({ login: '*', ended: 0 });
    for (const body of [{}, { session: '' }, { session: 'a', login: 'b' }]) {
      expect(messageOf(await ask('POST /admin/expire', body))).toContain('{"session": ID}');
    }
  });
});

describe('the clock by the admin door', () => {
  it('should be moved forward, so that what is due happens', async () => {
    const its = await opened();
    const { id, library } = await withSession(its);
    const before = its.clock.now();
    const { body } = await its.ask('POST /admin/clock', { advanceMs: 299_000 });
    expect(body).toEqual({ at: before + 299_000, now: new Date(before + 299_000).toISOString() });
    expect((await library.getSession(id)).state).toBe('ACTIVE');
    await its.ask('POST /admin/clock', { advanceMs: 301_000 });
    await expect(library.getSession(id)).rejects.toMatchObject({ failure: { code: 'NOT_FOUND' } });
  });

  it('should be refused what is no time to come, and where it cannot be moved', async () => {
    const { ask } = await opened();
    for (const body of [{}, { advanceMs: 0 }, { advanceMs: -1 }, { advanceMs: 1e16 }, { advanceMs: '1' }]) {
      const said = await ask('POST /admin/clock', body);
      expect(said.status, JSON.stringify(body)).toBe(400);
      expect(messageOf(said)).toContain('advanceMs');
    }
    const { now, sleepUntil } = virtualClock();
    const fixed = await opened({ clock: { now, sleepUntil } });
    const said = await fixed.ask('POST /admin/clock', { advanceMs: 1 });
    expect(said.body).toMatchObject({ error_type: 'UNSUPPORTED' });
    expect(messageOf(said)).toBe('The clock of this simulator cannot be moved.');
  });
});

describe('the requests by the admin door', () => {
  it('should be listed from a number on', async () => {
    const { ask, simulator } = await opened();
    const { library } = simulator.ports();
    await library.listLibraries();
    await library.findLibraries({ name: 'images' });
    expect((await ask('GET /admin/requests')).body).toMatchObject({
      last: 2,
      requests: [
        { n: 1, door: 'port', op: 'library.list' },
        { n: 2, op: 'library.find' }
      ]
    });
    expect((await ask('GET /admin/requests?since=1')).body).toMatchObject({ last: 2, requests: [{ n: 2 }] });
    expect((await ask('GET /admin/requests?since=2')).body).toEqual({ last: 2, requests: [] });
    const wrong = await ask('GET /admin/requests?since=-1');
    expect([wrong.status, messageOf(wrong)]).toEqual([400, expect.stringContaining('since')]);
  });

  it('should be told as they come, and from where a reader left off', async () => {
    const { adminUrl, simulator } = await opened();
    const { library } = simulator.ports();
    await library.listLibraries();
    await library.listLibraries();
    const headers = { authorization: `Bearer ${TOKEN}`, 'last-event-id': '1' };
    const response = await fetch(`${adminUrl}/admin/events?since=0`, { headers });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    const until = async (end: RegExp) => {
      while (!end.test(text)) text += (await reader.read()).value ?? '';
    };
    await until(/\nid: 2\n/);
    expect(text).toMatch(/^: /);
    expect(text).not.toContain('id: 1\n');
    await library.findLibraries({ name: 'images' });
    await until(/\nid: 3\nevent: request\ndata: \{.*"op":"library.find".*\}\n\n$/);
    await reader.cancel();
    const wrong = await fetch(`${adminUrl}/admin/events?since=x`, { headers: { authorization: `Bearer ${TOKEN}` } });
    expect(wrong.status).toBe(400);
  });

  it('should end for their readers with the door', async () => {
    const { adminUrl, simulator } = await opened();
    const { body } = await fetch(`${adminUrl}/admin/events`, { headers: { authorization: `Bearer ${TOKEN}` } });
    const reader = body!.getReader();
    await reader.read();
    await simulator.close();
    const ended = await reader.read().catch(() => ({ done: true }));
    expect(ended.done).toBe(true);
  });
});

describe('an admin door that something happens to', () => {
  /** A door over something that is no simulator. */
  async function over(parts: Partial<Administered>): Promise<string> {
    const { clock, state, faults } = createSimulator({ clock: virtualClock() });
    const door = await openAdminDoor(
      {
        profile: '8.0',
        now: () => clock.now(),
        state: () => state,
        faults,
        targets: ['put'],
        log: requestLog(),
        logins: () => [],
        endLogins: () => 0,
        expire: () => undefined,
        reset: async () => undefined,
        ...parts
      },
      { token: TOKEN }
    );
    onTestFinished(() => door.close());
    return door.url;
  }

  it('should say that the fault is its own, and go on', async () => {
    const targets = undefined as unknown as readonly string[];
    const url = await over({ targets, reset: () => Promise.reject('no reason') });
    const said = await asking(url)('POST /admin/faults', { on: 'put', do: 'reset' });
    expect(said.status).toBe(500);
    expect(messageOf(said)).toMatch(/^The simulator itself failed: /);
    expect(messageOf(await asking(url)('POST /admin/reset'))).toBe('The simulator itself failed: no reason');
    expect((await asking(url)('GET /admin/state')).status).toBe(200);
  });

  it('should break off a stream that it cannot go on with', async () => {
    const onAdd = () => {
      throw new Error('no more');
    };
    const url = await over({ log: { ...requestLog(), onAdd } });
    const ended = await fetch(`${url}/admin/events`, { headers: { authorization: `Bearer ${TOKEN}` } })
      .then(response => response.text())
      .catch(() => '');
    expect(ended).not.toContain('data:');
    expect((await asking(url)('GET /admin/state')).status).toBe(200);
  });

  it('should outlive a visitor who goes away', async () => {
    const url = await over({});
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    const head = `POST /admin/faults HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${TOKEN}\r\ncontent-length: 9\r\n\r\n`;
    await new Promise<void>(resolve => socket.write(`${head}{`, () => resolve()));
    socket.destroy();
    expect((await asking(url)('GET /admin/state')).status).toBe(200);
  });

  it('should let a reader go who does not read, and keep it from nobody else', async () => {
    const log = requestLog();
    const url = await over({ log });
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const options = { headers: { authorization: `Bearer ${TOKEN}` } };
      const req = request(`${url}/admin/events`, options, resolve);
      req.on('error', reject);
      req.end();
    });
    response.on('error', () => undefined);
    const file = 'x'.repeat(64 * 1024);
    for (let n = 0; n < 500; n++) log.add({ at: n, door: 'port', op: 'put', file });
    let text = '';
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => {
      text += chunk;
    });
    await new Promise<void>(resolve => response.on('close', () => resolve()));
    expect(text.length).toBeLessThan(500 * file.length);
    expect((await asking(url)('GET /admin/requests?since=499')).body).toMatchObject({ last: 500 });
  });
});

describe('what is not behind the admin door', () => {
  it('should be said, with what is', async () => {
    const { ask } = await opened();
    for (const line of ['GET /admin/nothing', 'PUT /admin/state', 'GET /', 'POST /admin/faults/1']) {
      const said = await ask(line);
      expect(said.status, line).toBe(404);
      expect(messageOf(said)).toMatch(/^There is no .* \(there are: GET \/admin\/state, .*GET \/admin\/events\)\.$/);
    }
    const nowhere = await ask('GET //');
    expect(nowhere.status).toBe(400);
    expect(messageOf(nowhere)).toBe('The request names no place: give a path such as /admin/state.');
    const large = await ask('POST /admin/faults', 'x'.repeat(1024 * 1024 + 1));
    expect(large.status).toBe(413);
  });
});
