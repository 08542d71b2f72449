// How a dialect says an operation: by one route, by several, or not at all.
import type { Fields, FieldType } from './model-fields.ts';
import { type Dialect, type OperationName, operation, type Route } from './operations.ts';
import { formOf, formsOf } from './preview-2014.ts';

/** The route of an operation, the first where there are several; undefined: the dialect does not have it. */
export function routeOf(op: OperationName, dialect: Dialect): Route | undefined {
  return dialect === '2014' ? formOf(op) : operation(op)[dialect];
}

/** All routes of an operation. */
export function routesOf(op: OperationName, dialect: Dialect): readonly Route[] {
  if (dialect === '2014') return [...formsOf(op).values()];
  const { [dialect]: route } = operation(op);
  return route === undefined ? [] : [route];
}

/** The fields of a body, with their types; a client token is one of them where `2014` and /rest have it. */
export function bodyFields(op: OperationName, route: Route): Fields {
  const fields = Object.entries(route.body ?? {}).map(([field, name]) => [field, argumentType(op, name)] as const);
  return { ...Object.fromEntries(fields), ...(operation(op).token && { client_token: 'string' }) };
}

/** The type of an argument. */
export function argumentType(op: OperationName, argument: string): FieldType {
  if (argument === 'spec') return operation(op).spec ?? 'any';
  return argument === 'client_progress' || argument === 'progress' ? 'integer' : 'string';
}
