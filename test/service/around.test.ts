// What surrounds a transfer: copies, places in the storage, types, configuration, files that are there from the beginning.
import { describe, expect, it } from 'vitest';
import { configured } from '../../src/simulator/service/initial-state.ts';
import { type Model, received, Service } from './fixture.ts';

const spec = (library_id: string, more: Model = {}) => ({ library_id, name: 'copy', ...more });

describe('a copy', () => {
  const two = { libraries: [{ name: 'images' }, { name: 'more' }] };

  it('should share the bytes of its source until the last of them goes', () => {
    const s = new Service(two);
    const source_library_item_id = s.published({ a: 'hello' });
    const [first, second] = ['one', 'two'].map(name =>
      s.do<string>('item.copy', { source_library_item_id, spec: spec(s.library('more'), { name }) })
    );
    s.do('item.delete', { library_item_id: source_library_item_id });
    const id = s.session(first);
    s.push(id, 'a', 'other');
    s.complete(id);
    expect(s.freed).toEqual([]);
    s.do('item.delete', { library_item_id: second });
    expect(s.freed).toEqual(['blob-1']);
    s.do('localLibrary.delete', { library_id: s.library('more') });
    expect(s.freed).toEqual(['blob-1', 'blob-2']);
  });

  it('should give the bytes back once when it goes together with its source', () => {
    const s = new Service();
    const source_library_item_id = s.published({ a: 'hello' });
    s.do('item.copy', { source_library_item_id, spec: spec(s.library()) });
    s.do('localLibrary.delete', { library_id: s.library() });
    expect(s.freed).toEqual(['blob-1']);
  });

  it('should be refused where the storage of either side is gone', () => {
    const s = new Service(two);
    const source_library_item_id = s.published({ a: 'hello' });
    const copy = (library: string) =>
      s.refusal('item.copy', { source_library_item_id, spec: spec(s.library(library)) });
    s.happen({ type: 'backingGone', library: s.library('more') });
    expect(copy('more')).toContain('invalid_library_backing_does_not_exist more');
    s.happen({ type: 'backingGone', library: s.library() });
    expect(copy('images')).toContain('invalid_library_backing_does_not_exist images');
    expect(s.do('item.find', { spec: { name: 'copy' } })).toEqual([]);
  });

  it('should have versions and a type of its own', () => {
    const s = new Service(two);
    const source_library_item_id = s.item('iso');
    for (const content of ['1', '2']) {
      const id = s.session(source_library_item_id);
      s.push(id, 'a', content);
      s.complete(id);
    }
    const copy = (more: Model) =>
      s.do<string>('item.copy', { source_library_item_id, spec: spec(s.library('more'), more) });
    const library_item_id = copy({ type: 'ovf', description: 'd' });
    expect(s.do('item.get', { library_item_id })).toMatchObject({
      type: 'ovf',
      description: 'd',
      content_version: '1'
    });
    expect(s.do('itemFile.list', { library_item_id })).toMatchObject([{ name: 'a', version: '1' }]);
    expect(s.do('item.get', { library_item_id: copy({ name: 'b' }) })).toMatchObject({ type: 'iso', description: '' });
  });
});

describe('the storage', () => {
  it('should hold each file under a name of its own', () => {
    const s = new Service({}, { readStorage: true });
    const names = ['a b.tar.gz', '.hidden', 'plain'];
    const library_item_id = s.published(Object.fromEntries(names.map(name => [name, name])));
    const uris = s.do<Model[]>('itemStorage.list', { library_item_id }).flatMap(({ storage_uris }) => storage_uris);
    const folder = `ds:///vmfs/volumes/guid/contentlib-${s.library()}/${library_item_id}`;
    expect(uris).toEqual([
      `${folder}/a%20b.tar_blob-1.gz?serverId=guid`,
      `${folder}/.hidden_blob-2?serverId=guid`,
      `${folder}/plain_blob-3?serverId=guid`
    ]);
    const download_session_id = s.download(library_item_id);
    for (const [i, file_name] of names.entries()) {
      const prepared = s.do<Model>('downloadFile.prepare', { download_session_id, file_name, endpoint_type: 'DIRECT' });
      expect(prepared.download_endpoint).toEqual({ uri: uris[i] });
    }
  });

  it('should be that of the library, and the datastore of the service where it names none', () => {
    const s = new Service({}, { readStorage: true });
    const backing = (library_item_id: string) => {
      const args = { library_item_id, file_name: 'a' };
      return s.do<Model[]>('itemStorage.get', args).map(({ storage_backing }) => storage_backing);
    };
    expect(backing(s.published({ a: 'x' }))).toEqual([{ type: 'DATASTORE', datastore_id: 'datastore-1' }]);
    const own = { type: 'OTHER', storage_uri: 'nfs://x' };
    const library_id = s.do<string>('localLibrary.create', { spec: { name: 'own', storage_backings: [own] } });
    const [source_library_item_id] = s.do<string[]>('item.find', { spec: { name: 'one' } });
    expect(backing(s.do('item.copy', { source_library_item_id, spec: spec(library_id) }))).toEqual([own]);
  });

  it('should tell sizes also where the list of files does not', () => {
    const s = new Service({}, { readStorage: true });
    const library_item_id = s.published({ a: 'hello' });
    s.state = { ...s.state, settings: { ...s.state.settings, reportsSize: false } };
    expect(s.do<Model[]>('itemFile.list', { library_item_id })[0]).not.toHaveProperty('size');
    expect(s.do('itemStorage.list', { library_item_id })).toMatchObject([{ name: 'a', size: 5, cached: true }]);
  });
});

describe('the service', () => {
  it('should keep its configuration, and show what is not set as it was', () => {
    const s = new Service();
    const update = (spec: Model) => s.ask('configuration.update', { spec }).error?.messages[0]?.id.split('.').at(-1);
    expect(update({ automatic_sync_start_hour: 0, automatic_sync_enabled: false })).toBeUndefined();
    expect(update({ automatic_sync_stop_hour: 23, maximum_concurrent_item_syncs: 1 })).toBeUndefined();
    expect(update({ automatic_sync_start_hour: 24 })).toBe('bad_hour');
    expect(update({ automatic_sync_stop_hour: -1 })).toBe('bad_hour');
    expect(update({ maximum_concurrent_item_syncs: 0 })).toBe('bad_maximum');
    const kept = {
      automatic_sync_enabled: false,
      automatic_sync_start_hour: 0,
      automatic_sync_stop_hour: 23,
      maximum_concurrent_item_syncs: 1
    };
    expect(s.do('configuration.get')).toEqual(kept);
    const options = { baseUrl: 'https://vc', serverGuid: 'guid' };
    expect(configured(s.state, options).configuration).toEqual(kept);
    const { configuration: _, ...old } = s.state;
    expect(configured(old as typeof s.state, options).configuration).toEqual(new Service().state.configuration);
  });

  it('should begin with the files of its items, and know what is in them', () => {
    const descriptor = '<Envelope><References><File href="disk"/></References></Envelope>';
    const files = [
      { name: 'vm.ovf', ...received('blob-a', descriptor) },
      { name: 'disk', ...received('blob-b', 'bytes') }
    ];
    const items = [{ name: 'vm', type: 'ovf', description: 'd', files }];
    const s = new Service({ libraries: [{ name: 'images', items }] });
    const [library_item_id] = s.do<string[]>('item.find', { spec: { name: 'vm' } });
    expect(s.do('item.get', { library_item_id })).toMatchObject({ content_version: '1', description: 'd' });
    expect(s.do('itemFile.get', { library_item_id, name: 'disk' })).toEqual({
      name: 'disk',
      size: 5,
      cached: true,
      version: '1',
      checksum_info: files[1]!.digests[0]
    });
    const id = s.session(library_item_id);
    s.do('file.remove', { update_session_id: id, file_name: 'disk' });
    expect(s.do('file.validate', { update_session_id: id })).toMatchObject({ missing_files: ['disk'] });
  });

  it('should hold each user to the privileges of now, and take whoever is not limited for an administrator', () => {
    const limited = (...privileges: ('System.Read' | 'ContentLibrary.ReadStorage')[]) => ({ me: privileges });
    const libraries = [{ name: 'images', items: [{ name: 'one' }] }];
    const s = new Service({ libraries, privileges: limited('ContentLibrary.ReadStorage') });
    expect(s.refusal('library.list')).toBe('UNAUTHORIZED shelver.simulator.privilege_missing System.Read');
    s.state = configured(s.state, { baseUrl: 'x', serverGuid: 'guid', privileges: limited('System.Read') });
    const [library_item_id] = s.do<string[]>('item.find', { spec: { name: 'one' } });
    expect(s.refusal('itemStorage.list', { library_item_id })).toContain('ContentLibrary.ReadStorage');
    s.user = 'constructor';
    s.do('session.create', { spec: { library_item_id } });
    const rules = { readStorage: false };
    s.state = configured(s.state, { baseUrl: 'x', serverGuid: 'guid', rules, privileges: limited() });
    expect(s.refusal('itemStorage.list', { library_item_id })).toContain('ContentLibrary.ReadStorage');
    s.state = configured(s.state, { baseUrl: 'x', serverGuid: 'guid' });
    s.do('itemStorage.list', { library_item_id });
  });

  it('should not take an old download session for one that may read storage', () => {
    const s = new Service({}, { readStorage: true });
    const id = s.download(s.published({ a: 'x' }));
    const prepare = { download_session_id: id, file_name: 'a', endpoint_type: 'DIRECT' };
    s.state = JSON.parse(JSON.stringify(s.state).replace('"readsStorage":true,', '')) as typeof s.state;
    expect(s.refusal('downloadFile.prepare', prepare)).toContain('ContentLibrary.ReadStorage');
    expect(s.refusal('downloadFile.prepare', { ...prepare, download_session_id: 'x' })).toContain('NOT_FOUND');
    expect(s.refusal('downloadFile.prepare', { ...prepare, download_session_id: undefined })).toContain(
      'missing_property'
    );
  });

  it('should delete a session that is canceled, where the server is of that kind', () => {
    const s = new Service({}, { cancelDeletes: true });
    const id = s.session(s.published({ a: 'old' }));
    const transfer = s.push(id, 'b', 'new');
    s.do('session.cancel', { update_session_id: id });
    expect(s.refusal('session.get', { update_session_id: id })).toContain('NOT_FOUND');
    expect(s.freed).toEqual(['blob-2']);
    expect(s.put(transfer, 'x').error?.error_type).toBe('NOT_FOUND');
  });
});
