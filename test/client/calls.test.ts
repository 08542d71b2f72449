import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { connect } from '../../src/connect.ts';
import {
  type Answer,
  connected,
  failureOf,
  json,
  PASSWORD,
  serve,
  serveTcp,
  TOKEN,
  text,
  thrownBy,
  vcenter,
  withLogin
} from './servers.ts';

const LIBRARIES = '/api/content/library';
const ITEMS = '/api/content/library/item';

/** A service that answers the list of libraries and the making of items as it is told. */
function answering(answer: (...of: Parameters<Answer>) => unknown): Answer {
  return vcenter((request, response, seen) => {
    if (seen.url !== LIBRARIES && !(seen.url.startsWith(ITEMS) && seen.method === 'POST')) return false;
    answer(request, response, seen);
    return true;
  });
}

describe('a call', () => {
  it('should carry arguments, client token and answer', async () => {
    const server = await serve(answering((_, response) => json(response, 201, 'item-1')));
    const { library } = await connected(server.url);
    expect(await library.createItem({ libraryId: 'lib', name: 'ü' }, { token: 'aaaa-bbbb' })).toBe('item-1');
    expect(server.seen.at(-1)).toMatchObject({
      method: 'POST',
      url: `${ITEMS}?client_token=aaaa-bbbb`,
      body: JSON.stringify({ library_id: 'lib', name: 'ü' })
    });
  });

  it('should tell what the server clock said', async () => {
    const server = await serve(
      vcenter((_, response, { url }) => {
        if (url !== '/api/content/library/item/update-session/s') return false;
        return json(
          response,
          200,
          { state: 'ACTIVE', library_item_id: 'i' },
          { date: 'Sat, 01 Mar 2025 12:00:00 GMT' }
        );
      })
    );
    const { library } = await connected(server.url);
    expect((await library.getSession('s')).serverNow).toBe(Date.UTC(2025, 2, 1, 12));
  });

  it('should do without the server clock', async () => {
    const server = await serve(
      vcenter((_, response, { url }) => {
        response.sendDate = false;
        if (url !== '/api/content/library/item/update-session/s') return false;
        return json(response, 200, { state: 'ACTIVE', library_item_id: 'i' });
      })
    );
    const { library } = await connected(server.url);
    expect(await library.getSession('s')).not.toHaveProperty('serverNow');
  });

  it('should use one connection for calls that follow each other', async () => {
    const server = await serve(vcenter());
    const { library } = await connected(server.url, { profile: '8.0' });
    for (let i = 0; i < 5; i += 1) await library.listLibraries();
    expect(server.sockets.length).toBe(1);
  });

  it('should read an answer that is compressed', async () => {
    const server = await serve(
      answering((_, response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
        response.end(gzipSync('["a"]'));
      })
    );
    expect(await (await connected(server.url)).library.listLibraries()).toEqual(['a']);
  });
});

describe('a refused call', () => {
  it.each([
    ['7', 7_000],
    [' 0 ', 0],
    ['Sat, 01 Mar 2025 12:00:30 GMT', 30_000],
    ['Sat, 01 Mar 2025 11:00:00 GMT', 0],
    ['9'.repeat(400), Number.MAX_SAFE_INTEGER],
    ['soon', undefined],
    ['', undefined]
  ])('should tell how long to wait: Retry-After "%s" is %s ms', async (header, ms) => {
    const server = await serve(
      answering((_, response) =>
        json(
          response,
          503,
          { error_type: 'SERVICE_UNAVAILABLE', messages: [] },
          {
            'retry-after': header,
            date: 'Sat, 01 Mar 2025 12:00:00 GMT'
          }
        )
      )
    );
    const refused = await failureOf((await connected(server.url)).library.listLibraries());
    expect(refused.code).toBe('UNAVAILABLE');
    expect(refused.retryAfterMs).toBe(ms);
    expect(server.count('GET', LIBRARIES) - server.count('GET', ITEMS)).toBe(1);
  });

  it('should hold a date against our own clock when the server tells none', async () => {
    const server = await serve(
      answering((_, response) => {
        response.sendDate = false;
        json(response, 503, {}, { 'retry-after': 'Sat, 01 Mar 2025 12:00:30 GMT' });
      })
    );
    expect((await failureOf((await connected(server.url)).library.listLibraries())).retryAfterMs).toBe(0);
  });

  it('should say what the service said, and be certain that it did not act', async () => {
    const messages = [{ id: 'm', default_message: 'Another session is open.', args: ['x'] }];
    const server = await serve(
      answering((_, response) => json(response, 500, { error_type: 'RESOURCE_BUSY', messages }))
    );
    const { library } = await connected(server.url);
    expect(await failureOf(library.createItem({ libraryId: 'l', name: 'n' }))).toEqual({
      code: 'RESOURCE_BUSY',
      message: 'Another session is open.',
      service: { errorType: 'RESOURCE_BUSY', status: 500, messages }
    });
    expect(server.count('POST', ITEMS)).toBe(1);
  });

  it('should be NOT_THE_SERVICE when the answer is a page', async () => {
    const server = await serve(answering((_, response) => text(response, 200, '<html></html>', 'text/html')));
    expect(await failureOf((await connected(server.url)).library.listLibraries())).toMatchObject({
      code: 'NOT_THE_SERVICE'
    });
  });

  it('should not follow a redirect, nor take the session there', async () => {
    const elsewhere = await serve(vcenter());
    const server = await serve(
      answering((_, response) => response.writeHead(302, { location: `${elsewhere.url}${LIBRARIES}` }).end())
    );
    expect(await failureOf((await connected(server.url)).library.listLibraries())).toMatchObject({
      code: 'NOT_THE_SERVICE'
    });
    expect(elsewhere.seen).toEqual([]);
  });
});

describe('a call without an answer', () => {
  const create = async (answer: Answer, options = {}) => {
    const server = await serve(answering(answer));
    const { library } = await connected(server.url, options);
    const refused = await thrownBy(library.createItem({ libraryId: 'l', name: 'n' }));
    expect(inspect(refused, { depth: 9 })).not.toContain('canary');
    expect(server.count('POST', ITEMS)).toBe(1);
    return { ...refused.failure, message: refused.failure.message.replace(server.place, 'HERE') };
  };
  const list = async (answer: Answer, options = {}) => {
    const server = await serve(answering(answer));
    const { library } = await connected(server.url, { profile: '8.0', ...options });
    const refused = await failureOf(library.listLibraries());
    return {
      ...refused,
      message: refused.message.replace(server.place, 'HERE'),
      asked: server.count('GET', LIBRARIES)
    };
  };

  it('should be ambiguous and not repeated when it changes something', async () => {
    expect(await create(request => void request.socket.destroy())).toEqual({
      code: 'CONNECTION',
      message: 'HERE broke the connection before its answer was complete',
      ambiguous: true
    });
  });

  it('should be repeated once when it only reads, and not be ambiguous', async () => {
    expect(await list(request => void request.socket.destroy())).toEqual({
      code: 'CONNECTION',
      message: 'HERE broke the connection before its answer was complete',
      asked: 2
    });
  });

  it('should take a server that hangs up over a request that it could not read for a connection that was cut', async () => {
    const cut: Answer = request => void request.socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
    const code = 'CONNECTION';
    expect(await create(cut)).toMatchObject({
      code,
      ambiguous: true,
      message: 'the server could not read the request item.create: it was cut on its way'
    });
    expect(await list(cut)).not.toHaveProperty('ambiguous');
    const said = JSON.stringify({ error_type: 'INVALID_ARGUMENT', messages: [] });
    const refused: Answer = (_, response) => response.writeHead(400, { connection: 'close' }).end(said);
    expect(await create(refused)).toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('should succeed when the second try of a read does', async () => {
    let asked = 0;
    const server = await serve(
      answering((request, response) => {
        asked += 1;
        if (asked === 1) return request.socket.destroy();
        return json(response, 200, ['a']);
      })
    );
    const { library } = await connected(server.url);
    expect(await library.listLibraries()).toEqual(['a']);
  });

  it('should not be ambiguous when no connection came about', async () => {
    const server = await serve(vcenter());
    const { library } = await connected(server.url);
    await server.close();
    // Finds the connection that was kept broken, and no new one to be had.
    expect(await failureOf(library.listLibraries())).toMatchObject({ code: 'CONNECTION' });
    expect(await failureOf(library.createItem({ libraryId: 'l', name: 'n' }))).toEqual({
      code: 'CONNECTION',
      message: `nobody answers at ${server.place} (connection refused)`
    });
  });

  it('should be TIMED_OUT when the answer does not begin', async () => {
    const late = { timeouts: { headersMs: 50 } };
    expect(await create(() => {}, late)).toEqual({
      code: 'TIMED_OUT',
      message: 'HERE did not answer in time',
      ambiguous: true
    });
    expect(await list(() => {}, late)).toEqual({ code: 'TIMED_OUT', message: 'HERE did not answer in time', asked: 1 });
  });

  it('should be STALLED when the answer stands still', async () => {
    const halfway: Answer = (_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('[');
    };
    expect(await create(halfway, { timeouts: { stallMs: 80 } })).toEqual({
      code: 'STALLED',
      message: 'the connection to HERE stood still for too long',
      ambiguous: true
    });
  });

  it('should break when the answer is cut', async () => {
    const cut: Answer = (request, response) => {
      response.writeHead(201, { 'content-length': '100' });
      response.write('"abc', () => request.socket.destroy());
    };
    expect(await create(cut)).toMatchObject({ code: 'CONNECTION', ambiguous: true });
  });

  it('should be canceled by its signal, with what follows from that', async () => {
    const abort = new AbortController();
    const server = await serve(answering(() => abort.abort(new Error('enough'))));
    const { library } = await connected(server.url);
    const call = library.createItem({ libraryId: 'l', name: 'n' }, { signal: abort.signal });
    expect(await failureOf(call)).toEqual({
      code: 'CANCELED',
      message: `the call to ${server.place} was canceled`,
      ambiguous: true
    });
    expect(await failureOf(library.listLibraries({ signal: abort.signal }))).toMatchObject({ code: 'CANCELED' });
  });

  it('should refuse an answer that is larger than any answer is', async () => {
    const large: Answer = (_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.end(gzipSync(Buffer.alloc(17 * 2 ** 20, ' ')));
    };
    expect(await list(large)).toMatchObject({
      code: 'SERVER_ERROR',
      message: 'the answer of HERE is larger than 16 MiB'
    });
  });

  it('should say that an answer cannot be decompressed', async () => {
    const nonsense: Answer = (_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.end('this is no gzip at all');
    };
    expect(await list(nonsense)).toMatchObject({
      code: 'SERVER_ERROR',
      message: 'the answer of HERE cannot be decompressed'
    });
  });

  it('should see that it is not HTTP what answers', async () => {
    const ssh = await serveTcp(socket => socket.end('SSH-2.0-OpenSSH_9.6\r\n'));
    expect(await failureOf(connect(withLogin(`http://127.0.0.1:${ssh.port}`)))).toMatchObject({
      code: 'NOT_THE_SERVICE',
      message: `127.0.0.1:${ssh.port} does not answer in HTTP: perhaps its address begins with https://`
    });
  });

  it('should never show what it was sent with', async () => {
    const server = await serve(answering(request => void request.socket.destroy()));
    const { library } = await connected(server.url);
    const thrown = await thrownBy(library.createItem({ libraryId: 'l', name: 'n' }));
    const shown = inspect(thrown, { depth: 9, showHidden: true });
    expect(shown).not.toContain(TOKEN);
    expect(shown).not.toContain(PASSWORD);
  });
});
