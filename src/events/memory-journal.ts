// A journal that lives as long as the process: enough for a program that starts anew after a crash, and for tests.
import type { Journal, JournalRecord } from '../ports.ts';

/** @example `const journal = memoryJournal(); await journal.append(records); await journal.read(run)` */
export function memoryJournal(): Journal {
  const runs = new Map<string, JournalRecord[]>();
  return {
    async append(records) {
      for (const record of records) {
        const its = runs.get(record.run) ?? [];
        runs.set(record.run, its);
        its.push(record);
      }
    },
    async read(run) {
      return [...(runs.get(run) ?? [])];
    }
  };
}
