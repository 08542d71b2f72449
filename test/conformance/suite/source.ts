// A place for the server to pull from: a file over HTTP, served by this process while a row runs.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Source extends AsyncDisposable {
  /** `/a.txt` holds the content, `/slow.txt` holds it back until `release`, anything else is 404. */
  readonly url: string;
  release(): void;
}

/** `host`: the name of this machine as the server can reach it. */
export async function openSource(host: string, content: string): Promise<Source> {
  let release = (): void => undefined;
  const released = new Promise<void>(resolve => {
    release = resolve;
  });
  const server = createServer((req, res) => {
    const known = req.url === '/a.txt' || req.url === '/slow.txt';
    res.writeHead(known ? 200 : 404, { 'content-length': known ? Buffer.byteLength(content) : 0 });
    if (!known || req.method === 'HEAD') return void res.end();
    if (req.url === '/a.txt') return void res.end(content);
    res.flushHeaders();
    void released.then(() => res.end(content));
  });
  const local = host === '127.0.0.1' || host === 'localhost';
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, local ? '127.0.0.1' : undefined, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host}:${port}`,
    release: () => release(),
    [Symbol.asyncDispose]: () =>
      new Promise(resolve => {
        release();
        server.close(() => resolve());
        server.closeAllConnections();
      })
  };
}
