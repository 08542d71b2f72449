import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { find, values } from '../../src/simulator/service/table.ts';
import { type Counter, counterFor, WAYS } from './govc.ts';
import { digestOf, type Goods, makeGoods } from './goods.ts';
import { peers } from './peer-processes.ts';

let goods: Goods;
beforeAll(async () => {
  goods = await makeGoods();
});
afterAll(() => goods[Symbol.asyncDispose]());

// Without Go there is no real govc to run.
describe.skipIf(peers === undefined).each(WAYS)('the real govc before our simulator, $name', way => {
  let counter: Counter;

  beforeEach(async () => {
    counter = await counterFor(way, goods.fresh('home'));
    // What is kept is from here on used again.
    if (way.cached) await counter.govc('library.info', 'images');
    counter.seen();
  });

  afterEach(async () => {
    const asked = counter.simulator.requests.map(({ op }) => op);
    const times = (op: string) => asked.filter(each => each === op).length;
    const logins = [times('soap.Login'), times('login.create')];
    if (way.cached) expect(logins).toEqual([1, 1]);
    else expect([times('soap.Logout'), times('login.delete')]).toEqual(logins);
    await counter.simulator.close();
  });

  it('should be told what the service is', async () => {
    const said = await counter.govc('about');
    expect(said).toMatch(/^API type: +VirtualCenter$/m);
    expect(said).toMatch(/^API version: +8\.0/m);
    const { about } = JSON.parse(await counter.govc('about', '-json')) as { about: { instanceUuid: string } };
    expect(about.instanceUuid).toBe(counter.simulator.state.settings.serverGuid);
  });

  it('should find the datastore by itself, and make a library on it', async () => {
    const id = (await counter.govc('library.create', 'shelf')).trim();
    const looked = counter.seen().filter(op => op === 'soap.RetrievePropertiesEx');
    expect(looked).toHaveLength(way.cached ? 6 : 5);
    expect(libraryOf(id)).toMatchObject({
      name: 'shelf',
      backings: [{ type: 'DATASTORE', datastore_id: 'datastore-1' }]
    });
  });

  it('should make a library on the datastore that it is told', async () => {
    const named = ['Datastore:datastore-1', 'datastore-1', 'datastore1', '/Datacenter1/datastore/datastore1', '*'];
    for (const [index, datastore] of named.entries()) {
      const id = (await counter.govc('library.create', '-ds', datastore, `shelf-${index}`)).trim();
      expect(libraryOf(id)).toMatchObject({ backings: [{ datastore_id: 'datastore-1' }] });
    }
    expect(await counter.tries('library.create', '-ds', 'Datastore:datastore-7', 'shelf')).toMatchObject({
      code: 1,
      stderr: "datastore 'Datastore:datastore-7' not found"
    });
    expect(await counter.tries('library.create', '-ds', 'elsewhere', 'shelf')).toMatchObject({
      code: 1,
      stderr: "datastore 'elsewhere' not found"
    });
    expect(await counter.govc('library.ls')).not.toMatch(/^\/shelf$/m);
  });

  it('should bring a text, a disc image and an OVA whose manifest must agree', async () => {
    expect(await counter.govc('library.import', 'images', goods.text)).toContain('Uploading notes.txt... OK');
    await counter.govc('library.import', 'images', goods.iso);
    await counter.govc('library.import', '-m', 'images', goods.ova.path);
    expect(await counter.govc('library.ls', 'images/*')).toBe('/images/notes\n/images/installer\n/images/tiny\n');
    expect(await counter.held('notes')).toEqual({ 'notes.txt': await digestOf(goods.text) });
    expect(await counter.held('installer')).toEqual({ 'installer.iso': await digestOf(goods.iso) });
    expect(await counter.held('tiny')).toEqual(goods.ovaFiles);
    expect(types()).toEqual({ notes: '', installer: 'iso', tiny: 'ovf' });
    expect(states()).toEqual(['DONE', 'DONE', 'DONE']);
  });

  it('should bring more into an item that is there, as a new version of its content', async () => {
    await counter.govc('library.import', 'images', goods.text);
    const first = counter.simulator.contents('notes')!.contentVersion;
    await counter.govc('library.import', 'images/notes', goods.iso);
    await counter.govc('library.import', 'images/notes', goods.text);
    expect(counter.simulator.contents('notes')!.contentVersion).toBe(first + 2);
    expect(Object.keys(await counter.held('notes')).sort()).toEqual(['installer.iso', 'notes.txt']);
  });

  it('should tell all about a library, an item and its files', async () => {
    const id = (await counter.govc('library.create', 'shelf')).trim();
    await counter.govc('library.import', 'shelf', goods.text);
    const item = counter.simulator.contents('notes')!;
    const about = await counter.govc('library.info', '-l', 'shelf');
    expect(about).toMatch(/^ +DatastoreID: +datastore-1$/m);
    expect(about).toContain(`[datastore1] contentlib-${id}\n`);
    expect(about).toMatch(/^ +Size: +16B$/m);
    expect(await counter.govc('library.info', '-l', 'shelf/notes')).toContain(
      `[datastore1] contentlib-${id}/${item.id}\n`
    );
    const file = await counter.govc('library.info', '-l', '-s', 'shelf/notes/notes.txt');
    expect(file).toMatch(/^ +Size: +16B$/m);
    expect(file).toMatch(new RegExp(`^ +Storage URI: +ds:///vmfs/volumes/.*/contentlib-${id}/${item.id}/notes`, 'm'));
    const [, stored] = /\[datastore1\] (.*)$/m.exec(file)!;
    expect(file).toContain(`/${stored}`);
    const [told] = JSON.parse(await counter.govc('library.info', '-l', '-s', '-json', 'shelf/notes/notes.txt'));
    expect(told).toMatchObject({ name: 'notes.txt', size: 16 });
    const [library] = JSON.parse(await counter.govc('library.info', '-json', 'shelf'));
    expect(library).toMatchObject({ id, name: 'shelf', type: 'LOCAL' });
  });

  it('should list libraries, items and files', async () => {
    await counter.govc('library.import', 'images', goods.ova.path);
    expect(await counter.govc('library.ls')).toBe('/images\n');
    expect(await counter.govc('library.ls', '/images/')).toBe('/images/tiny\n');
    expect(lines(await counter.govc('library.ls', '/images/tiny/')).sort()).toEqual(
      Object.keys(goods.ovaFiles)
        .map(name => `/images/tiny/${name}`)
        .sort()
    );
    const [item] = JSON.parse(await counter.govc('library.ls', '-json', 'images/tiny'));
    expect(item).toMatchObject({ name: 'tiny', type: 'ovf' });
    expect(await counter.tries('library.info', 'nowhere')).toMatchObject({ code: 0, stdout: '' });
  });

  it('should take out what was brought in, byte for byte', async () => {
    await counter.govc('library.import', 'images', goods.iso);
    await counter.govc('library.import', '-m', 'images', goods.ova.path);
    const file = goods.fresh('back.iso');
    await counter.govc('library.export', 'images/installer/installer.iso', file);
    expect(await digestOf(file)).toBe(await digestOf(goods.iso));
    const { folder } = goods;
    await counter.govc('library.export', 'images/tiny', folder);
    for (const [name, digest] of Object.entries(goods.ovaFiles))
      expect(await digestOf(join(folder, name))).toBe(digest);
    await counter.govc('library.import', 'images', goods.text);
    expect(await counter.govc('library.export', 'images/notes/notes.txt', '-')).toBe(
      await readFile(goods.text, 'utf8')
    );
  });

  it('should list the sessions and end them', async () => {
    await counter.govc('library.import', 'images', goods.text);
    const { library } = counter.simulator.ports();
    const itemId = counter.simulator.contents('notes')!.id;
    for (const id of await library.listSessions()) await library.deleteSession(id);
    expect(await counter.govc('library.session.ls')).toBe('');
    const update = await library.createSession({ itemId });
    await library.addFile(update, { name: 'more.txt', sourceType: 'PUSH', size: 3 });
    const updates = await counter.govc('library.session.ls', '-json', '-i');
    expect(JSON.parse(updates)).toMatchObject({
      sessions: [{ id: update, library_item_path: '/images/notes', state: 'ACTIVE' }],
      files: { [update]: expect.arrayContaining([expect.objectContaining({ name: 'more.txt', source_type: 'PUSH' })]) }
    });
    const download = await library.createDownloadSession({ itemId });
    const both = lines(await counter.govc('library.session.ls')).map(line => line.split(/\s+/).slice(0, 3));
    expect(both).toEqual([
      ['ID', 'Item', 'Type'],
      [update, '/images/notes', 'Update'],
      ['ID', 'Item', 'Type'],
      [download, '/images/notes', 'Download']
    ]);
    expect(await counter.tries('library.session.rm', update)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('not_allowed_in_current_state')
    });
    await counter.govc('library.session.rm', '-f', update);
    await counter.govc('library.session.rm', '-f', download);
    expect([await library.listSessions(), await library.listDownloadSessions()]).toEqual([[], []]);
  });

  it('should remove a file from a session, an item, and a library', async () => {
    await counter.govc('library.import', 'images', goods.text);
    const { library } = counter.simulator.ports();
    const session = await library.createSession({ itemId: counter.simulator.contents('notes')!.id });
    await library.addFile(session, { name: 'more.txt', sourceType: 'PUSH' });
    await counter.govc('library.session.rm', '-i', session, 'more.txt');
    expect((await library.listFiles(session)).map(({ name }) => name)).toEqual(['notes.txt']);
    await counter.govc('library.session.rm', '-f', session);
    await counter.govc('library.rm', 'images/notes');
    expect(counter.simulator.contents('notes')).toBeUndefined();
    await counter.govc('library.rm', 'images');
    expect(values(counter.simulator.state.libraries)).toEqual([]);
    expect(await counter.tries('library.rm', 'images')).toMatchObject({ code: 1 });
  });

  function libraryOf(id: string): unknown {
    return find(counter.simulator.state.libraries, id);
  }

  function types(): Record<string, string> {
    return Object.fromEntries(values(counter.simulator.state.items).map(({ name, type }) => [name, type]));
  }

  function states(): unknown[] {
    return values(counter.simulator.state.sessions).map(({ state }) => state);
  }
});

function lines(said: string): string[] {
  return said.split('\n').filter(line => line !== '');
}
