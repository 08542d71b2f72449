import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { call, folderWith } from './call.ts';
import { type Address, as, simulating } from './simulating.ts';

describe('shelver simulate', () => {
  it('should say first where it listens, serve, and end in order', async () => {
    const { code, stdout, stderr } = await simulating(['--library', 'isos', '--library', 'images'], async address => {
      const { stdout: listed } = await call(['ls', '--json'], { env: as(address) });
      expect(JSON.parse(listed).libraries.map((its: { name: string }) => its.name)).toEqual(['images', 'isos']);
    });
    expect(code).toBe(0);
    expect(Object.keys(JSON.parse(stdout.split('\n')[0] ?? ''))).toEqual(['url']);
    expect(stderr).toBe('vCenter Server 8.0, simulated; log in as user. Ctrl-C ends it.\n');
  });

  it('should serve TLS that can be trusted by file and by fingerprint', async () => {
    let folder = '';
    const { code } = await simulating(
      ['--tls'],
      async address => {
        const { caFile = '', thumbprint = '' } = address;
        folder = caFile;
        expect(readFileSync(caFile, 'utf8')).toMatch(/BEGIN CERTIFICATE/);
        expect((await call(['ls', '--ca-file', caFile], { env: as(address) })).code).toBe(0);
        expect((await call(['ls', '--thumbprint', thumbprint], { env: as(address) })).code).toBe(0);
        expect((await call(['ls'], { env: as(address) })).code).toBe(8);
      },
      { signal: 'SIGTERM' }
    );
    expect(code).toBe(0);
    expect(existsSync(folder)).toBe(false);
  });

  it('should know the user that the environment names', async () => {
    const env = { SHELVER_USERNAME: 'alice', SHELVER_PASSWORD: 'secret1' };
    const { stderr } = await simulating(
      ['--profile', '6.7', '-v'],
      async (address, said) => {
        expect((await call(['ls'], { env: as(address) })).code).toBe(7);
        const { stderr } = await call(['ls', '-v'], { env: as(address, 'alice', 'secret1') });
        expect(stderr).toMatch(/profile 6\.7, dialect rest/);
        await said(/login\.delete/);
      },
      { env }
    );
    expect(stderr).toMatch(/\nlogin\.create 401\n[\s\S]*\nlibrary\.list 200\n/);
    expect(stderr).not.toContain('secret1');
  });

  it('should keep everything in a store across restarts', async () => {
    const folder = folderWith({ 'a.iso': 'kept' });
    const store = join(folder, 'store');
    await simulating(['--store', store], async address => {
      expect((await call(['upload', join(folder, 'a.iso'), 'images'], { env: as(address) })).code).toBe(0);
    });
    await simulating(['--store', store], async address => {
      const { stdout } = await call(['ls', 'images/a', '--json'], { env: as(address) });
      expect(JSON.parse(stdout).files[0]).toMatchObject({ name: 'a.iso', size: 4 });
    });
  });

  it('should keep its certificate in a store, so that who trusts it can come back', async () => {
    const store = join(folderWith({}), 'store');
    const addresses: Address[] = [];
    for (const _ of ['first', 'second']) {
      await simulating(['--tls', '--store', store], async address => {
        addresses.push(address);
        const { caFile = '', thumbprint = '' } = addresses[0]!;
        expect((await call(['ls', '--thumbprint', thumbprint], { env: as(address) })).code).toBe(0);
        expect((await call(['ls', '--ca-file', caFile], { env: as(address) })).code).toBe(0);
      });
    }
    expect(addresses[1]).toMatchObject({ caFile: join(store, 'ca.pem'), thumbprint: addresses[0]!.thumbprint });
  });

  it('should leave a store to whoever uses it', async () => {
    const store = join(folderWith({}), 'store');
    await simulating(['--store', store], async () => {
      const { code, stdout, stderr } = await call(['simulate', '--store', store]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toBe(
        `error: the store ${store} is in use by another simulator (process ${process.pid})\nnext: end that one first, or give another directory\n`
      );
    });
    await simulating(['--store', store], async () => undefined);
  });

  it('should warn where others can reach a simulator whose password everybody knows', async () => {
    const listen = async (words: readonly string[], env = {}) => {
      let url = '';
      const { stderr } = await simulating(
        words,
        async address => {
          url = address.url;
        },
        { env }
      );
      return [new URL(url).hostname, stderr.match(/^warning: .*$/m)?.[0]];
    };
    const warning =
      'warning: others can reach this simulator, and its password is public knowledge: set SHELVER_PASSWORD';
    expect(await listen(['--host', '0.0.0.0'])).toEqual(['127.0.0.1', warning]);
    expect(await listen(['--host', '0.0.0.0'], { SHELVER_PASSWORD: 'own' })).toEqual(['127.0.0.1', undefined]);
    expect(await listen(['--host', '127.0.0.1'])).toEqual(['127.0.0.1', undefined]);
  });

  it('should let go wrong what a file says', async () => {
    const folder = folderWith({ plan: JSON.stringify([{ on: 'library.list', do: 'answer', status: 500, times: 1 }]) });
    await simulating(['--faults', join(folder, 'plan'), '--seed', '7'], async address => {
      const { code, stderr } = await call(['ls'], { env: as(address) });
      expect(code, stderr).toBe(5);
      expect((await call(['ls'], { env: as(address) })).code).toBe(0);
    });
  });

  it('should refuse what it cannot use, in one sentence', async () => {
    const folder = folderWith({ text: 'not JSON', odd: '[{"do":"dance","on":"put"}]' });
    const wrong: [string[], RegExp][] = [
      [['--faults', join(folder, 'none')], /^error: the fault plan .*none cannot be read \(ENOENT\)\n/],
      [['--faults', join(folder, 'text')], /^error: the fault plan .*text is not JSON\n/],
      [['--faults', join(folder, 'odd')], /^error: the fault plan is wrong .*fault 1/],
      [['--store', join(folder, 'text')], /^error: the store .*text cannot be made/],
      [['--host', '192.0.2.1'], /^error: the simulator cannot listen on 192\.0\.2\.1 port 0/]
    ];
    for (const [words, says] of wrong) {
      const { code, stdout, stderr } = await call(['simulate', ...words]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(says);
    }
  });
});
