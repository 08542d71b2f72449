// One HTTP request, as a stranger would write it: any method, any body, cut off on purpose where a row wants that.
import { Agent, type IncomingHttpHeaders, request as plainRequest } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';

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
  /** On a connection of its own. */
  readonly fresh?: boolean;
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
class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

const CUT_MS = 50;
const INSECURE = { rejectUnauthorized: false };
/** A connection is used again; one that a row cuts is its own. */
const AGENTS = { plain: new Agent({ keepAlive: true }), tls: new TlsAgent({ keepAlive: true }) };

export function send(sent: Sent): Promise<Reply> {
  const { method, url, headers = {}, body, chunked, cutAfter, signal, insecure } = sent;
  const bytes = body === undefined ? undefined : Buffer.from(body);
  const length = bytes && !chunked ? { 'content-length': String(bytes.length) } : {};
  return new Promise((resolve, reject) => {
    const broken = (cause: NodeJS.ErrnoException) => {
      // The server may have closed a connection that rested: that is no answer to this request.
      const rested = req.reusedSocket && cause.code === 'ECONNRESET';
      if (rested && !signal.aborted) resolve(send({ ...sent, fresh: true }));
      else reject(signal.aborted ? signal.reason : new NoAnswer(whyNone(cause), { cause }));
    };
    const secure = url.startsWith('https:');
    const agent = sent.fresh || cutAfter !== undefined ? false : AGENTS[secure ? 'tls' : 'plain'];
    const options = { method, headers: { ...length, ...headers }, agent, signal, ...(insecure && INSECURE) };
    const req = (secure ? tlsRequest : plainRequest)(url, options, res => {
      const parts: Uint8Array[] = [];
      res.on('data', (part: Uint8Array) => parts.push(part));
      res.on('error', broken);
      res.on('end', () => resolve(replyOf(res.statusCode ?? 0, res.headers, Buffer.concat(parts))));
    });
    req.on('error', broken);
    if (cutAfter === undefined || bytes === undefined) req.end(bytes);
    // The part has to arrive before the connection goes.
    else req.write(bytes.subarray(0, cutAfter), () => setTimeout(() => req.destroy(new Error('cut')), CUT_MS));
  });
}

function whyNone({ code = '' }: NodeJS.ErrnoException): string {
  if (!/CERT|SIGNED|ALTNAME/.test(code)) return 'the connection was closed without an answer';
  return 'nobody vouches for its certificate (--insecure takes it all the same)';
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
