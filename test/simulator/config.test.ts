// What a file may say of a simulator: all of it is read, and what is wrong in it is named with its place.
import { describe, expect, it } from 'vitest';
import { PortFailure } from '../../src/ports.ts';
import { readConfig } from '../../src/simulator/config.ts';
import { createSimulator, virtualClock } from '../../src/simulator/index.ts';
import { defaultRules } from '../../src/simulator/service/rules.ts';

/** What is said of a wrong file. */
function fault(given: unknown): string {
  try {
    readConfig(given);
  } catch (cause) {
    if (cause instanceof PortFailure && cause.failure.code === 'INVALID_SPEC') return cause.message;
    throw cause;
  }
  return 'nothing';
}

const FULL = {
  users: {
    ann: { password: 'a', roles: ['ReadOnly', 'Puller'] },
    bob: { passwordFile: 'bob.txt', privileges: ['System.Read'] },
    eve: { passwordEnv: 'EVE' }
  },
  roles: { Puller: ['System.Read', 'ContentLibrary.ReadStorage'] },
  libraries: [
    {
      name: 'images',
      items: [
        {
          name: 'vm',
          type: 'ovf',
          description: 'd',
          files: [
            { name: 'a', text: '' },
            { name: 'b', base64: 'YQ==' }
          ]
        }
      ]
    },
    { name: 'far', type: 'SUBSCRIBED' }
  ],
  rules: { mismatch: 'sessionError', foreignSessions: 'open', readStorage: true },
  pull: {
    hosts: ['localhost:8080'],
    folder: 'datastore',
    maxBytes: '2G',
    maxRedirects: 0,
    stallMs: 10,
    attempts: 1,
    caFile: 'ca'
  },
  sessionTimeout: '1m30s',
  loginTimeout: 60,
  bandwidth: '20M',
  profile: '6.7',
  faults: [{ on: 'put', do: 'reset' }],
  admin: { port: 0, tokenEnv: 'TOKEN' }
};

describe('a configuration', () => {
  it('should be read with all that it may hold', () => {
    expect(readConfig(FULL)).toEqual({
      ...FULL,
      pull: { ...FULL.pull, maxBytes: 2 * 1024 ** 3 },
      sessionTimeout: 90_000,
      loginTimeout: 60_000,
      bandwidth: 20 * 1024 ** 2
    });
    expect(readConfig({})).toEqual({});
    expect(readConfig({ admin: true, bandwidth: 512 })).toEqual({ admin: true, bandwidth: 512 });
    expect(readConfig({ faults: { faults: [] } })).toEqual({ faults: [] });
  });

  it('should take every choice that the documentation leaves open', () => {
    expect(readConfig({ rules: defaultRules })).toEqual({ rules: defaultRules });
  });

  it('should be such that a simulator takes it', () => {
    const { libraries, rules, roles } = readConfig(FULL);
    const users = { ann: { password: 'a', roles: ['Puller'] } };
    const { state } = createSimulator({ clock: virtualClock(), libraries, rules, roles, users });
    expect(state.settings.privileges.ann).toEqual(['System.Read', 'ContentLibrary.ReadStorage']);
    expect(state.settings.rules).toEqual({ ...defaultRules, ...FULL.rules });
  });

  it.each<[string, unknown, RegExp]>([
    ['no object', [], /\(it must be an object, not a list\)/],
    ['null', null, /it must be an object, not null/],
    ['an unknown key', { user: {} }, /"user" is not known here/],
    ['several', { user: {}, port: 1 }, /"user", "port" are not known here/],
    ['a key of a user', { users: { ann: { password: 'x', rolls: [] } } }, /users\.ann: "rolls" is not known here/],
    ['no password', { users: { ann: {} } }, /users\.ann: give one of password, passwordFile and passwordEnv/],
    ['two passwords', { users: { ann: { password: 'x', passwordEnv: 'Y' } } }, /users\.ann: give one of/],
    ['an empty password', { users: { ann: { password: '' } } }, /users\.ann\.password: must not be empty/],
    ['a colon in a name', { users: { 'a:b': { password: 'x' } } }, /users\.a:b: .*a user name has no colon/],
    [
      'an unknown role',
      { users: { ann: { password: 'x', roles: ['King'] } } },
      /users\.ann\.roles: there is no role "King" \(there are: Administrator, /
    ],
    ['an unknown privilege', { roles: { King: ['Everything'] } }, /roles\.King\[0\]: must be "System\.\w+", /],
    ['a library without a name', { libraries: [{ name: 'a' }, {}] }, /libraries\[1\]\.name: is missing/],
    ['a library that is a text', { libraries: ['a'] }, /libraries\[0\]: must be an object, not a text/],
    [
      'a file twice',
      { libraries: [{ name: 'a', items: [{ name: 'b', files: [{ name: 'c' }, { name: 'c' }] }] }] },
      /libraries\[0\]\.items\[0\]\.files: two files have the same name/
    ],
    [
      'a file with two contents',
      { libraries: [{ name: 'a', items: [{ name: 'b', files: [{ name: 'c', text: '', base64: '' }] }] }] },
      /files\[0\]: give text or base64, not both/
    ],
    [
      'no base64',
      { libraries: [{ name: 'a', items: [{ name: 'b', files: [{ name: 'c', base64: '!' }] }] }] },
      /files\[0\]\.base64: must be base64/
    ],
    ['an unknown rule', { rules: { gravity: true } }, /rules: "gravity" is not known here/],
    ['a rule of another kind', { rules: { ranges: 'yes' } }, /rules\.ranges: must be true or false, not a text/],
    ['a negative time', { rules: { validatingMs: -1 } }, /rules\.validatingMs: must be at least 0/],
    ['no time', { sessionTimeout: 'soon' }, /sessionTimeout: give a time such as/],
    ['a time of another kind', { loginTimeout: true }, /loginTimeout: must be a text or a number/],
    ['no amount', { bandwidth: '0' }, /bandwidth: give bytes, such as/],
    ['an unknown profile', { profile: '1.0' }, /profile: must be "6.0", .*"9.0" or "vcsim"/],
    ['a key of pull', { pull: { host: 'a' } }, /pull: "host" is not known here/],
    ['wrong faults', { faults: [{ on: 'put', do: 'dance' }] }, /faults: the fault plan is wrong \(fault 1: /],
    ['two tokens', { admin: { tokenFile: 'a', tokenEnv: 'B' } }, /admin: give tokenFile or tokenEnv, not both/],
    ['a key of admin', { admin: { token: 'secret' } }, /admin: "token" is not known here/],
    ['a port of another kind', { admin: { port: 'x' } }, /admin\.port: must be a number, not a text/],
    ['an admin of another kind', { admin: 'yes' }, /admin: must be true or false or an object/]
  ])('should be refused with %s, by its place', (_, given, says) => {
    expect(fault(given)).toMatch(/^the configuration is wrong \(.*\)$/);
    expect(fault(given)).toMatch(says);
  });

  it('should be told all that is wrong with it at once, and no value of it', () => {
    const said = fault({
      users: { ann: { password: 7, roles: 'hunter2' } },
      rules: { mismatch: 'hunter2' },
      profile: 'hunter2',
      faults: {},
      admin: 'hunter2'
    });
    for (const place of ['users.ann.password', 'users.ann.roles', 'rules.mismatch', 'profile', 'faults', 'admin']) {
      expect(said).toContain(`${place}: `);
    }
    expect(said).not.toContain('hunter2');
  });
});
