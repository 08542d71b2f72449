// Whether an answer is all of what the server said. One that announces its length, or comes in chunks, is found short by Node;
// of one that just ends with its connection nobody can tell (RFC 9112, section 8), not even under TLS, as Node does not say
// whether the other side said good-bye. What such an answer says must then be whole in itself.
import { readXml } from '../../wire/xml.ts';

export interface Ended {
  readonly status: number;
  readonly headers: { readonly 'content-type'?: string };
  readonly body: string;
  /** It announced neither length nor chunks: its end is that of the connection, or of what was left of it. */
  readonly openEnded?: true;
}

/** @param rawHeaders as they came: got takes the length away from an answer that it inflates */
export function isOpenEnded(status: number, rawHeaders: readonly string[]): boolean {
  if (status === 204 || status === 304) return false;
  return !rawHeaders.some((name, at) => at % 2 === 0 && /^(content-length|transfer-encoding)$/i.test(name));
}

/** Whether it breaks off within what it says. */
export function isCut({ openEnded, headers, body }: Ended): boolean {
  if (!openEnded || body.trim() === '') return false;
  const type = headers['content-type'] ?? '';
  if (/json/i.test(type)) return !reads(JSON.parse, body);
  return /\bxml\b/i.test(type) && !reads(readXml, body);
}

/** Whether an answer that should say something says nothing: it may have been cut before its first byte. */
export function isMissing({ openEnded, status, body }: Ended): boolean {
  return openEnded === true && status >= 200 && status <= 299 && body.trim() === '';
}

function reads(reader: (text: string) => unknown, text: string): boolean {
  try {
    reader(text);
    return true;
  } catch {
    return false;
  }
}
