import { describe, expect, it } from 'vitest';
import { closed, readUnlessHung, writtenUnlessHung } from '../../src/adapters/files/hung.ts';

const never = new Promise<never>(() => undefined);

describe('a file whose disk does not answer', () => {
  it('should be told as unreadable, and what comes of it later be handed on', async () => {
    let answer: (value: string) => void = () => undefined;
    const late: string[] = [];
    const work = new Promise<string>(resolve => {
      answer = resolve;
    });
    await expect(readUnlessHung('/mnt/a.iso', work, value => late.push(value), 10)).rejects.toMatchObject({
      failure: {
        code: 'SOURCE_UNREADABLE',
        message: '/mnt/a.iso cannot be read: its disk or file server has not answered for 0.01 s'
      }
    });
    await expect(writtenUnlessHung('/mnt', never, 10)).rejects.toMatchObject({
      failure: {
        code: 'TARGET_UNWRITABLE',
        message: '/mnt cannot be written to: its disk or file server has not answered for 0.01 s'
      }
    });
    answer('a handle');
    await work;
    expect(late).toEqual(['a handle']);
  });
  it('should be waited for as long as it answers, well or not', async () => {
    expect(await readUnlessHung('/a', Promise.resolve(7))).toBe(7);
    await expect(readUnlessHung('/a', Promise.reject(new Error('EIO')))).rejects.toThrow('EIO');
  });
  it('should not hold up the end, when it cannot even be closed', async () => {
    expect(await closed({ close: () => never }, 10)).toBeUndefined();
    await expect(closed({ close: () => Promise.reject(new Error('EBADF')) })).rejects.toThrow('EBADF');
  });
});
