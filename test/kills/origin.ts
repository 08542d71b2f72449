// Where a server can pull from: files that come slowly, so that one can be on its way.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BANDWIDTH, type Held } from './goods.ts';

export interface Origin {
  readonly url: string;
  /** As the simulator is told whom it may ask. */
  readonly place: string;
  /** Bytes that were given so far, and bodies that are on their way. */
  readonly moved: number;
  readonly bodies: number;
  close(): void;
}

const EVERY_MS = 25;

/** @param files asked for when somebody comes, so that they may be made later */
export async function originOf(files: () => Held): Promise<Origin> {
  let moved = 0;
  let bodies = 0;
  const server: Server = createServer((request, response) => {
    const bytes = files()[String(request.url).slice(1)];
    if (bytes === undefined) return response.writeHead(404).end();
    response.writeHead(200, { 'content-length': bytes.length });
    if (request.method === 'HEAD') return response.end();
    bodies += 1;
    let at = 0;
    const timer = setInterval(() => {
      const piece = bytes.subarray(at, at + Math.ceil((BANDWIDTH * EVERY_MS) / 1_000));
      at += piece.length;
      moved += piece.length;
      if (at < bytes.length) return response.write(piece);
      response.end(piece);
      clearInterval(timer);
    }, EVERY_MS);
    response.on('close', () => {
      clearInterval(timer);
      bodies -= 1;
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    place: `127.0.0.1:${port}`,
    get moved() {
      return moved;
    },
    get bodies() {
      return bodies;
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    }
  };
}
