import { describe, expect, it } from 'vitest';
import { casesOf, judge, WORKFLOWS } from './sweep.ts';

/** Every so many cases are played here; all of them by `npm run explore -- --sweep`. Prime to the pattern of a workflow's cases. */
const EVERY = Number(process.env.SHELVER_SWEEP_EVERY ?? 71);
const played: Record<string, number> = {};

describe('one thing that goes wrong in a good run', () => {
  it.each(Object.keys(WORKFLOWS))('should break no promise: %s', async workflow => {
    const wrong: string[] = [];
    let count = 0;
    for await (const its of casesOf(workflow)) {
      if (count++ % EVERY !== 0) continue;
      const { problems, kind, name } = await judge(its);
      played[kind] = (played[kind] ?? 0) + 1;
      if (problems.length > 0) wrong.push(`${kind} ${name}: ${problems.join('; ')}`);
    }
    expect(wrong).toEqual([]);
    expect(count).toBeGreaterThan(500);
  });

  it('should have been of every kind', () => {
    for (const kind of ['fault', 'crash', 'cancel', 'cancelThenCrash']) expect(played[kind], kind).toBeGreaterThan(5);
  });
});
