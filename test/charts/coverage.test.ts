// Every state and every transition of every machine is taken by something that is played here, the same each time: the tests
// of the plans' machines, the plays beside this file, and the scenarios of the law. The table stands in docs/charts.md.
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { machines } from '../../machines/index.ts';
import { law } from '../../src/simulator/service/law.ts';
import { SCENARIOS } from '../law/scenarios.ts';
import { play as playScenario } from '../law/steps.ts';
import { CASES, LEASE_ENDS, misfortunes, WAYS } from './plays.ts';
import { chartsPage, rowOf } from './table.ts';
import { takenOf, watch } from './taken.ts';

watch();
// Each registers its tests here: they are played in this process, too, and must hold.
await import('../machines/attempt.test.ts');
await import('../machines/upload.test.ts');
await import('../machines/upload-file.test.ts');
await import('../machines/contending.test.ts');
await import('../machines/pulls.test.ts');
await import('../machines/download.test.ts');
await import('../machines/fetch-file.test.ts');
await import('../machines/late.test.ts');
await import('../operators/rehearsing.test.ts');

it.each(CASES.map(its => [its.name, its] as const))('should come to the right end when %s', (_, { run, ends }) => {
  const its = run();
  expect(its.tree.snapshot.status).toBe('done');
  const { outcome, ok, failure } = its.output() as { outcome?: string; ok?: boolean; failure?: { code: string } };
  expect([outcome ?? ok, failure?.code]).toEqual([ends[0], ends[1]]);
});

it.each(Object.keys(WAYS))('should come to an end whatever befalls one call of an upload: %s', way => {
  const { calls, at } = misfortunes(way);
  expect(calls).toBeGreaterThan(10);
  for (let index = 1; index <= calls; index++) {
    for (const [what, run] of at(index)) {
      const { tree, output } = run();
      // A call that is never answered is left when the lease ends; where there is none, it is waited for.
      if (what === LEASE_ENDS && tree.snapshot.status === 'active') expect(tree.kids.lease).toBeUndefined();
      else {
        expect(tree.snapshot.status, `${what} at call ${index}`).toBe('done');
        const { outcome, failure } = output() as { outcome: string; failure?: unknown };
        expect(failure === undefined, `${what} at call ${index}`).toBe(outcome === 'done');
      }
    }
  }
});

it.each(SCENARIOS.map(its => [its.name, its] as const))('should obey the law in %s', async (_, scenario) => {
  expect(await playScenario(scenario, law)).toBeUndefined();
});

// The last tests of the file: all others have been played.
describe('the charts', () => {
  const rows = () => Object.entries(machines).map(([name, machine]) => rowOf(name, machine, takenOf(machine)));

  it.each(Object.keys(machines))('should have no state and no transition that nothing takes: %s', name => {
    const row = rows().find(({ machine }) => machine === name);
    expect(row?.holes).toEqual([]);
  });

  it('should stand in docs/charts.md (else: npm run docs)', () => {
    const file = new URL('../../docs/charts.md', import.meta.url);
    const page = chartsPage(rows());
    console.log(page);
    if (process.env.UPDATE_DOCS === '1') writeFileSync(file, page);
    expect(readFileSync(file, 'utf8')).toBe(page);
  });
});
