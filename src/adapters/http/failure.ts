// Every way in which a request can fail without an answer, as a failure: the table from codes of got and Node to ours.
// Causes are new, bare errors: those of got carry options, and with them passwords and session ids.
import { RequestError, TimeoutError } from 'got';
import { failure } from '../../../machines/vocabulary.ts';
import { PortFailure } from '../../ports.ts';
import { codeOf } from './connect-failure.ts';

export interface Asked {
  readonly method: string;
  /** `host:port` */
  readonly place: string;
  readonly secure: boolean;
  /** Whether this place answered before: then it is no wrong port. */
  readonly answered?: boolean;
}

/**
 * What a thrown error means for the caller. It is ambiguous for everything but a GET, because the server may have acted;
 * an error of connecting comes out of the agent as a `PortFailure` and is passed on as it is.
 */
export function failureOf(error: unknown, asked: Asked, signal?: AbortSignal): PortFailure {
  const known = portFailureIn(error);
  if (known) return known;
  const maybe = asked.method === 'GET' ? {} : { ambiguous: true };
  const fail = (code: Parameters<typeof failure>[0], message: string) =>
    new PortFailure(failure(code, message, maybe), { cause: new Error(reason) });
  const reason = error instanceof Error ? codeOf(error) : typeof error;
  const at = asked.place;
  if (signal?.aborted) return fail('CANCELED', `the call to ${at} was canceled`);
  if (error instanceof TimeoutError) {
    if (error.event === 'response') return fail('TIMED_OUT', `${at} did not answer in time`);
    if (error.event === 'read') return fail('TIMED_OUT', `${at} did not come to the end of its answer in time`);
    return fail('STALLED', `the connection to ${at} stood still for too long`);
  }
  if (reason.startsWith('HPE_')) {
    const hint = asked.secure || asked.answered ? '' : ': perhaps its address begins with https://';
    return fail('NOT_THE_SERVICE', `${at} does not answer in HTTP${hint}`);
  }
  if (BROKEN.has(reason)) {
    const hint = asked.secure || asked.answered ? '' : ' (if it speaks TLS, its address begins with https://)';
    return fail('CONNECTION', `${at} broke the connection before its answer was complete${hint}`);
  }
  if (reason.startsWith('Z_') || reason.startsWith('ERR__')) {
    return fail('SERVER_ERROR', `the answer of ${at} cannot be decompressed`);
  }
  return fail('CONNECTION', `the connection to ${at} failed (${reason})`);
}

/** The failure that was thrown below got, if it was: got wraps what agents and streams throw. */
export function portFailureIn(error: unknown): PortFailure | undefined {
  if (error instanceof PortFailure) return error;
  return error instanceof RequestError ? portFailureIn(error.cause) : undefined;
}

const BROKEN = new Set([
  'ECONNRESET',
  'EPIPE',
  'ECONNABORTED',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ERR_HTTP_CONTENT_LENGTH_MISMATCH',
  'ERR_STREAM_DESTROYED'
]);
