// Libraries and items around the sessions.
import { describe, expect, it } from 'vitest';
import { type Model, Service } from './fixture.ts';

const libraries = [
  { name: 'images' },
  { name: 'theirs', type: 'SUBSCRIBED' as const, items: [{ name: 'x', type: 'iso' }, { name: 'y' }] }
];
const token = 'aaaaaaaa-0000-4000-8000-000000000000';

describe('a library', () => {
  it('should be listed, found and shown', () => {
    const s = new Service({ libraries });
    const [images, theirs] = s.do<string[]>('library.list');
    expect(s.do('localLibrary.list')).toEqual([images]);
    const find = (spec: Model) => s.do('library.find', { spec });
    expect(find({ name: 'IMAGES' })).toEqual([images]);
    expect(find({ type: 'SUBSCRIBED' })).toEqual([theirs]);
    expect(find({ name: 'images', type: 'SUBSCRIBED' })).toEqual([]);
    expect(s.refusal('library.find', { spec: {} })).toContain('empty_spec');
    expect(s.do('library.get', { library_id: images })).toEqual({
      id: images,
      name: 'images',
      description: '',
      type: 'LOCAL',
      storage_backings: [{ type: 'DATASTORE', datastore_id: 'datastore-1' }],
      creation_time: '2026-01-01T00:00:00.000Z',
      last_modified_time: '2026-01-01T00:00:00.000Z',
      version: '1',
      server_guid: 'guid'
    });
    expect(s.do('localLibrary.get', { library_id: images })).toMatchObject({ name: 'images' });
    expect(s.refusal('library.get', { library_id: 'x' })).toContain('NOT_FOUND');
    expect(s.do('subscribedLibrary.list')).toEqual([theirs]);
    expect(s.do('subscribedLibrary.get', { library_id: theirs })).toMatchObject({ name: 'theirs', type: 'SUBSCRIBED' });
  });

  it('should change for whoever knows its version, whatever its kind', () => {
    const s = new Service({ libraries });
    const [images, theirs] = s.do<string[]>('library.list');
    const update = (library_id: string | undefined, spec: Model) => s.do('library.update', { library_id, spec });
    update(images, { description: 'one' });
    update(theirs, { description: 'two', version: '1' });
    s.do('subscribedLibrary.update', { library_id: theirs, spec: { description: 'three' } });
    s.do('localLibrary.update', { library_id: images, spec: { description: 'four', version: '2' } });
    expect(s.do('library.get', { library_id: theirs })).toMatchObject({ description: 'three', version: '3' });
    expect(s.refusal('localLibrary.update', { library_id: images, spec: { version: '2' } })).toBe(
      'CONCURRENT_CHANGE shelver.simulator.version_has_changed library 3 2'
    );
    expect(s.do('library.get', { library_id: images })).toMatchObject({ description: 'four', version: '3' });
  });

  it('should stay while somebody works in it, where the rules say so', () => {
    const s = new Service({ libraries }, { itemDeleteUnderSession: 'refuse' });
    const library_id = s.library();
    const free = s.item('', 'free');
    const session = s.session();
    expect(s.refusal('localLibrary.delete', { library_id })).toContain('item_in_use one');
    expect(s.do('item.get', { library_item_id: free })).toMatchObject({ name: 'free' });
    s.do('session.cancel', { update_session_id: session });
    s.do('localLibrary.delete', { library_id });
    expect(s.refusal('item.get', { library_item_id: free })).toContain('NOT_FOUND');
  });

  it('should be deleted with its items when it is subscribed', () => {
    const s = new Service({ libraries });
    s.do('subscribedLibrary.delete', { library_id: s.library('theirs') });
    expect(s.do('item.find', { spec: { name: 'x' } })).toEqual([]);
  });

  it('should be made once for a token', () => {
    const s = new Service();
    const storage_backings = [{ type: 'OTHER' }];
    const create = () => s.do('localLibrary.create', { spec: { name: 'new', storage_backings }, client_token: token });
    const id = create();
    expect(create()).toBe(id);
    expect(s.do('library.get', { library_id: id })).toMatchObject({ name: 'new', storage_backings });
    const second = s.do('localLibrary.create', { spec: { name: 'new', description: 'd' } });
    expect(s.do('library.find', { spec: { name: 'new' } })).toEqual([id, second]);
    s.do('localLibrary.delete', { library_id: id });
    expect(create()).not.toBe(id);
  });

  it('should be refused with a bad name or description, or on two backings', () => {
    const s = new Service();
    const refusal = (spec: Model) => s.refusal('localLibrary.create', { spec });
    expect(refusal({})).toContain('missing_property name');
    expect(refusal({ name: '' })).toContain('bad_name');
    expect(refusal({ name: 'x'.repeat(81) })).toContain('bad_name');
    expect(refusal({ name: 'x', description: 'x'.repeat(2001) })).toContain('bad_description');
    expect(refusal({ name: 'x', storage_backings: [{}, {}] })).toContain('UNSUPPORTED');
    expect(refusal({ name: 'x', type: 'SUBSCRIBED' })).toContain('bad_library_type SUBSCRIBED');
    expect(s.do('localLibrary.create', { spec: { name: 'x', type: 'LOCAL' } })).toBeTypeOf('string');
  });

  it('should change its name and description', () => {
    const s = new Service({ libraries });
    const library_id = s.library();
    s.at += 1000;
    s.do('localLibrary.update', { library_id, spec: { name: 'pictures' } });
    s.do('localLibrary.update', { library_id, spec: { description: 'd' } });
    expect(s.do('library.get', { library_id })).toMatchObject({
      name: 'pictures',
      description: 'd',
      version: '3',
      last_modified_time: '2026-01-01T00:00:01.000Z'
    });
    expect(s.refusal('localLibrary.update', { library_id, spec: { name: '' } })).toContain('bad_name');
  });

  it('should not be taken for a local one when it is subscribed', () => {
    const s = new Service({ libraries });
    const library_id = s.library('theirs');
    for (const op of ['localLibrary.get', 'localLibrary.update', 'localLibrary.delete'] as const) {
      expect(s.refusal(op, { library_id })).toContain('INVALID_ELEMENT_TYPE');
    }
    for (const op of ['subscribedLibrary.get', 'subscribedLibrary.update', 'subscribedLibrary.delete'] as const) {
      expect(s.refusal(op, { library_id: s.library() })).toContain('other_kind_of_library images LOCAL');
    }
  });

  it('should take its items, and their sessions, along', () => {
    const s = new Service({ libraries });
    const item = s.item();
    const id = s.session(item);
    s.push(id, 'a');
    s.complete(id);
    const open = s.session(item);
    s.do('localLibrary.delete', { library_id: s.library() });
    expect(s.refusal('item.get', { library_item_id: item })).toContain('NOT_FOUND');
    expect(s.get(open)).toMatchObject({
      state: 'ERROR',
      error_message: { default_message: 'The item one was deleted.' }
    });
    expect(s.freed).toEqual(['blob-1']);
    expect(s.do('library.find', { spec: { name: 'theirs' } })).toHaveLength(1);
  });
});

describe('an item', () => {
  it('should be made, listed, found and shown', () => {
    const s = new Service({ libraries });
    const library_id = s.library();
    const id = s.do<string>('item.create', { spec: { library_id, name: 'one', type: 'iso', description: 'd' } });
    const other = s.item('ovf', 'two');
    expect(s.do('item.list', { library_id })).toEqual([id, other]);
    const find = (spec: Model) => s.do('item.find', { spec });
    expect(find({ name: 'ONE' })).toEqual([id]);
    expect(find({ library_id, type: 'OVF' })).toEqual([other]);
    expect(find({ type: 'iso' })).toHaveLength(2);
    expect(find({ cached: true, library_id })).toEqual([id, other]);
    expect(find({ cached: false })).toEqual([]);
    expect(find({ source_id: 'x' })).toEqual([]);
    expect(s.refusal('item.find')).toContain('empty_spec');
    expect(s.refusal('item.list', {})).toContain('missing_property library_id');
    expect(s.do('item.get', { library_item_id: id })).toEqual({
      id,
      library_id,
      name: 'one',
      description: 'd',
      type: 'iso',
      content_version: '1',
      metadata_version: '1',
      version: '1',
      creation_time: '2026-01-01T00:00:00.000Z',
      last_modified_time: '2026-01-01T00:00:00.000Z',
      cached: true,
      size: 0
    });
  });

  it('should have a name that is the only one in its library', () => {
    const s = new Service({ libraries: [...libraries, { name: 'more' }] });
    s.item();
    const library_id = s.library();
    expect(s.refusal('item.create', { spec: { library_id, name: 'ONE' } })).toBe(
      `ALREADY_EXISTS com.vmware.vdcs.cls-main.duplicate_item_name_unsupported_in_library ONE images ${library_id}`
    );
    s.do('item.create', { spec: { library_id: s.library('more'), name: 'one' } });
  });

  it('should be made once for a token, until it is deleted', () => {
    const s = new Service();
    const create = () => s.do('item.create', { spec: { library_id: s.library(), name: 'one' }, client_token: token });
    const id = create();
    expect(create()).toBe(id);
    s.do('item.delete', { library_item_id: id });
    expect(create()).not.toBe(id);
  });

  it('should be refused where it cannot be', () => {
    const s = new Service({ libraries });
    const refusal = (spec: Model) => s.refusal('item.create', { spec });
    expect(refusal({ library_id: 'x', name: 'n' })).toContain('NOT_FOUND');
    expect(refusal({ library_id: s.library() })).toContain('missing_property name');
    expect(refusal({ library_id: s.library(), name: 'x'.repeat(81) })).toContain('bad_name');
    expect(refusal({ library_id: s.library('theirs'), name: 'n' })).toContain('INVALID_ELEMENT_TYPE');
  });

  it('should change its metadata', () => {
    const s = new Service({ libraries });
    const library_item_id = s.item();
    s.item('', 'two');
    const update = (spec: Model) => s.ask('item.update', { library_item_id, spec }).error?.error_type;
    expect(update({ name: 'uno', type: 'iso', description: 'd' })).toBeUndefined();
    expect(update({ name: 'UNO' })).toBeUndefined();
    expect(update({})).toBeUndefined();
    expect(update({ name: 'two' })).toBe('ALREADY_EXISTS');
    expect(update({ name: '' })).toBe('INVALID_ARGUMENT');
    expect(update({ version: '3' })).toBe('CONCURRENT_CHANGE');
    expect(s.do('item.get', { library_item_id })).toMatchObject({
      name: 'UNO',
      type: 'iso',
      description: 'd',
      metadata_version: '4',
      version: '4',
      content_version: '1'
    });
  });

  it('should not be changed in a subscribed library', () => {
    const s = new Service({ libraries });
    const [library_item_id] = s.do<string[]>('item.find', { spec: { name: 'x' } });
    for (const op of ['item.update', 'item.delete'] as const) {
      expect(s.refusal(op, { library_item_id })).toContain('INVALID_ELEMENT_TYPE');
    }
  });

  it('should be deleted under an open session, which then is in ERROR', () => {
    const s = new Service();
    const library_item_id = s.item();
    const done = s.session(library_item_id);
    s.complete(done);
    const id = s.session(library_item_id);
    s.push(id, 'a');
    s.do('item.delete', { library_item_id });
    expect(s.freed).toEqual(['blob-1']);
    expect(s.get(id).state).toBe('ERROR');
    expect(s.get(done).state).toBe('DONE');
    expect(s.refusal('file.add', { update_session_id: id, spec: { name: 'b', source_type: 'PUSH' } })).toContain(
      'ERROR'
    );
    expect(s.refusal('item.get', { library_item_id })).toContain('NOT_FOUND');
  });

  it('should not be deleted under an open session, where the rules say so', () => {
    const s = new Service({}, { itemDeleteUnderSession: 'refuse' });
    const library_item_id = s.item();
    const id = s.session(library_item_id);
    expect(s.refusal('item.delete', { library_item_id })).toContain(
      'NOT_ALLOWED_IN_CURRENT_STATE shelver.simulator.item_in_use'
    );
    s.do('session.cancel', { update_session_id: id });
    s.do('item.delete', { library_item_id });
  });
});
