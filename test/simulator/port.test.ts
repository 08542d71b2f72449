import { describe, expect, it } from 'vitest';
import { failure } from '../../machines/vocabulary.ts';
import type { ServerProfile } from '../../src/ports.ts';
import { PortFailure } from '../../src/ports.ts';
import { PROFILES } from '../../src/servers/profiles.ts';
import { createSimulator, virtualClock } from '../../src/simulator/index.ts';
import { bytesOf, type Door, failureOf, NOW, opened, portDoor } from './doors.ts';

const ABC = { algorithm: 'MD5', checksum: '900150983cd24fb0d6963f7d28e17f72' };

function slow(latencyMs: number | [number, number], seed = 1) {
  const clock = virtualClock(NOW);
  const simulator = createSimulator({ clock, seed });
  return { clock, simulator, ...simulator.ports({ latencyMs, stallMs: 1000 }) };
}

describe('the port door', () => {
  it('should let a call travel there and back on the clock', async () => {
    const { clock, simulator, library } = slow(50);
    const [libraryId] = await clock.run(library.findLibraries({ name: 'images' }));
    expect(clock.now() - NOW).toBe(100);
    const made = library.createItem({ libraryId: libraryId!, name: 'x' });
    await clock.advanceBy(49);
    expect(simulator.contents('x')).toBeUndefined();
    await clock.advanceBy(1);
    expect(simulator.contents('x')).toBeDefined();
    await clock.advanceBy(50);
    expect(await made).toBe(simulator.contents('x')?.id);
  });

  it('should draw the time on the way from the seed', async () => {
    const times = async (seed: number) => {
      const { clock, library } = slow([1, 1000], seed);
      for (let i = 0; i < 5; i++) await clock.run(library.listLibraries());
      return clock.now();
    };
    expect(await times(1)).toBe(await times(1));
    expect(await times(1)).not.toBe(await times(2));
  });

  it('should tell a call that was given up before it arrived from one that may have acted', async () => {
    const { clock, simulator, library } = slow(50);
    const aborted = AbortSignal.abort();
    const [libraryId] = await clock.run(library.listLibraries());
    const spec = { libraryId: libraryId!, name: 'x' };
    expect(await failureOf(library.createItem(spec, { signal: aborted }))).toEqual(
      failure('CANCELED', 'item.create was given up')
    );
    const stop = new AbortController();
    const given = failureOf(library.createItem(spec, { signal: stop.signal }));
    await clock.advanceBy(50);
    stop.abort();
    expect(await given).toEqual(failure('CANCELED', 'item.create was given up', { ambiguous: true }));
    expect(simulator.contents('x')).toBeDefined();
    const read = new AbortController();
    const reading = failureOf(library.getLibrary(libraryId!, { signal: read.signal }));
    read.abort();
    expect(await reading).toEqual(failure('CANCELED', 'library.get was given up'));
  });

  it('should be ambiguous where a call may have acted, and only there', async () => {
    const door = await portDoor();
    const { itemId } = await opened(door);
    const failing = async (
      fault: 'refuse' | 'reset' | 'stall' | 'loseAnswer',
      on: string,
      call: () => Promise<unknown>
    ) => {
      door.simulator.inject({ on, do: fault });
      const { code, ambiguous } = (await failureOf(door.run(call())))!;
      return [code, ambiguous];
    };
    const read = () => door.library.getItem(itemId);
    const write = () => door.library.deleteItem(itemId);
    expect(await failing('refuse', 'item.delete', write)).toEqual(['CONNECTION', undefined]);
    expect(await failing('reset', 'item.delete', write)).toEqual(['CONNECTION', true]);
    expect(await failing('stall', 'item.delete', write)).toEqual(['STALLED', true]);
    expect(await failing('reset', 'item.get', read)).toEqual(['CONNECTION', undefined]);
    expect(await failing('stall', 'item.get', read)).toEqual(['STALLED', undefined]);
    expect(await failing('loseAnswer', 'item.get', read)).toEqual(['CONNECTION', undefined]);
    expect(await failing('loseAnswer', 'item.delete', write)).toEqual(['CONNECTION', true]);
  });

  it('should know its users apart, and refuse strangers', async () => {
    const clock = virtualClock(NOW);
    const simulator = createSimulator({ clock, users: { ann: 'a', bob: 'b' } });
    const ann = simulator.ports();
    const bob = simulator.ports({ username: 'bob', password: 'b' });
    const [libraryId] = await ann.library.listLibraries();
    const itemId = await ann.library.createItem({ libraryId: libraryId!, name: 'x' });
    const sessionId = await ann.library.createSession({ itemId });
    expect(await bob.library.listSessions()).toEqual([]);
    expect((await failureOf(bob.library.getSession(sessionId)))?.code).toBe('NOT_FOUND');
    for (const stranger of [{ username: 'bob', password: 'a' }, { username: 'eve' }]) {
      const { library } = simulator.ports(stranger);
      expect((await failureOf(library.listLibraries()))?.code).toBe('UNAUTHENTICATED');
      simulator.inject({ on: '*', do: 'loseAnswer' });
      simulator.inject({ on: '*', do: 'late', delayMs: 1 });
      await failureOf(library.deleteItem(itemId));
      await failureOf(library.deleteItem(itemId));
      await clock.runUntilIdle();
    }
    expect(simulator.contents('x')).toBeDefined();
    const nobody = createSimulator({ clock, users: {} }).ports();
    expect((await failureOf(nobody.library.listLibraries()))?.code).toBe('UNAUTHENTICATED');
    expect(simulator.requests.at(-1)).toMatchObject({ door: 'port', op: 'item.delete', user: 'eve', fault: 'late' });
  });

  it('should speak as the server that it is told to be', async () => {
    const profile: ServerProfile = PROFILES['6.5'];
    const { library } = createSimulator({ clock: virtualClock(), profile }).ports();
    expect(library.server).toBe(profile);
  });
});

describe('bytes through the port door', () => {
  const put = async (door: Door, uri: string, content = 'abc', signal?: AbortSignal) => {
    const counts: number[] = [];
    const source = bytesOf(content, 3);
    const work = door.bytes.push({ uri, source, hash: ['MD5'], signal, onSent: sent => counts.push(sent) });
    return { counts, pushed: door.run(work) };
  };

  it('should be counted and hashed while they go', async () => {
    const door = await portDoor();
    const { uris } = await opened(door, { a: {}, empty: {} });
    const { counts, pushed } = await put(door, uris.a!);
    expect(await pushed).toEqual({ sent: 3, digests: [ABC] });
    expect(counts).toEqual([1, 2, 3]);
    expect((await (await put(door, uris.empty!, '')).pushed).sent).toBe(0);
  });

  it('should tell how far they came, with digests where the source was read to its end', async () => {
    const door = await portDoor();
    const { uris } = await opened(door, { a: {} });
    door.simulator.inject({ on: 'put', do: 'reset', afterBytes: 2 });
    const half = await failureOf((await put(door, uris.a!)).pushed);
    expect([half?.code, half?.ambiguous, half?.sent, half?.digests]).toEqual(['CONNECTION', undefined, 2, undefined]);
    door.simulator.inject({ on: 'put', do: 'loseAnswer' });
    const whole = await failureOf((await put(door, uris.a!)).pushed);
    expect([whole?.code, whole?.ambiguous, whole?.sent, whole?.digests]).toEqual(['CONNECTION', true, 3, [ABC]]);
    door.simulator.inject({ on: 'put', do: 'stall', afterBytes: 1 });
    const stalled = await failureOf((await put(door, uris.a!)).pushed);
    expect([stalled?.code, stalled?.ambiguous, stalled?.sent]).toEqual(['STALLED', undefined, 1]);
    door.simulator.inject({ on: 'put', do: 'refuse' });
    const refused = await failureOf((await put(door, uris.a!)).pushed);
    expect([refused?.code, refused?.sent]).toEqual(['CONNECTION', 0]);
  });

  it('should end with the failure of their source, and leave the file waiting', async () => {
    const door = await portDoor();
    const { sessionId, uris } = await opened(door, { a: {} });
    const broken = (cause: Error) => ({
      size: 6,
      read: async function* () {
        yield Buffer.from('abc');
        throw cause;
      }
    });
    const changed = new PortFailure(failure('SOURCE_CHANGED', 'a changed'));
    expect(await failureOf(door.bytes.push({ uri: uris.a!, source: broken(changed), hash: [] }))).toEqual(
      failure('SOURCE_CHANGED', 'a changed', { sent: 3 })
    );
    const defect = door.bytes.push({ uri: uris.a!, source: broken(new TypeError('oops')), hash: [] });
    await expect(defect).rejects.toThrow(TypeError);
    expect((await door.library.getFile(sessionId, 'a')).status).toBe('WAITING_FOR_TRANSFER');
  });

  it('should end when they are given up, before or in the middle', async () => {
    const door = await portDoor({ bandwidth: 1 });
    const { uris } = await opened(door, { a: {} });
    const before = await failureOf((await put(door, uris.a!, 'abc', AbortSignal.abort())).pushed);
    expect(before).toEqual(failure('CANCELED', 'put was given up', { sent: 0 }));
    const stop = new AbortController();
    const source = {
      size: 6,
      read: async function* (signal?: AbortSignal) {
        yield Buffer.from('abc');
        stop.abort(new Error('enough'));
        signal?.throwIfAborted();
      }
    };
    const work = door.bytes.push({ uri: uris.a!, source, hash: [], signal: stop.signal });
    expect(await failureOf(door.run(work))).toEqual(failure('CANCELED', 'put was given up', { sent: 3 }));
  });

  it('should find no way under an address that is none', async () => {
    const door = await portDoor();
    const { sessionId, uris } = await opened(door, { a: {} });
    expect((await failureOf((await put(door, 'http://elsewhere.example/')).pushed))?.code).toBe('NOT_FOUND');
    await door.library.cancelSession(sessionId);
    expect((await failureOf((await put(door, uris.a!)).pushed))?.code).toBe('NOT_FOUND');
  });
});
