// Group commit: what several runs write down in one turn of the event loop becomes durable together, in one transaction. A
// write through to the disk costs milliseconds, whatever is in it; so a hundred runs at once wait for one, not for a hundred.
import type { Database } from './database.ts';

interface Waiting {
  act(): void;
  resolve(): void;
  reject(cause: unknown): void;
}

/** Puts work into transactions: each whole or not at all, in the order in which it was asked for. */
export interface Turns {
  /**
   * Resolves when the work is on the disk. Rejects with what it threw itself, which harms none of the others; or with why the
   * transaction failed: then nothing of this turn is written, and everyone hears it.
   */
  add(act: () => void): Promise<void>;
  /** Does at once what waits for the end of the turn. Whoever reads calls it first, so that nothing overtakes anything. */
  flush(): void;
}

/** @example `const turns = turnsOf(database); await Promise.all([turns.add(first), turns.add(second)])` commits once. */
export function turnsOf(database: Database): Turns {
  let waiting: Waiting[] = [];
  const flush = (): void => {
    const those = waiting;
    waiting = [];
    if (those.length > 0) commit(database, those);
  };
  return {
    flush,
    add: act =>
      new Promise((resolve, reject) => {
        // After what came in together has been dealt with: answers of several runs are often read in one turn.
        if (waiting.push({ act, resolve, reject }) === 1) setImmediate(flush);
      })
  };
}

/** Does the work in a transaction of its own, at once. */
export function within<T>(database: Database, act: () => T): T {
  database.exec('begin immediate');
  try {
    const result = act();
    database.exec('commit');
    return result;
  } catch (cause) {
    undo(database);
    throw cause;
  }
}

/** SQLite has done so by itself where the disk is full, say: what went wrong is told, not that there was nothing to undo. */
function undo(database: Database): void {
  try {
    database.exec('rollback');
  } catch {
    // nothing is open any more
  }
}

/** Where the database itself has failed there is no savepoint any more: that fails all of them, for the same reason. */
function goBack(database: Database, cause: unknown): void {
  try {
    database.exec('rollback to one');
  } catch {
    throw cause;
  }
}

function commit(database: Database, those: readonly Waiting[]): void {
  const refused = new Map<Waiting, unknown>();
  try {
    within(database, () => {
      for (const one of those) {
        database.exec('savepoint one');
        try {
          one.act();
        } catch (cause) {
          goBack(database, cause);
          refused.set(one, cause);
        }
        database.exec('release one');
      }
    });
  } catch (cause) {
    for (const { reject } of those) reject(cause);
    return;
  }
  for (const one of those) {
    if (refused.has(one)) one.reject(refused.get(one));
    else one.resolve();
  }
}
