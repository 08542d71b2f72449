// What there is behind the admin door, route by route. Bodies and answers are JSON; errors are in the form of /api.
import { z } from 'zod';
import { wordOf } from '../../../machines/law.ts';
import { PortFailure } from '../../ports.ts';
import { isRecord, Refusal, wireError } from '../../wire/errors.ts';
import { readJson } from '../../wire/json.ts';
import { parseFaults } from '../faults.ts';
import type { Answer } from '../http/answers.ts';
import { inWords } from '../issue-words.ts';
import { find } from '../service/table.ts';
import type { Administered } from './administered.ts';
import { shownState } from './shown-state.ts';

export interface AdminRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** The text of the body; '' where there is none. */
  readonly body: string;
}

type Act = (its: Administered, request: AdminRequest) => Answer | Promise<Answer>;

const ROUTES: Readonly<Record<string, Act>> = {
  'GET /admin/state': its => ({ status: 200, body: shownState(its) }),
  'GET /admin/faults': its => ({ status: 200, body: { faults: its.faults.numbered() } }),
  'POST /admin/faults': injectFaults,
  'DELETE /admin/faults': its => {
    its.faults.clear();
    return { status: 204 };
  },
  'DELETE /admin/faults/ID': removeFault,
  'POST /admin/expire': expire,
  'POST /admin/clock': moveClock,
  'POST /admin/reset': async its => {
    await its.reset();
    return { status: 204 };
  },
  'GET /admin/requests': requestsSince
};

/** Carries a request out. What is wrong with it is thrown as a `Refusal`. */
export async function administer(its: Administered, request: AdminRequest): Promise<Answer> {
  const { method, path } = request;
  const act = ROUTES[`${method} ${path}`] ?? ROUTES[`${method} ${path.replace(/[^/]+$/, 'ID')}`];
  if (act === undefined) {
    const there = [...Object.keys(ROUTES), 'GET /admin/events'].join(', ');
    throw refusal('OPERATION_NOT_FOUND', 'no_such_route', `There is no ${method} ${path} (there are: ${there}).`);
  }
  return act(its, request);
}

/** The number in `since`: requests up to it are known already. */
export function sinceIn(text: string | null): number {
  if (text === null) return 0;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw refusal(
    'INVALID_ARGUMENT',
    'bad_since',
    'since is not a whole number: give the number of the last request seen.'
  );
}

/** One fault, a list of them, or an object with a list `faults`: all of them, or none. */
function injectFaults(its: Administered, { body }: AdminRequest): Answer {
  const given = jsonIn(body);
  const plan = isRecord(given) && !('faults' in given) ? [given] : given;
  let faults: ReturnType<typeof parseFaults>;
  try {
    faults = parseFaults(plan, its.targets);
  } catch (cause) {
    if (cause instanceof PortFailure) throw refusal('INVALID_ARGUMENT', 'bad_faults', sentence(cause.failure.message));
    throw cause;
  }
  for (const fault of faults) its.faults.inject(fault);
  return { status: 201, body: { faults: its.faults.numbered().slice(-faults.length || Number.POSITIVE_INFINITY) } };
}

function removeFault(its: Administered, { path }: AdminRequest): Answer {
  const id = path.slice(path.lastIndexOf('/') + 1);
  if (/^\d{1,15}$/.test(id) && its.faults.remove(Number(id))) return { status: 204 };
  throw refusal('NOT_FOUND', 'no_such_fault', `There is no fault ${id}: it is spent, or was never there.`);
}

const expireSchema = z.union([
  z.strictObject({ session: z.string().min(1) }),
  /** A user, or `*` for all. */
  z.strictObject({ login: z.string().min(1) })
]);

function expire(its: Administered, { body }: AdminRequest): Answer {
  const given = expireSchema.safeParse(jsonIn(body));
  if (!given.success) {
    const text = 'What expires is {"session": ID}, or {"login": USER} with "*" for everybody.';
    throw refusal('INVALID_ARGUMENT', 'bad_expire', text);
  }
  if ('session' in given.data) {
    const { session } = given.data;
    const { sessions, downloads } = its.state();
    const found = find(sessions, session) ?? find(downloads, session);
    if (found === undefined) throw refusal('NOT_FOUND', 'no_such_session', `There is no session ${session}.`);
    const error = its.expire(session);
    if (error !== undefined) throw new Refusal(error);
    return { status: 200, body: { session, was: wordOf(found.state) } };
  }
  const { login } = given.data;
  const ended = its.endLogins(login === '*' ? undefined : login);
  if (ended === 0 && login !== '*') throw refusal('NOT_FOUND', 'no_such_login', `Nobody is logged in as ${login}.`);
  return { status: 200, body: { login, ended } };
}

/** Beyond a hundred years dates stop being dates. */
const FARTHEST_MS = 100 * 365.25 * 86_400_000;
const clockSchema = z.strictObject({ advanceMs: z.int().min(1).max(FARTHEST_MS) });

async function moveClock(its: Administered, { body }: AdminRequest): Promise<Answer> {
  const given = clockSchema.safeParse(jsonIn(body));
  if (!given.success) {
    const text = `The clock is moved by {"advanceMs": N} (${given.error.issues.map(inWords).join(', ')}).`;
    throw refusal('INVALID_ARGUMENT', 'bad_clock', text);
  }
  if (its.advance === undefined) {
    throw refusal('UNSUPPORTED', 'fixed_clock', 'The clock of this simulator cannot be moved.');
  }
  await its.advance(given.data.advanceMs);
  const at = its.now();
  return { status: 200, body: { at, now: new Date(at).toISOString() } };
}

function requestsSince(its: Administered, { query }: AdminRequest): Answer {
  const since = sinceIn(query.get('since'));
  const { all, count } = its.log;
  const first = count - all.length + 1;
  const requests = all.map((seen, index) => ({ n: first + index, ...seen })).filter(({ n }) => n > since);
  return { status: 200, body: { last: count, requests } };
}

function jsonIn(body: string): unknown {
  try {
    return readJson(body);
  } catch {
    throw refusal('INVALID_ARGUMENT', 'not_json', 'The body is not JSON.');
  }
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function refusal(type: string, id: string, text: string): Refusal {
  return new Refusal(wireError(type, `shelver.simulator.admin.${id}`, text));
}
