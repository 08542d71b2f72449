// One GET of a file into a sink: from where an earlier one broke off, if the server allows it, and all that it announced.
import type { IncomingMessage } from 'node:http';
import type { Got, Request } from 'got';
import { type Failure, failure } from '../../../machines/vocabulary.ts';
import { type ByteSink, type Fetched, type FetchRequest, PortFailure } from '../../ports.ts';
import { type Address, addressOfUrl, mayHaveSession } from './address.ts';
import type { ByteParts } from './bytes.ts';
import { failureOf } from './failure.ts';
import { SESSION_HEADER } from './login.ts';
import { collect } from './put.ts';
import type { HttpAnswer } from './request.ts';
import { refusal, stalled, transferUrl, withoutSecrets } from './transfer-failure.ts';

/** @param client neither retries, redirects nor decompresses, and gives up when nothing moves. */
export function fetchWith(parts: ByteParts, client: Got): (request: FetchRequest) => Promise<Fetched> {
  const { vcenter, login, secrets, trustedHosts } = parts;
  let warned = false;

  return async ({ uri, from, sink, onReceived, signal }) => {
    const url = transferUrl(uri, vcenter, 'a download');
    const to = addressOfUrl(url);
    if (vcenter.secure && !to.secure && !warned) {
      warned = true;
      parts.onWarning(`the server sends bytes from ${to.place} without encryption`);
    }
    const token = mayHaveSession(url, vcenter, trustedHosts) ? await login.token(signal) : undefined;
    if (signal?.aborted) throw canceled();
    const stream = client.stream.get(url, {
      headers: {
        'accept-encoding': 'identity',
        ...(from > 0 && { range: `bytes=${from}-` }),
        ...(token !== undefined && { [SESSION_HEADER]: token })
      }
    });
    // Whoever waits hears of it; nobody may be waiting.
    stream.on('error', () => undefined);
    const abort = () => stream.destroy(new Error('canceled'));
    signal?.addEventListener('abort', abort, { once: true });
    try {
      const answer = await answerOf(stream);
      if ('body' in answer) {
        if (isAllThere(answer, from)) return { received: 0, resumed: true };
        if (answer.status === 401 && token !== undefined) await login.renew(token, signal);
        throw new PortFailure(refused(withoutSecrets(answer, url, secrets), to, token !== undefined, from));
      }
      const start = startOf(answer, from, to);
      return { received: await drain(stream, answer, start, sink, onReceived, to), resumed: start > 0 };
    } catch (error) {
      if (signal?.aborted) throw canceled();
      const asked = { method: 'GET', place: to.place, secure: to.secure, answered: true };
      const { failure: cause } = failureOf(error, asked, signal);
      throw new PortFailure(stalled(cause, to.place), {
        cause: error instanceof PortFailure ? error.cause : undefined
      });
    } finally {
      signal?.removeEventListener('abort', abort);
      stream.destroy();
    }
  };
}

/** The beginning of the answer; all of it where it is not the bytes. */
function answerOf(stream: Request): Promise<IncomingMessage | HttpAnswer> {
  return new Promise((resolve, reject) => {
    stream.once('error', reject);
    stream.once('response', (response: IncomingMessage) => {
      const { statusCode: status = 0, headers } = response;
      if (status === 200 || status === 206) return resolve(response);
      // Now, and not a moment later: a short answer would have ended by then.
      collect(response, body => resolve({ status, headers, body }));
    });
  });
}

/** Nothing is left to send: the file ends where it was asked for (RFC 9110, 15.5.17). */
function isAllThere({ status, headers }: HttpAnswer, from: number): boolean {
  return status === 416 && from > 0 && headers['content-range'] === `bytes */${from}`;
}

/** Where the body begins. Throws when that is neither where it was asked for nor the beginning. */
function startOf({ statusCode, headers }: IncomingMessage, from: number, { place }: Address): number {
  const coding = headers['content-encoding'];
  if (coding !== undefined && coding !== 'identity') {
    throw new PortFailure(failure('UNSUPPORTED', `${place} sends the bytes encoded (${coding}), unasked`));
  }
  if (statusCode === 200) return 0;
  const start = Number(/^bytes (\d+)-/.exec(headers['content-range'] ?? '')?.[1] ?? Number.NaN);
  if (from > 0 && start === from) return start;
  throw new PortFailure(
    failure('TRANSFER_REFUSED', `${place} sent another part of the file than it was asked for`, { received: 0 })
  );
}

/** Writes all that comes; gives how much came. */
async function drain(
  stream: Request,
  { headers }: IncomingMessage,
  start: number,
  sink: ByteSink,
  onReceived: FetchRequest['onReceived'],
  { place }: Address
): Promise<number> {
  let received = 0;
  const announced = headers['content-length'] ?? lengthIn(headers['content-range']);
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    await sink.write(chunk, start + received);
    received += chunk.length;
    onReceived?.(received);
  }
  // A file of no bytes is begun anew, too.
  if (received === 0 && start === 0) await sink.write(new Uint8Array(0), 0);
  if (announced === undefined || Number(announced) === received) return received;
  const said = `${place} announced ${announced} bytes and sent ${received}`;
  throw new PortFailure(failure('CONNECTION', said));
}

/** Where only the end of the connection ends the bytes, a part of a file still says which part it is. */
function lengthIn(range: string | undefined): string | undefined {
  const [, first, last] = /^bytes (\d+)-(\d+)\//.exec(range ?? '') ?? [];
  return first === undefined ? undefined : String(Number(last) - Number(first) + 1);
}

function refused(answer: HttpAnswer, { place }: Address, hadSession: boolean, from: number): Failure {
  const { status } = answer;
  if (status < 300) return failure('TRANSFER_REFUSED', `${place} answered ${status} instead of the bytes`);
  const said = refusal(answer, place, hadSession, 'fetch');
  // What lies beyond the end of the file is not there: then what had come before was not of this file.
  if (status === 416 && from > 0) return { ...said, code: 'TRANSFER_REFUSED', received: 0 };
  // Whatever its words, such a link is of no use any more; another one may be.
  return status === 404 || status === 410 ? { ...said, code: 'NOT_FOUND' } : said;
}

function canceled(): PortFailure {
  return new PortFailure(failure('CANCELED', 'the transfer was canceled'));
}
