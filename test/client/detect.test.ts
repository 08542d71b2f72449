import { describe, expect, it } from 'vitest';
import { connect } from '../../src/connect.ts';
import { type Answer, connected, failureOf, json, serve, text, vcenter, withLogin } from './servers.ts';

const GO_404 = '404 page not found\n';

/** A service of the old dialect; `api` answers everything under /api. */
function rest(version: (...of: Parameters<Answer>) => boolean, api?: Answer): Answer {
  return (request, response, seen) => {
    const { method, url } = seen;
    if (url.startsWith('/api/')) {
      if (api) return api(request, response, seen);
      return void text(response, 404, 'no such page');
    }
    if (url === '/rest/com/vmware/cis/session' && method === 'POST')
      return void json(response, 200, { value: 'token-of-rest' });
    if (url === '/rest/com/vmware/cis/session' && method === 'DELETE') return void text(response, 200, '');
    if (url === '/rest/appliance/system/version') return void version(request, response, seen);
    if (url === '/rest/com/vmware/content/library') return void json(response, 200, { value: null });
    text(response, 404, GO_404);
  };
}

describe('a login after which the server cannot be asked what it is', () => {
  it.each([
    ['both dialects possible', {}, '/api/session'],
    ['/api wanted', { dialect: 'api' as const }, '/api/session'],
    ['/rest wanted', { dialect: 'rest' as const }, '/rest/com/vmware/cis/session']
  ])('should be ended: %s', async (_, options, path) => {
    const broken: Answer = request => void request.socket.destroy();
    const api = vcenter();
    const old = rest(() => false);
    const server = await serve((request, response, seen) => {
      const answer = seen.method === 'GET' ? broken : seen.url.startsWith('/rest/') ? old : api;
      answer(request, response, seen);
    });
    expect(await failureOf(connect(withLogin(server.url, options)))).toMatchObject({ code: 'CONNECTION' });
    expect([server.count('POST', path), server.count('DELETE', path)]).toEqual([1, 1]);
  });
});

describe('the dialect and the profile', () => {
  it('should be those of the version that /api states', async () => {
    const server = await serve(
      vcenter((_, response, { url }) =>
        url === '/api/appliance/system/version' ? json(response, 200, { version: '9.1.0.0' }) : false
      )
    );
    const { library } = await connected(server.url);
    expect(library.server).toMatchObject({ name: '9.0', dialect: 'api', tokenPlace: 'header' });
  });

  it.each([
    ['refused', 403, { error_type: 'UNAUTHORIZED', messages: [] }],
    ['not JSON', 200, undefined],
    ['without a version', 200, { product: 'x' }],
    ['older than any', 200, { version: '1.0' }]
  ])('should be 8.0 over /api when the version is %s', async (_, status, body) => {
    const server = await serve(
      vcenter((_, response, { url }) =>
        url === '/api/appliance/system/version' ? json(response, status, body) : false
      )
    );
    expect((await connected(server.url)).library.server).toMatchObject({ name: '8.0', dialect: 'api' });
  });

  it('should be /rest and the version stated there when there are no logins under /api', async () => {
    const server = await serve(rest((_, response) => json(response, 200, { value: { version: '6.5.0.10000' } })));
    const { library } = await connected(server.url);
    expect(library.server).toMatchObject({ name: '6.5', dialect: 'rest', tokenPlace: 'body' });
    expect(await library.listLibraries()).toEqual([]);
  });

  it('should be that of 2014 when /rest says that it is 6.0, unless /rest was asked for', async () => {
    const says = () => serve(rest((_, response) => json(response, 200, { value: { version: '6.0.0.30800' } })));
    const found = (await connected((await says()).url)).library.server;
    expect(found).toMatchObject({ name: '6.0', dialect: '2014', tokenPlace: 'body' });
    const asked = (await connected((await says()).url, { dialect: 'rest' })).library.server;
    expect(asked).toMatchObject({ name: '6.0', dialect: 'rest', tokenPlace: 'body' });
  });

  it('should be 6.7 over /rest when the version is not told', async () => {
    const server = await serve(rest((_, response) => json(response, 403, { type: 'x', value: {} })));
    expect((await connected(server.url)).library.server).toMatchObject({ name: '6.7', dialect: 'rest' });
  });

  it('should be vcsim when /rest answers in the words of its router', async () => {
    const server = await serve(rest((_, response) => text(response, 404, GO_404)));
    expect((await connected(server.url)).library.server.name).toBe('vcsim');
  });

  it('should be /rest when /api has logins but no update sessions; that login is given back', async () => {
    const server = await serve(
      rest(
        (_, response) => text(response, 404, GO_404),
        (_, response, { method, url }) => {
          if (url === '/api/session' && method === 'POST') return void json(response, 200, 'token-of-api');
          if (url === '/api/session') return void json(response, 204);
          text(response, 404, GO_404);
        }
      )
    );
    expect((await connected(server.url)).library.server.name).toBe('vcsim');
    expect(server.count('DELETE', '/api/session')).toBe(1);
  });

  it('should stay with /api when the question itself is refused there', async () => {
    const server = await serve(
      vcenter((_, response, { url }) =>
        url === '/api/content/library/item/update-session'
          ? json(response, 404, { error_type: 'NOT_FOUND', messages: [] })
          : false
      )
    );
    expect((await connected(server.url)).library.server.dialect).toBe('api');
  });

  it.each([
    [{ dialect: 'api' }, '/api/session', '8.0', 'api'],
    [{ dialect: 'rest' }, '/rest/com/vmware/cis/session', '8.0', 'rest'],
    [{ profile: '7.0.3' }, '/api/session', '7.0', 'api'],
    [{ profile: 'vcsim' }, '/rest/com/vmware/cis/session', 'vcsim', 'rest'],
    [{ dialect: 'rest', profile: '8.0' }, '/rest/com/vmware/cis/session', '8.0', 'rest'],
    [{ dialect: 'api', profile: '8.0' }, '/api/session', '8.0', 'api'],
    [{ dialect: '2014' }, '/rest/com/vmware/cis/session', '6.0', '2014'],
    [{ profile: '6.0' }, '/rest/com/vmware/cis/session', '6.0', '2014'],
    [{ dialect: '2014', profile: '6.5' }, '/rest/com/vmware/cis/session', '6.5', '2014'],
    [{ dialect: 'rest', profile: '6.0' }, '/rest/com/vmware/cis/session', '6.0', 'rest']
  ] as const)('should be what the caller says: %j', async (options, login, name, dialect) => {
    const both = await serve((request, response, seen) => {
      const version = { version: '8.0.1' };
      const inner = seen.url.startsWith('/rest/')
        ? rest((_, answer) => json(answer, 200, { value: version }))
        : vcenter();
      inner(request, response, seen);
    });
    const { library } = await connected(both.url, options);
    expect(library.server).toMatchObject({ name, dialect });
    expect(both.seen[0]?.url).toBe(login);
    expect(both.seen.filter(({ method }) => method === 'POST').length).toBe(1);
  });

  it('should be refused when no profile has the name', async () => {
    expect(await failureOf(connect(withLogin('http://127.0.0.1:1', { profile: '4.2' })))).toEqual({
      code: 'INVALID_SPEC',
      message: 'there is no server profile 4.2: there are 6.0, 6.5, 6.7, 7.0, 8.0, 9.0, vcsim'
    });
  });
});

describe('a server that is none', () => {
  const at = async (answer: Answer, options = {}) => {
    const server = await serve(answer);
    const { code, message } = await failureOf(connect(withLogin(server.url, options)));
    expect(code).toBe('NOT_THE_SERVICE');
    return message.replace(server.place, 'HERE');
  };

  it.each([
    [
      'a page',
      (_, response) => void text(response, 200, '<html>hello</html>', 'text/html; charset=utf-8'),
      'HERE is not a vCenter Server: it answers the login with status 200, text/html'
    ],
    [
      'a page that wants a login',
      (_, response) => void text(response, 401, '<html>who?</html>', 'text/html'),
      'HERE is not a vCenter Server: it answers the login with status 401, text/html'
    ],
    [
      'nothing',
      (_, response) => void response.writeHead(404).end(),
      'HERE is not a vCenter Server: it answers the login with status 404'
    ],
    [
      'a redirect',
      (_, response) => void response.writeHead(301, { location: 'https://vc.example.com/secret?x=1' }).end(),
      'HERE is not a vCenter Server: it sends callers on to https://vc.example.com'
    ],
    [
      'a redirect to somewhere in it',
      (_, response) => void response.writeHead(302, { location: '/login' }).end(),
      'HERE is not a vCenter Server: it sends callers on to another page'
    ],
    [
      'the words of a TLS port',
      (_, response) => void text(response, 400, 'Client sent an HTTP request to an HTTPS server.\n'),
      'HERE speaks TLS: its address begins with https://'
    ],
    [
      'other JSON',
      (_, response) => void json(response, 200, { hello: 'world' }),
      'HERE is not a vCenter Server: it answers the login with status 200, application/json'
    ]
  ] as [string, Answer, string][])('should be told by %s', async (_, answer, message) => {
    expect(await at(answer)).toBe(message);
    expect(await at(answer, { dialect: 'api' })).toBe(message);
    expect(await at(answer, { dialect: 'rest' })).toBe(message);
  });

  it('should never be sent the login again by a redirect', async () => {
    const elsewhere = await serve(vcenter());
    const server = await serve(
      (_, response) => void response.writeHead(307, { location: `${elsewhere.url}/api/session` }).end()
    );
    await failureOf(connect(withLogin(server.url)));
    expect(elsewhere.seen).toEqual([]);
  });
});
