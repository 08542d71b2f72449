import { describe, expect, it } from 'vitest';
import { drawPlan } from './draw.ts';
import { explore, exploreSeed } from './explore.ts';
import { play } from './play.ts';
import { shrink } from './shrink.ts';
import { wholeLog } from './words.ts';

const SEEDS = Number(process.env.SHELVER_SEEDS ?? 100);
const FIRST = Number(process.env.SHELVER_FIRST_SEED ?? 1);

describe('the explorer', () => {
  it('should find nothing that breaks a promise, whatever goes wrong', async () => {
    const { findings, ends } = await explore({ from: FIRST, count: SEEDS });
    expect(findings).toEqual([]);
    for (const end of ['upload done', 'upload failed', 'upload canceled', 'download done', 'download failed'])
      expect(ends[end], end).toBeGreaterThan(0);
  });

  it('should play the same seed to the same log, byte by byte', async () => {
    for (const seed of [3, 14, 15, 92]) {
      const plan = drawPlan(seed);
      expect(drawPlan(seed)).toEqual(plan);
      expect(wholeLog(await play(plan)), `seed ${seed}`).toBe(wholeLog(await play(plan)));
    }
  });

  it('should make a plan that fails as small as it can be', async () => {
    const plan = { ...drawPlan(4), crashes: [{ at: 9, lands: 'never' as const, downMs: 10 }] };
    const small = await shrink(plan, async its => its.crashes.length > 0);
    expect(small).toMatchObject({ faults: [], events: [], crashes: [{ at: 1, lands: 'before', downMs: 0 }] });
  });

  it('should tell of a broken promise by seed, shortest plan and timeline', async () => {
    const check = async ({ lives }: { lives: readonly unknown[] }) => (lives.length > 1 ? ['it lived twice'] : []);
    const { findings } = await explore({ from: 1, count: 30, most: 1, check });
    expect(findings[0]?.problems).toEqual(['it lived twice']);
    expect(findings[0]?.plan).toMatchObject({ faults: [], events: [], crashes: [{ at: 1 }] });
    expect(findings[0]?.timeline.join('\n')).toMatch(/the client dies at its interaction 1.*\n.*life 2/);
  });

  it('should tell of what was thrown and caught by nobody', async () => {
    const check = async () => {
      void Promise.reject(new Error('dropped'));
      return [];
    };
    const heard = process.rawListeners('unhandledRejection');
    // Else the test runner hears it, too.
    process.removeAllListeners('unhandledRejection');
    const { findings } = await exploreSeed(1, { check }).finally(() => {
      for (const listener of heard) process.on('unhandledRejection', listener as (cause: unknown) => void);
    });
    expect(findings[0]?.problems).toEqual([expect.stringMatching(/^thrown, and caught by nobody: Error: dropped/)]);
  });
});
