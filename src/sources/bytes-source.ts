// Bytes that are in memory already, as a source.
import type { ByteSource } from '../ports.ts';

/**
 * A text (as UTF-8) or bytes. They must not be changed while they are being sent.
 *
 * @example `upload(vcenter, { to: 'configs/edge', files: [{ name: 'edge.json', source: bytesSource('{"mtu":9000}') }] })`
 */
export function bytesSource(content: string | Uint8Array): ByteSource {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return {
    size: bytes.length,
    async *read(signal) {
      for (let at = 0; at < bytes.length; at += CHUNK) {
        signal?.throwIfAborted();
        yield bytes.subarray(at, at + CHUNK);
      }
    }
  };
}

const CHUNK = 64 * 1024;
