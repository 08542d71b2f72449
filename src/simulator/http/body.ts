// The body of a request about the control plane: small, wanted whole. It may be absent, or chunked and empty (govc).
import type { IncomingMessage } from 'node:http';
import { Refusal, wireError } from '../../wire/errors.ts';

/** What a JSON or XML body may have, in bytes. */
export const BODY_CAP = 1024 * 1024;

/**
 * The text of the body; `undefined` when it is larger than the cap. Rejects when the client goes away, and with a `Refusal`
 * when it is no UTF-8: a name that is guessed is the name of something else.
 */
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
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks));
  } catch {
    throw new Refusal(wireError('INVALID_ARGUMENT', 'shelver.simulator.not_utf8', 'The body is not UTF-8.'));
  }
}
