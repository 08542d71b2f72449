import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Env, runGovc, type Said } from './govc.ts';
import { digestOf, type Goods, makeGoods } from './goods.ts';
import { startOrigin } from './origin.ts';
import { peers, type SimulateServer, startSimulate } from './peer-processes.ts';

// Without Go there is no real govc to run.
describe.skipIf(peers === undefined)('the real govc before the command', () => {
  let goods: Goods;
  beforeAll(async () => {
    goods = await makeGoods();
  });
  afterAll(() => goods[Symbol.asyncDispose]());

  it.each([
    ['shelver simulate', [], 'http:', 'false'],
    ['shelver simulate, with session cache', [], 'http:', 'true'],
    ['shelver simulate --tls', ['--tls'], 'https:', 'false'],
    ['shelver simulate --tls, with session cache', ['--tls'], 'https:', 'true']
  ])('should do its whole work with %s', async (_name, flags, protocol, cached) => {
    await using simulate = await startSimulate(...flags);
    expect(simulate.url.protocol).toBe(protocol);
    const says = saying(simulate, { GOVMOMI_HOME: goods.fresh('home'), GOVC_PERSIST_SESSION: cached });
    expect(await says('about')).toContain('VirtualCenter');
    await says('library.create', 'shelf');
    await says('library.import', 'shelf', goods.text);
    await says('library.import', 'shelf', goods.iso);
    await says('library.import', '-m', 'shelf', goods.ova.path);
    await says('library.import', 'shelf/notes', goods.iso);
    expect(await says('library.ls', 'shelf/*/*')).toBe(
      ['notes/notes.txt', 'notes/installer.iso', 'installer/installer.iso', 'tiny/tiny.ovf', 'tiny/tiny-disk1.vmdk']
        .map(name => `/shelf/${name}\n`)
        .join('')
    );
    expect(await says('library.info', '-l', '-s', '-json', 'shelf/tiny')).toContain('"name": "tiny"');
    const disk = goods.fresh('disk.vmdk');
    await says('library.export', 'shelf/tiny/tiny-disk1.vmdk', disk);
    expect(await digestOf(disk)).toBe(goods.ovaFiles['tiny-disk1.vmdk']);
    const sessions = (await says('library.session.ls')).split('\n').map(line => line.split(/\s+/));
    const active = sessions.filter(words => words.includes('ACTIVE'));
    const done = sessions.filter(words => words.includes('DONE'));
    expect([active.length, done.length]).toEqual([1, 4]);
    for (const [id] of active) await says('library.session.rm', '-f', id!);
    for (const [id] of done) await says('library.session.rm', id!);
    expect(await says('library.session.ls')).toBe('');
    await says('library.rm', 'shelf/notes');
    await says('library.rm', 'shelf');
    expect(await says('library.ls')).toBe('/images\n');
  });

  it('should find again what it brought, byte for byte, after the command was ended and begun again', async () => {
    const store = goods.fresh('store');
    const env = { GOVMOMI_HOME: goods.fresh('home'), GOVC_PERSIST_SESSION: 'true' };
    const first = await startSimulate('--tls', '--library', 'shelf', '--store', store);
    await saying(first, env)('library.import', 'shelf', goods.iso);
    await first[Symbol.asyncDispose]();
    await using again = await startSimulate('--tls', '--store', store, '--port', first.url.port);
    expect(again.caFile).toBe(first.caFile);
    expect(await saying(again, env)('library.ls', 'shelf/*')).toBe('/shelf/installer\n');
    const back = goods.fresh('back.iso');
    await saying(again, env)('library.export', 'shelf/installer/installer.iso', back);
    expect(await digestOf(back)).toBe(await digestOf(goods.iso));
  });

  it('should have it pull from the hosts that it may ask', async () => {
    await using origin = await startOrigin([goods.ova.path, goods.text]);
    await using simulate = await startSimulate('--pull-host', '127.0.0.1');
    const says = saying(simulate, { GOVMOMI_HOME: goods.fresh('home'), GOVC_PERSIST_SESSION: 'false' });
    await says('library.import', '-pull', 'images', `${origin.url}/${basename(goods.ova.path)}`);
    await says('library.export', 'images/tiny', goods.folder);
    for (const [name, digest] of Object.entries(goods.ovaFiles)) {
      expect(await digestOf(join(goods.folder, name))).toBe(digest);
    }
    const wrong = ['-pull', '-a', 'SHA1', '-c', '0'.repeat(40), 'images', `${origin.url}/notes.txt`];
    expect(await tries(simulate, {}, 'library.import', ...wrong)).toMatchObject({ code: 1 });
  });

  it('should be told where a file lies by a server, unless its rules forbid that', async () => {
    const config = goods.fresh('house.json');
    await writeFile(config, JSON.stringify({ rules: { readStorage: false }, libraries: [{ name: 'images' }] }));
    await using allows = await startSimulate();
    await using forbids = await startSimulate('--config', config);
    const words = ['library.info', '-l', '-s', 'images/notes/notes.txt'];
    for (const simulate of [allows, forbids]) await saying(simulate, {})('library.import', 'images', goods.text);
    expect(await saying(allows, {})(...words)).toMatch(/Storage URI: +ds:\/\/\/vmfs\/volumes\/.*notes/);
    expect(await tries(forbids, {}, ...words)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('403 Forbidden')
    });
  });

  it('should leave no CA file behind when it ends', async () => {
    const simulate = await startSimulate('--tls');
    expect(existsSync(simulate.caFile!)).toBe(true);
    await simulate[Symbol.asyncDispose]();
    expect(existsSync(simulate.caFile!)).toBe(false);
  });

  function saying(simulate: SimulateServer, env: Env) {
    return async (...args: string[]): Promise<string> => {
      const said = await tries(simulate, env, ...args);
      if (said.code !== 0 || said.stderr !== '') throw new Error(`govc ${args.join(' ')}: ${said.code} ${said.stderr}`);
      return said.stdout;
    };
  }

  function tries({ url, caFile }: SimulateServer, env: Env, ...args: string[]): Promise<Said> {
    const trust: Env = caFile === undefined ? {} : { GOVC_TLS_CA_CERTS: caFile };
    return runGovc({ GOVC_URL: url.href, ...trust, GOVC_PERSIST_SESSION: 'false', ...env }, ...args);
  }
});
