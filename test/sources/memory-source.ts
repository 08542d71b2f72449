// A source in memory, as a caller's own would be.
import type { ByteSource } from '../../src/ports.ts';

export function sourceOf(content: string | Uint8Array): ByteSource {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return {
    size: bytes.length,
    async *read() {
      if (bytes.length > 0) yield bytes;
    }
  };
}

/** All that a source gives, as text. */
export async function textOf(source: ByteSource): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source.read()) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
