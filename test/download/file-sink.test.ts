import {
  chmodSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync
} from 'node:fs';
import * as promises from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { folderTarget } from '../../src/adapters/files/file-sink.ts';
import { PortFailure, type Target } from '../../src/ports.ts';
import { emptyFolder } from './folder.ts';

// As it is, but for tests that need a disk that fails.
vi.mock('node:fs/promises', { spy: true });
afterEach(() => {
  vi.resetAllMocks();
  vi.restoreAllMocks();
});

const RUN = '6a3c1d52-0d6e-4c7b-9a51-2f1c00000000';
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const PART = (name: string, run = RUN): string => `.${name}.${run}.part`;

async function failing(work: Promise<unknown>): Promise<{ code: string; message: string }> {
  const thrown = await work.then(
    () => undefined,
    (cause: unknown) => cause
  );
  expect(thrown).toBeInstanceOf(PortFailure);
  return (thrown as PortFailure).failure;
}
async function fill(target: Target, name: string, text: string): Promise<void> {
  await target.openPart(name, RUN);
  await target.part(name).write(bytes(text), 0);
}
const errno = (code: string): Error => Object.assign(new Error(code), { code });
/** Makes one method of every open file fail. */
async function breaking(folder: string, method: 'write' | 'sync' | 'truncate', code: string): Promise<void> {
  const probe = await promises.open(join(folder, 'probe'), 'w');
  const prototype = Object.getPrototypeOf(probe) as typeof probe;
  await probe.close();
  rmSync(join(folder, 'probe'));
  vi.spyOn(prototype, method).mockRejectedValue(errno(code));
}

describe('a file that is downloaded', () => {
  it('should be a hidden part until it is kept, and have only its name then', async () => {
    const folder = emptyFolder();
    const target = folderTarget(folder);
    expect(await target.openPart('a.bin', RUN)).toEqual({ size: 0 });
    const sink = target.part('a.bin');
    await sink.write(bytes('hello '), 0);
    await sink.write(bytes('world'), 6);
    expect(readdirSync(folder)).toEqual([PART('a.bin')]);
    await target.keep('a.bin', false);
    expect([readdirSync(folder), readFileSync(join(folder, 'a.bin'), 'utf8')]).toEqual([['a.bin'], 'hello world']);
  });
  it('should be on the disk, and its folder too, before and after it gets its name', async () => {
    const folder = emptyFolder();
    const target = folderTarget(folder);
    await fill(target, 'a.bin', 'x');
    const probe = await promises.open(folder, 'r');
    const sync = vi.spyOn(Object.getPrototypeOf(probe) as typeof probe, 'sync');
    await probe.close();
    await target.keep('a.bin', false);
    expect(sync).toHaveBeenCalledTimes(2);
    const [first, second] = sync.mock.invocationCallOrder as [number, number];
    const [linked] = vi.mocked(promises.link).mock.invocationCallOrder as [number];
    expect([first < linked, linked < second]).toEqual([true, true]);
  });
  it('should begin anew where a write begins anew', async () => {
    const folder = emptyFolder();
    const target = folderTarget(folder);
    await fill(target, 'a.bin', 'a much longer text');
    await target.part('a.bin').write(bytes('short'), 0);
    await target.keep('a.bin', false);
    expect(readFileSync(join(folder, 'a.bin'), 'utf8')).toBe('short');
  });
  it('should never have a hole', async () => {
    const target = folderTarget(emptyFolder());
    await fill(target, 'a.bin', 'x');
    expect((await failing(target.part('a.bin').write(bytes('y'), 9))).code).toBe('TARGET_UNWRITABLE');
  });
  it('should go on from a part of the same run, and of no other', async () => {
    const folder = emptyFolder({ [PART('a.bin')]: 'hello ', [PART('a.bin', 'other')]: 'nonsense' });
    const target = folderTarget(folder);
    expect(await target.openPart('a.bin', RUN)).toEqual({ size: 6 });
    await target.part('a.bin').write(bytes('world'), 6);
    expect(await target.openPart('a.bin', RUN)).toEqual({ size: 11 });
    await target.keep('a.bin', false);
    expect(readFileSync(join(folder, 'a.bin'), 'utf8')).toBe('hello world');
    expect(readdirSync(folder).sort()).toEqual([PART('a.bin', 'other'), 'a.bin']);
  });
  it('should be written under its composed name', async () => {
    const folder = emptyFolder();
    const target = folderTarget(folder);
    await fill(target, 'u\u0308.bin', 'x');
    await target.keep('u\u0308.bin', false);
    expect(readdirSync(folder)).toEqual(['\u00fc.bin']);
    expect(await target.find('u\u0308.bin', RUN)).toEqual({ size: 1, parted: false });
  });
  it('should be readable as a part and as a file', async () => {
    const target = folderTarget(emptyFolder());
    await fill(target, 'a.bin', 'hello');
    const all = async (what: 'part' | 'kept'): Promise<string> => {
      let text = '';
      for await (const chunk of (await target.read('a.bin', what)).read()) text += Buffer.from(chunk).toString();
      return text;
    };
    expect(await all('part')).toBe('hello');
    await target.keep('a.bin', false);
    expect(await all('kept')).toBe('hello');
    expect((await failing(target.read('b.bin', 'part'))).code).toBe('TARGET_UNWRITABLE');
  });
  it('should be gone, part and all, when it is dropped, even while it is being opened or written', async () => {
    const folder = emptyFolder();
    const target = folderTarget(folder);
    const opening = target.openPart('a.bin', RUN);
    const writing = target.part('a.bin').write(new Uint8Array(1_000_000), 0);
    expect(await target.dropPart('a.bin', RUN)).toEqual({ kept: false });
    await Promise.all([opening, writing]);
    expect(readdirSync(folder)).toEqual([]);
    expect((await failing(target.part('a.bin').write(bytes('late'), 0))).message).toContain('is not open');
    expect(await target.dropPart('a.bin', RUN)).toEqual({ kept: false });
  });
  it('should not get its name when it is called off before that moment, and be said to be kept afterwards', async () => {
    const folder = emptyFolder();
    const target = folderTarget(folder);
    await fill(target, 'a.bin', 'x');
    const abort = new AbortController();
    const keeping = target.keep('a.bin', false, { signal: abort.signal });
    abort.abort();
    expect((await failing(keeping)).code).toBe('CANCELED');
    expect(await target.dropPart('a.bin', RUN)).toEqual({ kept: false });
    await fill(target, 'b.bin', 'x');
    await target.keep('b.bin', false);
    expect(await target.dropPart('b.bin', RUN)).toEqual({ kept: true });
    expect(readdirSync(folder)).toEqual(['b.bin']);
  });
  it('should leave its part where it is when the target is closed', async () => {
    const folder = emptyFolder();
    const target = folderTarget(folder);
    await fill(target, 'a.bin', 'x');
    await target.close();
    expect(readdirSync(folder)).toEqual([PART('a.bin')]);
    expect((await failing(target.keep('a.bin', false))).code).toBe('TARGET_UNWRITABLE');
  });
});

describe('what is in the folder', () => {
  it('should be found with its size, or not at all', async () => {
    const target = folderTarget(emptyFolder({ 'a.bin': 'hello' }));
    expect([await target.find('a.bin', RUN), await target.find('b.bin', RUN)]).toEqual([
      { size: 5, parted: false },
      undefined
    ]);
  });
  it('should be told from a file beside the part of the run, which is then not the run’s own', async () => {
    const folder = emptyFolder({ 'a.bin': 'hello', [PART('a.bin', 'other')]: 'x' });
    const target = folderTarget(folder);
    expect(await target.find('a.bin', RUN)).toEqual({ size: 5, parted: false });
    await fill(target, 'a.bin', 'world');
    expect(await target.find('a.bin', RUN)).toEqual({ size: 5, parted: true });
    await target.keep('a.bin', true);
    expect(await target.find('a.bin', RUN)).toEqual({ size: 5, parted: false });
  });
  it('should be known as the part itself where a crash came between its two names', async () => {
    const folder = emptyFolder({ [PART('a.bin')]: 'hello' });
    linkSync(join(folder, PART('a.bin')), join(folder, 'a.bin'));
    const target = folderTarget(folder);
    expect(await target.find('a.bin', RUN)).toEqual({ size: 5, parted: false });
    await target.dropPart('a.bin', RUN);
    expect(readdirSync(folder)).toEqual(['a.bin']);
  });
  it('should be left alone when it is no regular file', async () => {
    const folder = emptyFolder();
    mkdirSync(join(folder, 'folder'));
    symlinkSync('/etc/passwd', join(folder, 'link'));
    const target = folderTarget(folder);
    for (const name of ['folder', 'link']) {
      expect(await failing(target.find(name, RUN))).toMatchObject({
        code: 'ALREADY_EXISTS',
        message: expect.stringContaining('is no regular file')
      });
    }
  });
  it('should not be overwritten by a file that may not replace it, even if it came meanwhile', async () => {
    const folder = emptyFolder();
    const target = folderTarget(folder);
    await fill(target, 'a.bin', 'new');
    writeFileSync(join(folder, 'a.bin'), 'old');
    expect((await failing(target.keep('a.bin', false))).code).toBe('ALREADY_EXISTS');
    expect(readFileSync(join(folder, 'a.bin'), 'utf8')).toBe('old');
    await target.dropPart('a.bin', RUN);
    await fill(target, 'a.bin', 'new');
    await target.keep('a.bin', true);
    expect(readFileSync(join(folder, 'a.bin'), 'utf8')).toBe('new');
  });
  it('should not be overwritten where the file system has no links, either', async () => {
    const folder = emptyFolder({ 'a.bin': 'old' });
    const target = folderTarget(folder);
    vi.mocked(promises.link).mockRejectedValue(errno('ENOTSUP'));
    await fill(target, 'a.bin', 'new');
    expect((await failing(target.keep('a.bin', false))).code).toBe('ALREADY_EXISTS');
    await fill(target, 'b.bin', 'new');
    await target.keep('b.bin', false);
    expect(readdirSync(folder)).toContain('b.bin');
    vi.mocked(promises.link).mockRejectedValue(errno('EIO'));
    await fill(target, 'c.bin', 'new');
    expect((await failing(target.keep('c.bin', false))).message).toContain('reports a write error');
  });
  it('should not be written through a link that somebody put where the part goes', async () => {
    const folder = emptyFolder({ victim: 'precious' });
    symlinkSync(join(folder, 'victim'), join(folder, PART('a.bin')));
    linkSync(join(folder, 'victim'), join(folder, PART('b.bin')));
    const target = folderTarget(folder);
    expect((await failing(target.openPart('a.bin', RUN))).message).toContain('a symbolic link stands in its place');
    expect((await failing(target.openPart('b.bin', RUN))).message).toContain('has a second name');
    expect(readFileSync(join(folder, 'victim'), 'utf8')).toBe('precious');
  });
  it('should never be touched under an unsafe name', async () => {
    const folder = emptyFolder();
    const inner = join(folder, 'inner');
    mkdirSync(inner);
    const target = folderTarget(inner);
    for (const work of [
      () => target.find('../x', RUN),
      () => target.openPart('../x', RUN),
      () => target.read('../x', 'kept'),
      () => target.dropPart('../x', RUN)
    ]) {
      expect(await failing(work())).toMatchObject({
        code: 'UNSAFE_NAME',
        message: 'the item holds a file that cannot be kept under its name, "../x": it holds a "/"'
      });
    }
    expect([readdirSync(folder), readdirSync(inner)]).toEqual([['inner'], []]);
    expect((await failing(target.find(`a\u001b[2J${'x'.repeat(200)}`, RUN))).message).not.toMatch(/\p{Cc}/u);
  });
});

describe('a disk that does not want', () => {
  it('should say so before anything is fetched when there is no such folder, or it cannot be written to', async () => {
    const folder = emptyFolder({ file: 'x' });
    const lost = folderTarget(join(folder, 'nowhere'));
    expect(await failing(lost.find('a.bin', RUN))).toMatchObject({
      code: 'TARGET_UNWRITABLE',
      message: expect.stringContaining('there is no such folder')
    });
    expect((await failing(folderTarget(join(folder, 'file')).find('a.bin', RUN))).message).toContain('is not a folder');
    vi.mocked(promises.access).mockRejectedValue(errno('EACCES'));
    expect((await failing(folderTarget(folder).find('a.bin', RUN))).message).toContain('there is no permission');
    vi.mocked(promises.access).mockRejectedValue(errno('EWHAT'));
    expect((await failing(folderTarget(folder).find('a.bin', RUN))).message).toContain('EWHAT');
    vi.mocked(promises.stat).mockRejectedValue(errno('EWHAT'));
    expect((await failing(folderTarget(folder).find('a.bin', RUN))).message).toContain('EWHAT');
    vi.mocked(promises.stat).mockReset();
    vi.mocked(promises.access).mockReset();
    vi.mocked(promises.lstat).mockRejectedValue(errno('EIO'));
    expect((await failing(folderTarget(folder).find('a.bin', RUN))).message).toContain('reports a write error');
  });
  it.each([
    ['write', 'ENOSPC', 'the disk is full'],
    ['write', 'EDQUOT', 'the disk quota is used up'],
    ['write', 'EWHAT', 'EWHAT']
  ] as const)('should be told in plain words when a %s says %s', async (method, code, words) => {
    const folder = emptyFolder();
    const target = folderTarget(folder);
    await target.openPart('a.bin', RUN);
    await breaking(folder, method, code);
    const failed = await failing(target.part('a.bin').write(bytes('x'), 0));
    expect(failed).toMatchObject({
      code: 'TARGET_UNWRITABLE',
      message: `"a.bin" cannot be written to ${folder}: ${words}`
    });
    vi.restoreAllMocks();
    expect(await target.dropPart('a.bin', RUN)).toEqual({ kept: false });
    expect(readdirSync(folder)).toEqual([]);
  });
  it('should not give a name to what it could not bring to the disk', async () => {
    const folder = emptyFolder();
    const target = folderTarget(folder);
    await fill(target, 'a.bin', 'x');
    await breaking(folder, 'sync', 'EIO');
    expect((await failing(target.keep('a.bin', false))).code).toBe('TARGET_UNWRITABLE');
    expect(readdirSync(folder)).toEqual([PART('a.bin')]);
  });
  it('should be forgiven for not knowing how to bring a folder to itself, and for nothing else', async () => {
    const folder = emptyFolder();
    const target = folderTarget(folder);
    for (const [name, code, kept] of [
      ['a.bin', 'EINVAL', true],
      ['b.bin', 'EIO', false]
    ] as const) {
      await fill(target, name, 'x');
      vi.mocked(promises.open).mockRejectedValueOnce(errno(code));
      const done = await target.keep(name, false).then(
        () => true,
        () => false
      );
      expect(done).toBe(kept);
    }
    // It has its name all the same: that is what is said when it is to be dropped.
    expect(await target.dropPart('b.bin', RUN)).toEqual({ kept: true });
  });
  it('should be told when the folder vanishes on the way', async () => {
    const folder = emptyFolder();
    const inner = join(folder, 'inner');
    mkdirSync(inner);
    const target = folderTarget(inner);
    await fill(target, 'a.bin', 'x');
    rmSync(inner, { recursive: true });
    for (const what of ['part', 'kept'] as const) {
      expect(await failing(target.read('a.bin', what))).toMatchObject({
        code: 'TARGET_UNWRITABLE',
        message: `${inner} cannot be used: there is no such folder (any more)`
      });
    }
    expect((await failing(target.keep('a.bin', false))).message).toContain('there is no such folder (any more)');
    expect((await failing(target.openPart('b.bin', RUN))).message).toContain('there is no such folder (any more)');
    expect(await target.dropPart('a.bin', RUN)).toEqual({ kept: false });
  });
  it('should be told when its part vanishes on the way', async () => {
    const folder = emptyFolder();
    const target = folderTarget(folder);
    await fill(target, 'a.bin', 'x');
    rmSync(join(folder, PART('a.bin')));
    expect(await failing(target.read('a.bin', 'part'))).toMatchObject({
      code: 'TARGET_UNWRITABLE',
      message: `the part of "a.bin" in ${folder} is gone, or cannot be read`
    });
    expect((await failing(target.read('a.bin', 'kept'))).code).toBe('SOURCE_UNREADABLE');
  });
  it('should be told when a part cannot be opened again or taken away', async () => {
    const folder = emptyFolder();
    mkdirSync(join(folder, PART('a.bin')));
    const target = folderTarget(folder);
    expect((await failing(target.openPart('a.bin', RUN))).code).toBe('TARGET_UNWRITABLE');
    vi.mocked(promises.unlink).mockRejectedValue(errno('EACCES'));
    expect((await failing(target.dropPart('b.bin', RUN))).message).toContain('there is no permission');
  });
  it('should give files the rights that the process gives to files', async () => {
    const folder = emptyFolder();
    chmodSync(folder, 0o755);
    const target = folderTarget(folder);
    await fill(target, 'a.bin', 'x');
    await target.keep('a.bin', false);
    expect(statSync(join(folder, 'a.bin')).mode & 0o777).toBe(0o666 & ~process.umask());
  });
});
