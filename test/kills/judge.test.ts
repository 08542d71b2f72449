// What is judged after the kills is judged rightly: each thing that could be wrong is seen.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Course, followedBy, waysOf } from './following.ts';
import { type Goods, OTHER } from './goods.ts';
import { type Judged, problemsOf } from './judge.ts';
import { placeOf } from './place.ts';
import { drawPlan, type Plan, WORKFLOWS } from './plan.ts';
import type { Standing } from './service.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shelver-judge-'));
  for (const name of ['to', 'tmp', 'shelver']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, 'shelver', 'journal.db'), '');
});
afterEach(() => rmSync(folder, { recursive: true }));

const files = { 'one.bin': Buffer.from('one') };
const goods: Goods = { words: [], items: [{ name: 'fox', after: files }], elsewhere: {}, bytes: 3 };
const item = { name: 'fox', version: 2, files };
const run = { run: 'r', place: 'images/fox', outcome: 'done', left_behind: 0, doubted: 0 };
function judged(change: Partial<Judged> = {}): string[] {
  return problemsOf({
    goods,
    found: { items: [item], sessions: [] },
    folder,
    runs: [run],
    ways: ({ after }) => [{ held: after, version: 2 }],
    complete: true,
    ...change
  });
}
const holding = (...items: Judged['found']['items']) => ({ found: { items, sessions: [] } });
const nothing = { ways: () => [{ version: 1 }] };

describe('the judge', () => {
  it('should find nothing where all is well', () => {
    expect(judged()).toEqual([]);
    expect(judged({ ...holding(), ...nothing })).toEqual([]);
    expect(judged({ runs: [{ ...run, left_behind: 1, doubted: 1 }] })).toEqual([]);
  });

  it.each<[string, Partial<Judged>]>([
    ['there is no item fox', holding()],
    ['there are 2 items fox', holding(item, item)],
    ['the item fox is left, with one.bin', nothing],
    ['the item fox is at content version 3, not 2', holding({ ...item, version: 3 })],
    [
      'one.bin in the item fox has other bytes (3, not 3)',
      holding({ ...item, files: { 'one.bin': Buffer.from('two') } })
    ],
    ['the item fox has no one.bin', holding({ ...item, files: {} })],
    ['the item fox holds two.bin, too', holding({ ...item, files: { ...files, 'two.bin': Buffer.from('') } })],
    ['the item dog is nobody’s', holding(item, { ...item, name: 'dog' })],
    ['a session is left: ACTIVE', { found: { items: [item], sessions: ['ACTIVE'] } }],
    ['the run r has not ended in the journal', { runs: [{ ...run, outcome: null, left_behind: null }] }],
    ['the run r is said to have left something', { runs: [{ ...run, left_behind: 1 }] }],
    ['the folder has no one.bin', { goods: { ...goods, fetched: files } }]
  ])('should see that %s', (sentence, change) => {
    expect(judged(change)).toEqual([sentence]);
  });

  it.each(['to/.one.bin.r.part', 'tmp/x', 'shelver/journal.db-journal', 'shelver/journal.db.damaged-1970'])(
    'should see %s left on the disk',
    path => {
      writeFileSync(join(folder, path), Buffer.from('d9d505f920a163d7', 'hex'));
      expect(judged()).toHaveLength(1);
    }
  );

  it('should not mind a rollback journal that was never finished', () => {
    writeFileSync(join(folder, 'shelver', 'journal.db-journal'), Buffer.alloc(512));
    expect(judged()).toEqual([]);
  });

  it('should take whole files for enough where a download was only to be ended', () => {
    const its = { goods: { ...goods, fetched: files }, complete: false };
    expect(judged(its)).toEqual([]);
    writeFileSync(join(folder, 'to', 'one.bin'), 'on');
    expect(judged(its)).toEqual(['one.bin in the folder has other bytes (2, not 3)']);
  });
});

describe('a plan', () => {
  it('should be the same for the same seed, and have everything in some seed', () => {
    expect(drawPlan(7)).toEqual(drawPlan(7));
    const plans = Array.from({ length: 300 }, (_, seed) => drawPlan(seed));
    expect(new Set(plans.map(({ workflow }) => workflow))).toEqual(new Set(WORKFLOWS));
    expect(new Set(plans.map(({ next }) => next)).size).toBe(4);
    expect(new Set(plans.flatMap(({ moments }) => moments.map(({ at }) => at))).size).toBe(7);
    expect(new Set(plans.map(({ server, piped, size }) => `${server !== undefined} ${piped} ${size}`)).size).toBe(8);
    expect(Math.max(...plans.map(({ moments }) => moments.length))).toBe(3);
  });
});

describe('what an item may be in the end', () => {
  const before = { 'old.bin': Buffer.from('old') };
  const fox = { name: 'fox', before, after: files };
  const begun = [{ ...run, outcome: null, left_behind: null }];
  const ways = (next: Plan['next'], course: Partial<Course>, workflow: Plan['workflow'] = 'into') => {
    const plan = { ...drawPlan(1), next, workflow };
    return waysOf(plan, { goods, begun, asked: false, places: [], ...course })(fox);
  };
  const asBefore = { held: before, version: 1 };
  const moved = { held: files, version: 2 };

  it('should be what was sent, once, where the run is gone on with', () => {
    expect(ways('resume', { asked: true })).toEqual([moved]);
    expect(ways('again', { begun: [] })).toEqual([moved]);
    expect(ways('resume', { begun: [] })).toEqual([asBefore]);
    expect(ways('resume', { begun: [], places: ['after the end'] })).toEqual([moved]);
    expect(ways('resume', {}, 'download')).toEqual([{ held: files, version: 1 }]);
  });

  it('should be as it was where the run is ended, unless complete may have landed', () => {
    expect(ways('cleanup', {})).toEqual([asBefore]);
    expect(ways('cleanup', { asked: true })).toEqual([asBefore, moved]);
    expect(ways('cleanup', { begun: [run] })).toEqual([moved]);
  });

  it('should be what the other upload makes of either where that takes over', () => {
    const instead = { held: { ...before, ...OTHER }, version: 2 };
    const besides = { held: { ...files, ...OTHER }, version: 3 };
    expect(ways('take-over', {})).toEqual([instead]);
    expect(ways('take-over', { asked: true })).toEqual([instead, besides]);
    expect(ways('take-over', { begun: [run] })).toEqual([besides]);
    expect(followedBy({ ...drawPlan(1), next: 'take-over' }, goods)).toContain('take-over');
  });

  it('should be pulled once more where nothing can be compared', () => {
    expect(ways('again', { places: ['in mid-body', 'after the end'] }, 'pulls')).toHaveLength(2);
  });
});

describe('where a kill landed', () => {
  const start: Standing = {
    ...{ arrived: 0, answered: 0, open: 0, opened: false, bodies: 0, moved: 0, completing: 0, completed: 0 }
  };
  const begun = [{ ...run, outcome: null, left_behind: null }];
  const at = (now: Partial<Standing>) => ({ before: start, at: { ...start, arrived: 1, ...now }, killed: true });

  it.each([
    ['before it was written down', at({}), []],
    ['before the session', at({}), begun],
    ['with the session open', at({ open: 1, opened: true }), begun],
    ['in mid-body', at({ open: 1, opened: true, bodies: 1 }), begun],
    ['while completing', at({ open: 1, opened: true, completing: 1 }), begun],
    ['while closing', at({ opened: true, completing: 1, completed: 1 }), begun],
    ['after its end was written down', at({ opened: true }), [run]],
    ['after the end', { ...at({ opened: true }), killed: false }, [run]]
  ] as const)('should be told: %s', (place, struck, runs) => {
    expect(placeOf(struck, runs, true)).toBe(place);
  });

  it('should be told of what goes on with it, too', () => {
    expect(placeOf(at({ arrived: 0 }), begun, false)).toBe('before its first request');
  });
});
