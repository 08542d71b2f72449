// One HTTP request, as a stranger would write it: any method, any body, cut off on purpose where a row wants that.
import { type IncomingHttpHeaders, request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';

export interface Sent {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** The body goes in chunks, without its length. */
  readonly chunked?: boolean;
  /** The connection is cut after that many bytes of the body. */
  readonly cutAfter?: number;
  readonly signal: AbortSignal;
  /** A certificate that nobody vouches for is taken. */
  readonly insecure?: boolean;
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Uint8Array;
  readonly text: string;
  /** The body as JSON; undefined where it is empty or something else. */
  readonly json: unknown;
}

/** The connection ended without an answer. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

export function send({ method, url, headers = {}, body, chunked, cutAfter, signal, insecure }: Sent): Promise<Reply> {
  const bytes = body === undefined ? undefined : Buffer.from(body);
  const length = bytes && !chunked ? { 'content-length': String(bytes.length) } : {};
  return new Promise((resolve, reject) => {
    const broken = (cause: Error) =>
      reject(signal.aborted ? signal.reason : new NoAnswer('the connection was closed without an answer', { cause }));
    const begin = url.startsWith('https:') ? tlsRequest : plainRequest;
    const tls = insecure ? { rejectUnauthorized: false } : {};
    const req = begin(url, { method, headers: { ...length, ...headers }, agent: false, signal, ...tls }, res => {
      const parts: Uint8Array[] = [];
      res.on('data', (part: Uint8Array) => parts.push(part));
      res.on('error', broken);
      res.on('end', () => resolve(replyOf(res.statusCode ?? 0, res.headers, Buffer.concat(parts))));
    });
    req.on('error', broken);
    if (cutAfter === undefined || bytes === undefined) req.end(bytes);
    // The part is on its way before the connection goes.
    else req.write(bytes.subarray(0, cutAfter), () => setImmediate(() => req.destroy(new Error('cut off on purpose'))));
  });
}

function replyOf(status: number, headers: IncomingHttpHeaders, bytes: Uint8Array): Reply {
  const text = Buffer.from(bytes).toString('utf8');
  let json: unknown;
  try {
    json = text.trim() === '' ? undefined : JSON.parse(text);
  } catch {
    json = undefined;
  }
  return { status, headers, bytes, text, json };
}
