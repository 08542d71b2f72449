// The calls on the wire, in two dialects, written by hand after the documentation. It shares nothing with the library's own
// table of operations (src/wire), so that a mistake in that one is seen here.
import { Agent, request } from 'node:http';
import type { Answer, Args, Call, Dialect, Op } from './call.ts';

interface Ask {
  readonly method: string;
  readonly path: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}
type Table = Readonly<Record<Op, (args: Args) => Ask>>;

export interface Wire {
  send(call: Call): Promise<Answer>;
  /** Logs the user in, and remembers the token for all further calls. */
  logIn(user: string, password: string): Promise<string>;
  logOut(user: string): Promise<void>;
  close(): void;
}

const enc = encodeURIComponent;

const ITEM = '/api/content/library/item';
const api: Table = {
  'item.create': ({ library_id, name, type, client_token }) => ({
    ...post(ITEM, { library_id, name, type }),
    headers: token(client_token)
  }),
  'item.get': ({ id = '' }) => get(`${ITEM}/${enc(id)}`),
  'item.delete': ({ id = '' }) => drop(`${ITEM}/${enc(id)}`),
  'item.list': ({ library_id = '' }) => get(`${ITEM}?library_id=${enc(library_id)}`),
  'item.files': ({ id = '' }) => get(`${ITEM}/${enc(id)}/file`),
  'u.create': ({ library_item_id, client_token }) => ({
    ...post(`${ITEM}/update-session`, { library_item_id }),
    headers: token(client_token)
  }),
  'u.list': filtered(`${ITEM}/update-session`),
  'u.get': ({ id = '' }) => get(`${ITEM}/update-session/${enc(id)}`),
  'u.keepAlive': ({ id, progress }) =>
    post(does('update-session', id, 'keep-alive'), progress === undefined ? undefined : { client_progress: progress }),
  'u.complete': ({ id }) => post(does('update-session', id, 'complete')),
  'u.cancel': ({ id }) => post(does('update-session', id, 'cancel')),
  'u.fail': ({ id, message }) => post(does('update-session', id, 'fail'), { client_error_message: message }),
  'u.delete': ({ id = '' }) => drop(`${ITEM}/update-session/${enc(id)}`),
  'u.f.add': ({ id = '', ...spec }) => post(`${ITEM}/update-session/${enc(id)}/file`, { ...spec, source_type: 'PUSH' }),
  'u.f.list': ({ id = '' }) => get(`${ITEM}/update-session/${enc(id)}/file`),
  'u.f.get': ({ id = '', name = '' }) => get(`${ITEM}/update-session/${enc(id)}/file/${enc(name)}`),
  'u.f.remove': ({ id = '', name = '' }) => drop(`${ITEM}/update-session/${enc(id)}/file/${enc(name)}`),
  'u.f.validate': ({ id = '' }) => post(`${ITEM}/update-session/${enc(id)}/file?action=validate`),
  'd.create': ({ library_item_id, client_token }) => ({
    ...post(`${ITEM}/download-session`, { library_item_id }),
    headers: token(client_token)
  }),
  'd.list': filtered(`${ITEM}/download-session`),
  'd.get': ({ id = '' }) => get(`${ITEM}/download-session/${enc(id)}`),
  'd.keepAlive': ({ id, progress }) =>
    post(does('download-session', id, 'keep-alive'), progress === undefined ? undefined : { progress }),
  'd.cancel': ({ id }) => post(does('download-session', id, 'cancel')),
  'd.fail': ({ id, message }) => post(does('download-session', id, 'fail'), { client_error_message: message }),
  'd.delete': ({ id = '' }) => drop(`${ITEM}/download-session/${enc(id)}`),
  'd.f.list': ({ id = '' }) => get(`${ITEM}/download-session/${enc(id)}/file`),
  'd.f.get': ({ id = '', name = '' }) => get(`${ITEM}/download-session/${enc(id)}/file?file_name=${enc(name)}`),
  'd.f.prepare': ({ id = '', name }) =>
    post(`${ITEM}/download-session/${enc(id)}/file?action=prepare`, { file_name: name })
};

const REST = '/rest/com/vmware/content/library/item';
const rest: Table = {
  'item.create': ({ client_token, ...create_spec }) => post(REST, { client_token, create_spec }),
  'item.get': ({ id = '' }) => get(`${REST}/id:${enc(id)}`),
  'item.delete': ({ id = '' }) => drop(`${REST}/id:${enc(id)}`),
  'item.list': ({ library_id = '' }) => get(`${REST}?library_id=${enc(library_id)}`),
  'item.files': ({ id = '' }) => get(`${REST}/file?library_item_id=${enc(id)}`),
  'u.create': ({ client_token, ...create_spec }) => post(`${REST}/update-session`, { client_token, create_spec }),
  'u.list': filtered(`${REST}/update-session`),
  'u.get': ({ id = '' }) => get(`${REST}/update-session/id:${enc(id)}`),
  'u.keepAlive': ({ id, progress }) =>
    post(acts('update-session', id, 'keep-alive'), progress === undefined ? undefined : { client_progress: progress }),
  'u.complete': ({ id }) => post(acts('update-session', id, 'complete')),
  'u.cancel': ({ id }) => post(acts('update-session', id, 'cancel')),
  'u.fail': ({ id, message }) => post(acts('update-session', id, 'fail'), { client_error_message: message }),
  'u.delete': ({ id = '' }) => drop(`${REST}/update-session/id:${enc(id)}`),
  'u.f.add': ({ id, ...spec }) =>
    post(acts('updatesession/file', id, 'add'), { file_spec: { ...spec, source_type: 'PUSH' } }),
  'u.f.list': ({ id = '' }) => get(`${REST}/updatesession/file?update_session_id=${enc(id)}`),
  'u.f.get': ({ id, name }) => post(acts('updatesession/file', id, 'get'), { file_name: name }),
  'u.f.remove': ({ id, name }) => post(acts('updatesession/file', id, 'remove'), { file_name: name }),
  'u.f.validate': ({ id }) => post(acts('updatesession/file', id, 'validate')),
  'd.create': ({ client_token, ...create_spec }) => post(`${REST}/download-session`, { client_token, create_spec }),
  'd.list': filtered(`${REST}/download-session`),
  'd.get': ({ id = '' }) => get(`${REST}/download-session/id:${enc(id)}`),
  'd.keepAlive': ({ id, progress }) =>
    post(acts('download-session', id, 'keep-alive'), progress === undefined ? undefined : { progress }),
  'd.cancel': ({ id }) => post(acts('download-session', id, 'cancel')),
  'd.fail': ({ id, message }) => post(acts('download-session', id, 'fail'), { client_error_message: message }),
  'd.delete': ({ id = '' }) => drop(`${REST}/download-session/id:${enc(id)}`),
  'd.f.list': ({ id = '' }) => get(`${REST}/downloadsession/file?download_session_id=${enc(id)}`),
  'd.f.get': ({ id, name }) => post(acts('downloadsession/file', id, 'get'), { file_name: name }),
  'd.f.prepare': ({ id, name }) => post(acts('downloadsession/file', id, 'prepare'), { file_name: name })
};

export function wireOf(url: string, dialect: Dialect): Wire {
  const agent = new Agent({ keepAlive: true });
  const tokens = new Map<string, string>();
  const login = dialect === 'api' ? '/api/session' : '/rest/com/vmware/cis/session';
  const shown = (user: string) => ({ 'vmware-api-session-id': tokens.get(user) ?? '' });
  return {
    send: async call => {
      if (call.op === 'put') return bare(await exchange(agent, 'PUT', call.uri, {}, call.body));
      if (call.op === 'fetch') {
        const { status, text } = await exchange(agent, 'GET', call.uri, {});
        return status === 200 ? { status, value: text } : { status };
      }
      const { method, path, body, headers } = (dialect === 'api' ? api : rest)[call.op](call.args);
      const json: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
      const its = { ...headers, ...json, ...shown(call.user) };
      const { status, text } = await exchange(agent, method, url + path, its, body && JSON.stringify(body));
      const said: unknown = text === '' ? undefined : JSON.parse(text);
      return dialect === 'api' ? inApi(status, said) : inRest(status, said);
    },
    logIn: async (user, password) => {
      const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
      const { text } = await exchange(agent, 'POST', url + login, { authorization });
      const said: unknown = JSON.parse(text);
      const its = String(dialect === 'api' ? said : (said as { value: string }).value);
      tokens.set(user, its);
      return its;
    },
    logOut: async user => {
      await exchange(agent, 'DELETE', url + login, shown(user));
    },
    close: () => agent.destroy()
  };
}

function get(path: string): Ask {
  return { method: 'GET', path };
}
function drop(path: string): Ask {
  return { method: 'DELETE', path };
}
function post(path: string, body?: object): Ask {
  return { method: 'POST', path, ...(body && { body }) };
}
/** In /api, an action on a session. */
function does(what: string, id = '', action: string): string {
  return `${ITEM}/${what}/${enc(id)}?action=${action}`;
}
/** The same in /rest. */
function acts(what: string, id = '', action: string): string {
  return `${REST}/${what}/id:${enc(id)}?~action=${action}`;
}
function filtered(path: string): (args: Args) => Ask {
  return ({ library_item_id: id }) => get(id === undefined ? path : `${path}?library_item_id=${enc(id)}`);
}
function token(its: string | undefined): Record<string, string> {
  return its === undefined ? {} : { 'client-token': its };
}

/** What an address for bytes says of a refusal is documented nowhere. */
function bare({ status }: { status: number }): Answer {
  return { status };
}
function inApi(status: number, said: unknown): Answer {
  if (status < 300) return { status, value: said };
  return { status, error: String((said as { error_type?: unknown } | undefined)?.error_type) };
}
function inRest(status: number, said: unknown): Answer {
  if (status < 300) return { status, value: (said as { value?: unknown } | undefined)?.value };
  const { type } = said as { type?: string };
  return { status, error: String(type?.split('.').at(-1)?.toUpperCase()) };
}

function exchange(
  agent: Agent,
  method: string,
  url: string,
  headers: Readonly<Record<string, string>>,
  body?: string
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const length = { 'content-length': String(Buffer.byteLength(body ?? '')) };
    const req = request(url, { agent, method, headers: { ...headers, ...length } }, res => {
      const chunks: Uint8Array[] = [];
      res.on('data', (chunk: Uint8Array) => chunks.push(chunk));
      res.on('error', reject);
      res.on('end', () => resolve({ status: res.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
    });
    req.on('error', reject);
    req.end(body);
  });
}
