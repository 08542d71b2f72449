import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { updateSessionMachine } from '../../machines/service/update-session.ts';
import type { Journal } from '../../src/ports.ts';
import { createSimulator, seededRandom, virtualClock } from '../../src/simulator/index.ts';
import { loginsOf } from '../../src/simulator/logins.ts';
import { requestLog } from '../../src/simulator/request-log.ts';
import { law } from '../../src/simulator/service/law.ts';
import { bytesOf, failureOf, NOW, opened, portDoor } from './doors.ts';

const journal: Journal = { append: async () => undefined, read: async () => [] };

describe('a simulator', () => {
  it('should be everything that a run needs', async () => {
    const clock = virtualClock(NOW);
    const simulator = createSimulator({ clock, libraries: ['a', { name: 'b', type: 'SUBSCRIBED' }] });
    const ports = simulator.connect({ journal });
    expect([ports.clock, ports.journal, ports.serverName]).toEqual([clock, journal, 'simulator']);
    expect(await ports.library.listLibraries()).toHaveLength(2);
    const hashing = ports.hasher.start(['MD5', 'SHA1']);
    hashing.update(Buffer.from('ab'));
    hashing.update(Buffer.from('c'));
    expect(await hashing.digest()).toEqual([
      { algorithm: 'MD5', checksum: '900150983cd24fb0d6963f7d28e17f72' },
      { algorithm: 'SHA1', checksum: 'a9993e364706816aba3e25717850c26c9cd0d89d' }
    ]);
    hashing.dispose();
    const random = seededRandom(5);
    expect(simulator.connect({ journal, random }).random).toBe(random);
  });

  it('should do the same again from the same seed, to the last id', async () => {
    const run = async (seed: number) => {
      const clock = virtualClock(NOW);
      const simulator = createSimulator({
        clock,
        seed,
        faults: [{ on: '*', do: 'answer', status: 503, probability: 0.3 }]
      });
      const { library } = simulator.ports({ latencyMs: [1, 20] });
      const log: unknown[] = [];
      for (let i = 0; i < 20; i++) {
        const work = library.createLibrary({ name: `l${i}` }).catch((error: Error) => error.message);
        log.push(await clock.run(work), clock.now());
      }
      return { log, state: simulator.state, requests: simulator.requests };
    };
    expect(await run(3)).toEqual(await run(3));
    expect((await run(3)).log).not.toEqual((await run(4)).log);
  });

  it('should let idle sessions expire, and show the time that the profile and the options give them', async () => {
    const door = await portDoor({ sessionTimeoutMs: 1000 });
    const { sessionId } = await opened(door);
    expect((await door.library.getSession(sessionId)).expiresAt).toBe(NOW + 1000);
    await door.clock.advanceBy(900);
    await door.library.keepAlive(sessionId);
    await door.clock.advanceBy(900);
    expect((await door.library.getSession(sessionId)).state).toBe('ACTIVE');
    await door.clock.advanceBy(5000);
    expect((await failureOf(door.library.getSession(sessionId)))?.code).toBe('NOT_FOUND');
    expect((await portDoor()).simulator.state.settings.sessionTimeoutMs).toBe(300_000);
  });

  it('should let a session expire from code', async () => {
    const door = await portDoor();
    const { sessionId } = await opened(door);
    door.simulator.expire(sessionId);
    door.simulator.expire('unknown');
    expect((await failureOf(door.library.keepAlive(sessionId)))?.code).toBe('NOT_FOUND');
  });

  it('should free the bytes of what nobody holds any more', async () => {
    const door = await portDoor({ memoryCap: 10 });
    for (const name of ['one', 'two', 'three']) {
      const { sessionId, uris } = await opened(door, { a: {} }, { name });
      await door.bytes.push({ uri: uris.a!, source: bytesOf('123456'), hash: [] });
      await door.bytes.push({ uri: uris.a!, source: bytesOf('abcdef'), hash: [] });
      expect((await door.library.getFile(sessionId, 'a')).status).toBe('READY');
      await door.library.complete(sessionId);
      const held = door.simulator.contents(name)!;
      expect(Buffer.from((await held.files[0]!.read())!).toString()).toBe('abcdef');
      await door.library.deleteItem(held.id);
    }
  });

  it('should go by the rule book that it is given', async () => {
    const lenient = {
      ...law,
      updateSession: updateSessionMachine.provide({ guards: { fileNotReceived: () => false } })
    };
    const door = await portDoor({ law: lenient });
    const { sessionId } = await opened(door, { a: {} });
    expect(await failureOf(door.library.validate(sessionId))).toBeUndefined();
    const strict = await portDoor();
    const other = await opened(strict, { a: {} });
    expect((await failureOf(strict.library.validate(other.sessionId)))?.code).toBe('NOT_ALLOWED_IN_CURRENT_STATE');
  });

  it('should refuse a wrong fault plan', () => {
    expect(() => createSimulator({ clock: virtualClock(), faults: [{ on: 'putt', do: 'refuse' }] })).toThrow(
      'there is no operation "putt"'
    );
  });

  it('should end what waits when it is closed', async () => {
    const store = mkdtempSync(join(tmpdir(), 'shelver-close-'));
    const door = await portDoor({ store, bandwidth: 1 });
    const { uris } = await opened(door, { a: {}, b: {} });
    const pushing = door.bytes.push({ uri: uris.a!, source: bytesOf('abc'), hash: [] });
    const ended = pushing.catch((error: Error) => error.message);
    while (door.clock.waiting === 0) await new Promise(setImmediate);
    await door.close();
    expect(await ended).toBe('the simulator is closed');
    rmSync(store, { recursive: true });
  });
});

describe('logins', () => {
  it('should be bounded: the oldest goes', () => {
    const logins = loginsOf(new Map([['u', 'p']]), 1000, virtualClock(), seededRandom(1));
    const first = logins.open('u', 'p')!.token;
    const second = logins.open('u', 'p')!.token;
    for (let i = 0; i < 9_999; i++) logins.open('u', 'p');
    expect([logins.find(first), logins.find(second)?.token]).toEqual([undefined, second]);
    expect(logins.find(undefined)).toBeUndefined();
    logins.end(undefined);
    logins.endAll();
    expect(logins.find(second)).toBeUndefined();
  });
});

describe('the request log', () => {
  it('should keep the newest, at least as many as it promises', () => {
    const log = requestLog(3);
    for (let at = 0; at < 7; at++) log.add({ at, door: 'port', op: 'put' });
    expect(log.all.map(({ at }) => at)).toEqual([3, 4, 5, 6]);
  });
});
