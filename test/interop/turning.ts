// Stands before a simulator and passes everything on, but for the end of an update session: that it answers with yes, and
// the session fails afterwards. So a service does that finds something wrong only when it has said that it will look.
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Listening } from '../../src/simulator/index.ts';

export async function startTurning(
  { port }: Listening,
  fail: (session: string) => Promise<void>
): Promise<AsyncDisposable & { readonly url: string }> {
  const handler = (req: IncomingMessage, res: ServerResponse) => {
    const completed = /\/update-session\/(?:id:)?([^/?]+)\?(?:~|%7E)?action=complete/i.exec(req.url ?? '');
    if (completed !== null) {
      req.resume();
      void fail(decodeURIComponent(completed[1]!)).then(() => {
        res.writeHead(req.url!.startsWith('/api') ? 204 : 200);
        res.end();
      });
      return;
    }
    const { method, url: path, headers } = req;
    const onward = request({ host: '127.0.0.1', port, method, path, headers }, answer => {
      res.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(res);
    });
    onward.on('error', () => res.destroy());
    req.pipe(onward);
  };
  const server = createServer(handler);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      })
  };
}
