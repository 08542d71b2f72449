// Requests as the simulator reads them: which operation it is, in which dialect, with which arguments. Lenient where live
// servers are (three places for a token, `%7Eaction`, null for unset), strict where they are (unknown properties).
import { actionKey, type TokenPlace } from './codec.ts';
import { Refusal, type WireError } from './errors.ts';
import { acceptFields, unsupportedProperty } from './fields.ts';
import { type Pair, readForm, readPairs } from './form.ts';
import { readJson } from './json.ts';
import { type Encoding, encodingOf } from './media.ts';
import type { Fields } from './model-fields.ts';
import { type Dialect, type OperationName, operation, type Route, type WireArgs } from './operations.ts';
import { xmlNameOf } from './preview-2014.ts';
import { argumentsIn, findRoute, malformed } from './route-table.ts';
import { argumentType } from './routes.ts';
import { readFields } from './xml-fields.ts';

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

export interface Reading {
  /** Narrows where a client token is looked for; without it, every place that any documentation names is. */
  readonly tokenPlace?: TokenPlace;
  /** Whatever the path looks like: that of `2014` looks like that of `rest`. */
  readonly dialect?: Dialect;
  /** What a body may be written in, by its Content-Type; whatever else it says, it is JSON. */
  readonly encodings?: readonly Encoding[];
}

/** Reads a request; undefined when no operation has this method and path. */
export function decodeRequest(request: IncomingRequest, reading: Reading = {}): DecodedRequest | undefined {
  const at = request.url.indexOf('?');
  const path = at < 0 ? request.url : request.url.slice(0, at);
  const text = at < 0 ? '' : request.url.slice(at + 1);
  const { dialect = dialectOf(path) } = reading;
  const key = actionKey(dialect);
  const query = new URLSearchParams(text);
  const segments = (dialect === '2014' ? path.replace(/^\/rest(?=\/)/, '') : path).split('/');
  const found = findRoute(dialect, {
    method: request.method,
    segments,
    action: query.get(key) ?? undefined,
    has: name => query.has(name)
  });
  if (found === undefined) return undefined;
  const { op, route } = found;
  try {
    const places = placesOf(op, route, reading.tokenPlace);
    const fromPath = argumentsIn(found.segments, segments);
    query.delete(key);
    const encoding = encodingIn(request, dialect, reading);
    const body = request.body ?? '';
    const said =
      dialect === '2014'
        ? withoutPrintedNames(previewArguments(op, route, text, body, encoding, places))
        : { ...queryArguments(route, query, places), ...bodyArguments(op, route, body, encoding, places) };
    const header = places.header ? headerToken(request) : {};
    return { op, dialect, args: { ...header, ...said, ...fromPath } };
  } catch (cause) {
    if (cause instanceof Refusal) return { op, dialect, error: cause.error };
    throw cause;
  }
}

/** The dialect that a path is in, if the server is none of 6.0; what is in none is answered as `/api` would. */
export function dialectOf(path: string): Dialect {
  if (path.startsWith('/rest/')) return 'rest';
  return path.startsWith('/com/vmware/') ? '2014' : 'api';
}

interface Places {
  readonly header: boolean;
  readonly query: boolean;
  readonly body: boolean;
}

function placesOf(op: OperationName, route: Route, only: TokenPlace | undefined): Places {
  const { token } = operation(op);
  const may = (place: TokenPlace) => token === true && (only === undefined || only === place);
  // Where the whole body is the model, `body` means the header, as it does for the client.
  const whole = route.whole !== undefined;
  return { header: may('header') || (whole && may('body')), query: may('query'), body: !whole && may('body') };
}

function encodingIn({ headers }: IncomingRequest, dialect: Dialect, reading: Reading): Encoding {
  const { 'content-type': type } = headers;
  const encoding = encodingOf(typeof type === 'string' ? type : undefined);
  const { encodings = dialect === '2014' ? (['json', 'xml', 'form'] as const) : (['json'] as const) } = reading;
  return (encodings as readonly Encoding[]).includes(encoding) ? encoding : 'json';
}

function queryArguments(route: Route, query: URLSearchParams, places: Places): Record<string, string> {
  const args: Record<string, string> = {};
  for (const [name, value] of query) {
    if (!(route.query?.includes(name) || (places.query && name === 'client_token'))) throw unsupportedProperty(name);
    args[name] ??= value;
  }
  return args;
}

function bodyArguments(op: OperationName, route: Route, text: string, encoding: Encoding, places: Places) {
  const empty = text.trim() === '';
  if (route.whole !== undefined) {
    const types = { [route.whole]: argumentType(op, route.whole) };
    return acceptFields(types, { [route.whole]: empty ? {} : json(text) }, 'body');
  }
  if (empty) return {};
  const { names, fields } = namesOf(op, route, places);
  const value = encoding === 'xml' ? readFields(text, inputOf(op), fields) : json(text);
  return renamed(acceptFields(fields, value, 'the body'), names);
}

/** In 2014 the query may say what the body may, as a form; what both say is an error. */
function previewArguments(
  op: OperationName,
  route: Route,
  query: string,
  text: string,
  encoding: Encoding,
  places: Places
): Record<string, unknown> {
  const { names, fields } = namesOf(op, route, places);
  const isForm = encoding === 'form';
  const pairs: Pair[] = readPairs(query).filter(([path]) => path.join('.') !== '~action');
  if (isForm) pairs.push(...readPairs(text));
  const fromPairs = acceptFields(fields, readForm(pairs, fields), 'the form');
  if (isForm || text.trim() === '') return renamed(fromPairs, names);
  const value = encoding === 'xml' ? readFields(text, inputOf(op), fields) : json(text);
  const fromBody = acceptFields(fields, value, 'the body');
  const twice = Object.keys(fromBody).find(name => Object.hasOwn(fromPairs, name));
  if (twice !== undefined) throw malformed(`The property ${twice} stands both in the query and in the body.`);
  return renamed({ ...fromPairs, ...fromBody }, names);
}

/** The fields that a body may have: what each is called among the arguments, and of which type it is. */
function namesOf(op: OperationName, route: Route, places: Places) {
  const inQuery = route.method === 'GET' ? Object.fromEntries((route.query ?? []).map(name => [name, name])) : {};
  const names: Readonly<Record<string, string>> = {
    ...inQuery,
    ...route.body,
    ...(places.body && { client_token: 'client_token' })
  };
  const fields: Fields = Object.fromEntries(
    Object.entries(names).map(([field, name]) => [field, argumentType(op, name)] as const)
  );
  return { names, fields };
}

function renamed(taken: Readonly<Record<string, unknown>>, names: Readonly<Record<string, string>>) {
  return Object.fromEntries(Object.entries(taken).map(([field, value]) => [names[field]!, value]));
}

function inputOf(op: OperationName) {
  const { stem, namespace } = xmlNameOf(op);
  return { root: `${stem}-Input`, namespace };
}

/** The documentation of 2014 prints SHA1 as `SH_a1`, as its generator wrote names. */
function withoutPrintedNames(args: Record<string, unknown>): Record<string, unknown> {
  const { spec } = args;
  const info = isObject(spec) ? spec.checksum_info : undefined;
  if (!isObject(spec) || !isObject(info) || !/^sh_a1$/i.test(String(info.algorithm))) return args;
  return { ...args, spec: { ...spec, checksum_info: { ...info, algorithm: 'SHA1' } } };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function headerToken({ headers }: IncomingRequest): { client_token?: string } {
  const token = headers['client-token'] ?? headers.client_token;
  return typeof token === 'string' ? { client_token: token } : {};
}

function json(text: string): unknown {
  try {
    return readJson(text);
  } catch {
    throw malformed('The body of the request is not JSON.');
  }
}
