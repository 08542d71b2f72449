// What the real govc says, and does not say, when something goes wrong. Our own client says more in each of these.
import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connect } from '../../src/connect.ts';
import { download, upload } from '../../src/index.ts';
import type { UploadSpec } from '../../src/spec.ts';
import { type Counter, counterFor, runGovc, WAYS } from './govc.ts';
import { digestOf, type Goods, makeGoods } from './goods.ts';
import { peers, withLogin } from './peer-processes.ts';
import { startTurning } from './turning.ts';

const run = promisify(execFile);

// Without Go there is no real govc to run.
describe.skipIf(peers === undefined)('when something goes wrong', () => {
  let goods: Goods;
  let counter: Counter;
  beforeAll(async () => {
    goods = await makeGoods();
  });
  afterAll(() => goods[Symbol.asyncDispose]());
  beforeEach(async () => {
    counter = await counterFor(WAYS[0]!, goods.fresh('home'));
  });
  afterEach(() => counter.simulator.close());

  it('should be tried once by govc when the service is away for a moment, and again by us', async () => {
    counter.simulator.inject({ do: 'answer', on: 'session.create', status: 503, retryAfter: 0 });
    const said = await counter.tries('library.import', 'images', goods.text);
    expect(said).toMatchObject({ code: 1, stderr: expect.stringContaining('503 Service Unavailable') });
    expect(counter.simulator.contents('notes')).toMatchObject({ files: [] });
    counter.simulator.inject({ do: 'answer', on: 'session.create', status: 503, retryAfter: 0 });
    const report = await ours({ to: 'images/ours', files: [goods.text] });
    expect(report).toMatchObject({ outcome: 'done', retries: 1 });
  });

  it('should leave an item and a session behind when govc meets an error at the PUT; we leave nothing, or go on', async () => {
    counter.simulator.inject({ do: 'answer', on: 'put', status: 503, afterBytes: 4 });
    const said = await counter.tries('library.import', 'images', goods.text);
    expect(said).toMatchObject({ code: 1, stderr: expect.stringContaining('503 Service Unavailable') });
    const { library } = counter.simulator.ports();
    const [left] = await library.listSessions();
    expect(await library.getSession(left!)).toMatchObject({ state: 'ACTIVE' });
    expect(await counter.tries('library.import', 'images', goods.text)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('already_exists')
    });
    counter.simulator.inject({ do: 'answer', on: 'put', status: 503, afterBytes: 4 });
    const report = await ours({ to: 'images/ours', files: [goods.text] });
    expect(report).toMatchObject({ outcome: 'done', retries: 1 });
    expect(await counter.held('ours')).toEqual({ 'notes.txt': await digestOf(goods.text) });
    expect(await library.listSessions()).toEqual([left]);
  });

  it('should be told by nobody to govc that bytes came in changed, where no checksum was given', async () => {
    counter.simulator.inject({ do: 'corrupt', on: 'put', atByte: 3 });
    expect(await counter.tries('library.import', 'images', goods.text)).toMatchObject({ code: 0, stderr: '' });
    expect(await counter.held('notes')).not.toEqual({ 'notes.txt': await digestOf(goods.text) });
    counter.simulator.inject({ do: 'corrupt', on: 'put', atByte: 3 });
    const report = await ours({ to: 'images/ours', files: [goods.text] });
    expect(report).toMatchObject({ outcome: 'done' });
    expect(await counter.held('ours')).toEqual({ 'notes.txt': await digestOf(goods.text) });
  });

  it('should have govc stop when a file of an OVA is not what the manifest says, with all left behind', async () => {
    counter.simulator.inject({ do: 'corrupt', on: 'put', file: '*.vmdk', atByte: 3 });
    const said = await counter.tries('library.import', '-m', 'images', goods.ova.path);
    expect(said).toMatchObject({ code: 1, stderr: expect.stringContaining('400 Bad Request') });
    const { library } = counter.simulator.ports();
    expect(await library.listSessions()).toHaveLength(1);
    expect(counter.simulator.contents('tiny')).toMatchObject({ files: [] });
  });

  it('should refuse the names that govc makes of an OVA packed with folders; we take it, and check it', async () => {
    const folder = goods.fresh('unpacked');
    const ova = goods.fresh('dotted.ova');
    await mkdir(folder);
    await run('tar', ['xf', goods.ova.path, '-C', folder]);
    await run('tar', ['cf', ova, '-C', folder, ...goods.ova.files.map(({ name }) => `./${name}`)]);
    const said = await counter.tries('library.import', '-m', 'images', ova);
    expect(said).toMatchObject({ code: 1, stderr: expect.stringContaining('./tiny.ovf') });
    const report = await ours({ to: 'images/ours', files: [ova] });
    expect(report).toMatchObject({ outcome: 'done' });
    expect(await counter.held('ours')).toEqual(goods.ovaFiles);
  });

  it('should take a checksum from govc without a word, and not look at it, unless it pulls', async () => {
    const wrong = ['-a', 'SHA256', '-c', '0'.repeat(64)];
    expect(await counter.tries('library.import', ...wrong, 'images', goods.text)).toMatchObject({
      code: 0,
      stderr: ''
    });
    expect(await counter.held('notes')).toEqual({ 'notes.txt': await digestOf(goods.text) });
  });

  it('should end well for govc, when the session turns ERROR after complete was answered; not for us', async () => {
    const { library } = counter.simulator.ports();
    await using turning = await startTurning(counter.door, id => library.failSession(id, 'the disk is full'));
    const env = { ...counter.env, GOVC_URL: withLogin(turning.url).href };
    expect(await runGovc(env, 'library.import', 'images', goods.text)).toMatchObject({ code: 0, stderr: '' });
    expect(counter.simulator.contents('notes')!.files).toEqual([]);
    const report = await ours({ to: 'images/ours', files: [goods.text] }, turning.url);
    expect(report).toMatchObject({ outcome: 'failed', failure: { code: 'SESSION_ERROR' } });
    expect(report.failure?.message).toContain('the disk is full');
    expect(counter.simulator.contents('ours')).toBeUndefined();
  });

  it('should have govc export what it did not get whole, and end well; we say so, and leave no such file', async () => {
    await counter.govc('library.import', 'images', goods.iso);
    const file = goods.fresh('back.iso');
    counter.simulator.inject({ do: 'corrupt', on: 'get', atByte: 3 });
    const said = await counter.tries('library.export', 'images/installer/installer.iso', file);
    expect(said).toMatchObject({ code: 0, stderr: '' });
    expect(await digestOf(file)).not.toBe(await digestOf(goods.iso));
    expect(await counter.simulator.ports().library.listDownloadSessions()).toHaveLength(1);
    counter.simulator.inject({ do: 'corrupt', on: 'get', atByte: 3 });
    const to = goods.fresh('taken');
    await mkdir(to);
    await using vcenter = await connect({ url: counter.door.url, username: 'user', password: 'pass' });
    const report = await download(vcenter, { from: 'images/installer', to }).report;
    expect(report).toMatchObject({ outcome: 'done' });
    expect(await digestOf(join(to, 'installer.iso'))).toBe(await digestOf(goods.iso));
    expect(await counter.simulator.ports().library.listDownloadSessions()).toHaveLength(1);
  });

  it('should have govc say that it removed an ended session with -f, and leave it where it is', async () => {
    await counter.govc('library.import', 'images', goods.text);
    const { library } = counter.simulator.ports();
    const [session] = await library.listSessions();
    expect(await counter.tries('library.session.rm', '-f', session!)).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await library.listSessions()).toEqual([session]);
    await counter.govc('library.session.rm', session!);
    expect(await library.listSessions()).toEqual([]);
  });

  async function ours(spec: UploadSpec, url = counter.door.url) {
    await using vcenter = await connect({ url, username: 'user', password: 'pass' });
    return await upload(vcenter, spec).report;
  }
});
