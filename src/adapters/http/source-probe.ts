// A look at a source that the service is to fetch: is it there, how large is it, which certificate does it show? A HEAD, or
// where that is refused (a presigned address may be good for GET only) a GET of the first byte. Nothing of the address but
// host and path is ever said: the rest may be a secret.
import { X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import tls from 'node:tls';
import got, { type Got, type Request } from 'got';
import { type Failure, failure } from '../../../machines/vocabulary.ts';
import { PortFailure, type Probed, type ProbeRequest, type RetryBudget, type SourceProbe } from '../../ports.ts';
import { failureOf } from './failure.ts';
import { nodeRequest } from './node-request.ts';
import { type Pin, reasonOf } from './pin.ts';
import { secondTry, type Timeouts, USER_AGENT } from './request.ts';
import { type Agents, makeAgents } from './trust.ts';

export interface ProbeOptions {
  /** PEM of certificate authorities to believe besides those that Node brings. */
  readonly ca?: string | Buffer;
  readonly timeouts: Timeouts;
  /** What the second try of a look is drawn from. */
  readonly budget: RetryBudget;
}

const MOST_REDIRECTS = 5;

export function httpSourceProbe({ ca, timeouts, budget }: ProbeOptions): SourceProbe {
  return {
    async probe(request) {
      let certificate: X509Certificate | undefined;
      const agents = makeAgents({
        ca: besides([request.ca, ca]),
        thumbprint: request.thumbprint,
        proxy: request.proxy,
        connectMs: timeouts.connectMs,
        keepAlive: false,
        judge: (socket, place, pin) => {
          // A socket tells its certificate once.
          certificate = socket.getPeerX509Certificate();
          return judgeSource(socket, certificate, place, pin);
        }
      });
      try {
        const probed = await follow(request, asking(clientOver(agents, timeouts), budget));
        // The last one that was shown: the way never leads from TLS to none.
        return certificate === undefined
          ? probed
          : { ...probed, certificate: { pem: certificate.toString(), thumbprint: certificate.fingerprint } };
      } finally {
        agents.destroy();
      }
    }
  };
}

function besides(more: readonly (string | Buffer | undefined)[]): string | undefined {
  const given = more.flatMap(pem => (pem === undefined ? [] : [String(pem)]));
  for (const pem of given) {
    try {
      new X509Certificate(pem);
    } catch {
      throw new PortFailure(
        failure('INVALID_SPEC', 'the authorities given for the source hold no readable certificate (PEM is needed)')
      );
    }
  }
  return given.length === 0 ? undefined : [...given, ...tls.rootCertificates].join('\n');
}

function clientOver(agents: Agents, timeouts: Timeouts): Got {
  return got.extend({
    agent: { http: agents.http, https: agents.https },
    request: nodeRequest,
    retry: { limit: 0 },
    throwHttpErrors: false,
    followRedirect: false,
    decompress: false,
    timeout: { response: timeouts.headersMs, socket: timeouts.stallMs },
    // The size of what comes encoded says nothing.
    headers: { 'accept-encoding': 'identity', 'user-agent': USER_AGENT }
  });
}

/** Each place on the way is judged before it sees the request. */
async function follow({ uri, signal }: ProbeRequest, ask: Ask): Promise<Probed> {
  let url = new URL(uri);
  for (let hops = 0; ; hops++) {
    const answer = await look(url, ask, signal);
    const { status, location } = answer;
    if (status < 300 || status > 399 || location === undefined) {
      if (status >= 200 && status <= 299) return answer.probed;
      throw unreadable(`${shown(url)} answers ${status}`, ADVICE);
    }
    if (hops === MOST_REDIRECTS) throw unreadable(`${shown(new URL(uri))} redirects more than ${MOST_REDIRECTS} times`);
    url = redirected(url, location);
  }
}

interface Answer {
  readonly status: number;
  readonly location?: string;
  readonly probed: Probed;
}

type Ask = (url: URL, method: 'HEAD' | 'GET', signal: AbortSignal | undefined) => Promise<Answer>;

async function look(url: URL, ask: Ask, signal: AbortSignal | undefined): Promise<Answer> {
  const head = await ask(url, 'HEAD', signal);
  return head.status < 400 ? head : ask(url, 'GET', signal);
}

/** Asks a second time when the connection failed: to look does no harm. */
function asking(client: Got, budget: RetryBudget): Ask {
  return (url, method, signal) =>
    secondTry(() => askOnce(url, client, method, signal), budget, signal).catch(error => {
      throw explained(url, error);
    });
}

async function askOnce(
  url: URL,
  client: Got,
  method: 'HEAD' | 'GET',
  signal: AbortSignal | undefined
): Promise<Answer> {
  if (signal?.aborted) throw canceled();
  const stream = client.stream(url, {
    method,
    isStream: true,
    ...(method === 'GET' && { headers: { range: 'bytes=0-0' } })
  });
  // Whoever waits hears of it; nobody may be waiting.
  stream.on('error', () => undefined);
  const abort = () => stream.destroy(new Error('canceled'));
  signal?.addEventListener('abort', abort, { once: true });
  try {
    return read(url, await responseOf(stream));
  } catch (error) {
    if (signal?.aborted) throw canceled();
    throw failureOf(error, { method: 'GET', place: url.host, secure: url.protocol === 'https:' });
  } finally {
    signal?.removeEventListener('abort', abort);
    // A body, if there is one, may be as large as it likes: it is not read.
    stream.destroy();
  }
}

function responseOf(stream: Request): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    stream.once('error', reject);
    stream.once('response', resolve);
  });
}

function read(url: URL, { statusCode: status = 0, headers }: IncomingMessage): Answer {
  const range = headers['content-range'] ?? '';
  // Of nothing there is no first byte.
  if (status === 416 && range === 'bytes */0') return { status: 200, probed: { uri: url.href, size: 0 } };
  const shownIn = /^bytes 0-0\/(\d+)$/.exec(range)?.[1];
  const whole = status === 206 ? shownIn : headers['content-length'];
  const encoded = headers['content-encoding'] !== undefined && headers['content-encoding'] !== 'identity';
  const size = whole === undefined || encoded ? Number.NaN : Number(whole);
  return {
    status,
    location: headers.location,
    probed: {
      uri: url.href,
      ...(Number.isSafeInteger(size) && { size })
    }
  };
}

function redirected(from: URL, location: string): URL {
  if (!URL.canParse(location, String(from))) throw unreadable(`${shown(from)} redirects to what is no address`);
  const to = new URL(location, from);
  if (to.protocol !== 'https:' && to.protocol !== 'http:')
    throw unreadable(`${shown(from)} redirects to ${to.protocol}`);
  if (from.protocol === 'https:' && to.protocol === 'http:') {
    throw unreadable(`${shown(from)} redirects to ${shown(to)}, which is not encrypted`);
  }
  return to;
}

/** The fingerprints are told in both forms: the service compares SHA-1, and people should compare SHA-256. */
function judgeSource(
  socket: tls.TLSSocket,
  shownBy: X509Certificate | undefined,
  place: string,
  pin: Pin | undefined
): PortFailure | undefined {
  const prints = `its fingerprints are SHA-256 ${shownBy?.fingerprint256} and SHA-1 ${shownBy?.fingerprint}`;
  if (pin) {
    const own = pin.algorithm === 'SHA-256' ? shownBy?.fingerprint256 : shownBy?.fingerprint;
    if (own?.replaceAll(':', '') === pin.hex) return undefined;
    return new PortFailure(
      failure('TLS_PIN_MISMATCH', `the certificate of the source ${place} is not the pinned one: ${prints}`, {
        next: 'check the fingerprint with whoever runs the source; do not just copy the new one'
      })
    );
  }
  if (socket.authorized) return undefined;
  const why = reasonOf(socket.authorizationError);
  return new PortFailure(
    failure('TLS_UNTRUSTED', `the certificate of the source ${place} is not trusted (${why}): ${prints}`, {
      next: 'give --source-ca-file, or --source-thumbprint with the fingerprint that you trust'
    })
  );
}

const AS_IT_IS: ReadonlySet<string> = new Set(['TLS_UNTRUSTED', 'TLS_PIN_MISMATCH', 'INVALID_SPEC', 'CANCELED']);

/** What a person can do when the source cannot be seen from here: it may be seen from there. */
const ADVICE =
  'check the address; if the server can reach the source and this machine cannot, --no-probe leaves the looking to it';

function explained(url: URL, error: unknown): unknown {
  if (!(error instanceof PortFailure)) return error;
  const { code, message } = error.failure;
  if (AS_IT_IS.has(code)) return error;
  return unreadable(`the source ${shown(url)} cannot be looked at from here: ${message}`, ADVICE);
}

function unreadable(message: string, next: Failure['next'] = 'give the address that it leads to'): PortFailure {
  return new PortFailure(failure('SOURCE_UNREADABLE', message, { next }));
}

function canceled(): PortFailure {
  return new PortFailure(failure('CANCELED', 'looking at the source was canceled'));
}

function shown({ protocol, host, pathname }: URL): string {
  return `${protocol}//${host}${pathname}`;
}
