// Sources of file: and ds:, which lie in a folder of the simulator.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSimulator } from '../../../src/simulator/index.ts';
import { PullFailure } from '../../../src/simulator/pull/failure.ts';
import { partsOf } from '../../../src/simulator/pull/folder.ts';
import { values } from '../../../src/simulator/service/table.ts';
import type { Options } from '../doors.ts';
import { type Pulling, pulling, reasonOf, until } from './pulling.ts';

let base: string;
let folder: string;
let pull: Pulling;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'shelver-pull-'));
  folder = join(base, 'folder');
  mkdirSync(join(folder, 'sub'), { recursive: true });
  writeFileSync(join(folder, 'a.iso'), 'hello');
  writeFileSync(join(folder, 'sub', 'b c.iso'), 'there');
  writeFileSync(join(base, 'secret'), 'secret');
});
afterEach(async () => {
  await pull?.close();
  rmSync(base, { recursive: true, force: true });
});

async function pulled(uri: string, options: Options = {}): Promise<string> {
  pull = await pulling({ pull: { folder }, ...options });
  await pull.add(uri);
  const file = await pull.settled();
  if (file.status === 'ERROR') return `failed: ${reasonOf(file)}`;
  await pull.library.complete(pull.sessionId);
  return (await pull.held())['a.iso']!;
}

describe('a pull from a folder', () => {
  it.each([
    ['file:///a.iso', 'hello'],
    ['file://localhost/a.iso', 'hello'],
    ['FILE:///sub/b%20c.iso', 'there'],
    ['ds:///a.iso', 'hello'],
    ['ds:///vmfs/volumes/12ab-cd/a.iso?serverId=12ab-cd', 'hello'],
    ['ds:///vmfs/volumes/12ab-cd/sub/b%20c.iso', 'there']
  ])('should copy %s', async (uri, text) => {
    expect(await pulled(uri)).toBe(text);
    expect(existsSync(join(folder, 'a.iso'))).toBe(true);
  });

  it.each([
    ['file:///nothing.iso', 'there is no such file'],
    ['file:///sub', 'there is no such file'],
    ['file:///a.iso/b', 'there is no such file'],
    ['file:///etc/passwd', 'there is no such file'],
    ['file:///../secret', 'the address leads out of the folder'],
    ['file:///sub/../../secret', 'the address leads out of the folder'],
    ['file:///..%2fsecret', 'the address leads out of the folder'],
    ['file:///%2e%2e/secret', 'the address leads out of the folder'],
    ['file:///..%5csecret', 'the address leads out of the folder'],
    ['file:///sub//b', 'the address leads out of the folder'],
    ['file:///./a.iso', 'the address leads out of the folder'],
    ['file:///a%00.iso', 'the address leads out of the folder'],
    ['file:///a%zz.iso', 'the address leads out of the folder'],
    ['ds:///vmfs/volumes/x/../../../../secret', 'the address leads out of the folder'],
    ['ds:///vmfs/volumes/x/', 'the address is no file of this service'],
    ['ds:///vmfs/volumes/x', 'the address is no file of this service'],
    ['file:///out', 'the address leads out of the folder'],
    ['file:///away/secret', 'the address leads out of the folder'],
    ['file:///pipe', 'there is no such file'],
    ['file://elsewhere/a.iso', 'the address is no file of this service'],
    ['ds://elsewhere/a.iso', 'the address is no file of this service'],
    ['file:///a.iso?x', 'the address is no file of this service'],
    ['file:///a.iso?serverId=x', 'the address is no file of this service'],
    ['ds:///a.iso?serverId=x&y', 'the address is no file of this service'],
    ['file:///', 'the address is no file of this service'],
    ['file:a.iso', 'the address is no file of this service']
  ])('should not find %s', async (uri, reason) => {
    symlinkSync(join(base, 'secret'), join(folder, 'out'));
    symlinkSync(base, join(folder, 'away'));
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    expect(await pulled(uri)).toBe(`failed: ${reason}`);
  });

  it('should follow a link that stays inside', async () => {
    symlinkSync(join(folder, 'a.iso'), join(folder, 'link'));
    expect(await pulled('file:///link')).toBe('hello');
  });

  it('should find nothing where there is no folder', async () => {
    for (const options of [{ pull: {} }, { pull: { folder: join(base, 'none') } }]) {
      expect(await pulled('file:///a.iso', options)).toBe('failed: there is no such file');
      await pull.close();
    }
  });

  it('should not take a file that is cut off while it is read', async () => {
    const file = join(folder, 'long.iso');
    writeFileSync(file, Buffer.alloc(700_000));
    pull = await pulling({ bandwidth: 100_000, pull: { folder, attempts: 1 } });
    await pull.add('file:///long.iso');
    await until(() => pull.clock.waiting > 0);
    truncateSync(file, 400_000);
    const ended = pull.settled();
    await pull.run(ended);
    expect(reasonOf(await ended)).toBe('the source ended after 400000 of 700000 bytes');
  });

  it('should need the privilege to read storage', async () => {
    pull = await pulling({ rules: { readStorage: false }, pull: { folder } });
    await expect(pull.add('file:///a.iso')).rejects.toThrow('ContentLibrary.ReadStorage');
  });
});

describe('the parts of an address', () => {
  it('should never lead anywhere but down', () => {
    const part = fc.oneof(
      fc.constantFrom(
        '..',
        '.',
        '',
        '%2e%2e',
        '%2E.',
        '..%2f',
        '%5c',
        '%00',
        '~',
        'a',
        'vmfs',
        'volumes',
        '%',
        '?',
        '#'
      ),
      fc.string()
    );
    fc.assert(
      fc.property(
        fc.constantFrom('file:///', 'ds:///', 'ds:///vmfs/volumes/x/', 'file://'),
        fc.array(part),
        (head, parts) => {
          let found: string[];
          try {
            found = partsOf(head + parts.join('/'));
          } catch (cause) {
            expect(cause).toBeInstanceOf(PullFailure);
            return;
          }
          expect(found.length).toBeGreaterThan(0);
          expect(relative('/some/folder', join('/some/folder', ...found)).split('/')).toEqual(found);
        }
      )
    );
  });
});

describe('a file in the storage of the library itself', () => {
  async function own(sessionTimeoutMs = 300_000, store?: string) {
    pull = await pulling({ pull: { folder }, sessionTimeoutMs, store });
    const { libraryId } = values(pull.simulator.state.items)[0]!;
    const place = join(folder, `contentlib-${libraryId}`, 'kept');
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, 'a.iso'), 'moved');
    await pull.add(`ds:///vmfs/volumes/12ab/contentlib-${libraryId}/kept/a.iso`);
    expect((await pull.settled()).status).toBe('READY');
    return join(place, 'a.iso');
  }

  it('should be moved when the session is done, and not before', async () => {
    const file = await own();
    await pull.add('file:///a.iso', { name: 'copied.iso' });
    await pull.settled('copied.iso');
    expect(existsSync(file)).toBe(true);
    await pull.library.complete(pull.sessionId);
    await until(() => !existsSync(file));
    expect(await pull.held()).toEqual({ 'a.iso': 'moved', 'copied.iso': 'hello' });
    expect(existsSync(join(folder, 'a.iso'))).toBe(true);
  });

  it('should stay when the session ends otherwise', async () => {
    const file = await own();
    await pull.library.cancelSession(pull.sessionId);
    await pull.simulator.close();
    expect(existsSync(file)).toBe(true);
  });

  it('should stay when the session was deleted before it could be looked at', async () => {
    const file = await own();
    await pull.clock.advanceBy(300_001);
    await expect(pull.session()).rejects.toThrow();
    await pull.simulator.close();
    expect(existsSync(file)).toBe(true);
  });

  it('should be moved also when the simulator was restarted in between', async () => {
    const store = join(base, 'store');
    const file = await own(undefined, store);
    await pull.close();
    const again = createSimulator({ clock: pull.clock, pull: { folder }, store });
    await again.ports().library.complete(pull.sessionId);
    await again.close();
    expect(existsSync(file)).toBe(false);
  });

  it.each(['ds:///', 'file:///'])('should be moved, too, when it is called %s…', async root => {
    const file = await own();
    const { libraryId } = values(pull.simulator.state.items)[0]!;
    await pull.add(`${root}contentlib-${libraryId}/kept/a.iso`);
    await pull.settled();
    await pull.library.complete(pull.sessionId);
    await until(() => !existsSync(file));
    expect(await pull.held()).toEqual({ 'a.iso': 'moved' });
  });

  it('should be only copied out of the storage of another library', async () => {
    mkdirSync(join(folder, 'contentlib-other'));
    writeFileSync(join(folder, 'contentlib-other', 'a.iso'), 'other');
    expect(await pulled('ds:///vmfs/volumes/12ab/contentlib-other/a.iso')).toBe('other');
    await pull.simulator.close();
    expect(existsSync(join(folder, 'contentlib-other', 'a.iso'))).toBe(true);
  });
});
