// The records of a pax extended header: `LENGTH KEY=VALUE\n`, where LENGTH counts itself (POSIX.1-2001, pax).
import { utf8 } from './tar-header.ts';

/** Reads the records; a text says what is wrong with them. */
export function parseExtended(bytes: Uint8Array): Map<string, string> | string {
  const records = new Map<string, string>();
  for (let at = 0; at < bytes.length; ) {
    const length = lengthAt(bytes, at);
    if (length === undefined) return 'an extended header record has no length';
    const end = at + length.value;
    if (length.after >= end || bytes[end - 1] !== NEWLINE) {
      return 'an extended header record is cut short';
    }
    const record = bytes.subarray(length.after, end - 1);
    const equals = record.indexOf(EQUALS);
    if (equals < 1) return 'an extended header record has no key';
    const key = utf8(record.subarray(0, equals));
    if (key === undefined) return 'an extended header key is not UTF-8';
    const value = record.subarray(equals + 1);
    // Values of other keys may be binary (extended attributes); those that matter here are text.
    if (READ.has(key) || REFUSED.some(prefix => key.startsWith(prefix))) {
      const text = utf8(value);
      if (text === undefined) return `the extended header value of ${key} is not UTF-8`;
      records.set(key, text);
    }
    at = end;
  }
  return records;
}

/** Whether one of the records makes its file sparse: then its bytes in the archive are not its content. */
export function tellsSparse(records: ReadonlyMap<string, string>): boolean {
  return [...records.keys()].some(key => REFUSED.some(prefix => key.startsWith(prefix)));
}

const READ = new Set(['path', 'size']);
const REFUSED = ['GNU.sparse.', 'SCHILY.realsize', 'SUN.holesdata'];
const NEWLINE = 0x0a;
const EQUALS = 0x3d;
const SPACE = 0x20;

function lengthAt(bytes: Uint8Array, at: number): { value: number; after: number } | undefined {
  let value = 0;
  let next = at;
  // Nine digits are enough for any header that is read at all.
  for (; next < bytes.length && next - at < 9; next += 1) {
    const digit = (bytes[next] as number) - 0x30;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  return next > at && bytes[next] === SPACE ? { value, after: next + 1 } : undefined;
}
