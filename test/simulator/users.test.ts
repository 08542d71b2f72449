// Users, their roles and privileges, and the files that items begin with, as options of the simulator.
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createSimulator, type SimulatorOptions, virtualClock } from '../../src/simulator/index.ts';
import { PRIVILEGES, ROLES } from '../../src/simulator/service/privileges.ts';
import { type UserOption, usersOf } from '../../src/simulator/users.ts';
import { failureOf, NOW } from './doors.ts';

const simulate = (options: Partial<SimulatorOptions> = {}) => createSimulator({ clock: virtualClock(NOW), ...options });

describe('users', () => {
  it('should hold what their roles and their own privileges come to', () => {
    const { passwords, privileges } = usersOf(
      {
        plain: 'a',
        alone: { password: 'b' },
        nothing: { password: 'c', roles: [] },
        admin: { password: 'd', roles: ['Administrator', 'ReadOnly'] },
        mixed: { password: 'e', roles: ['Mine'], privileges: ['System.Read', 'ContentLibrary.ReadStorage'] }
      },
      { Mine: ['System.Read'] }
    );
    expect(Object.fromEntries(passwords)).toEqual({ plain: 'a', alone: 'b', nothing: 'c', admin: 'd', mixed: 'e' });
    expect(privileges).toEqual({
      nothing: [],
      admin: PRIVILEGES,
      mixed: ['System.Read', 'ContentLibrary.ReadStorage']
    });
  });

  it('should be refused with a role or privilege that there is not', async () => {
    const refusal = async (users: Record<string, UserOption>, roles?: Record<string, string[]>) =>
      failureOf((async () => usersOf(users, roles))());
    expect(await refusal({ ann: { password: 'x', roles: ['Boss'] } }, { Mine: [] })).toMatchObject({
      code: 'INVALID_SPEC',
      message: 'the user ann has the role Boss, which there is not',
      next: 'give one of Administrator, ReadOnly, Downloader, Uploader, Mine'
    });
    expect(await refusal({ ann: { password: 'x', roles: ['constructor'] } })).toMatchObject({ code: 'INVALID_SPEC' });
    const wrong = { code: 'INVALID_SPEC', message: 'there is no privilege System.Reed' };
    expect(await refusal({ ann: { password: 'x', privileges: ['System.Reed'] } })).toMatchObject(wrong);
    expect(await refusal({}, { Mine: ['System.Reed'] })).toMatchObject(wrong);
  });

  it('should hold after a restart what they are given then', async () => {
    const store = mkdtempSync(join(tmpdir(), 'shelver-users-'));
    const mayList = async (user: UserOption) => {
      const simulator = simulate({ store, users: { ann: user } });
      const failure = await failureOf(simulator.ports().library.listLibraries());
      await simulator.close();
      return failure === undefined;
    };
    expect(await mayList({ password: 'a', privileges: [] })).toBe(false);
    expect(await mayList({ password: 'a', roles: ['ReadOnly'] })).toBe(true);
    expect(await mayList({ password: 'a', privileges: [] })).toBe(false);
    expect(await mayList('a')).toBe(true);
    rmSync(store, { recursive: true });
  });

  it('should know of roles what is needed for their work, and no more', async () => {
    const simulator = simulate({
      users: {
        admin: { password: 'x', roles: ['Administrator'] },
        up: { password: 'x', roles: ['Uploader'] },
        down: { password: 'x', roles: ['Downloader'] },
        read: { password: 'x', roles: ['ReadOnly'] }
      }
    });
    const as = (username: string) => simulator.ports({ username }).library;
    const [libraryId = ''] = await as('read').findLibraries({ name: 'images' });
    const itemId = await as('up').createItem({ libraryId, name: 'one' });
    const session = await as('up').createSession({ itemId });
    await as('up').complete(session);
    await as('down').createDownloadSession({ itemId });
    const code = async (work: Promise<unknown>) => (await failureOf(work))?.code;
    expect(await code(as('read').createDownloadSession({ itemId }))).toBe('UNAUTHORIZED');
    expect(await code(as('up').createDownloadSession({ itemId }))).toBe('UNAUTHORIZED');
    expect(await code(as('down').createSession({ itemId }))).toBe('UNAUTHORIZED');
    expect(await code(as('up').deleteLibrary(libraryId))).toBe('UNAUTHORIZED');
    await as('up').updateItem(itemId, { name: 'two' });
    await as('up').deleteItem(itemId);
    await as('admin').deleteLibrary(libraryId);
    for (const privileges of Object.values(ROLES)) expect(PRIVILEGES).toEqual(expect.arrayContaining([...privileges]));
  });
});

describe('files that items begin with', () => {
  const bytes = Buffer.from([0, 255, 128]);
  const files = [{ name: 'a.txt', text: 'hello' }, { name: 'b.bin', base64: bytes.toString('base64') }, { name: 'c' }];
  const libraries = [{ name: 'images', items: [{ name: 'one', files }] }, 'plain'];
  const folder = mkdtempSync(join(tmpdir(), 'shelver-seeds-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([
    ['in memory', undefined],
    ['in a store', join(folder, 'store')]
  ])('should be there with every byte, %s', async (_, store) => {
    const simulator = simulate({ libraries, store });
    const held = simulator.contents('one')!.files;
    expect(held.map(({ name, size, kept }) => [name, size, kept])).toEqual([
      ['a.txt', 5, true],
      ['b.bin', 3, true],
      ['c', 0, true]
    ]);
    expect(await held[0]!.read()).toEqual(Uint8Array.from(Buffer.from('hello')));
    expect(Buffer.from((await held[1]!.read())!)).toEqual(bytes);
    const sha256 = createHash('SHA256').update(bytes).digest('hex');
    expect(held[1]!.digests).toContainEqual({ algorithm: 'SHA256', checksum: sha256 });
    await simulator.close();
  });

  it('should not be made again where the store has their library', async () => {
    const store = join(folder, 'again');
    await simulate({ libraries, store }).close();
    const blobs = readdirSync(join(store, 'blobs'));
    expect(blobs).toHaveLength(3);
    const again = simulate({ libraries: [...libraries, { name: 'more', items: [{ name: 'two', files }] }], store });
    expect(readdirSync(join(store, 'blobs'))).toEqual(expect.arrayContaining(blobs));
    expect(readdirSync(join(store, 'blobs'))).toHaveLength(6);
    expect((await again.contents('one')!.files[0]!.read())?.length).toBe(5);
    expect((await again.contents('two')!.files[0]!.read())?.length).toBe(5);
    await again.close();
  });

  it('should be kept as far as memory goes', async () => {
    const simulator = simulate({ libraries, memoryCap: 6 });
    expect(simulator.contents('one')!.files.map(({ kept }) => kept)).toEqual([true, false, true]);
    await simulator.close();
  });

  it('should have names that files can have', () => {
    const items = [{ name: 'one', files: [{ name: '../x', text: '' }] }];
    expect(() => simulate({ libraries: [{ name: 'images', items }] })).toThrow('"../x" is not allowed');
    expect(() =>
      simulate({ libraries: [{ name: 'images', items: [{ name: 'one', files: [{ name: '' }] }] }] })
    ).toThrow(expect.objectContaining({ failure: expect.objectContaining({ code: 'INVALID_SPEC' }) }));
  });

  it('should go when their item is deleted', async () => {
    const simulator = simulate({ libraries });
    const { id, files: [first] = [] } = simulator.contents('one')!;
    await simulator.ports().library.deleteItem(id);
    expect(await first!.read()).toBeUndefined();
    await simulator.close();
  });
});
