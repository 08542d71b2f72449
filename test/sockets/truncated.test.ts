// Answers that break off. Where an answer says how long it is, that is seen at once; where only the end of the connection ends it,
// half of it must not be taken for all: not for a value, not for an empty list, not for a final refusal.
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { FAILURES } from '../../machines/failures.ts';
import { isCut, isMissing, isOpenEnded } from '../../src/adapters/http/whole.ts';
import type { Connection } from '../../src/connect.ts';
import { certificateFor } from '../client/certificates.ts';
import { connected, failureOf, serve, type TestServer, text, vcenter } from '../client/servers.ts';
import { FILES, fetched, HELD } from './fetching.ts';
import { lined } from './lines.ts';
import { ALL, each, LINES, type Line } from './sweep.ts';

const ID = '7b1f0c2e-1111-4222-8333-944445555666';
const FRAMINGS = [
  'a length',
  'chunks',
  'nothing but its end',
  'a length and gzip',
  'nothing but its end and gzip'
] as const;
type Framing = (typeof FRAMINGS)[number];
/** `end`: politely, under TLS with a good-bye. `fin`: the same without. `rst`: as a crash does. */
const ENDS = ['end', 'fin', 'rst'] as const;

const CALLS: Readonly<
  Record<string, { text: string; call: (library: Connection['library'], cut: number) => Promise<unknown> }>
> = {
  // Where it is to be cut stands in the request, so that any number may be under way.
  createSession: { text: JSON.stringify(ID), call: (library, cut) => library.createSession({ itemId: `cut-${cut}.` }) },
  listItems: { text: JSON.stringify([ID, ID]), call: (library, cut) => library.listItems(`cut-${cut}.`) },
  getSession: {
    text: JSON.stringify({
      id: ID,
      state: 'ACTIVE',
      library_item_id: 'i',
      expiration_time: '2030-01-01T00:00:00.000Z'
    }),
    call: (library, cut) => library.getSession(`cut-${cut}.`)
  },
  validate: {
    text: JSON.stringify({ has_errors: false, missing_files: [], invalid_files: [] }),
    call: (library, cut) => library.validate(`cut-${cut}.`)
  },
  getFile: {
    text: JSON.stringify({ name: 'fox', source_type: 'PUSH', status: 'READY', size: 12, bytes_transferred: 12 }),
    call: (library, cut) => library.getFile(`cut-${cut}.`, 'fox')
  }
};

function framed(text: string, framing: Framing): { readonly head: string; readonly body: Buffer } {
  const zipped = framing.endsWith('gzip');
  const body = zipped ? gzipSync(text) : Buffer.from(text);
  const how = {
    'a length': `content-length: ${body.length}`,
    'a length and gzip': `content-length: ${body.length}`,
    chunks: 'transfer-encoding: chunked'
  };
  const framingHead = how[framing as keyof typeof how] ?? 'connection: close';
  const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n${zipped ? 'content-encoding: gzip\r\n' : ''}${framingHead}\r\n\r\n`;
  if (framing !== 'chunks') return { head, body };
  return { head: `${head}${body.length.toString(16)}\r\n`, body: Buffer.concat([body, Buffer.from('\r\n0\r\n\r\n')]) };
}

async function cutting(line: Line, framing: Framing, end: (typeof ENDS)[number], text: string): Promise<Connection> {
  const tls = line === 'TLS' ? certificateFor('ours') : undefined;
  const server: TestServer = await serve(
    vcenter((request, _, seen) => {
      const cut = /cut-(-?\d+)\./.exec(`${seen.url} ${seen.body}`)?.[1];
      if (cut === undefined) return false;
      const { head, body } = framed(text, framing);
      const { socket } = request;
      const raw = server.sockets.find(({ remotePort }) => remotePort === socket.remotePort) as Socket;
      const part = Number(cut) < 0 ? body : body.subarray(0, Number(cut));
      socket.write(Buffer.concat([Buffer.from(head), part]), () => {
        if (end === 'end') socket.end();
        else if (end === 'fin') raw.end();
        // What was sent arrives first.
        else setTimeout(() => raw.resetAndDestroy(), 5);
      });
      return true;
    }),
    tls && { tls }
  );
  return connected(server.url, tls && { ca: tls.cert });
}

const rows = LINES.flatMap(line => FRAMINGS.flatMap(framing => ENDS.map(end => [line, framing, end] as const)));

describe('an answer that breaks off', () => {
  it.each(ALL ? rows : rows.filter(([, framing, end]) => end === 'fin' || framing === 'nothing but its end'))(
    'should never be taken for whole: %s, with %s, ended by %s',
    async (line, framing, end) => {
      await Promise.all(
        Object.entries(CALLS).map(async ([name, { text, call }]) => {
          const { library } = await cutting(line, framing, end, text);
          const length = framed(text, framing).body.length - (framing === 'chunks' ? 7 : 0);
          const cuts = ALL ? Array.from({ length }, (_, at) => at) : [0, 1, length >> 1, length - 1];
          await each(
            cuts.map(cut => ({ name, cut })),
            async ({ cut }) => {
              const { code, ambiguous } = await failureOf(call(library, cut));
              expect([FAILURES[code].retry, ambiguous], code).toEqual([
                true,
                name === 'createSession' || name === 'validate' ? true : undefined
              ]);
            }
          );
          if (end === 'end') expect(await call(library, -1), `${name}, whole`).toBeDefined();
        })
      );
    }
  );

  it('should be an unanswered login, and not somebody else than the service', async () => {
    for (const cut of ['', '"canary-ses']) {
      const server = await serve((request, _response, { url }) => {
        if (url !== '/api/session') return request.socket.destroy();
        request.socket.end(`HTTP/1.1 201 Created\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n${cut}`);
      });
      expect(await failureOf(connected(server.url))).toMatchObject({ code: 'CONNECTION' });
    }
  });

  it('should leave in doubt whether anything was made, also where all of it came and nobody can read it', async () => {
    const server = await serve(
      vcenter((_, response, { method, url }) =>
        method === 'POST' && url.includes('library') ? text(response, 201, '<huh>') : false
      )
    );
    const { library } = await connected(server.url);
    expect(await failureOf(library.createSession({ itemId: 'i' }))).toMatchObject({
      code: 'NOT_THE_SERVICE',
      ambiguous: true
    });
  });
});

describe('the bytes of a file that break off', () => {
  /** A GET that is answered with half of what is asked for, without a word of how much there is. */
  const halving = (head: (from: number) => string) =>
    serve(
      vcenter(({ socket, headers }, _, { url }) => {
        if (!url.startsWith('/cls/data/')) return false;
        const from = Number(/bytes=(\d+)-/.exec(headers.range ?? '')?.[1] ?? 0);
        const rest = Buffer.from(FILES.get('fox.bin') as Uint8Array).subarray(from);
        socket.end(Buffer.concat([Buffer.from(head(from)), rest.subarray(0, rest.length >> 1)]));
        return true;
      })
    );

  it('should be missed by what the answer says of its part', async () => {
    const size = 48_000;
    const server = await halving(
      from => `HTTP/1.1 206 Partial\r\nconnection: close\r\ncontent-range: bytes ${from}-${size - 1}/${size}\r\n\r\n`
    );
    const { bytes } = await connected(server.url);
    const sink = { write: async () => undefined };
    const call = bytes.fetch({ uri: `${server.url}/cls/data/x/fox.bin`, from: 8_000, sink });
    expect((await failureOf(call)).message).toContain('announced 40000 bytes and sent 20000');
  });

  it('should be missed by their size where the answer says nothing at all, and fetched once more', async () => {
    const server = await halving(() => 'HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n');
    const stage = await lined({ line: 'plain' }, HELD);
    const elsewhere = await connected(server.url);
    let fetches = 0;
    const bytes: typeof stage.ports.bytes = {
      push: request => stage.ports.bytes.push(request),
      fetch: request => {
        fetches += 1;
        if (fetches > 1) return stage.ports.bytes.fetch(request);
        return elsewhere.bytes.fetch({ ...request, uri: `${server.url}/cls/data/x/fox.bin` });
      }
    };
    const report = await fetched({ ...stage, ports: { ...stage.ports, bytes } });
    expect(report.outcome).toBe('done');
    expect(fetches).toBe(2);
  });
});

it.each([
  ['', true],
  ['Bad Request', true],
  ['<html><body><h1>400 Bad request</h1>', true],
  ['<!DOCTYPE html><title>400</title>', true],
  ['{"error_type":"INVALID_ARGUMENT"}', false],
  ['<?xml version="1.0"?><error/>', false],
  ['<error/>', false]
])('should know the 400 of a server that could not read a request by its words: %j', async (body, unread) => {
  const server = await serve(
    vcenter((_, response, { method, url }) => {
      if (method !== 'POST' || !url.includes('library')) return false;
      response.writeHead(400, { connection: 'close' }).end(body);
      return true;
    })
  );
  const { library } = await connected(server.url);
  const { code } = await failureOf(library.createSession({ itemId: 'i' }));
  expect(code).toBe(unread ? 'CONNECTION' : 'INVALID_ARGUMENT');
});

describe('what an answer says of its own end', () => {
  it('should be read from its headers as they came', () => {
    expect(isOpenEnded(200, ['Date', 'x'])).toBe(true);
    expect(isOpenEnded(200, ['Content-Length', '5'])).toBe(false);
    expect(isOpenEnded(200, ['transfer-encoding', 'chunked'])).toBe(false);
    expect(isOpenEnded(200, ['x-why', 'content-length'])).toBe(true);
    expect(isOpenEnded(204, [])).toBe(false);
  });

  it.each([
    ['application/json', '{"value":["a", 7]}'],
    ['application/xml; charset=UTF-8', '<?xml version="1.0"?><a><b c="d">e</b></a>']
  ])('should be missed at every byte of %s', (type, whole) => {
    const answer = (body: string) =>
      ({ status: 200, headers: { 'content-type': type }, body, openEnded: true }) as const;
    for (let at = 1; at < whole.length; at++) expect(isCut(answer(whole.slice(0, at))), whole.slice(0, at)).toBe(true);
    expect(isCut(answer(whole))).toBe(false);
    expect(isMissing(answer(''))).toBe(true);
    expect(isMissing({ ...answer(''), status: 404 })).toBe(false);
    expect(isMissing({ status: 200, headers: {}, body: '' })).toBe(false);
    // Without a type it says nothing that could be whole.
    expect(isCut({ ...answer('{"val'), headers: {} })).toBe(false);
    expect(
      isCut({ status: 502, headers: { 'content-type': 'text/html' }, body: '<html><h1>Bad', openEnded: true })
    ).toBe(false);
  });
});
