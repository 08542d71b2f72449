// Bytes on their way out of the simulator, and into trouble.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { failure } from '../../machines/vocabulary.ts';
import { PortFailure } from '../../src/ports.ts';
import { rangeIn } from '../../src/simulator/http/range.ts';
import type { Fault } from '../../src/simulator/index.ts';
import { bytesOf, DOORS, type Door, driven, failureOf, httpDoorIn, NOW, opened, portDoor, send } from './doors.ts';

const CONTENT = Buffer.from('0123456789'.repeat(100_000));
const NO_BYTES = Buffer.alloc(0);

const root = mkdtempSync(join(tmpdir(), 'shelver-downloads-'));
afterAll(() => rmSync(root, { recursive: true }));

/** A download session with a link to the file `a`. */
async function linked(door: Door, content: string | Uint8Array = CONTENT) {
  const { library, bytes } = door;
  const { itemId, sessionId: update, uris } = await opened(door, { a: {} });
  await driven(door.clock, bytes.push({ uri: uris.a!, source: bytesOf(content), hash: [] }));
  await library.complete(update);
  const sessionId = await library.createDownloadSession({ itemId });
  const { downloadUri } = await library.prepareFile(sessionId, 'a');
  return { itemId, sessionId, uri: downloadUri! };
}

/** What a sink holds after a fetch, and how it ended. */
async function fetched(door: Door, uri: string, more: { from?: number; signal?: AbortSignal } = {}) {
  const { from = 0, signal } = more;
  let held = CONTENT.subarray(0, from);
  const write = async (chunk: Uint8Array, at: number) => {
    held = Buffer.concat([held.subarray(0, at), chunk]);
  };
  let resumed: boolean | undefined;
  const fetching = door.bytes.fetch({ uri, from, sink: { write }, signal }).then(answer => {
    resumed = answer.resumed;
  });
  const said = await failureOf(driven(door.clock, fetching));
  return { held, resumed, code: said?.code, failure: said };
}

async function wasRead({ library }: Door, sessionId: string): Promise<boolean> {
  return (await library.getDownloadFile(sessionId, 'a')).digest !== undefined;
}

describe.each(DOORS)('a download %s', (_, open) => {
  it('should break off after so many bytes, before its last one at the latest, and go on from there', async () => {
    const door = await open();
    const { sessionId, uri } = await linked(door);
    for (const afterBytes of [0, 300_000, 2 * CONTENT.length]) {
      door.simulator.inject({ on: 'get', file: 'a', do: 'reset', afterBytes });
      const { code, held } = await fetched(door, uri);
      expect(code).toBe('CONNECTION');
      // what had left the server when the connection broke may be lost on the way
      expect(held.length).toBeLessThanOrEqual(Math.min(afterBytes, CONTENT.length - 1));
      expect(held.equals(CONTENT.subarray(0, held.length))).toBe(true);
      expect(await wasRead(door, sessionId)).toBe(false);
    }
    const { held, resumed } = await fetched(door, uri, { from: 999_990 });
    expect([held.equals(CONTENT), resumed]).toEqual([true, true]);
    expect(await wasRead(door, sessionId)).toBe(true);
    await door.close();
  });

  it('should be without an answer', async () => {
    const door = await open();
    const { sessionId, uri } = await linked(door);
    const faults: Fault[] = [
      { on: 'get', do: 'refuse' },
      { on: 'get', do: 'loseAnswer' },
      { on: 'get', do: 'late', delayMs: 5 }
    ];
    for (const fault of faults) {
      door.simulator.inject(fault);
      expect(await fetched(door, uri)).toMatchObject({ code: 'CONNECTION', held: NO_BYTES });
      expect(await wasRead(door, sessionId)).toBe(false);
    }
    expect((await fetched(door, uri)).held.equals(CONTENT)).toBe(true);
    expect(
      door.simulator.requests.filter(({ op }) => op === 'get').map(({ status, fault }) => fault ?? status)
    ).toEqual(['refuse', 'loseAnswer', 'late', 200]);
    await door.close();
  });

  it('should stand still until the client goes away', async () => {
    const door = await open();
    const { sessionId, uri } = await linked(door);
    door.simulator.inject({ on: 'get', do: 'stall', afterBytes: 200_000 });
    const stop = new AbortController();
    let came = 0;
    const sink = {
      write: async (chunk: Uint8Array) => {
        came += chunk.length;
      }
    };
    const stalled = failureOf(door.bytes.fetch({ uri, from: 0, sink, signal: stop.signal }));
    const { requests } = door.simulator;
    while (requests.at(-1)?.fault !== 'stall' || came < 200_000) await new Promise(setImmediate);
    stop.abort();
    expect(['CANCELED', 'CONNECTION']).toContain((await stalled)?.code);
    expect(came).toBe(200_000);
    expect(await wasRead(door, sessionId)).toBe(false);
    await door.close();
  });

  it('should be slow, or as slow as the simulator is', async () => {
    const door = await open();
    const { uri } = await linked(door);
    door.simulator.inject({ on: 'get', do: 'slow', bytesPerSecond: 100_000 });
    const before = door.clock.now();
    expect((await fetched(door, uri)).held.equals(CONTENT)).toBe(true);
    expect(door.clock.now() - before).toBeCloseTo(10_000, 1);
    await door.close();
    const paced = await open({ bandwidth: 1_000_000 });
    const link = await linked(paced);
    const start = paced.clock.now();
    await Promise.all([fetched(paced, link.uri), fetched(paced, link.uri)]);
    // a second each, and not one after the other
    expect(paced.clock.now() - start).toBeGreaterThanOrEqual(999);
    expect(paced.clock.now() - start).toBeLessThan(1500);
    await paced.close();
  });

  it('should be answered with what the plan says', async () => {
    const door = await open();
    const { uri } = await linked(door);
    door.simulator.inject({ on: 'get', do: 'answer', status: 503, retryAfter: 2, message: 'Too much.' });
    const { failure: said } = await fetched(door, uri);
    expect(said).toMatchObject({ code: 'UNAVAILABLE', retryAfterMs: 2000, message: 'Too much.' });
    await door.close();
  });

  it('should bring one byte changed, wherever the plan says', async () => {
    const door = await open();
    const { sessionId, uri } = await linked(door);
    const differs = async (fault: Fault, from: number) => {
      door.simulator.inject(fault);
      const { held } = await fetched(door, uri, { from });
      return [...held.keys()].filter(at => held[at] !== CONTENT[at]);
    };
    expect(await differs({ on: 'get', do: 'corrupt', atByte: 70_000 }, 0)).toEqual([70_000]);
    expect(await differs({ on: 'get', do: 'corrupt' }, 999_990)).toEqual([999_990]);
    expect(await wasRead(door, sessionId)).toBe(true);
    await door.close();
  });

  it('should be too late when the session expires just before it', async () => {
    const door = await open();
    const first = await linked(door);
    door.simulator.inject({ on: 'get', do: 'expireSession' });
    expect((await fetched(door, first.uri)).code).toBe('NOT_FOUND');
    door.simulator.inject({ on: 'get', do: 'expireSession' });
    expect((await fetched(door, first.uri)).code).toBe('NOT_FOUND');
    const sessionId = await door.library.createDownloadSession({ itemId: first.itemId });
    door.simulator.inject({ on: 'downloadFile.prepare', do: 'expireSession' });
    expect((await failureOf(door.library.prepareFile(sessionId, 'a')))?.code).toBe('NOT_FOUND');
    await door.close();
  });

  it('should break off when its session ends on the way', async () => {
    const door = await open();
    const { sessionId, uri } = await linked(door);
    door.simulator.inject({ on: 'get', do: 'slow', bytesPerSecond: 100_000 });
    let came = 0;
    const sink = {
      write: async (chunk: Uint8Array) => {
        if (came === 0) await door.library.cancelDownload(sessionId);
        came += chunk.length;
      }
    };
    const broken = await failureOf(driven(door.clock, door.bytes.fetch({ uri, from: 0, sink })));
    expect(broken?.code).toBe('CONNECTION');
    expect(came).toBeLessThan(CONTENT.length);
    await door.close();
  });

  it('should end with its session when nobody keeps it alive while the bytes flow', async () => {
    const door = await open({ sessionTimeoutMs: 5000 });
    const { uri } = await linked(door);
    door.simulator.inject({ on: 'get', do: 'slow', bytesPerSecond: 100_000 });
    const { code, held } = await fetched(door, uri);
    expect(code).toBe('CONNECTION');
    expect(held.length).toBeLessThan(600_000);
    await door.close();
  });

  it('should begin anew where the server takes no ranges', async () => {
    const door = await open({ rules: { ranges: false } });
    const { uri } = await linked(door);
    const { held, resumed } = await fetched(door, uri, { from: 10 });
    expect([held.equals(CONTENT), resumed]).toEqual([true, false]);
    await door.close();
  });

  it('should say that the bytes were not kept', async () => {
    const door = await open({ memoryCap: 1000 });
    const { uri } = await linked(door);
    const { failure: said } = await fetched(door, uri);
    expect(said).toMatchObject({ code: 'SERVER_ERROR', service: { status: 500 } });
    expect(said?.message).toContain('did not keep the bytes of a, which went beyond its memory cap');
    await door.close();
  });

  it('should survive a restart of the server, link and all', async () => {
    const store = mkdtempSync(join(root, 'store-'));
    const door = await open({ store });
    const { sessionId, uri } = await linked(door);
    await door.close();
    const again = await open({ store });
    const { downloadUri } = await again.library.getDownloadFile(sessionId, 'a');
    expect(new URL(downloadUri!).pathname).toBe(new URL(uri).pathname);
    const { held } = await fetched(again, downloadUri!);
    expect(held.equals(CONTENT)).toBe(true);
    expect(await wasRead(again, sessionId)).toBe(true);
    await again.library.deleteDownloadSession(sessionId);
    await again.close();
  });

  it('should be given up before it begins', async () => {
    const door = await open();
    const { uri } = await linked(door);
    const seen = door.simulator.requests.length;
    const { code } = await fetched(door, uri, { signal: AbortSignal.abort() });
    expect(['CANCELED', 'CONNECTION']).toContain(code);
    expect(door.simulator.requests).toHaveLength(seen);
    await door.close();
  });
});

describe('a download by ports', () => {
  it('should pass on what the sink says', async () => {
    const door = await portDoor();
    const { sessionId, uri } = await linked(door);
    const full = new PortFailure(failure('SOURCE_UNREADABLE', 'the disk is full'));
    const sink = {
      write: async () => {
        throw full;
      }
    };
    await expect(door.bytes.fetch({ uri, from: 0, sink })).rejects.toBe(full);
    expect(door.simulator.requests.at(-1)).toEqual({ at: NOW, door: 'port', op: 'get', user: 'user', file: 'a' });
    expect(await wasRead(door, sessionId)).toBe(false);
    await door.close();
  });

  it('should be STALLED after a while, take as long as the way is, and be given up on it', async () => {
    const door = await portDoor();
    const { uri } = await linked(door, 'hello');
    const { bytes } = door.simulator.ports({ latencyMs: 100, stallMs: 5000 });
    const sink = { write: async () => undefined };
    const start = door.clock.now();
    await door.run(bytes.fetch({ uri, from: 0, sink }));
    expect(door.clock.now() - start).toBe(200);
    door.simulator.inject({ on: 'get', do: 'stall' });
    expect((await failureOf(door.run(bytes.fetch({ uri, from: 0, sink }))))?.code).toBe('STALLED');
    expect(door.clock.now() - start).toBe(200 + 200 + 5000);
    for (const wayMs of [50, 150]) {
      const stop = new AbortController();
      const given = failureOf(bytes.fetch({ uri, from: 0, sink, signal: stop.signal }));
      await door.clock.advanceBy(wayMs);
      stop.abort();
      expect((await given)?.code).toBe('CANCELED');
    }
    expect((await failureOf(door.run(bytes.fetch({ uri: 'http://elsewhere/', from: 0, sink }))))?.code).toBe(
      'NOT_FOUND'
    );
    expect((await failureOf(door.run(bytes.fetch({ uri, from: 9, sink }))))?.code).toBe('TRANSFER_REFUSED');
    await door.close();
  });
});

describe('a download over HTTP', () => {
  it('should say what comes: length, kind, and whether it may begin in the middle', async () => {
    const door = await httpDoorIn('api')();
    const { uri } = await linked(door, 'hello');
    const plain = await send(uri, {});
    expect([plain.status, plain.body]).toEqual([200, 'hello']);
    expect(plain.headers).toMatchObject({
      'content-length': '5',
      'content-type': 'application/octet-stream',
      'accept-ranges': 'bytes'
    });
    const part = await send(uri, { headers: { range: 'bytes=1-3' } });
    expect([part.status, part.body, part.headers['content-range']]).toEqual([206, 'ell', 'bytes 1-3/5']);
    const beyond = await send(uri, { headers: { range: 'bytes=5-' } });
    expect([beyond.status, beyond.headers['content-range']]).toEqual([416, 'bytes */5']);
    expect(JSON.parse(beyond.body)).toMatchObject({ error_type: 'INVALID_ARGUMENT' });
    await door.close();
    const whole = await httpDoorIn('api')({ rules: { ranges: false } });
    const other = await linked(whole, 'hello');
    const ignored = await send(other.uri, { headers: { range: 'bytes=1-3' } });
    expect([ignored.status, ignored.body, ignored.headers['accept-ranges']]).toEqual([200, 'hello', 'none']);
    await whole.close();
  });

  it('should count as read only when its last byte was', async () => {
    const door = await httpDoorIn('api')();
    const { sessionId, uri } = await linked(door, 'hello');
    const head = await send(uri, { method: 'HEAD', headers: { range: 'bytes=1-' } });
    expect([head.status, head.body, head.headers['content-length']]).toEqual([200, '', '5']);
    await send(uri, { headers: { range: 'bytes=0-3' } });
    expect(await wasRead(door, sessionId)).toBe(false);
    await send(uri, { headers: { range: 'bytes=-1' } });
    expect(await wasRead(door, sessionId)).toBe(true);
    const seen = door.simulator.requests.filter(({ op }) => op === 'get' || op === 'head');
    expect(seen.map(({ op, status, file }) => [op, status, file])).toEqual([
      ['head', 200, 'a'],
      ['get', 206, 'a'],
      ['get', 206, 'a']
    ]);
    await door.close();
  });

  it('should not be had at any other address, nor in any other way', async () => {
    const door = await httpDoorIn('api')();
    const { itemId, uri } = await linked(door, 'hello');
    const { url } = door.listening;
    const status = async (at: string, method = 'GET') => (await send(at, { method })).status;
    expect(await status(`${uri}x`)).toBe(404);
    expect(await status(`${url}/cls/data/${crypto.randomUUID()}/a`)).toBe(404);
    expect(await status(`${url}/cls/data/`)).toBe(404);
    expect(await status(uri, 'PUT')).toBe(404);
    expect(await status(uri, 'DELETE')).toBe(405);
    const update = await door.library.createSession({ itemId });
    const { uploadUri } = await door.library.addFile(update, { name: 'b', sourceType: 'PUSH' });
    const upload = await send(uploadUri!, {});
    expect([upload.status, upload.headers.allow]).toEqual([405, 'PUT, POST']);
    const token = { 'vmware-api-session-id': door.token };
    expect((await send(uri, { headers: token })).status).toBe(200);
    expect(door.simulator.requests.at(-1)).toMatchObject({ op: 'get', user: 'user', status: 200 });
    await door.close();
  });

  it('should end where its reader goes away, in the middle of a slow body and of a full socket', async () => {
    const door = await httpDoorIn('api')();
    const { sessionId, uri } = await linked(door, Buffer.alloc(20_000_000));
    const goAway = async (pause: boolean) => {
      const stop = new AbortController();
      const came = new Promise<void>(resolve => {
        const onChunk = () => resolve();
        void failureOf(send(uri, { signal: stop.signal, onChunk, pause }));
      });
      if (pause) await came;
      else await driven(door.clock, came);
      const before = door.simulator.requests.length;
      stop.abort();
      while (door.simulator.requests.length === before) await new Promise(setImmediate);
      const { op, status } = door.simulator.requests.at(-1)!;
      expect([op, status]).toEqual(['get', undefined]);
    };
    await goAway(true);
    door.simulator.inject({ on: 'get', do: 'slow', bytesPerSecond: 1000 });
    await goAway(false);
    expect(await wasRead(door, sessionId)).toBe(false);
    await door.close();
  });
});

describe('a range', () => {
  it.each([
    [undefined, 5, undefined],
    ['bytes=0-', 5, { from: 0, to: 5 }],
    ['bytes=2-', 5, { from: 2, to: 5 }],
    ['bytes=2-3', 5, { from: 2, to: 4 }],
    ['Bytes= 2-99', 5, { from: 2, to: 5 }],
    ['bytes=-2', 5, { from: 3, to: 5 }],
    ['bytes=-99', 5, { from: 0, to: 5 }],
    ['bytes=5-', 5, 'unsatisfiable'],
    ['bytes=-0', 5, 'unsatisfiable'],
    ['bytes=0-', 0, 'unsatisfiable'],
    ['bytes=-1', 0, 'unsatisfiable'],
    ['bytes=3-2', 5, undefined],
    ['bytes=-', 5, undefined],
    ['bytes=0-1,3-4', 5, undefined],
    ['lines=1-', 5, undefined]
  ])('should be read as it is meant: %s of %i bytes', (range, size, expected) => {
    expect(rangeIn({ range }, size)).toEqual(expected);
  });

  it('should not be looked at where it depends on something that was never told', () => {
    expect(rangeIn({ range: 'bytes=1-', 'if-range': '"x"' }, 5)).toBeUndefined();
  });
});
