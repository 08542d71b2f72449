// What a row works with: calls in one dialect, with what is expected of the answer, and things that are taken away again.
import { randomUUID } from 'node:crypto';
import { callsFor, type How, type Made, type Model } from './calls.ts';
import { type Dialect, type Fields, OPERATIONS } from './say.ts';
import type { Reply } from './send.ts';
import { type Server, TOKEN } from './server.ts';
import { Difference, hasStatus, isRecord } from './verdict.ts';

export interface Body {
  readonly chunked?: boolean;
  readonly cutAfter?: number;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}
export type Bench = ReturnType<typeof benchFor>;

const READY_MS = 10_000;
const PAUSE_MS = 20;

/** A bench for one row in one dialect, in a library that is there. */
export function benchFor(server: Server, dialect: Dialect, library: string, signal: AbortSignal) {
  const made: Made[] = [];

  const calls = callsFor(server, dialect, made, signal);
  const { ok, model, id } = calls;

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
    throw new Difference('file.add: upload_endpoint.uri', 'none came');
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
    hasStatus(reply, 200, 'PUT');
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
    if (state !== 'DONE') throw new Difference('the session: DONE', `came ${state}`);
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
    if (came !== state) throw new Difference(`the session: ${state}`, `came ${came}`);
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
    ...calls,
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
