// ls, library, item and sessions against a simulator behind a socket.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PROFILES } from '../../src/servers/profiles.ts';
import { values } from '../../src/simulator/service/table.ts';
import { json, serve as serveAs, text } from '../client/servers.ts';
import { call, folderWith, left, serve } from './call.ts';

const VCSIM_ANSWERS: Readonly<Record<string, unknown>> = {
  '/rest/com/vmware/cis/session': 'token',
  '/rest/com/vmware/content/library': [],
  '/rest/com/vmware/content/library?~action=find': [],
  '/rest/com/vmware/content/local-library': 'the-new-one'
};
const ITEMS = [{ name: 'b', type: 'iso' }, { name: 'a' }];

describe('shelver ls', () => {
  it('should list libraries by name', async () => {
    const { env, simulator } = await serve({ libraries: ['isos', { name: 'images', type: 'SUBSCRIBED' }] });
    const { code, stdout, stderr } = await call(['ls'], { env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.replace(/[\da-f-]{36}/g, 'ID')).toBe(
      'NAME    TYPE        ID\nimages  subscribed  ID\nisos    local       ID\n'
    );
    expect(simulator.requests.at(-1)?.op).toBe('login.delete');
  });

  it('should list items and files as one JSON object', async () => {
    const { env, simulator } = await serve({ libraries: [{ name: 'images', items: ITEMS }] });
    const library = values(simulator.state.libraries)[0]!.id;
    const { stdout } = await call(['ls', `id:${library}`, '--json'], { env });
    const listed = JSON.parse(stdout);
    expect(listed).toMatchObject({ schema: 1, library: { id: library, name: 'images' } });
    expect(listed.items.map((item: { name: string }) => item.name)).toEqual(['a', 'b']);
    const item = listed.items[1].id;
    const files = await call(['ls', `images/id:${item}`, '--json'], { env });
    expect(JSON.parse(files.stdout)).toEqual({
      schema: 1,
      library: { id: library, name: 'images' },
      item: { id: item, name: 'b' },
      files: []
    });
  });

  it('should show items in columns, with a dash for what is not known', async () => {
    const { env } = await serve({ libraries: [{ name: 'images', items: ITEMS }] });
    const { stdout } = await call(['ls', 'images'], { env });
    const [head, a, b] = stdout.split('\n');
    expect(head).toMatch(/^NAME {2}TYPE {2,}SIZE {2}VERSION {2}ID$/);
    expect(a).toMatch(/^a {5}- /);
    expect(b).toMatch(/^b {5}iso /);
  });

  it('should show what a server keeps of a file, and a dash for what it does not tell', async () => {
    const folder = folderWith({ 'a.iso': 'bytes', 'b.iso': 'more' });
    const { env } = await serve();
    await call(['upload', join(folder, 'a.iso'), join(folder, 'b.iso'), 'images/a'], { env });
    expect((await call(['ls', 'images/a'], { env })).stdout).toMatch(
      /^NAME {3}SIZE {2}DIGEST\na\.iso {3}5 B {2}SHA1 [\da-f]{40}\nb\.iso {3}4 B {2}SHA1 [\da-f]{40}\n$/
    );
    const vcsim = await serve({ profile: PROFILES.vcsim });
    const words = ['upload', join(folder, 'a.iso'), 'images/a'];
    expect((await call(words, { env: vcsim.env })).code).toBe(0);
    expect((await call(['ls', 'images/a'], { env: vcsim.env })).stdout).toMatch(/\na\.iso +\S.* -\n$/);
  });

  it('should say what is not there', async () => {
    const { env } = await serve({ libraries: [{ name: 'images', items: [{ name: 'a' }, { name: 'a' }] }, 'isos'] });
    const none = '8c2e9a6e-7f51-4f0c-9f0e-1d6a2b3c4d5e';
    const said = async (place: string) => {
      const { code, stderr } = await call(['ls', place], { env });
      expect(code).toBe(4);
      return stderr.split('\n')[0]?.replace(/: [\da-f-]{36}, [\da-f-]{36}$/, ': IDS');
    };
    expect(await said('shelf')).toBe('error: there is no library "shelf" on this server');
    expect(await said(`id:${none}`)).toBe(`error: there is no library with the id ${none} on this server`);
    expect(await said('images/b')).toBe('error: there is no item "b" in the library "images"');
    expect(await said(`images/id:${none}`)).toBe(`error: there is no item with the id ${none} on this server`);
    expect(await said('images/a')).toBe('error: 2 items are called "a" in the library "images": IDS');
  });

  it('should not find an item in another library', async () => {
    const { env, simulator } = await serve({ libraries: [{ name: 'images', items: [{ name: 'a' }] }, 'isos'] });
    const id = values(simulator.state.items)[0]!.id;
    const { code, stderr } = await call(['ls', `isos/id:${id}`], { env });
    expect(code).toBe(4);
    expect(stderr).toContain(`there is no item with the id ${id} in the library "isos"`);
  });

  it('should say under -v who it is', async () => {
    const { env } = await serve();
    const { stderr } = await call(['ls', '-v'], { env });
    expect(stderr).toMatch(/^logged in to 127\.0\.0\.1:\d+ as user: profile 8\.0, dialect api\n$/);
  });

  it('should warn of what is less safe, on stderr', async () => {
    const { env } = await serve({}, { tls: true });
    const { code, stderr } = await call(['ls', '--insecure'], { env });
    expect(code).toBe(0);
    expect(stderr).toMatch(/^warning: the certificate of .* is not checked/);
    expect((await call(['ls', '--insecure', '-q'], { env })).stderr).toBe('');
  });
});

describe('shelver library', () => {
  it('should make a library once, and print its id', async () => {
    const { env, simulator } = await serve({ libraries: [] });
    const { code, stdout } = await call(['library', 'create', 'new', '--description', 'for tests'], { env });
    expect(code).toBe(0);
    const [made] = values(simulator.state.libraries);
    expect(stdout).toBe(`${made?.id}\n`);
    expect(made).toMatchObject({ name: 'new', description: 'for tests', type: 'LOCAL' });
    const again = await call(['library', 'create', 'new', '--json'], { env });
    expect(again.code).toBe(11);
    expect(JSON.parse(again.stdout).failure).toMatchObject({
      code: 'ALREADY_EXISTS',
      next: 'choose another name, or use that library'
    });
    expect(values(simulator.state.libraries)).toHaveLength(1);
    const other = await call(['library', 'create', 'other', '--json', '--datastore', 'datastore-12'], { env });
    expect(JSON.parse(other.stdout).library.name).toBe('other');
  });

  it('should ask for the datastore where the server needs one', async () => {
    // it answers as vcsim does, with the words of Go's router where it has nothing
    const posts: string[] = [];
    const vcsim = await serveAs(({ method, url = '' }, response) => {
      if (method === 'POST') posts.push(url);
      const value = url.startsWith('/api/') ? undefined : VCSIM_ANSWERS[url];
      if (value === undefined) return text(response, 404, '404 page not found\n');
      json(response, 200, { value });
    });
    const env = { SHELVER_URL: vcsim.url, SHELVER_USERNAME: 'user', SHELVER_PASSWORD: 'pass' };
    const { code, stderr } = await call(['library', 'create', 'new'], { env });
    expect([code, stderr]).toEqual([2, expect.stringContaining('vcsim makes no library without a datastore')]);
    expect(stderr).toContain('--datastore');
    expect(posts).not.toContain('/rest/com/vmware/content/local-library');
    const named = await call(['library', 'create', 'new', '--datastore', 'datastore-1'], { env });
    expect(named).toMatchObject({ code: 0, stdout: 'the-new-one\n' });
  });

  it('should remove an empty library, and one that is not empty only when told so', async () => {
    const { env, simulator } = await serve({ libraries: ['empty', { name: 'full', items: ITEMS }] });
    const empty = await call(['library', 'rm', 'empty'], { env });
    expect(empty).toMatchObject({ code: 0, stdout: '' });
    expect(empty.stderr).toMatch(/^removed the library "empty" /);
    const refused = await call(['library', 'rm', 'full'], { env });
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('the library "full" holds 2 items');
    expect(values(simulator.state.libraries).map(library => library.name)).toEqual(['full']);
    const { code, stdout } = await call(['library', 'rm', 'full', '--recursive', '--json'], { env });
    expect(code).toBe(0);
    expect(JSON.parse(stdout).removed.library.name).toBe('full');
    expect(values(simulator.state.libraries)).toEqual([]);
  });

  it('should count one item as one', async () => {
    const { env } = await serve({ libraries: [{ name: 'full', items: [{ name: 'a' }] }] });
    expect((await call(['library', 'rm', 'full'], { env })).stderr).toContain('holds an item\n');
  });
});

describe('shelver item rm', () => {
  it('should remove the item that is named, by name or by id alone', async () => {
    const { env, simulator } = await serve({ libraries: [{ name: 'images', items: ITEMS }] });
    const { code, stderr } = await call(['item', 'rm', 'images/a'], { env });
    expect(code).toBe(0);
    expect(stderr).toMatch(/^removed the item "a" /);
    const [b] = values(simulator.state.items);
    const { stdout } = await call(['item', 'rm', `id:${b?.id}`, '--json'], { env });
    expect(JSON.parse(stdout)).toEqual({ schema: 1, removed: { item: { id: b?.id, name: 'b' } } });
    expect(left(simulator).items).toEqual([]);
    expect((await call(['item', 'rm', `id:${b?.id}`], { env })).code).toBe(4);
  });
});

describe('what goes away between two calls', () => {
  it('should be left out of the list of sessions', async () => {
    const { env, simulator } = await serve({
      libraries: [{ name: 'images', items: ITEMS }],
      faults: [{ on: 'session.get', do: 'answer', status: 404 }]
    });
    const { library } = simulator.ports();
    const item = values(simulator.state.items)[0]!;
    await library.createSession({ itemId: item.id });
    const { code, stdout } = await call(['sessions', 'ls', '--json'], { env });
    expect({ code, sessions: JSON.parse(stdout).sessions }).toEqual({ code: 0, sessions: [] });
    simulator.inject({ on: 'library.get', do: 'answer', status: 404 });
    const again = await call(['sessions', 'ls', '--json'], { env });
    expect(JSON.parse(again.stdout).sessions[0].item).toEqual({ id: item.id, name: item.name });
  });

  it('should not hide another failure', async () => {
    const { env } = await serve({
      libraries: ['a', 'b', 'c'],
      faults: [{ on: 'library.get', do: 'answer', status: 400, message: 'No.', times: 'always' }]
    });
    const { code, stderr } = await call(['ls'], { env });
    expect(code).toBe(6);
    expect(stderr).toMatch(/^error: .*No\./);
    const byId = await call(['ls', 'id:8c2e9a6e-7f51-4f0c-9f0e-1d6a2b3c4d5e'], { env });
    expect(byId.code).toBe(6);
  });
});

describe('a signal', () => {
  it('should end a command that waits for the server, after logging out', async () => {
    const { env, simulator } = await serve({ faults: [{ on: 'library.list', do: 'stall' }] });
    const pending = call(['ls', '-v'], {
      env,
      onText: (text, signal) => {
        if (text.startsWith('logged in')) queueMicrotask(() => signal('SIGTERM'));
      }
    });
    const { code, stderr } = await pending;
    expect(code).toBe(143);
    expect(stderr).toMatch(/\nerror: interrupted \(SIGTERM\)\nnext: run the command again\n$/);
    expect(simulator.requests.at(-1)?.op).toBe('login.delete');
  });
});

describe('advice', () => {
  it('should fit the cause, where the code alone does not tell it', async () => {
    const { env } = await serve();
    const next = async (words: readonly string[], more: object = {}) => {
      const { code, stderr } = await call(words, { env: { ...env, ...more } });
      return [code, stderr.match(/^next: (.*)$/m)?.[1]];
    };
    expect(await next(['ls', '--ca-file', join(folderWith({}), 'none.pem')])).toEqual([
      2,
      'check the path given by --ca-file'
    ]);
    expect(await next(['ls'], { SHELVER_PROXY: 'http://127.0.0.1:1' })).toEqual([
      5,
      'check that the proxy 127.0.0.1:1 is up and reachable, or go without it: --proxy none'
    ]);
  });
});
