// The journal in one SQLite file: facts that survive a crash, of all runs of this machine, whichever process made them.
import { chmodSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { failure } from '../../../machines/vocabulary.ts';
import type { SessionOwner } from '../../../machines/workflow/calls.ts';
import type { Beginning, Ending } from '../../events/beginning.ts';
import { makeFolder } from '../../folder.ts';
import { type Journal, type JournalRecord, PortFailure } from '../../ports.ts';
import { alive, type Owner, thisProcess } from '../../processes/alive.ts';
import type { Database } from './database.ts';
import { notEnded } from './not-ended.ts';
import { openTables } from './schema.ts';
import { turnsOf, within } from './turns.ts';

/** A run as the journal lists it. Instants in milliseconds since 1970. */
export interface ListedRun {
  readonly run: string;
  readonly kind: 'upload' | 'download';
  readonly server: string;
  readonly place: string;
  /** As whom it logged in: only that user sees its session. Absent: an older shelver did not write it down. */
  readonly user?: string;
  readonly beganAt: number;
  readonly ending?: Ending & { readonly at: number };
  /** Who works on it. `gone`: nobody any more. */
  readonly owner?: { readonly host: string; readonly pid: number; readonly gone: boolean };
}

export interface DurableJournal extends Journal {
  /** All runs, or those at one place (`library/item`, of whichever server) that have not ended; the newest first. */
  runs(which?: { readonly unfinishedAt?: string }): Promise<ListedRun[]>;
  /**
   * Makes an unfinished run this process's own. Throws `PortFailure` RESOURCE_BUSY when somebody else who is alive has it
   * (of another machine it cannot be told: with `force` it is taken all the same).
   */
  claim(run: string, force?: boolean): Promise<void>;
  /** Forgets runs that ended before the instant, and left nothing. */
  forget(before: number): Promise<void>;
  close(): Promise<void>;
}

export interface JournalOptions {
  readonly path: string;
  readonly now: () => number;
  /** Hears in whole sentences what is unusual. */
  readonly onWarning?: (sentence: string) => void;
  /** This process, unless a test says otherwise. */
  readonly me?: Owner;
  readonly isAlive?: (owner: Owner) => boolean;
}

/**
 * Opens the journal, and makes it where there is none, readable for nobody else. Throws `PortFailure` JOURNAL.
 *
 * @example `const journal = await sqliteJournal({ path: 'journal.db', now: Date.now }); await journal.runs()`
 */
export async function sqliteJournal(options: JournalOptions): Promise<DurableJournal> {
  const { path, now, onWarning = () => undefined, me = thisProcess(), isAlive = alive } = options;
  const host = hostname();
  const database = await prepared(path, now(), onWarning);
  const insert = database.prepare(
    'insert into events (run, seq, v, at, type, data) values (?, (select count(*) from events where run = ?), ?, ?, ?, ?)'
  );
  const turns = turnsOf(database);
  return {
    append: records =>
      turns.add(() => {
        for (const record of records) {
          if (record.type === 'begun') begin(database, record, { host, ...me }, isAlive);
          if (record.type === 'ended') end(database, record);
          insert.run(record.run, record.run, record.v, record.at, record.type, JSON.stringify(record.data));
        }
      }),
    async read(run) {
      turns.flush();
      const rows = database.prepare('select v, at, type, data from events where run = ? order by seq').all(run);
      return (rows as { v: number; at: number; type: string; data: string }[]).map(({ v, at, type, data }) => ({
        v,
        run,
        at,
        type,
        data: dataIn(data, run)
      }));
    },
    async runs({ unfinishedAt: place } = {}) {
      turns.flush();
      const those = place === undefined ? '' : 'where ended_at is null and place = ?';
      const rows = database
        .prepare(`select * from runs ${those} order by began_at desc, run`)
        .all(...(place === undefined ? [] : [place])) as Row[];
      return rows.map(row => listed(row, host, isAlive));
    },
    async ownersOf(sessions) {
      turns.flush();
      // A run may have had several sessions, one after the other: each of them is its own.
      const find = database.prepare(
        `select runs.* from events join runs using (run)
         where type = 'facts' and instr(data, ?) > 0 and json_extract(data, '$.sessionId') = ? limit 1`
      );
      return sessions.flatMap(session => {
        const row = find.get(session, session) as Row | undefined;
        return row === undefined ? [] : [ownerOf(session, listed(row, host, isAlive), host)];
      });
    },
    async claim(run, force = false) {
      turns.flush();
      within(database, () => {
        const row = database.prepare('select * from runs where run = ?').get(run) as Row | undefined;
        if (row === undefined) throw new PortFailure(failure('NOT_FOUND', `the journal knows no run ${run}`));
        const { owner } = listed(row, host, isAlive);
        const mine = owner?.pid === me.pid && owner.host === host;
        if (owner !== undefined && !owner.gone && !mine && !(force && owner.host !== host))
          throw held(run, owner, host);
        database
          .prepare('update runs set host = ?, pid = ?, started = ? where run = ?')
          .run(host, me.pid, me.started ?? null, run);
      });
    },
    async forget(before) {
      turns.flush();
      within(database, () => {
        const over = 'select run from runs where ended_at < ? and left_behind = 0';
        database.prepare(`delete from events where run in (${over})`).run(before);
        database.prepare('delete from runs where ended_at < ? and left_behind = 0').run(before);
      });
    },
    async close() {
      turns.flush();
      database.close();
    }
  };
}

/** Another program may have written it, or a disk changed it. */
function dataIn(text: string, run: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const message = `the journal holds a record of the run ${run} that is not JSON`;
    throw new PortFailure(failure('JOURNAL', message, { next: 'name another file: --journal FILE' }), { cause });
  }
}

interface Row {
  readonly run: string;
  readonly kind: 'upload' | 'download';
  readonly server: string;
  readonly place: string;
  readonly user: string | null;
  readonly began_at: number;
  readonly outcome: Ending['outcome'] | null;
  readonly left_behind: number | null;
  readonly ended_at: number | null;
  readonly host: string | null;
  readonly pid: number | null;
  readonly started: string | null;
}

async function prepared(path: string, at: number, told: (sentence: string) => void): Promise<Database> {
  try {
    makeFolder(dirname(path));
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    const next = 'check the permissions of the folders above it, or name another file: --journal FILE';
    throw new PortFailure(failure('JOURNAL', `the folder of the journal ${path} cannot be made (${code})`, { next }), {
      cause
    });
  }
  const database = await openTables(path, at, told);
  try {
    chmodSync(path, 0o600);
  } catch {
    // Somebody else's file that this user may write to: whoever owns it has said who may read it.
    told(`the journal ${path} belongs to another user, so who may read it is theirs to say`);
  }
  return database;
}

/** Two uploads that would work on one item at once are a mistake: the second does not begin. Of downloads there may be any number. */
function begin(
  database: Database,
  { run, at, data }: JournalRecord,
  { host, pid, started }: Owner & { host: string },
  isAlive: (owner: Owner) => boolean
): void {
  const { kind, server, place, user } = data as Beginning;
  const active = kind === 'upload' ? JSON.stringify([server, place]) : null;
  const other = (active === null ? undefined : database.prepare('select * from runs where active = ?').get(active)) as
    | Row
    | undefined;
  if (other !== undefined) {
    throw new PortFailure(notEnded(listed(other, host, isAlive), { host, user }));
  }
  database
    .prepare(
      'insert into runs (run, kind, server, place, user, began_at, host, pid, started, active) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'
    )
    .run(run, kind, server, place, user ?? null, at, host, pid, started ?? null, active);
}

function end(database: Database, { run, at, data }: JournalRecord): void {
  const { outcome, left } = data as Ending;
  database
    .prepare('update runs set outcome = ?, left_behind = ?, ended_at = ?, active = null where run = ?')
    .run(outcome, left ? 1 : 0, at, run);
}

function listed(row: Row, host: string, isAlive: (owner: Owner) => boolean): ListedRun {
  const { run, kind, server, place, user, began_at: beganAt } = row;
  const ending =
    row.outcome === null ? undefined : { outcome: row.outcome, left: row.left_behind === 1, at: Number(row.ended_at) };
  const owner =
    row.host === null || row.pid === null
      ? undefined
      : {
          host: row.host,
          pid: row.pid,
          gone: row.host === host && !isAlive({ pid: row.pid, ...(row.started !== null && { started: row.started }) })
        };
  return {
    run,
    kind,
    server,
    place,
    ...(user !== null && { user }),
    beganAt,
    ...(ending && { ending }),
    ...(owner && { owner })
  };
}

/** What an ended run has left behind is nobody's work any more. */
function ownerOf(session: string, { run, ending, owner }: ListedRun, here: string): SessionOwner {
  if (ending !== undefined || owner === undefined || owner.gone) return { session, run, standing: 'gone' };
  const { host, pid } = owner;
  return host === here ? { session, run, standing: 'alive', pid } : { session, run, standing: 'elsewhere', pid, host };
}

function held(run: string, { host, pid }: { host: string; pid: number }, here: string): PortFailure {
  const where = host === here ? '' : ` on ${host}`;
  return new PortFailure(
    failure('RESOURCE_BUSY', `process ${pid}${where} is working on the run ${run}`, {
      next: host === here ? 'wait for it, or end it' : 'if nothing runs there any more: --force'
    })
  );
}
