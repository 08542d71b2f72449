// Pulls over real sockets: what a source may do, and what the service makes of it.
import { afterEach, describe, expect, it } from 'vitest';
import type { PullOptions } from '../../../src/simulator/index.ts';
import { type Answering, type Origin, originOf, type Pulling, pulling, reasonOf, until } from './pulling.ts';

let origin: Origin;
let other: Origin | undefined;
let pull: Pulling;
afterEach(async () => {
  await pull?.close();
  await origin?.close();
  await other?.close();
  other = undefined;
});

async function begin(answers: Parameters<typeof originOf>[0], options: PullOptions = {}): Promise<void> {
  origin = await originOf(answers);
  pull = await pulling({ pull: { hosts: ['127.0.0.1'], attempts: 1, ...options } });
}
const answer =
  (status: number, headers: Record<string, string> = {}, body = ''): Answering =>
  (_, res) =>
    res.writeHead(status, headers).end(body);
const redirect = (location: string, status = 302) => answer(status, { location });
const failing = async (uri: string, more: Parameters<Pulling['add']>[1] = {}) => {
  await pull.add(uri, more);
  return reasonOf(await pull.settled());
};

describe('a pull over HTTP', () => {
  it('should bring the bytes, and the session to its end', async () => {
    await begin({ '/a.iso?sig=1': 'hello' });
    await pull.add(`${origin.url}/a.iso?sig=1#here`, { size: 5 });
    await pull.library.complete(pull.sessionId);
    await until(async () => (await pull.session()).state !== 'ACTIVE');
    expect((await pull.session()).state).toBe('DONE');
    expect(await pull.held()).toEqual({ 'a.iso': 'hello' });
    expect(origin.asked).toEqual(['GET /a.iso?sig=1']);
  });

  it('should ask for the bytes as they are, and tell nothing of itself', async () => {
    let headers = {};
    await begin({
      '/a': (req, res) => {
        headers = req.headers;
        res.end('x');
      }
    });
    await pull.add(`${origin.url}/a`);
    await pull.settled();
    expect(headers).toEqual({
      host: `127.0.0.1:${origin.port}`,
      accept: '*/*',
      'accept-encoding': 'identity',
      'user-agent': 'shelver-simulator',
      connection: expect.any(String)
    });
  });

  it('should fail where the source would rather speak something else', async () => {
    const switching = 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: other\r\n\r\n';
    await begin({ '/a': req => req.socket.write(switching) });
    expect(await failing(`${origin.url}/a`)).toBe('the source answered with status 101');
    await until(async () => (await origin.connections()) === 0);
  });

  it('should count the bytes while they come', async () => {
    const end = deferred();
    await begin({
      '/a': (_, res) => {
        res.write(Buffer.alloc(300_000));
        void end.promise.then(() => res.end(Buffer.alloc(10)));
      }
    });
    await pull.add(`${origin.url}/a`);
    await until(async () => (await pull.file()).bytesTransferred > 0);
    expect((await pull.file()).status).toBe('TRANSFERRING');
    end.resolve(undefined);
    expect(await pull.settled()).toMatchObject({ status: 'READY', size: 300_010, bytesTransferred: 300_010 });
  });

  it.each([201, 204, 206, 304, 400, 401, 403, 404, 410])('should take a status of %i for a failure', async status => {
    await begin({ '/a': answer(status) });
    expect(await failing(`${origin.url}/a`)).toBe(`the source answered with status ${status}`);
    expect((await pull.session()).state).toBe('ERROR');
    expect(await pull.held()).toEqual({});
  });

  it('should not take an encoded body for the file', async () => {
    await begin({ '/a': answer(200, { 'content-encoding': 'gzip' }, 'x') });
    expect(await failing(`${origin.url}/a`)).toBe('the source sends it encoded (gzip)');
  });

  it('should not begin what has another size than was announced', async () => {
    await begin({ '/a': 'hello' });
    expect(await failing(`${origin.url}/a`, { size: 4 })).toBe('the source has 5 bytes, but 4 were announced');
    expect((await pull.file()).bytesTransferred).toBe(0);
  });

  it('should stop where a body without a length grows beyond what was announced', async () => {
    await begin({ '/a': (_, res) => void res.write('hello') });
    expect(await failing(`${origin.url}/a`, { size: 4 })).toBe('the source has more bytes, but 4 were announced');
    await until(async () => (await origin.connections()) === 0);
  });

  it('should tell what is shorter than was announced', async () => {
    await begin({ '/a': (_, res) => void res.write('hello', () => res.end()) });
    expect(await failing(`${origin.url}/a`, { size: 6 })).toContain('announced with 6 bytes, but 5 were received');
  });

  it('should take no more than it may, with a length and without', async () => {
    await begin({ '/a': 'hello', '/b': (_, res) => void res.write('hello') }, { maxBytes: 4 });
    expect(await failing(`${origin.url}/a`)).toBe('the source has more than 4 bytes, which is the most');
    await pull.close();
    pull = await pulling({ pull: { hosts: ['127.0.0.1'], maxBytes: 4 } });
    expect(await failing(`${origin.url}/b`)).toBe('the source has more than 4 bytes, which is the most');
  });

  it('should give a silent source up, before its answer and amid it', async () => {
    await begin({ '/a': () => undefined, '/b': (_, res) => void res.write('hello') }, { stallMs: 20 });
    expect(await failing(`${origin.url}/a`)).toBe('the source was silent for 0.02 s');
    await pull.close();
    pull = await pulling({ pull: { hosts: ['127.0.0.1'], stallMs: 20, attempts: 1 } });
    expect(await failing(`${origin.url}/b`)).toBe('the source was silent for 0.02 s');
    await until(async () => (await origin.connections()) === 0);
  });

  it('should say that nobody listens there', async () => {
    await begin({});
    const { url } = origin;
    await origin.close();
    expect(await failing(`${url}/a`)).toBe('the connection to the source broke (ECONNREFUSED)');
  });

  it('should say that it is no HTTP that is spoken there', async () => {
    await begin({ '/a': (_, res) => res.socket!.end('what?\r\n\r\n') });
    expect(await failing(`${origin.url}/a`)).toMatch(/^the connection to the source broke \(HPE_\w+\)$/);
  });
});

describe('a source that fails in passing', () => {
  const flaky = (bad: Answering, times: number): Answering => {
    let left = times;
    return (req, res) => (left-- > 0 ? bad(req, res) : void res.end('hello'));
  };

  it.each([
    ['answers with 503', answer(503)],
    ['answers with 429', answer(429)],
    ['breaks the connection', (_, res) => res.socket!.resetAndDestroy()],
    [
      'breaks off amid the body',
      (_, res) => {
        res.writeHead(200, { 'content-length': 600_000 });
        res.write(Buffer.alloc(300_000), () => res.socket!.resetAndDestroy());
      }
    ],
    [
      'ends before its length',
      (_, res) => {
        res.writeHead(200, { 'content-length': 600_000 });
        res.write('half', () => res.socket!.end());
      }
    ]
  ] as [string, Answering][])('should be tried again when it %s', async (_, bad) => {
    await begin({ '/a': flaky(bad, 2) }, { attempts: 3 });
    await pull.add(`${origin.url}/a`);
    for (const wait of [1000, 2000]) {
      await until(() => pull.clock.waiting > 0);
      expect(await pull.file()).toMatchObject({ status: 'TRANSFERRING' });
      const before = origin.asked.length;
      await pull.clock.advanceBy(wait - 1);
      expect(origin.asked.length).toBe(before);
      await pull.clock.advanceBy(1);
    }
    expect(await pull.settled()).toMatchObject({ status: 'READY', size: 5, bytesTransferred: 5 });
    expect(origin.asked.length).toBe(3);
  });

  it('should be given up after so many tries, with the last cause', async () => {
    await begin({ '/a': answer(502) }, { attempts: 2 });
    await pull.add(`${origin.url}/a`);
    await until(() => pull.clock.waiting > 0);
    await pull.clock.advanceBy(1000);
    expect(reasonOf(await pull.settled())).toBe('the source answered with status 502');
    expect(origin.asked.length).toBe(2);
  });

  it('should be tried three times unless said otherwise', async () => {
    origin = await originOf({ '/a': answer(500) });
    pull = await pulling({ pull: { hosts: ['127.0.0.1'] } });
    await pull.add(`${origin.url}/a`);
    for (const wait of [1000, 2000]) {
      await until(() => pull.clock.waiting > 0);
      await pull.clock.advanceBy(wait);
    }
    expect((await pull.settled()).status).toBe('ERROR');
    expect(origin.asked.length).toBe(3);
  });

  it('should not be tried again for what will not pass', async () => {
    await begin({ '/a': answer(404) }, { attempts: 10 });
    expect(await failing(`${origin.url}/a`)).toBe('the source answered with status 404');
    expect(origin.asked.length).toBe(1);
  });
});

describe('a redirect', () => {
  it.each([301, 302, 303, 307, 308])('should be followed by %i, relative and absolute', async status => {
    other = await originOf({ '/c': 'hello' });
    await begin({ '/a': redirect('b/c', status), '/b/c': redirect(`${other.url}/c`, status) });
    await pull.add(`${origin.url}/a`);
    expect(await pull.settled()).toMatchObject({ status: 'READY', size: 5 });
    expect([origin.asked, other.asked]).toEqual([['GET /a', 'GET /b/c'], ['GET /c']]);
  });

  it('should not go on for ever', async () => {
    await begin({ '/a': redirect('/a') }, { maxRedirects: 3 });
    expect(await failing(`${origin.url}/a`)).toBe('the source redirects more than 3 times');
    expect(origin.asked.length).toBe(4);
  });

  it('should be looked at like the first address', async () => {
    other = await originOf({ '/secret': 'secret' });
    await begin({ '/a': redirect(`${other.url}/secret`) });
    await pull.close();
    pull = await pulling({ pull: { hosts: [`127.0.0.1:${origin.port}`] } });
    expect(await failing(`${origin.url}/a`)).toBe(
      `the host 127.0.0.1:${other.port} is not one that this service may fetch from`
    );
    expect(other.made()).toBe(0);
  });

  it.each([
    ['http://169.254.169.254/latest/meta-data', 'the host 169.254.169.254 is not one that this service may fetch from'],
    ['http://user:pass@127.0.0.1/', 'the address holds a user name or password'],
    ['file:///etc/passwd', 'the address is not http or https'],
    ['http://[', 'the address is no URL']
  ])('should not lead to %s', async (location, reason) => {
    await begin({ '/a': redirect(location) });
    expect(await failing(`${origin.url}/a`)).toBe(reason);
    expect(JSON.stringify(await pull.file())).not.toContain('user:pass');
  });

  it('should be a failure where it leads nowhere', async () => {
    await begin({ '/a': answer(302) });
    expect(await failing(`${origin.url}/a`)).toBe('the source answered with status 302');
  });
});

describe('an address that somebody else would like to see asked', () => {
  const OUT = 'is not one that this service may fetch from';
  it.each([
    ['http://169.254.169.254/latest/meta-data/', OUT],
    ['http://[::1]:PORT/a', OUT],
    ['http://0.0.0.0:PORT/a', OUT],
    ['http://127.0.0.1:PORT/a', OUT],
    ['http://2130706433:PORT/a', OUT],
    ['http://0x7f.1:PORT/a', OUT],
    ['http://localhost:PORT/a', OUT],
    ['http://[::ffff:7f00:1]:PORT/a', OUT],
    ['http://user:pass@images.example:PORT/a', 'the address holds a user name or password'],
    ['http://images.example:PORT/a', 'images.example leads to an address that is not allowed'],
    ['http://rebound.example:PORT/a', 'rebound.example leads to an address that is not allowed'],
    ['http://metadata.example/a', 'metadata.example leads to an address that is not allowed'],
    ['http://gone.example/a', 'the host gone.example is not known'],
    ['http://nowhere.example/a', 'the host nowhere.example is not known'],
    ['http:// /a', 'the address is no URL']
  ])('should not be: %s', async (uri, reason) => {
    const names: Record<string, string[]> = {
      'images.example': ['127.0.0.1'],
      'rebound.example': ['::ffff:127.0.0.1', '0.0.0.0'],
      'metadata.example': ['169.254.169.254'],
      'gone.example': []
    };
    await begin({ '/a': 'secret' });
    await pull.close();
    pull = await pulling({
      pull: {
        hosts: ['*.example', 'images.example'],
        attempts: 1,
        lookup: async host => names[host] ?? Promise.reject(new Error('ENOTFOUND'))
      }
    });
    expect(await failing(uri.replace('PORT', String(origin.port)))).toContain(reason);
    expect(origin.made()).toBe(0);
  });

  it('should be asked where the address itself is allowed, by the name that was asked for', async () => {
    await begin({ '/a': 'hello' });
    await pull.close();
    const asked: string[] = [];
    const lookup = async (host: string) => {
      asked.push(host);
      return ['::1', '127.0.0.1'];
    };
    pull = await pulling({ pull: { hosts: ['images.example', '127.0.0.1'], lookup } });
    await pull.add(`http://images.example:${origin.port}/a`);
    expect((await pull.settled()).status).toBe('READY');
    expect(asked).toEqual(['images.example']);
  });

  it('should be tried one after the other where a name has several', async () => {
    await begin({ '/a': 'hello' });
    await pull.close();
    const lookup = async () => ['127.0.0.2', '127.0.0.1'];
    const hosts = ['images.example', '127.0.0.1', '127.0.0.2'];
    pull = await pulling({ pull: { hosts, lookup } });
    await pull.add(`http://images.example:${origin.port}/a`);
    expect((await pull.settled()).status).toBe('READY');
  });

  it('should be asked of the system, where no other resolver is given', async () => {
    await begin({ '/a': 'hello' });
    await pull.close();
    pull = await pulling({ pull: { hosts: ['localhost'] } });
    await pull.add(`http://localhost:${origin.port}/a`);
    expect((await pull.settled()).status).toBe('READY');
  });
});

function deferred() {
  let resolve: (value: unknown) => void = () => undefined;
  const promise = new Promise(done => {
    resolve = done;
  });
  return { promise, resolve };
}
