// What is searched: how many files, and how much may go wrong on one path. The quick rows are part of the tests, the ones marked
// `ci` of `.ci/run`, and the others take minutes and gigabytes.
import type { Budget } from './product.ts';
import type { UploadWorld } from './upload-world.ts';

export interface Row extends UploadWorld {
  readonly budget: Budget;
  readonly when: 'test' | 'ci' | 'soak';
}

export const ROWS: readonly Row[] = [
  row('test', 1, false, [0, 0, 0, 0]),
  row('test', 1, false, [0, 1, 1, 0]),
  row('test', 1, true, [0, 1, 1, 0]),
  row('test', 1, true, [0, 0, 1, 1]),
  row('ci', 1, false, [1, 1, 0, 1]),
  row('ci', 1, false, [1, 1, 1, 0]),
  row('ci', 1, true, [1, 0, 1, 1]),
  row('ci', 2, true, [0, 1, 1, 0]),
  row('soak', 1, true, [1, 1, 1, 1]),
  row('soak', 1, false, [2, 1, 1, 0]),
  row('soak', 2, true, [1, 0, 0, 0])
];

/** @example `wordsOf(row)` is `'1 file, new item; 0 faults, 1 crash, 1 cancel, 0 expiries'` */
export function wordsOf({ files, item, budget: { faults, crashes, cancels, expiries } }: Row): string {
  const many = (count: number, one: string, more = `${one}s`): string => `${count} ${count === 1 ? one : more}`;
  const wrong = [many(faults, 'fault'), many(crashes, 'crash', 'crashes'), many(cancels, 'cancel')];
  return `${many(files, 'file')}, ${item ? 'an item that is there' : 'a new item'}; ${wrong.join(', ')}, ${many(expiries, 'expiry', 'expiries')}`;
}

function row(when: Row['when'], files: number, item: boolean, [faults, crashes, cancels, expiries]: Four): Row {
  const maxAttempts = 2 + faults + crashes + expiries;
  return { when, files, item, tokens: true, maxAttempts, budget: { faults, crashes, cancels, expiries } };
}
type Four = readonly [number, number, number, number];
