import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../src/sources/bytes-source.ts';

async function read(source: ReturnType<typeof bytesSource>, signal?: AbortSignal): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source.read(signal)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('bytes in memory as a source', () => {
  it('should always give all of them, every time it is read', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 200_000 }), fc.integer({ min: 0, max: 255 }), async (size, byte) => {
        const bytes = Buffer.alloc(size, byte);
        const source = bytesSource(bytes);
        expect(source.size).toBe(size);
        for (const _ of [1, 2]) expect((await read(source)).equals(bytes)).toBe(true);
      }),
      { numRuns: 40 }
    );
  });

  it('should count a text in bytes of UTF-8', async () => {
    const source = bytesSource('schön');
    expect(source.size).toBe(6);
    expect((await read(source)).toString()).toBe('schön');
  });

  it('should stop when it is told to', async () => {
    const reason = new Error('no longer wanted');
    await expect(read(bytesSource('text'), AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});
