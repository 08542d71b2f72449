// The login session: made with Basic credentials, carried in a header, renewed once for however many calls found it ended.
// Password and token live in closures only, so no inspection and no error can show them.
import { failure } from '../../../machines/vocabulary.ts';
import { PortFailure } from '../../ports.ts';
import { decodeResult, encodeRequest, type Wording } from '../../wire/codec.ts';
import { decodeError } from '../../wire/error-answers.ts';
import { isRecord } from '../../wire/errors.ts';
import { toFailure } from '../../wire/failures.ts';
import { readJson } from '../../wire/json.ts';
import type { Dialect } from '../../wire/operations.ts';
import type { Address } from './address.ts';
import { cutShort, type HttpAnswer, isUnread, retryAfter, type Send } from './request.ts';
import type { Secrets } from './secrets.ts';
import { isMissing } from './whole.ts';

export const SESSION_HEADER = 'vmware-api-session-id';

/** How long the end of a program waits for its logout: a login that nobody shows ends by itself. */
const LOGOUT_MS = 2_000;

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export interface Login {
  /** The current token; waits for a renewal that is under way. */
  token(signal?: AbortSignal): Promise<string>;
  /** A token other than `stale`: logs in again, once for all who ask at the same time. */
  renew(stale: string, signal?: AbortSignal): Promise<string>;
  /** Logs out, as far as that is possible; never throws. */
  end(): Promise<void>;
}

/** What asking for a session came to: a token, or an answer that shows there is no such service. */
export type Tried = { readonly token: string } | { readonly token?: undefined; readonly answer: HttpAnswer };

/** Makes logins. The credentials go no further than into here. */
export type TryLogin = (dialect: Dialect, signal?: AbortSignal) => Promise<Tried>;

/** Throws UNAUTHENTICATED for a wrong name or password, and what `ask` throws: it may ask twice. */
export function loginWith(
  credentials: Credentials,
  address: Address,
  ask: Send,
  secrets: Secrets,
  wording?: Wording
): TryLogin {
  const basic = Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64');
  secrets.add(basic);
  secrets.add(credentials.password);
  return async (dialect, signal) => {
    const { method, path, headers } = encodeRequest('login.create', dialect, {}, { tokenPlace: 'none', wording });
    const answer = await ask({
      method,
      path,
      headers: { ...headers, authorization: `Basic ${basic}`, 'vmware-use-header-authn': 'true' },
      signal
    });
    const token = answer.status < 300 ? tokenIn(dialect, answer.body) : undefined;
    if (token !== undefined) {
      secrets.add(token);
      return { token };
    }
    if (isMissing(answer)) throw cutShort(address.place, method);
    // Before anything is made of the words: a sentence that is cut might be cut within a secret.
    const said = secrets.hide(decodeError(answer.status, secrets.hide(answer.body)));
    const { status, errorType, messages } = said;
    if (status === 401 && (!isMarkup(answer) || errorType !== undefined)) {
      const message = `${address.place} does not accept this user name and password`;
      const service = { ...(errorType !== undefined && { errorType }), status, messages };
      throw new PortFailure(failure('UNAUTHENTICATED', message, { service }));
    }
    // 501: a server that knows no POST at all is not this service in trouble.
    if (answer.status === 403 || answer.status === 429 || (answer.status >= 500 && answer.status !== 501)) {
      throw new PortFailure(toFailure(said, `the login at ${address.place}`, retryAfter(answer.headers)));
    }
    return { answer };
  };
}

/** Keeps one login alive across calls. `closing` ends a renewal that is under way. */
export function keepLogin(first: string, dialect: Dialect, tryLogin: TryLogin, send: Send, wording?: Wording): Login {
  const closing = new AbortController();
  let current = first;
  let renewal: Promise<string> | undefined;

  const renewed = async (): Promise<string> => {
    try {
      const tried = await tryLogin(dialect, closing.signal);
      if ('answer' in tried && isUnread(tried.answer)) {
        throw new PortFailure(failure('CONNECTION', 'the server could not read the login: it was cut on its way'));
      }
      if (tried.token === undefined) {
        throw new PortFailure(failure('NOT_THE_SERVICE', 'the server has no login service any more'));
      }
      current = tried.token;
      return current;
    } finally {
      renewal = undefined;
    }
  };
  return {
    token: async signal => (renewal ? unlessAborted(renewal, signal) : current),
    renew: async (stale, signal) => {
      if (current !== stale) return current;
      renewal ??= renewed();
      return unlessAborted(renewal, signal);
    },
    end: async () => {
      closing.abort();
      const { method, path } = encodeRequest('login.delete', dialect, {}, { tokenPlace: 'none', wording });
      // Ends by itself on the server; a server that is gone must not hold up the end of the program.
      await send({
        method,
        path,
        headers: { [SESSION_HEADER]: current },
        signal: AbortSignal.timeout(LOGOUT_MS)
      }).catch(() => {});
    }
  };
}

/** One caller's abort must not end a login that others wait for. */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  try {
    return await (signal ? Promise.race([promise, aborted(signal)]) : promise);
  } catch (error) {
    if (!(error instanceof PortFailure)) throw error;
    // The call itself was refused before: whatever came of the login, the call did nothing.
    const { ambiguous: _, ...failed } = error.failure;
    throw new PortFailure(failed, { cause: error.cause });
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = () => reject(new PortFailure(failure('CANCELED', 'the call was canceled'), { cause: signal.reason }));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}

function tokenIn(dialect: Dialect, body: string): string | undefined {
  try {
    const token = decodeResult('login.create', dialect, body);
    return typeof token === 'string' && token !== '' ? token : undefined;
  } catch {
    return undefined;
  }
}

function isMarkup(answer: HttpAnswer): boolean {
  return answer.body.trimStart().startsWith('<');
}

/** Whether an answer is in the service's language at all: JSON, whatever its media type says. */
export function isJson(answer: HttpAnswer): boolean {
  try {
    const value = readJson(answer.body);
    return isRecord(value) || Array.isArray(value);
  } catch {
    return false;
  }
}
