// A request of the simulator's own: to a source that it shall fetch, with every redirect looked at like the first address.
import { type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import { PullFailure, type SeenCertificate } from '../pull/failure.ts';
import type { PullPolicy } from '../pull/options.ts';
import type { PullSource } from '../pull/source.ts';
import type { Endpoint } from '../service/state.ts';
import { idleAtMost, mayRest } from './idle.ts';
import { broken, connectTo, type Pin, stalledFor } from './pull-connect.ts';

export interface Answered {
  readonly status: number;
  /** As announced, in bytes. */
  readonly size?: number;
  /** Of the address that was asked for, not of one that it redirected to. */
  readonly certificate?: SeenCertificate;
  readonly response: IncomingMessage;
  readonly socket: Socket;
}

/** The bytes behind an address. Anything but a 200 is a failure. */
export async function requestSource(policy: PullPolicy, endpoint: Endpoint, signal: AbortSignal): Promise<PullSource> {
  const { status, size, response, socket } = await ask(policy, 'GET', endpoint, signal);
  const encoding = response.headers['content-encoding'] ?? 'identity';
  if (status !== 200 || encoding !== 'identity') {
    response.destroy();
    if (status === 200) throw new PullFailure(`the source sends it encoded (${word(encoding)})`);
    throw statusFailure(status);
  }
  return {
    ...(size !== undefined && { size }),
    chunks: chunksOf(response, socket, policy.stallMs),
    close: () => {
      response.destroy();
    }
  };
}

export function statusFailure(status: number): PullFailure {
  const passing = status >= 500 || status === 408 || status === 429;
  return new PullFailure(`the source answered with status ${status}`, { passing });
}

/**
 * Asks, and follows redirects. The body of the answer is left to the caller, who has to read or destroy it.
 *
 * @throws `PullFailure`; what `signal` was aborted with.
 */
export async function ask(
  policy: PullPolicy,
  method: 'GET' | 'HEAD',
  endpoint: Endpoint,
  signal: AbortSignal
): Promise<Answered> {
  const first = checked(policy, urlOf(endpoint.uri));
  let certificate: SeenCertificate | undefined;
  let url = first;
  for (let hops = 0; ; hops++) {
    // What the client said of a certificate it said of the host that it named.
    const pin = url.origin === first.origin ? pinOf(endpoint) : undefined;
    const connected = await connectTo(policy, url, pin, signal);
    if (hops === 0) certificate = connected.certificate;
    const response = await answerOf(connected.socket, method, url, policy.stallMs, signal);
    const status = response.statusCode!;
    const { location } = response.headers;
    if (!REDIRECTS.has(status) || location === undefined) {
      const length = Number(response.headers['content-length'] ?? Number.NaN);
      return {
        status,
        response,
        socket: connected.socket,
        ...(Number.isSafeInteger(length) && { size: length }),
        ...(certificate !== undefined && { certificate })
      };
    }
    response.destroy();
    if (hops >= policy.maxRedirects) {
      throw new PullFailure(`the source redirects more than ${policy.maxRedirects} times`);
    }
    const next = checked(policy, urlOf(location, url));
    if (url.protocol === 'https:' && next.protocol !== 'https:') {
      throw new PullFailure('the source redirects from https to http', { problem: 'INVALID_URL' });
    }
    url = next;
  }
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

function urlOf(text: string, base?: URL): URL {
  if (URL.canParse(text, base?.href)) return new URL(text, base);
  throw new PullFailure('the address is no URL', { problem: 'INVALID_URL' });
}

/** Whether the address may be asked for: of one that may not, nothing is even looked up. */
function checked({ hosts }: PullPolicy, url: URL): URL {
  const refuse = (why: string) => new PullFailure(why, { problem: 'INVALID_URL' });
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw refuse('the address is not http or https');
  if (url.username !== '' || url.password !== '') throw refuse('the address holds a user name or password');
  if (!hosts.allow(url)) throw refuse(`the host ${url.host} is not one that this service may fetch from`);
  return url;
}

function pinOf({ ssl_certificate: pem, ssl_certificate_thumbprint: thumbprint }: Endpoint): Pin | undefined {
  if (pem) return { pem };
  return thumbprint ? { thumbprint } : undefined;
}

function answerOf(
  socket: Socket,
  method: string,
  url: URL,
  stallMs: number,
  signal: AbortSignal
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const asked = request({
      createConnection: () => socket,
      method,
      host: url.hostname,
      path: `${url.pathname}${url.search}`,
      headers: { host: url.host, accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'shelver-simulator' },
      signal
    });
    const stall = () => asked.destroy(stalledFor(stallMs));
    socket.on('timeout', stall);
    idleAtMost(socket, stallMs);
    asked.on('response', response => {
      socket.removeListener('timeout', stall);
      mayRest(socket);
      // Stays: the body may break when nobody reads it.
      response.on('error', () => undefined);
      resolve(response);
    });
    // Without a listener the connection would end, and nobody would be told.
    asked.on('upgrade', ({ statusCode }) => {
      socket.destroy();
      reject(statusFailure(statusCode!));
    });
    asked.on('error', cause => reject(signal.aborted ? signal.reason : whyOf(cause)));
    asked.end();
  });
}

/** The time-out runs while the source is waited for, not while the bytes are put away. */
async function* chunksOf(response: IncomingMessage, socket: Socket, stallMs: number): AsyncGenerator<Uint8Array> {
  const chunks = response[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  socket.on('timeout', () => response.destroy(stalledFor(stallMs)));
  try {
    for (;;) {
      idleAtMost(socket, stallMs);
      const next = await chunks.next();
      mayRest(socket);
      if (next.done) return;
      yield next.value;
    }
  } catch (cause) {
    throw whyOf(cause as Error);
  } finally {
    response.destroy();
  }
}

function whyOf(cause: Error): Error {
  return cause instanceof PullFailure ? cause : broken(cause);
}

/** A word of a header, cut to what can be shown. */
function word(text: string): string {
  return text.replace(/[^\w.+-]/g, '').slice(0, 40);
}
