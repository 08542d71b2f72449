// A source in memory.
import type { ByteSource } from '../../src/ports.ts';

export function bytesOf(content: string | Uint8Array, chunk = 64 * 1024): ByteSource {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return {
    size: bytes.length,
    async *read() {
      for (let at = 0; at < bytes.length; at += chunk) yield bytes.subarray(at, Math.min(at + chunk, bytes.length));
    }
  };
}
