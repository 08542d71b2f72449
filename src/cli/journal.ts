// Where facts of runs are kept between the calls of the command: one file for all of them.
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { DurableJournal } from '../adapters/sqlite/journal.ts';
import { memoryJournal } from '../events/memory-journal.ts';
import type { Environment } from './io.ts';
import type { Context } from './output.ts';

export interface JournalFlags {
  readonly journal?: string;
}

/** What is said of runs that a second signal ended at once. */
export const LEFT_UNFINISHED = 'ended at once; go on with it: shelver resume; or end it: shelver cleanup';

/** Runs that ended well are forgotten after a month. */
const KEPT_MS = 30 * 24 * 3_600_000;

/** The path of the journal; `undefined`: none is wanted. */
export function journalPath({ journal }: JournalFlags, env: Environment): string | undefined {
  const wanted = journal ?? (env.SHELVER_JOURNAL || undefined);
  if (wanted !== undefined) return wanted === 'none' ? undefined : wanted;
  const state = env.XDG_STATE_HOME || join(env.HOME || homedir(), '.local', 'state');
  return join(state, 'shelver', 'journal.db');
}

/**
 * Opens the journal, or one that forgets where none is wanted. Throws `PortFailure` JOURNAL.
 *
 * @param toLook nothing shall be changed: one that is not there is not made, and nothing in it is forgotten
 */
export async function openJournal(flags: JournalFlags, { io, out }: Context, toLook = false): Promise<DurableJournal> {
  const path = journalPath(flags, io.env);
  if (path === undefined || (toLook && !existsSync(path))) return forgetful();
  // Loaded only now: it brings a database with it.
  const { sqliteJournal } = await import('../adapters/sqlite/journal.ts');
  const onWarning = (message: string): void => out.log('warning', message);
  const journal = await sqliteJournal({ path, now: Date.now, onWarning });
  if (!toLook) await journal.forget(Date.now() - KEPT_MS);
  return journal;
}

function forgetful(): DurableJournal {
  return {
    ...memoryJournal(),
    runs: async () => [],
    claim: async () => undefined,
    forget: async () => undefined,
    close: async () => undefined
  };
}
