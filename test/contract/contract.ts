// One contract for everything that calls itself a ContentLibrary: the same cases over the simulator's port and over HTTP in
// each dialect. What a server cannot do is a gap, with its reason.
import { describe, expect, it } from 'vitest';
import type { ByteTransfer, ContentLibrary } from '../../src/ports.ts';
import { byteCases } from './cases/bytes.ts';
import { contentCases } from './cases/content.ts';
import { downloadCases } from './cases/downloads.ts';
import { fileCases } from './cases/files.ts';
import { itemCases } from './cases/items.ts';
import { libraryCases } from './cases/libraries.ts';
import { packageCases } from './cases/packages.ts';
import { sessionCases } from './cases/sessions.ts';

/**
 * A service with a local library `images`, and a subscribed one, `mirror`, with an item `copied`; and two users of it, of whom only
 * the first holds ContentLibrary.ReadStorage.
 */
export interface Subject {
  readonly library: ContentLibrary;
  readonly bytes: ByteTransfer;
  /** The same service as another user sees it. */
  readonly other: ContentLibrary;
  /** Lets time pass for the service. */
  wait(ms: number): Promise<void>;
  close(): Promise<void>;
}

export interface Case {
  readonly name: string;
  check(subject: Subject): Promise<void>;
}

export interface Terms {
  open(): Promise<Subject>;
  /** Name of a case → why it does not hold here. */
  readonly gaps: Readonly<Record<string, string>>;
}

export const CASES: readonly Case[] = [
  ...libraryCases,
  ...itemCases,
  ...sessionCases,
  ...fileCases,
  ...byteCases,
  ...contentCases,
  ...packageCases,
  ...downloadCases
];

/**
 * Holds an implementation to the contract.
 *
 * @example `contract('the simulator by ports', { open: openPort, gaps: {} })`
 */
export function contract(name: string, { open, gaps }: Terms): void {
  describe(`the contract of a content library, held by ${name}`, () => {
    for (const { name, check } of CASES) {
      const run = async () => {
        const subject = await open();
        try {
          await check(subject);
        } finally {
          await subject.close();
        }
      };
      // Must fail: `gaps` says of each case what this server has not, or does otherwise. One that has closed turns red here, and
      // is to be taken out of the list.
      if (Object.hasOwn(gaps, name)) it.fails(`should not yet ${name} (${gaps[name]})`, run);
      else it(`should ${name}`, run);
    }

    it('should name no gap that is not a case', () => {
      const names = CASES.map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
      expect(Object.keys(gaps).filter(gap => !names.includes(gap))).toEqual([]);
    });
  });
}
