import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, it, vi } from 'vitest';
import { demoCommand } from '../../src/cli/demo.ts';
import { makeOva } from '../../src/cli/demo-ova.ts';
import type { Signal } from '../../src/cli/io.ts';
import { createOutput } from '../../src/cli/output.ts';

// As it is, but for one test that needs a source other than the one that was sent.
vi.mock('../../src/cli/demo-ova.ts', { spy: true });

const MIB = 1024 * 1024;
const SCENE = { diskBytes: 2 * MIB, bytesPerSecond: 64 * MIB, breaksAt: MIB };

async function demo(voice: { json?: boolean }, scene = SCENE, signalAt?: string) {
  const said = { stdout: '', stderr: '' };
  let hear: ((signal: Signal) => void) | undefined;
  const sink = (name: 'stdout' | 'stderr') => ({
    write: (text: string) => {
      said[name] += text;
      if (signalAt !== undefined && text.includes(signalAt)) hear?.('SIGINT');
    }
  });
  const io = {
    stdin: (async function* () {})(),
    stdout: sink('stdout'),
    stderr: sink('stderr'),
    env: {},
    onSignal: (listener: (signal: Signal) => void) => {
      hear = listener;
      return () => undefined;
    }
  };
  const code = await demoCommand({ io, out: createOutput(io, voice) }, scene).catch((cause: unknown) => cause);
  return { code, ...said };
}

const left = (): string[] => readdirSync(tmpdir()).filter(name => name.startsWith('shelver-demo-'));

describe('shelver demo', () => {
  it('should upload an OVA through a 503 and a broken connection, and look at what arrived', async () => {
    const before = left();
    const { code, stdout, stderr } = await demo({});
    expect(code, stdout).toBe(0);
    expect(stdout).toMatch(/^done\n/);
    expect(stdout).toMatch(/demo-disk1\.vmdk .* ready +SHA256 digest +2 /);
    expect(stdout).toMatch(/, 2 retries, /);
    expect(stdout).toMatch(/\n {2}same {2}demo\.ovf .*\n {2}same {2}demo-disk1\.vmdk .*\n$/);
    expect(stderr).toMatch(/503/);
    expect(stderr).toMatch(/broke/);
    expect(left()).toEqual(before);
  });

  it('should give one JSON object when asked', async () => {
    const { code, stdout } = await demo({ json: true });
    expect(code).toBe(0);
    const { schema, items, looked } = JSON.parse(stdout);
    expect(schema).toBe(1);
    expect(items[0]).toMatchObject({ outcome: 'done', retries: 2 });
    expect(items[0].pathDiagram).toMatch(/^stateDiagram-v2/);
    expect(looked).toMatchObject([
      { name: 'demo.ovf', same: true },
      { name: 'demo-disk1.vmdk', same: true }
    ]);
  });

  it('should say so when what arrived is not what was made', async () => {
    vi.mocked(makeOva).mockImplementationOnce(async (folder, what) => {
      const { makeOva: really } =
        await vi.importActual<typeof import('../../src/cli/demo-ova.ts')>('../../src/cli/demo-ova.ts');
      const ova = await really(folder, what);
      return { ...ova, files: ova.files.map(file => ({ ...file, sha256: '0'.repeat(64) })) };
    });
    const { code, stdout } = await demo({});
    expect(code).toBe(1);
    expect(stdout).toMatch(/\n {2}DIFFERENT {2}demo\.ovf /);
  });

  it('should end in order at Ctrl-C, with nothing left', async () => {
    const before = left();
    const slow = { ...SCENE, bytesPerSecond: MIB };
    const { code, stdout } = await demo({}, slow, 'demo-disk1.vmdk: pushing');
    expect(code).toBe(130);
    expect(stdout).toMatch(/^canceled/);
    expect(left()).toEqual(before);
  });
});
