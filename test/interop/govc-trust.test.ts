import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Counter, counterFor, type Env, runGovc, type Said, WAYS } from './govc.ts';
import { type Goods, makeGoods } from './goods.ts';
import { peers } from './peer-processes.ts';

// Without Go there is no real govc to run.
describe.skipIf(peers === undefined)('the real govc and our certificate', () => {
  let goods: Goods;
  let counter: Counter;
  beforeAll(async () => {
    goods = await makeGoods();
    counter = await counterFor(WAYS.find(({ tls }) => tls)!, goods.fresh('home'));
  });
  afterAll(async () => {
    await counter.simulator.close();
    await goods[Symbol.asyncDispose]();
  });

  it('should not be trusted without a word, and nothing be told to the server', async () => {
    expect(await brings({})).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('certificate signed by unknown')
    });
    expect(counter.seen()).toEqual([]);
  });

  it('should be trusted by its CA file', async () => {
    expect(await brings({ GOVC_TLS_CA_CERTS: counter.env.GOVC_TLS_CA_CERTS! })).toMatchObject({ code: 0, stderr: '' });
  });

  it('should be taken unseen with -k', async () => {
    expect(await brings({}, '-k')).toMatchObject({ code: 0, stderr: '' });
  });

  it.each(['sha1', 'sha256'] as const)('should be known by its thumbprint as %s', async kind => {
    const known = goods.fresh('known_hosts');
    await writeFile(known, `127.0.0.1:${counter.door.port} ${counter.door.thumbprints![kind]}\n`);
    expect(await brings({ GOVC_TLS_KNOWN_HOSTS: known })).toMatchObject({ code: 0, stderr: '' });
  });

  it('should be refused when the thumbprint is of another', async () => {
    const known = goods.fresh('known_hosts');
    const other = counter.door.thumbprints!.sha1.replace(/^../, was => (was === '00' ? '01' : '00'));
    await writeFile(known, `127.0.0.1:${counter.door.port} ${other}\n`);
    counter.seen();
    expect(await brings({ GOVC_TLS_KNOWN_HOSTS: known })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('thumbprint does not match')
    });
    expect(counter.seen()).toEqual([]);
  });

  let brought = 0;
  /** Brings an item over, so that login, calls and bytes all had to trust. */
  function brings(trust: Env, ...flags: string[]): Promise<Said> {
    const { GOVC_TLS_CA_CERTS: _, ...env } = counter.env;
    return runGovc({ ...env, ...trust }, 'library.import', ...flags, '-n', `notes-${++brought}`, 'images', goods.text);
  }
});
