// The data plane: one PUT of a source to the upload URI that the service gave. The URI is a capability, so no failure holds it.
import got from 'got';
import { bytesRefused, type Failure, failure } from '../../../machines/vocabulary.ts';
import { type ByteTransfer, type Hasher, PortFailure, type Pushed, type PushRequest } from '../../ports.ts';
import { decodeError } from '../../wire/errors.ts';
import { toPushFailure } from '../../wire/failures.ts';
import { type Address, addressOfUrl, mayHaveSession, usableUploadUrl } from './address.ts';
import { failureOf } from './failure.ts';
import { type Login, SESSION_HEADER } from './login.ts';
import { type Pumped, pump } from './pump.ts';
import { openPut } from './put.ts';
import { type HttpAnswer, retryAfter, type Timeouts, USER_AGENT } from './request.ts';
import { makeSecrets, type Secrets } from './secrets.ts';
import type { Agents } from './trust.ts';

export interface ByteParts {
  readonly vcenter: Address;
  /** Not kept alive: each PUT has a connection of its own. */
  readonly agents: Agents;
  readonly login: Login;
  readonly hasher: Hasher;
  readonly secrets: Secrets;
  readonly timeouts: Timeouts;
  readonly trustedHosts: readonly string[];
  readonly onWarning: (message: string) => void;
}

export function httpBytes(parts: ByteParts): ByteTransfer {
  const { vcenter, agents, login, hasher, secrets, timeouts, trustedHosts } = parts;
  const client = got.extend({
    agent: { http: agents.http, https: agents.https },
    retry: { limit: 0 },
    throwHttpErrors: false,
    followRedirect: false,
    decompress: false,
    // Node counts what a long write has moved, so a slow line is no stall.
    timeout: { socket: timeouts.stallMs },
    headers: { 'user-agent': USER_AGENT, 'content-type': 'application/octet-stream' }
  });
  let warned = false;

  const push = async ({ uri, source, hash, onSent, signal }: PushRequest): Promise<Pushed> => {
    const url = uploadUrl(uri, vcenter);
    const to = addressOfUrl(url);
    if (vcenter.secure && !to.secure && !warned) {
      warned = true;
      parts.onWarning(`the server wants bytes to be sent to ${to.place} without encryption`);
    }
    const token = mayHaveSession(url, vcenter, trustedHosts) ? await login.token(signal) : undefined;
    if (signal?.aborted) throw new PortFailure(failure('CANCELED', 'the transfer was canceled', { sent: 0 }));

    const put = openPut(client, {
      url,
      headers: { 'content-length': String(source.size), ...(token !== undefined && { [SESSION_HEADER]: token }) }
    });
    const abort = () => put.abort(new Error('canceled'));
    signal?.addEventListener('abort', abort, { once: true });
    const hashing = hash.length > 0 ? hasher.start(hash) : undefined;
    try {
      const pumped = await pump(source, put, hashing, sent => onSent?.(sent));
      if (pumped.fault !== undefined) {
        put.abort(new Error('the source failed'));
        throw sourceFailure(pumped, signal);
      }
      const answer = await put.answer.catch(error => {
        const asked = { method: 'PUT', place: to.place, secure: to.secure, answered: true };
        const { failure: cause } = failureOf(error, asked, signal);
        throw new PortFailure(withPumped(stalled(cause, to.place), pumped), { cause: error.code });
      });
      if (answer.status >= 200 && answer.status < 300 && pumped.sent === source.size) {
        return { sent: pumped.sent, digests: pumped.digests ?? [] };
      }
      if (answer.status === 401 && token !== undefined) await login.renew(token, signal);
      const refused = refusal(answer, to.place, token !== undefined);
      throw new PortFailure(secrets.hide(withoutUri(withPumped(refused, pumped), url)));
    } finally {
      signal?.removeEventListener('abort', abort);
      hashing?.dispose();
    }
  };
  return { push };
}

function uploadUrl(uri: string, vcenter: Address): URL {
  let url: URL | undefined;
  try {
    url = usableUploadUrl(uri, vcenter);
  } catch {
    // said below
  }
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new PortFailure(failure('UNSUPPORTED', 'the server gave an upload address that is not http:// or https://'));
}

function sourceFailure({ fault, sent }: Pumped, signal: AbortSignal | undefined): PortFailure {
  if (signal?.aborted) return new PortFailure(failure('CANCELED', 'the transfer was canceled', { sent }));
  if (fault instanceof PortFailure) return new PortFailure({ ...fault.failure, sent }, { cause: fault.cause });
  return new PortFailure(failure('SOURCE_UNREADABLE', 'the source failed while it was read', { sent }), {
    cause: fault
  });
}

/** The server's refusal of the bytes, in its own words where it has any. */
function refusal(answer: HttpAnswer, place: string, hadSession: boolean): Failure {
  if (answer.status >= 200 && answer.status < 300) {
    return failure('TRANSFER_REFUSED', `${place} answered ${answer.status} before it had all the bytes`);
  }
  const received = decodeError(answer.status, answer.body);
  const said = toPushFailure(received, `the transfer to ${place}`, retryAfter(answer.headers));
  if (answer.status === 401) {
    // With a new login the next attempt may be taken; without a header there was nothing to renew.
    const why = hadSession ? 'the login had ended' : 'this host is not trusted with the login session (trustedHosts)';
    return {
      ...said,
      code: hadSession ? 'TRANSFER_REFUSED' : 'UNAUTHENTICATED',
      message: `${place} refused the bytes: ${why}`
    };
  }
  // Without a type of its own, a refusal of bytes says nothing about arguments.
  const vague = received.errorType === undefined && answer.status < 500 && ![403, 408, 429].includes(answer.status);
  return vague ? { ...said, code: bytesRefused(said.message) } : said;
}

function stalled(cause: Failure, place: string): Failure {
  return cause.code === 'STALLED' ? { ...cause, message: `no byte moved to or from ${place} for too long` } : cause;
}

/** An upload URI is a capability as a whole, and so are its query and the part of it that cannot be guessed. */
function withoutUri(cause: Failure, url: URL): Failure {
  const own = makeSecrets();
  own.add(url.href);
  own.add(url.search);
  own.add(url.pathname);
  for (const part of url.pathname.split('/').slice(0, -1)) if (part.length >= 20) own.add(part);
  return own.hide(cause);
}

function withPumped(cause: Failure, pumped: Pumped): Failure {
  const { ambiguous: _, ...rest } = cause;
  return {
    ...rest,
    // The server may have it all only if all was handed over.
    ...(cause.ambiguous && pumped.gaveAll && { ambiguous: true }),
    sent: pumped.sent,
    ...(pumped.digests && { digests: pumped.digests })
  };
}
