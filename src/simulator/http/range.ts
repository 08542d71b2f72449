// The Range header of a download (RFC 9110, section 14): one range of bytes. Whatever else it says is as if it were not there.
import type { IncomingHttpHeaders } from 'node:http';

export interface ByteRange {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

/**
 * What a request asks for of `size` bytes; undefined: all of it.
 *
 * @example `rangeIn({ range: 'bytes=-2' }, 5)` is `{ from: 3, to: 5 }`; `rangeIn({ range: 'bytes=5-' }, 5)` is `'unsatisfiable'`.
 */
export function rangeIn(headers: IncomingHttpHeaders, size: number): ByteRange | 'unsatisfiable' | undefined {
  // nothing that If-Range could name was ever told
  if (headers.range === undefined || headers['if-range'] !== undefined) return undefined;
  const [, first, last] = /^bytes=\s*(\d*)-(\d*)\s*$/i.exec(headers.range) ?? [];
  if (!first && !last) return undefined;
  if (!first)
    return Number(last) === 0 || size === 0 ? 'unsatisfiable' : { from: Math.max(0, size - Number(last)), to: size };
  const from = Number(first);
  const to = last ? Math.min(size, Number(last) + 1) : size;
  if (last && Number(last) < from) return undefined;
  return from >= size ? 'unsatisfiable' : { from, to };
}
