// OVF and OVA: files that are missing, checksums of every kind, and how often an archive is read.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { makeOva } from '../../../src/cli/demo-ova.ts';
import type { ByteSource, Ports } from '../../../src/ports.ts';
import { PROFILES } from '../../../src/servers/profiles.ts';
import type { OwnFile } from '../../../src/spec.ts';
import { call, folderWith, left as leftBy, serve } from '../../cli/call.ts';
import { bytesOf } from '../../run/bytes.ts';
import { testFolder } from '../../sources/folder.ts';
import { httpStage, left, opsOf, portStage } from '../stage.ts';

const folder = testFolder();
const NOTHING = { sessions: [], items: [] };
const DISK = Buffer.alloc(60_000, 'a disk ');
const NVRAM = Buffer.from('non-volatile');
const sumOf = (algorithm: string, bytes: Uint8Array) => createHash(algorithm).update(bytes).digest('hex');

/** A machine with a disk and an .nvram, with a manifest by the algorithm, if one is named. */
function machine({ algorithm, disk = DISK }: { algorithm?: string; disk?: Buffer } = {}): Record<string, Buffer> {
  const files = ['vm-disk1.vmdk', 'vm.nvram'].map((name, at) => `<File href="${name}" ovf:id="file${at}"/>`).join('');
  const ovf = Buffer.from(
    `<Envelope xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1"><References>${files}</References></Envelope>`
  );
  const all = { 'vm.ovf': ovf, 'vm-disk1.vmdk': DISK, 'vm.nvram': NVRAM };
  if (algorithm === undefined) return all;
  const lines = Object.entries(all).map(([name, its]) => `${algorithm}(${name})= ${sumOf(algorithm, its)}\n`);
  return { 'vm.mf': Buffer.from(lines.join('')), ...all, 'vm-disk1.vmdk': disk };
}
const sources = (files: Record<string, Buffer>): OwnFile[] =>
  Object.entries(files).map(([name, its]) => ({ name, source: bytesOf(its, 10_000) }));
const to = 'images/vm';

describe('a package that lacks a file', () => {
  it('should be told by its name before a byte is sent, or an item made (ansible-collections/vmware.vmware #257)', async () => {
    const { 'vm.nvram': _, ...files } = machine();
    const place = folderWith(files);
    const { env, simulator } = await serve();
    const { code, stderr } = await call(['upload', join(place, 'vm.ovf'), 'images', '--progress', 'none'], { env });
    expect(code).toBe(3);
    expect(stderr).toMatch(/^error: .*vm\.ovf references "vm\.nvram", which is not in .*\nnext: \S/);
    expect(simulator.requests.map(({ op }) => op).filter(op => !/^(login|system|session\.list)/.test(op))).toEqual([]);
    expect(leftBy(simulator)).toEqual({ items: [], sessions: [] });
  });

  it('should bring its .nvram along by itself (aws/eks-anywhere-build-tooling #2797)', async () => {
    const place = folder.sub('nvram');
    const files = machine();
    for (const [name, its] of Object.entries(files)) place.put(name, its);
    const stage = await httpStage();
    const { report } = await stage.play(
      { to, files: [join(place.path, 'vm.ovf')] },
      { truth: new Map(Object.entries(files)) }
    );
    expect(report.outcome).toBe('done');
    expect(stage.simulator.contents('vm')?.files.map(({ name }) => name)).toContain('vm.nvram');
  });

  it('should be told by what validate says, by name, where only the server knows', async () => {
    const stage = portStage();
    const validate = async () => ({ hasErrors: true, missing: ['vm.nvram'], invalid: [] });
    const { report } = await stage.play(
      { to, files: sources(machine()).slice(1, 2) },
      { ports: ports => ({ ...ports, library: overridden(ports.library, { validate }) }) }
    );
    expect(report.failure).toMatchObject({ code: 'MISSING_FILES', message: expect.stringMatching(/vm\.nvram$/) });
    expect([opsOf(stage).includes('session.complete'), left(stage)]).toEqual([false, NOTHING]);
  });

  it('should be told of an extra file, too, that the manifest names and nobody has', async () => {
    const files = machine({ algorithm: 'SHA256' });
    const { report } = await portStage().play({
      to,
      files: sources({
        ...files,
        'vm.mf': Buffer.concat([files['vm.mf']!, Buffer.from(`SHA1(x.iso)= ${'a'.repeat(40)}`)])
      })
    });
    expect(report.failure).toMatchObject({ code: 'SOURCE_INVALID', message: expect.stringContaining('"x.iso"') });
  });
});

describe('checksums', () => {
  it('should be held against the manifest without being asked for (govmomi #1978, #3030)', async () => {
    const stage = portStage();
    const { report } = await stage.play({
      to,
      files: sources(machine({ algorithm: 'SHA256', disk: Buffer.alloc(DISK.length, 'other') }))
    });
    expect(report.failure).toMatchObject({
      code: 'SOURCE_DISAGREES',
      message: expect.stringContaining('vm-disk1.vmdk')
    });
    expect(left(stage)).toEqual(NOTHING);
  });

  it.each(['SHA1', 'SHA256', 'SHA512', 'MD5'])(
    'should be taken as the manifest has them, of files that are pushed (govmomi #3429): %s',
    async algorithm => {
      const { report } = await portStage().play({ to, files: sources(machine({ algorithm })) });
      expect([report.outcome, report.files.map(({ verified }) => verified)]).toEqual([
        'done',
        ['notKept', 'digest', 'digest', 'digest']
      ]);
    }
  );

  it.each(['SHA256', 'SHA512'])(
    'should not stand in the way where this server does not know their algorithm (home-assistant/operating-system #3654, turnkeylinux/tracker #827): %s',
    async algorithm => {
      const stage = portStage({ profile: PROFILES['6.5'] });
      const good = await stage.play({ to, files: sources(machine({ algorithm })) });
      // By what the server can tell, and by the manifest while it was read.
      expect(good.report.files.map(({ digest }) => digest?.algorithm)).toEqual([undefined, 'SHA1', 'SHA1', 'SHA1']);
      const bad = sources(machine({ algorithm, disk: Buffer.alloc(DISK.length, 'other') }));
      expect((await stage.play({ to, files: bad })).report.failure?.code).toBe('SOURCE_DISAGREES');
    }
  );

  it('should be left away where a server refuses an algorithm that its version should know (OpenCTI-Platform/opencti #1642)', async () => {
    // 6.7 before Update 1: the client takes it for one that knows SHA-256.
    const stage = portStage({ profile: PROFILES['6.5'] });
    const { report } = await stage.play(
      { to, files: sources(machine({ algorithm: 'SHA256' })) },
      { ports: ports => ({ ...ports, library: overridden(ports.library, { server: PROFILES['6.7'] }) }) }
    );
    expect(report.failure).toBeUndefined();
    expect(report.files.map(({ verified }) => verified)).toEqual(['notKept', 'digest', 'digest', 'digest']);
  });
});

describe('an archive', () => {
  it('should be read once, each disk from where it lies in it (terraform-provider-vsphere #2369)', async () => {
    const { path, files } = await makeOva(folder.path, { name: 'once', seed: 3, diskBytes: 2_000_000 });
    const { FileHandle } = await fileHandles(path);
    const read = vi.spyOn(FileHandle, 'read');
    onTestFinished(() => void read.mockRestore());
    const stage = await httpStage();
    const { report } = await stage.play({ to: 'images', files: [path] }, { truth: new Map() });
    expect([report.outcome, report.sent]).toEqual(['done', files.reduce((sum, { size }) => sum + size, 0)]);
    const bytes = (await Promise.all(read.mock.results.map(({ value }) => value))) as { bytesRead: number }[];
    const all = bytes.reduce((sum, { bytesRead }) => sum + bytesRead, 0);
    // Headers, descriptor and manifest are looked at before; the rest is read as it is sent.
    expect(all).toBeLessThan(report.sent * 1.1);
  });

  it('should be read no oftener when it is broken off in a disk: only that disk again', async () => {
    const counted: Record<string, number> = {};
    const files = sources(machine()).map(({ name, source }) => ({ name, source: counting(source, name, counted) }));
    const stage = portStage();
    stage.simulator.inject({ on: 'put', file: '*.vmdk', do: 'reset', afterBytes: 30_000 });
    expect((await stage.play({ to, files })).report.outcome).toBe('done');
    // Once for the plan, which looks into the descriptor, and once in the test itself.
    expect(counted).toEqual({ 'vm.ovf': 3, 'vm-disk1.vmdk': 3, 'vm.nvram': 2 });
  });

  it('should not be looked for in an ISO (terraform-provider-vsphere #1664)', async () => {
    const iso = { name: 'tiny.iso', source: bytesOf('CD001 <Envelope>') };
    const stage = portStage();
    const { report } = await stage.play({ to: 'images', files: [iso] });
    expect([report.outcome, report.files[0]?.role]).toEqual(['done', 'plain']);
    expect(stage.simulator.state.items.flatMap(bucket => Object.values(bucket)).map(({ type }) => type)).toEqual([
      'iso'
    ]);
  });
});

function overridden(library: Ports['library'], more: object): Ports['library'] {
  return new Proxy(library, {
    get: (its, key) => (key in more ? Reflect.get(more, key) : Reflect.get(its, key))
  });
}

function counting(source: ByteSource, name: string, counted: Record<string, number>): ByteSource {
  return {
    size: source.size,
    read: (signal, reuse) => {
      counted[name] = (counted[name] ?? 0) + 1;
      return source.read(signal, reuse);
    }
  };
}

/** What all open files share. */
async function fileHandles(path: string) {
  const { open } = await import('node:fs/promises');
  const handle = await open(path);
  const FileHandle = Object.getPrototypeOf(handle) as typeof handle;
  await handle.close();
  return { FileHandle };
}
