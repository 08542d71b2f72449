import { describe, expect, it } from 'vitest';
import { memoryJournal } from '../../src/events/memory-journal.ts';
import { writeDown } from '../../src/events/write-down.ts';
import { virtualClock } from '../../src/simulator/virtual-clock.ts';

const record = { v: 1, run: 'r', at: 0, type: 'facts', data: {} } as const;

describe('writing a record down', () => {
  it('should end when the journal has it, and leave no wait behind', async () => {
    const clock = virtualClock();
    const journal = memoryJournal();
    await writeDown([record], { journal, clock });
    expect(clock.waiting).toBe(0);
  });

  it('should throw what the journal throws', async () => {
    const clock = virtualClock();
    const journal = { ...memoryJournal(), append: () => Promise.reject(new Error('disk full')) };
    await expect(writeDown([record], { journal, clock })).rejects.toThrow('disk full');
    expect(clock.waiting).toBe(0);
  });

  it('should not wait longer than half a minute for a journal that does not answer', async () => {
    const clock = virtualClock();
    const journal = { ...memoryJournal(), append: () => new Promise<never>(() => undefined) };
    const began = clock.now();
    await expect(clock.run(writeDown([record], { journal, clock }))).rejects.toThrow('it has not answered for 30 s');
    expect(clock.now() - began).toBe(30_000);
  });
});
