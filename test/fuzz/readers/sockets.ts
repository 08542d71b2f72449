// What comes over a real socket, byte by byte: answers of a server to the client and to the simulator that fetches, and requests to
// the doors of the simulator.
import fc from 'fast-check';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { addressOf } from '../../../src/adapters/http/address.ts';
import { systemClock } from '../../../src/adapters/clock.ts';
import { httpBytes } from '../../../src/adapters/http/bytes.ts';
import { makeSend } from '../../../src/adapters/http/request.ts';
import { makeSecrets } from '../../../src/adapters/http/secrets.ts';
import { httpSourceProbe } from '../../../src/adapters/http/source-probe.ts';
import { makeAgents } from '../../../src/adapters/http/trust.ts';
import { inlineHasher } from '../../../src/simulator/inline-hasher.ts';
import { PullFailure } from '../../../src/simulator/pull/failure.ts';
import { pullPolicyOf } from '../../../src/simulator/pull/options.ts';
import { openSource } from '../../../src/simulator/pull/source.ts';
import { offsetClock } from '../../../src/simulator/offset-clock.ts';
import { createSimulator } from '../../../src/simulator/simulator.ts';
import { bytesSource } from '../../../src/sources/bytes-source.ts';
import { almostBytes, inPieces } from '../mutate-bytes.ts';
import { nothing, portFailure, type Reader, reader } from '../reader.ts';

const timeouts = { connectMs: 10_000, headersMs: 10_000, stallMs: 10_000, answerMs: 10_000 };
const budget = { draw: () => false, refund: () => undefined };
const TOKEN = 'a-token-of-the-admin-door';
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

const answer = fc.constantFrom(
  'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{"value":"a"}',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"val\r\n8;x=y\r\nue":"a"}\r\n0\r\nA: b\r\n\r\n',
  'HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 2-4/5\r\nContent-Length: 3\r\n\r\ncde',
  'HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-0/5\r\nContent-Length: 1\r\n\r\na',
  'HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes */0\r\nContent-Length: 0\r\n\r\n',
  'HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Length: 4\r\n\r\nbusy',
  'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnone',
  'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n',
  'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n',
  'HTTP/1.0 401 Unauthorized\r\nConnection: close\r\n\r\n<html>'
);
const answers = inPieces(almostBytes(answer.map(bytesOf)));

/** Answers every connection with the pieces of the moment, and hangs up. */
let pieces: readonly Uint8Array[] = [];
let listening: Promise<Server> | undefined;
function serving(): Promise<Server> {
  listening ??= new Promise(resolve => {
    const server = createServer(socket => {
      socket.on('error', () => undefined);
      socket.once('data', () => {
        for (const piece of pieces) socket.write(piece);
        socket.end();
      });
    });
    server.unref().listen(0, '127.0.0.1', () => resolve(server));
  });
  return listening;
}

async function portServing(its: readonly Uint8Array[]): Promise<number> {
  pieces = its;
  return ((await serving()).address() as AddressInfo).port;
}

/** What is thrown must be declared, and says nothing more. */
async function declaredOnly(works: readonly Promise<unknown>[], declared = portFailure()): Promise<void> {
  for (const settled of await Promise.allSettled(works)) {
    if (settled.status === 'rejected' && declared(settled.reason) === undefined) throw settled.reason;
  }
}

async function client(its: readonly Uint8Array[]): Promise<void> {
  const address = addressOf(`http://127.0.0.1:${await portServing(its)}`);
  const uri = `${address.origin}/a`;
  const agents = makeAgents({ connectMs: timeouts.connectMs, keepAlive: false });
  const login = { token: async () => 't', renew: async () => 't', end: async () => undefined };
  const bytes = httpBytes({
    vcenter: address,
    agents,
    login,
    hasher: inlineHasher,
    secrets: makeSecrets(),
    timeouts,
    trustedHosts: [],
    onWarning: () => undefined
  });
  try {
    await declaredOnly([
      makeSend(address, agents, timeouts)({ method: 'GET', path: '/a' }),
      bytes.fetch({ uri, from: 2, sink: { write: async () => undefined } }),
      bytes.push({ uri, source: bytesSource('abcde'), hash: ['SHA1'] }),
      httpSourceProbe({ timeouts, budget }).probe({ uri })
    ]);
  } finally {
    agents.destroy();
  }
}

const policy = pullPolicyOf({ hosts: ['127.0.0.1'], stallMs: 10_000 });

async function puller(its: readonly Uint8Array[]): Promise<void> {
  const uri = `http://127.0.0.1:${await portServing(its)}/a`;
  const read = async (): Promise<void> => {
    const source = await openSource(policy, { uri }, new AbortController().signal);
    for await (const _ of source.chunks);
    await source.close();
  };
  await declaredOnly([read()], cause => (cause instanceof PullFailure ? cause.message : undefined));
}

const basic = `Authorization: Basic ${Buffer.from('user:pass').toString('base64')}`;
const request = (line: string, body = '', more = ''): string =>
  `${line} HTTP/1.1\r\nHost: 127.0.0.1\r\n${more}${body === '' ? '' : `Content-Length: ${body.length}\r\n`}Connection: close\r\n\r\n${body}`;
const requests = fc.constantFrom(
  request('POST /api/session', '', `${basic}\r\n`),
  request('GET /api/content/library'),
  request('POST /rest/com/vmware/cis/session', '{}', `${basic}\r\nContent-Type: application/json\r\n`),
  request('PUT /cls/data/5a0c/a.iso', 'abc', 'Content-Type: application/octet-stream\r\n'),
  request('GET /cls/data/5a0c/a.iso', '', 'Range: bytes=0-1\r\n'),
  request('POST /sdk', '<Envelope><Body><RetrieveServiceContent/></Body></Envelope>', 'Content-Type: text/xml\r\n'),
  'POST /api/content/library?action=find HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n'
);
const visits = fc
  .constantFrom(
    ['GET /admin/state', ''],
    ['POST /admin/faults', '[{"on":"put","do":"reset"}]'],
    ['POST /admin/clock', '{"advanceMs":5}'],
    ['POST /admin/expire', '{"login":"*"}'],
    ['GET /admin/requests?since=1', ''],
    ['DELETE /admin/faults/1', ''],
    ['POST /admin/reset', '']
  )
  .map(([line = '', body = '']) => request(line, body, `Authorization: Bearer ${TOKEN}\r\n`));

let doors: Promise<{ readonly port: number; readonly admin: number }> | undefined;
function opened(): NonNullable<typeof doors> {
  doors ??= createSimulator({ clock: offsetClock(systemClock()) })
    .listen({ admin: { token: TOKEN } })
    .then(({ port, server, admin }) => {
      server.unref();
      return { port, admin: Number(new URL(admin?.url ?? '').port) };
    });
  return doors;
}

/** All that a door says to the pieces until it hangs up. */
function said(port: number, its: readonly Uint8Array[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const heard: Buffer[] = [];
    const socket = connect(port, '127.0.0.1', () => {
      for (const piece of its) socket.write(piece);
      socket.end();
    });
    const late = setTimeout(() => {
      socket.destroy();
      reject(new Error('nobody hung up'));
    }, 20_000);
    socket.on('data', chunk => heard.push(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(late);
      resolve(Buffer.concat(heard).toString('latin1'));
    });
  });
}

function faultOfDoor(text: string): string | undefined {
  if (text.includes('shelver.simulator.defect')) return `it failed itself: ${text.slice(-300)}`;
  return text === '' || text.startsWith('HTTP/1.1 ') ? undefined : `it does not answer in HTTP: ${text.slice(0, 100)}`;
}

export const socketReaders: readonly Reader[] = [
  reader({
    name: 'answer over a socket, to the client',
    covers: [
      'src/adapters/http/get.ts',
      'src/adapters/http/put.ts',
      'src/adapters/http/bytes.ts',
      'src/adapters/http/failure.ts',
      'src/adapters/http/source-probe.ts',
      'src/adapters/http/whole.ts',
      'src/adapters/http/request.ts',
      'src/adapters/http/connect-failure.ts'
    ],
    cost: 20,
    inputs: { bytes: answers },
    read: client,
    declared: nothing
  }),
  reader({
    name: 'answer over a socket, to the simulator',
    covers: ['src/simulator/http/pull-request.ts', 'src/simulator/http/pull-connect.ts'],
    cost: 10,
    inputs: { bytes: answers },
    read: puller,
    declared: nothing
  }),
  reader({
    name: 'door of the simulator',
    covers: [
      'src/simulator/http/server.ts',
      'src/simulator/http/operation.ts',
      'src/simulator/http/body.ts',
      'src/simulator/http/upload.ts',
      'src/simulator/http/download.ts',
      'src/simulator/http/sdk.ts'
    ],
    cost: 10,
    inputs: { bytes: inPieces(almostBytes(requests.map(bytesOf))) },
    read: async its => said((await opened()).port, its),
    declared: nothing,
    check: faultOfDoor
  }),
  reader({
    name: 'admin door of the simulator',
    covers: ['src/simulator/admin/door.ts', 'src/simulator/admin/routes.ts', 'src/simulator/admin/guard.ts'],
    cost: 10,
    inputs: { bytes: inPieces(almostBytes(visits.map(bytesOf))) },
    read: async its => said((await opened()).admin, its),
    declared: nothing,
    check: faultOfDoor
  })
];
