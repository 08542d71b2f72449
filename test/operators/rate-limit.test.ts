// A limit on bytes a second, on a virtual clock: never more than it allows, and hardly less.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limitedBytes, rateLimit } from '../../src/adapters/rate-limit.ts';
import { download } from '../../src/download.ts';
import { memoryJournal } from '../../src/events/memory-journal.ts';
import type { ByteTransfer, PushRequest } from '../../src/ports.ts';
import { createSimulator, virtualClock } from '../../src/simulator/index.ts';
import { upload } from '../../src/upload.ts';
import { memoryTarget } from '../download/memory-target.ts';
import { bytesOf } from '../run/bytes.ts';

const KIB = 1024;

/** A data plane without end or delay that notes when how much went through it. */
function noting(now: () => number) {
  const seen: { at: number; bytes: number }[] = [];
  const bytes: ByteTransfer = {
    push: async ({ source, signal }) => {
      let sent = 0;
      for await (const chunk of source.read(signal, true)) {
        sent += chunk.length;
        seen.push({ at: now(), bytes: chunk.length });
      }
      return { sent, digests: [] };
    },
    fetch: async ({ sink }) => {
      await sink.write(Buffer.alloc(64 * KIB), 0);
      return { received: 64 * KIB, resumed: false };
    }
  };
  return { seen, bytes };
}

const pushOf = (size: number, chunk: number, signal?: AbortSignal): PushRequest => ({
  uri: 'http://vc.example/x',
  source: bytesOf(Buffer.alloc(size), chunk),
  hash: [],
  ...(signal && { signal })
});

/** Bytes that went through by the instant, at most and at least what the rate allows. */
function heldTo(seen: readonly { at: number; bytes: number }[], rate: number, beganAt: number): void {
  const largest = Math.max(...seen.map(({ bytes }) => bytes));
  let total = 0;
  for (const { at, bytes } of seen) {
    total += bytes;
    // A hundredth of a millisecond is what instants of today are exact to.
    expect(total).toBeLessThanOrEqual((rate * (at - beganAt + 0.01)) / 1000 + largest);
  }
  // The last piece goes before it is paid for.
  expect(total).toBeGreaterThanOrEqual(((rate * (seen.at(-1)!.at - beganAt)) / 1000) * 0.98);
}

describe('a limit', () => {
  it('should let through what the rate allows and one piece, at every instant, for one file or many', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 8, max: 20_000 }),
        fc.integer({ min: 1, max: 3_000 }),
        async (files, kibPerSecond, chunkKib) => {
          const clock = virtualClock();
          const rate = kibPerSecond * KIB;
          const { seen, bytes } = noting(clock.now);
          const limited = limitedBytes(bytes, rateLimit({ bytesPerSecond: rate, clock }));
          const beganAt = clock.now();
          const each = Math.ceil((rate * 2) / files);
          await clock.run(Promise.all(Array.from({ length: files }, () => limited.push(pushOf(each, chunkKib * KIB)))));
          expect(seen.reduce((sum, its) => sum + its.bytes, 0)).toBe(each * files);
          heldTo(seen, rate, beganAt);
          // No burst: a tenth of a second at most at one instant, whatever the source gives at a time.
          const at = new Map<number, number>();
          for (const its of seen) at.set(its.at, (at.get(its.at) ?? 0) + its.bytes);
          expect(Math.max(...at.values())).toBeLessThanOrEqual(Math.max(rate / 10 + 2, 2 * files));
        }
      ),
      { numRuns: 15, seed: 4 }
    );
  });

  it('should let every one of very many files come to its turn long before a time-out', async () => {
    const clock = virtualClock();
    const limit = rateLimit({ bytesPerSecond: 64 * KIB, clock });
    const last = new Map<number, number>();
    let longest = 0;
    await clock.run(
      Promise.all(
        Array.from({ length: 300 }, async (_, file) => {
          for (let done = 0; done < 3 * KIB; ) {
            const piece = limit.piece();
            await limit.take(piece);
            done += piece;
            longest = Math.max(longest, clock.now() - (last.get(file) ?? clock.now()));
            last.set(file, clock.now());
          }
        })
      )
    );
    expect(longest).toBeGreaterThan(0);
    expect(longest).toBeLessThan(30_000);
  });

  it('should make good what a late timer missed, but save up no more', async () => {
    const clock = virtualClock();
    const limit = rateLimit({ bytesPerSecond: 100 * KIB, clock });
    await limit.take(10 * KIB);
    await clock.advanceBy(130);
    const beganAt = clock.now();
    // 30 ms of the last 130 were not used: the first goes at once, the second as if it had been in time.
    await limit.take(10 * KIB);
    await clock.run(limit.take(10 * KIB));
    expect(clock.now() - beganAt).toBe(70);
    await clock.advanceBy(3_600_000);
    const after = clock.now();
    for (let turn = 0; turn < 10; turn += 1) await clock.run(limit.take(10 * KIB));
    expect(clock.now() - after).toBe(850);
  });

  it('should take nobody’s turn for bytes that were called off', async () => {
    const clock = virtualClock();
    const limit = rateLimit({ bytesPerSecond: 100 * KIB, clock });
    const stop = new AbortController();
    await limit.take(10 * KIB);
    const waits = limit.take(1000 * KIB, stop.signal);
    stop.abort('called off');
    await expect(waits).rejects.toBe('called off');
    const beganAt = clock.now();
    await clock.run(limit.take(10 * KIB));
    expect(clock.now() - beganAt).toBe(100);
    await expect(limit.take(1, stop.signal)).rejects.toBe('called off');
  });

  it('should not wait for a wall clock that was set back', async () => {
    const clock = virtualClock();
    let behind = 0;
    const limit = rateLimit({
      bytesPerSecond: 100 * KIB,
      clock: { now: () => clock.now() - behind, sleepUntil: (at, signal) => clock.sleepUntil(at + behind, signal) }
    });
    await limit.take(10 * KIB);
    behind = 3_600_000;
    const beganAt = clock.now();
    await clock.run(limit.take(10 * KIB));
    expect(clock.now() - beganAt).toBe(100);
  });

  it.each([0, 20, -1, Number.NaN, Number.POSITIVE_INFINITY])('should refuse %s bytes a second', bytesPerSecond => {
    expect(() => rateLimit({ bytesPerSecond, clock: virtualClock() })).toThrow(/at least 1024 bytes a second/);
  });

  it('should hold an upload of several files and a download to it, as the simulator sees them', async () => {
    const clock = virtualClock();
    const simulator = createSimulator({ clock });
    const ports = simulator.connect({ journal: memoryJournal(), latencyMs: 1 });
    const limited = { ...ports, bytes: limitedBytes(ports.bytes, rateLimit({ bytesPerSecond: 100 * KIB, clock })) };
    const sizes = [300, 500, 0, 200].map(kib => kib * KIB);
    const files = sizes.map((size, index) => ({
      name: `${index}.bin`,
      source: bytesOf(Buffer.alloc(size, index), 64 * KIB)
    }));
    const run = upload(limited, { to: 'images/item', files });
    const moments: [number, number][] = [];
    run.progress$.subscribe(({ at, total }) => moments.push([at, total.sent]));
    const report = await clock.run(run.report);
    expect(report).toMatchObject({ outcome: 'done', sent: 1000 * KIB, retries: 0 });
    const took = report.endedAt - report.startedAt;
    expect(took).toBeGreaterThan(9_900);
    expect(took).toBeLessThan(10_600);
    // Smooth: between two looks at the progress there is never more than a quarter of a second's worth.
    for (const [index, [at, sent]] of moments.entries()) {
      const [before, earlier] = moments[index - 1] ?? [report.startedAt, 0];
      expect(sent - earlier).toBeLessThanOrEqual(0.1 * KIB * (at - before) + 25 * KIB);
    }

    const target = memoryTarget();
    const back = await clock.run(download(limited, { from: 'images/item', to: target }).report);
    expect(back).toMatchObject({ outcome: 'done', kept: 1000 * KIB, retries: 0 });
    expect(back.endedAt - back.startedAt).toBeGreaterThan(9_800);
    expect(back.endedAt - back.startedAt).toBeLessThan(10_600);
    expect(target.kept.get('2.bin')).toHaveLength(0);
  });
});
