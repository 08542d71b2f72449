// What becomes of an item: nothing before complete, everything at once with it.
import { expect } from 'vitest';
import { added, begun, digestOf, pushed, refused, visible } from '../asking.ts';
import type { Case, Subject } from '../contract.ts';

const versionOf = async ({ library }: Subject, item: string) => (await library.getItem(item)).contentVersion;

/** An item that holds `a` and `b` in its second version. */
async function filled(subject: Subject): Promise<string> {
  const { item, session } = await begun(subject);
  await pushed(subject, session, 'a', 'hello');
  await pushed(subject, session, 'b', 'world!');
  await subject.library.complete(session);
  await subject.library.deleteSession(session);
  return item;
}

export const contentCases: readonly Case[] = [
  {
    name: 'show nothing of a session before complete, and everything with it',
    check: async subject => {
      const { library, other } = subject;
      const { item, session } = await begun(subject);
      await pushed(subject, session, 'a', 'hello');
      expect([await visible(subject, item), await versionOf(subject, item)]).toEqual([{}, '1']);
      await library.complete(session);
      expect(await versionOf(subject, item)).toBe('2');
      expect(await other.listItemFiles(item)).toMatchObject([
        { name: 'a', size: 5, version: '1', digest: digestOf('SHA1', 'hello') }
      ]);
      expect(await library.getItem(item)).toMatchObject({ size: 5 });
    }
  },
  {
    name: 'leave the item as it was when the session is canceled, fails or expires',
    check: async subject => {
      const { library, wait } = subject;
      const item = await filled(subject);
      const before = await library.listItemFiles(item);
      for (const end of [
        (id: string) => library.cancelSession(id),
        (id: string) => library.failSession(id, 'x'),
        () => wait(300_001)
      ]) {
        const session = await library.createSession({ itemId: item });
        await pushed(subject, session, 'a', 'something else');
        await pushed(subject, session, 'c', 'more');
        await library.removeFile(session, 'b');
        await end(session);
        expect(await library.listItemFiles(item)).toEqual(before);
        expect(await versionOf(subject, item)).toBe('2');
      }
    }
  },
  {
    name: 'change nothing, versions included, when nothing was changed',
    check: async subject => {
      const item = await filled(subject);
      const before = await subject.library.getItem(item);
      const session = await subject.library.createSession({ itemId: item });
      await subject.library.complete(session);
      expect(await subject.library.getItem(item)).toEqual(before);
    }
  },
  {
    name: 'list what the item holds in a new session, as files that nothing was asked of',
    check: async subject => {
      const { library } = subject;
      const session = await library.createSession({ itemId: await filled(subject) });
      expect((await library.getSession(session)).contentVersion).toBe('2');
      const files = await library.listFiles(session);
      expect(files).toMatchObject([
        { name: 'a', sourceType: 'NONE', status: 'READY', size: 5 },
        { name: 'b', sourceType: 'NONE', status: 'READY', size: 6 }
      ]);
      expect(files.map(file => file.uploadUri)).toEqual([undefined, undefined]);
    }
  },
  {
    name: 'replace, add and remove files of an item as one change',
    check: async subject => {
      const { library } = subject;
      const item = await filled(subject);
      const session = await library.createSession({ itemId: item });
      await pushed(subject, session, 'a', 'newer');
      await pushed(subject, session, 'c', 'more');
      await library.removeFile(session, 'b');
      expect(await visible(subject, item)).toEqual({ a: 5, b: 6 });
      await library.complete(session);
      expect(await library.listItemFiles(item)).toMatchObject([
        { name: 'a', size: 5, version: '2', digest: digestOf('SHA1', 'newer') },
        { name: 'c', size: 4, version: '1' }
      ]);
      expect(await versionOf(subject, item)).toBe('3');
    }
  },
  {
    name: 'leave an item empty when all its files are removed',
    check: async subject => {
      const { library } = subject;
      const item = await filled(subject);
      const session = await library.createSession({ itemId: item });
      for (const name of ['a', 'b']) await library.removeFile(session, name);
      await library.complete(session);
      expect(await library.listItemFiles(item)).toEqual([]);
      expect(await library.getItem(item)).toMatchObject({ contentVersion: '3', size: 0 });
    }
  },
  {
    name: 'keep what a refused complete would have changed for the next one',
    check: async subject => {
      const { library } = subject;
      const { item, session } = await begun(subject);
      await pushed(subject, session, 'a', 'hello');
      await added(subject, session, 'b');
      await refused(library.complete(session), 'NOT_ALLOWED_IN_CURRENT_STATE');
      expect(await visible(subject, item)).toEqual({});
      await library.removeFile(session, 'b');
      await library.complete(session);
      expect(await visible(subject, item)).toEqual({ a: 5 });
    }
  }
];
