// The canaries: secrets that were never anybody's, with everything in them that URLs, JSON, HTML and shells write otherwise.
import type { Canary } from '../../invariants/secrets.ts';

export const PASSWORD = 'cnPw-"7f&<ö>/+%2F\\\'q9 Xk-b41c77';
/** For places where a quote or an umlaut could not stand. */
export const PROXY_PASSWORD = 'cnPx+8d/1e~42&=Zr7703';
export const SIGNATURE = 'cnSg+44be/90=Lm21d7Qe5501aa';
export const ADMIN_TOKEN = 'cnAd-5512-e0b7-Tq90-77fa';
export const KEY_TEXT = 'cnKyMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcw77';

export const PLANTED: readonly Canary[] = [
  { name: 'the password', text: PASSWORD },
  { name: 'the password of the proxy', text: PROXY_PASSWORD },
  { name: 'the signature of the source', text: SIGNATURE },
  { name: 'the admin token', text: ADMIN_TOKEN },
  { name: 'the text of a key', text: KEY_TEXT }
];
