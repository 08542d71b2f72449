// The suite: all rows against one server, one after the other; whatever they make is taken away again.
import { benchFor, nameOf } from './bench.ts';
import type { Group, Row } from './row.ts';
import { bytes } from './rows/bytes.ts';
import { completing } from './rows/completing.ts';
import { downloadStates } from './rows/download-states.ts';
import { downloads } from './rows/downloads.ts';
import { errors } from './rows/errors.ts';
import { files } from './rows/files.ts';
import { itemFiles } from './rows/item-files.ts';
import { items } from './rows/items.ts';
import { libraries } from './rows/libraries.ts';
import { login } from './rows/login.ts';
import { preview2014 } from './rows/preview-2014.ts';
import { privacy } from './rows/privacy.ts';
import { pull } from './rows/pull.ts';
import { sessionLife } from './rows/session-life.ts';
import { sessions } from './rows/sessions.ts';
import { states } from './rows/states.ts';
import { xml } from './rows/xml.ts';
import type { Dialect } from './say.ts';
import { discover, type Server, type ServerOptions } from './server.ts';
import { Difference, NotServed } from './verdict.ts';

export const GROUPS: readonly Group[] = [
  login,
  libraries,
  items,
  itemFiles,
  sessions,
  sessionLife,
  states,
  files,
  bytes,
  completing,
  pull,
  downloads,
  downloadStates,
  privacy,
  errors,
  xml,
  preview2014
];

/** `ok`: as documented. */
export type Mark = 'ok' | 'differs' | 'not served';
export interface Finding {
  readonly id: string;
  readonly dialect: Dialect;
  readonly mark: Mark;
  readonly expected?: string;
  readonly came?: string;
  /** Why it is not served, or was not asked. */
  readonly why?: string;
}
export interface Report {
  readonly version?: string;
  readonly dialects: readonly Dialect[];
  readonly findings: readonly Finding[];
  /** What could not be taken away again. */
  readonly left: readonly string[];
}
export interface RunOptions {
  readonly onFinding?: (finding: Finding, row: Row, group: Group) => void;
  readonly signal?: AbortSignal;
  /** The longest that a row may take; 30 s unless said otherwise. */
  readonly rowMs?: number;
  readonly groups?: readonly Group[];
}

const ROW_MS = 30_000;
const TIDY_MS = 10_000;

/**
 * Runs all rows. Throws an `Error` of one sentence when the server cannot be used at all.
 *
 * @example
 * const { findings } = await conformance({ url: 'http://127.0.0.1:8989', username: 'user', password: 'pass' });
 */
export async function conformance(options: ServerOptions, run: RunOptions = {}): Promise<Report> {
  const stop = run.signal ?? new AbortController().signal;
  const server = await discover(options, stop);
  const [dialect = 'api'] = server.dialects;
  const keeper = benchFor(server, dialect, '', stop);
  const library =
    options.library === undefined ? await newLibrary(keeper, server) : await libraryNamed(keeper, options.library);
  const subscribed: readonly unknown[] = await keeper
    .listOf('library.find', { spec: { type: 'SUBSCRIBED' } })
    .catch(() => []);
  const has = new Set([
    ...(server.xml ? ['xml'] : []),
    ...(options.second ? ['second user'] : []),
    ...(subscribed.length > 0 ? ['subscribed library'] : []),
    ...(server.isVcsim ? [] : ['no vcsim']),
    ...(server.dialects.length > 1 ? ['both dialects'] : [])
  ]);
  const findings: Finding[] = [];
  try {
    for (const group of run.groups ?? GROUPS) {
      for (const row of group.rows) {
        for (const spoken of row.dialects ?? (['api', 'rest'] as const)) {
          if (stop.aborted) break;
          const found = { id: row.id, dialect: spoken, ...(await verdict(row, spoken)) };
          findings.push(found);
          run.onFinding?.(found, row, group);
        }
      }
    }
  } finally {
    await keeper.tidy(AbortSignal.timeout(TIDY_MS));
  }
  if (stop.aborted) throw stop.reason;
  const left = options.library === undefined ? await leftOf(keeper, library) : [];
  return {
    ...(server.version !== undefined && { version: server.version }),
    dialects: server.dialects,
    findings,
    left
  };

  async function verdict(row: Row, spoken: Dialect): Promise<Pick<Finding, 'mark' | 'expected' | 'came' | 'why'>> {
    const why = whyNot(row, spoken, server, has);
    if (why !== undefined) return { mark: 'not served', why };
    const clock = new AbortController();
    const rowMs = run.rowMs ?? ROW_MS;
    const timer = setTimeout(
      () => clock.abort(new Difference(`an end within ${rowMs / 1000} s`, 'it took longer')),
      rowMs
    );
    const bench = benchFor(server, spoken, library, AbortSignal.any([clock.signal, stop]));
    try {
      await row.run(bench);
      return { mark: 'ok' };
    } catch (cause) {
      if (cause instanceof NotServed) return { mark: 'not served', why: cause.message };
      if (cause instanceof Difference) return { mark: 'differs', expected: cause.expected, came: cause.came };
      return { mark: 'differs', expected: 'an answer', came: cause instanceof Error ? cause.message : String(cause) };
    } finally {
      clearTimeout(timer);
      await bench.tidy(AbortSignal.timeout(TIDY_MS));
    }
  }
}

function whyNot(row: Row, spoken: Dialect, server: Server, has: ReadonlySet<string>): string | undefined {
  if (!server.dialects.includes(spoken)) return `there is no /${spoken}`;
  if (row.needs !== undefined && !has.has(row.needs)) return NEEDS[row.needs];
  if (row.since !== undefined && server.version !== undefined && isOlder(server.version, row.since)) {
    return `it came with ${row.since}`;
  }
  if (row.until !== undefined && (server.version === undefined || isOlder(row.until, server.version))) {
    return `only up to ${row.until}`;
  }
  return undefined;
}

const NEEDS: Readonly<Record<NonNullable<Row['needs']>, string>> = {
  xml: 'it answers no XML',
  'second user': 'no second user was given',
  'subscribed library': 'it has no subscribed library',
  'no vcsim': 'not sent: vcsim ends of it',
  'both dialects': 'it has one dialect'
};

/** @example `isOlder('6.5', '6.7')` is true. */
function isOlder(version: string, than: string): boolean {
  const [a = 0, b = 0] = version.split('.').map(Number);
  const [c = 0, d = 0] = than.split('.').map(Number);
  return a < c || (a === c && b < d);
}

type Keeper = ReturnType<typeof benchFor>;

async function newLibrary(keeper: Keeper, server: Server): Promise<string> {
  const spec = { name: nameOf(), type: 'LOCAL', storage_backings: [server.backing] };
  const library = await keeper.id('localLibrary.create', { spec }).catch((cause: Error) => {
    throw new Error(`no library could be made to work in (--library names one that is there): ${cause.message}`);
  });
  keeper.keep('localLibrary.delete', library);
  return library;
}

async function libraryNamed(keeper: Keeper, name: string): Promise<string> {
  const found = await keeper.listOf('library.find', { spec: { name } });
  if (found.length === 1) return String(found[0]);
  throw new Error(`there ${found.length === 0 ? 'is no library' : `are ${found.length} libraries`} named ${name}`);
}

async function leftOf(keeper: Keeper, library: string): Promise<string[]> {
  const ids: readonly unknown[] = await keeper.listOf('library.list').catch(() => []);
  return ids.includes(library) ? [`the library ${library}`] : [];
}
