// What a row works with: calls in one dialect, with what is expected of the answer, and things that are taken away again.
import { randomUUID } from 'node:crypto';
import { type Dialect, type Fields, OPERATIONS, type OperationName } from './say.ts';
import type { Reply } from './send.ts';
import { isNoRoute, type Server, TOKEN } from './server.ts';
import { Difference, errorTypeIn, inWords, isRecord, NotServed } from './verdict.ts';

export interface How {
  /** null: without a login. */
  readonly token?: string | null;
  readonly second?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  readonly dialect?: Dialect;
}
export interface Body {
  readonly chunked?: boolean;
  readonly cutAfter?: number;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}
export type Model = Readonly<Record<string, unknown>>;
export type Bench = ReturnType<typeof benchFor>;

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
interface Made {
  readonly op: 'item.delete' | 'localLibrary.delete' | 'session' | 'download';
  readonly id: string;
}
const READY_MS = 10_000;
const PAUSE_MS = 20;

/** A bench for one row in one dialect, in a library that is there. */
export function benchFor(server: Server, dialect: Dialect, library: string, signal: AbortSignal) {
  const made: Made[] = [];

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
    if (reply.status !== wanted) throw new Difference(`${op}: status ${wanted}`, `${op}: ${inWords(reply)}`);
    if (OPERATIONS[op].ok === 204) {
      if (reply.text !== '') throw new Difference(`${op}: no body`, `${op}: a body came`);
      return undefined;
    }
    if (spoken === 'api') return reply.json;
    if (isRecord(reply.json) && Object.hasOwn(reply.json, 'value')) return reply.json.value;
    throw new Difference(
      `${op}: the value under "value"`,
      `${op}: ${reply.text === '' ? 'empty body' : 'no such field'}`
    );
  };
  const model = async (op: OperationName, args: Fields = {}, how: How = {}): Promise<Model> => {
    const value = await ok(op, args, how);
    if (isRecord(value)) return value;
    throw new Difference(`${op}: an object`, `${op}: ${JSON.stringify(value)}`);
  };
  /** A list; null is an empty one here, which a row of its own finds. */
  const listOf = async (op: OperationName, args: Fields = {}, how: How = {}): Promise<readonly unknown[]> => {
    const value = await ok(op, args, how);
    if (Array.isArray(value) || value === null || value === undefined) return value ?? [];
    throw new Difference(`${op}: a list`, `${op}: ${JSON.stringify(value)}`);
  };
  const models = async (op: OperationName, args: Fields = {}, how: How = {}): Promise<readonly Model[]> =>
    (await listOf(op, args, how)).filter(isRecord);
  const id = async (op: OperationName, args: Fields = {}, how: How = {}): Promise<string> => {
    const value = await ok(op, args, how);
    if (typeof value === 'string' && value !== '') return value;
    throw new Difference(`${op}: an id`, `${op}: ${JSON.stringify(value)}`);
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

  const item = async (more: Fields = {}): Promise<string> => {
    const its = await id('item.create', { spec: { library_id: library, name: nameOf(), type: '', ...more } });
    made.push({ op: 'item.delete', id: its });
    return its;
  };
  const session = async (its?: string, more: Fields = {}, how: How = {}): Promise<string> => {
    const spec = { library_item_id: its ?? (await item()), ...more };
    const session = await id('session.create', { spec }, how);
    made.push({ op: 'session', id: session });
    return session;
  };
  const add = (session: string, name: string, more: Fields = {}): Promise<Model> =>
    model('file.add', { session, spec: { name, source_type: 'PUSH', ...more } });
  /** Adds a file and gives the address to send its bytes to. */
  const opened = async (session: string, name: string, more: Fields = {}): Promise<string> => {
    const { upload_endpoint } = await add(session, name, more);
    if (isRecord(upload_endpoint) && typeof upload_endpoint.uri === 'string') return upload_endpoint.uri;
    throw new Difference('file.add: upload_endpoint.uri', 'file.add: none came');
  };
  const put = (uri: string, bytes: string | Uint8Array, more: Body = {}): Promise<Reply> => {
    const { pathname, search } = new URL(uri);
    const { method = 'PUT', headers, ...rest } = more;
    const own = { [TOKEN]: server.token(dialect), 'content-type': 'application/octet-stream', ...headers };
    return server.send({ method, path: `${pathname}${search}`, headers: own, body: bytes, signal, ...rest });
  };
  /** Adds a file and sends its bytes; waits until the server is through with them. */
  const push = async (session: string, name: string, bytes: string | Uint8Array, more: Fields = {}): Promise<void> => {
    const reply = await put(await opened(session, name, more), bytes);
    if (reply.status !== 200) throw new Difference('PUT: status 200', `PUT: ${inWords(reply)}`);
    if (server.reportsReady && !(await reaches(session, name, 'READY'))) server.reportsReady = false;
  };
  const until = async (fact: () => Promise<boolean>, ms = READY_MS): Promise<boolean> => {
    const end = Date.now() + ms;
    while (!(await fact())) {
      if (Date.now() > end) return false;
      await new Promise(resolve => setTimeout(resolve, PAUSE_MS));
    }
    return true;
  };
  const reaches = (session: string, name: string, status: string): Promise<boolean> =>
    until(async () => (await model('file.get', { session, file_name: name })).status === status);
  /** Waits until the session is not ACTIVE any more, and gives its state. */
  const ended = async (session: string, ms?: number): Promise<unknown> => {
    let state: unknown;
    await until(async () => {
      state = (await model('session.get', { session })).state;
      return state !== 'ACTIVE';
    }, ms);
    return state;
  };
  /** An item that holds these files. */
  const filled = async (files: Readonly<Record<string, string | Uint8Array>>, more: Fields = {}): Promise<string> => {
    const its = await item(more);
    const by = await session(its);
    for (const [name, bytes] of Object.entries(files)) await push(by, name, bytes);
    await ok('session.complete', { session: by });
    const state = await ended(by);
    if (state !== 'DONE') throw new Difference('the session: DONE', `the session: ${state}`);
    return its;
  };
  const sessionIn = async (state: string): Promise<{ session: string; uri: string }> => {
    const its = await session();
    const uri = await opened(its, 'kept.txt');
    if (state === 'DONE') {
      await push(its, 'pushed.txt', 'pushed');
      await put(uri, 'kept');
      if (server.reportsReady) await reaches(its, 'kept.txt', 'READY');
      await ok('session.complete', { session: its });
    }
    if (state === 'ERROR') await ok('session.fail', { session: its, client_error_message: 'as told' });
    if (state === 'CANCELED') await ok('session.cancel', { session: its });
    const came = state === 'ACTIVE' ? state : await ended(its);
    if (came !== state) throw new Difference(`the session: ${state}`, `the session: ${came}`);
    return { session: its, uri };
  };
  const download = async (its: string, how: How = {}): Promise<string> => {
    const session = await id('download.create', { spec: { library_item_id: its } }, how);
    made.push({ op: 'download', id: session });
    return session;
  };
  /** Prepares a file of a download session and gives its link. */
  const link = async (session: string, name: string): Promise<string> => {
    await ok('downloadFile.prepare', { session, file_name: name });
    let info: Model = {};
    const came = await until(async () => {
      info = await model('downloadFile.get', { session, file_name: name });
      return info.status === 'PREPARED';
    });
    const at = info.download_endpoint;
    if (came && isRecord(at) && typeof at.uri === 'string') return at.uri;
    throw new Difference('PREPARED, with a link', `came ${info.status}`);
  };
  const fetched = (uri: string, headers: Readonly<Record<string, string>> = {}): Promise<Reply> => {
    const { pathname, search } = new URL(uri);
    const own = { [TOKEN]: server.token(dialect), ...headers };
    return server.send({ method: 'GET', path: `${pathname}${search}`, headers: own, signal });
  };
  /** Takes away what the row made; nothing of it is part of the row. */
  const tidy = async (own: AbortSignal): Promise<void> => {
    for (const { op, id } of made.reverse()) {
      const said = {
        'item.delete': [['item.delete', { item: id }]],
        'localLibrary.delete': [['localLibrary.delete', { library: id }]],
        session: [
          ['session.cancel', { session: id }],
          ['session.delete', { session: id }]
        ],
        download: [['download.delete', { session: id }]]
      } as const;
      for (const [name, args] of said[op]) {
        const [method, path] = OPERATIONS[name][dialect](args);
        const headers = { [TOKEN]: server.token(dialect) };
        await server.send({ method, path, headers, signal: own }).catch(() => undefined);
      }
    }
  };
  return {
    server,
    dialect,
    library,
    signal,
    raw,
    ask,
    ok,
    model,
    models,
    listOf,
    id,
    refused,
    item,
    session,
    add,
    opened,
    put,
    push,
    until,
    reaches,
    ended,
    filled,
    sessionIn,
    download,
    link,
    fetched,
    tidy,
    /** To be taken away after the row. */
    keep: (op: Made['op'], id: string) => void made.push({ op, id })
  };
}

/** A name that nobody else uses. */
export function nameOf(): string {
  return `conformance-${randomUUID()}`;
}

/**
 * Throws a `Difference` unless the reply is this error. Where the status alone says it (401, 403, 404), a server that
 * says nothing more is as documented here: rows of their own look at the form of errors.
 */
export function refusedAs(reply: Reply, type: string, dialect: Dialect, what: string): Reply {
  const status = STATUS[type]?.[dialect] ?? 400;
  const said = errorTypeIn(reply);
  if (reply.status === status && (said === type || (said === undefined && status > 400 && status < 500))) return reply;
  throw new Difference(`${what}: status ${status} ${type}`, `${what}: ${inWords(reply)}`);
}

/** Where /api looks for a client token: in a header from 9.0 on, in the query before. */
function tokenPlace(server: Server, token: string): { headers?: Record<string, string>; query?: string } {
  if (server.version !== undefined && Number.parseInt(server.version, 10) < 9)
    return { query: `?client_token=${token}` };
  return { headers: { 'client-token': token } };
}
