// How a pull ends before its time: nothing goes on behind the back of a service that does not want it any more.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSimulator } from '../../../src/simulator/index.ts';
import type { Options } from '../doors.ts';
import { NAME, type Origin, originOf, type Pulling, pulling, until } from './pulling.ts';

let base: string;
let origin: Origin;
let pull: Pulling;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'shelver-pull-'));
});
afterEach(async () => {
  await pull.close();
  await origin.close();
  rmSync(base, { recursive: true, force: true });
});
const blobs = () => readdirSync(join(base, 'blobs'));

/** A file half of which is there, and whose other half never comes. */
async function half(options: Options = {}, more: Parameters<typeof originOf>[0] = {}): Promise<void> {
  origin = await originOf({ '/half': (_, res) => void res.write(Buffer.alloc(300_000)), ...more });
  pull = await pulling({ store: base, pull: { hosts: ['127.0.0.1'] }, ...options });
  await pull.add(`${origin.url}/half`);
  await until(async () => (await pull.file()).bytesTransferred > 0);
  expect(await origin.connections()).toBe(1);
}

describe('a pull that is under way', () => {
  it.each([
    ['the session is canceled', () => pull.library.cancelSession(pull.sessionId)],
    ['the session fails', () => pull.library.failSession(pull.sessionId, 'no more')],
    ['the file is removed', () => pull.library.removeFile(pull.sessionId, NAME)],
    ['the file is added anew', () => pull.add('http://127.0.0.2/a')],
    ['the item is deleted', () => pull.library.deleteItem(pull.itemId)],
    [
      'the library is deleted',
      async () => {
        const [library] = await pull.library.findLibraries({ name: 'images' });
        await pull.library.deleteLibrary(library!);
      }
    ],
    ['the session expires', async () => pull.simulator.expire(pull.sessionId)],
    [
      'the session expires by itself',
      async () => {
        await pull.clock.advanceBy(300_001);
        await pull.session();
      }
    ],
    ['everything begins anew', () => pull.simulator.reset()],
    ['the simulator closes', () => pull.simulator.close()]
  ] as [string, () => Promise<unknown>][])('should end at once when %s, and leave nothing', async (what, act) => {
    await half();
    await act().catch(() => undefined);
    await until(async () => (await origin.connections()) === 0);
    await until(() => blobs().length === 0 || what === 'the file is added anew');
  });

  it('should end when another file takes its session along', async () => {
    await half();
    await pull.add('http://not.allowed/b', { name: 'b' });
    await until(async () => (await origin.connections()) === 0);
    expect((await pull.session()).state).toBe('ERROR');
    expect((await pull.file()).status).toBe('WAITING_FOR_TRANSFER');
  });

  it('should end while it connects, and while it waits to try again', async () => {
    const asked: string[] = [];
    const lookup = (host: string) => {
      asked.push(host);
      return new Promise<string[]>(() => undefined);
    };
    origin = await originOf({ '/503': (_, res) => res.writeHead(503).end() });
    pull = await pulling({ pull: { hosts: ['127.0.0.1', 'slow.example'], lookup, attempts: 5 } });
    await pull.add(`${origin.url}/503`);
    await until(() => pull.clock.waiting === 1);
    await pull.library.removeFile(pull.sessionId, NAME);
    expect(pull.clock.waiting).toBe(0);
    await pull.add('http://slow.example/a');
    await until(() => asked.length === 1);
    await pull.simulator.close();
    expect(origin.asked.length).toBe(1);
  });

  it('should begin again after a restart, without the half that was there', async () => {
    await half({}, {});
    await pull.close();
    await origin.close();
    const { port } = origin;
    expect(blobs()).toEqual([]);
    const sources = { [`http://127.0.0.1:${port}/half`]: 'whole' };
    const again = createSimulator({ clock: pull.clock, store: base, pull: { sources } });
    const { library } = again.ports();
    await until(async () => (await library.getFile(pull.sessionId, NAME)).status === 'READY');
    expect(await library.getFile(pull.sessionId, NAME)).toMatchObject({ bytesTransferred: 5 });
    await library.complete(pull.sessionId);
    expect((await library.getSession(pull.sessionId)).state).toBe('DONE');
    await again.close();
  });

  it('should leave no half bytes of a try that failed', async () => {
    let first = true;
    const flaky = (_: unknown, res: import('node:http').ServerResponse) => {
      if (!first) return void res.end('whole');
      first = false;
      res.write(Buffer.alloc(300_000), () => res.socket!.resetAndDestroy());
    };
    origin = await originOf({ '/a': flaky });
    pull = await pulling({ store: base, pull: { hosts: ['127.0.0.1'] } });
    await pull.add(`${origin.url}/a`);
    await until(() => pull.clock.waiting > 0);
    await until(() => blobs().length === 0);
    expect(await pull.file()).toMatchObject({ status: 'TRANSFERRING' });
    await pull.clock.advanceBy(1000);
    expect(await pull.settled()).toMatchObject({ status: 'READY', size: 5 });
    expect(blobs()).toHaveLength(1);
  });
});

describe('many pulls', () => {
  it('should have sixteen connections at once, and all come in the end', async () => {
    const waiting: (() => void)[] = [];
    origin = await originOf(
      Object.fromEntries(
        Array.from({ length: 20 }, (_, i) => [`/${i}`, (_: unknown, res) => waiting.push(() => res.end('x'))])
      ) as Parameters<typeof originOf>[0]
    );
    pull = await pulling({ pull: { hosts: ['127.0.0.1'] } });
    for (let i = 0; i < 20; i++) await pull.add(`${origin.url}/${i}`, { name: `${i}` });
    const having = async (status: string) =>
      (await pull.library.listFiles(pull.sessionId)).filter(file => file.status === status).length;
    await until(() => waiting.length === 16);
    expect([await having('TRANSFERRING'), await having('WAITING_FOR_TRANSFER')]).toEqual([16, 4]);
    await until(async () => {
      for (const end of waiting.splice(0)) end();
      return (await having('READY')) === 20;
    });
    expect(origin.made()).toBe(20);
  });
});
