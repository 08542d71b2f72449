// The tables of the journal: one file, of one version, that may be used by several processes at once.
import { closeSync, openSync, readSync, renameSync, statSync } from 'node:fs';
import { failure } from '../../../machines/vocabulary.ts';
import { PortFailure } from '../../ports.ts';
import { type Database, openDatabase } from './database.ts';
import { within } from './turns.ts';

/** `SHLV`, in the header of the file: what has it not is somebody else's, and is not touched. */
const APPLICATION = 0x53484c56;

/** What brings a file from the version of its index to the next one: never changed once it was released, only added to. */
const STEPS: readonly string[] = [
  `pragma application_id=${APPLICATION};
   create table runs (
     run text primary key, kind text not null, server text not null, place text not null, began_at integer not null,
     outcome text, left_behind integer, ended_at integer,
     host text, pid integer, started text,
     -- what no two unfinished runs may have alike; null when it has ended
     active text unique
   ) strict;
   create table events (
     run text not null, seq integer not null, at integer not null, type text not null, data text not null,
     primary key (run, seq)
   ) strict, without rowid;`,
  // As whom the run logged in, where that is known; the version of the record itself.
  `alter table runs add column user text;
   alter table events add column v integer not null default 1;`
];

/** Rises with every change of the tables; an older file is brought up to it, one step a version. */
const VERSION = STEPS.length;

/** How long one process waits for another that is writing, in milliseconds. */
const BUSY_MS = 5_000;

/**
 * Opens the journal's file. A journal that is damaged is set aside under another name, and a new one begun: `told` hears the
 * sentence. What is no journal is left as it is. Throws `PortFailure` JOURNAL, and so does what it returns: another process may
 * hold the file for too long, or the disk may be full.
 */
export async function openTables(path: string, at: number, told: (sentence: string) => void): Promise<Database> {
  if (!isOurs(path)) {
    const next = 'name another file: --journal FILE; or move this one away';
    throw new PortFailure(failure('JOURNAL', `${path} is no journal of shelver: it is left as it is`, { next }));
  }
  try {
    return inWords(path, await opened(path));
  } catch (cause) {
    if (!isDamaged(cause)) throw unusable(path, cause);
  }
  const aside = `${path}.damaged-${new Date(at).toISOString().replaceAll(/[:.]/g, '-')}`;
  try {
    renameSync(path, aside);
    told(
      `the journal ${path} is damaged: it was set aside as ${aside}, and a new one is begun. What it knew of unfinished runs is lost: see shelver sessions ls`
    );
    return inWords(path, await opened(path));
  } catch (cause) {
    throw unusable(path, cause);
  }
}

/** Whether the file is a journal, or may become one. Read before any driver sees it: the header of a SQLite file, 100 bytes. */
function isOurs(path: string): boolean {
  const its = statSync(path, { throwIfNoEntry: false });
  if (its === undefined || (its.isFile() && its.size === 0)) return true;
  if (!its.isFile()) return false;
  const header = Buffer.alloc(100);
  const file = openSync(path, 'r');
  try {
    readSync(file, header, 0, 100, 0);
  } finally {
    closeSync(file);
  }
  return header.toString('latin1', 0, 16) === 'SQLite format 3\0' && header.readUInt32BE(68) === APPLICATION;
}

async function opened(path: string): Promise<Database> {
  const database = await openDatabase(path);
  try {
    database.exec(`pragma busy_timeout=${BUSY_MS}; pragma journal_mode=delete; pragma synchronous=full;`);
    const { integrity_check: ok } = database.prepare('pragma integrity_check').get() as { integrity_check: string };
    if (ok !== 'ok') throw Object.assign(new Error(ok), { code: 'SQLITE_CORRUPT' });
    bringUp(path, database);
    return database;
  } catch (cause) {
    database.close();
    throw cause;
  }
}

function bringUp(path: string, database: Database): void {
  if (versionOf(database) === VERSION) return;
  within(database, () => {
    // another process may have been quicker
    const version = versionOf(database);
    if (version > VERSION) {
      throw new PortFailure(
        failure('JOURNAL', `the journal ${path} was written by a newer shelver (version ${version} of its tables)`, {
          next: 'update shelver, or name another file: --journal FILE'
        })
      );
    }
    for (const step of STEPS.slice(version)) database.exec(step);
    database.exec(`pragma user_version=${VERSION}`);
  });
}

function versionOf(database: Database): number {
  return (database.prepare('pragma user_version').get() as { user_version: number }).user_version;
}

/** NOTADB and CORRUPT, by code or by words: the two drivers tell them differently. */
function isDamaged(cause: unknown): boolean {
  const { code, errcode, message } = cause as { code?: unknown; errcode?: unknown; message?: unknown };
  if (['SQLITE_NOTADB', 'SQLITE_CORRUPT'].includes(String(code)) || errcode === 26 || errcode === 11) return true;
  return /not a database|malformed/.test(String(message));
}

/** The same database, which throws nothing but failures. */
function inWords(path: string, its: Database): Database {
  const told = <T>(work: () => T): T => {
    try {
      return work();
    } catch (cause) {
      throw unusable(path, cause);
    }
  };
  return {
    exec: sql => told(() => its.exec(sql)),
    prepare(sql) {
      const statement = told(() => its.prepare(sql));
      return {
        run: (...values) => told(() => statement.run(...values)),
        get: (...values) => told(() => statement.get(...values)),
        all: (...values) => told(() => statement.all(...values))
      };
    },
    close: () => its.close()
  };
}

function unusable(path: string, cause: unknown): PortFailure {
  if (cause instanceof PortFailure) return cause;
  const said = cause instanceof Error ? cause.message : String(cause);
  return new PortFailure(
    failure('JOURNAL', `the journal ${path} cannot be used: ${said}`, {
      next: 'check the folder, its permissions and its free space, and who else uses it; or name another file: --journal FILE'
    }),
    { cause }
  );
}
