// What can be wrong with a place for bytes, and how it is told. The URI of a transfer is a capability, so no failure holds it.
import { bytesRefused, type Failure, failure } from '../../../machines/vocabulary.ts';
import { PortFailure } from '../../ports.ts';
import { decodeError } from '../../wire/error-answers.ts';
import { toFailure, toPushFailure } from '../../wire/failures.ts';
import { readJson } from '../../wire/json.ts';
import { type Address, usableUploadUrl } from './address.ts';
import { type HttpAnswer, retryAfter } from './request.ts';
import type { Hide } from '../../secret-forms.ts';
import { makeSecrets, type Secrets } from './secrets.ts';

/** Throws UNSUPPORTED when the server gave nothing that can be called. */
export function transferUrl(uri: string, vcenter: Address, what: 'an upload' | 'a download' = 'an upload'): URL {
  let url: URL | undefined;
  try {
    url = usableUploadUrl(uri, vcenter);
  } catch {
    // said below
  }
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new PortFailure(failure('UNSUPPORTED', `the server gave ${what} address that is not http:// or https://`));
}

/** The server's refusal of the bytes, or to give them, in its own words where it has any. */
export function refusal(answer: HttpAnswer, place: string, hadSession: boolean, way: 'push' | 'fetch'): Failure {
  if (answer.status >= 200 && answer.status < 300) {
    return failure('TRANSFER_REFUSED', `${place} answered ${answer.status} before it had all the bytes`);
  }
  const received = decodeError(answer.status, answer.body);
  const toSaid = way === 'push' ? toPushFailure : toFailure;
  const said = toSaid(received, `the transfer to ${place}`, retryAfter(answer.headers));
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
  return vague ? { ...said, code: way === 'push' ? bytesRefused(said.message) : 'TRANSFER_REFUSED' } : said;
}

export function stalled(cause: Failure, place: string): Failure {
  return cause.code === 'STALLED' ? { ...cause, message: `no byte moved to or from ${place} for too long` } : cause;
}

/**
 * The answer without any secret: before anything is made of its words, for a sentence that is cut might be cut within one.
 * The URI of a transfer is a capability as a whole, and so are its query and the part of it that cannot be guessed.
 */
export function withoutSecrets(answer: HttpAnswer, url: URL, secrets: Secrets): HttpAnswer {
  const own = makeSecrets();
  own.addAddress(url.href);
  // A server may well repeat it otherwise escaped than it came: in JSON, and once more in that.
  return { ...answer, body: inside(own.hide(secrets.hide(answer.body)), text => own.hide(secrets.hide(text))) };
}

/** JSON is looked into as well: there a text may be written in ways that only a reader of JSON undoes. */
function inside(body: string, hide: Hide): string {
  try {
    return JSON.stringify(hide(readJson(body)));
  } catch {
    return body;
  }
}
