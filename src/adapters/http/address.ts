// Where the server is: the address a person gave, read strictly, and what of it may be said aloud or trusted.
import { failure } from '../../../machines/vocabulary.ts';
import { PortFailure } from '../../ports.ts';

export interface Address {
  /** `https://host:port`, without a path or credentials. */
  readonly origin: string;
  readonly secure: boolean;
  /** As a URL says it: lower case, IPv6 in brackets. */
  readonly host: string;
  readonly port: number;
  /** `host:port`: how messages name it. */
  readonly place: string;
  /** `host`, or `host:port` when the port is not the usual one: how reports and the journal name it. */
  readonly name: string;
}

/**
 * Reads `--url`. `vc.example.com` means `https://vc.example.com`; a path such as `/sdk` is ignored.
 * Throws BAD_ADDRESS; the message never repeats what may be a password.
 * @example `addressOf('vc.example.com/sdk').origin` is `'https://vc.example.com:443'`.
 */
export function addressOf(text: string): Address {
  const url = parsed(text.includes('://') ? text : `https://${text}`);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw bad(`the address of the server begins with "${url.protocol}//", but only https:// and http:// are possible`);
  }
  if (url.username !== '' || url.password !== '') {
    throw bad('the address of the server holds a user name or password: give them by their own options');
  }
  return addressOfUrl(url);
}

/** The place a parsed URL leads to. */
export function addressOfUrl(url: URL): Address {
  const secure = url.protocol === 'https:';
  const usual = secure ? 443 : 80;
  const port = url.port === '' ? usual : Number(url.port);
  const host = url.hostname;
  return {
    origin: `${url.protocol}//${host}:${port}`,
    secure,
    host,
    port,
    place: `${host}:${port}`,
    name: port === usual ? host : `${host}:${port}`
  };
}

/**
 * Whether the session header may go to this URL: to the vCenter Server itself (the same scheme, host and port), or to a host
 * that the caller named, by `host` or `host:port`; never in the clear when the login was encrypted.
 */
export function mayHaveSession(url: URL, vcenter: Address, trustedHosts: readonly string[]): boolean {
  const to = addressOfUrl(url);
  if (vcenter.secure && !to.secure) return false;
  if (to.port === vcenter.port && to.secure === vcenter.secure && sameHost(to.host, vcenter.host)) return true;
  return trustedHosts.some(trusted => {
    const name = trusted.toLowerCase();
    return name === to.host || name === to.place;
  });
}

/**
 * The URL to send bytes to: the one that the server gave, as it is, unless its host is "any address", which a server that
 * listens everywhere may state and nobody can connect to.
 */
export function usableUploadUrl(uri: string, vcenter: Address): URL {
  const url = new URL(uri);
  if (url.hostname === '0.0.0.0' || url.hostname === '[::]') url.hostname = vcenter.host;
  return url;
}

/** Whether what goes there never leaves this machine. `host` is as in `Address`. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.has(host);
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

// vcsim states its listen address in upload URIs, which is 127.0.0.1 where the caller may have said localhost.
function sameHost(one: string, other: string): boolean {
  return one === other || (isLoopback(one) && isLoopback(other));
}

function parsed(text: string): URL {
  try {
    return new URL(text);
  } catch {
    throw bad('the address of the server is not a URL: write it like https://vcenter.example.com');
  }
}

function bad(message: string): PortFailure {
  return new PortFailure(failure('BAD_ADDRESS', message));
}
