// Libraries and items around a session.
import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { imagesOf, itemIn, refused } from '../asking.ts';
import type { Case } from '../contract.ts';

export const libraryCases: readonly Case[] = [
  {
    name: 'find a library by its name, in any case, and show it',
    check: async subject => {
      const { library } = subject;
      const id = await imagesOf(subject);
      expect(await library.findLibraries({ name: 'IMAGES', type: 'LOCAL' })).toEqual([id]);
      expect(await library.findLibraries({ name: 'images', type: 'SUBSCRIBED' })).toEqual([]);
      expect(await library.findLibraries({ name: 'nothing' })).toEqual([]);
      expect(await library.getLibrary(id)).toMatchObject({ id, name: 'images', type: 'LOCAL' });
      expect(await library.listLibraries()).toContain(id);
    }
  },
  {
    name: 'create a local library and delete it, with what is in it',
    check: async ({ library }) => {
      const id = await library.createLibrary({ name: 'new', description: 'for the test' });
      expect(await library.getLibrary(id)).toMatchObject({ id, name: 'new', type: 'LOCAL' });
      const item = await library.createItem({ libraryId: id, name: 'in it' });
      await library.deleteLibrary(id);
      await refused(library.getLibrary(id), 'NOT_FOUND');
      await refused(library.getItem(item), 'NOT_FOUND');
      expect(await library.listLibraries()).not.toContain(id);
    }
  },
  {
    name: 'let two libraries have one name',
    check: async subject => {
      const id = await subject.library.createLibrary({ name: 'images' });
      const found = await subject.library.findLibraries({ name: 'images' });
      expect(found).toHaveLength(2);
      expect(found).toContain(id);
    }
  },
  {
    name: 'create an item and find it by library, name and type, in any case',
    check: async subject => {
      const { library } = subject;
      const libraryId = await imagesOf(subject);
      const id = await library.createItem({ libraryId, name: 'Ubuntu', type: 'iso', description: 'x' });
      expect(await library.getItem(id)).toMatchObject({
        id,
        libraryId,
        name: 'Ubuntu',
        type: 'iso',
        contentVersion: '1',
        size: 0
      });
      expect(await library.listItems(libraryId)).toEqual([id]);
      expect(await library.findItems({ libraryId, name: 'ubuntu', type: 'ISO' })).toEqual([id]);
      expect(await library.findItems({ libraryId, name: 'ubuntu', type: 'ovf' })).toEqual([]);
      expect(await library.listItemFiles(id)).toEqual([]);
    }
  },
  {
    name: 'refuse a second item of the same name',
    check: async subject => {
      await itemIn(subject);
      const { service } = await refused(itemIn(subject, 'Ubuntu'), 'ALREADY_EXISTS');
      expect(service?.messages[0]?.id).toBe('com.vmware.vdcs.cls-main.duplicate_item_name_unsupported_in_library');
    }
  },
  {
    name: 'delete an item',
    check: async subject => {
      const { library } = subject;
      const id = await itemIn(subject);
      await library.deleteItem(id);
      await refused(library.getItem(id), 'NOT_FOUND');
      await refused(library.deleteItem(id), 'NOT_FOUND');
      await refused(library.listItemFiles(id), 'NOT_FOUND');
      expect(await library.listItems(await imagesOf(subject))).toEqual([]);
    }
  },
  {
    name: 'take nothing into a subscribed library',
    check: async ({ library }) => {
      const [libraryId = ''] = await library.findLibraries({ name: 'mirror' });
      expect((await library.getLibrary(libraryId)).type).toBe('SUBSCRIBED');
      await refused(library.createItem({ libraryId, name: 'mine' }), 'INVALID_ELEMENT_TYPE');
      const [itemId = ''] = await library.findItems({ libraryId, name: 'copied' });
      await refused(library.createSession({ itemId }), 'INVALID_ELEMENT_TYPE');
      await refused(library.deleteItem(itemId), 'INVALID_ELEMENT_TYPE');
    }
  },
  {
    name: 'say that there is no such library',
    check: async ({ library }) => {
      const id = randomUUID();
      await refused(library.getLibrary(id), 'NOT_FOUND');
      await refused(library.deleteLibrary(id), 'NOT_FOUND');
      await refused(library.listItems(id), 'NOT_FOUND');
      await refused(library.createItem({ libraryId: id, name: 'x' }), 'NOT_FOUND');
    }
  },
  {
    name: 'bound names, and want something to find by',
    check: async subject => {
      const { library } = subject;
      const libraryId = await imagesOf(subject);
      await refused(library.createItem({ libraryId, name: '' }), 'INVALID_ARGUMENT');
      await refused(library.createItem({ libraryId, name: 'x'.repeat(81) }), 'INVALID_ARGUMENT');
      await refused(library.createItem({ libraryId, name: 'x', description: 'x'.repeat(2001) }), 'INVALID_ARGUMENT');
      await refused(library.findItems({}), 'INVALID_ARGUMENT');
      expect(await library.listItems(libraryId)).toEqual([]);
    }
  },
  {
    name: 'make one thing of one client token, however often it comes',
    check: async subject => {
      const { library } = subject;
      const call = { token: randomUUID() };
      const spec = { name: 'new' };
      const libraryId = await library.createLibrary(spec, call);
      expect(await library.createLibrary(spec, call)).toBe(libraryId);
      expect(await library.createLibrary(spec, { token: randomUUID() })).not.toBe(libraryId);
      const itemId = await library.createItem({ libraryId, name: 'x' }, call);
      expect(await library.createItem({ libraryId, name: 'x' }, call)).toBe(itemId);
      const session = await library.createSession({ itemId }, call);
      expect(await library.createSession({ itemId }, call)).toBe(session);
      expect(await library.listSessions()).toEqual([session]);
    }
  },
  {
    name: 'refuse a client token that is not a UUID',
    check: async subject => {
      const itemId = await itemIn(subject);
      await refused(subject.library.createSession({ itemId }, { token: 'once' }), 'INVALID_ARGUMENT');
      expect(await subject.library.listSessions()).toEqual([]);
    }
  },
  {
    name: 'keep the login when asked to',
    check: async ({ library }) => {
      expect(await library.keepLogin()).toBeUndefined();
    }
  }
];
