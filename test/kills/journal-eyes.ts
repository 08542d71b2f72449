// What the journal says, read with a driver and on a copy: who looks into a file that a killed process left is the first to
// put it right, and that is to be the command.
import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase } from '../../src/adapters/sqlite/database.ts';

export interface WrittenRun {
  readonly run: string;
  readonly place: string;
  readonly outcome: string | null;
  readonly left_behind: number | null;
  /** A create of the run was not answered, as far as it knows: what that may make, it has to tell. */
  readonly doubted: number;
}

/** The runs in it; none where there is no journal yet, or one without tables. */
export async function writtenRuns(journal: string): Promise<WrittenRun[]> {
  if (!existsSync(journal)) return [];
  const aside = `${journal}.copy`;
  rmSync(aside, { recursive: true, force: true });
  mkdirSync(aside);
  const copy = join(aside, 'journal.db');
  for (const end of ['', '-journal']) {
    if (existsSync(`${journal}${end}`)) copyFileSync(`${journal}${end}`, `${copy}${end}`);
  }
  const database = await openDatabase(copy);
  try {
    const tables = database.prepare("select name from sqlite_master where name = 'runs'").all();
    if (tables.length === 0) return [];
    const doubted = `exists (select 1 from events where events.run = runs.run and data like '%DoubtedAt":%')`;
    const written = `select run, place, outcome, left_behind, ${doubted} as doubted from runs`;
    return database.prepare(written).all() as WrittenRun[];
  } finally {
    database.close();
    rmSync(aside, { recursive: true, force: true });
  }
}
