// A simulator behind a real socket, and a client of bare HTTP: `fetch` for whole requests, a socket for broken bodies.
import { connect } from 'node:net';
import { selfSignedCertificate } from '../../src/simulator/http/certificate.ts';
import {
  createSimulator,
  type Simulator,
  type SimulatorOptions,
  type VirtualClock,
  virtualClock
} from '../../src/simulator/index.ts';
import { values } from '../../src/simulator/service/table.ts';
import { pendingPulls } from '../../src/simulator/service/pulls.ts';
import type { Request } from './calls.ts';

export const NOW = Date.UTC(2025, 2, 1, 12);
export const SESSION_MS = 300_000;

export interface Answer {
  readonly status: number;
  /** As JSON; undefined when there is none. */
  readonly body?: unknown;
}
export interface World {
  readonly simulator: Simulator;
  readonly clock: VirtualClock;
  readonly url: string;
  /** Ids by name: an item without a type, and one of type ovf. */
  readonly plain: string;
  readonly package: string;
  readonly library: string;
  ask(request: Omit<Request, 'ok'>): Promise<Answer>;
  put(uri: string, content: string): Promise<Answer>;
  /** Where the service itself would put what it fetches: no client is told. */
  pullUri(name: string): string;
  close(): Promise<void>;
}

/** One library with an item of each kind, nobody in it yet. */
export async function openWorld(options: Partial<SimulatorOptions> = {}): Promise<World> {
  const clock = virtualClock(NOW);
  const items = [{ name: 'plain' }, { name: 'package', type: 'ovf' }];
  const simulator = createSimulator({ clock, libraries: [{ name: 'images', items }], pull: false, ...options });
  const { url } = await simulator.listen();
  const login = await fetch(`${url}/api/session`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from('user:pass').toString('base64')}` }
  });
  const headers = { 'vmware-api-session-id': (await login.json()) as string };
  const idOf = (name: string) => values(simulator.state.items).find(item => item.name === name)!.id;
  return {
    simulator,
    clock,
    url,
    plain: idOf('plain'),
    package: idOf('package'),
    library: values(simulator.state.libraries)[0]!.id,
    ask: ({ method, path, body }) =>
      answerOf(fetch(`${url}${path}`, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) })),
    put: (uri, content) => answerOf(fetch(uri, { method: 'PUT', body: content })),
    pullUri: name => {
      const { transfer } = pendingPulls(simulator.state).find(pull => pull.fileName === name)!;
      return `${url}/cls/data/${transfer}/${encodeURIComponent(name)}`;
    },
    close: () => simulator.close()
  };
}

/** A body that can be left half-way. */
export interface RawPut {
  /** What came back so far: '' nothing, '200' a status, 'closed' the connection ended without one. */
  said(): string;
  send(text: string): void;
  /** Ends the connection as a client that crashed does. */
  break(): void;
}

export function rawPut(uri: string, length: number): RawPut {
  const { hostname, port, pathname } = new URL(uri);
  let text = '';
  let closed = false;
  const socket = connect(Number(port), hostname);
  socket.on('data', chunk => {
    text += chunk.toString('latin1');
  });
  socket.on('error', () => undefined);
  socket.on('close', () => {
    closed = true;
  });
  socket.write(`PUT ${pathname} HTTP/1.1\r\nHost: ${hostname}\r\nContent-Length: ${length}\r\n\r\n`);
  return {
    said: () => /^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? (closed ? 'closed' : ''),
    send: chunk => void socket.write(chunk),
    break: () => socket.resetAndDestroy()
  };
}

/** Turns of the event loop until it is so. Throws when it does not become so. */
export async function until(what: string, so: () => boolean): Promise<void> {
  for (let turn = 0; !so(); turn++) {
    if (turn > 100_000) throw new Error(`it did not come to pass: ${what}`);
    await new Promise(resolve => setImmediate(resolve));
  }
}

/** An OVF descriptor that references these files. */
export function descriptor(...references: string[]): string {
  const files = references.map(href => `<File href="${href}"/>`).join('');
  return `<Envelope><References>${files}</References></Envelope>`;
}

/** The certificate file of a package that is signed by nobody but itself. */
export const SELF_SIGNED = selfSignedCertificate(NOW, Buffer.alloc(16, 7)).cert;

async function answerOf(asked: Promise<Response>): Promise<Answer> {
  const response = await asked;
  const text = await response.text();
  return { status: response.status, ...(text !== '' && { body: JSON.parse(text) as unknown }) };
}
