import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DemoOva, makeOva } from '../../src/cli/demo-ova.ts';

const run = promisify(execFile);
// qemu-img comes with the package qemu-utils; where it is missing the disk's test is skipped, except on CI.
const hasQemu = await run('qemu-img', ['--version']).then(
  () => true,
  () => process.env.CI === 'true'
);
if (!hasQemu) console.warn('Skipped: the check of the disk by qemu-img, which is not here: install qemu-utils.');

describe('the OVA of the demo, to other tools', () => {
  const DISK = 64 * 1024 ** 2;
  let folder: string;
  let ova: DemoOva;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'shelver-interop-'));
    ova = await makeOva(folder, { name: 'demo', seed: 3, diskBytes: DISK });
    await run('tar', ['xf', ova.path, '-C', folder]);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('should be a tar with the descriptor first, then the manifest, then the disk', async () => {
    const { stdout } = await run('tar', ['tvf', ova.path]);
    const listed = stdout
      .trim()
      .split('\n')
      .map(line => line.split(/\s+/));
    expect(listed.map(fields => [fields[5], Number(fields[2])])).toEqual(
      ova.files.map(({ name, size }) => [name, size])
    );
    expect(listed.map(fields => fields[5])).toEqual(['demo.ovf', 'demo.mf', 'demo-disk1.vmdk']);
  });

  it('should agree with its own manifest', async () => {
    const lines = (await readFile(join(folder, 'demo.mf'), 'utf8')).trim().split('\n');
    const told = lines.map(line => /^SHA256\((.+)\)= ([0-9a-f]{64})$/.exec(line)!.slice(1));
    expect(told.map(([name]) => name)).toEqual(['demo.ovf', 'demo-disk1.vmdk']);
    for (const [name, sha256] of told) {
      const bytes = await readFile(join(folder, name!));
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256);
    }
  });

  // Only qemu can say what qemu finds: on a machine of one's own it need not be there, on CI it has to be.
  it.skipIf(!hasQemu)('should hold a disk that qemu-img finds whole, of the size that was asked for', async () => {
    const disk = join(folder, 'demo-disk1.vmdk');
    const { stdout: check } = await run('qemu-img', ['check', '--output=json', disk]);
    expect(JSON.parse(check)).toMatchObject({ format: 'vmdk', 'check-errors': 0 });
    const { stdout: info } = await run('qemu-img', ['info', '--output=json', disk]);
    expect(JSON.parse(info)).toMatchObject({
      'virtual-size': DISK,
      'format-specific': { data: { 'create-type': 'streamOptimized' } }
    });
  });
});
