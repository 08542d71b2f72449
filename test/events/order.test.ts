// Facts are written down before anything that depends on them goes out.
import { describe, expect, it } from 'vitest';
import { upload } from '../../src/upload.ts';
import { type Entry, witness } from '../invariants/witness.ts';
import { NEEDS, type Written, withFacts } from '../invariants/written.ts';
import { worldOf } from '../run/worlds.ts';

async function orderOf(seed: number): Promise<readonly Entry[]> {
  const world = worldOf(seed);
  const { ports, order } = witness(world.ports);
  const run = upload(ports, world.spec);
  let events = 0;
  run.timeline$.subscribe(() => {
    if (++events === world.cancelAfter) run.cancel('asked');
  });
  await world.clock.run(run.report);
  return order;
}

describe('the journal', () => {
  it('should hold what a call depends on before the call goes out, in every seeded world', async () => {
    const seen = new Map<string, number>();
    for (let seed = 1; seed <= 150; seed++) {
      let facts: Written = {};
      for (const entry of await orderOf(seed)) {
        if (entry.kind === 'append') {
          for (const { data } of entry.records) facts = withFacts(facts, data);
        } else {
          const { op } = entry.call;
          const need = NEEDS[op];
          if (need === undefined) continue;
          seen.set(op, (seen.get(op) ?? 0) + 1);
          expect(need(facts), `seed ${seed}: ${op} went out before its facts: ${JSON.stringify(facts)}`).toBe(true);
        }
      }
    }
    expect([...seen.keys()].sort()).toEqual(Object.keys(NEEDS).sort());
    for (const [op, times] of seen) expect(times, op).toBeGreaterThan(10);
  });

  it('should hold each call back until the append before it has been confirmed', async () => {
    const world = worldOf(1);
    const { clock } = world;
    let writing = 0;
    const slow = {
      ...world.ports.journal,
      append: async (records: Parameters<typeof world.ports.journal.append>[0]) => {
        writing += 1;
        await clock.sleepUntil(clock.now() + 500);
        await world.ports.journal.append(records);
        writing -= 1;
      }
    };
    const { ports, calls } = witness({ ...world.ports, journal: slow }, () => String(writing));
    const { outcome } = await clock.run(upload(ports, world.spec).report);
    expect(outcome).toBeDefined();
    expect(calls.length).toBeGreaterThan(5);
    expect(calls.every(({ seen }) => seen === '0')).toBe(true);
  });
});
