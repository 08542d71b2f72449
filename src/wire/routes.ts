// How a dialect says an operation, and that some do not say some.
import { type Dialect, type OperationName, operation, type Route } from './operations.ts';

/** The route of an operation; undefined: the dialect does not have it. */
export function routeOf(op: OperationName, dialect: Dialect): Route | undefined {
  return operation(op)[dialect];
}
