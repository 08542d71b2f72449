// The hosts that the simulator may fetch from. None is allowed by itself: who may name a URI to a server could otherwise
// look through its eyes into the network that it stands in.
import { isIP, isIPv6 } from 'node:net';
import { failure } from '../../../machines/vocabulary.ts';
import { PortFailure } from '../../ports.ts';
import { quoted } from '../../tar/quoted.ts';
import { isLoopback, kindOf } from './addresses.ts';

export interface AllowedHosts {
  /** Whether the URL may be asked for at all. */
  allow(url: URL): boolean;
  /** Whether the name in the URL may lead to that address. */
  mayConnect(url: URL, address: string): boolean;
}

interface Pattern {
  readonly wildcard: boolean;
  readonly host: string;
  readonly port?: number;
}

/**
 * Reads `host`, `host:port` and `*.example.com`. An address is allowed as it is written only (`127.0.0.1`, `[::1]:8080`);
 * a name leads to public addresses, by its exact name to private ones too, and to this machine only as `localhost`.
 *
 * @throws `PortFailure` INVALID_SPEC for what is none of these.
 */
export function allowedHosts(hosts: readonly string[]): AllowedHosts {
  const patterns = hosts.map(patternOf);
  const matching = (host: string, port: number) =>
    patterns.filter(pattern => {
      if (pattern.port !== undefined && pattern.port !== port) return false;
      return pattern.wildcard ? host.endsWith(`.${pattern.host}`) : host === pattern.host;
    });
  return {
    allow: url => matching(hostOf(url), portOf(url)).length > 0,
    mayConnect: (url, address) => {
      const written = isIPv6(address) ? `[${address}]` : address;
      const literally = URL.canParse(`http://${written}`) ? new URL(`http://${written}`).hostname : written;
      if (matching(literally, portOf(url)).length > 0) return true;
      const host = hostOf(url);
      if (host === 'localhost' && isLoopback(address)) return true;
      const kind = kindOf(address);
      return kind === 'outer' || (kind === 'inner' && matching(host, portOf(url)).some(({ wildcard }) => !wildcard));
    }
  };
}

/** Without the dot that a full name may end with. */
function hostOf({ hostname }: URL): string {
  return hostname.endsWith('.') ? hostname.slice(0, -1) : hostname;
}

export function portOf({ port, protocol }: URL): number {
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
}

function patternOf(given: string): Pattern {
  const text = isIPv6(given) ? `[${given}]` : given;
  const [, star, host = '', port] = /^(\*\.)?(\[[^\]]+\]|[^[\]:/?#@\\*\s]+)(?::(\d{1,5}))?$/.exec(text) ?? [];
  const url = `http://${host}/`;
  const known = host !== '' && URL.canParse(url) ? new URL(url).hostname : '';
  const bare = known.replace(/^\[|\]$/g, '');
  if (known === '' || (star !== undefined && isIP(bare) !== 0) || Number(port ?? 1) > 65_535) {
    const message = `${quoted(given)} is no host to fetch from: give host, host:port or *.example.com`;
    throw new PortFailure(failure('INVALID_SPEC', message));
  }
  return { wildcard: star !== undefined, host: known, ...(port !== undefined && { port: Number(port) }) };
}
