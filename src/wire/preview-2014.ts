// The dialect of 6.0, documented in 2014 as a preview: derived from the route in /rest by rule. An operation can be said in
// up to three ways: (1) as /rest says it, where that needs no action; (2) as a POST with the action, the id in the path;
// (3) as a POST with the action, the id among the parameters. Source: vCloud Suite SDK for REST 6.0.0.
import { type OperationName, operation, type Route } from './operations.ts';

export type RequestForm = 1 | 2 | 3;

/** What the service of 6.0 did not have yet, or never had. */
const ABSENT: ReadonlySet<OperationName> = new Set(['session.update', 'file.probe']);

/** Every way to say an operation, by the number of the form; none: 6.0 does not have it. Paths are the bare ones. */
export function formsOf(op: OperationName): ReadonlyMap<RequestForm, Route> {
  return FORMS.get(op) ?? remembered(op);
}

/** The way to say an operation that comes closest to the form that is wanted. */
export function formOf(op: OperationName, wanted: RequestForm = 1, args?: Readonly<Record<string, unknown>>) {
  const forms = [...formsOf(op)].filter(([, { path }]) => args === undefined || isSayable(path, args));
  return forms.toSorted(([a], [b]) => Math.abs(a - wanted) - Math.abs(b - wanted))[0]?.[1];
}

/** How XML names the operation: `Add`, in the namespace of its service. */
export function xmlNameOf(op: OperationName): { readonly stem: string; readonly namespace: string } {
  const { path } = operation(op).rest;
  const service = bare(path)
    .replace(/^\/(?:com\/vmware\/)?/, '')
    .replace(/\/id:.*$/, '')
    .replaceAll('-', '_');
  return { stem: stemOf(actionOf(op)), namespace: `http://vmware.com/${service}` };
}

const FORMS = new Map<OperationName, ReadonlyMap<RequestForm, Route>>();

function remembered(op: OperationName): ReadonlyMap<RequestForm, Route> {
  const forms = new Map<RequestForm, Route>(ABSENT.has(op) ? [] : derived(op));
  FORMS.set(op, forms);
  return forms;
}

function derived(op: OperationName): [RequestForm, Route][] {
  const { rest } = operation(op);
  const path = bare(rest.path);
  const [base = '', inPath] = path.split(/\/id:\{(\w+)\}$/);
  const action = actionOf(op);
  const id = inPath ?? (rest.query?.length === 1 ? rest.query[0] : undefined);
  const all: Route = { method: 'POST', path: base, action, ok: 200, ...(rest.body && { body: rest.body }) };
  const withId = { ...all.body, ...(id !== undefined && { [id]: id }) };
  const forms: [RequestForm, Route][] = [];
  if (rest.action === undefined) {
    const { tolerates: _, ...same } = rest;
    forms.push([1, { ...same, path }]);
  }
  forms.push([2, id === undefined ? all : { ...all, path: `${base}/id:{${id}}` }]);
  if (id !== undefined) forms.push([3, { ...all, body: withId }]);
  return forms;
}

/** The action that a POST names: that of /rest, or what its method means. */
function actionOf(op: OperationName): string {
  const { rest, result } = operation(op);
  if (rest.action !== undefined) return rest.action;
  if (rest.method === 'GET') return result === 'ids' || result === 'models' ? 'list' : 'get';
  return { POST: 'create', PATCH: 'update', DELETE: 'delete' }[rest.method];
}

/** `keep-alive` → `KeepAlive`. */
function stemOf(action: string): string {
  return action.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function bare(path: string): string {
  return path.replace(/^\/rest(?=\/)/, '');
}

function isSayable(path: string, args: Readonly<Record<string, unknown>>): boolean {
  const name = /\{(\w+)\}/.exec(path)?.[1];
  return name === undefined || args[name] !== undefined;
}
