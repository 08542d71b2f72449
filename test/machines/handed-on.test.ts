// What machines make of what an earlier life, or the service, has told: the sums and the beginnings by themselves.
import { describe, expect, it } from 'vitest';
import { failure } from '../../machines/vocabulary.ts';
import { furthest, isFurther, reachedBy } from '../../machines/workflow/pulls.ts';
import { mayPass, takenUp } from '../../machines/workflow/taken-up.ts';
import { fileIs } from './samples.ts';

describe('what an earlier life has handed on', () => {
  const files = ['todo', 'failed', 'ready', 'unchanged'].map(outcome => ({ outcome, attempts: 3 }));
  const passing = failure('CONNECTION', 'm');

  it('should be tried anew with all its tries when its failure may pass', () => {
    expect(takenUp({ failure: passing, files })).toEqual({
      failure: undefined,
      files: [{ outcome: 'todo', attempts: 0 }, { outcome: 'todo', attempts: 0 }, ...files.slice(2)]
    });
  });

  it('should stay as it was when it was wished so, when it failed for good, or when it did not fail', () => {
    for (const known of [
      { failure: passing, wish: 'cancel', files },
      { failure: failure('INVALID_SPEC', 'm'), files },
      { files },
      undefined
    ])
      expect(takenUp(known)).toBe(known);
    expect([mayPass(passing), mayPass(undefined)]).toEqual([true, false]);
  });
});

describe('how far fetches have come', () => {
  const pull = (status: string, bytesTransferred = 0) => fileIs(status, { sourceType: 'PULL', bytesTransferred });

  it('should count the bytes and the steps of what the service fetches, all together', () => {
    const files = [pull('TRANSFERRING', 5), pull('READY', 10), pull('WAITING_FOR_TRANSFER'), fileIs('READY')];
    expect(reachedBy(files)).toEqual({ bytes: 15, steps: 4 });
  });

  it('should be further by bytes or by steps, and keep the furthest of each', () => {
    const before = { bytes: 5, steps: 2 };
    expect(isFurther(before, before)).toBe(false);
    expect(isFurther({ bytes: 6, steps: 1 }, before)).toBe(true);
    expect(isFurther({ bytes: 4, steps: 3 }, before)).toBe(true);
    expect(furthest({ bytes: 6, steps: 1 }, before)).toEqual({ bytes: 6, steps: 2 });
  });
});
