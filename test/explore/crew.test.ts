import { describe, expect, it } from 'vitest';
import { inOrder, type Share, type Worker } from './crew.ts';
import type { Played } from './explore.ts';

const came = (seed: number): Played => ({ seed, end: 'upload done', interactions: seed, lives: 1, findings: [] });
const playedIn = ({ from, to }: Share) => Array.from({ length: to - from }, (_, at) => came(from + at));

/** Workers that answer when they are told to, or never. */
function slowWorkers(count: number) {
  const asked: { readonly share: Share; answer(): void; fail(cause: Error): void }[] = [];
  const workers: Worker<Played>[] = Array.from({ length: count }, () => ({
    play: share =>
      new Promise((resolve, reject) => asked.push({ share, answer: () => resolve(playedIn(share)), fail: reject }))
  }));
  return { workers, asked };
}

const turn = () => new Promise(resolve => setImmediate(resolve));

async function seedsOf(played: AsyncIterable<Played>): Promise<number[]> {
  const seeds: number[] = [];
  for await (const { seed } of played) seeds.push(seed);
  return seeds;
}

describe('a crew', () => {
  it.each([1, 2, 3, 7])(
    'should give what seeds came to in their order: %i workers, the last answers first',
    async count => {
      const { workers, asked } = slowWorkers(count);
      const seeds = seedsOf(inOrder({ from: 5, to: 48, workers, each: 4 }));
      let most = 0;
      for (await turn(); asked.length > 0; await turn()) {
        most = Math.max(most, asked.length);
        asked.pop()?.answer();
      }
      expect(await seeds).toEqual(Array.from({ length: 43 }, (_, at) => 5 + at));
      expect(most).toBe(count);
    }
  );

  it('should wait for a worker that is slow, before others have played too much', async () => {
    const { workers, asked } = slowWorkers(2);
    const seeds = seedsOf(inOrder({ from: 0, to: 1_000, workers, each: 1 }));
    await turn();
    const slow = asked.find(({ share }) => share.from === 0);
    const others = () => asked.filter(its => its !== slow);
    let played = 0;
    for (; others().length > 0; await turn()) {
      for (const its of others()) {
        asked.splice(asked.indexOf(its), 1);
        its.answer();
        played += 1;
      }
    }
    expect(played).toBe(99);
    slow?.answer();
    asked.length = 0;
    for (await turn(); asked.length > 0; await turn()) asked.shift()?.answer();
    expect((await seeds).length).toBe(1_000);
  });

  it('should give what is finished when it is interrupted, and begin nothing more', async () => {
    const { workers, asked } = slowWorkers(2);
    const interrupt = new AbortController();
    const seeds = seedsOf(inOrder({ from: 0, to: 100, workers, each: 10, signal: interrupt.signal }));
    await turn();
    const [one, other] = asked.splice(0);
    (one?.share.from === 10 ? one : other)?.answer();
    await turn();
    interrupt.abort();
    expect(await seeds).toEqual(playedIn({ from: 10, to: 20 }).map(({ seed }) => seed));
    expect(asked.length).toBe(1);
  });

  it('should tell of a worker that died, after what was finished', async () => {
    const { workers, asked } = slowWorkers(1);
    const seeds: number[] = [];
    const all = (async () => {
      for await (const { seed } of inOrder({ from: 0, to: 4, workers, each: 2 })) seeds.push(seed);
    })();
    await turn();
    asked.shift()?.answer();
    await turn();
    asked.shift()?.fail(new Error('it died'));
    await expect(all).rejects.toThrow('it died');
    expect(seeds).toEqual([0, 1]);
  });
});
