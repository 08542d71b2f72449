// The simulator behind each of its doors, driven the same way. The HTTP side is a raw client of its own: it shares the wire
// table with the simulator, but no code of the library's own client.
import { request as httpRequest, type IncomingHttpHeaders, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { failure } from '../../machines/vocabulary.ts';
import { type ByteSource, type ByteTransfer, type ContentLibrary, PortFailure } from '../../src/ports.ts';
import { inDialect, PROFILES } from '../../src/servers/profiles.ts';
import {
  createSimulator,
  type Listening,
  type Simulator,
  type SimulatorOptions,
  type VirtualClock,
  virtualClock
} from '../../src/simulator/index.ts';
import { decodeResult, encodeRequest } from '../../src/wire/codec.ts';
import { decodeError } from '../../src/wire/error-answers.ts';
import { retryAfterMs, toFailure } from '../../src/wire/failures.ts';
import { contentLibrary } from '../../src/wire/library.ts';

export const NOW = Date.UTC(2025, 2, 1, 12);

export interface Door {
  readonly simulator: Simulator;
  readonly clock: VirtualClock;
  readonly library: ContentLibrary;
  readonly bytes: ByteTransfer;
  /** Virtual time passes until the work is done. */
  run<T>(work: Promise<T>): Promise<T>;
  close(): Promise<void>;
}
export interface HttpDoor extends Door {
  readonly listening: Listening;
  readonly token: string;
}

export type Options = Partial<SimulatorOptions>;

export async function portDoor(options: Options = {}): Promise<Door> {
  const clock = virtualClock(NOW);
  const simulator = createSimulator({ clock, ...options });
  return {
    simulator,
    clock,
    ...simulator.ports({ stallMs: 60_000 }),
    run: work => clock.run(work),
    close: () => simulator.close()
  };
}

export function httpDoorIn(dialect: 'api' | 'rest') {
  return async (options: Options = {}): Promise<HttpDoor> => {
    const clock = virtualClock(NOW);
    const simulator = createSimulator({ clock, ...options });
    const listening = await simulator.listen();
    const token = await logIn(listening.url, dialect);
    const profile = inDialect(PROFILES['8.0'], dialect);
    const library = contentLibrary(profile, async (op, args, { token: client_token, signal }) => {
      const request = encodeRequest(op, dialect, { ...args, client_token }, { tokenPlace: profile.tokenPlace });
      const answer = await send(`${listening.url}${request.path}`, {
        method: request.method,
        headers: { ...request.headers, 'vmware-api-session-id': token },
        body: request.body === undefined ? undefined : JSON.stringify(request.body),
        signal
      });
      if (answer.status >= 300) throw refusalOf(answer, op);
      return { value: decodeResult(op, dialect, answer.body), serverNow: Date.parse(answer.headers.date!) };
    });
    return {
      simulator,
      clock,
      listening,
      token,
      library,
      bytes: {
        push: async ({ uri, source, signal }) => {
          const answer = await send(uri, { method: 'PUT', headers: {}, source, signal });
          if (answer.status >= 300) throw refusalOf(answer, 'put');
          return { sent: source.size, digests: [] };
        },
        fetch: async ({ uri, from, sink, signal, onReceived }) => {
          const headers: Record<string, string> = from > 0 ? { range: `bytes=${from}-` } : {};
          let received = 0;
          let written: Promise<void> | undefined;
          const onChunk = (chunk: Uint8Array, status: number) => {
            if (status >= 300) return;
            const at = (status === 206 ? from : 0) + received;
            received += chunk.length;
            const before = written;
            written = (async () => {
              await before;
              await sink.write(chunk, at);
            })();
            onReceived?.(received);
          };
          const answer = await send(uri, { headers, signal, onChunk }).finally(() => written);
          if (answer.status >= 300) throw refusalOf(answer, 'get');
          return { received, resumed: answer.status === 206 };
        }
      },
      run: work => driven(clock, work),
      close: () => simulator.close()
    };
  };
}

export const DOORS = [
  ['by ports', portDoor],
  ['over HTTP in /api', httpDoorIn('api')],
  ['over HTTP in /rest', httpDoorIn('rest')]
] as const;

export interface Received {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}
export interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly source?: ByteSource;
  readonly signal?: AbortSignal;
  readonly options?: RequestOptions & { ca?: string };
  /** Told of every part of the answer that comes. */
  onChunk?(chunk: Uint8Array, status: number): void;
  /** Reads the first part of the answer, and no more. */
  readonly pause?: boolean;
}

/** One request; a connection that breaks is a `PortFailure` CONNECTION. */
export async function send(
  url: string,
  { method = 'GET', headers = {}, body, source, signal, options, onChunk, pause }: Sent
): Promise<Received> {
  const length = source?.size ?? (body === undefined ? undefined : Buffer.byteLength(body));
  const chunked = headers['transfer-encoding'] !== undefined;
  const lengths = length === undefined || chunked ? {} : { 'content-length': String(length) };
  return new Promise((resolve, reject) => {
    const begin = url.startsWith('https:') ? httpsRequest : httpRequest;
    const req = begin(url, { agent: false, method, headers: { ...lengths, ...headers }, signal, ...options }, res => {
      const chunks: Uint8Array[] = [];
      res.on('data', (chunk: Uint8Array) => {
        chunks.push(chunk);
        onChunk?.(chunk, res.statusCode!);
        if (pause) res.pause();
      });
      res.on('error', broken);
      res.on('end', () =>
        resolve({ status: res.statusCode!, headers: res.headers, body: Buffer.concat(chunks).toString() })
      );
    });
    const broken = (cause: Error) =>
      reject(new PortFailure(failure('CONNECTION', `the connection broke (${cause.message})`), { cause }));
    req.on('error', broken);
    if (source === undefined) req.end(body);
    else void pump(source, req, signal).catch(broken);
  });
}

async function pump(source: ByteSource, to: ReturnType<typeof httpRequest>, signal?: AbortSignal): Promise<void> {
  let wake: (() => void) | undefined;
  for (const event of ['drain', 'close']) to.on(event, () => wake?.());
  for await (const chunk of source.read(signal)) {
    if (to.destroyed) return;
    const room = new Promise<void>(resolve => {
      wake = resolve;
    });
    if (!to.write(chunk)) await room;
  }
  to.end();
}

export async function logIn(url: string, dialect: 'api' | 'rest' = 'api'): Promise<string> {
  const path = dialect === 'api' ? '/api/session' : '/rest/com/vmware/cis/session';
  const { body } = await send(`${url}${path}`, { method: 'POST', headers: { authorization: basic('user', 'pass') } });
  return decodeResult('login.create', dialect, body) as string;
}

export function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

function refusalOf(answer: Received, about: string): PortFailure {
  const wait = retryAfterMs(answer.headers['retry-after'], Date.parse(answer.headers.date!));
  const more = wait === undefined ? {} : { retryAfterMs: wait };
  return new PortFailure(toFailure(decodeError(answer.status, answer.body), about, more));
}

/** Lets virtual time pass for as long as real work takes. */
export async function driven<T>(clock: VirtualClock, work: Promise<T>): Promise<T> {
  let settled = false;
  const end = () => {
    settled = true;
  };
  work.then(end, end);
  while (!settled) await clock.advanceToNext();
  return work;
}

export function bytesOf(content: string | Uint8Array, pieces = 1): ByteSource {
  const bytes = Buffer.from(content);
  const piece = Math.ceil(bytes.length / pieces);
  return {
    size: bytes.length,
    read: async function* () {
      for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece);
    }
  };
}

/** A session on a new item in the library `images`, with these files added. */
export async function opened(
  { library }: Door,
  files: Readonly<Record<string, { size?: number; type?: string } | undefined>> = {},
  item: { name?: string; type?: string } = {}
) {
  const [libraryId] = await library.findLibraries({ name: 'images' });
  const itemId = await library.createItem({ libraryId: libraryId!, name: item.name ?? 'item', type: item.type });
  const sessionId = await library.createSession({ itemId });
  const uris: Record<string, string> = {};
  for (const [name, more] of Object.entries(files)) {
    const added = await library.addFile(sessionId, { name, sourceType: 'PUSH', size: more?.size });
    uris[name] = added.uploadUri!;
  }
  return { itemId, sessionId, uris };
}

export async function failureOf(work: Promise<unknown>) {
  try {
    await work;
  } catch (error) {
    if (error instanceof PortFailure) return error.failure;
    throw error;
  }
  return undefined;
}
