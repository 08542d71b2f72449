// One call of the service: encoded, sent with the login, logged in again if the login had ended, decoded or refused.
import { type Failure, failure } from '../../../machines/vocabulary.ts';
import { PortFailure, type RetryBudget, type ServerProfile } from '../../ports.ts';
import { decodeResult, encodeRequest, type Wording } from '../../wire/codec.ts';
import { decodeError } from '../../wire/error-answers.ts';
import { isRecord } from '../../wire/errors.ts';
import { toFailure } from '../../wire/failures.ts';
import type { WireCall } from '../../wire/library.ts';
import { type OperationName, operation, type WireArgs } from '../../wire/operations.ts';
import { routeOf } from '../../wire/routes.ts';
import { type Login, SESSION_HEADER } from './login.ts';
import { type HttpAnswer, type HttpRequest, isUnread, retryAfter, type Send, serverNow, twice } from './request.ts';
import type { Secrets } from './secrets.ts';
import { isMissing } from './whole.ts';

export interface CallParts {
  readonly profile: ServerProfile;
  readonly login: Login;
  readonly send: Send;
  readonly secrets: Secrets;
  readonly budget: RetryBudget;
  readonly wording?: Wording;
}

/** Throws `PortFailure`: what the service said, or why no answer came. */
export function makeCall({ profile, login, send, secrets, budget, wording }: CallParts): WireCall {
  const patient = twice(send, budget);

  const withLogin = async (request: HttpRequest) => {
    const go = (token: string) =>
      (request.method === 'GET' ? patient : send)({
        ...request,
        headers: { ...request.headers, [SESSION_HEADER]: token }
      });
    const token = await login.token(request.signal);
    const answer = await go(token);
    // Refused before anything was done, so any call may be repeated; a second refusal is the answer.
    return answer.status === 401 ? go(await login.renew(token, request.signal)) : answer;
  };

  return async (op, args, { signal, token }) => {
    const { dialect, tokenPlace } = profile;
    const encoded = encodeRequest(op, dialect, token === undefined ? args : { ...args, client_token: token }, {
      tokenPlace,
      wording
    });
    for (const source of sourcesIn(args)) secrets.addSource(source);
    const answer = await withLogin({ ...encoded, template: templateOf(op, dialect), signal });
    // Whatever changes something may have done so.
    const maybe = encoded.method === 'GET' ? {} : { ambiguous: true };
    const lost = lostOnTheWay(op, answer);
    if (lost !== undefined) throw new PortFailure(failure('CONNECTION', lost, maybe));
    if (answer.status < 200 || answer.status > 299) {
      // Before anything is made of the words: a sentence that is cut might be cut within a secret.
      const received = secrets.hide(decodeError(answer.status, secrets.hide(answer.body)));
      throw new PortFailure(toFailure(received, op, retryAfter(answer.headers)));
    }
    const now = serverNow(answer.headers);
    const value = decoded(op, dialect, answer.body, maybe);
    remember(value, secrets);
    return { value: quieted(value, secrets), ...(now !== undefined && { serverNow: now }) };
  };
}

function lostOnTheWay(op: OperationName, answer: HttpAnswer): string | undefined {
  if (isUnread(answer)) return `the server could not read the request ${op}: it was cut on its way`;
  return isMissing(answer) && operation(op).result !== 'nothing' ? `the answer to ${op} was cut short` : undefined;
}

/** What was done is done, though nobody can read what was said of it. */
function decoded(op: OperationName, dialect: ServerProfile['dialect'], body: string, maybe: Partial<Failure>): unknown {
  try {
    return decodeResult(op, dialect, body);
  } catch (cause) {
    if (!(cause instanceof PortFailure)) throw cause;
    throw new PortFailure({ ...cause.failure, ...maybe }, { cause: cause.cause });
  }
}

function templateOf(op: OperationName, dialect: ServerProfile['dialect']): string {
  const { path = op, action } = routeOf(op, dialect) ?? {};
  return action === undefined ? path : `${path}?action=${action}`;
}

/** Addresses that the service is asked to fetch from, or to look at. */
function sourcesIn(args: WireArgs): string[] {
  const given = [args, ...Object.values(args)].filter(isRecord);
  return given.flatMap(({ uri, source_endpoint: endpoint }) =>
    [uri, isRecord(endpoint) ? endpoint.uri : undefined].filter(text => typeof text === 'string')
  );
}

/** Addresses for bytes come in answers, and must not be repeated by later ones. */
function remember(value: unknown, secrets: Secrets): void {
  if (Array.isArray(value)) for (const each of value) remember(each, secrets);
  else if (isRecord(value)) {
    for (const endpoint of [value.upload_endpoint, value.download_endpoint]) {
      if (isRecord(endpoint) && typeof endpoint.uri === 'string') secrets.addAddress(endpoint.uri);
    }
  }
}

/** An answer that is no error may tell of one, too. What is no sentence (names, addresses) stays as it is. */
function quieted(value: unknown, secrets: Secrets): unknown {
  if (Array.isArray(value)) return value.map(each => quieted(each, secrets));
  if (!isRecord(value) || !Object.keys(value).some(key => SENTENCES.has(key) && value[key])) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, SENTENCES.has(key) ? secrets.hide(each) : each])
  );
}
const SENTENCES = new Set(['error_message', 'error_messages', 'invalid_files', 'preview_info', 'messages', 'message']);
