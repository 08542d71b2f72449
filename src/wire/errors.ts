// Errors of the service: what it says when it refuses, and the status that each dialect gives it.
import type { ServiceMessage } from '../../machines/vocabulary.ts';
import type { Dialect } from './operations.ts';

/** An error of the service, independent of dialect. */
export interface WireError {
  /** Upper case: `RESOURCE_BUSY`. */
  readonly error_type: string;
  readonly messages: readonly ServiceMessage[];
  readonly data?: unknown;
}

/** What could be read of an error answer. */
export interface ReceivedError {
  readonly status: number;
  readonly errorType?: string;
  readonly messages: readonly ServiceMessage[];
  /** The first line of a plain-text body. */
  readonly text?: string;
}

/** How code inside the service says no; it never leaves the service or the codec. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly error: WireError;
  constructor(error: WireError) {
    super(error.messages[0]?.default_message ?? error.error_type);
    this.error = error;
  }
}

/** @example `wireError('NOT_FOUND', 'shelver.simulator.no_such_item', 'There is no item x.', 'x')` */
export function wireError(error_type: string, id: string, default_message: string, ...args: string[]): WireError {
  return { error_type, messages: [{ id, default_message, args }] };
}

/**
 * Id of the message that an operation is refused with because its update session is in ERROR; its third argument is why (seen of
 * real servers: vmware/govmomi#3319).
 */
export const INVALID_STATE_REASON = 'com.vmware.vdcs.cls-main.update_session_invalid_state_for_operation_reason';

/** No operation of the service has this method and path. */
export function noSuchRoute(path: string): WireError {
  return wireError('OPERATION_NOT_FOUND', 'com.vmware.vapi.rest.httpNotFound', 'Not found.', path);
}

/** Servers of 6.0 and 6.5 said it in other words. */
export function unauthenticated(dialect?: Dialect): WireError {
  if (dialect === '2014') {
    const id = 'vapi.method.authentication.required';
    return wireError('UNAUTHENTICATED', id, 'This method requires authentication.');
  }
  return wireError(
    'UNAUTHENTICATED',
    'com.vmware.vapi.endpoint.method.authentication.required',
    'Authentication required.'
  );
}

/** The status of an error. @example `statusOf('api', 'RESOURCE_BUSY')` is 500, `statusOf('rest', 'RESOURCE_BUSY')` 400. */
export function statusOf(dialect: Dialect, errorType: string): number {
  const row = Object.hasOwn(STATUS, errorType) ? STATUS[errorType] : undefined;
  return row?.[dialect === 'api' ? 'api' : 'rest'] ?? 400;
}

/** LocalizableMessage, tolerant: what is not there is empty. */
export function serviceMessage(value: unknown): ServiceMessage | undefined {
  if (!isRecord(value)) return undefined;
  return {
    id: typeof value.id === 'string' ? value.id : '',
    default_message: typeof value.default_message === 'string' ? value.default_message : '',
    args: Array.isArray(value.args) ? value.args.map(asText) : []
  };
}

/** Whatever stands where a text should. `String` would ask the value itself, whose `toString` may be anything. */
export function asText(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** All that are not named here are 400 in every dialect; that of 2014 has the statuses of /rest. */
const STATUS: Readonly<Record<string, Readonly<Record<'api' | 'rest', number>>>> = {
  CONCURRENT_CHANGE: { api: 409, rest: 400 },
  ERROR: { api: 500, rest: 400 },
  INTERNAL_SERVER_ERROR: { api: 500, rest: 500 },
  NOT_FOUND: { api: 404, rest: 404 },
  OPERATION_NOT_FOUND: { api: 404, rest: 404 },
  RESOURCE_BUSY: { api: 500, rest: 400 },
  RESOURCE_INACCESSIBLE: { api: 500, rest: 400 },
  SERVICE_UNAVAILABLE: { api: 503, rest: 503 },
  TIMED_OUT: { api: 500, rest: 504 },
  UNABLE_TO_ALLOCATE_RESOURCE: { api: 500, rest: 400 },
  UNAUTHENTICATED: { api: 401, rest: 401 },
  UNAUTHORIZED: { api: 403, rest: 403 }
};
