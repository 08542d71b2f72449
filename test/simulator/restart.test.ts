import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { bytesOf, DOORS, failureOf, opened } from './doors.ts';

const root = mkdtempSync(join(tmpdir(), 'shelver-restart-'));
afterAll(() => rmSync(root, { recursive: true }));
let count = 0;
const directory = () => join(root, `${count++}`);

describe.each(DOORS)('a simulator with a store, %s', (_, open) => {
  it('should have libraries, items, sessions and bytes again after a restart', async () => {
    const store = directory();
    const door = await open({ store });
    const { itemId, sessionId, uris } = await opened(door, { a: {}, b: {} });
    await door.bytes.push({ uri: uris.a!, source: bytesOf('hello'), hash: [] });
    await door.close();

    const again = await open({ store, libraries: ['images', { name: 'more', items: [{ name: 'first' }] }] });
    expect(await again.library.listLibraries()).toHaveLength(2);
    expect(again.simulator.contents('first')).toMatchObject({ contentVersion: 1, files: [] });
    const files = await again.library.listFiles(sessionId);
    expect(files.map(({ name, status }) => [name, status])).toEqual([
      ['a', 'READY'],
      ['b', 'WAITING_FOR_TRANSFER']
    ]);
    await again.bytes.push({ uri: files[1]!.uploadUri!, source: bytesOf('world'), hash: [] });
    await again.library.complete(sessionId);
    await again.close();

    const third = await open({ store });
    expect((await third.library.getItem(itemId)).contentVersion).toBe('2');
    const held = third.simulator.contents(itemId)!.files;
    const texts = await Promise.all(held.map(async file => Buffer.from((await file.read())!).toString()));
    expect(texts.sort()).toEqual(['hello', 'world']);
    await third.close();
  });

  it('should give no id twice, in whichever life it was given', async () => {
    const store = directory();
    const made: string[] = [];
    for (const name of ['a', 'b', 'c']) {
      const door = await open({ store });
      const [library] = await door.library.listLibraries();
      made.push(await door.library.createItem({ libraryId: library!, name }));
      expect((await door.library.listItems(library!)).sort()).toEqual([...made].sort());
      await door.close();
    }
    expect(new Set(made).size).toBe(3);
  });

  it('should have all that was answered, even when nobody closed it', async () => {
    const store = directory();
    const door = await open({ store });
    const { sessionId, uris } = await opened(door, { a: {}, b: {}, c: {} });
    door.simulator.inject({ on: 'put', file: 'b', do: 'stall', afterBytes: 2 });
    const stop = new AbortController();
    const stalled = failureOf(
      door.bytes.push({ uri: uris.b!, source: bytesOf('half', 2), hash: [], signal: stop.signal })
    );
    while (door.simulator.requests.at(-1)?.fault !== 'stall') await new Promise(setImmediate);
    await door.bytes.push({ uri: uris.a!, source: bytesOf('hello'), hash: [] });
    // the crash: bytes of a body that never ended lie about, and half a state
    const crashed = directory();
    cpSync(store, crashed, { recursive: true });
    rmSync(join(crashed, 'owner.json'));
    writeFileSync(join(crashed, 'blobs', 'half'), 'x');
    writeFileSync(join(crashed, 'state.json.new'), '{');

    const again = await open({ store: crashed });
    expect((await again.library.listFiles(sessionId)).map(({ name, status }) => [name, status])).toEqual([
      ['a', 'READY'],
      ['b', 'WAITING_FOR_TRANSFER'],
      ['c', 'WAITING_FOR_TRANSFER']
    ]);
    expect(readdirSync(join(crashed, 'blobs'))).toHaveLength(1);
    await again.close();
    stop.abort();
    await stalled;
    await door.close();
  });

  it('should refuse a state that it cannot know', async () => {
    const store = directory();
    await (await open({ store })).close();
    const state = '{"version":2}';
    const sha256 = createHash('sha256').update(state).digest('hex');
    writeFileSync(join(store, 'state.json'), `{"version":2,"restarts":0,"sha256":"${sha256}","state":${state}}`);
    for (const _ of ['once', 'twice']) {
      expect((await failureOf(open({ store })))?.message).toContain('another version of the simulator');
    }
  });

  it('should say that bytes could not be stored', async () => {
    const store = directory();
    const door = await open({ store });
    const { sessionId, uris } = await opened(door, { a: {} });
    rmSync(join(store, 'blobs'), { recursive: true });
    const failure = await failureOf(door.bytes.push({ uri: uris.a!, source: bytesOf('x'), hash: [] }));
    expect(failure?.message).toBe('The bytes of a cannot be stored (ENOENT).');
    expect((await door.library.getSession(sessionId)).state).toBe('ERROR');
    await door.close();
  });
});
