import { basename } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { selfSignedCertificate } from '../../src/simulator/http/certificate.ts';
import { values } from '../../src/simulator/service/table.ts';
import { type Counter, counterFor, WAYS } from './govc.ts';
import { digestOf, type Goods, makeGoods } from './goods.ts';
import { type Origin, startOrigin } from './origin.ts';
import { peers } from './peer-processes.ts';

// govc looks every three seconds whether a pull is done, so each of these takes that long. Without Go there is none to run.
describe.skipIf(peers === undefined)('the real govc, having our simulator pull', () => {
  let goods: Goods;
  let plain: Origin;
  let secure: Origin;
  beforeAll(async () => {
    goods = await makeGoods();
    const paths = [goods.text, goods.iso, goods.ova.path];
    plain = await startOrigin(paths);
    secure = await startOrigin(paths, selfSignedCertificate(Date.now(), Buffer.from('00112233445566778899', 'hex')));
  });
  afterAll(async () => {
    await plain[Symbol.asyncDispose]();
    await secure[Symbol.asyncDispose]();
    await goods[Symbol.asyncDispose]();
  });

  it.concurrent('should bring a file', async () => {
    await using opened = await open();
    const { counter } = opened;
    await counter.govc('library.import', '-pull', 'images', `${plain.url}/installer.iso`);
    expect(await counter.held('installer')).toEqual({ 'installer.iso': await digestOf(goods.iso) });
    expect(sessionStates(counter)).toEqual(['DONE']);
    expect(plain.asked).toEqual(expect.arrayContaining(['HEAD /installer.iso', 'GET /installer.iso']));
  });

  it.concurrent('should bring a file that has the checksum it should', async () => {
    await using opened = await open();
    const { counter } = opened;
    const digest = await digestOf(goods.text);
    await counter.govc('library.import', '-pull', '-a', 'SHA256', '-c', digest, 'images', `${plain.url}/notes.txt`);
    expect(await counter.held('notes')).toEqual({ 'notes.txt': digest });
  });

  it.concurrent('should fail when a file has not the checksum it should', async () => {
    await using opened = await open();
    const { counter } = opened;
    const wrong = ['-a', 'SHA256', '-c', '0'.repeat(64)];
    const said = await counter.tries('library.import', '-pull', ...wrong, 'images', `${plain.url}/notes.txt`);
    expect(said.code).toBe(1);
    expect(said.stderr).toMatch(/notes\.txt/);
    expect(counter.simulator.contents('notes')!.files).toEqual([]);
    expect(sessionStates(counter)).toEqual(['ERROR']);
  });

  it.concurrent('should bring the members of an OVA', async () => {
    await using opened = await open();
    const { counter } = opened;
    await counter.govc('library.import', '-pull', 'images', `${plain.url}/${basename(goods.ova.path)}`);
    expect(await counter.held('tiny')).toEqual(goods.ovaFiles);
  });

  it.concurrent('should fail when there is no such file', async () => {
    await using opened = await open();
    const { counter } = opened;
    const said = await counter.tries('library.import', '-pull', 'images', `${plain.url}/nothing.iso`);
    expect(said.code).toBe(1);
    expect(sessionStates(counter)).toEqual(['ERROR']);
  });

  it.concurrent('should fail when the source is not one of those that the simulator may ask', async () => {
    await using opened = await open(false);
    const { counter } = opened;
    const said = await counter.tries('library.import', '-pull', 'images', `${plain.url}/notes.txt`);
    expect(said.code).toBe(1);
    expect(counter.simulator.contents('notes')?.files ?? []).toEqual([]);
  });

  it.concurrent('should bring a file over TLS, by the certificate that govc saw', async () => {
    await using opened = await open();
    const { counter } = opened;
    await counter.govc('library.import', '-k', '-pull', 'images', `${secure.url}/notes.txt`);
    expect(await counter.held('notes')).toEqual({ 'notes.txt': await digestOf(goods.text) });
  });

  it.concurrent('should bring a file over TLS, by the certificate that the simulator saw', async () => {
    await using opened = await open();
    const { counter } = opened;
    // govc itself does not trust the source, and asks the server to look
    await counter.govc('library.import', '-pull', 'images', `${secure.url}/notes.txt`);
    expect(counter.seen()).toContain('file.probe');
    expect(await counter.held('notes')).toEqual({ 'notes.txt': await digestOf(goods.text) });
  });

  async function open(allowed = true): Promise<AsyncDisposable & { readonly counter: Counter }> {
    const counter = await counterFor(WAYS[0]!, goods.fresh('home'), allowed ? { pull: { hosts: ['127.0.0.1'] } } : {});
    return { counter, [Symbol.asyncDispose]: () => counter.simulator.close() };
  }
});

function sessionStates({ simulator }: Counter): unknown[] {
  return values(simulator.state.sessions).map(({ state }) => state);
}
