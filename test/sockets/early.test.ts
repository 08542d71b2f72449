// Answers that come before they are due: refusals while the bytes are still being sent, with the connection reset right behind
// them, and interim answers (1xx) that nobody asked for. The client tells what the service said, not that the line broke.
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { Connection } from '../../src/connect.ts';
import { certificateFor } from '../client/certificates.ts';
import { connected, failureOf, serve, type TestServer, vcenter } from '../client/servers.ts';
import { bytesOf } from '../run/bytes.ts';
import { ALL, LINES, type Line } from './sweep.ts';

const SAID = JSON.stringify({ error_type: 'ERROR', messages: [{ id: 'm', default_message: 'No room.', args: [] }] });
const BIG = Buffer.alloc(3_000_000, 'the quick brown fox ');

type Put = (request: IncomingMessage, socket: Socket, raw: Socket) => void;

/** A service whose connections belong to the test from the moment when a PUT's head is there. */
async function taking(line: Line, put: Put, method = 'PUT'): Promise<{ server: TestServer; connection: Connection }> {
  const tls = line === 'TLS' ? certificateFor('ours') : undefined;
  const server: TestServer = await serve(
    vcenter((request, _, seen) => {
      if (seen.method !== method || seen.url === '/api/session') return false;
      const { socket } = request;
      put(request, socket, server.sockets.find(({ remotePort }) => remotePort === socket.remotePort) as Socket);
      return true;
    }),
    { early: true, ...(tls && { tls }) }
  );
  return { server, connection: await connected(server.url, tls && { ca: tls.cert }) };
}

function pushTo({ server, connection }: Awaited<ReturnType<typeof taking>>, content: Uint8Array) {
  return connection.bytes.push({ uri: `${server.url}/cls/data/x/fox.bin`, source: bytesOf(content), hash: ['MD5'] });
}

function answer(status: number, body = SAID): string {
  return `HTTP/1.1 ${status} Said\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
}

/** Calls back when that many bytes of the body have been read; nothing more is read then. */
function after(bytes: number, request: IncomingMessage, act: () => void): void {
  let had = 0;
  request.on('data', chunk => {
    had += chunk.length;
    if (had < bytes || request.isPaused()) return;
    request.pause();
    act();
  });
  if (bytes > 0) return;
  request.pause();
  act();
}

const AFTERWARDS: Readonly<Record<string, (raw: Socket) => void>> = {
  'keeps the connection': () => undefined,
  'resets it at once': raw => raw.resetAndDestroy(),
  'ends it': raw => raw.end(),
  'resets it a moment later': raw => setTimeout(() => raw.resetAndDestroy(), 2)
};

describe('an answer while the bytes are still being sent', () => {
  it.each(
    LINES.flatMap(line =>
      [0, 1, 1_000_000].flatMap(bytes => Object.keys(AFTERWARDS).map(then => [line, bytes, then] as const))
    )
  )('should be told: %s, after %i bytes, when the server %s', async (line, bytes, then) => {
    for (const status of ALL ? [401, 403, 413, 500, 507] : [bytes === 0 ? 401 : 413]) {
      const service = await taking(line, (request, socket, raw) => {
        after(bytes, request, () => socket.write(answer(status), () => AFTERWARDS[then]!(raw)));
      });
      const refused = await failureOf(pushTo(service, BIG));
      expect(refused, String(status)).toMatchObject({ service: { status, errorType: 'ERROR' } });
      expect(refused.ambiguous).toBeUndefined();
      if (status !== 401) expect(refused.message).toBe('No room.');
    }
  });

  it.each(LINES)('should not be made up where there was none (%s)', async line => {
    const service = await taking(line, (request, _, raw) => after(1, request, () => raw.resetAndDestroy()));
    expect(await failureOf(pushTo(service, BIG))).toMatchObject({ code: 'CONNECTION' });
  });
});

const GO_ON = 'HTTP/1.1 100 Continue\r\n\r\n';
const HINTS = 'HTTP/1.1 103 Early Hints\r\nlink: </style.css>; rel=preload\r\n\r\n';

describe('an interim answer that nobody asked for', () => {
  const whole = (request: IncomingMessage, act: () => void) => {
    request.on('data', () => undefined);
    request.on('end', act);
  };

  it.each(LINES)('should be passed over, wherever it comes (%s)', async line => {
    const ways: readonly Put[] = [
      // at once, and the answer after all has come
      (request, socket) => {
        socket.write(GO_ON);
        whole(request, () => socket.write(answer(200, '')));
      },
      // several, of several kinds, in the middle
      (request, socket) => {
        request.once('data', () => socket.write(GO_ON + HINTS + GO_ON));
        whole(request, () => socket.write(answer(200, '')));
      },
      // in one piece with the answer
      (request, socket) => whole(request, () => socket.write(GO_ON + answer(200, ''))),
      // byte by byte
      (request, socket) => {
        whole(request, () => {
          for (const byte of GO_ON + HINTS + answer(200, '')) socket.write(byte);
        });
      }
    ];
    for (const way of ways) {
      const { sent, digests } = await pushTo(await taking(line, way), BIG);
      expect([sent, digests.length]).toEqual([BIG.length, 1]);
    }
  });

  it.each(LINES)('should hide neither a refusal nor a reset behind it (%s)', async line => {
    const refusing = await taking(line, (request, socket, raw) => {
      after(1, request, () => socket.write(GO_ON + answer(413), () => raw.resetAndDestroy()));
    });
    expect(await failureOf(pushTo(refusing, BIG))).toMatchObject({ service: { status: 413 } });
    const resetting = await taking(line, (request, socket, raw) => {
      whole(request, () => socket.write(GO_ON, () => raw.resetAndDestroy()));
    });
    expect(await failureOf(pushTo(resetting, Buffer.from('fox')))).toMatchObject({
      code: 'CONNECTION',
      ambiguous: true
    });
  });

  it.each(LINES)('should not stand in for the answer of a call (%s)', async line => {
    const id = '7b1f0c2e-1111-4222-8333-944445555666';
    const good = await taking(
      line,
      (_, socket) => socket.write(GO_ON + HINTS + answer(201, JSON.stringify(id))),
      'POST'
    );
    expect(await good.connection.library.createSession({ itemId: 'i' })).toBe(id);
    const bad = await taking(line, (_, socket, raw) => socket.write(GO_ON, () => raw.end()), 'POST');
    expect(await failureOf(bad.connection.library.createSession({ itemId: 'i' }))).toMatchObject({
      code: 'CONNECTION',
      ambiguous: true
    });
  });
});
