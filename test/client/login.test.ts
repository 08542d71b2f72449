import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connect } from '../../src/connect.ts';
import { createRetryBudget } from '../../src/retry-budget.ts';
import { connected, failureOf, json, PASSWORD, serve, TOKEN, text, thrownBy, vcenter, withLogin } from './servers.ts';

const SESSION = 'vmware-api-session-id';

/** A service whose logins can be ended; each login gives `canary-token-N`. */
async function serviceWithLogins() {
  const alive = new Set<string>();
  let made = 0;
  let refuse = false;
  let hold: Promise<void> | undefined;
  const server = await serve(
    vcenter((_, response, { method, url, headers }) => {
      if (url === '/api/session' && method === 'POST') {
        if (refuse) return json(response, 401, { error_type: 'UNAUTHENTICATED', messages: [] });
        made += 1;
        const token = `canary-token-${made}`;
        alive.add(token);
        void Promise.resolve(hold).then(() => json(response, 201, token));
        return true;
      }
      if (alive.has(String(headers[SESSION]))) return false;
      return json(response, 401, { error_type: 'UNAUTHENTICATED', messages: [] });
    })
  );
  return {
    server,
    endAll: () => alive.clear(),
    refuseLogins: () => {
      refuse = true;
    },
    holdLogins: (until: Promise<void>) => {
      hold = until;
    },
    logins: () => server.count('POST', '/api/session')
  };
}

describe('login', () => {
  it('should use Basic credentials once, and the session header from then on', async () => {
    const server = await serve(vcenter());
    const connection = await connected(server.url);
    await connection.library.listLibraries();
    const [first, ...later] = server.seen;
    expect(first).toMatchObject({
      method: 'POST',
      url: '/api/session',
      headers: {
        authorization: `Basic ${Buffer.from(`ada:${PASSWORD}`).toString('base64')}`,
        'vmware-use-header-authn': 'true'
      }
    });
    expect(later.length).toBeGreaterThan(0);
    for (const { headers } of later) {
      expect(headers[SESSION]).toBe(TOKEN);
      expect(headers.authorization).toBeUndefined();
    }
  });

  it('should say that name or password are wrong, and ask only once', async () => {
    const server = await serve(
      vcenter((_, response, { url }) =>
        url === '/api/session'
          ? json(response, 401, {
              error_type: 'UNAUTHENTICATED',
              messages: [{ id: 'x', default_message: `no ${PASSWORD}`, args: [] }]
            })
          : false
      )
    );
    const refused = await thrownBy(connect(withLogin(server.url)));
    expect(refused.failure).toMatchObject({
      code: 'UNAUTHENTICATED',
      message: `${server.place} does not accept this user name and password`,
      service: { errorType: 'UNAUTHENTICATED', status: 401 }
    });
    expect(server.seen.length).toBe(1);
    expect(inspect(refused, { depth: 9 })).not.toContain('canary');
  });

  it.each([
    [403, 'UNAUTHORIZED', undefined],
    [501, 'NOT_THE_SERVICE', undefined],
    [429, 'UNAVAILABLE', undefined],
    [503, 'UNAVAILABLE', 7_000],
    [500, 'SERVER_ERROR', undefined]
  ])('should report what a login answers with %i as it is', async (status, code, retryAfterMs) => {
    const headers = retryAfterMs === undefined ? {} : { 'retry-after': '7' };
    const server = await serve((_, response) => void json(response, status, { messages: [] }, headers));
    // Without a budget nothing is asked again.
    const refused = await failureOf(connect(withLogin(server.url, { budget: createRetryBudget(0) })));
    expect(refused.code).toBe(code);
    expect(refused.retryAfterMs).toBe(retryAfterMs);
    expect(refused.ambiguous).toBeUndefined();
  });

  it('should try twice when the connection breaks, and no more', async () => {
    let broken = 0;
    const server = await serve(
      vcenter(request => {
        if (request.url !== '/api/session' || broken > 0) return false;
        broken += 1;
        request.socket.destroy();
        return true;
      })
    );
    await connected(server.url);
    expect(server.count('POST', '/api/session')).toBe(2);

    const dead = await serve(request => void request.socket.destroy());
    expect(await failureOf(connect(withLogin(dead.url)))).toMatchObject({ code: 'CONNECTION' });
    expect(dead.seen.length).toBe(2);
  });

  it('should give up logging in when the signal says so', async () => {
    const abort = new AbortController();
    const server = await serve(() => abort.abort());
    expect(await failureOf(connect(withLogin(server.url, { signal: abort.signal })))).toMatchObject({
      code: 'CANCELED'
    });
    expect(server.seen.length).toBe(1);
  });

  it('should log out when closed, once, and close its connections', async () => {
    const server = await serve(vcenter());
    const connection = await connect(withLogin(server.url));
    const ended = Promise.all(server.sockets.map(socket => new Promise(resolve => socket.once('close', resolve))));
    await Promise.all([connection.close(), connection.close(), connection[Symbol.asyncDispose]()]);
    await ended;
    const logouts = server.seen.filter(({ method }) => method === 'DELETE');
    expect(logouts).toEqual([
      expect.objectContaining({ url: '/api/session', headers: expect.objectContaining({ [SESSION]: TOKEN }) })
    ]);
  });

  it('should close without a word when the server is gone', async () => {
    const server = await serve(vcenter());
    const connection = await connect(withLogin(server.url));
    await server.close();
    await expect(connection.close()).resolves.toBeUndefined();
  });
});

describe('a login that has ended', () => {
  it('should be made anew once for all calls that find it ended, and the calls repeated', async () => {
    const { server, endAll, logins } = await serviceWithLogins();
    const connection = await connected(server.url);
    endAll();
    const answers = await Promise.all(Array.from({ length: 8 }, () => connection.library.listLibraries()));
    expect(answers).toEqual(new Array(8).fill(['library-1']));
    expect(logins()).toBe(2);
    expect(await connection.library.listLibraries()).toEqual(['library-1']);
    expect(logins()).toBe(2);
  });

  it('should be made anew for a call that creates, with the same client token', async () => {
    const { server, endAll } = await serviceWithLogins();
    const connection = await connected(server.url, { profile: '9.0' });
    endAll();
    await failureOf(connection.library.createItem({ libraryId: 'l', name: 'n' }, { token: 'aaaa' }));
    const creates = server.seen.filter(({ url }) => url.startsWith('/api/content/library/item'));
    expect(creates.map(({ headers }) => [headers['client-token'], headers[SESSION]])).toEqual([
      ['aaaa', 'canary-token-1'],
      ['aaaa', 'canary-token-2']
    ]);
  });

  it('should end the call as UNAUTHENTICATED when the new login is refused, or does not help', async () => {
    const { server, endAll, refuseLogins, logins } = await serviceWithLogins();
    const connection = await connected(server.url);
    endAll();
    refuseLogins();
    const refused = await thrownBy(connection.library.createItem({ libraryId: 'l', name: 'n' }));
    expect(refused.failure.code).toBe('UNAUTHENTICATED');
    expect(logins()).toBe(2);
    expect(inspect(refused, { depth: 9 })).not.toContain('canary');

    const never = await serve(
      vcenter((_, response, { url }) => (url === '/api/content/library' ? json(response, 401, {}) : false))
    );
    const unlucky = await connected(never.url);
    expect(await failureOf(unlucky.library.listLibraries())).toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(never.count('GET', '/api/content/library')).toBe(3);
    expect(never.count('POST', '/api/session')).toBe(2);
  });

  it('should not be ambiguous when the server is gone: the call itself was refused', async () => {
    let gone = false;
    const server = await serve(
      vcenter((request, response, { method, url }) => {
        if (!gone) return false;
        if (url === '/api/session' && method === 'POST') return !!request.socket.destroy();
        return json(response, 401, {});
      })
    );
    const connection = await connected(server.url);
    gone = true;
    const failed = await failureOf(connection.library.createItem({ libraryId: 'l', name: 'n' }));
    expect(failed.code).toBe('CONNECTION');
    expect(failed.ambiguous).toBeUndefined();
  });

  it('should not be given up when the request for a new one was cut on its way', async () => {
    let cut = false;
    const server = await serve(
      vcenter((request, response, { method, url }) => {
        if (!cut) return false;
        if (method !== 'POST' || url !== '/api/session') return json(response, 401, {});
        request.socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
        return true;
      })
    );
    const connection = await connected(server.url);
    cut = true;
    expect(await failureOf(connection.library.listLibraries())).toMatchObject({ code: 'CONNECTION' });
  });

  it('should say so when the service of logins is gone', async () => {
    let gone = false;
    const server = await serve(
      vcenter((_, response, { method, url }) => {
        if (!gone) return false;
        return method === 'POST' && url === '/api/session' ? text(response, 404, 'gone') : json(response, 401, {});
      })
    );
    const connection = await connected(server.url);
    gone = true;
    expect(await failureOf(connection.library.listLibraries())).toMatchObject({ code: 'NOT_THE_SERVICE' });
  });

  it('should let one caller go without ending the login that others wait for', async () => {
    const { server, endAll, holdLogins } = await serviceWithLogins();
    const connection = await connected(server.url);
    endAll();
    let release = () => {};
    holdLogins(
      new Promise(resolve => {
        release = resolve;
      })
    );
    onTestFinished(() => release());
    const abort = new AbortController();
    const asked = new Promise<void>(resolve => {
      const look = () => (server.count('POST', '/api/session') === 2 ? resolve() : setImmediate(look));
      look();
    });
    const patient = connection.library.listLibraries();
    const hasty = failureOf(connection.library.listLibraries({ signal: abort.signal }));
    await asked;
    // Comes while the login is under way: it waits for the new token and does not try the old one.
    const late = connection.library.listLibraries();
    const lateAndGone = failureOf(connection.library.listLibraries({ signal: AbortSignal.abort() }));
    abort.abort();
    expect((await hasty).code).toBe('CANCELED');
    expect((await lateAndGone).code).toBe('CANCELED');
    release();
    expect(await patient).toEqual(['library-1']);
    expect(await late).toEqual(['library-1']);
    expect(server.count('POST', '/api/session')).toBe(2);
  });

  it('should be kept alive by asking for it, in the words of the dialect', async () => {
    const server = await serve(
      vcenter((_, response, { method, url }) =>
        method === 'GET' && url === '/api/session' ? json(response, 200, { user: 'ada' }) : false
      )
    );
    const connection = await connected(server.url);
    await connection.library.keepLogin();
    expect(server.count('GET', '/api/session')).toBe(1);
  });
});

describe('secrets', () => {
  it('should not be shown by a connection or anything in it', async () => {
    const server = await serve(vcenter());
    const connection = await connected(server.url);
    expect(inspect(connection)).toBe(`Connection { serverName: '${server.place}', server: '8.0' }`);
    const all = inspect({ ...connection }, { depth: 9, showHidden: true }) + JSON.stringify(connection);
    expect(all).not.toContain('canary');
  });

  it('should be struck out of what the server says', async () => {
    const said = `token ${TOKEN} of ${PASSWORD} (${Buffer.from(`ada:${PASSWORD}`).toString('base64')}) is no good`;
    const server = await serve(
      vcenter((_, response, { url }) =>
        url === '/api/content/library'
          ? json(response, 400, {
              error_type: 'INVALID_ARGUMENT',
              messages: [{ id: 'a', default_message: said, args: [TOKEN, 'plain'] }]
            })
          : false
      )
    );
    const connection = await connected(server.url);
    const refused = await thrownBy(connection.library.listLibraries());
    expect(inspect(refused, { depth: 9 })).not.toContain('canary');
    expect(refused.failure).toMatchObject({
      message: 'token [hidden] of [hidden] ([hidden]) is no good',
      service: { messages: [{ args: ['[hidden]', 'plain'] }] }
    });
  });

  it('should not make nonsense of sentences when the password is a common word', async () => {
    const server = await serve(
      vcenter((_, response, { url }) =>
        url === '/api/content/library'
          ? json(response, 400, { messages: [{ id: 'a', default_message: 'The compass is broken.', args: [] }] })
          : false
      )
    );
    const connection = await connected(server.url, { password: 'pass' });
    expect((await failureOf(connection.library.listLibraries())).message).toBe('The compass is broken.');
  });
});
