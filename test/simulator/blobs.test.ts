import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Blobs, fileBlobs, memoryBlobs, rangeOf } from '../../src/simulator/blobs.ts';

const directory = mkdtempSync(join(tmpdir(), 'shelver-blobs-'));
afterAll(() => rmSync(directory, { recursive: true }));
let count = 0;

async function put(blobs: Blobs, id: string, ...parts: string[]): Promise<boolean> {
  const writer = blobs.create(id);
  for (const part of parts) await writer.write(Buffer.from(part));
  return writer.end();
}
async function text(blobs: Blobs, id: string, offset = 0, length = 1000): Promise<string | undefined> {
  const bytes = await blobs.read(id, offset, length);
  return bytes && Buffer.from(bytes).toString();
}

describe.each([
  ['in memory', () => memoryBlobs(10_000)],
  ['in files', () => fileBlobs(join(directory, `${count++}`))]
])('blobs %s', (_, make) => {
  it('should give back any range of what was written', async () => {
    const blobs = make();
    expect(await put(blobs, 'a', 'hello ', '', 'wide ', 'world')).toBe(true);
    expect(await text(blobs, 'a')).toBe('hello wide world');
    expect(await text(blobs, 'a', 4, 5)).toBe('o wid');
    expect(await text(blobs, 'a', 14, 50)).toBe('ld');
    expect(await text(blobs, 'a', 50, 1)).toBe('');
    expect(await text(blobs, 'b')).toBeUndefined();
    expect([blobs.holds('a'), blobs.holds('b')]).toEqual([true, false]);
    await blobs.close();
  });

  it('should forget what is freed', async () => {
    const blobs = make();
    await put(blobs, 'a', 'one');
    await text(blobs, 'a');
    blobs.free(['a', 'a', 'unknown']);
    expect(await text(blobs, 'a')).toBeUndefined();
    expect(blobs.held).toBe(0);
    await blobs.close();
  });

  it('should keep a split blob until the last of its ranges is freed', async () => {
    const blobs = make();
    await put(blobs, 'a', 'headONEtwo!');
    const ranges = [rangeOf('a', 4, 3), rangeOf('a', 7, 3)] as const;
    blobs.split('a', ranges);
    expect(await text(blobs, ranges[0])).toBe('ONE');
    expect(await text(blobs, ranges[1], 1, 50)).toBe('wo');
    blobs.free(['a', ranges[0]]);
    expect(await text(blobs, ranges[1])).toBe('two');
    blobs.free([ranges[1]]);
    expect(blobs.holds(ranges[1])).toBe(false);
    await blobs.close();
  });

  it('should not show what was given up on the way', async () => {
    const blobs = make();
    const writer = blobs.create('a');
    await writer.write(Buffer.from('half'));
    writer.abort();
    writer.abort();
    await writer.write(Buffer.from('more'));
    expect(blobs.holds('a')).toBe(false);
    expect(blobs.held).toBe(0);
    await blobs.close();
  });

  it('should keep only what it is told to', async () => {
    const blobs = make();
    for (const id of ['a', 'b', 'c']) await put(blobs, id, 'xyz');
    blobs.keepOnly(['b', rangeOf('c', 1, 1), rangeOf('c', 2, 1)]);
    expect(['a', 'b', 'c'].map(id => blobs.holds(id))).toEqual([false, true, true]);
    blobs.free([rangeOf('c', 1, 1)]);
    expect(await text(blobs, rangeOf('c', 2, 1))).toBe('z');
    await blobs.close();
  });
});

describe('blobs in memory', () => {
  it('should keep bytes up to the cap and give a blob up that goes beyond', async () => {
    const blobs = memoryBlobs(10);
    expect(await put(blobs, 'a', '12345')).toBe(true);
    expect(await put(blobs, 'b', '123', '456', '789')).toBe(false);
    expect([blobs.held, blobs.holds('b')]).toEqual([5, false]);
    expect(await put(blobs, 'c', '12345')).toBe(true);
    blobs.free(['a']);
    expect(blobs.held).toBe(5);
  });

  it('should not be changed by what the giver does with a chunk of a larger buffer', async () => {
    const blobs = memoryBlobs(10);
    const slab = Buffer.alloc(100, 'a');
    const writer = blobs.create('a');
    writer.write(slab.subarray(10, 14));
    slab.fill('b');
    await writer.end();
    expect(await text(blobs, 'a')).toBe('aaaa');
  });
});

describe('blobs in files', () => {
  it('should be there again after a restart, and nothing of what was given up', async () => {
    const place = join(directory, 'again');
    const blobs = fileBlobs(place);
    await put(blobs, 'a', 'still here');
    const writer = blobs.create('b');
    const big = Buffer.alloc(5 * 1024 * 1024, 1);
    await writer.write(big);
    writer.abort();
    await blobs.close();
    const after = fileBlobs(place);
    expect(await text(after, 'a')).toBe('still here');
    after.keepOnly(['a']);
    expect(readdirSync(place)).toEqual(['a']);
    await after.close();
  });

  it('should not end well when the bytes cannot be written', async () => {
    const place = join(directory, 'lost');
    const blobs = fileBlobs(place);
    rmSync(place, { recursive: true });
    const writer = blobs.create('a');
    writer.write(Buffer.from('x'));
    await expect(writer.end()).rejects.toThrow('ENOENT');
    blobs.create('b').abort();
  });
});
