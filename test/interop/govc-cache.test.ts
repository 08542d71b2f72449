import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSimulator, virtualClock } from '../../src/simulator/index.ts';
import { type Counter, counterFor, WAYS } from './govc.ts';
import { type Goods, makeGoods } from './goods.ts';
import { peers } from './peer-processes.ts';

const LOGINS = ['soap.RetrieveServiceContent', 'soap.Login', 'login.create'];
const CACHED = WAYS.filter(({ cached }) => cached);

let goods: Goods;
beforeAll(async () => {
  goods = await makeGoods();
});
afterAll(() => goods[Symbol.asyncDispose]());

// Without Go there is no real govc to run.
describe.skipIf(peers === undefined).each(CACHED)('the session cache of the real govc, $name', way => {
  it('should have govc look after its sessions, and use them again', async () => {
    await using before = await openCounter();
    await before.counter.govc('library.import', 'images', goods.text);
    expect(before.counter.seen()).toEqual(expect.arrayContaining(LOGINS));
    await before.counter.govc('library.import', 'images', goods.iso);
    const asked = before.counter.seen();
    expect(asked.slice(0, 2)).toEqual(['soap.RetrievePropertiesEx', 'login.get']);
    for (const login of LOGINS) expect(asked).not.toContain(login);
  });

  it('should have govc log in again when its sessions were ended', async () => {
    await using before = await openCounter();
    const { counter } = before;
    await counter.govc('library.import', 'images', goods.text);
    counter.simulator.endLogins();
    counter.seen();
    await counter.govc('library.import', 'images', goods.iso);
    expect(counter.seen()).toEqual(expect.arrayContaining(LOGINS));
    expect(Object.keys(await counter.held('installer'))).toEqual(['installer.iso']);
  });

  it('should have govc log in again when its sessions were not used for half an hour', async () => {
    const clock = virtualClock(Date.now());
    await using before = await openCounter({ clock });
    const { counter } = before;
    await counter.govc('library.info', 'images');
    await clock.advanceBy(29 * 60_000);
    counter.seen();
    await counter.govc('library.info', 'images');
    expect(counter.seen()).not.toContain('soap.Login');
    await clock.advanceBy(31 * 60_000);
    await counter.govc('library.info', 'images');
    expect(counter.seen()).toEqual(expect.arrayContaining(LOGINS));
  });

  it('should have govc log in again after a restart of the server', async () => {
    const store = goods.fresh('store');
    const first = await openCounter({ store });
    const { counter, [Symbol.asyncDispose]: end } = first;
    await counter.govc('library.import', 'images', goods.text);
    await end();
    const again = createSimulator({ clock: virtualClock(Date.now()), store });
    await again.listen({ port: counter.door.port, tls: way.tls });
    expect(await counter.govc('library.ls', 'images/*')).toBe('/images/notes\n');
    expect(await counter.govc('about')).toContain('VirtualCenter');
    expect(again.requests.map(({ op }) => op)).toEqual(expect.arrayContaining(LOGINS));
    await again.close();
  });

  async function openCounter(
    options: Parameters<typeof counterFor>[2] = {}
  ): Promise<AsyncDisposable & { counter: Counter }> {
    const counter = await counterFor(way, goods.fresh('home'), options);
    return { counter, [Symbol.asyncDispose]: () => counter.simulator.close() };
  }
});

// Without Go there is no real govc to run.
describe.skipIf(peers === undefined)('a wrong password', () => {
  it('should stop govc at the first login', async () => {
    const counter = await counterFor(WAYS[0]!, goods.fresh('home'), { users: { user: 'changed' } });
    expect(await counter.tries('library.import', 'images', goods.text)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Cannot complete login due to an incorrect user name or password.')
    });
    expect(await counter.tries('library.ls')).toMatchObject({ code: 1, stderr: expect.stringContaining('401') });
    await counter.simulator.close();
  });
});
