// The data plane: one PUT of a source to the upload URI that the service gave; its counterpart is in get.ts.
import got from 'got';
import { type Failure, failure } from '../../../machines/vocabulary.ts';
import { type ByteTransfer, type Hasher, PortFailure, type Pushed, type PushRequest } from '../../ports.ts';
import { type Address, addressOfUrl, mayHaveSession } from './address.ts';
import { failureOf } from './failure.ts';
import { fetchWith } from './get.ts';
import { type Login, SESSION_HEADER } from './login.ts';
import { nodeRequest } from './node-request.ts';
import { type Pumped, pump } from './pump.ts';
import { openPut } from './put.ts';
import { type Timeouts, USER_AGENT } from './request.ts';
import type { Secrets } from './secrets.ts';
import { refusal, stalled, transferUrl, withoutSecrets } from './transfer-failure.ts';
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
    request: nodeRequest,
    retry: { limit: 0 },
    throwHttpErrors: false,
    followRedirect: false,
    decompress: false,
    // Node counts what a long write has moved, so a slow line is no stall.
    timeout: { socket: timeouts.stallMs, response: timeouts.answerMs },
    headers: { 'user-agent': USER_AGENT }
  });
  const secure = warnedOnce(vcenter, parts.onWarning);

  const push = async ({ uri, source, hash, onSent, signal }: PushRequest): Promise<Pushed> => {
    const url = transferUrl(uri, vcenter);
    const to = addressOfUrl(url);
    secure(to);
    const token = mayHaveSession(url, vcenter, trustedHosts) ? await login.token(signal) : undefined;
    if (signal?.aborted) throw new PortFailure(failure('CANCELED', 'the transfer was canceled', { sent: 0 }));

    const put = openPut(client, {
      url,
      headers: {
        'content-type': 'application/octet-stream',
        'content-length': String(source.size),
        ...(token !== undefined && { [SESSION_HEADER]: token })
      }
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
      const said = withoutSecrets(answer, url, secrets);
      throw new PortFailure(withPumped(refusal(said, to.place, token !== undefined, 'push'), pumped));
    } finally {
      signal?.removeEventListener('abort', abort);
      hashing?.dispose();
    }
  };
  return { push, fetch: fetchWith(parts, client) };
}

function warnedOnce(vcenter: Address, onWarning: (message: string) => void): (to: Address) => void {
  let warned = false;
  return to => {
    if (!vcenter.secure || to.secure || warned) return;
    warned = true;
    onWarning(`the server wants bytes to be sent to ${to.place} without encryption`);
  };
}

function sourceFailure({ fault, sent }: Pumped, signal: AbortSignal | undefined): PortFailure {
  if (signal?.aborted) return new PortFailure(failure('CANCELED', 'the transfer was canceled', { sent }));
  if (fault instanceof PortFailure) return new PortFailure({ ...fault.failure, sent }, { cause: fault.cause });
  return new PortFailure(failure('SOURCE_UNREADABLE', 'the source failed while it was read', { sent }), {
    cause: fault
  });
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
