// What is searched: how many files, and how much may go wrong on one path. The quick rows are part of the tests, the ones marked
// `ci` of `.ci/run`, and the others take minutes and gigabytes.
import { downloadWorld } from './download-world.ts';
import { type Found, search } from './search.ts';
import type { Budget } from './tally.ts';
import { uploadWorld } from './upload-world.ts';

export interface Row {
  readonly when: 'test' | 'ci' | 'soak';
  readonly what: 'an upload into a new item' | 'an upload into an item that is there' | 'a download';
  readonly files: number;
  readonly budget: Budget;
  readonly server?: string;
}

export const ROWS: readonly Row[] = [
  row('test', 'an upload into a new item', 1, [0, 0, 0, 0]),
  row('test', 'an upload into a new item', 1, [0, 1, 1, 0]),
  row('test', 'an upload into an item that is there', 1, [0, 1, 1, 0]),
  row('test', 'an upload into an item that is there', 1, [0, 0, 1, 1]),
  row('test', 'a download', 1, [0, 1, 1, 0]),
  row('test', 'a download', 1, [1, 0, 0, 1]),
  row('soak', 'an upload into a new item', 1, [1, 1, 0, 1]),
  row('ci', 'an upload into a new item', 1, [1, 1, 1, 0]),
  row('ci', 'an upload into an item that is there', 1, [1, 0, 1, 1]),
  row('ci', 'an upload into an item that is there', 2, [0, 1, 1, 0]),
  row('ci', 'a download', 1, [1, 1, 1, 1]),
  row('ci', 'a download', 2, [0, 1, 1, 0]),
  row('soak', 'an upload into an item that is there', 1, [1, 1, 1, 1]),
  row('soak', 'an upload into a new item', 1, [2, 1, 1, 0]),
  row('soak', 'an upload into an item that is there', 2, [1, 0, 0, 0]),
  row('soak', 'a download', 2, [1, 0, 1, 1])
];

/** Searches the row; no run may give up, so it has more tries than can go wrong. */
export function searchRow({ what, files, budget, server }: Row, limit?: number): Found {
  const givesUp = server === 'a single try';
  const maxAttempts = givesUp ? 1 : 2 + budget.faults + budget.crashes + budget.expiries;
  if (what === 'a download') return search(downloadWorld({ files, maxAttempts }), budget, limit);
  const item = what === 'an upload into an item that is there';
  const traits = { tokens: server !== 'no tokens' && server !== 'vcsim', shares: server === 'vcsim' };
  return search(uploadWorld({ files, item, traits, maxAttempts, mayGiveUp: givesUp }), budget, limit);
}

/** @example `wordsOf(row)` is `'an upload into a new item of 1 file: 0 faults, 1 crash, 1 cancel, 0 expiries'` */
export function wordsOf({ what, files, budget: { faults, crashes, cancels, expiries } }: Row): string {
  const many = (count: number, one: string, more = `${one}s`): string => `${count} ${count === 1 ? one : more}`;
  const wrong = [many(faults, 'fault'), many(crashes, 'crash', 'crashes'), many(cancels, 'cancel')];
  return `${what}, ${many(files, 'file')}: ${wrong.join(', ')}, ${many(expiries, 'expiry', 'expiries')}`;
}

function row(when: Row['when'], what: Row['what'], files: number, [faults, crashes, cancels, expiries]: Four): Row {
  return { when, what, files, budget: { faults, crashes, cancels, expiries } };
}
type Four = readonly [number, number, number, number];
