// A session that pulls, and a server to pull from: what the tests of this folder share.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { SessionFile, SessionInfo } from '../../../machines/vocabulary.ts';
import type { AddFile } from '../../../src/ports.ts';
import { type Door, type Options, opened, portDoor } from '../doors.ts';

export const NAME = 'a.iso';

export interface Pulling extends Door {
  readonly itemId: string;
  readonly sessionId: string;
  add(uri: string, more?: Partial<AddFile>, source?: Partial<AddFile['source']>): Promise<SessionFile>;
  file(name?: string): Promise<SessionFile>;
  session(): Promise<SessionInfo>;
  /** The file when it is READY or ERROR, which real work brings about: virtual time stands. */
  settled(name?: string): Promise<SessionFile>;
  /** What the item holds, as text by name. */
  held(): Promise<Record<string, string>>;
}

/** An open session on a new item. */
export async function pulling(options: Options = {}, item: { type?: string } = {}): Promise<Pulling> {
  const door = await portDoor(options);
  const { library, simulator } = door;
  const { itemId, sessionId } = await opened(door, {}, item);
  const file = (name = NAME) => library.getFile(sessionId, name);
  return {
    ...door,
    itemId,
    sessionId,
    add: (uri, more, source) =>
      library.addFile(sessionId, { name: NAME, sourceType: 'PULL', source: { uri, ...source }, ...more }),
    file,
    session: () => library.getSession(sessionId),
    settled: async name => {
      for (;;) {
        const seen = await file(name);
        if (seen.status === 'READY' || seen.status === 'ERROR') return seen;
        await turn();
      }
    },
    held: async () => {
      const files: Record<string, string> = {};
      for (const { name, read } of simulator.contents(itemId)!.files) {
        files[name] = Buffer.from((await read())!).toString();
      }
      return files;
    }
  };
}

/** Turns of the event loop until it is so. */
export async function until(so: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await so())) await turn();
}

function turn(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve));
}

export type Answering = (req: IncomingMessage, res: ServerResponse) => void;

export interface Origin {
  /** Without a slash at its end. */
  readonly url: string;
  readonly port: number;
  /** `METHOD /path`, in order. */
  readonly asked: readonly string[];
  /** How many connections are open. */
  connections(): Promise<number>;
  /** How many connections were ever made. */
  readonly made: () => number;
  close(): Promise<void>;
}

/** A server on loopback that answers by path, and 404 elsewhere. A text is a 200 with its length. */
export async function originOf(
  answers: Readonly<Record<string, string | Answering>>,
  tls?: { key: string; cert: string }
): Promise<Origin> {
  const asked: string[] = [];
  let made = 0;
  const handler: Answering = (req, res) => {
    asked.push(`${req.method} ${req.url}`);
    const answer = answers[req.url ?? ''];
    if (typeof answer === 'function') return answer(req, res);
    const text = answer ?? 'not found';
    res.writeHead(answer === undefined ? 404 : 200, { 'content-length': Buffer.byteLength(text) });
    res.end(req.method === 'HEAD' ? undefined : text);
  };
  const server = tls === undefined ? createServer(handler) : createTlsServer(tls, handler);
  server.on('connection', () => {
    made++;
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    port,
    asked,
    connections: () =>
      new Promise((resolve, reject) =>
        server.getConnections((error, count) => (error ? reject(error) : resolve(count)))
      ),
    made: () => made,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      })
  };
}

/** Why a file is in ERROR: what stands after the words of the service. */
export function reasonOf({ errorMessage = '' }: Pick<SessionFile, 'errorMessage'>): string {
  return errorMessage.slice(errorMessage.indexOf('Reason: ') + 'Reason: '.length);
}
