import { describe, expect, it } from 'vitest';
import { PortFailure } from '../../src/ports.ts';
import { prepareUpload } from '../../src/prepare-upload.ts';
import { bytesSource } from '../../src/sources/bytes-source.ts';
import { uploadToldAgain } from '../../src/upload.ts';
import { bytesOf } from './bytes.ts';
import { worldOf } from './worlds.ts';

const spec = { to: 'images/item', files: [{ name: 'a.bin', source: bytesSource('abc') }] };

describe('an upload made ready for another actor system', () => {
  it('should give the input of the machine, and the means of its effects', async () => {
    const { ports } = worldOf(1);
    const sent: unknown[] = [];
    await using ready = await prepareUpload(ports, spec, {
      run: '6a3c1d52-0d6e-4c7b-9a51-2f1c00000000',
      policy: { maxAttempts: 2 },
      onSent: (...told) => sent.push(told)
    });
    expect(ready.input).toMatchObject({
      run: '6a3c1d52-0d6e-4c7b-9a51-2f1c00000000',
      to: { library: 'images', item: 'item' },
      files: [{ name: 'a.bin', size: 3, role: 'plain' }],
      policy: { maxAttempts: 2, parallel: 4 }
    });
    expect(JSON.parse(JSON.stringify(ready.input))).toEqual(ready.input);
    expect(ready.means.files[0]).toMatchObject({ source: spec.files[0]?.source });
    expect(ready.means.library).toBe(ports.library);
    ready.means.onSent('a.bin', 2);
    expect(sent).toEqual([['a.bin', 2]]);
  });

  it('should draw a run of its own, and need nobody who counts bytes', async () => {
    const { ports } = worldOf(1);
    const ready = await prepareUpload(ports, spec);
    expect(ready.input.run).toMatch(/^[0-9a-f-]{36}$/);
    expect(ready.means.onSent('a.bin', 1)).toBeUndefined();
    await ready.close();
  });

  it('should throw what is wrong with the call', async () => {
    const { ports } = worldOf(1);
    const failing = prepareUpload(ports, { to: 'images', files: [] });
    await expect(failing).rejects.toBeInstanceOf(PortFailure);
    await expect(failing).rejects.toThrow('files must be a list of at least one path or source');
  });
});

describe('a call that is told again', () => {
  const to = 'images/fox';
  const pull = 'https://source.example/fox.iso';

  it('should hold nothing that may be a secret', () => {
    const secret = ['https://me:pw@source.example/a.iso', `${pull}?k=1`, `${pull}#canary`];
    for (const uri of secret) expect(uploadToldAgain({ to, files: [{ pull: uri }] })).toBeUndefined();
    const proxy = 'http://me:canary@proxy.example:3128';
    expect(uploadToldAgain({ to, files: [{ pull, proxy }] })).toBeUndefined();
    expect(uploadToldAgain({ to, files: [{ name: 'a', source: bytesOf('a') }] })).toBeUndefined();
  });

  it('should be the same call, but for its time', () => {
    const files = [{ pull, proxy: 'http://proxy.example:3128' }];
    expect(uploadToldAgain({ to, files, deadlineMs: 5 })).toEqual({ to, files });
    expect(uploadToldAgain({ to, files: ['/a/b/../c.iso'] })).toEqual({ to, files: ['/a/c.iso'] });
  });
});
