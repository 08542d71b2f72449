// What shelver simulate may fetch, by flags and by the file of --config together.
import { describe, expect, it } from 'vitest';
import { connect } from '../../src/index.ts';
import { originOf } from '../simulator/pull/pulling.ts';
import { call, folderWith } from './call.ts';
import { type Address, simulating } from './simulating.ts';

/** What a PULL of each of these comes to: READY, or why not. */
async function pulled({ url }: Address, uris: readonly string[]): Promise<string[]> {
  const { library, close } = await connect({ url, username: 'user', password: 'pass' });
  const [libraryId = ''] = await library.findLibraries({ name: 'images' });
  const ends: string[] = [];
  for (const [i, uri] of uris.entries()) {
    const session = await library.createSession({ itemId: await library.createItem({ libraryId, name: `${i}` }) });
    await library.addFile(session, { name: 'a', sourceType: 'PULL', source: { uri } });
    let file = await library.getFile(session, 'a');
    while (file.status !== 'READY' && file.status !== 'ERROR') file = await library.getFile(session, 'a');
    ends.push(file.errorMessage?.replace(/^.*Reason: /, '') ?? file.status);
  }
  await close();
  return ends;
}

describe('shelver simulate', () => {
  it('should fetch from nowhere by itself', async () => {
    await simulating([], async address => {
      expect(await pulled(address, ['http://127.0.0.1/a'])).toEqual([
        'the host 127.0.0.1 is not one that this service may fetch from'
      ]);
    });
  });

  it('should fetch from the hosts of --pull-host and of the file, and from the folder of --pull-folder', async () => {
    const origin = await originOf({ '/a': 'hello' });
    const { port } = origin;
    const folder = folderWith({
      'house.json': JSON.stringify({ rules: { readStorage: true }, pull: { hosts: ['localhost'], folder: 'nowhere' } }),
      'a.iso': 'hello'
    });
    const words = ['--config', `${folder}/house.json`, '--pull-host', `127.0.0.1:${port}`, '--pull-folder', folder];
    await simulating([...words, '--pull-host', '*.example'], async address => {
      const uris = [`http://127.0.0.1:${port}/a`, `http://localhost:${port}/a`, 'file:///a.iso', 'http://127.0.0.2/a'];
      expect(await pulled(address, uris)).toEqual([
        'READY',
        'READY',
        'READY',
        'the host 127.0.0.2 is not one that this service may fetch from'
      ]);
    });
    await origin.close();
  });

  it('should say which --pull-host is none', async () => {
    const { code, stderr } = await call(['simulate', '--pull-host', 'http://images.example/']);
    expect(code).toBe(2);
    expect(stderr).toContain(
      '"http://images.example/" is no host to fetch from: give host, host:port or *.example.com'
    );
  });
});
