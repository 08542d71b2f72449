// Through a proxy: a tunnel made with CONNECT, for plain HTTP as for TLS, so that trust is the same with and without one.
import type http from 'node:http';
import type net from 'node:net';
import type { Duplex } from 'node:stream';
import { HttpProxyAgent } from 'hpagent';
import { failure } from '../../../machines/vocabulary.ts';
import { PortFailure } from '../../ports.ts';

export interface Tunnel {
  /** `host:port` of the proxy. */
  readonly place: string;
  open(host: string, port: number, done: (error: Error | null, socket?: net.Socket) => void): void;
}

/** Throws INVALID_SPEC when the proxy is no `http://` or `https://` address. */
export function tunnelThrough(proxy: string, connectMs: number): Tunnel {
  let url: URL;
  try {
    url = new URL(proxy.includes('://') ? proxy : `http://${proxy}`);
  } catch {
    throw new PortFailure(
      failure('INVALID_SPEC', 'the proxy is not a URL: write it like http://proxy.example.com:3128')
    );
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new PortFailure(
      failure('INVALID_SPEC', `a proxy of the kind ${url.protocol}// is not supported: http:// is`)
    );
  }
  const agent: http.Agent = new HttpProxyAgent({ proxy: url });
  const place = `${url.hostname}:${url.port || (url.protocol === 'https:' ? 443 : 80)}`;
  return {
    place,
    open(host, port, done) {
      // Later than the time that the caller keeps, so that only one of the two speaks.
      agent.createConnection(
        { host: inBrackets(host), port, timeout: connectMs + 1_000 },
        done as (error: Error | null, socket: Duplex) => void
      );
    }
  };
}

/** As a URL and a request line say it. */
export function inBrackets(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
