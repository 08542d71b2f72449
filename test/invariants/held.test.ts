// That the witness of bytes sees what it is there for, and nothing where all is well.
import { describe, expect, it } from 'vitest';
import type { ByteSource } from '../../src/ports.ts';
import { memoryTarget } from '../download/memory-target.ts';
import { bytesOf } from '../run/bytes.ts';
import { brokenHolding, type Held, holding } from './held.ts';

const sourceOf = (held: Held, name = 'a'): ByteSource => held.source(name, bytesOf('twelve bytes', 4));
const begun = (source: ByteSource): AsyncIterator<Uint8Array> => source.read()[Symbol.asyncIterator]();
const broken = (held: Held, isOver = true): string[] => brokenHolding(held, 2, isOver);

describe('what a run holds of bytes', () => {
  it('should be nothing when each file was read to its end, left, or broke, and the folder was closed', async () => {
    const held = holding();
    for await (const _ of sourceOf(held).read());
    for await (const _ of sourceOf(held).read()) break;
    const breaks = { size: 1, read: () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject('no') }) }) };
    await expect(begun(held.source('b', breaks)).next()).rejects.toBe('no');
    const folder = held.target(memoryTarget());
    await folder.openPart('a', 'run');
    await folder.part('a').write(new Uint8Array(4), 0);
    await folder.close();
    expect(broken(held)).toEqual([]);
  });
  it('should be missed when a reading is left open, unless the run goes on', async () => {
    const held = holding();
    await begun(sourceOf(held)).next();
    expect([broken(held), broken(held, false)]).toEqual([['the run has ended, and still reads a'], []]);
  });
  it('should be more than it may be when a file is read twice at once, or too many are', async () => {
    const held = holding();
    await Promise.all(['a', 'a', 'b', 'c'].map(name => begun(sourceOf(held, name)).next()));
    expect(broken(held, false)).toEqual([
      'a file was read 2 times at once',
      '4 files were read at once, and 2 may be sent'
    ]);
  });
  it('should be more than it may be when chunks are asked for, or written, without waiting', async () => {
    const held = holding();
    const reading = begun(sourceOf(held));
    await Promise.all([reading.next(), reading.next(), reading.next(), reading.next()]);
    const folder = held.target(memoryTarget());
    await folder.openPart('a', 'run');
    const part = folder.part('a');
    await Promise.all([part.write(new Uint8Array(4), 0), part.write(new Uint8Array(4), 4)]);
    expect(broken(held, false)).toEqual([
      '4 chunks of a reading were asked for at once',
      '2 chunks were written to a part at once'
    ]);
  });
  it('should be the folder, when that is never closed, or used afterwards', async () => {
    const left = holding();
    await left.target(memoryTarget()).openPart('a', 'run');
    expect(broken(left)).toEqual(['the run has ended, and has not closed its folder']);
    const used = holding();
    const folder = used.target(memoryTarget());
    await folder.close();
    await folder.openPart('a', 'run');
    expect(broken(used)).toEqual(['the folder was used after it had been closed']);
    const spare = holding();
    spare.target(memoryTarget());
    expect(broken(spare)).toEqual([]);
  });

  it('should count files of a disk, and parts of archives, apart', async () => {
    const held = holding();
    const seekable = {
      ...bytesOf('0123456789'),
      range: (from: number, to: number) => bytesOf('0123456789'.slice(from, to))
    };
    const disk = held.disk({
      exists: async () => true,
      open: async () => ({ ...seekable, reading: use => use(async (at, length) => new Uint8Array(length).fill(at)) })
    });
    const archive = await disk.open('x.ova');
    await archive.reading(async () => {
      expect([...held.open.keys()]).toEqual(['x.ova']);
      await begun(archive.range(0, 4)).next();
      expect([...held.open.keys()]).toEqual(['x.ova', 'x.ova from 0']);
    });
    expect([...held.open.keys()]).toEqual(['x.ova from 0']);
  });
});
