// Where the service is to fetch a file from: which addresses there are, what of them may be said aloud, and what they name.
import { hasControl } from '../tar/quoted.ts';

/** The schemes that the service fetches from (UpdateSession.File.SourceType, vSphere API 8.0). */
const SCHEMES = ['http:', 'https:', 'file:', 'ds:'];

/**
 * What is wrong with an address, in words that repeat nothing of it; `undefined` when nothing is.
 *
 * @example `addressFault('ftp://example.com/a.iso')` is `'it begins with "ftp:", and the service fetches from http:, https:, file: and ds:'`.
 */
export function addressFault(uri: string): string | undefined {
  if (uri.trim() !== uri || hasControl(uri) || !URL.canParse(uri)) {
    return 'it is not a URL such as https://example.com/ubuntu.ova';
  }
  const { protocol } = new URL(uri);
  if (SCHEMES.includes(protocol)) return undefined;
  return `it begins with "${protocol}", and the service fetches from http:, https:, file: and ds:`;
}

/** Whether it can be looked at from here: paths and datastores are the server's own. */
export function isWeb(uri: string): boolean {
  return /^https?:/i.test(uri);
}

/** Whether the address holds a user name or a password. */
export function hasUser(uri: string): boolean {
  if (!URL.canParse(uri)) return /\/\/[^/]*@/.test(uri);
  const { username, password } = new URL(uri);
  return username !== '' || password !== '';
}

/**
 * The address without what may be a secret: user name, password, query and fragment.
 *
 * @example `shownAddress('https://me:pw@x.example/a.ova?X-Amz-Signature=1')` is `'https://x.example/a.ova'`.
 */
export function shownAddress(uri: string): string {
  if (!URL.canParse(uri)) return 'the source';
  const url = new URL(uri);
  const query = /[?#]/.exec(uri);
  // A datastore path is no host: the parser would leave it as it is, so it is cut where it stands.
  if (!isWeb(uri)) return (query === null ? uri : uri.slice(0, query.index)).replace(/\/\/[^/]*@/, '//');
  return `${url.protocol}//${url.host}${url.pathname}`;
}

/** The file name that an address ends in; '' when it ends in none. @example `nameIn('https://x.example/a%20b.ova?v=2')` is `'a b.ova'`. */
export function nameIn(uri: string): string {
  const last = new URL(uri).pathname.replace(/^.*\//s, '');
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}

/** Whether there is anything in an address that is not to be written down: a user, a query, a fragment. */
export function mayHoldSecret(uri: string): boolean {
  return /[?#@]/.test(uri);
}

/** What of an address must never be repeated: a server may echo it, or parts of it, in its answers. */
export function secretsIn(uri: string): string[] {
  const { search, searchParams, username, password, hash } = new URL(uri);
  const user = [username, password].flatMap(part => [part, decoded(part)]);
  const parts = [search.slice(1), hash.slice(1), ...user, ...searchParams.values()];
  // What stands in every address is none, and striking out "1" would make nonsense of a sentence.
  const secret = parts.filter(part => part.length >= 6);
  // A password is one however short it is; beside its user it can be told from any other word.
  if (password !== '') secret.push(`${username}:${password}`);
  return secret.length === 0 ? [] : [uri, new URL(uri).href, ...secret, ...secret.map(encodeURIComponent)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
