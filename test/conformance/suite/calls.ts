// The calls of a row in one dialect, with what is expected of the answer.
import { type Dialect, type Fields, OPERATIONS, type OperationName } from './say.ts';
import type { Reply } from './send.ts';
import { isNoRoute, type Server, TOKEN } from './server.ts';
import { Difference, errorTypeIn, hasStatus, inWords, isRecord, NotServed } from './verdict.ts';

export interface How {
  /** null: without a login. */
  readonly token?: string | null;
  readonly second?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  readonly dialect?: Dialect;
}
export type Model = Readonly<Record<string, unknown>>;
/** To be taken away after the row. */
export interface Made {
  readonly op: 'item.delete' | 'localLibrary.delete' | 'session' | 'download';
  readonly id: string;
}

/** Statuses that are not 400, by dialect. */
const STATUS: Readonly<Record<string, Readonly<Record<Dialect, number>>>> = {
  NOT_FOUND: { api: 404, rest: 404 },
  RESOURCE_BUSY: { api: 500, rest: 400 },
  UNAUTHENTICATED: { api: 401, rest: 401 },
  UNAUTHORIZED: { api: 403, rest: 403 }
};
/** What a server makes although it should refuse is taken away, too. */
const MADE_BY: Readonly<Record<string, Made['op']>> = {
  'localLibrary.create': 'localLibrary.delete',
  'item.create': 'item.delete',
  'item.copy': 'item.delete',
  'session.create': 'session',
  'download.create': 'download'
};

/** The calls; what a server makes although it should refuse is noted in `made`. */
export function callsFor(server: Server, dialect: Dialect, made: Made[], signal: AbortSignal) {
  /** Any request, with the login unless told otherwise. */
  const raw = (method: string, path: string, { text, headers, ...how }: How & { text?: string } = {}) => {
    const token = how.token === undefined ? server.token(how.dialect ?? dialect, how.second) : how.token;
    const json: Record<string, string> = text === undefined ? {} : { 'content-type': 'application/json' };
    const own: Record<string, string> = token === null ? {} : { [TOKEN]: token };
    return server.send({ method, path, body: text, headers: { ...own, ...json, ...headers }, signal });
  };

  const ask = async (op: OperationName, args: Fields = {}, how: How = {}): Promise<Reply> => {
    const spoken = how.dialect ?? dialect;
    const { client_token, ...rest } = args;
    const inBody = spoken === 'rest';
    const [method, path, body] = OPERATIONS[op][spoken](inBody ? args : rest);
    const place = inBody || client_token === undefined ? {} : tokenPlace(server, String(client_token));
    const headers = { ...how.headers, ...place.headers };
    const text = body === undefined ? undefined : JSON.stringify(body);
    const reply = await raw(method, `${path}${place.query ?? ''}`, {
      ...how,
      headers,
      ...(text !== undefined && { text })
    });
    if (!isNoRoute(reply)) server.served.add(`${spoken} ${op}`);
    return reply;
  };

  /** The answer has to be the documented success; gives the value without its envelope. */
  const ok = async (op: OperationName, args: Fields = {}, how: How = {}): Promise<unknown> => {
    const spoken = how.dialect ?? dialect;
    const reply = await ask(op, args, how);
    const wanted = spoken === 'api' ? OPERATIONS[op].ok : 200;
    if (isNoRoute(reply) && !server.served.has(`${spoken} ${op}`)) throw new NotServed(`${op} is not served`);
    hasStatus(reply, wanted, op);
    if (OPERATIONS[op].ok === 204) {
      if (reply.text !== '') throw new Difference(`${op}: no body`, 'a body came');
      return undefined;
    }
    if (spoken === 'api') return reply.json;
    if (isRecord(reply.json) && Object.hasOwn(reply.json, 'value')) return reply.json.value;
    throw new Difference(
      `${op}: the value under "value"`,
      reply.text === '' ? 'an empty body came' : 'no such field came'
    );
  };
  const model = async (op: OperationName, args: Fields = {}, how: How = {}): Promise<Model> => {
    const value = await ok(op, args, how);
    if (isRecord(value)) return value;
    throw new Difference(`${op}: an object`, `came ${JSON.stringify(value)}`);
  };
  /** A list; null is an empty one here, which a row of its own finds. */
  const listOf = async (op: OperationName, args: Fields = {}, how: How = {}): Promise<readonly unknown[]> => {
    const value = await ok(op, args, how);
    if (Array.isArray(value) || value === null || value === undefined) return value ?? [];
    throw new Difference(`${op}: a list`, `came ${JSON.stringify(value)}`);
  };
  const models = async (op: OperationName, args: Fields = {}, how: How = {}): Promise<readonly Model[]> =>
    (await listOf(op, args, how)).filter(isRecord);
  const id = async (op: OperationName, args: Fields = {}, how: How = {}): Promise<string> => {
    const value = await ok(op, args, how);
    if (typeof value === 'string' && value !== '') return value;
    throw new Difference(`${op}: an id`, `came ${JSON.stringify(value)}`);
  };
  /** The answer has to be this error, with the status that it has in this dialect. */
  const refused = async (op: OperationName, args: Fields, type: string, how: How = {}): Promise<Reply> => {
    const reply = await ask(op, args, how);
    if (op in MADE_BY && reply.status < 300) {
      const value = isRecord(reply.json) ? reply.json.value : reply.json;
      made.push({ op: MADE_BY[op]!, id: String(value) });
    }
    const spoken = how.dialect ?? dialect;
    if (isNoRoute(reply) && !server.served.has(`${spoken} ${op}`)) throw new NotServed(`${op} is not served`);
    return refusedAs(reply, type, spoken, op);
  };
  return { raw, ask, ok, model, models, listOf, id, refused };
}

/**
 * Throws a `Difference` unless the reply is this error. Where the status alone says it (401, 403, 404), a server that
 * says nothing more is as documented here: rows of their own look at the form of errors.
 */
export function refusedAs(reply: Reply, type: string, dialect: Dialect, what: string): Reply {
  const status = STATUS[type]?.[dialect] ?? 400;
  const said = errorTypeIn(reply);
  if (reply.status === status && (said === type || (said === undefined && status > 400 && status < 500))) return reply;
  throw new Difference(`${what}: status ${status} ${type}`, inWords(reply));
}

/** Where /api looks for a client token: in a header from 9.0 on, in the query before. */
function tokenPlace(server: Server, token: string): { headers?: Record<string, string>; query?: string } {
  if (server.version !== undefined && Number.parseInt(server.version, 10) < 9)
    return { query: `?client_token=${token}` };
  return { headers: { 'client-token': token } };
}
