// The files of an update session, as far as it needs no bytes to know.
import { expect } from 'vitest';
import { added, begun, itemIn, pushed, refused, sourceOf } from '../asking.ts';
import type { Case } from '../contract.ts';

const NAMES = ['a b.iso', '100%.iso', 'a%20b.iso', 'ü+&=#?;,.iso', '日本.iso', "o'clock (1).iso", '~-_.!*', ' .x'];

export const fileCases: readonly Case[] = [
  {
    name: 'say where the bytes of a file go, and what it waits for',
    check: async subject => {
      const { library } = subject;
      const { session } = await begun(subject);
      const file = await library.addFile(session, { name: 'a.iso', sourceType: 'PUSH', size: 5 });
      expect(file).toMatchObject({
        name: 'a.iso',
        sourceType: 'PUSH',
        status: 'WAITING_FOR_TRANSFER',
        bytesTransferred: 0
      });
      expect(file.size).toBeUndefined();
      expect(file.uploadUri).toMatch(/^https?:\/\/[^/]+\/cls\/data\/[^/]+\/a\.iso$/);
      expect(await library.getFile(session, 'a.iso')).toEqual(file);
      expect(await library.listFiles(session)).toEqual([file]);
    }
  },
  {
    name: 'take any name that is one segment of a path, and give it back',
    check: async subject => {
      const { library } = subject;
      const { item, session } = await begun(subject);
      for (const name of NAMES) {
        await pushed(subject, session, name, name);
        expect(await library.getFile(session, name), name).toMatchObject({ name, status: 'READY' });
      }
      await library.removeFile(session, NAMES[1]!);
      await library.complete(session);
      const kept = NAMES.filter(name => name !== NAMES[1]);
      expect((await library.listItemFiles(item)).map(file => file.name)).toEqual(kept);
    }
  },
  {
    name: 'refuse names that could lead out of the item',
    check: async subject => {
      const { session } = await begun(subject);
      for (const name of ['', '.', '..', 'a/b', '../a', 'a\\b', 'a\nb', 'x'.repeat(256)]) {
        await refused(subject.library.addFile(session, { name, sourceType: 'PUSH' }), 'INVALID_ARGUMENT');
      }
      expect(await subject.library.listFiles(session)).toEqual([]);
    }
  },
  {
    name: 'begin a file anew when it is added again',
    check: async subject => {
      const { library, bytes } = subject;
      const { session } = await begun(subject);
      const first = await added(subject, session, 'a');
      await bytes.push({ uri: first, source: sourceOf('hello'), hash: [] });
      const second = await library.addFile(session, { name: 'a', sourceType: 'PUSH' });
      expect(second.uploadUri).not.toBe(first);
      expect(await library.listFiles(session)).toMatchObject([{ status: 'WAITING_FOR_TRANSFER', bytesTransferred: 0 }]);
      await refused(bytes.push({ uri: first, source: sourceOf('hello'), hash: [] }), 'NOT_FOUND');
      await bytes.push({ uri: second.uploadUri!, source: sourceOf('other'), hash: [] });
      expect((await library.getFile(session, 'a')).status).toBe('READY');
    }
  },
  {
    name: 'remove a file from the session at once',
    check: async subject => {
      const { library, bytes } = subject;
      const { session } = await begun(subject);
      const uri = await added(subject, session, 'a');
      await library.removeFile(session, 'a');
      expect(await library.listFiles(session)).toEqual([]);
      await refused(bytes.push({ uri, source: sourceOf('hello'), hash: [] }), 'NOT_FOUND');
      await refused(library.removeFile(session, 'a'), 'INVALID_ARGUMENT');
      await refused(library.getFile(session, 'a'), 'INVALID_ARGUMENT');
    }
  },
  {
    name: 'not complete while a file was not received, and say which',
    check: async subject => {
      const { library } = subject;
      const { session } = await begun(subject);
      await pushed(subject, session, 'here');
      await added(subject, session, 'missing.iso');
      const { service } = await refused(library.complete(session), 'NOT_ALLOWED_IN_CURRENT_STATE');
      expect(service?.messages[0]).toMatchObject({
        id: 'com.vmware.vdcs.cls-main.update_session_file_not_received',
        args: ['missing.iso', 'WAITING']
      });
      await refused(library.validate(session), 'NOT_ALLOWED_IN_CURRENT_STATE');
      expect((await library.getSession(session)).state).toBe('ACTIVE');
    }
  },
  {
    name: 'validate as often as asked, and change nothing by it',
    check: async subject => {
      const { library } = subject;
      const { session } = await begun(subject);
      await pushed(subject, session, 'a');
      const before = await library.listFiles(session);
      const fine = { hasErrors: false, missing: [], invalid: [] };
      expect([await library.validate(session), await library.validate(session)]).toEqual([fine, fine]);
      expect(await library.listFiles(session)).toEqual(before);
    }
  },
  {
    name: 'be told to fetch a file, and let complete return before it is there',
    check: async subject => {
      const { library } = subject;
      const { item, session } = await begun(subject);
      const source = { uri: 'http://nowhere.invalid/a.iso' };
      const file = await library.addFile(session, { name: 'a.iso', sourceType: 'PULL', source });
      expect(file).toMatchObject({ name: 'a.iso', sourceType: 'PULL', bytesTransferred: 0 });
      expect(file.uploadUri).toBeUndefined();
      await library.complete(session);
      expect((await library.getSession(session)).state).toBe('ACTIVE');
      await refused(library.addFile(session, { name: 'b', sourceType: 'PUSH' }), 'NOT_ALLOWED_IN_CURRENT_STATE');
      await library.cancelSession(session);
      expect(await library.listItemFiles(item)).toEqual([]);
    }
  },
  {
    name: 'fetch only what has a source that it may read',
    check: async subject => {
      const library = subject.other;
      const session = await library.createSession({ itemId: await itemIn(subject) });
      const pull = (uri?: string) =>
        library.addFile(session, { name: 'a', sourceType: 'PULL', ...(uri !== undefined && { source: { uri } }) });
      await refused(pull(), 'INVALID_ARGUMENT');
      await refused(pull('ftp://elsewhere/a'), 'INVALID_ARGUMENT');
      await refused(pull('ds:///vmfs/volumes/x/a'), 'UNAUTHORIZED');
      expect(await library.listFiles(session)).toEqual([]);
    }
  }
];
