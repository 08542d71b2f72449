// What must hold when all that was killed has been gone on with, held against what the server, the folder and the journal
// really hold. Nothing of the client is asked.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Goods, Held, Item } from './goods.ts';
import type { WrittenRun } from './journal-eyes.ts';
import type { Found } from './service.ts';

/** One way how an item may stand; `held` absent: it is not there. */
export interface Way {
  readonly held?: Held;
  readonly version: number;
}

export interface Judged {
  readonly goods: Goods;
  readonly found: Found;
  readonly folder: string;
  /** The journal in the end. */
  readonly runs: readonly WrittenRun[];
  /** What an item may be: one of these. */
  readonly ways: (item: Item) => readonly Way[];
  /** Whether all of a download must be in its folder, or only what is there must be right. */
  readonly complete: boolean;
}

/** What is wrong, in sentences. */
export function problemsOf({ goods, found, folder, runs, ways, complete }: Judged): string[] {
  return [
    ...goods.items.flatMap(item => itemProblems(item, found, ways(item))),
    ...found.items
      .filter(({ name }) => !goods.items.some(item => item.name === name))
      .map(({ name }) => `the item ${name} is nobody’s`),
    ...found.sessions.map(session => `a session is left: ${session}`),
    ...runs.filter(({ outcome }) => outcome === null).map(({ run }) => `the run ${run} has not ended in the journal`),
    ...runs
      .filter(({ left_behind: left, doubted }) => left === 1 && doubted === 0)
      .map(({ run }) => `the run ${run} is said to have left something`),
    ...targetProblems(goods, folder, complete),
    ...litter(folder)
  ];
}

function itemProblems({ name }: Item, { items }: Found, ways: readonly Way[]): string[] {
  const there = items.filter(its => its.name === name);
  if (there.length > 1) return [`there are ${there.length} items ${name}`];
  const all = ways.map(way => heldProblems(name, there[0], way));
  return all.some(problems => problems.length === 0) ? [] : [...new Set(all.flat())];
}

function heldProblems(name: string, there: Found['items'][number] | undefined, { held, version }: Way): string[] {
  if (held === undefined)
    return there === undefined ? [] : [`the item ${name} is left, with ${Object.keys(there.files)}`];
  if (there === undefined) return [`there is no item ${name}`];
  const step =
    there.version === version ? [] : [`the item ${name} is at content version ${there.version}, not ${version}`];
  return [...step, ...differences(`the item ${name}`, there.files, held)];
}

function differences(where: string, there: Held, wanted: Held): string[] {
  return [
    ...Object.entries(wanted).flatMap(([name, bytes]) => {
      const its = there[name];
      if (its === undefined) return [`${where} has no ${name}`];
      return its.equals(bytes) ? [] : [`${name} in ${where} has other bytes (${its.length}, not ${bytes.length})`];
    }),
    ...Object.keys(there)
      .filter(name => wanted[name] === undefined)
      .map(name => `${where} holds ${name}, too`)
  ];
}

/** The folder of a download: all of it, or whole files of it, and no part. */
function targetProblems({ fetched = {} }: Goods, folder: string, all: boolean): string[] {
  const to = join(folder, 'to');
  const there = Object.fromEntries(readdirSync(to).map(name => [name, readFileSync(join(to, name))]));
  const wanted = all
    ? fetched
    : Object.fromEntries(Object.entries(fetched).filter(([name]) => there[name] !== undefined));
  return differences('the folder', there, wanted);
}

/** What lies about where nothing should. */
function litter(folder: string): string[] {
  const state = join(folder, 'shelver');
  const journal = existsSync(state) ? readdirSync(state) : [];
  const besides = journal.filter(name => name !== 'journal.db' && !isCold(join(state, name)));
  return [...besides, ...readdirSync(join(folder, 'tmp'))].map(name => `${name} is left on the disk`);
}

/** A rollback journal whose header was never finished: the database passes over it, and writes it anew with the next change. */
function isCold(path: string): boolean {
  return path.endsWith('journal.db-journal') && !readFileSync(path).subarray(0, ROLLBACK.length).equals(ROLLBACK);
}
/** How a rollback journal begins that there is something in (Database File Format, SQLite). */
const ROLLBACK = Buffer.from('d9d505f920a163d7', 'hex');
