// Requests and results between neutral arguments and the wire, both ways. The client encodes requests and decodes results,
// the simulator decodes requests and encodes results; both read the one table.

import { failure } from '../../machines/vocabulary.ts';
import { PortFailure, type ServerProfile } from '../ports.ts';
import { isRecord } from './errors.ts';
import { type Dialect, type OperationName, operation, type Route, type WireArgs } from './operations.ts';
import { routeOf } from './routes.ts';

export type TokenPlace = ServerProfile['tokenPlace'];

export interface WireRequest {
  readonly method: Route['method'];
  /** With the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** To be sent as JSON. */
  readonly body?: unknown;
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
  options: { readonly tokenPlace: TokenPlace }
): WireRequest {
  const route = routeOf(op, dialect);
  if (route === undefined) throw new PortFailure(failure('UNSUPPORTED', `there is no ${op} in /${dialect}`));
  const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) => segment(String(args[name])));
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
  return {
    method: route.method,
    path: query.length > 0 ? `${path}?${query.join('&')}` : path,
    headers,
    ...(sent && { body })
  };
}

/** A result for the simulator to answer with: bare in /api, under `value` in /rest, nothing for nothing. */
export function encodeResult(op: OperationName, dialect: Dialect, value: unknown): { status: number; body?: unknown } {
  const status = routeOf(op, dialect)?.ok ?? 200;
  if (operation(op).result === 'nothing') return { status };
  return { status, body: dialect === 'api' ? value : { value } };
}

/**
 * The value in an answer, for the client: undefined where the operation answers with nothing, or the server with none; an
 * empty list where it says null. Throws `PortFailure` NOT_THE_SERVICE when a value is needed and the text is not JSON.
 */
export function decodeResult(op: OperationName, dialect: Dialect, body: string | undefined): unknown {
  const { result } = operation(op);
  if (result === 'nothing') return undefined;
  const parsed = body === undefined || body.trim() === '' ? undefined : parse(op, body);
  const value = dialect === 'rest' && isRecord(parsed) && Object.hasOwn(parsed, 'value') ? parsed.value : parsed;
  if (result === 'ids' || result === 'models') return value ?? [];
  return value ?? undefined;
}

export function actionKey(dialect: Dialect): string {
  return dialect === 'rest' ? '~action' : 'action';
}

function parse(op: OperationName, body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw new PortFailure(failure('NOT_THE_SERVICE', `the answer to ${op} is not JSON`), { cause });
  }
}

/** One path segment; ids of real servers contain a colon, which may stand as it is. */
function segment(text: string): string {
  return encodeURIComponent(text).replaceAll('%3A', ':');
}
