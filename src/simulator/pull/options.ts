// What the simulator may fetch, and how patient it is: the options as given, and the same with everything filled in.
import { lookup as systemLookup } from 'node:dns/promises';
import { type AllowedHosts, allowedHosts } from './hosts.ts';

export interface PullOptions {
  /** `host`, `host:port` or `*.example.com`. Without any, nothing is fetched over HTTP. */
  readonly hosts?: readonly string[];
  /** Where `file:` and `ds:` URIs are looked up. Without it there is nothing behind them. */
  readonly folder?: string;
  /** Bytes by URI: a network that is only imagined, without sockets and in virtual time. */
  readonly sources?: Readonly<Record<string, Uint8Array | string>>;
  /** The most that one file may have; 64 GiB unless said otherwise. */
  readonly maxBytes?: number;
  /** 5 unless said otherwise. */
  readonly maxRedirects?: number;
  /** How long a source may be silent, in milliseconds; half a minute unless said otherwise. */
  readonly stallMs?: number;
  /** How often a source that fails in passing is tried in all; 3 unless said otherwise. */
  readonly attempts?: number;
  /** PEM: trusted beside the authorities that the system trusts. */
  readonly ca?: string;
  /** The addresses of a name; the system's resolver unless said otherwise. */
  readonly lookup?: (host: string) => Promise<readonly string[]>;
}

export interface PullPolicy extends Required<Omit<PullOptions, 'hosts' | 'folder' | 'ca'>> {
  readonly hosts: AllowedHosts;
  readonly folder?: string;
  readonly ca?: string;
}

/** @throws `PortFailure` INVALID_SPEC for a host that is none. */
export function pullPolicyOf(options: PullOptions): PullPolicy {
  return {
    sources: {},
    maxBytes: 64 * 1024 ** 3,
    maxRedirects: 5,
    stallMs: 30_000,
    attempts: 3,
    lookup: bySystem,
    ...given(options),
    hosts: allowedHosts(options.hosts ?? [])
  };
}

function given(options: PullOptions): Partial<PullOptions> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

async function bySystem(host: string): Promise<string[]> {
  return (await systemLookup(host, { all: true })).map(({ address }) => address);
}
