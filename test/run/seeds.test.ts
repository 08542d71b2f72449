import { describe, expect, it } from 'vitest';
import { playIn } from '../scenarios/stage.ts';
import { worldOf } from './worlds.ts';

const SEEDS = Number(process.env.SHELVER_SEEDS ?? 300);
const FIRST = Number(process.env.SHELVER_FIRST_SEED ?? 1);

describe('an upload in a seeded world', () => {
  it('should keep every promise, whatever goes wrong', async () => {
    const ends: Record<string, number> = {};
    const count = (what: string) => {
      ends[what] = (ends[what] ?? 0) + 1;
    };
    const wrong: string[] = [];
    for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
      const world = worldOf(seed);
      let events = 0;
      try {
        const { report } = await playIn(world, world.spec, {
          on: (_, run) => {
            if (++events === world.cancelAfter) run.cancel('somebody asked');
          }
        });
        count(report.outcome);
        if (report.outcome !== 'done') continue;
        world.simulator.faults.clear();
        const again = await playIn(world, world.spec);
        count(`then ${again.report.outcome}`);
      } catch (cause) {
        wrong.push(`seed ${seed}: ${String((cause as Error).message).slice(0, 600)}`);
      }
    }
    console.log(`ends of ${SEEDS} worlds:`, ends);
    expect(wrong).toEqual([]);
    for (const outcome of ['done', 'failed', 'canceled']) expect(ends[outcome], outcome).toBeGreaterThan(SEEDS / 10);
    expect(ends['then upToDate']).toBeGreaterThan(SEEDS / 10);
  }, 600_000);
});
