// Many runs of one process against a server that fails: the budget bounds what all of them together may ask again, and the
// waits are those that the server asked for, or drawn from the whole span below the ceiling.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failure } from '../../machines/vocabulary.ts';
import { backOffMs } from '../../machines/workflow/calls.ts';
import { twice } from '../../src/adapters/http/request.ts';
import { memoryJournal } from '../../src/events/memory-journal.ts';
import type { RunEvent } from '../../src/events/records.ts';
import { BUDGET_TOKENS, DEFAULT_POLICY } from '../../src/policy.ts';
import { PortFailure } from '../../src/ports.ts';
import { createRetryBudget } from '../../src/retry-budget.ts';
import type { Fault } from '../../src/simulator/faults.ts';
import { createSimulator, seededRandom, virtualClock } from '../../src/simulator/index.ts';
import { values } from '../../src/simulator/service/table.ts';
import { upload } from '../../src/upload.ts';
import { retryAfterMs } from '../../src/wire/failures.ts';
import { bytesOf } from '../run/bytes.ts';

const { maxAttempts, retryCost, breakCost, capMs, baseMs, retryAfterCapMs } = DEFAULT_POLICY;

/** All runs at once, by connections of their own that share a budget. */
async function outage(runs: number, tokens: number, faults: readonly Fault[], seed: number) {
  const clock = virtualClock();
  const simulator = createSimulator({ clock, seed });
  for (const fault of faults) simulator.inject(fault);
  const budget = createRetryBudget(tokens);
  const waits: number[] = [];
  const reports = Array.from({ length: runs }, (_, index) => {
    const ports = simulator.connect({
      journal: memoryJournal(),
      random: seededRandom(seed + index),
      budget,
      latencyMs: [1, 30]
    });
    const run = upload(ports, { to: `images/item-${index}`, files: [{ name: 'a.bin', source: bytesOf('fox') }] });
    run.timeline$.subscribe((event: RunEvent) => {
      if (event.type === 'waiting' && event.path.endsWith('/wait')) waits.push(event.until - event.at);
    });
    return run.report;
  });
  const ended = await clock.run(Promise.all(reports));
  const retries = ended.reduce((sum, report) => sum + report.retries, 0);
  return { simulator, ended, waits, retries };
}

describe('a server that always fails', () => {
  it.each([
    ['answers no for now', retryCost, { do: 'answer', status: 503 }],
    ['breaks every connection', breakCost, { do: 'refuse' }]
  ] as const)(
    'should be asked again no more often than the budget allows, by however many runs: it %s',
    async (_, cost, how) => {
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 1, max: 20 }),
          fc.integer({ min: 0, max: 200 }),
          fc.integer(),
          async (runs, tokens, seed) => {
            const { ended, retries, simulator } = await outage(
              runs,
              tokens,
              [{ on: '*', times: 'always', ...how }],
              seed
            );
            expect(retries).toBe(Math.min(runs * (maxAttempts - 1), Math.floor(tokens / cost)));
            expect(simulator.requests).toHaveLength(runs + retries);
            // Whoever could not try as often as it may says why.
            const spent = ended.filter(({ failure: why }) => why?.budgetSpent === true).length;
            expect(spent === 0).toBe(runs * (maxAttempts - 1) <= Math.floor(tokens / cost));
          }
        ),
        { numRuns: 8 }
      );
    }
  );
  it('should see no more than a tenth more requests than there are new ones, once they are many', async () => {
    const always = { on: '*', do: 'answer', status: 503, times: 'always' } as const;
    const { simulator, retries } = await outage(100, 50, [always], 1);
    expect([retries, simulator.requests.length]).toEqual([10, 110]);
  });
  it('should be left as it was by runs whose budget was spent when they had begun', async () => {
    const { simulator, ended } = await outage(
      12,
      20,
      [{ on: ['file.add', 'file.validate', 'session.complete'], do: 'answer', status: 503, times: 'always' }],
      7
    );
    expect(new Set(ended.map(({ outcome }) => outcome))).toEqual(new Set(['failed']));
    expect(ended.filter(({ failure: why }) => why?.budgetSpent === true).length).toBeGreaterThan(6);
    expect(ended.flatMap(({ notes, left }) => [...notes, left]).filter(Boolean)).toEqual([]);
    const { items, sessions } = simulator.state;
    expect([values(items), values(sessions)]).toEqual([[], []]);
  });
});

describe('a server that gets well', () => {
  it('should fill the budget again: what was drawn comes back with the answers', async () => {
    const { ended, retries } = await outage(15, 50, [{ on: '*', do: 'answer', status: 503, probability: 0.1 }], 3);
    expect(new Set(ended.map(({ outcome }) => outcome))).toEqual(new Set(['done']));
    // More than could have been drawn if nothing had come back.
    expect(retries).toBeGreaterThan(50 / retryCost);
  });
});

describe('a wait', () => {
  const tries = fc.integer({ min: 1, max: 200 });
  const luck = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
  const waitMs = (count: number, chance: number, askedMs?: number) =>
    backOffMs(DEFAULT_POLICY, count, {
      at: 0,
      luck: chance,
      failure: failure('UNAVAILABLE', '', { retryAfterMs: askedMs })
    });

  it('should be anywhere between nothing and a ceiling that doubles up to its cap', () => {
    fc.assert(
      fc.property(tries, luck, (count, chance) => {
        const ceiling = Math.min(capMs, baseMs * 2 ** (count - 1));
        expect(waitMs(count, chance)).toBe(Math.round(chance * ceiling));
      })
    );
  });
  it('should never be shorter than Retry-After, in either form, nor much longer than its cap, whatever the header says', () => {
    const now = Date.UTC(2026, 0, 1);
    const seconds = fc.oneof(fc.nat().map(String), fc.bigInt({ min: 0n, max: 10n ** 400n }).map(String));
    const date = fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(8e15) }).map(at => at.toUTCString());
    const other = fc.oneof(fc.string(), fc.constantFrom('-5', '1.5', 'soon', '∞', '1e999', '0x10'));
    fc.assert(
      fc.property(fc.oneof(seconds, date, other), tries, luck, (header, count, chance) => {
        const asked = retryAfterMs(header, now);
        const waited = waitMs(count, chance, asked);
        expect(waited).toBeGreaterThanOrEqual(Math.min(asked ?? 0, retryAfterCapMs));
        expect(waited).toBeLessThanOrEqual(asked ? retryAfterCapMs * 1.1 + 1 : capMs);
      })
    );
  });
});

describe('the second try of a request', () => {
  const failing = (code: 'CONNECTION' | 'TIMED_OUT', times: number) => {
    let asked = 0;
    const send = async () => {
      asked += 1;
      if (asked <= times) throw new PortFailure(failure(code, 'broken'));
      return { status: 200, headers: {}, body: '' };
    };
    return { send, asked: () => asked };
  };
  const request = { method: 'GET', path: '/' } as const;
  /** Left to those who decide what is worth a retry. */
  const half = BUDGET_TOKENS / 2;

  it('should be drawn for, and what was drawn come back when it is answered', async () => {
    const budget = createRetryBudget(half + breakCost);
    const { send, asked } = failing('CONNECTION', 1);
    expect((await twice(send, budget)(request)).status).toBe(200);
    expect([asked(), budget.draw(half + breakCost)]).toEqual([2, true]);
  });
  it('should not be made when half of the budget is spent, and cost what it cost when it fails, too', async () => {
    const poor = failing('CONNECTION', 1);
    await expect(twice(poor.send, createRetryBudget(half + breakCost - 1))(request)).rejects.toThrow('broken');
    expect(poor.asked()).toBe(1);
    const budget = createRetryBudget(half + breakCost);
    const broken = failing('CONNECTION', 2);
    await expect(twice(broken.send, budget)(request)).rejects.toThrow('broken');
    expect([broken.asked(), budget.draw(half + 1), budget.draw(half)]).toEqual([2, false, true]);
  });
  it('should be for broken connections only, and not for who has gone', async () => {
    const budget = createRetryBudget();
    const slow = failing('TIMED_OUT', 1);
    await expect(twice(slow.send, budget)(request)).rejects.toThrow('broken');
    const gone = failing('CONNECTION', 1);
    await expect(twice(gone.send, budget)({ ...request, signal: AbortSignal.abort() })).rejects.toThrow('broken');
    expect([slow.asked(), gone.asked(), budget.draw(500)]).toEqual([1, 1, true]);
  });
});
