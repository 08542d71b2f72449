// One SQLite file, by whichever driver this Node has: its own where that is no experiment any more, libsql before.
import { createRequire } from 'node:module';

/** What both drivers do alike: every call is done when it returns. */
export interface Database {
  exec(sql: string): void;
  prepare(sql: string): Statement;
  close(): void;
}
export interface Statement {
  run(...values: readonly Value[]): unknown;
  get(...values: readonly Value[]): unknown;
  all(...values: readonly Value[]): unknown[];
}
export type Value = string | number | null;

type Open = new (path: string) => Database;

/** Node 22 has SQLite, too, but prints a warning to stderr whenever it is loaded. */
const BUILT_IN_SINCE = 24;

/** Opens the file, and makes it where there is none. Throws what the driver throws. */
export async function openDatabase(path: string): Promise<Database> {
  const Driver = Number(process.versions.node.split('.', 1)[0]) >= BUILT_IN_SINCE ? builtIn() : await libsql();
  return new Driver(path);
}

function builtIn(): Open {
  // Not imported: Node 20 would not even load this page.
  return createRequire(import.meta.url)('node:sqlite').DatabaseSync as Open;
}

async function libsql(): Promise<Open> {
  return (await import('libsql')).default as unknown as Open;
}
