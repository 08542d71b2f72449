// What must never be said: a server may echo a password, a token or the address of a transfer in the text of an error.
import { type Hide, striker } from '../../secret-forms.ts';

export interface Secrets {
  add(secret: string): void;
  /** An address to send bytes to, or to have them from: it is a capability. The latest of them are remembered. */
  addAddress(uri: string): void;
  /** The value with every secret in its texts struck out, in whichever form it stands there. */
  readonly hide: Hide;
}

/** @example `hide({ message: 'token 5a0c… is unknown' }).message` is `'token [hidden] is unknown'`. */
export function makeSecrets(): Secrets {
  const known = new Set<string>();
  const addresses = new Set<string>();
  // Made when it is needed: most connections never meet an error.
  let strike: Hide | undefined;
  return {
    add(secret) {
      known.add(secret);
      strike = undefined;
    },
    addAddress(uri) {
      for (const part of secretPartsOf(uri)) {
        if (addresses.has(part)) continue;
        addresses.add(part);
        strike = undefined;
      }
      for (const oldest of addresses) {
        if (addresses.size <= MOST_PARTS) break;
        addresses.delete(oldest);
      }
    },
    hide: value => {
      strike ??= striker([...known, ...addresses].map(secret => [secret, HIDDEN]));
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
