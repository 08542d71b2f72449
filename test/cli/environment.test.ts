import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ServerFlags, serverSettings } from '../../src/cli/environment.ts';
import { UsageError } from '../../src/cli/exit.ts';
import type { Environment } from '../../src/cli/io.ts';
import { folderWith } from './call.ts';

const silent = { write: () => true };

function settings(flags: ServerFlags, env: Environment, stdin = '', isTTY = false) {
  const input = Object.assign(
    (async function* () {
      yield stdin;
    })(),
    { isTTY }
  );
  return serverSettings(flags, { stdin: input, stdout: silent, stderr: silent, env });
}

async function refusal(flags: ServerFlags, env: Environment, stdin = '', isTTY = false): Promise<UsageError> {
  const cause = await settings(flags, env, stdin, isTTY).catch((error: unknown) => error);
  expect(cause).toBeInstanceOf(UsageError);
  return cause as UsageError;
}

const SHELVER = { SHELVER_URL: 'https://a.example', SHELVER_USERNAME: 'alice', SHELVER_PASSWORD: 'of-alice' };
const GOVC = { GOVC_URL: 'https://b.example/sdk', GOVC_USERNAME: 'bob', GOVC_PASSWORD: 'of-bob' };
const VSPHERE = { VSPHERE_SERVER: 'c.example', VSPHERE_USER: 'carol', VSPHERE_PASSWORD: 'of-carol' };

describe('which server, and as whom', () => {
  it('should take SHELVER_ before GOVC_ before VSPHERE_', async () => {
    expect(await settings({}, { ...SHELVER, ...GOVC, ...VSPHERE })).toMatchObject({
      url: 'https://a.example',
      username: 'alice',
      password: 'of-alice'
    });
    expect(await settings({}, { ...GOVC, ...VSPHERE })).toMatchObject({ username: 'bob', password: 'of-bob' });
    expect(await settings({}, VSPHERE)).toMatchObject({ url: 'c.example', username: 'carol', password: 'of-carol' });
  });

  it('should take options before the environment', async () => {
    const folder = folderWith({ pw: 'of-dave\n' });
    const flags = { url: 'd.example', username: 'dave', passwordFile: join(folder, 'pw'), dialect: 'rest' } as const;
    expect(await settings(flags, SHELVER)).toEqual({
      url: 'd.example',
      username: 'dave',
      password: 'of-dave',
      dialect: 'rest'
    });
  });

  it('should split a URL of the environment, with what is written in percent signs meant as it is', async () => {
    const env = { GOVC_URL: 'https://administrator%40vsphere.local:p%40ss%2Fword@b.example:8443/sdk' };
    expect(await settings({}, env)).toMatchObject({
      url: 'https://b.example:8443/sdk',
      username: 'administrator@vsphere.local',
      password: 'p@ss/word'
    });
    const short = { GOVC_URL: 'user:100%@b.example' };
    expect(await settings({}, short)).toMatchObject({ url: 'https://b.example/', username: 'user', password: '100%' });
  });

  it('should let the variables beside a URL outweigh what stands in it', async () => {
    const env = { GOVC_URL: 'https://x:y@b.example', GOVC_USERNAME: 'bob', GOVC_PASSWORD: 'of-bob' };
    expect(await settings({}, env)).toMatchObject({ username: 'bob', password: 'of-bob' });
  });

  it('should use nothing of a family that names another server', async () => {
    const env = { ...GOVC, GOVC_INSECURE: '1' };
    const { message } = await refusal({ url: 'https://a.example' }, env);
    expect(message).toBe('no user name is given');
    const trusting = await settings({ url: 'https://a.example', username: 'x' }, { ...env, SHELVER_PASSWORD: 'y' });
    expect(trusting).toMatchObject({ password: 'y' });
    expect(trusting.insecure).not.toBe(true);
    expect(await settings({ url: 'https://B.example' }, env)).toMatchObject({ username: 'bob', insecure: true });
  });

  it('should use a password with its own user name only', async () => {
    const { message, next } = await refusal({ username: 'mallory' }, SHELVER);
    expect(message).toBe('no password is given for mallory');
    expect(next).toMatch(/SHELVER_PASSWORD/);
    expect(await settings({ username: 'alice' }, SHELVER)).toMatchObject({ password: 'of-alice' });
    const env = { SHELVER_URL: 'a.example', SHELVER_PASSWORD: 'anyone' };
    expect(await settings({ username: 'mallory' }, env)).toMatchObject({ password: 'anyone' });
  });

  it('should say what is missing', async () => {
    expect((await refusal({}, {})).message).toBe('no server is named');
    expect((await refusal({}, { SHELVER_URL: 'a.example' })).message).toBe('no user name is given');
    expect((await refusal({ username: '' }, SHELVER)).message).toBe('no user name is given');
  });
});

describe('passwords', () => {
  it('should be read from standard input without the line feed at its end', async () => {
    const { password } = await settings({ passwordStdin: true }, SHELVER, ' secret with blanks \r\n');
    expect(password).toBe(' secret with blanks ');
  });

  it('should be read from the file that a variable names', async () => {
    const folder = folderWith({ pw: 'from a file' });
    const env = { ...SHELVER, SHELVER_PASSWORD: '', SHELVER_PASSWORD_FILE: join(folder, 'pw') };
    expect((await settings({}, env)).password).toBe('from a file');
  });

  it('should be refused in an address on the command line, without being repeated', async () => {
    for (const url of ['https://user:hunter2@a.example', 'user:hunter2@a.example', 'https://user:hun ter2@[a']) {
      const { message, next } = await refusal({ url }, SHELVER);
      expect(message).toBe(
        'the address given by --url holds a user name or password, and others can see a command line'
      );
      expect(message + next).not.toContain('hun');
    }
  });

  it('should be refused where they cannot be had', async () => {
    const folder = folderWith({ empty: '\n' });
    const wrong: [ServerFlags, string, boolean, RegExp][] = [
      [{ passwordStdin: true, passwordFile: 'x' }, '', false, /contradict/],
      [{ passwordStdin: true }, '', false, /standard input holds no password/],
      [{ passwordStdin: true }, '', true, /is a terminal/],
      [{ passwordFile: join(folder, 'none') }, '', false, /cannot be read \(ENOENT\)/],
      [{ passwordFile: join(folder, 'empty') }, '', false, /is empty/]
    ];
    for (const [flags, stdin, tty, says] of wrong) {
      expect((await refusal(flags, SHELVER, stdin, tty)).message).toMatch(says);
    }
  });

  it('should not be shown by an address in the environment that is none', async () => {
    const { message, code } = await refusal({}, { GOVC_URL: 'https://user:hunter2@a b.example' });
    expect(message).toBe('GOVC_URL is not an address such as https://vc.example.com');
    expect(code).toBe('BAD_ADDRESS');
  });
});

describe('trust', () => {
  it('should be decided by the first place that says anything of it', async () => {
    const env = { ...SHELVER, SHELVER_INSECURE: 'true' };
    expect(await settings({ caFile: 'ca.pem' }, env)).toMatchObject({ caFile: 'ca.pem' });
    expect((await settings({ caFile: 'ca.pem' }, env)).insecure).not.toBe(true);
    expect(await settings({}, env)).toMatchObject({ insecure: true });
    const pinned = { ...SHELVER, SHELVER_THUMBPRINT: 'ab', GOVC_INSECURE: '1' };
    expect(await settings({}, pinned)).toMatchObject({ thumbprint: 'ab' });
    expect((await settings({}, pinned)).insecure).not.toBe(true);
  });

  it('should read truth in the usual words and no others', async () => {
    for (const word of ['1', 'true', 'YES', 'on']) {
      expect((await settings({}, { ...SHELVER, SHELVER_INSECURE: word })).insecure).toBe(true);
    }
    for (const word of ['0', 'false', 'No', 'off', '']) {
      expect((await settings({}, { ...SHELVER, SHELVER_INSECURE: word })).insecure).not.toBe(true);
    }
    expect((await refusal({}, { ...SHELVER, SHELVER_INSECURE: 'maybe' })).message).toBe(
      'SHELVER_INSECURE is neither true nor false'
    );
  });

  it('should not be asked for twice in one call', async () => {
    expect((await refusal({ insecure: true, caFile: 'ca.pem' }, SHELVER)).message).toMatch(/contradict/);
  });
});

describe('dialect', () => {
  it('should come from the option, the variable, or the login', async () => {
    expect((await settings({}, SHELVER)).dialect).toBe('auto');
    expect((await settings({}, { ...SHELVER, SHELVER_DIALECT: 'rest' })).dialect).toBe('rest');
    expect((await settings({}, { ...SHELVER, SHELVER_DIALECT: '2014' })).dialect).toBe('2014');
    expect((await settings({ dialect: 'api' }, { ...SHELVER, SHELVER_DIALECT: 'rest' })).dialect).toBe('api');
    expect((await refusal({}, { ...SHELVER, SHELVER_DIALECT: 'soap' })).message).toMatch(/SHELVER_DIALECT/);
  });
});
