// shelver simulate --config and --admin: a file and flags together, secrets that lie elsewhere, the door and its token.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { call, folderWith } from './call.ts';
import { type Address, as, simulating } from './simulating.ts';

const config = (value: unknown, more: Readonly<Record<string, string>> = {}): string =>
  join(folderWith({ 'house.json': JSON.stringify(value), ...more }), 'house.json');

/** One question at the admin door. */
async function asked({ admin }: Address, path: string, token = admin?.token): Promise<[number, unknown]> {
  const answer = await fetch(`${admin?.url}${path}`, { headers: { authorization: `Bearer ${token}` } });
  return [answer.status, await answer.json()];
}

describe('shelver simulate --config', () => {
  it('should know the users of the file, their passwords where they lie, and what they may do', async () => {
    const users = {
      ann: { password: 'pw-ann', roles: ['Maker'] },
      bob: { passwordFile: 'bob.txt', roles: ['ReadOnly'] },
      eve: { passwordEnv: 'EVE_PASSWORD' }
    };
    const roles = { Maker: ['System.Read', 'ContentLibrary.CreateLocalLibrary'] };
    const path = config({ users, roles, libraries: [{ name: 'shelf' }] }, { 'bob.txt': 'pw-bob\nand more\n' });
    const { stderr } = await simulating(
      ['--config', path],
      async address => {
        for (const [name, password] of [
          ['ann', 'pw-ann'],
          ['bob', 'pw-bob'],
          ['eve', 'pw-eve']
        ] as const) {
          const { stdout } = await call(['ls', '--json'], { env: as(address, name, password) });
          expect(JSON.parse(stdout).libraries, name).toMatchObject([{ name: 'shelf' }]);
        }
        expect((await call(['library', 'create', 'new'], { env: as(address, 'ann', 'pw-ann') })).code).toBe(0);
        const refused = await call(['library', 'create', 'other'], { env: as(address, 'bob', 'pw-bob') });
        expect(refused.code).toBe(7);
        expect(refused.stderr).toContain('ContentLibrary.CreateLocalLibrary');
        expect((await call(['ls'], { env: as(address) })).code).toBe(7);
      },
      { env: { EVE_PASSWORD: 'pw-eve' } }
    );
    expect(stderr).toContain('log in as ann or bob or eve.');
    expect(stderr).not.toContain('pw-');
  });

  it('should be outweighed by flags', async () => {
    const faults = [{ on: 'library.get', do: 'answer', status: 500, times: 'always' }];
    const path = config(
      { libraries: [{ name: 'a' }], profile: '6.7', sessionTimeout: '10s', faults },
      { 'none.json': '[]' }
    );
    const nothing = join(path, '..', 'none.json');
    const words = ['--library', 'b', '--profile', '7.0', '--session-timeout', '20s', '--faults', nothing, '--admin'];
    const seen: unknown[] = [];
    for (const flags of [[...words], ['--admin']]) {
      const { stderr } = await simulating(['--config', path, ...flags], async address => {
        const [, state] = (await asked(address, '/admin/state')) as [
          number,
          { libraries: { name: string }[]; settings: { sessionTimeoutMs: number }; faults: unknown[] }
        ];
        const { libraries, settings } = state;
        seen.push([libraries.map(({ name }) => name), settings.sessionTimeoutMs, state.faults.length]);
      });
      seen.push(/Server (\S+),/.exec(stderr)?.[1]);
    }
    expect(seen).toEqual([[['b'], 20_000, 0], '7.0', [['a'], 10_000, 1], '6.7']);
  });

  it('should say what is in the way of a file', async () => {
    const folder = folderWith({ text: 'not JSON', empty: '' });
    const user = (its: object) => ({ users: { ann: its } });
    const wrong: [string, RegExp][] = [
      [join(folder, 'none'), /^error: the configuration .*none cannot be read \(ENOENT\)\nnext: .*--config\n/],
      [join(folder, 'text'), /^error: the configuration .*text is not JSON\nnext: .*--config\n/],
      [config({ rule: {} }), /^error: the configuration is wrong \("rule" is not known here\)\nnext: correct the file/],
      [config(user({ passwordFile: 'none' })), /^error: users\.ann\.passwordFile: .*none cannot be read \(ENOENT\)\n/],
      [config(user({ passwordFile: 'a' }), { a: '\nx' }), /^error: users\.ann\.passwordFile: a is empty\n/],
      [config(user({ passwordEnv: 'NO_SUCH' })), /^error: users\.ann\.passwordEnv: NO_SUCH is not set\n/],
      [config({ pull: { caFile: 'none' } }), /^error: pull\.caFile: .*none cannot be read \(ENOENT\)\n/],
      [config({ admin: { tokenEnv: 'NO_SUCH' } }), /^error: admin\.tokenEnv: NO_SUCH is not set\n/],
      [config({ admin: { tokenFile: 'a' } }, { a: 'short' }), /^error: the admin token is not 16 or more/]
    ];
    for (const [path, says] of wrong) {
      const { code, stdout, stderr } = await call(['simulate', '--config', path]);
      expect({ code, stdout }, stderr).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(says);
    }
  });

  it('should pull from the folder and the hosts that it names', async () => {
    const path = config(
      { pull: { folder: '.', hosts: ['source.example'] }, rules: { readStorage: true } },
      { a: 'bytes' }
    );
    await simulating(['--config', path], async address => {
      const words = ['upload', '--pull', 'ds:///vmfs/volumes/x/a', 'images/pulled', '--json'];
      const { code, stdout } = await call(words, { env: as(address) });
      expect(code, stdout).toBe(0);
      const { stdout: listed } = await call(['ls', 'images/pulled', '--json'], { env: as(address) });
      expect(JSON.parse(listed).files).toMatchObject([{ name: 'a', size: 5 }]);
    });
  });
});

describe('shelver simulate --admin', () => {
  it('should print where the door is and a token of its own making, and open to that only', async () => {
    const tokens: string[] = [];
    for (const words of [['--admin'], ['--config', config({ admin: true })]]) {
      const { stdout, stderr } = await simulating(words, async address => {
        const { admin } = address;
        expect(admin?.token).toMatch(/^[\w-]{32}$/);
        tokens.push(admin?.token ?? '');
        expect((await asked(address, '/admin/requests'))[0]).toBe(200);
        expect((await asked(address, '/admin/requests', 'a token of nobody'))[0]).toBe(401);
      });
      expect(Object.keys(JSON.parse(stdout))).toEqual(['url', 'admin']);
      for (const token of tokens) expect(stderr).not.toContain(token);
    }
    expect(tokens[0]).not.toBe(tokens[1]);
  });

  it('should take the token that the environment or the file gives', async () => {
    const env = { SHELVER_ADMIN_TOKEN: 'token-of-the-environment', OTHER: 'token-of-another-variable' };
    const file = { 'token.txt': 'token-of-the-file-itself\n' };
    for (const [words, token] of [
      [['--admin'], 'token-of-the-environment'],
      [['--config', config({ admin: { tokenEnv: 'OTHER' } })], 'token-of-another-variable'],
      [['--config', config({ admin: { tokenFile: 'token.txt', port: 0 } }, file)], 'token-of-the-file-itself']
    ] as const) {
      await simulating(
        words,
        async address => {
          expect(address.admin?.token).toBe(token);
          expect((await asked(address, '/admin/requests'))[0]).toBe(200);
        },
        { env }
      );
    }
  });

  it('should move the time of a server that runs by the clock of the machine', async () => {
    await simulating(['--admin', '--session-timeout', '1h'], async address => {
      const { admin } = address;
      const now = async () => ((await asked(address, '/admin/state')) as [number, { at: number }])[1].at;
      const before = await now();
      const headers = { authorization: `Bearer ${admin?.token}` };
      await fetch(`${admin?.url}/admin/clock`, { method: 'POST', headers, body: '{"advanceMs":7200000}' });
      expect((await now()) - before).toBeGreaterThanOrEqual(7_200_000);
      const date = Date.parse((await fetch(`${address.url}/api/session`)).headers.get('date') ?? '');
      expect(date - before).toBeGreaterThan(7_000_000);
    });
  });

  it('should not be there unless it is asked for', async () => {
    await simulating(['--config', config({ admin: false })], async address => {
      expect(address.admin).toBeUndefined();
    });
  });
});
