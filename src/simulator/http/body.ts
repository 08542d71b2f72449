// The body of a request about the control plane: small, wanted whole. It may be absent, or chunked and empty (govc).
import type { IncomingMessage } from 'node:http';

/** What a JSON or XML body may have, in bytes. */
export const BODY_CAP = 1024 * 1024;

/** The text of the body; `undefined` when it is larger than the cap. Rejects when the client goes away. */
export async function readBody(req: IncomingMessage): Promise<string | undefined> {
  if (req.headers['content-length'] === '0') return '';
  if (req.headers['content-length'] === undefined && req.headers['transfer-encoding'] === undefined) return '';
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of req.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > BODY_CAP) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
