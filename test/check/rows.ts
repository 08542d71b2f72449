// What is searched: how many files, and how much may go wrong on one path. The quick rows are part of the tests, the ones marked
// `ci` of `.ci/run`, and the others take minutes and gigabytes.
//
// What is not searched, and why nothing is lost by it:
// - Time. All answers come at the instant 0, and every wait may be over at any time: whatever an order of instants allows, the
//   search allows. The end of patience, and of the retry budget, is not come to; nor are the bounds of tries, but in rows where
//   each call has a single one: in the others there are more tries than can go wrong.
// - States that differ only in what decides nothing: what the run was told in the beginning, when a wait is due, notes for people,
//   counts of tries where they cannot run out (client.ts).
// - The time between arrival and answer where nothing depends on the answer: the login that is kept, the bytes that are counted,
//   and what is read on this machine and nobody changes there (flights.ts). That it is lost, it may be.
// - Reads that land late: they change nothing, and nobody hears them. A read that is waited for may be answered late, and be told
//   what is no longer so.
// - An answer that comes twice. Where nobody waits at its place any more, it must change nothing: that is held at every step
//   (client.ts). Where another waits there, it is the host who tells them apart (src/performer.ts; test/sabotage holds that).
// Within bounds that each row names: files, misfortunes, and requests (one, unless it is said) that land although nobody waits.
import { downloadWorld } from './download-world.ts';
import { type Found, search } from './search.ts';
import type { Budget } from './tally.ts';
import { uploadWorld } from './upload-world.ts';

export interface Row {
  readonly when: 'test' | 'ci' | 'soak';
  readonly what: 'an upload into a new item' | 'an upload into an item that is there' | 'a download';
  readonly files: number;
  readonly budget: Budget;
  /**
   * The service keeps no client tokens; or it lets any number of sessions be open on an item, too; or the run tries only once; or
   * the service reports no digests.
   */
  readonly but?: 'without client tokens' | 'without client tokens, items shared' | 'one try a call' | 'no digests';
}

const NEW = 'an upload into a new item';
const OLD = 'an upload into an item that is there';
const DOWN = 'a download';

export const ROWS: readonly Row[] = [
  row('test', NEW, 1, [0, 0, 0, 0]),
  row('test', NEW, 1, [0, 1, 1, 0]),
  row('test', OLD, 1, [0, 1, 1, 0]),
  row('test', OLD, 1, [0, 0, 1, 1]),
  row('test', NEW, 1, [0, 1, 0, 0], 'without client tokens'),
  row('test', DOWN, 1, [0, 1, 1, 0]),
  row('test', DOWN, 1, [1, 0, 0, 1]),
  row('test', DOWN, 1, [0, 0, 1, 1]),
  row('test', DOWN, 1, [0, 1, 1, 0], 'no digests'),
  row('test', NEW, 1, [0, 0, 1, 1], 'one try a call'),
  row('ci', NEW, 1, [1, 1, 1, 1]),
  row('ci', OLD, 2, [0, 1, 1, 0]),
  row('ci', NEW, 1, [1, 1, 1, 0], 'without client tokens'),
  row('ci', OLD, 1, [1, 0, 1, 1], 'without client tokens, items shared'),
  row('ci', NEW, 1, [1, 0, 1, 1], 'one try a call'),
  row('ci', NEW, 1, [1, 1, 0, 0], 'one try a call'),
  row('ci', DOWN, 1, [1, 1, 1, 1]),
  row('ci', DOWN, 2, [0, 1, 1, 0]),
  row('ci', DOWN, 1, [1, 1, 0, 1], 'no digests'),
  row('ci', DOWN, 2, [0, 1, 0, 1], 'no digests'),
  row('soak', OLD, 1, [1, 1, 1, 1]),
  row('soak', NEW, 1, [1, 1, 1, 0], undefined, 2),
  row('soak', NEW, 1, [1, 1, 0, 1], 'one try a call'),
  row('soak', NEW, 1, [1, 1, 1, 1], 'one try a call'),
  row('soak', NEW, 1, [1, 1, 1, 1], 'without client tokens'),
  row('soak', NEW, 1, [1, 1, 1, 1], 'without client tokens, items shared'),
  row('soak', OLD, 2, [1, 0, 0, 0]),
  row('soak', DOWN, 2, [1, 0, 1, 1]),
  row('soak', NEW, 1, [2, 1, 1, 0]),
  row('soak', OLD, 2, [0, 1, 1, 1]),
  row('soak', OLD, 2, [1, 1, 0, 0])
];

export function searchRow({ what, files, budget, but }: Row, limit?: number): Found {
  const mayGiveUp = but === 'one try a call';
  const maxAttempts = mayGiveUp ? 1 : 2 + budget.faults + budget.crashes + budget.expiries;
  if (what === DOWN) return search(downloadWorld({ files, maxAttempts, digests: but !== 'no digests' }), budget, limit);
  const traits = { tokens: but === undefined || mayGiveUp, shares: but === 'without client tokens, items shared' };
  return search(uploadWorld({ files, item: what === OLD, traits, maxAttempts, mayGiveUp }), budget, limit);
}

/** @example `wordsOf(row)` is `'an upload into a new item, 1 file: 0 faults, 1 crash, 1 cancel, 0 expiries'` */
export function wordsOf({ what, files, budget: { faults, crashes, cancels, expiries, lates = 1 }, but }: Row): string {
  const many = (count: number, one: string, more = `${one}s`): string => `${count} ${count === 1 ? one : more}`;
  const wrong = [many(faults, 'fault'), many(crashes, 'crash', 'crashes'), many(cancels, 'cancel')];
  const more = [...(lates > 1 ? [`${lates} late at a time`] : []), ...(but === undefined ? [] : [but])];
  const words = `${what}, ${many(files, 'file')}: ${wrong.join(', ')}, ${many(expiries, 'expiry', 'expiries')}`;
  return [words, ...more].join('; ');
}

function row(
  when: Row['when'],
  what: Row['what'],
  files: number,
  [faults, crashes, cancels, expiries]: Four,
  but?: Row['but'],
  lates = 1
): Row {
  return {
    when,
    what,
    files,
    budget: { faults, crashes, cancels, expiries, lates },
    ...(but !== undefined && { but })
  };
}
type Four = readonly [number, number, number, number];
