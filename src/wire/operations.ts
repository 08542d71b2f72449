// The contract as data: every operation of the service, and how each dialect says it. The client reads the table one way,
// the simulator the other.
import { libraryOperations } from './library-operations.ts';
import type { ModelName } from './model-fields.ts';
import { sessionOperations } from './session-operations.ts';

/**
 * `api`: /api of 7.0 U2 and later, bare JSON. `rest`: /rest of 6.5 to 8.0, everything under `value`. `2014`: that of 6.0, which
 * is derived from `rest` (preview-2014.ts).
 */
export type Dialect = 'api' | 'rest' | '2014';

/** Arguments by their neutral names, which are the service's own: `update_session_id`, `spec`, `client_token` … */
export type WireArgs = Readonly<Record<string, unknown>>;

/** How one dialect says one operation. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** `{name}` stands for the argument, as (the rest of) one percent-encoded segment. */
  readonly path: string;
  /** The value of `?action=` (api) or `?~action=` (rest). */
  readonly action?: string;
  /** An action that clients send and servers take, although no specification has it. */
  readonly tolerates?: string;
  /** Status of success. */
  readonly ok: 200 | 201 | 204;
  /** Arguments that go into the query, under their own names. */
  readonly query?: readonly string[];
  /** A query argument whose presence tells this route from another of the same method and path. */
  readonly selectedBy?: string;
  /** Body field → argument. */
  readonly body?: Readonly<Record<string, string>>;
  /** The argument that is the whole body. */
  readonly whole?: string;
}

interface Said {
  /** The model of the argument `spec`. */
  readonly spec?: ModelName;
  /** Takes a client token: the same token again answers with the id that the first call made. */
  readonly token?: true;
  /** None: /api does not have it. */
  readonly api?: Route;
  readonly rest: Route;
}
/** An operation that answers with a model, or a list of it, says which: XML has no types of its own. */
export type Operation = Said &
  (
    | { readonly result: 'nothing' | 'id' | 'ids'; readonly model?: undefined }
    | { readonly result: 'model' | 'models'; readonly model: ModelName }
  );

export const operations = { ...sessionOperations, ...libraryOperations };

export type OperationName = keyof typeof operations;

/** All names, in the order of the table. */
export const operationNames = Object.keys(operations) as OperationName[];

/** The row of an operation, with every optional column. */
export function operation(name: OperationName): Operation {
  return operations[name];
}
