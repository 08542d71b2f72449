// One connection to a source, made here and not by an agent: to an address that was looked at, and under TLS to a
// certificate that was looked at before the first byte of a request goes out.
import { createHash, X509Certificate } from 'node:crypto';
import { connect, isIP, type Socket } from 'node:net';
import { checkServerIdentity, rootCertificates, type TLSSocket, connect as tlsConnect } from 'node:tls';
import { PullFailure, type SeenCertificate } from '../pull/failure.ts';
import { portOf } from '../pull/hosts.ts';
import type { PullPolicy } from '../pull/options.ts';
import { idleAtMost, mayRest } from './idle.ts';

/** What replaces the usual trust, where the client named it: exactly that certificate. PEM wins. */
export interface Pin {
  readonly thumbprint?: string;
  readonly pem?: string;
}

export interface Connected {
  readonly socket: Socket;
  readonly certificate?: SeenCertificate;
}

/** @throws `PullFailure`; what `signal` was aborted with. */
export async function connectTo(
  policy: PullPolicy,
  url: URL,
  pin: Pin | undefined,
  signal: AbortSignal
): Promise<Connected> {
  const socket = await connected(policy, url, signal);
  if (url.protocol === 'http:') return { socket };
  return secured(socket, policy, url, pin, signal);
}

async function connected(policy: PullPolicy, url: URL, signal: AbortSignal): Promise<Socket> {
  const name = bareHost(url);
  const addresses = isIP(name) ? [name] : await addressesOf(policy, name, signal);
  const good = addresses.filter(address => policy.hosts.mayConnect(url, address));
  if (good.length === 0) {
    throw new PullFailure(`${name} leads to an address that is not allowed`, { problem: 'INVALID_URL' });
  }
  let why: unknown;
  for (const host of good) {
    const socket = connect({ host, port: portOf(url) });
    try {
      await happens(socket, 'connect', policy.stallMs, signal);
      return socket;
    } catch (cause) {
      socket.destroy();
      why = cause;
    }
  }
  throw why;
}

async function addressesOf(policy: PullPolicy, name: string, signal: AbortSignal): Promise<readonly string[]> {
  const found = await unlessAborted(
    policy.lookup(name).catch(() => []),
    signal
  );
  if (found.length > 0) return found;
  throw new PullFailure(`the host ${name} is not known`, { problem: 'HOST_NOT_FOUND', passing: true });
}

/** A resolver cannot be told to stop; it can be left alone. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const aborted = () => reject(signal.reason);
    signal.addEventListener('abort', aborted, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', aborted));
  });
}

async function secured(
  raw: Socket,
  { ca, stallMs }: PullPolicy,
  url: URL,
  pin: Pin | undefined,
  signal: AbortSignal
): Promise<Connected> {
  const host = bareHost(url);
  const socket = tlsConnect({
    socket: raw,
    host,
    ...(isIP(host) === 0 && { servername: host }),
    ...(ca !== undefined && { ca: [...rootCertificates, ca] }),
    checkServerIdentity,
    // The judgement is made below, where the certificate can be told along with it.
    rejectUnauthorized: false
  });
  try {
    await happens(socket, 'secureConnect', stallMs, signal);
    const certificate = seenOf(socket);
    const fault = pin === undefined ? authorityFault(socket) : pinFault(certificate, pin);
    if (fault === undefined) return { socket, certificate };
    throw new PullFailure(fault, { problem: 'CERTIFICATE_ERROR', certificate });
  } catch (cause) {
    socket.destroy();
    throw cause;
  }
}

function authorityFault({ authorized, authorizationError }: TLSSocket): string | undefined {
  return authorized ? undefined : `the certificate of the source is not trusted (${String(authorizationError)})`;
}

function pinFault({ pem }: SeenCertificate, pin: Pin): string | undefined {
  const { raw } = new X509Certificate(pem);
  if (pin.pem !== undefined) {
    const wanted = derOf(pin.pem);
    if (wanted === undefined) return 'the certificate given for the source is not PEM';
    return wanted.equals(raw) ? undefined : 'the certificate of the source is not the one given';
  }
  const wanted = (pin.thumbprint ?? '').replace(/[:\s]/g, '').toLowerCase();
  const algorithm = { 40: 'sha1', 64: 'sha256' }[wanted.length];
  if (algorithm === undefined || !/^[0-9a-f]+$/.test(wanted)) {
    return 'the thumbprint given for the source is neither SHA-1 nor SHA-256 in hexadecimal';
  }
  const found = createHash(algorithm).update(raw).digest('hex');
  return found === wanted ? undefined : 'the certificate of the source has not the thumbprint given';
}

function derOf(pem: string): Buffer | undefined {
  try {
    return new X509Certificate(pem).raw;
  } catch {
    return undefined;
  }
}

function seenOf(socket: TLSSocket): SeenCertificate {
  const { raw } = socket.getPeerCertificate();
  const certificate = new X509Certificate(raw);
  return { thumbprint: certificate.fingerprint, pem: certificate.toString() };
}

/** Of `[::1]` what is between the brackets. */
function bareHost({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '');
}

function happens(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  stallMs: number,
  signal: AbortSignal
): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const settle = (act: () => void) => {
      mayRest(socket);
      socket.removeListener(event, good);
      socket.removeListener('timeout', stall);
      signal.removeEventListener('abort', aborted);
      act();
    };
    const good = () => settle(resolve);
    const stall = () => settle(() => reject(stalledFor(stallMs)));
    const aborted = () => {
      settle(() => reject(signal.reason));
      socket.destroy();
    };
    socket.once(event, good);
    socket.once('timeout', stall);
    // Stays: an error without a listener would end the process.
    socket.on('error', cause => settle(() => reject(broken(cause))));
    socket.on('close', () => settle(() => reject(broken())));
    signal.addEventListener('abort', aborted, { once: true });
    idleAtMost(socket, stallMs);
  });
}

export function stalledFor(stallMs: number): PullFailure {
  return new PullFailure(`the source was silent for ${stallMs / 1000} s`, { problem: 'TIMED_OUT', passing: true });
}

/** A connection that ended by itself. */
export function broken(cause?: Error): PullFailure {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  const why = code === undefined ? '' : ` (${code})`;
  return new PullFailure(`the connection to the source broke${why}`, {
    problem: code === 'ETIMEDOUT' ? 'TIMED_OUT' : 'UNKNOWN_ERROR',
    passing: true
  });
}
