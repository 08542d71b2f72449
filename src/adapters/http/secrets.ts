// What must never be said: a server may echo a password, a token or the address of a transfer in the text of an error.
import { type Hide, type Known, striker } from '../../secret-forms.ts';

export interface Secrets {
  add(secret: string): void;
  /** An address to send bytes to, or to have them from: it is a capability. The latest of them are remembered. */
  addAddress(uri: string): void;
  /** An address that the server is to fetch from: user, password, query and fragment may be secrets. */
  addSource(uri: string): void;
  /** The value with every secret in its texts struck out, in whichever form it stands there. */
  readonly hide: Hide;
}

/** @example `hide({ message: 'token 5a0c… is unknown' }).message` is `'token [hidden] is unknown'`. */
export function makeSecrets(): Secrets {
  const known = new Set<string>();
  const addresses = new Map<string, string>();
  // Made when it is needed: most connections never meet an error.
  let strike: Hide | undefined;
  const remember = (parts: readonly Known[]): void => {
    for (const [part, shown] of parts) {
      if (addresses.has(part)) continue;
      addresses.set(part, shown);
      strike = undefined;
    }
    for (const oldest of addresses.keys()) {
      if (addresses.size <= MOST_PARTS) break;
      addresses.delete(oldest);
    }
  };
  return {
    add(secret) {
      known.add(secret);
      strike = undefined;
    },
    addAddress: uri => remember(secretPartsOf(uri).map(part => [part, HIDDEN])),
    addSource: uri => remember(secretsOfSource(uri)),
    hide: value => {
      strike ??= striker([...[...known].map((secret): Known => [secret, HIDDEN]), ...addresses]);
      return strike(value);
    }
  };
}

const HIDDEN = '[hidden]';
/** Of addresses: a run has few at a time, however many files it has in all. */
const MOST_PARTS = 512;

/** The address itself, its query, and the parts of its path that cannot be guessed. */
function secretPartsOf(uri: string): string[] {
  if (!URL.canParse(uri)) return [uri];
  const { href, pathname, search, username, password } = new URL(uri);
  const random = pathname.split('/').filter(part => part.length >= 20);
  return [uri, href, pathname, search.slice(1), username, password, ...random].filter(part => part.length >= 6);
}

/** What of an address is no secret (host and path) stays to be seen: whose fault it is should be told. */
function secretsOfSource(uri: string): Known[] {
  if (!URL.canParse(uri)) return [];
  const { href, protocol, host, pathname, search, searchParams, hash, username, password } = new URL(uri);
  const values = [search.slice(1), hash.slice(1), password, ...searchParams.values()];
  const parts = values.filter(part => part.length >= 6).map((part): Known => [part, HIDDEN]);
  if (password !== '') parts.push([`${username}:${password}`, HIDDEN]);
  const shown = `${protocol}//${host}${pathname}`;
  return parts.length === 0 ? [] : [[uri, shown], [href, shown], ...parts];
}
