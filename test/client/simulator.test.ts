// The client against the simulator's HTTP door: the first server that it did not bring along itself.
import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/adapters/clock.ts';
import type { ConnectOptions } from '../../src/connect.ts';
import type { ByteSource } from '../../src/ports.ts';
import { PROFILES } from '../../src/servers/profiles.ts';
import { createSimulator, type Fault, type ListenOptions } from '../../src/simulator/index.ts';
import { connected, failureOf } from './servers.ts';

const content = randomBytes(3_000_000);
const source: ByteSource = {
  size: content.length,
  async *read() {
    for (let at = 0; at < content.length; at += 1_000_000) yield content.subarray(at, at + 1_000_000);
  }
};

async function simulated(options: Partial<ConnectOptions> = {}, listenOptions: ListenOptions = {}) {
  const simulator = createSimulator({ clock: systemClock() });
  onTestFinished(() => simulator.close());
  const door = await simulator.listen(listenOptions);
  const connection = await connected(door.url, {
    username: 'user',
    password: 'pass',
    ...(door.caPem !== undefined && { ca: door.caPem }),
    ...options
  });
  const { library } = connection;
  const [libraryId] = await library.findLibraries({ name: 'images' });
  const itemId = await library.createItem({ libraryId: libraryId!, name: 'ubuntu', type: 'iso' });
  const sessionId = await library.createSession({ itemId });
  const add = () => library.addFile(sessionId, { name: 'a.iso', sourceType: 'PUSH', size: content.length });
  const push = async () => connection.bytes.push({ uri: (await add()).uploadUri!, source, hash: ['SHA256'] });
  return { simulator, connection, library, itemId, sessionId, add, push };
}

describe.each([
  ['/api', {}, {}],
  ['/rest', { dialect: 'rest' }, {}],
  ['/api under TLS', {}, { tls: true }]
] as const)('the client over %s', (_, options, listenOptions) => {
  it('should take a file to the end', async () => {
    const { library, itemId, sessionId, push } = await simulated(options, listenOptions);
    const sha256 = createHash('sha256').update(content).digest('hex');
    expect(await push()).toEqual({ sent: content.length, digests: [{ algorithm: 'SHA256', checksum: sha256 }] });
    await library.keepLogin();
    await library.keepAlive(sessionId, 50);
    expect(await library.validate(sessionId)).toEqual({ hasErrors: false, missing: [], invalid: [] });
    await library.complete(sessionId);
    expect((await library.getSession(sessionId)).state).toBe('DONE');
    expect(await library.listItemFiles(itemId)).toEqual([
      expect.objectContaining({ name: 'a.iso', size: content.length })
    ]);
    await library.deleteSession(sessionId);
    await library.deleteItem(itemId);
    expect(await failureOf(library.getItem(itemId))).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('should log in again when the service forgot its logins', async () => {
    const { simulator, library } = await simulated(options, listenOptions);
    simulator.endLogins();
    expect((await library.listLibraries()).length).toBe(1);
  });
});

describe('the client on a bad night', () => {
  const on = async (fault: Fault) => {
    const { simulator, push } = await simulated();
    simulator.inject(fault);
    const failed = await failureOf(push());
    expect(await push()).toMatchObject({ sent: content.length });
    return failed;
  };

  it('should report a connection that is cut after some bytes', async () => {
    expect(await on({ on: 'put', do: 'reset', afterBytes: 1_500_000 })).toMatchObject({ code: 'CONNECTION' });
  });

  it('should report a refusal in the middle, with how long to wait', async () => {
    expect(await on({ on: 'put', do: 'answer', status: 503, retryAfter: 2, afterBytes: 100_000 })).toMatchObject({
      code: 'UNAVAILABLE',
      retryAfterMs: 2_000
    });
  });

  it('should not know what became of a push whose answer was lost', async () => {
    expect(await on({ on: 'put', do: 'loseAnswer' })).toMatchObject({
      code: 'CONNECTION',
      ambiguous: true,
      sent: content.length,
      digests: [expect.objectContaining({ algorithm: 'SHA256' })]
    });
  });

  it('should not know whether an item was made when the answer was lost, and ask only once', async () => {
    const { simulator, library } = await simulated();
    simulator.inject({ on: 'item.create', do: 'loseAnswer' });
    const [libraryId] = await library.listLibraries();
    const failed = await failureOf(library.createItem({ libraryId: libraryId!, name: 'lost' }));
    expect(failed).toMatchObject({ code: 'CONNECTION', ambiguous: true });
    expect(await library.findItems({ name: 'lost' })).toHaveLength(1);
  });

  it('should read a date as Retry-After', async () => {
    const { simulator, library } = await simulated();
    simulator.inject({ on: 'library.list', do: 'answer', status: 503, retryAfter: 3, retryAfterAs: 'date' });
    const { retryAfterMs } = await failureOf(library.listLibraries());
    expect(retryAfterMs).toBeGreaterThan(1_000);
    expect(retryAfterMs).toBeLessThan(5_000);
  });
});

it.each(['6.5', '6.7', '7.0', '8.0', '9.0'] as const)(
  'should find out by itself that the server is a %s',
  async name => {
    const simulator = createSimulator({ clock: systemClock(), profile: PROFILES[name] });
    onTestFinished(() => simulator.close());
    const { url } = await simulator.listen();
    const { library } = await connected(url, { username: 'user', password: 'pass' });
    expect(library.server).toEqual(PROFILES[name]);
  }
);
