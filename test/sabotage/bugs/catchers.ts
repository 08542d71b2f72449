// The checks that hold promises, as bugs name them.
import type { Catcher } from '../apply.ts';

/** A quick row of the model checker. @param row what its name contains */
export function checker(row: string): Catcher {
  return { test: 'test/check/check.test.ts', only: row };
}

/** So many seeds of the explorer, from the first on. */
export function explorer(seeds: number): Catcher {
  return { test: 'test/explore/explore.test.ts', only: 'should find nothing that breaks a promise', seeds };
}

export function tests(test: string, only?: string): Catcher {
  return only === undefined ? { test } : { test, only };
}

export const NEW_ITEM = 'an upload into a new item, 1 file: 0 faults, 1 crash, 1 cancel';
export const OLD_ITEM = 'an upload into an item that is there, 1 file: 0 faults, 1 crash, 1 cancel';
export const EXPIRY = 'an upload into an item that is there, 1 file: 0 faults, 0 crashes, 1 cancel, 1 expiry';
export const GOOD_RUN = 'an upload into a new item, 1 file: 0 faults, 0 crashes';
