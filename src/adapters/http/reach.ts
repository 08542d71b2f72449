// The way to a server by real sockets. It dials as every connection does, but judges nothing away: what a server shows is to
// be told, not refused.
import type { X509Certificate } from 'node:crypto';
import { promises as dns } from 'node:dns';
import type { Agent, ClientRequestArgs } from 'node:http';
import { isIP } from 'node:net';
import { failure } from '../../../machines/vocabulary.ts';
import { type Call, PortFailure } from '../../ports.ts';
import type { Reach, Shown, Where } from '../../reach.ts';
import { decodeError } from '../../wire/error-answers.ts';
import { toFailure } from '../../wire/failures.ts';
import { type Address, addressOfUrl, mayHaveSession } from './address.ts';
import { connectFailure } from './connect-failure.ts';
import { judge } from './pin.ts';
import { makeSend, retryAfter, serverNow, type Timeouts } from './request.ts';
import { transferUrl } from './transfer-failure.ts';
import { makeAgents, type TrustOptions } from './trust.ts';

export interface ReachOptions extends Pick<TrustOptions, 'ca' | 'thumbprint' | 'insecure' | 'proxy'> {
  readonly vcenter: Address;
  readonly timeouts: Timeouts;
  /** Looks a name up; by default as the operating system does. */
  readonly lookUp?: (host: string) => Promise<readonly string[]>;
}

/** Throws INVALID_SPEC for a proxy, a thumbprint or an authority that is none. */
export function httpReach(options: ReachOptions): Reach {
  const { vcenter, timeouts, ca, thumbprint, insecure, proxy, lookUp = systemLookUp } = options;
  const trust = { ca, thumbprint, insecure, proxy, connectMs: timeouts.connectMs, keepAlive: false };
  // Made once to be told now what is wrong with them.
  makeAgents(trust).destroy();
  const through = proxy === undefined ? undefined : proxyAt(proxy);
  return {
    ...(through && { proxy: through }),
    lookUp: async (host, call) => {
      const bare = bareHost(host);
      if (isIP(bare)) return [bare];
      try {
        return await within(timeouts.connectMs, `the name ${bare}`, lookUp(bare), call);
      } catch (cause) {
        if (cause instanceof PortFailure) throw cause;
        const known = through?.host === host ? { proxy: through.place } : {};
        throw connectFailure(cause as Error, { place: bare, secure: false, reached: false, ...known });
      }
    },
    dial: async (to, call) => {
      const agents = makeAgents(trust);
      const began = performance.now();
      try {
        await dialled(agents.http, to, timeouts.connectMs, call);
        return { tookMs: Math.round(performance.now() - began) };
      } finally {
        agents.destroy();
      }
    },
    greet: async (to, call) => {
      let shown: Shown | undefined;
      const agents = makeAgents({
        ...trust,
        insecure: false,
        judge: (socket, place, pin) => {
          const own = socket.getPeerX509Certificate();
          if (own === undefined) return new PortFailure(failure('TLS_UNTRUSTED', `${place} shows no certificate`));
          const { authorized, authorizationError } = socket;
          const greeted = { getPeerX509Certificate: () => own, authorized, authorizationError };
          const refused = insecure && !pin ? undefined : judge(greeted, place, pin);
          const protocol = socket.getProtocol() ?? 'unknown';
          shown = { ...shownBy(own, bareHost(to.host)), protocol, ...(refused && { refused: refused.failure }) };
          return undefined;
        }
      });
      try {
        await dialled(agents.https, to, timeouts.connectMs, call);
        return shown!;
      } finally {
        agents.destroy();
      }
    },
    ask: async ({ signal } = {}) => {
      const agents = makeAgents(trust);
      const began = performance.now();
      try {
        const answer = await makeSend(vcenter, agents, timeouts)({ method: 'GET', path: '/api/session', signal });
        const tookMs = Math.round(performance.now() - began);
        if (answer.status >= 500 && answer.status !== 501) {
          const received = decodeError(answer.status, answer.body);
          throw new PortFailure(toFailure(received, `${vcenter.place}`, retryAfter(answer.headers)));
        }
        const at = serverNow(answer.headers);
        // A Date header has whole seconds, cut off; it was written about half way.
        const now = Date.now() - Math.round(tookMs / 2);
        return { status: answer.status, now, tookMs, ...(at !== undefined && { serverNow: at + 500 }) };
      } finally {
        agents.destroy();
      }
    },
    leadsTo: uri => {
      const url = transferUrl(uri, vcenter);
      return { to: addressOfUrl(url), withLogin: mayHaveSession(url, vcenter, []) };
    }
  };
}

async function systemLookUp(host: string): Promise<string[]> {
  return (await dns.lookup(host, { all: true })).map(({ address }) => address);
}

function proxyAt(proxy: string): Where {
  return addressOfUrl(new URL(proxy.includes('://') ? proxy : `http://${proxy}`));
}

/** Resolves when the connection stood, and is closed again. */
function dialled(agent: Agent, to: Where, connectMs: number, call?: Call): Promise<void> {
  const host = bareHost(to.host);
  const target: ClientRequestArgs & { servername?: string } = {
    host,
    port: to.port,
    ...(isIP(host) === 0 && { servername: host })
  };
  const connected = new Promise<void>((resolve, reject) => {
    agent.createConnection(target, (error, socket) => {
      if (error) return reject(error);
      socket.on('error', () => undefined).destroy();
      resolve();
    });
  });
  return within(connectMs + 500, to.place, connected, call);
}

/** Not longer than that, and not longer than anybody waits. */
async function within<T>(ms: number, what: string, work: Promise<T>, { signal }: Call = {}): Promise<T> {
  const ended = AbortSignal.any([AbortSignal.timeout(ms), ...(signal ? [signal] : [])]);
  let stop: () => void = () => undefined;
  const late = new Promise<never>((_, reject) => {
    stop = () =>
      reject(
        new PortFailure(
          signal?.aborted
            ? failure('CANCELED', 'the call was canceled')
            : failure('TIMED_OUT', `${what}: there was no answer within ${ms / 1_000} s`)
        )
      );
    if (ended.aborted) stop();
    else ended.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    ended.removeEventListener('abort', stop);
    // It may still come to something that nobody waits for.
    work.catch(() => undefined);
  }
}

function shownBy(own: X509Certificate, host: string): Omit<Shown, 'protocol' | 'refused'> {
  const chain: { subject: string; validUntil: number }[] = [];
  let at = own;
  // A self-signed one is its own issuer, and so is the end of a chain.
  while (at.issuerCertificate !== undefined && at.issuerCertificate.fingerprint256 !== at.fingerprint256) {
    at = at.issuerCertificate;
    chain.push({ subject: inOneLine(at.subject), validUntil: Date.parse(at.validTo) });
    if (chain.length > LONGEST_CHAIN) break;
  }
  return {
    subject: inOneLine(own.subject),
    issuer: inOneLine(own.issuer),
    validFrom: Date.parse(own.validFrom),
    validUntil: Date.parse(own.validTo),
    sha256: own.fingerprint256,
    ownName: isFor(own, host),
    chain
  };
}
const LONGEST_CHAIN = 16;

function isFor(certificate: X509Certificate, host: string): boolean {
  return (isIP(host) ? certificate.checkIP(host) : certificate.checkHost(host)) !== undefined;
}

/** A distinguished name comes one part a line, the outermost first. */
function inOneLine(name: string): string {
  return name.split('\n').reverse().join(', ');
}

function bareHost(host: string): string {
  return host.replace(/^\[|\]$/g, '');
}
