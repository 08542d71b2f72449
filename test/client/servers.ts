// Small real servers on loopback for the client's tests: they answer as they are told and write down what they saw.
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import net, { type AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Failure } from '../../machines/vocabulary.ts';
import { type Connection, type ConnectOptions, connect } from '../../src/connect.ts';
import { PortFailure } from '../../src/ports.ts';
import { inlineHasher } from './inline-hasher.ts';

export const PASSWORD = 'canary-password-5f1d';
export const TOKEN = 'canary-session-77aa01';

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  body: string;
}
export interface TestServer {
  readonly url: string;
  readonly place: string;
  readonly port: number;
  readonly seen: Seen[];
  /** Sockets that were opened to it so far. */
  readonly sockets: net.Socket[];
  count(method: string, path: string): number;
  close(): Promise<void>;
}
export type Answer = (request: IncomingMessage, response: ServerResponse, seen: Seen) => void;

export interface ServeOptions {
  readonly tls?: https.ServerOptions;
  readonly port?: number;
  readonly host?: string;
  /** Answers as soon as the headers are there, and leaves the body to the answer. */
  readonly early?: boolean;
}

/** A server that is closed, sockets and all, when the test ends. */
export async function serve(answer: Answer, options: ServeOptions = {}): Promise<TestServer> {
  const seen: Seen[] = [];
  const sockets: net.Socket[] = [];
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    const one: Seen = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body: '' };
    seen.push(one);
    // A client that goes away is no failure of the test.
    request.on('error', () => {});
    if (options.early) return answer(request, response, one);
    request.on('data', chunk => {
      one.body += chunk;
    });
    request.on('end', () => answer(request, response, one));
  };
  const server = options.tls ? https.createServer(options.tls, listener) : http.createServer(listener);
  server.on('connection', socket => {
    sockets.push(socket);
    socket.on('error', () => {});
  });
  server.on('tlsClientError', () => {});
  const { host = '127.0.0.1' } = options;
  const port = await listen(server, options.port, host);
  const close = () =>
    new Promise<void>(resolve => {
      for (const socket of sockets) socket.destroy();
      server.close(() => resolve());
    });
  onTestFinished(close);
  const place = `${host}:${port}`;
  return {
    url: `${options.tls ? 'https' : 'http'}://${place}`,
    place,
    port,
    seen,
    sockets,
    count: (method, path) => seen.filter(one => one.method === method && one.url.startsWith(path)).length,
    close
  };
}

/** A server of bare TCP. */
export async function serveTcp(
  onSocket: (socket: net.Socket) => void
): Promise<{ port: number; sockets: net.Socket[] }> {
  const sockets: net.Socket[] = [];
  const server = net.createServer(socket => {
    sockets.push(socket);
    socket.on('error', () => {});
    onSocket(socket);
  });
  const port = await listen(server);
  onTestFinished(
    () =>
      new Promise<void>(resolve => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      })
  );
  return { port, sockets };
}

/** A proxy that tunnels with CONNECT, or refuses with a status; `asked` is what it was asked for. */
export async function serveProxy({ refuse, hold }: { refuse?: number; hold?: Promise<void> } = {}) {
  const asked: { target: string; authorization?: string }[] = [];
  const server = http.createServer();
  const sockets: net.Socket[] = [];
  server.on('connect', async (request, socket) => {
    sockets.push(socket as net.Socket);
    socket.on('error', () => {});
    asked.push({ target: request.url ?? '', authorization: request.headers['proxy-authorization'] });
    await hold;
    if (refuse) return socket.end(`HTTP/1.1 ${refuse} No\r\n\r\n`);
    const to = net.connect(Number(request.url?.split(':').at(-1)), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(to).pipe(socket);
    });
    sockets.push(to);
    to.on('error', () => socket.destroy());
  });
  const port = await listen(server);
  onTestFinished(
    () =>
      new Promise<void>(resolve => {
        for (const socket of sockets) socket.destroy();
        server.closeAllConnections();
        server.close(() => resolve());
      })
  );
  return { port, asked, sockets };
}

function listen(server: net.Server, port = 0, host = '127.0.0.1'): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

/** A service with login and version in /api; `more` answers everything else first, by returning true. */
export function vcenter(more: (...of: Parameters<Answer>) => boolean | undefined = () => false): Answer {
  return (request, response, seen) => {
    if (more(request, response, seen)) return;
    const { method, url } = seen;
    if (method === 'POST' && url === '/api/session') return json(response, 201, TOKEN);
    if (method === 'DELETE' && url === '/api/session') return json(response, 204);
    if (url === '/api/appliance/system/version') return json(response, 200, { version: '8.0.3.00100' });
    if (url === '/api/content/library/item/update-session') return json(response, 200, []);
    if (url === '/api/content/library') return json(response, 200, ['library-1']);
    json(response, 404, { error_type: 'OPERATION_NOT_FOUND', messages: [] });
  };
}

export function json(
  response: ServerResponse,
  status: number,
  body?: unknown,
  headers: http.OutgoingHttpHeaders = {}
): true {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(body === undefined ? undefined : JSON.stringify(body));
  return true;
}

export function text(response: ServerResponse, status: number, body: string, type = 'text/plain'): true {
  response.writeHead(status, { 'content-type': type });
  response.end(body);
  return true;
}

/** Logs in as the tests do, and out again when the test ends. */
export async function connected(url: string, options: Partial<ConnectOptions> = {}): Promise<Connection> {
  const connection = await connect(withLogin(url, options));
  onTestFinished(() => connection.close());
  return connection;
}

export function withLogin(url: string, options: Partial<ConnectOptions> = {}): ConnectOptions {
  return {
    url,
    username: 'ada',
    password: PASSWORD,
    hasher: inlineHasher(),
    onWarning: () => {},
    ...options
  };
}

/** The failure that a promise ends in. */
export async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  return (await thrownBy(promise)).failure;
}

export async function thrownBy(promise: Promise<unknown>): Promise<PortFailure> {
  const outcome = await promise.then(
    value => ({ value }),
    (error: unknown) => ({ error })
  );
  if ('error' in outcome && outcome.error instanceof PortFailure) return outcome.error;
  throw new Error('a PortFailure was expected', { cause: outcome });
}
