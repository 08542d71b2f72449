// Logging in and out, and what a call without a login comes to.

import type { Bench } from '../bench.ts';
import { refusedAs } from '../calls.ts';
import type { Group } from '../row.ts';
import { basic, loginPath, TOKEN } from '../server.ts';
import { holds, isRecord, same } from '../verdict.ts';

export const login: Group = {
  title: 'Login',
  rows: [
    {
      id: 'login.create',
      says: 'a login with user and password answers 201 (api) or 200 (rest) with a token',
      run: async bench => void (await tokenOf(bench))
    },
    {
      id: 'login.wrong-password',
      says: 'a wrong password is 401 UNAUTHENTICATED',
      run: async bench => {
        const { username } = bench.server.options;
        const authorization = basic({ username, password: 'not the password' });
        const reply = await bench.raw('POST', loginPath(bench.dialect), { token: null, headers: { authorization } });
        refusedAs(reply, 'UNAUTHENTICATED', bench.dialect, 'login');
      }
    },
    {
      id: 'login.none',
      says: 'a call without a login is 401 UNAUTHENTICATED',
      run: async bench => void (await bench.refused('library.list', {}, 'UNAUTHENTICATED', { token: null }))
    },
    {
      id: 'login.unknown-token',
      says: 'a token that nobody was given is 401 UNAUTHENTICATED',
      run: async bench => void (await bench.refused('session.list', {}, 'UNAUTHENTICATED', { token: 'made-up' }))
    },
    {
      id: 'login.error-message',
      says: 'the 401 says that authentication is required, by the message id of real servers',
      run: async bench => {
        const reply = await bench.refused('library.list', {}, 'UNAUTHENTICATED', { token: null });
        holds(
          /authentication\.required/.test(reply.text),
          'a message id that ends in authentication.required',
          'none came'
        );
      }
    },
    {
      id: 'login.get',
      says: 'the login tells its user and two times',
      run: async bench => {
        const about = await bench.model('login.get', {}, { token: await tokenOf(bench) });
        for (const name of ['user', 'created_time', 'last_accessed_time']) {
          holds(typeof about[name] === 'string', `${name} as text`, about[name] ?? 'none came');
        }
      }
    },
    {
      id: 'login.delete',
      says: 'after the login is deleted its token is refused',
      run: async bench => {
        const token = await tokenOf(bench);
        await bench.ok('login.delete', {}, { token });
        await bench.refused('library.list', {}, 'UNAUTHENTICATED', { token });
      }
    },
    {
      id: 'login.cookie',
      says: 'a login in rest sets the token as a cookie, which logs in as the header does',
      dialects: ['rest'],
      run: async bench => {
        const reply = await bench.raw('POST', loginPath('rest'), { token: null, headers: asked(bench) });
        const [cookie = ''] = reply.headers['set-cookie'] ?? [];
        holds(cookie.startsWith(`${TOKEN}=`), `a cookie ${TOKEN}`, 'none came');
        await bench.ok('library.list', {}, { token: null, headers: { cookie: cookie.split(';', 1)[0]! } });
      }
    },
    {
      id: 'login.no-cookie',
      says: 'with the header vmware-use-header-authn no cookie is set',
      dialects: ['rest'],
      run: async bench => {
        const headers = { ...asked(bench), 'vmware-use-header-authn': 'true' };
        const reply = await bench.raw('POST', loginPath('rest'), { token: null, headers });
        same(reply.headers['set-cookie'], undefined, 'Set-Cookie');
      }
    },
    {
      id: 'login.either-dialect',
      says: 'a token of one dialect is good in the other',
      judged: true,
      needs: 'both dialects',
      run: async bench => {
        const other = bench.dialect === 'api' ? 'rest' : 'api';
        await bench.ok('library.list', {}, { token: bench.server.token(other) });
      }
    },
    {
      id: 'login.session-id-is-none',
      says: 'the id of an update session is no login',
      run: async bench => {
        const session = await bench.session();
        await bench.refused('library.list', {}, 'UNAUTHENTICATED', { token: session });
      }
    }
  ]
};

function asked(bench: Bench): { authorization: string } {
  return { authorization: basic(bench.server.options) };
}

async function tokenOf(bench: Bench): Promise<string> {
  const headers = { ...asked(bench), 'vmware-use-header-authn': 'true' };
  const { status, json } = await bench.raw('POST', loginPath(bench.dialect), { token: null, headers });
  same(status, bench.dialect === 'api' ? 201 : 200, 'status of the login');
  const value = bench.dialect === 'rest' && isRecord(json) ? json.value : json;
  holds(typeof value === 'string' && value !== '', 'a token', 'none came');
  return String(value);
}
