// The HTTP door: sockets, TLS, and which part of the simulator a request is for.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { failure } from '../../../machines/vocabulary.ts';
import { PortFailure } from '../../ports.ts';
import { Refusal, type WireError, wireError } from '../../wire/errors.ts';
import type { Shell } from '../shell.ts';
import { breakOff, errorAnswer, send } from './answers.ts';
import { type Thumbprints, thumbprintsOf } from './certificate.ts';
import { handleDownload, isDownload } from './download.ts';
import { languageOf } from './language.ts';
import { handleOperation } from './operation.ts';
import { handleSdk } from './sdk.ts';
import { handleUpload, isData } from './upload.ts';

export interface ListenOptions {
  /** 0 (the default) takes any that is free. */
  readonly port?: number;
  /** 127.0.0.1 unless said otherwise. */
  readonly host?: string;
  /** True makes a self-signed certificate for loopback; a store keeps it. PEM otherwise. */
  readonly tls?: boolean | { readonly key: string; readonly cert: string };
  /** A connection on which nothing moves for so long is closed; a minute unless said otherwise. 0: never. */
  readonly idleTimeoutMs?: number;
}

export interface Listening {
  /** Without a slash at its end: `http://127.0.0.1:41234`. Of one that listens everywhere, its address on this machine. */
  readonly url: string;
  /** What upload URIs begin with: the same, but for one that listens everywhere. Its clients put in the host that they know. */
  readonly uploadBase: string;
  readonly port: number;
  /** Under TLS: what to pin, and what to trust. */
  readonly thumbprints?: Thumbprints;
  readonly caPem?: string;
  /** Where a store keeps the self-signed certificate, the same in every life. */
  readonly caFile?: string;
  /** The server of `node:http`, to be looked at. */
  readonly server: Server;
  /** Stops listening and ends every connection, whatever is going on on it. */
  close(): Promise<void>;
}

const HEADERS_TIMEOUT_MS = 60_000;
const IDLE_TIMEOUT_MS = 60_000;
/** Nobody can connect to "any address". */
const LOOPBACK_OF: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/** @throws `PortFailure` INVALID_SPEC when the address cannot be listened on. */
export async function listen(shell: Shell, options: ListenOptions = {}): Promise<Listening> {
  const { port = 0, host = '127.0.0.1', idleTimeoutMs = IDLE_TIMEOUT_MS } = options;
  const certificate: ReturnType<Shell['certificate']> | undefined =
    options.tls === true ? shell.certificate() : options.tls || undefined;
  const settings = {
    // an upload may take hours: what is watched is whether anything moves
    requestTimeout: 0,
    headersTimeout: HEADERS_TIMEOUT_MS,
    keepAliveTimeout: IDLE_TIMEOUT_MS,
    noDelay: true
  };
  const handler = (req: IncomingMessage, res: ServerResponse) => void handle(shell, req, res);
  const server: Server = certificate
    ? createTlsServer({ ...settings, key: certificate.key, cert: certificate.cert }, handler)
    : createServer(settings, handler);
  server.timeout = idleTimeoutMs;
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    meetConnection(shell, socket);
  });
  await bound(server, port, host);
  const address = server.address() as AddressInfo;
  const urlAt = (ip: string) =>
    `${certificate ? 'https' : 'http'}://${ip.includes(':') ? `[${ip}]` : ip}:${address.port}`;
  return {
    url: urlAt(LOOPBACK_OF[address.address] ?? address.address),
    uploadBase: urlAt(address.address),
    port: address.port,
    server,
    ...(certificate && { thumbprints: thumbprintsOf(certificate.cert), caPem: certificate.cert }),
    ...(certificate?.caFile !== undefined && { caFile: certificate.caFile }),
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        // Not only those that speak HTTP: one in the middle of its handshake would be waited for, for two minutes.
        for (const socket of sockets) socket.destroy();
      })
  };
}

async function handle(shell: Shell, req: IncomingMessage, res: ServerResponse): Promise<void> {
  res.sendDate = false;
  res.setHeader('date', httpDate(shell.clock.now()));
  const url = req.url ?? '/';
  try {
    if (isData(url)) await (isDownload(shell, req) ? handleDownload : handleUpload)(shell, req, res);
    else if (url === '/sdk' || url === '/sdk/') await handleSdk(shell, req, res);
    else await handleOperation(shell, req, res);
  } catch (cause) {
    // the client went away: there is nobody to answer
    if (req.destroyed && !req.complete) return;
    const error = cause instanceof Refusal ? cause.error : defect(cause);
    if (res.headersSent) breakOff(req);
    else {
      const language = languageOf(shell.profile, url, req.headers);
      send(res, errorAnswer(language.dialect, error, language));
    }
  }
}

function defect(cause: unknown): WireError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return wireError('INTERNAL_SERVER_ERROR', 'shelver.simulator.defect', `The simulator itself failed: ${message}`);
}

/** A fault that meets the connection itself, before anything is said on it. */
function meetConnection(shell: Shell, socket: Socket): void {
  const fault = shell.faults.take('connection');
  if (fault === undefined) return;
  shell.log.add({ at: shell.clock.now(), door: 'http', op: 'connection', fault: fault.do });
  if (fault.do === 'stall') socket.pause();
  else socket.resetAndDestroy();
}

function bound(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', cause => {
      const code = (cause as NodeJS.ErrnoException).code;
      reject(
        new PortFailure(
          failure('INVALID_SPEC', `the simulator cannot listen on ${host} port ${port} (${code})`, {
            next: code === 'EADDRINUSE' ? IN_USE : ELSEWHERE
          }),
          { cause }
        )
      );
    });
    server.listen(port, host, () => resolve());
  });
}

const IN_USE = 'give another --port (0 takes any that is free), or end the program that listens there';
const ELSEWHERE = 'give a --host of this machine and a --port that you may listen on';

let dateSecond = -1;
let dateText = '';
/** IMF-fixdate, made once a second. */
function httpDate(at: number): string {
  const second = Math.floor(at / 1000);
  if (second !== dateSecond) {
    dateSecond = second;
    dateText = new Date(at).toUTCString();
  }
  return dateText;
}
