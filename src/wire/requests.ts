// Requests as the simulator reads them: which operation it is, in which dialect, with which arguments. Lenient where live
// servers are (three places for a token, `%7Eaction`, null for unset), strict where they are (unknown properties).
import { actionKey, type TokenPlace } from './codec.ts';
import { Refusal, type WireError, wireError } from './errors.ts';
import { acceptFields, type FieldType, unsupportedProperty } from './fields.ts';
import {
  type Dialect,
  type OperationName,
  operation,
  operationNames,
  type Route,
  type WireArgs
} from './operations.ts';
import { routeOf } from './routes.ts';

export interface IncomingRequest {
  readonly method: string;
  /** Path and query, as they stood in the request line. */
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The text of the body. */
  readonly body?: string;
}

export type DecodedRequest =
  | { readonly op: OperationName; readonly dialect: Dialect; readonly args: WireArgs; readonly error?: undefined }
  | { readonly op: OperationName; readonly dialect: Dialect; readonly error: WireError };

/**
 * Reads a request; undefined when no operation has this method and path. `tokenPlace` narrows where a client token is
 * looked for; without it, every place that any documentation names is.
 */
export function decodeRequest(
  request: IncomingRequest,
  options: { readonly tokenPlace?: TokenPlace } = {}
): DecodedRequest | undefined {
  const at = request.url.indexOf('?');
  const path = at < 0 ? request.url : request.url.slice(0, at);
  const query = new URLSearchParams(at < 0 ? '' : request.url.slice(at + 1));
  const segments = path.split('/');
  const dialect = dialectOf(path);
  const key = actionKey(dialect);
  const action = query.get(key) ?? undefined;
  const found = table(dialect, request.method, segments.length).find(
    entry =>
      (entry.route.action === action || (action !== undefined && entry.route.tolerates === action)) &&
      (entry.route.selectedBy === undefined || query.has(entry.route.selectedBy)) &&
      matches(entry.segments, segments)
  );
  if (found === undefined) return undefined;
  const { op, route } = found;
  try {
    const places = placesOf(op, dialect, options.tokenPlace);
    const fromPath = argumentsIn(found.segments, segments);
    query.delete(key);
    const fromQuery = queryArguments(route, query, places);
    const fromBody = bodyArguments(op, route, request.body ?? '', places);
    const header = places.header ? headerToken(request) : {};
    return { op, dialect, args: { ...header, ...fromQuery, ...fromBody, ...fromPath } };
  } catch (cause) {
    if (cause instanceof Refusal) return { op, dialect, error: cause.error };
    throw cause;
  }
}

/** The dialect that a path is in; what is in neither is answered as `/api` would. */
export function dialectOf(path: string): Dialect {
  return path.startsWith('/rest/') ? 'rest' : 'api';
}

type Segment = { readonly literal: string; readonly argument?: string };
interface Entry {
  readonly op: OperationName;
  readonly route: Route;
  readonly segments: readonly Segment[];
}

/** Rows by dialect, method and length of path; the more literal path first, and the one that a query argument selects. */
const tables = new Map<string, Entry[]>();
function table(dialect: Dialect, method: string, length: number): readonly Entry[] {
  if (tables.size === 0) for (const op of operationNames) for (const d of ['api', 'rest'] as const) enter(op, d);
  return tables.get(`${dialect} ${method} ${length}`) ?? [];
}

function enter(op: OperationName, dialect: Dialect): void {
  const route = routeOf(op, dialect);
  if (route === undefined) return;
  const segments = route.path.split('/').map(part => {
    const brace = part.indexOf('{');
    return brace < 0 ? { literal: part } : { literal: part.slice(0, brace), argument: part.slice(brace + 1, -1) };
  });
  const key = `${dialect} ${route.method} ${segments.length}`;
  const rows = [...(tables.get(key) ?? []), { op, route, segments }];
  tables.set(
    key,
    rows.sort((a, b) => rank(a) - rank(b))
  );
}

function rank(entry: Entry): number {
  return entry.segments.filter(part => part.argument !== undefined).length - (entry.route.selectedBy ? 0.5 : 0);
}

function matches(template: readonly Segment[], segments: readonly string[]): boolean {
  return template.every(({ literal, argument }, i) => {
    if (argument === undefined) return segments[i] === literal;
    return segments[i]!.startsWith(literal) && segments[i]!.length > literal.length;
  });
}

function argumentsIn(template: readonly Segment[], segments: readonly string[]): Record<string, string> {
  const args: Record<string, string> = {};
  template.forEach(({ literal, argument }, i) => {
    if (argument === undefined) return;
    try {
      args[argument] = decodeURIComponent(segments[i]!.slice(literal.length));
    } catch {
      throw malformed(`The path segment of ${argument} is not percent-encoded UTF-8.`);
    }
  });
  return args;
}

interface Places {
  readonly header: boolean;
  readonly query: boolean;
  readonly body: boolean;
}

function placesOf(op: OperationName, dialect: Dialect, only: TokenPlace | undefined): Places {
  const { token } = operation(op);
  const may = (place: TokenPlace) => token === true && (only === undefined || only === place);
  // Where the whole body is the model, `body` means the header, as it does for the client.
  const whole = routeOf(op, dialect)?.whole !== undefined;
  return { header: may('header') || (whole && may('body')), query: may('query'), body: !whole && may('body') };
}

function queryArguments(route: Route, query: URLSearchParams, places: Places): Record<string, string> {
  const args: Record<string, string> = {};
  for (const [name, value] of query) {
    if (!(route.query?.includes(name) || (places.query && name === 'client_token'))) throw unsupportedProperty(name);
    args[name] ??= value;
  }
  return args;
}

function bodyArguments(op: OperationName, route: Route, text: string, places: Places): Record<string, unknown> {
  const typeOf = (argument: string): FieldType => {
    if (argument === 'spec') return operation(op).spec ?? 'any';
    return argument === 'client_progress' || argument === 'progress' ? 'integer' : 'string';
  };
  const empty = text.trim() === '';
  if (route.whole !== undefined) {
    const body = acceptFields(
      { [route.whole]: typeOf(route.whole) },
      { [route.whole]: empty ? {} : json(text) },
      'body'
    );
    return body;
  }
  if (empty) return {};
  const names = { ...route.body, ...(places.body && { client_token: 'client_token' }) };
  const types = Object.fromEntries(Object.entries(names).map(([field, name]) => [field, typeOf(name)]));
  const taken = acceptFields(types, json(text), 'the body');
  return Object.fromEntries(Object.entries(taken).map(([field, value]) => [names[field as keyof typeof names], value]));
}

function headerToken({ headers }: IncomingRequest): { client_token?: string } {
  const token = headers['client-token'] ?? headers.client_token;
  return typeof token === 'string' ? { client_token: token } : {};
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw malformed('The body of the request is not JSON.');
  }
}

function malformed(text: string): Refusal {
  return new Refusal(wireError('INVALID_ARGUMENT', 'shelver.simulator.malformed_request', text));
}
