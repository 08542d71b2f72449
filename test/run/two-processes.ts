// Two processes of one machine that share a journal: whose run a session is, and whether that process lives. Without a disk, so
// that time can be virtual.
import { endingOf } from '../../src/events/beginning.ts';
import type { Journal, JournalRecord } from '../../src/ports.ts';

export interface SharedJournal {
  /** Processes that live. */
  readonly alive: Set<number>;
  /** The journal as that process has it. */
  of(pid: number): Journal;
}

export function sharedJournal(): SharedJournal {
  const runs = new Map<string, { pid: number; readonly records: JournalRecord[] }>();
  const alive = new Set<number>();
  const of = (pid: number): Journal => ({
    append: async records => {
      for (const record of records) {
        const its = runs.get(record.run) ?? { pid, records: [] };
        runs.set(record.run, its);
        its.pid = pid;
        its.records.push(record);
      }
    },
    read: async run => [...(runs.get(run)?.records ?? [])],
    ownersOf: async sessions =>
      sessions.flatMap(session => {
        const found = [...runs].find(([, { records }]) => records.some(record => sessionIn(record) === session));
        if (found === undefined) return [];
        const [run, its] = found;
        const gone = endingOf(its.records) !== undefined || !alive.has(its.pid);
        return [gone ? { session, run, standing: 'gone' } : { session, run, standing: 'alive', pid: its.pid }];
      })
  });
  return { alive, of };
}

function sessionIn({ type, data }: JournalRecord): unknown {
  return type === 'facts' ? (data as { sessionId?: unknown }).sessionId : undefined;
}
