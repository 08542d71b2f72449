// What must never be said: a server may echo a password, a token or an upload URI in the text of an error.
import type { Failure } from '../../../machines/vocabulary.ts';

export interface Secrets {
  add(secret: string): void;
  /** The failure with every secret in its texts struck out. */
  hide(failure: Failure): Failure;
}

/** @example `hide({ message: 'token 5a0c… is unknown' }).message` is `'token [hidden] is unknown'`. */
export function makeSecrets(): Secrets {
  const known = new Set<string>();
  return {
    add(secret) {
      // Striking out "a" or "user" would make nonsense of every sentence, and hide nothing.
      if (secret.length >= 6) known.add(secret);
    },
    hide: failure => struck(failure, known) as Failure
  };
}

function struck(value: unknown, known: ReadonlySet<string>): unknown {
  if (typeof value === 'string') {
    let text = value;
    for (const secret of known) text = text.replaceAll(secret, '[hidden]');
    return text;
  }
  if (Array.isArray(value)) return value.map(each => struck(each, known));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, struck(each, known)]));
}
