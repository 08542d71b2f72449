// What a person does with libraries and items around a transfer: rename, copy, look where files lie.
import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { digestOf, imagesOf, itemIn, keeper, published, pushed, refused, visible } from '../asking.ts';
import type { Case } from '../contract.ts';

export const itemCases: readonly Case[] = [
  {
    name: 'change the name of a library, and nothing else with it',
    check: async subject => {
      const { library } = subject;
      const id = await library.createLibrary({ name: 'old', description: 'told' });
      await library.updateLibrary(id, { name: 'new' });
      expect(await library.getLibrary(id)).toMatchObject({ id, name: 'new', type: 'LOCAL' });
      expect(await library.findLibraries({ name: 'old' })).toEqual([]);
      await refused(library.updateLibrary(id, { name: '' }), 'INVALID_ARGUMENT');
      await refused(library.updateLibrary(randomUUID(), { name: 'new' }), 'NOT_FOUND');
      const [mirror = ''] = await library.findLibraries({ name: 'mirror' });
      await refused(library.updateLibrary(mirror, { name: 'mine' }), 'INVALID_ELEMENT_TYPE');
      await refused(library.deleteLibrary(mirror), 'INVALID_ELEMENT_TYPE');
    }
  },
  {
    name: 'change name and type of an item, and leave its content alone',
    check: async subject => {
      const { library } = subject;
      const id = await published(subject, { 'a.iso': 'hello' });
      const other = await itemIn(subject, 'debian');
      await library.updateItem(id, { name: 'Ubuntu 24', type: 'iso' });
      expect(await library.getItem(id)).toMatchObject({ name: 'Ubuntu 24', type: 'iso', contentVersion: '2', size: 5 });
      await library.updateItem(id, { description: 'told' });
      expect(await library.getItem(id)).toMatchObject({ name: 'Ubuntu 24', type: 'iso' });
      expect(await visible(subject, id)).toEqual({ 'a.iso': 5 });
      await refused(library.updateItem(other, { name: 'ubuntu 24' }), 'ALREADY_EXISTS');
      await refused(library.updateItem(randomUUID(), { name: 'x' }), 'NOT_FOUND');
    }
  },
  {
    name: 'copy an item, which then lives without its source',
    check: async subject => {
      const { library, bytes } = subject;
      const source = await published(subject, { 'a.iso': 'hello', 'b.txt': '' });
      const libraryId = await library.createLibrary({ name: 'more' });
      const copy = await library.copyItem(source, { libraryId, name: 'ubuntu' });
      expect(copy).not.toBe(source);
      expect(await library.getItem(copy)).toMatchObject({ libraryId, name: 'ubuntu', contentVersion: '1', size: 5 });
      await library.deleteItem(source);
      expect(await library.listItemFiles(copy)).toMatchObject([
        { name: 'a.iso', size: 5, version: '1', digest: digestOf('SHA1', 'hello') },
        { name: 'b.txt', size: 0 }
      ]);
      const session = await library.createDownloadSession({ itemId: copy });
      const { downloadUri = '' } = await library.prepareFile(session, 'a.iso');
      const sink = keeper();
      await bytes.fetch({ uri: downloadUri, from: 0, sink });
      expect(sink.bytes().toString()).toBe('hello');
    }
  },
  {
    name: 'leave a copy as it is when its source changes',
    check: async subject => {
      const { library } = subject;
      const source = await published(subject, { 'a.iso': 'hello' });
      const copy = await library.copyItem(source, { libraryId: await imagesOf(subject), name: 'copy', type: 'iso' });
      const session = await library.createSession({ itemId: source });
      await pushed(subject, session, 'a.iso', 'goodbye');
      await library.complete(session);
      expect(await visible(subject, source)).toEqual({ 'a.iso': 7 });
      expect(await visible(subject, copy)).toEqual({ 'a.iso': 5 });
      expect((await library.getItem(copy)).type).toBe('iso');
    }
  },
  {
    name: 'copy once for a client token, and only where items can be made',
    check: async subject => {
      const { library } = subject;
      const libraryId = await imagesOf(subject);
      const source = await itemIn(subject, 'source', 'iso');
      const call = { token: randomUUID() };
      const copy = await library.copyItem(source, { libraryId, name: 'copy' }, call);
      expect(await library.copyItem(source, { libraryId, name: 'copy' }, call)).toBe(copy);
      expect((await library.getItem(copy)).type).toBe('iso');
      await refused(library.copyItem(source, { libraryId, name: 'copy' }), 'ALREADY_EXISTS');
      await refused(library.copyItem(source, { libraryId, name: '' }), 'INVALID_ARGUMENT');
      await refused(library.copyItem(randomUUID(), { libraryId, name: 'x' }), 'NOT_FOUND');
      await refused(library.copyItem(source, { libraryId: randomUUID(), name: 'x' }), 'NOT_FOUND');
      const [mirror = ''] = await library.findLibraries({ name: 'mirror' });
      await refused(library.copyItem(source, { libraryId: mirror, name: 'x' }), 'INVALID_ELEMENT_TYPE');
      const [mirrored = ''] = await library.findItems({ name: 'copied' });
      const own = await library.copyItem(mirrored, { libraryId, name: 'own' });
      expect((await library.getItem(own)).libraryId).toBe(libraryId);
    }
  },
  {
    name: 'tell whoever may know where the files of an item lie',
    check: async subject => {
      const { library, other } = subject;
      const id = await published(subject, { 'disk one.vmdk': 'hello', plain: '' });
      const libraryId = await imagesOf(subject);
      const all = await library.itemStorage(id);
      expect(all).toMatchObject([
        { name: 'disk one.vmdk', size: 5, version: '1' },
        { name: 'plain', size: 0 }
      ]);
      const [[uri = '']] = all.map(({ storageUris }) => storageUris) as [string[]];
      const { protocol, pathname, searchParams } = new URL(uri);
      expect(protocol).toBe('ds:');
      expect(pathname).toMatch(/^\/vmfs\/volumes\/[\w-]+\/contentlib-[\w-]+\/[\w-]+\/disk%20one_[\w-]+\.vmdk$/);
      expect(pathname).toContain(`/contentlib-${libraryId}/${id}/`);
      expect(pathname.split('/')[3]).toBe(searchParams.get('serverId'));
      expect(await library.itemStorage(id, 'plain')).toEqual([all[1]]);
      await refused(library.itemStorage(id, 'nothing'), 'NOT_FOUND');
      await refused(library.itemStorage(randomUUID()), 'NOT_FOUND');
      const { service } = await refused(other.itemStorage(id), 'UNAUTHORIZED');
      expect(service?.messages[0]?.args).toEqual(['ContentLibrary.ReadStorage']);
    }
  },
  {
    name: 'list the types of items that it has rules for',
    check: async ({ library }) => {
      const types = await library.listTypes();
      expect(types).toContainEqual(expect.objectContaining({ type: 'ovf', name: expect.any(String) }));
      expect(types.map(({ type }) => type)).toEqual(expect.arrayContaining(['iso', 'vm-template']));
    }
  },
  {
    name: 'leave the file of an item as it is when that is asked for, whatever the session made of it',
    check: async subject => {
      const { library } = subject;
      const item = await published(subject, { 'a.iso': 'hello', 'b.iso': 'other' });
      const before = await library.listItemFiles(item);
      const session = await library.createSession({ itemId: item });
      const leave = (name: string) => library.addFile(session, { name, sourceType: 'NONE' });
      const unchanged = { name: 'a.iso', sourceType: 'NONE', status: 'READY', size: 5, bytesTransferred: 5 };
      expect(await leave('a.iso')).toMatchObject(unchanged);
      await pushed(subject, session, 'a.iso', 'goodbye');
      expect(await leave('a.iso')).toMatchObject(unchanged);
      await library.removeFile(session, 'a.iso');
      expect(await leave('a.iso')).toMatchObject(unchanged);
      await library.addFile(session, { name: 'new.iso', sourceType: 'PUSH' });
      await refused(leave('new.iso'), 'INVALID_ARGUMENT');
      await refused(leave('nothing.iso'), 'INVALID_ARGUMENT');
      await library.removeFile(session, 'new.iso');
      await library.complete(session);
      expect(await library.listItemFiles(item)).toEqual(expect.arrayContaining(before));
      expect(await library.getItem(item)).toMatchObject({ contentVersion: '2', size: 10 });
    }
  }
];
