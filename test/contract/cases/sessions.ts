// The whole life of an update session.
import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { added, begun, itemIn, pushed, refused, SESSION_MS, sourceOf } from '../asking.ts';
import type { Case } from '../contract.ts';

export const sessionCases: readonly Case[] = [
  {
    name: 'live from create to delete',
    check: async subject => {
      const { library } = subject;
      const { item, session } = await begun(subject);
      const info = await library.getSession(session);
      expect(info).toMatchObject({ id: session, state: 'ACTIVE', itemId: item, contentVersion: '1', progress: 0 });
      expect(info.errorMessage).toBeUndefined();
      expect(info.expiresAt! - info.serverNow!).toBe(SESSION_MS);
      expect(await library.listSessions()).toEqual([session]);
      await library.complete(session);
      expect((await library.getSession(session)).state).toBe('DONE');
      expect(await library.listSessions({ itemId: item })).toEqual([session]);
      await library.deleteSession(session);
      await refused(library.getSession(session), 'NOT_FOUND');
      expect(await library.listSessions()).toEqual([]);
    }
  },
  {
    name: 'be canceled, and then only be read and deleted',
    check: async subject => {
      const { library } = subject;
      const { session } = await begun(subject);
      await library.cancelSession(session);
      expect((await library.getSession(session)).state).toBe('CANCELED');
      for (const operation of [
        () => library.cancelSession(session),
        () => library.complete(session),
        () => library.failSession(session, 'x'),
        () => library.keepAlive(session),
        () => library.updateSession(session, { warnings: [] }),
        () => library.addFile(session, { name: 'a', sourceType: 'PUSH' }),
        () => library.validate(session)
      ]) {
        await refused(operation(), 'NOT_ALLOWED_IN_CURRENT_STATE');
      }
      expect(await library.listFiles(session)).toEqual([]);
      await library.deleteSession(session);
    }
  },
  {
    name: 'fail with the words of the client',
    check: async subject => {
      const { session } = await begun(subject);
      await subject.library.failSession(session, 'The disk of the client is broken: "ü".');
      expect(await subject.library.getSession(session)).toMatchObject({
        state: 'ERROR',
        errorMessage: 'The disk of the client is broken: "ü".'
      });
    }
  },
  {
    name: 'not be deleted while it is ACTIVE',
    check: async subject => {
      const { session } = await begun(subject);
      await refused(subject.library.deleteSession(session), 'NOT_ALLOWED_IN_CURRENT_STATE');
      expect((await subject.library.getSession(session)).state).toBe('ACTIVE');
    }
  },
  {
    name: 'be the only one that is ACTIVE on its item',
    check: async subject => {
      const { library, other } = subject;
      const { item, session } = await begun(subject);
      const { service } = await refused(library.createSession({ itemId: item }), 'RESOURCE_BUSY');
      expect(service?.status).toBe(library.server.dialect === 'api' ? 500 : 400);
      await refused(other.createSession({ itemId: item }), 'RESOURCE_BUSY');
      await library.cancelSession(session);
      const second = await library.createSession({ itemId: item });
      expect(second).not.toBe(session);
      expect(await library.listSessions({ itemId: item })).toEqual([session, second]);
    }
  },
  {
    name: 'be seen by nobody but its owner',
    check: async subject => {
      const { library, other, bytes } = subject;
      const { item, session } = await begun(subject);
      await pushed(subject, session, 'a');
      expect(await other.listSessions()).toEqual([]);
      expect(await other.listSessions({ itemId: item })).toEqual([]);
      for (const operation of [
        () => other.getSession(session),
        () => other.cancelSession(session),
        () => other.complete(session),
        () => other.deleteSession(session),
        () => other.listFiles(session),
        () => other.addFile(session, { name: 'theirs', sourceType: 'PUSH' }),
        () => other.removeFile(session, 'a')
      ]) {
        await refused(operation(), 'NOT_FOUND');
      }
      expect((await library.getSession(session)).state).toBe('ACTIVE');
      // the upload URL itself is what allows to send
      const uri = await added(subject, session, 'b');
      expect((await bytes.push({ uri, source: sourceOf('b'), hash: [] })).sent).toBe(1);
    }
  },
  {
    name: 'be kept alive, with a progress that never falls',
    check: async subject => {
      const { library, wait } = subject;
      const { session } = await begun(subject);
      const ends = async () => (await library.getSession(session)).expiresAt!;
      const first = await ends();
      await wait(SESSION_MS - 1000);
      await library.keepAlive(session, 40);
      expect((await ends()) - first).toBe(SESSION_MS - 1000);
      await wait(SESSION_MS - 1000);
      await library.keepAlive(session, 30);
      await library.keepAlive(session);
      expect(await library.getSession(session)).toMatchObject({ state: 'ACTIVE', progress: 40 });
      await refused(library.keepAlive(session, 101), 'INVALID_ARGUMENT');
      await refused(library.keepAlive(session, -1), 'INVALID_ARGUMENT');
    }
  },
  {
    name: 'be kept alive by the bytes that come',
    check: async subject => {
      const { library, bytes, wait } = subject;
      const { session } = await begun(subject);
      const uri = await added(subject, session, 'a');
      for (let i = 0; i < 3; i++) {
        await wait(SESSION_MS - 1000);
        await bytes.push({ uri, source: sourceOf('hello'), hash: [] });
      }
      expect((await library.getSession(session)).state).toBe('ACTIVE');
    }
  },
  {
    name: 'expire when nothing happens, and be gone',
    check: async subject => {
      const { library, bytes, wait } = subject;
      const { item, session } = await begun(subject);
      const uri = await added(subject, session, 'a');
      await wait(SESSION_MS + 1);
      await refused(library.getSession(session), 'NOT_FOUND');
      await refused(library.keepAlive(session), 'NOT_FOUND');
      await refused(bytes.push({ uri, source: sourceOf('hello'), hash: [] }), 'NOT_FOUND');
      expect(await library.listSessions()).toEqual([]);
      expect(await library.createSession({ itemId: item })).not.toBe(session);
    }
  },
  {
    name: 'say that there is no such session, whatever is asked of it',
    check: async ({ library }) => {
      const id = `${randomUUID()}:${randomUUID()}`;
      for (const operation of [
        () => library.getSession(id),
        () => library.updateSession(id, { warnings: [] }),
        () => library.keepAlive(id, 1),
        () => library.complete(id),
        () => library.cancelSession(id),
        () => library.failSession(id, 'x'),
        () => library.deleteSession(id),
        () => library.addFile(id, { name: 'a', sourceType: 'PUSH' }),
        () => library.listFiles(id),
        () => library.getFile(id, 'a'),
        () => library.removeFile(id, 'a'),
        () => library.validate(id)
      ]) {
        const { service } = await refused(operation(), 'NOT_FOUND');
        expect(service).toMatchObject({ errorType: 'NOT_FOUND', status: 404, messages: [{ id: expect.any(String) }] });
      }
    }
  },
  {
    name: 'not be made on, nor listed by, an item that is not there',
    check: async ({ library }) => {
      const itemId = randomUUID();
      await refused(library.createSession({ itemId }), 'NOT_FOUND');
      await refused(library.listSessions({ itemId }), 'NOT_FOUND');
    }
  },
  {
    name: 'turn ERROR when its item is deleted',
    check: async subject => {
      const { item, session } = await begun(subject);
      await subject.library.deleteItem(item);
      expect((await subject.library.getSession(session)).state).toBe('ERROR');
      await refused(subject.library.complete(session), 'NOT_ALLOWED_IN_CURRENT_STATE');
      await subject.library.deleteSession(session);
    }
  },
  {
    name: 'stand beside sessions on other items',
    check: async subject => {
      const { library } = subject;
      const { item, session } = await begun(subject);
      const second = await itemIn(subject, 'debian');
      const beside = await library.createSession({ itemId: second });
      expect(await library.listSessions()).toEqual([session, beside]);
      expect(await library.listSessions({ itemId: second })).toEqual([beside]);
      await library.cancelSession(session);
      expect((await library.getSession(beside)).state).toBe('ACTIVE');
      expect(await library.listSessions({ itemId: item })).toEqual([session]);
    }
  }
];
