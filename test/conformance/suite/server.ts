// The server under test: which dialects it serves, how to log in, where its libraries can lie.
import { backingOf, type Tell } from './datastore.ts';
import { type Dialect, type Fields, OPERATIONS } from './say.ts';
import { type Reply, send } from './send.ts';
import { isRecord } from './verdict.ts';

export interface Account {
  readonly username: string;
  readonly password: string;
}

export interface ServerOptions extends Account {
  /** Without a path: `https://vcenter.example`. */
  readonly url: string;
  /** Another user, for what one must not see of the other. */
  readonly second?: Account;
  /** A library to work in; without one, one is made and deleted again. */
  readonly library?: string;
  /** The id of the datastore for that library, where the first that is found is not the right one. */
  readonly datastore?: string;
  /** The name of this machine as the server can reach it; without it only a server on loopback is asked to pull. */
  readonly sourceHost?: string;
  /** A certificate that nobody vouches for is taken. */
  readonly insecure?: boolean;
}

export interface Server {
  readonly options: ServerOptions;
  readonly dialects: readonly Dialect[];
  /** Answers XML, as the documents of 2014 have it. */
  readonly xml: boolean;
  /** As the server states it. */
  readonly version?: string;
  /** Its refusals are those of Go's standard router: vcsim, which dies of a PULL without an endpoint. */
  readonly isVcsim: boolean;
  readonly backing: Fields;
  /** Operations that were answered by something else than "no such route". */
  readonly served: Set<string>;
  /** False once a file that was pushed did not become READY in time; then it is not waited for again. */
  reportsReady: boolean;
  token(dialect: Dialect, second?: boolean): string;
  send: Tell;
}

export const TOKEN = 'vmware-api-session-id';
const LOGIN = { api: '/api/session', rest: '/rest/com/vmware/cis/session' } as const;
const DIALECTS = ['api', 'rest'] as const;

/** Finds out what the server is. Throws an `Error` of one sentence when it cannot be used. */
export async function discover(options: ServerOptions, signal: AbortSignal): Promise<Server> {
  const base = options.url.replace(/\/+$/, '');
  const tell: Tell = request => send({ ...request, url: `${base}${request.path}`, insecure: options.insecure });
  const tokens = new Map<string, string>();
  const refusals: string[] = [];
  for (const dialect of DIALECTS) {
    const reply = await logIn(tell, dialect, options, signal).catch((cause: Error) => {
      throw new Error(`${base} cannot be reached: ${cause.message}`, { cause });
    });
    const token = tokenIn(reply);
    if (token === undefined) refusals.push(`${LOGIN[dialect]} answers ${reply.status}`);
    else tokens.set(dialect, token);
  }
  if (tokens.size === 0) throw new Error(`${base} lets nobody in: ${refusals.join(', ')}`);
  const get = (path: string, token: string, more: Record<string, string> = {}) =>
    tell({ method: 'GET', path, headers: { [TOKEN]: token, ...more }, signal });
  const dialects: Dialect[] = [];
  for (const [dialect, token] of tokens) {
    const reply = await get(OPERATIONS['session.list'][dialect as Dialect]({})[1], token);
    if (reply.status === 200) dialects.push(dialect as Dialect);
  }
  if (dialects.length === 0) throw new Error(`${base} has no update sessions: it is not a content library service`);
  if (options.second) {
    for (const dialect of dialects) {
      const token = tokenIn(await logIn(tell, dialect, options.second, signal));
      if (token === undefined) throw new Error(`${base} does not let ${options.second.username} in`);
      tokens.set(`${dialect} second`, token);
    }
  }
  const any = tokens.get(dialects[0]!)!;
  const unknown = await get('/rest/appliance/system/version', any);
  const apiVersion = dialects.includes('api') ? await get('/api/appliance/system/version', any) : unknown;
  const xml = dialects.includes('rest')
    ? await get(OPERATIONS['session.list'].rest({})[1], any, { accept: 'application/xml' })
    : undefined;
  return {
    options,
    dialects,
    xml: xml?.status === 200 && /xml/.test(xml.headers['content-type'] ?? ''),
    version: versionIn(apiVersion) ?? versionIn(unknown),
    isVcsim: unknown.status === 404 && unknown.text.trim() === '404 page not found',
    backing: options.datastore
      ? { type: 'DATASTORE', datastore_id: options.datastore }
      : await backingOf({ ...options, tell, get: path => get(path, any), dialect: dialects[0]!, signal }),
    served: new Set(),
    reportsReady: true,
    token: (dialect, second) => tokens.get(second ? `${dialect} second` : dialect) ?? any,
    send: tell
  };
}

/** No operation of the server has this method and path. */
export function isNoRoute({ status, json, text }: Reply): boolean {
  if (status === 405 || status === 501) return true;
  if (status !== 404) return false;
  return text.trim() === '404 page not found' || JSON.stringify(json ?? '').includes('rest.httpNotFound');
}

export function basic({ username, password }: Account): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

export function loginPath(dialect: Dialect): string {
  return LOGIN[dialect];
}

function logIn(tell: Tell, dialect: Dialect, account: Account, signal: AbortSignal): Promise<Reply> {
  const headers = { authorization: basic(account), 'vmware-use-header-authn': 'true' };
  return tell({ method: 'POST', path: LOGIN[dialect], headers, signal });
}

function tokenIn({ status, json }: Reply): string | undefined {
  if (status !== 200 && status !== 201) return undefined;
  const value = isRecord(json) ? json.value : json;
  return typeof value === 'string' ? value : undefined;
}

function versionIn({ status, json }: Reply): string | undefined {
  if (status !== 200) return undefined;
  const value = isRecord(json) && isRecord(json.value) ? json.value : json;
  const version = isRecord(value) && typeof value.version === 'string' ? value.version : '';
  return /^\d+\.\d+/.test(version) ? version : undefined;
}
