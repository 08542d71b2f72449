// Whom the client believes, decided inside the agent: a socket is handed out only after the server's certificate was judged,
// so a server that is not trusted never sees a request. Judging in got or `checkServerIdentity` comes too late.
import { X509Certificate } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import { failure } from '../../../machines/vocabulary.ts';
import { PortFailure } from '../../ports.ts';
import { adviceForProxy, connectFailure } from './connect-failure.ts';
import { hearingLastWords } from './last-words.ts';
import { judge, type Pin, pinOf } from './pin.ts';
import { inBrackets, tunnelThrough } from './tunnel.ts';

export interface TrustOptions {
  /** PEM of the certificate authorities to believe instead of the ones that Node brings. */
  readonly ca?: string | Buffer;
  /** Fingerprint of the one certificate to believe: SHA-256, or SHA-1 with a warning; colons and case do not matter. */
  readonly thumbprint?: string;
  /** Believe anyone, with a warning. */
  readonly insecure?: boolean;
  /** `http://[user:password@]host:port`; tunnels with CONNECT. */
  readonly proxy?: string;
  /** From dialling to the end of the TLS handshake. */
  readonly connectMs: number;
  /** Judges the certificate of a socket; by default as the one of the server. */
  readonly judge?: (socket: tls.TLSSocket, place: string, pin: Pin | undefined) => PortFailure | undefined;
  /** Keep connections for the next request. A transfer of bytes takes a new one, which cannot have gone stale. */
  readonly keepAlive: boolean;
}

export interface Agents {
  readonly http: http.Agent;
  readonly https: https.Agent;
  /** Closes every connection at once. */
  destroy(): void;
}

/**
 * Agents that dial, tunnel and judge. Every failure comes out as a `PortFailure`: TLS_UNTRUSTED (it states the fingerprint
 * that the server showed), TLS_PIN_MISMATCH, CONNECTION, TIMED_OUT, BAD_ADDRESS or NOT_THE_SERVICE.
 */
export function makeAgents(options: TrustOptions): Agents {
  const dial = dialerFor(options);
  // Shorter than the 5 s after which Node servers close an idle connection: a request must not race with that.
  const kept = { keepAlive: options.keepAlive, timeout: options.keepAlive ? 4_000 : undefined };
  const plain = new DialingAgent(kept, dial);
  const secure = new SecureDialingAgent(kept, dial);
  return {
    http: plain,
    https: secure,
    destroy() {
      plain.destroy();
      secure.destroy();
    }
  };
}

type Target = http.ClientRequestArgs & { readonly servername?: string };
type Done = (error: Error | null, socket?: net.Socket) => void;
type Dialer = (target: Target, secure: boolean, done: Done) => void;
// Node's callback type has the socket even where there is an error.
type NodeDone = ((error: Error | null, socket: Duplex) => void) | undefined;

class DialingAgent extends http.Agent {
  readonly #dial: Dialer;
  constructor(options: http.AgentOptions, dial: Dialer) {
    super(options);
    this.#dial = dial;
  }
  override createConnection(target: Target, done?: NodeDone): undefined {
    this.#dial(target, false, done as Done);
  }
}

class SecureDialingAgent extends https.Agent {
  readonly #dial: Dialer;
  constructor(options: https.AgentOptions, dial: Dialer) {
    super(options);
    this.#dial = dial;
  }
  override createConnection(target: Target, done?: NodeDone): undefined {
    this.#dial(target, true, done as Done);
  }
}

function dialerFor(options: TrustOptions): Dialer {
  const verdict = options.judge ?? judge;
  const pin = options.thumbprint === undefined ? undefined : pinOf(options.thumbprint);
  const context = contextFor(options.ca);
  const tunnel = options.proxy === undefined ? undefined : tunnelThrough(options.proxy, options.connectMs);
  let reached = false;

  return (target, secure, done) => {
    const host = String(target.host);
    const port = Number(target.port);
    const place = `${inBrackets(host)}:${port}`;
    let current: net.Socket | undefined;
    let over = false;
    const finish = (error: Error | null, socket?: net.Socket) => {
      if (over) return socket?.destroy();
      over = true;
      clearTimeout(timer);
      if (error) {
        current?.destroy();
        return done(
          error instanceof PortFailure ? error : connectFailure(error, { place, secure, reached, proxy: tunnel?.place })
        );
      }
      reached = true;
      current?.removeListener('error', finish);
      done(null, socket && hearingLastWords(socket));
    };
    const timer = setTimeout(
      () =>
        finish(
          new PortFailure(
            failure(
              'TIMED_OUT',
              `could not connect to ${place} within ${options.connectMs / 1000} s`,
              tunnel && { next: adviceForProxy(tunnel.place) }
            )
          )
        ),
      options.connectMs
    );
    const use = (socket: net.Socket) => {
      // Too late: nobody waits for it any more, and a late error of it must not become an uncaught one.
      if (over) return socket.on('error', () => {}).destroy();
      current = socket;
      socket.setNoDelay(true);
      socket.once('error', finish);
      socket.once('close', () => finish(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
    };
    const greet = (raw?: net.Socket) => {
      const checked = tls.connect({
        // A socket of a tunnel is there already; else tls dials.
        ...(raw && { socket: raw }),
        host,
        port,
        servername: target.servername,
        ALPNProtocols: ['http/1.1'],
        secureContext: context(),
        // The verdict is read below instead: refusing inside would hide the certificate that the message must state.
        rejectUnauthorized: false
      });
      use(checked);
      checked.once('secureConnect', () => {
        const refused = options.insecure && !pin ? undefined : verdict(checked, place, pin);
        finish(refused ?? null, checked);
      });
    };

    if (tunnel) {
      tunnel.open(host, port, (error, socket) => {
        if (error || !socket) return finish(error ?? new Error('no socket'));
        if (over) return use(socket);
        if (secure) return greet(socket);
        use(socket);
        finish(null, socket);
      });
    } else if (secure) {
      greet();
    } else {
      const socket = net.connect({ host, port });
      use(socket);
      socket.once('connect', () => finish(null, socket));
    }
  };
}

// Made once: a context per connection would parse the authorities each time. No TLS session is kept, so none is resumed.
function contextFor(ca: string | Buffer | undefined): () => tls.SecureContext {
  let made: tls.SecureContext | undefined;
  if (ca !== undefined) {
    try {
      // A context takes nonsense for an empty list, and would then trust nobody without saying why.
      new X509Certificate(ca);
    } catch (cause) {
      const message = 'the CA file holds no readable certificate (PEM is needed)';
      throw new PortFailure(failure('INVALID_SPEC', message), { cause });
    }
  }
  return () => {
    made ??= tls.createSecureContext(ca === undefined ? {} : { ca });
    return made;
  };
}
