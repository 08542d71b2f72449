// Why no connection came about, as a failure. Nothing was sent, so none of these is ambiguous.
import { failure } from '../../../machines/vocabulary.ts';
import { PortFailure } from '../../ports.ts';

export interface Dialled {
  /** `host:port` */
  readonly place: string;
  readonly secure: boolean;
  /** Whether some connection came about before: then the address is right, and the trouble may pass. */
  readonly reached: boolean;
  /** `host:port` of the proxy, when there is one. */
  readonly proxy?: string;
}

/** @example `connectFailure(ECONNREFUSED, …).message` is `nobody answers at 127.0.0.1:1 (connection refused)`. */
export function connectFailure(error: Error, to: Dialled): PortFailure {
  const code = codeOf(error);
  const refusedByProxy = /^Bad response: (\d+)/.exec(error.message)?.[1];
  if (refusedByProxy) {
    return because(
      'CONNECTION',
      `the proxy ${to.proxy} does not connect to ${to.place} (it answered ${refusedByProxy})`,
      code,
      `ask whoever runs the proxy ${to.proxy}, or go without it: --proxy none`
    );
  }
  // Until the tunnel stands, it is the proxy that does not answer.
  const at = to.proxy === undefined ? to.place : `${to.place}, asked for through the proxy ${to.proxy}`;
  const next = to.proxy && adviceForProxy(to.proxy);
  if (code === 'ECONNREFUSED') return because('CONNECTION', `nobody answers at ${at} (connection refused)`, code, next);
  if (code === 'ENOTFOUND') {
    return because(to.reached ? 'CONNECTION' : 'BAD_ADDRESS', `there is no host of the name in ${at}`, code, next);
  }
  if (code === 'EAI_AGAIN') return because('CONNECTION', `the name in ${at} cannot be looked up now`, code, next);
  if (code === 'EHOSTUNREACH' || code === 'ENETUNREACH') {
    return because('CONNECTION', `there is no way to ${at} (host unreachable)`, code, next);
  }
  if (code === 'ETIMEDOUT') return because('TIMED_OUT', `could not connect to ${at} in time`, code, next);
  if (NOT_TLS.has(code)) {
    return because('NOT_THE_SERVICE', `${to.place} does not speak TLS: perhaps its address begins with http://`, code);
  }
  if (to.secure && CUT.has(code)) {
    return because('CONNECTION', `${at} closed the connection during the TLS handshake`, code, next);
  }
  return because('CONNECTION', `no connection to ${at} came about (${code})`, code, next);
}

const CUT = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED']);
const NOT_TLS = new Set([
  'EPROTO',
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  'ERR_SSL_HTTP_REQUEST',
  'ERR_SSL_UNEXPECTED_MESSAGE'
]);

/** @example `adviceForProxy('p:3128')` is `check that the proxy p:3128 is up and reachable, or go without it: --proxy none`. */
export function adviceForProxy(proxy: string): string {
  return `check that the proxy ${proxy} is up and reachable, or go without it: --proxy none`;
}

/** The code of a Node error; of an error that has none, its name. */
export function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

function because(
  code: 'CONNECTION' | 'BAD_ADDRESS' | 'TIMED_OUT' | 'NOT_THE_SERVICE',
  message: string,
  reason: string,
  next?: string
): PortFailure {
  // Not the error itself: those of Node and of got carry requests, headers and certificates.
  return new PortFailure(failure(code, message, next === undefined ? {} : { next }), { cause: new Error(reason) });
}
