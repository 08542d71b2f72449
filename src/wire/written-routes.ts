// How the tables of operations write routes down: what is the same in all routes of a dialect is said here.
import type { Route } from './operations.ts';

export function api(method: Route['method'], path: string, ok: Route['ok'], more: Partial<Route> = {}): Route {
  return { method, path: `/api/content${path}`, ok, ...more };
}

/** In /rest every success is 200, and an id in the path stands behind the literal `id:`. */
export function rest(method: Route['method'], path: string, more: Partial<Route> = {}): Route {
  return { method, path: `/rest/com/vmware/content${path.replace('{', 'id:{')}`, ok: 200, ...more };
}

/** A POST with an action, said alike in both dialects. */
export function both(result: 'nothing', path: string, ok: Route['ok'], more: Partial<Route>) {
  return { result, api: api('POST', path, ok, more), rest: rest('POST', path, more) };
}
