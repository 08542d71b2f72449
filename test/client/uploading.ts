// What every test of a byte transfer begins with: sources, and a service that takes PUTs.
import type { ConnectOptions } from '../../src/connect.ts';
import type { ByteSource, PushRequest } from '../../src/ports.ts';
import { type Answer, connected, serve, vcenter } from './servers.ts';

export const UPLOAD = '/cls/data/canary-transfer-0123456789/a.iso';
export const MIB = 2 ** 20;

/** A source of these chunks; `closed` tells that it was read no further and let go. */
export function sourceOf(
  chunks: readonly (Uint8Array | Error)[],
  size?: number
): ByteSource & { closed: number; read_: number } {
  const source = {
    size: size ?? chunks.reduce((sum, chunk) => sum + (chunk instanceof Error ? 0 : chunk.length), 0),
    closed: 0,
    read_: 0,
    async *read() {
      try {
        for (const chunk of chunks) {
          if (chunk instanceof Error) throw chunk;
          source.read_ += chunk.length;
          yield chunk;
        }
      } finally {
        source.closed += 1;
      }
    }
  };
  return source;
}

/** More than the buffers of any socket hold. */
export const endless = () => sourceOf(new Array(512).fill(new Uint8Array(MIB)));
export const small = () => sourceOf([Buffer.from('hello '), Buffer.from('world')]);

export async function uploading(put: Answer, options: Partial<ConnectOptions> = {}, early = false) {
  const server = await serve(
    (request, response, seen) => {
      if (seen.method === 'PUT') return put(request, response, seen);
      vcenter()(request, response, seen);
    },
    { early }
  );
  const connection = await connected(server.url, { profile: '8.0', ...options });
  const push = (request: Partial<PushRequest> & { source: ByteSource }) =>
    connection.bytes.push({ uri: `${server.url}${UPLOAD}`, hash: [], ...request });
  return { server, connection, push };
}

export const ok: Answer = (_, response) => void response.writeHead(200).end();
