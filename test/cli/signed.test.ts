// shelver upload of a signed package: what the service says of its certificate, and how it is accepted.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { values } from '../../src/simulator/service/table.ts';
import { signedPackage, tarOf } from '../sources/signed-package.ts';
import { call, folderWith, left, serve } from './call.ts';

const SELF = 'SELF_SIGNED_CERTIFICATE';

describe('shelver upload of signed content', () => {
  it('should stop before anything is published, and say what would let it through', async () => {
    const { files } = signedPackage();
    const folder = folderWith({ ...files, 'packed.ova': await tarOf(files) });
    for (const name of ['vm.ovf', 'packed.ova']) {
      const { env, simulator } = await serve();
      const { code, stdout, stderr } = await call(['upload', join(folder, name), 'images', '--json'], { env });
      expect(code).toBe(6);
      expect(JSON.parse(stdout).items[0].failure).toMatchObject({ code: 'WARNINGS' });
      expect(stderr).toMatch(new RegExp(`^error: .*${SELF}`, 'm'));
      expect(stderr).toMatch(
        new RegExp(`^next: check the certificate; to go on in spite of it: --accept-warning ${SELF}$`, 'm')
      );
      expect(left(simulator)).toEqual({ items: [], sessions: [] });
      const words = ['upload', join(folder, name), 'images', '--accept-warning', SELF];
      const accepted = await call(words, { env });
      expect(accepted.code).toBe(0);
      expect(accepted.stdout).toContain(`in spite of ${SELF}, as asked`);
      expect(left(simulator)).toEqual({ items: [name.replace(/\..*/, '')], sessions: [] });
    }
  });

  it('should show the warnings of a session, and which of them are ignored', async () => {
    const { env, simulator } = await serve({ libraries: [{ name: 'images', items: [{ name: 'vm', type: 'ovf' }] }] });
    const { library, bytes } = simulator.ports();
    const session = await library.createSession({ itemId: values(simulator.state.items)[0]!.id });
    const { files } = signedPackage();
    for (const name of ['vm.cert', 'vm.ovf']) {
      const content = Buffer.from(files[name]!);
      const { uploadUri = '' } = await library.addFile(session, { name, sourceType: 'PUSH', size: content.length });
      const source = {
        size: content.length,
        read: async function* () {
          yield content;
        }
      };
      await bytes.push({ uri: uploadUri, source, hash: [] });
    }
    expect((await call(['sessions', 'show', session], { env })).stdout).toMatch(new RegExp(`\nwarning  ${SELF}: `));
    await library.updateSession(session, { warnings: [{ type: SELF, ignored: true }] });
    expect((await call(['sessions', 'show', session], { env })).stdout).toMatch(
      new RegExp(`\nwarning  ${SELF}, ignored: `)
    );
  });
});
