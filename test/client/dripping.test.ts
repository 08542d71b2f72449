// Servers that never stand still and never come to an end: a byte now and then is no stall, so every phase but that of the
// bytes themselves has an end of its own.
import { PassThrough } from 'node:stream';
import type { IncomingMessage } from 'node:http';
import type net from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { collect } from '../../src/adapters/http/put.ts';
import { httpSourceProbe } from '../../src/adapters/http/source-probe.ts';
import { createRetryBudget } from '../../src/retry-budget.ts';
import { type Answer, connected, failureOf, serve, vcenter } from './servers.ts';
import { small, UPLOAD, uploading } from './uploading.ts';

/** Far above what a byte every few milliseconds takes. */
const PATIENT = { connectMs: 5_000, headersMs: 20_000, stallMs: 20_000, answerMs: 20_000 };

/** Writes something every 5 ms, until the connection is cut. */
function drip(socket: net.Socket, what: string): void {
  const timer = setInterval(() => socket.write(what), 5);
  const stop = () => clearInterval(timer);
  socket.once('close', stop);
  onTestFinished(stop);
}
const headersForEver: Answer = ({ socket }) => {
  socket.write('HTTP/1.1 200 OK\r\n');
  drip(socket, 'x-a: b\r\n');
};
const bodyForEver: Answer = (request, response) => {
  response.writeHead(200, { 'content-length': 10_000_000, 'content-type': 'application/json' }).write(' ');
  drip(request.socket, ' ');
};

async function listing(answer: Answer, timeouts: object) {
  const server = await serve(
    vcenter((request, response, seen) => {
      if (seen.url !== '/api/content/library') return false;
      answer(request, response, seen);
      return true;
    })
  );
  const { library } = await connected(server.url, { timeouts: { ...PATIENT, ...timeouts } });
  return failureOf(library.listLibraries());
}

describe('a server that drips', () => {
  it('should be given up while it says the headers of its answer', async () => {
    expect(await listing(headersForEver, { headersMs: 60 })).toMatchObject({
      code: 'TIMED_OUT',
      message: expect.stringContaining('did not answer in time')
    });
  });
  it('should be given up while it says the body of its answer', async () => {
    expect(await listing(bodyForEver, { answerMs: 60 })).toMatchObject({
      code: 'TIMED_OUT',
      message: expect.stringContaining('did not come to the end of its answer in time')
    });
  });
  it('should be given up while it says the headers of its answer to a PUT', async () => {
    const { push } = await uploading(headersForEver, { timeouts: { ...PATIENT, answerMs: 60 } });
    expect(await failureOf(push({ source: small() }))).toMatchObject({ code: 'TIMED_OUT', ambiguous: true, sent: 11 });
  });
  it('should be given up while it says the headers of what is fetched', async () => {
    const { connection, server } = await uploading(() => undefined, { timeouts: { ...PATIENT, answerMs: 60 } });
    const dripping = await serve(headersForEver);
    const uri = `${dripping.url}${UPLOAD}`;
    const fetching = connection.bytes.fetch({ uri, from: 0, sink: { write: async () => undefined } });
    expect(server.seen.length).toBeGreaterThan(0);
    expect(await failureOf(fetching)).toMatchObject({ code: 'TIMED_OUT' });
  });
  it('should be given up as a source, too', async () => {
    const { url } = await serve(headersForEver);
    const probe = httpSourceProbe({ budget: createRetryBudget(), timeouts: { ...PATIENT, headersMs: 60 } });
    expect(await failureOf(probe.probe({ uri: `${url}/a.iso` }))).toMatchObject({
      code: 'SOURCE_UNREADABLE',
      message: expect.stringContaining('did not answer in time')
    });
  });
  it('should be quoted as far as it came, when the words of its refusal do not end', async () => {
    const said = new PassThrough();
    said.write('the disk is ');
    const body = await new Promise(resolve => collect(said as unknown as IncomingMessage, resolve, 20));
    expect(body).toBe('the disk is ');
  });
});
