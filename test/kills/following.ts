// How a killed call is gone on with, and what each item may be in the end.
import { type Goods, type Item, OTHER, PLACE } from './goods.ts';
import type { WrittenRun } from './journal-eyes.ts';
import type { Way } from './judge.ts';
import type { Place } from './place.ts';
import type { Plan } from './plan.ts';

/** The words of what goes on with it. */
export function followedBy({ next }: Plan, { words }: Goods): readonly string[] {
  if (next === 'again') return words;
  if (next === 'take-over') return ['upload', ...Object.keys(OTHER), PLACE, '--on-busy', 'take-over'];
  return [next, '--progress', 'none'];
}

export interface Course {
  readonly goods: Goods;
  /** What the journal said after the first death. */
  readonly begun: readonly WrittenRun[];
  /** Whether a request to complete had come in by then, or may have. */
  readonly asked: boolean;
  /** Where each kill landed. */
  readonly places: readonly Place[];
}

/** The ways how an item may stand: mostly one. Where a run was to be ended, it may have published before. */
export function waysOf(
  { next, workflow }: Plan,
  { goods, begun, asked, places }: Course
): (item: Item) => readonly Way[] {
  const own = workflow === 'download' ? 1 : 2;
  return ({ name, before, after }) => {
    const asBefore: Way = { held: before, version: 1 };
    const moved: Way = { held: after, version: own };
    const run = begun.find(({ place }) => place === `images/${name}`);
    const published = places[0] === 'after the end' || (run !== undefined && run.outcome !== null);
    if (next === 'take-over') {
      const instead: Way = { held: { ...before, ...OTHER }, version: 2 };
      const besides: Way = { held: { ...after, ...OTHER }, version: 3 };
      if (published) return [besides];
      return asked ? [instead, besides] : [instead];
    }
    if (next === 'again') {
      // What is pulled without a checksum cannot be compared: once more is once more.
      const more = workflow === 'pulls' ? places.filter(place => place.startsWith('after')).length : 0;
      return Array.from({ length: more + 1 }, (_, times) => ({ held: after, version: own + times }));
    }
    if (published || (next === 'resume' && run !== undefined)) return [moved];
    if (run === undefined || !asked) return [asBefore];
    return goods.fetched === undefined ? [asBefore, moved] : [asBefore];
  };
}
