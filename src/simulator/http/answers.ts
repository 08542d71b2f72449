// What goes back over the socket: JSON, XML, errors, and the ways not to answer.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../ports.ts';
import { type ErrorStyle, encodeError } from '../../wire/error-answers.ts';
import type { WireError } from '../../wire/errors.ts';
import { MEDIA_TYPES } from '../../wire/media.ts';
import type { Dialect } from '../../wire/operations.ts';
import { faultError } from '../fault-error.ts';
import type { FaultOf } from '../faults.ts';

export interface Answer {
  readonly status: number;
  /** To be sent as JSON; `undefined`: no body. */
  readonly body?: unknown;
  /** To be sent as XML. */
  readonly xml?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** After an early answer that many bytes of the body are still read, so that the client can read the answer. */
const LINGER_BYTES = 64 * 1024 * 1024;

/** The answer to a request whose body has been read, or has none. */
export function send(res: ServerResponse, { status, body, xml, headers }: Answer): void {
  if (res.destroyed) return;
  if (body === undefined && xml === undefined) {
    res.writeHead(status, { ...headers, ...(status !== 204 && { 'content-length': 0 }) });
    res.end();
    return;
  }
  const text = xml ?? JSON.stringify(body);
  res.writeHead(status, {
    'content-type': MEDIA_TYPES[xml === undefined ? 'json' : 'xml'],
    'content-length': Buffer.byteLength(text),
    ...headers
  });
  res.end(text);
}

/**
 * The answer to a request whose body is still coming. The rest is read and thrown away: to close while bytes are unread
 * would reset the connection, and the client might never see the answer.
 */
export function sendEarly(req: IncomingMessage, res: ServerResponse, answer: Answer): void {
  send(res, answer);
  let discarded = 0;
  // whoever read the body before lets go of it in this tick
  setImmediate(() => {
    req.on('data', (chunk: Uint8Array) => {
      discarded += chunk.length;
      if (discarded > LINGER_BYTES) req.socket.destroy();
    });
    req.on('error', () => undefined);
    req.resume();
  });
}

export function errorAnswer(dialect: Dialect, error: WireError, style?: ErrorStyle): Answer {
  return encodeError(dialect, error, style);
}

/** What a fault of the plan answers instead of acting. */
export function faultAnswer(dialect: Dialect, fault: FaultOf<'answer'>, clock: Clock, style?: ErrorStyle): Answer {
  const answer = encodeError(dialect, faultError(fault), style);
  return { ...answer, status: fault.status, headers: retryAfter(fault, clock) };
}

/** Breaks the connection as a crashed peer does. */
export function breakOff(req: IncomingMessage): void {
  const { socket } = req;
  // under TLS the socket below is not to be had
  if ('encrypted' in socket) socket.destroy();
  else socket.resetAndDestroy();
}

function retryAfter({ retryAfter: seconds, retryAfterAs }: FaultOf<'answer'>, clock: Clock): Record<string, string> {
  if (seconds === undefined) return {};
  const asDate = retryAfterAs === 'date';
  return { 'retry-after': asDate ? new Date(clock.now() + seconds * 1000).toUTCString() : String(seconds) };
}
