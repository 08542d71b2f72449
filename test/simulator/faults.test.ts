import { describe, expect, it } from 'vitest';
import { bytesOf, DOORS, type Door, failureOf, opened } from './doors.ts';

const CONTENT = Buffer.from('0123456789'.repeat(100_000));
const SLOW = 1_000_000;

async function push({ bytes }: Door, uri: string, content: string | Uint8Array = CONTENT) {
  return bytes.push({ uri, source: bytesOf(content, 10), hash: [] });
}
async function statusOf({ library }: Door, sessionId: string, name = 'a') {
  const file = await library.getFile(sessionId, name);
  return [file.status, file.bytesTransferred];
}

describe.each(DOORS)('faults of a call %s', (_, open) => {
  it('should leave no trace of a call that was refused, reset or stalled', async () => {
    const door = await open();
    const { itemId } = await opened(door);
    for (const fault of ['refuse', 'reset'] as const) {
      door.simulator.inject({ on: 'item.delete', do: fault });
      expect((await failureOf(door.run(door.library.deleteItem(itemId))))?.code).toBe('CONNECTION');
      expect(door.simulator.contents('item')).toBeDefined();
    }
    door.simulator.inject({ on: 'item.delete', do: 'stall' });
    const stop = new AbortController();
    const stalled = failureOf(door.run(door.library.deleteItem(itemId, { signal: stop.signal })));
    while (door.simulator.requests.at(-1)?.fault !== 'stall') await new Promise(resolve => setImmediate(resolve));
    stop.abort();
    expect(['CANCELED', 'CONNECTION', 'STALLED']).toContain((await stalled)?.code);
    expect(door.simulator.contents('item')).toBeDefined();
    expect(
      door.simulator.requests.filter(({ fault }) => fault !== undefined).map(({ op, status }) => [op, status])
    ).toEqual(Array(3).fill(['item.delete', undefined]));
    await door.library.deleteItem(itemId);
    await door.close();
  });

  it('should answer what it is told to, with Retry-After in either form', async () => {
    const door = await open();
    door.simulator.inject({ on: 'library.*', do: 'answer', status: 503, retryAfter: 7 });
    door.simulator.inject({ on: 'library.*', do: 'answer', status: 429, retryAfter: 9, retryAfterAs: 'date' });
    door.simulator.inject({ on: 'library.*', do: 'answer', status: 500, message: 'Out of luck.' });
    door.simulator.inject({ on: 'library.*', do: 'answer', status: 418 });
    const failures = [];
    for (let i = 0; i < 4; i++) failures.push(await failureOf(door.library.listLibraries()));
    expect(failures.map(failure => [failure?.code, failure?.retryAfterMs, failure?.service?.status])).toEqual([
      ['UNAVAILABLE', 7000, 503],
      ['UNAVAILABLE', 9000, 429],
      ['SERVER_ERROR', undefined, 500],
      ['INVALID_ARGUMENT', undefined, 418]
    ]);
    expect(failures[2]?.message).toBe('Out of luck.');
    expect(await door.library.listLibraries()).toHaveLength(1);
    await door.close();
  });

  it('should act and lose the answer', async () => {
    const door = await open();
    const { itemId } = await opened(door);
    door.simulator.inject({ on: 'item.delete', do: 'loseAnswer' });
    expect((await failureOf(door.library.deleteItem(itemId)))?.code).toBe('CONNECTION');
    expect(door.simulator.contents('item')).toBeUndefined();
    expect(door.simulator.requests.at(-1)).toMatchObject({ op: 'item.delete', fault: 'loseAnswer' });
    expect(door.simulator.requests.at(-1)?.status).toBeUndefined();
    await door.library.listLibraries();
    expect((await failureOf(door.library.deleteItem(itemId)))?.code).toBe('NOT_FOUND');
    expect(door.simulator.requests.slice(-2).map(({ status }) => status)).toEqual([200, 404]);
    await door.close();
  });

  it('should act late, after the client was told that the connection broke', async () => {
    const door = await open();
    const { itemId } = await opened(door);
    door.simulator.inject({ on: 'item.delete', do: 'late', delayMs: 5000 });
    expect((await failureOf(door.library.deleteItem(itemId)))?.code).toBe('CONNECTION');
    await door.clock.advanceBy(4999);
    expect(door.simulator.contents('item')).toBeDefined();
    await door.clock.advanceBy(1);
    expect(door.simulator.contents('item')).toBeUndefined();
    await door.close();
  });

  it('should be slow in virtual time', async () => {
    const door = await open();
    const before = door.clock.now();
    door.simulator.inject({ on: 'library.find', do: 'slow', bytesPerSecond: 1 });
    expect(await door.run(door.library.findLibraries({ name: 'images' }))).toHaveLength(1);
    expect(door.clock.now() - before).toBeGreaterThan(10_000);
    await door.close();
  });

  it('should expire the session that the call is about, and pass over calls that are about none', async () => {
    const door = await open();
    const { sessionId } = await opened(door);
    door.simulator.inject({ on: '*', do: 'expireSession', times: 2 });
    expect(await door.library.listLibraries()).toHaveLength(1);
    expect((await failureOf(door.library.keepAlive(sessionId)))?.code).toBe('NOT_FOUND');
    await door.close();
  });

  it('should do what only bodies can suffer to bodies only', async () => {
    const door = await open();
    door.simulator.inject({ on: '*', do: 'corrupt' });
    expect(await door.library.listLibraries()).toHaveLength(1);
    expect(door.simulator.faults.remaining()).toHaveLength(1);
    await door.close();
  });
});

describe.each(DOORS)('faults of a body %s', (_, open) => {
  it('should break the connection after so many bytes, and let the body be sent again', async () => {
    const door = await open();
    const { sessionId, uris } = await opened(door, { a: { size: CONTENT.length } });
    for (const afterBytes of [0, 300_000, 2 * CONTENT.length]) {
      door.simulator.inject({ on: 'put', file: 'a', do: 'reset', afterBytes });
      expect((await failureOf(push(door, uris.a!)))?.code).toBe('CONNECTION');
      expect(await statusOf(door, sessionId)).toEqual(['WAITING_FOR_TRANSFER', 0]);
    }
    await push(door, uris.a!);
    expect(await statusOf(door, sessionId)).toEqual(['READY', CONTENT.length]);
    await door.close();
  });

  it('should refuse the connection before a byte is read', async () => {
    const door = await open();
    const { uris } = await opened(door, { a: {} });
    door.simulator.inject({ on: 'put', do: 'refuse' });
    expect((await failureOf(push(door, uris.a!)))?.code).toBe('CONNECTION');
    await door.close();
  });

  it('should stall for ever, showing what came, until the client goes away', async () => {
    const door = await open();
    const { sessionId, uris } = await opened(door, { a: { size: CONTENT.length } });
    door.simulator.inject({ on: 'put', do: 'stall', afterBytes: 500_000 });
    const stop = new AbortController();
    const pushed = failureOf(
      door.bytes.push({ uri: uris.a!, source: bytesOf(CONTENT, 10), hash: [], signal: stop.signal })
    );
    while (door.simulator.requests.at(-1)?.fault !== 'stall') await new Promise(resolve => setImmediate(resolve));
    const [status, count] = await statusOf(door, sessionId);
    expect(status).toBe('TRANSFERRING');
    expect(count).toBeGreaterThan(200_000);
    stop.abort();
    expect(['CANCELED', 'CONNECTION']).toContain((await pushed)?.code);
    await push(door, uris.a!);
    expect(await statusOf(door, sessionId)).toEqual(['READY', CONTENT.length]);
    await door.close();
  });

  it('should take a body in slowly', async () => {
    const door = await open();
    const { uris } = await opened(door, { a: {} });
    door.simulator.inject({ on: 'put', do: 'slow', bytesPerSecond: 100_000 });
    const before = door.clock.now();
    await door.run(push(door, uris.a!));
    expect(door.clock.now() - before).toBeCloseTo(10_000, 1);
    await door.close();
  });

  it('should pace every body where the simulator has a bandwidth', async () => {
    const door = await open({ bandwidth: SLOW });
    const { uris } = await opened(door, { a: {}, b: {} });
    const before = door.clock.now();
    await door.run(Promise.all([push(door, uris.a!), push(door, uris.b!)]));
    // a second each, and not one after the other
    expect(door.clock.now() - before).toBeGreaterThanOrEqual((CONTENT.length * 1000) / SLOW - 1);
    expect(door.clock.now() - before).toBeLessThan((CONTENT.length * 1500) / SLOW);
    await door.close();
  });

  it('should answer before the body is read, and after a part of it', async () => {
    const door = await open();
    const { sessionId, uris } = await opened(door, { a: {} });
    for (const afterBytes of [0, 300_000]) {
      door.simulator.inject({ on: 'put', do: 'answer', status: 503, retryAfter: 2, afterBytes });
      const failure = await failureOf(push(door, uris.a!));
      expect([failure?.code, failure?.retryAfterMs]).toEqual(['UNAVAILABLE', 2000]);
      expect((await statusOf(door, sessionId))[0]).toBe('WAITING_FOR_TRANSFER');
    }
    await push(door, uris.a!);
    await door.close();
  });

  it('should take the body in and lose the answer', async () => {
    const door = await open();
    const { sessionId, uris } = await opened(door, { a: {} });
    door.simulator.inject({ on: 'put', do: 'loseAnswer' });
    expect((await failureOf(push(door, uris.a!)))?.code).toBe('CONNECTION');
    expect(await statusOf(door, sessionId)).toEqual(['READY', CONTENT.length]);
    await door.close();
  });

  it('should take the body in late', async () => {
    const door = await open();
    const { sessionId, uris } = await opened(door, { a: {} });
    door.simulator.inject({ on: 'put', do: 'late', delayMs: 1000 });
    expect((await failureOf(push(door, uris.a!)))?.code).toBe('CONNECTION');
    expect((await statusOf(door, sessionId))[0]).toBe('TRANSFERRING');
    await door.clock.advanceBy(1000);
    while ((await statusOf(door, sessionId))[0] !== 'READY') await new Promise(resolve => setImmediate(resolve));
    await door.close();
  });

  it('should hear nothing of a late body that a second one has overtaken', async () => {
    const door = await open();
    const { sessionId, uris } = await opened(door, { a: {} });
    door.simulator.inject({ on: 'put', do: 'late', delayMs: 1000 });
    await failureOf(push(door, uris.a!));
    await push(door, uris.a!, 'second');
    await door.clock.advanceBy(1000);
    expect(await statusOf(door, sessionId)).toEqual(['READY', 6]);
    await door.close();
  });

  it('should change one byte on the way, which the checksum finds', async () => {
    const door = await open();
    const { sessionId } = await opened(door);
    const digest = { algorithm: 'MD5', checksum: '900150983cd24fb0d6963f7d28e17f72' };
    const { uploadUri } = await door.library.addFile(sessionId, { name: 'a', sourceType: 'PUSH', size: 3, digest });
    const content = Buffer.from('abc');
    door.simulator.inject({ on: 'put', do: 'corrupt', atByte: 1 });
    const failure = await failureOf(push(door, uploadUri!, content));
    expect(failure?.message).toContain('MD5 checksum of the file a');
    expect(content.toString()).toBe('abc');
    expect((await statusOf(door, sessionId))[0]).toBe('ERROR');
    const again = await door.library.addFile(sessionId, { name: 'a', sourceType: 'PUSH', size: 3, digest });
    await push(door, again.uploadUri!, content);
    expect((await statusOf(door, sessionId))[0]).toBe('READY');
    await door.close();
  });

  it('should turn the session to ERROR when the server itself fails', async () => {
    const door = await open();
    const { sessionId, uris } = await opened(door, { a: {}, b: {} });
    door.simulator.inject({ on: 'put', do: 'transferError', message: 'No space left.', afterBytes: 300_000 });
    const failure = await failureOf(push(door, uris.a!));
    expect([failure?.code, failure?.message]).toEqual(['SERVER_ERROR', 'No space left.']);
    const session = await door.library.getSession(sessionId);
    expect([session.state, session.errorMessage]).toEqual([
      'ERROR',
      'Error transferring file a. Reason: No space left.'
    ]);
    expect((await failureOf(push(door, uris.b!)))?.code).toBe('NOT_FOUND');
    await door.close();
  });

  it('should expire the session under the body', async () => {
    const door = await open();
    const { sessionId, uris } = await opened(door, { a: {} });
    door.simulator.inject({ on: 'put', do: 'expireSession' });
    expect((await failureOf(push(door, uris.a!)))?.code).toBe('NOT_FOUND');
    expect((await failureOf(door.library.getSession(sessionId)))?.code).toBe('NOT_FOUND');
    await door.close();
  });

  it('should end a body whose session is canceled under it', async () => {
    const door = await open();
    const { sessionId, uris } = await opened(door, { a: {} });
    const content = Buffer.alloc(3_000_000, 1);
    let canceled = false;
    const source = {
      size: content.length,
      read: async function* () {
        yield content.subarray(0, 1_000_000);
        while (!(canceled || Number((await statusOf(door, sessionId))[1]) > 0)) await new Promise(setImmediate);
        await door.library.cancelSession(sessionId);
        canceled = true;
        yield content.subarray(1_000_000);
      }
    };
    const failure = await failureOf(door.bytes.push({ uri: uris.a!, source, hash: [] }));
    expect(failure?.code).toBe('NOT_FOUND');
    await door.close();
  });
});
