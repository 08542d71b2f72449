// Who a request says it comes from: Basic at login, afterwards a token in the header or the cookie of the same name.
import type { IncomingHttpHeaders } from 'node:http';

export const TOKEN_NAME = 'vmware-api-session-id';

export function tokenOf(headers: IncomingHttpHeaders): string | undefined {
  const header = headers[TOKEN_NAME];
  if (typeof header === 'string') return header;
  return cookieOf(headers, TOKEN_NAME);
}

export function cookieOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  for (const pair of headers.cookie?.split(';') ?? []) {
    const equals = pair.indexOf('=');
    if (pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim();
  }
  return undefined;
}

/** User and password of `Authorization: Basic`, in UTF-8; the password may hold colons. */
export function basicOf(headers: IncomingHttpHeaders): { user: string; password: string } | undefined {
  const match = /^Basic +([A-Za-z0-9+/=]+) *$/i.exec(headers.authorization ?? '');
  if (match === null) return undefined;
  const text = Buffer.from(match[1]!, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}
