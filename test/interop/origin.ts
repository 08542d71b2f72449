// An HTTP or HTTPS server that has files to be pulled, and knows who asked for what.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { basename } from 'node:path';

export interface Origin extends AsyncDisposable {
  readonly url: string;
  /** `METHOD /name`, in order. */
  readonly asked: readonly string[];
}

/** Offers these files by their names; anything else is not found. */
export async function startOrigin(paths: readonly string[], tls?: { key: string; cert: string }): Promise<Origin> {
  const files = new Map(paths.map(path => [`/${basename(path)}`, path]));
  const asked: string[] = [];
  const handler = async (req: IncomingMessage, res: ServerResponse) => {
    asked.push(`${req.method} ${req.url}`);
    const path = files.get(req.url ?? '');
    if (path === undefined) {
      const said = 'there is no such file here\n';
      res.writeHead(404, { 'content-type': 'text/plain', 'content-length': said.length });
      res.end(req.method === 'HEAD' ? undefined : said);
      return;
    }
    const { size } = await stat(path);
    res.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': size });
    if (req.method === 'HEAD') res.end();
    else createReadStream(path).pipe(res);
  };
  const server = tls === undefined ? createServer(handler) : createTlsServer(tls, handler);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    asked,
    [Symbol.asyncDispose]: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      })
  };
}
