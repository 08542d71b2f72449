// From an error answer to a Failure: by error type first, by status only where there is none; the sentence is the
// service's own.
import { bytesRefused, type Failure, type FailureCode, failure } from '../../machines/vocabulary.ts';
import { PortFailure } from '../ports.ts';
import type { ReceivedError, WireError } from './errors.ts';
import { INVALID_STATE_REASON, statusOf } from './errors.ts';
import type { Dialect } from './operations.ts';

/**
 * What an error answer means for the caller. `about` names the call: it begins the sentence when the service said none.
 *
 * @example `toFailure({ status: 500, errorType: 'RESOURCE_BUSY', messages: [] }, 'session.create').code` is
 * `'RESOURCE_BUSY'`.
 */
export function toFailure(
  error: ReceivedError,
  about: string,
  more: Pick<Failure, 'retryAfterMs' | 'ambiguous'> = {}
): Failure {
  const said = reasonIn(error) ?? error.messages.find(its => its.default_message !== '')?.default_message ?? error.text;
  const sentence = said === undefined ? undefined : withoutUploadUris(firstSentence(said));
  return failure(
    codeOf(error),
    sentence || `${about} was answered with ${error.errorType ?? `status ${error.status}`}`,
    {
      ...more,
      // A gateway that got no answer does not know what became of the call.
      ...(error.status === 502 && error.errorType === undefined && { ambiguous: true }),
      service: {
        ...(error.errorType !== undefined && { errorType: error.errorType }),
        status: error.status,
        messages: error.messages.map(message => ({
          ...message,
          default_message: withoutUploadUris(message.default_message),
          args: message.args.map(withoutUploadUris)
        }))
      }
    }
  );
}

/** That a session is in ERROR says little: what is said first is why. */
function reasonIn({ messages }: ReceivedError): string | undefined {
  return messages.find(({ id }) => id === INVALID_STATE_REASON)?.args[2] || undefined;
}

/** What an error answer to a PUT of bytes means: whatever it is called there, a PUT has no arguments that could be wrong. */
export function toPushFailure(...[error, about, more]: Parameters<typeof toFailure>): Failure {
  const its = toFailure(error, about, more);
  return its.code === 'INVALID_ARGUMENT' ? { ...its, code: bytesRefused(its.message) } : its;
}

/** The error of a service that is called without HTTP, as a port throws it. */
export function portFailure(dialect: Dialect, error: WireError, about: string): PortFailure {
  const { error_type: errorType, messages } = error;
  return new PortFailure(toFailure({ status: statusOf(dialect, errorType), errorType, messages }, about));
}

/** Reads Retry-After in either form; `now` is the server's clock (its Date header) where it is known. */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined || header.trim() === '') return undefined;
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

function codeOf({ status, errorType, messages }: ReceivedError): FailureCode {
  if (messages.some(message => message.id === 'com.vmware.vapi.rest.httpNotFound')) return 'NOT_THE_SERVICE';
  if (errorType !== undefined && Object.hasOwn(BY_TYPE, errorType)) return BY_TYPE[errorType]!;
  return BY_STATUS[status] ?? (status >= 500 ? 'SERVER_ERROR' : status >= 400 ? 'INVALID_ARGUMENT' : 'NOT_THE_SERVICE');
}

const BY_TYPE: Readonly<Record<string, FailureCode>> = {
  ALREADY_EXISTS: 'ALREADY_EXISTS',
  ALREADY_IN_DESIRED_STATE: 'NOT_ALLOWED_IN_CURRENT_STATE',
  CONCURRENT_CHANGE: 'CONCURRENT_CHANGE',
  ERROR: 'SERVER_ERROR',
  FEATURE_IN_USE: 'NOT_ALLOWED_IN_CURRENT_STATE',
  INTERNAL_SERVER_ERROR: 'SERVER_ERROR',
  INVALID_ARGUMENT: 'INVALID_ARGUMENT',
  INVALID_ELEMENT_CONFIGURATION: 'INVALID_ARGUMENT',
  INVALID_ELEMENT_TYPE: 'INVALID_ELEMENT_TYPE',
  INVALID_REQUEST: 'INVALID_ARGUMENT',
  NOT_ALLOWED_IN_CURRENT_STATE: 'NOT_ALLOWED_IN_CURRENT_STATE',
  NOT_FOUND: 'NOT_FOUND',
  OPERATION_NOT_FOUND: 'UNSUPPORTED',
  RESOURCE_BUSY: 'RESOURCE_BUSY',
  RESOURCE_IN_USE: 'NOT_ALLOWED_IN_CURRENT_STATE',
  RESOURCE_INACCESSIBLE: 'SERVER_ERROR',
  SERVICE_UNAVAILABLE: 'UNAVAILABLE',
  TIMED_OUT: 'TIMED_OUT',
  UNABLE_TO_ALLOCATE_RESOURCE: 'UNAVAILABLE',
  UNAUTHENTICATED: 'UNAUTHENTICATED',
  UNAUTHORIZED: 'UNAUTHORIZED',
  UNEXPECTED_INPUT: 'INVALID_ARGUMENT',
  UNSUPPORTED: 'UNSUPPORTED'
};

const BY_STATUS: Readonly<Record<number, FailureCode>> = {
  401: 'UNAUTHENTICATED',
  403: 'UNAUTHORIZED',
  404: 'NOT_FOUND',
  408: 'TIMED_OUT',
  // One generation of the documentation prints this status for a wrong state.
  409: 'NOT_ALLOWED_IN_CURRENT_STATE',
  429: 'UNAVAILABLE',
  501: 'UNSUPPORTED',
  502: 'UNAVAILABLE',
  503: 'UNAVAILABLE',
  504: 'TIMED_OUT'
};

/** Up to the first full stop that ends a sentence; a name such as `disk.vmdk` is none. */
function firstSentence(text: string): string {
  const line = text.trim().split(/[\r\n]/, 1)[0]!;
  return (/^.*?[.!?](?=\s+\p{Lu})/u.exec(line)?.[0] ?? line).slice(0, 500);
}

/** An upload URI is a capability: its secret part is never shown. */
export function withoutUploadUris(text: string): string {
  return text.replace(/(\/cis\/data|\/cls\/data)\/[^\s/]+/g, '$1/…');
}
