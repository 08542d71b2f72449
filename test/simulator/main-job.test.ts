import { describe, expect, it } from 'vitest';
import { bytesOf, DOORS, failureOf, NOW, opened } from './doors.ts';

const CONTENT = Buffer.from('the quick brown fox '.repeat(50_000));

describe.each(DOORS)('an upload %s', (_, open) => {
  it('should go from login to content that everybody sees', async () => {
    const door = await open();
    const { library, bytes, simulator } = door;
    const { itemId, sessionId, uris } = await opened(door, { 'a.bin': { size: CONTENT.length }, empty: { size: 0 } });
    const pushed = await bytes.push({ uri: uris['a.bin']!, source: bytesOf(CONTENT, 7), hash: [] });
    expect(pushed.sent).toBe(CONTENT.length);
    await bytes.push({ uri: uris.empty!, source: bytesOf(''), hash: [] });
    const file = await library.getFile(sessionId, 'a.bin');
    expect([file.status, file.size, file.bytesTransferred]).toEqual(['READY', CONTENT.length, CONTENT.length]);
    expect(await library.validate(sessionId)).toEqual({ hasErrors: false, missing: [], invalid: [] });
    expect(await library.listItemFiles(itemId)).toEqual([]);
    await library.keepAlive(sessionId, 50);
    await library.complete(sessionId);
    const session = await library.getSession(sessionId);
    expect([session.state, session.serverNow]).toEqual(['DONE', NOW]);
    await library.deleteSession(sessionId);
    expect((await library.listItemFiles(itemId)).map(({ name, size }) => [name, size]).sort()).toEqual([
      ['a.bin', CONTENT.length],
      ['empty', 0]
    ]);
    const held = simulator.contents('item')!;
    const big = held.files.find(({ name }) => name === 'a.bin')!;
    expect(Buffer.from((await big.read())!).equals(CONTENT)).toBe(true);
    expect(held.contentVersion).toBe(2);
    expect((await failureOf(library.getSession(sessionId)))?.code).toBe('NOT_FOUND');
    await library.keepLogin();
    await door.close();
  });
});
