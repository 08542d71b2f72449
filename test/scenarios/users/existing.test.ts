// Items that exist already: their content is replaced, counted, or left alone with a reason; and what a simulator must keep.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../src/adapters/clock.ts';
import { createSimulator } from '../../../src/simulator/index.ts';
import { upload } from '../../../src/upload.ts';
import { call, folderWith, left as leftBy, serve } from '../../cli/call.ts';
import { bytesOf } from '../../run/bytes.ts';
import { left, portStage, type VirtualStage } from '../stage.ts';

const OLD = { name: 'fox', type: 'iso', files: [{ name: 'fox.iso', text: 'a slow brown fox' }] };
const there = () => portStage({ libraries: [{ name: 'images', items: [OLD] }] });
const spec = { to: 'images/fox', files: [{ name: 'fox.iso', source: bytesOf('the quick brown fox') }] };
const idOf = ({ simulator }: VirtualStage) => simulator.contents('fox')?.id;

describe('an item that exists', () => {
  it('should get new content under the id that it has, not fail because it exists (hashicorp/packer #9711, #9755)', async () => {
    const stage = there();
    const id = idOf(stage);
    const { report } = await stage.play(spec);
    expect(report).toMatchObject({ outcome: 'done', item: { id, made: false, contentVersion: '2' } });
    const [held] = stage.simulator.contents('fox')!.files;
    expect(Buffer.from((await held!.read())!).toString()).toBe('the quick brown fox');
  });

  it('should be sent only the files that it does not hold already, by digest', async () => {
    const files = ['fox', 'dog'].map(name => ({ name: `${name}.bin`, source: bytesOf(`the bytes of ${name}`) }));
    const held = { name: 'two', type: 'other', files: [{ name: 'fox.bin', text: 'the bytes of fox' }] };
    const stage = portStage({ libraries: [{ name: 'images', items: [held] }] });
    const { report, witness } = await stage.play({ to: 'images/two', files, itemType: 'other' });
    expect(report.outcome).toBe('done');
    expect(witness.calls.filter(({ op }) => op === 'push')).toHaveLength(1);
    expect(
      stage.simulator
        .contents('two')
        ?.files.map(({ name }) => name)
        .sort()
    ).toEqual(['dog.bin', 'fox.bin']);
  });

  it('should be named by its id where its name is not known, and get its content so (ansible-collections/vmware.vmware_rest #385)', async () => {
    const stage = there();
    const { report } = await stage.play({ ...spec, to: { library: 'images', item: `id:${idOf(stage)}` } });
    expect(report).toMatchObject({ outcome: 'done', item: { name: 'fox', made: false } });
  });

  it('should be as it was while new content is on its way, and if that fails (ansible-collections/community.vmware #1537)', async () => {
    const stage = there();
    const before = JSON.stringify(stage.simulator.contents('fox'));
    stage.simulator.inject({ on: 'file.validate', do: 'answer', status: 400, message: 'No.' });
    const { report } = await stage.play(spec);
    expect([report.outcome, JSON.stringify(stage.simulator.contents('fox'))]).toEqual(['failed', before]);
  });

  it('should be said to hold a virtual machine template where that is why it takes nothing (hashicorp/packer #12622)', async () => {
    const stage = portStage({ libraries: [{ name: 'images', items: [{ name: 'fox', type: 'vm-template' }] }] });
    const { report } = await stage.play(spec);
    expect(report.failure).toMatchObject({
      code: 'INVALID_ELEMENT_TYPE',
      message: expect.stringMatching(/library item fox because it contains a virtual machine template\.$/),
      // Not a word of subscribed libraries.
      next: 'an item that holds a virtual machine template takes no files: name another item'
    });
    expect(left(stage)).toEqual({ sessions: [], items: ['fox'] });
  });

  it('should be told to have come just now where somebody else makes it at the same time', async () => {
    const stage = portStage();
    const other = stage.simulator.ports().library;
    const library = new Proxy(stage.ports.library, {
      get: (its, key) => async (making: Parameters<typeof other.createItem>[0], call: object) => {
        if (key === 'createItem') await other.createItem(making);
        return (Reflect.get(its, key) as (...args: unknown[]) => unknown)(making, call);
      }
    });
    const ports = {
      ...stage.ports,
      library: Object.assign(Object.create(library), { server: stage.ports.library.server })
    };
    const report = await stage.clock.run(upload(ports, spec).report);
    expect(report.failure).toMatchObject({
      code: 'ALREADY_EXISTS',
      next: 'somebody else has made it just now: run the command again'
    });
    // It is theirs, and stays.
    expect(left(stage)).toEqual({ sessions: [], items: ['fox'] });
  });

  it('should step its content version once, whatever went wrong on the way (govmomi #2987)', async () => {
    const stage = portStage();
    expect(stage.simulator.contents('fox')?.contentVersion).toBeUndefined();
    stage.simulator.inject({ on: 'put', do: 'reset', afterBytes: 5 });
    stage.simulator.inject({ on: 'session.complete', do: 'loseAnswer' });
    stage.simulator.inject({ on: 'session.get', do: 'answer', status: 503 });
    const versions: (number | undefined)[] = [];
    for (const text of ['one', 'two', 'two', 'three']) {
      await stage.play({ to: 'images/fox', files: [{ name: 'fox.iso', source: bytesOf(text) }] });
      versions.push(stage.simulator.contents('fox')?.contentVersion);
    }
    // It begins at 1, and what is the same is not counted.
    expect(versions).toEqual([2, 3, 3, 4]);
  });
});

describe('the simulator', () => {
  it('should have its libraries and items again after a restart (govmomi #3235)', async () => {
    const store = mkdtempSync(join(tmpdir(), 'shelver-users-'));
    onTestFinished(() => rmSync(store, { recursive: true, force: true }));
    const folder = folderWith({ 'fox.iso': 'the quick brown fox' });
    const first = createSimulator({ clock: systemClock(), store, libraries: ['images'] });
    const { url } = await first.listen();
    const env = { SHELVER_URL: url, SHELVER_USERNAME: 'user', SHELVER_PASSWORD: 'pass' };
    expect((await call(['upload', join(folder, 'fox.iso'), 'images'], { env })).code).toBe(0);
    await first.close();
    const second = createSimulator({ clock: systemClock(), store });
    onTestFinished(() => second.close());
    expect(second.contents('fox')).toMatchObject({ contentVersion: 2, files: [{ name: 'fox.iso' }] });
  });

  it('should answer in /api and in /rest, and all that an upload may ask, not what one client uses (govmomi #1890, #2550, vmware-archive/vsphere-automation-sdk-python #352, #353)', async () => {
    const { env, listening } = await serve();
    const folder = folderWith({ 'fox.iso': 'the quick brown fox' });
    for (const dialect of ['api', 'rest']) {
      const words = ['upload', join(folder, 'fox.iso'), `images/${dialect}`, '--dialect', dialect];
      expect([dialect, (await call(words, { env })).code]).toEqual([dialect, 0]);
    }
    // What it does not have it says so, in the words of the service.
    const answer = await fetch(`${listening.url}/api/no/such/thing`);
    expect([answer.status, await answer.text()]).toEqual([404, expect.stringContaining('messages')]);
  });
});

describe('sessions on the server', () => {
  it('should be listed, shown, validated, ended and removed by hand (govmomi #3258, #3272)', async () => {
    const { env, simulator } = await serve({ libraries: [{ name: 'images', items: [OLD] }] });
    const { library } = simulator.ports();
    const [itemId] = await library.findItems({ name: 'fox' });
    const id = await library.createSession({ itemId: itemId! });
    expect(await library.validate(id)).toMatchObject({ hasErrors: false });
    expect((await call(['sessions', 'ls'], { env })).stdout).toContain(id);
    for (const [words, says] of [
      [['sessions', 'show', id], /state {4}ACTIVE/],
      [['sessions', 'keep-alive', id], /kept|alive/],
      [['sessions', 'fail', id, '--message', 'by hand'], /failed/],
      [['sessions', 'rm', id], /removed/]
    ] as const) {
      const { code, stdout, stderr } = await call(words, { env });
      expect([words[1], code, stdout + stderr]).toEqual([words[1], 0, expect.stringMatching(says)]);
    }
    expect(leftBy(simulator).sessions).toEqual([]);
  });

  it('should not be needed for uploading into an item, or for downloading it again (ansible-collections/vmware.vmware_rest #261, #420)', async () => {
    const { env, simulator } = await serve();
    const folder = folderWith({ 'fox.iso': 'the quick brown fox' });
    const to = folderWith();
    expect((await call(['upload', join(folder, 'fox.iso'), 'images/fox'], { env })).code).toBe(0);
    expect((await call(['download', 'images/fox', to, '--json'], { env })).code).toBe(0);
    const again = await call(['download', 'images/fox', to, '--json'], { env });
    expect(JSON.parse(again.stdout)).toMatchObject({ outcome: 'upToDate' });
    expect(leftBy(simulator)).toEqual({ items: ['fox'], sessions: [] });
    expect(simulator.requests.some(({ op }) => op === 'put')).toBe(true);
  });
});
