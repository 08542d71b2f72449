// Requests and results between neutral arguments and the wire, both ways. The client encodes requests and decodes results,
// the simulator decodes requests and encodes results; both read the one table.

import { failure } from '../../machines/vocabulary.ts';
import { PortFailure, type ServerProfile } from '../ports.ts';
import type { Written } from './error-answers.ts';
import { isRecord, Refusal } from './errors.ts';
import { writeForm } from './form.ts';
import { readJson } from './json.ts';
import { type Encoding, MEDIA_TYPES } from './media.ts';
import type { Fields, FieldType } from './model-fields.ts';
import { type Dialect, type OperationName, operation, type Route, type WireArgs } from './operations.ts';
import { formOf, type RequestForm, xmlNameOf } from './preview-2014.ts';
import { bodyFields, routeOf } from './routes.ts';
import { readAnswer, writeFields } from './xml-fields.ts';

export type TokenPlace = ServerProfile['tokenPlace'];

export interface WireRequest {
  readonly method: Route['method'];
  /** With the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** To be sent as JSON. */
  readonly body?: unknown;
  /** To be sent as it is; `headers` say what it is. */
  readonly text?: string;
}

/** How a client words its requests in the dialect of 2014, which knows several ways. */
export interface Wording {
  /** Of a body, and for XML of the answer as well. JSON unless said otherwise. */
  readonly encoding?: Encoding;
  /** Which of the documented forms of a request to send, where an operation has it; the first unless said otherwise. */
  readonly form?: RequestForm;
  /** Without `/rest` before the path, as it is printed. */
  readonly bare?: boolean;
}

/**
 * A request for the client to send; `PortFailure` UNSUPPORTED where the dialect has no such operation. Arguments that are undefined are left out; a `client_token` goes where the server
 * looks for it, and nowhere if it knows none.
 *
 * @example `encodeRequest('session.complete', 'api', { update_session_id: 'u' }, { tokenPlace: 'header' }).path` is
 * `/api/content/library/item/update-session/u?action=complete`.
 */
export function encodeRequest(
  op: OperationName,
  dialect: Dialect,
  args: WireArgs,
  options: { readonly tokenPlace: TokenPlace; readonly wording?: Wording }
): WireRequest {
  const { encoding = 'json', form, bare = false } = options.wording ?? {};
  const route = dialect === '2014' ? formOf(op, form, args) : routeOf(op, dialect);
  if (route === undefined) throw new PortFailure(failure('UNSUPPORTED', `there is no ${op} in the dialect ${dialect}`));
  const root = dialect === '2014' && !bare ? '/rest' : '';
  const path = `${root}${route.path}`.replace(/\{(\w+)\}/g, (_, name: string) => segment(String(args[name])));
  const query: string[] = [];
  if (route.action !== undefined) query.push(`${actionKey(dialect)}=${route.action}`);
  for (const name of route.query ?? []) {
    if (args[name] !== undefined) query.push(`${name}=${encodeURIComponent(String(args[name]))}`);
  }
  const headers: Record<string, string> = {};
  const fields: Record<string, unknown> = {};
  const token = args.client_token;
  if (token !== undefined && operation(op).token) {
    // A body that is the model itself has no room for a token: then the header, as in the current documentation.
    const place = options.tokenPlace === 'body' && route.whole !== undefined ? 'header' : options.tokenPlace;
    if (place === 'header') headers['client-token'] = String(token);
    if (place === 'query') query.push(`client_token=${encodeURIComponent(String(token))}`);
    if (place === 'body') fields.client_token = token;
  }
  for (const [field, name] of Object.entries(route.body ?? {})) {
    if (args[name] !== undefined) fields[field] = args[name];
  }
  const body = route.whole === undefined ? fields : args[route.whole];
  const sent = route.whole !== undefined || Object.keys(fields).length > 0;
  const request = { method: route.method, path: query.length > 0 ? `${path}?${query.join('&')}` : path };
  if (dialect !== '2014' || encoding === 'json') return { ...request, headers, ...(sent && { body }) };
  if (encoding === 'xml') headers.accept = MEDIA_TYPES.xml;
  if (!sent) return { ...request, headers };
  headers['content-type'] = MEDIA_TYPES[encoding];
  return {
    ...request,
    headers,
    text: encoding === 'xml' ? xmlOf(op, fields) : writeForm(bodyFields(op, route), fields)
  };
}

/**
 * A result for the simulator to answer with: bare in /api, under `value` in the others, where XML may be wanted; nothing for
 * nothing.
 */
export function encodeResult(
  op: OperationName,
  dialect: Dialect,
  value: unknown,
  as: 'json' | 'xml' = 'json'
): Written {
  const status = routeOf(op, dialect)?.ok ?? 200;
  if (operation(op).result === 'nothing') return { status };
  if (dialect === 'api') return { status, body: value };
  if (as === 'json') return { status, body: { value } };
  const { stem, namespace } = xmlNameOf(op);
  return { status, xml: writeFields({ root: `${stem}-Result`, namespace }, { value }, 'replace') };
}

/**
 * The value in an answer, for the client: undefined where the operation answers with nothing, or the server with none; an
 * empty list where it says null. Throws `PortFailure` NOT_THE_SERVICE when a value is needed and the text is neither JSON
 * nor, in the dialect of 2014, XML.
 */
export function decodeResult(op: OperationName, dialect: Dialect, body: string | undefined): unknown {
  const { result } = operation(op);
  if (result === 'nothing') return undefined;
  const parsed = body === undefined || body.trim() === '' ? undefined : parse(op, dialect, body);
  const value = dialect !== 'api' && isRecord(parsed) && Object.hasOwn(parsed, 'value') ? parsed.value : parsed;
  if (result === 'ids' || result === 'models') return value ?? [];
  return value ?? undefined;
}

export function actionKey(dialect: Dialect): string {
  return dialect === 'api' ? 'action' : '~action';
}

function parse(op: OperationName, dialect: Dialect, body: string): unknown {
  try {
    if (dialect === '2014' && body.trimStart().startsWith('<')) {
      return { value: undefined, ...readAnswer(body, `${xmlNameOf(op).stem}-Result`, valueFields(op)) };
    }
    return readJson(body);
  } catch (cause) {
    const why = cause instanceof Refusal ? 'is no result of the service' : 'is not JSON';
    throw new PortFailure(failure('NOT_THE_SERVICE', `the answer to ${op} ${why}`), { cause });
  }
}

function valueFields(op: OperationName): Fields {
  const { result, model = 'any' } = operation(op);
  const types: Readonly<Record<typeof result, FieldType>> = {
    nothing: 'any',
    id: 'string',
    ids: ['string'],
    model,
    models: [model]
  };
  return { value: types[result] };
}

function xmlOf(op: OperationName, fields: Readonly<Record<string, unknown>>): string {
  const { stem, namespace } = xmlNameOf(op);
  return writeFields({ root: `${stem}-Input`, namespace }, fields, name => {
    const message = `the ${name} of ${op} has a character that XML cannot carry: say it in JSON`;
    return new PortFailure(failure('INVALID_ARGUMENT', message));
  });
}

/** One path segment; ids of real servers contain a colon, which may stand as it is. */
function segment(text: string): string {
  return encodeURIComponent(text).replaceAll('%3A', ':');
}
