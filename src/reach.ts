// The way to a server, looked at one step at a time: a name, a connection, a certificate, a first answer. A part of the page
// of ports; `shelver doctor` asks it, a run does not.
import type { Failure } from '../machines/vocabulary.ts';
import type { Call } from './content-library.ts';

/** Where a server listens. */
export interface Where {
  readonly secure: boolean;
  /** As a URL says it: IPv6 in brackets. */
  readonly host: string;
  readonly port: number;
  /** `host:port` */
  readonly place: string;
}

/** The certificate that a server showed. Instants in milliseconds since 1970. */
export interface Shown {
  readonly subject: string;
  readonly issuer: string;
  readonly validFrom: number;
  readonly validUntil: number;
  /** SHA-256 fingerprint, upper-case hexadecimal with colons: what `--thumbprint` takes. */
  readonly sha256: string;
  /** Whether it is for the name that it was asked for by. */
  readonly ownName: boolean;
  /** Who vouches for it, nearest first; as far as it is known here. */
  readonly chain: readonly { readonly subject: string; readonly validUntil: number }[];
  /** Such as `TLSv1.3`. */
  readonly protocol: string;
  /** Why it is not believed, if so. */
  readonly refused?: Failure;
}

/** A first answer of the server, to a question without any login. */
export interface FirstAnswer {
  readonly status: number;
  /** The server's own clock (Date header), where it told, and ours at the same moment. */
  readonly serverNow?: number;
  readonly now: number;
  readonly tookMs: number;
}

/** Every step throws `PortFailure` within the connection's time-outs. */
export interface Reach {
  /** The proxy that everything goes through, if there is one. */
  readonly proxy?: Where;
  /** The addresses of a host. BAD_ADDRESS: there is none of that name. */
  lookUp(host: string, call?: Call): Promise<readonly string[]>;
  /** A bare connection, through the proxy if there is one. */
  dial(to: Where, call?: Call): Promise<{ readonly tookMs: number }>;
  /** The certificate, whether it is believed or not. */
  greet(to: Where, call?: Call): Promise<Shown>;
  /** Asks the server something, without a login. UNAVAILABLE, SERVER_ERROR: it is in trouble. */
  ask(call?: Call): Promise<FirstAnswer>;
  /** Where an address for bytes leads to, and whether the login would go with them. */
  leadsTo(uri: string): { readonly to: Where; readonly withLogin: boolean };
}
