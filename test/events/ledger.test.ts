import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SessionFile } from '../../machines/vocabulary.ts';
import { Ledger } from '../../src/events/ledger.ts';
import type { FileBytes } from '../../src/events/records.ts';

const file = (bytesTransferred: number, more: Partial<SessionFile> = {}): SessionFile => ({
  name: 'a',
  sourceType: 'PUSH',
  status: 'TRANSFERRING',
  bytesTransferred,
  ...more
});

function ledgerOf(size = 100) {
  const told: [string, FileBytes][] = [];
  const ledger = new Ledger([{ name: 'a', size }], (name, { sent, accepted }) => told.push([name, { sent, accepted }]));
  return { ledger, told };
}

describe('the ledger of bytes', () => {
  it('should add up what all attempts sent, and forget what a broken one was accepted of', () => {
    const { ledger } = ledgerOf();
    ledger.begin('a');
    ledger.sent('a', 60);
    ledger.told(file(40));
    expect(ledger.totalOf('a')).toEqual({ sent: 60, accepted: 40, attempts: 1 });
    ledger.begin('a');
    ledger.sent('a', 30);
    expect(ledger.totalOf('a')).toEqual({ sent: 90, accepted: 0, attempts: 2 });
  });

  it('should say how far all files are, by what is moved or by what the service has', () => {
    const ledger = new Ledger([{ name: 'a', size: 300 }, { name: 'b', size: 100 }, { name: 'c' }], () => undefined);
    expect([ledger.percent(), ledger.percent('accepted')]).toEqual([0, 0]);
    ledger.begin('a');
    ledger.sent('a', 150);
    ledger.told(file(50));
    expect([ledger.percent(), ledger.percent('accepted')]).toEqual([37, 12]);
    ledger.taken('a');
    ledger.begin('b');
    ledger.sent('b', 100);
    expect([ledger.percent(), ledger.percent('accepted')]).toEqual([100, 75]);
    ledger.sent('c', 1_000);
    expect(ledger.percent()).toBe(100);
    expect(new Ledger([{ name: 'c' }], () => undefined).percent()).toBeUndefined();
  });

  it('should count from the beginning again where the server did not go on', () => {
    const { ledger } = ledgerOf();
    ledger.begin('a', 60);
    ledger.sent('a', 80);
    expect(ledger.totalOf('a').sent).toBe(20);
    ledger.sent('a', 60);
    expect(ledger.totalOf('a').sent).toBe(0);
    ledger.sent('a', 10);
    expect(ledger.totalOf('a').sent).toBe(10);
  });

  it('should tell the counts of the running attempt', () => {
    const { ledger, told } = ledgerOf();
    ledger.sent('a', 60);
    ledger.begin('a');
    ledger.sent('a', 10);
    ledger.told(file(5));
    expect(told.map(([, { sent, accepted }]) => [sent, accepted])).toEqual([
      [60, 0],
      [0, 0],
      [10, 0],
      [10, 5]
    ]);
  });

  it('should take a READY file for whole, by the size that the service tells, or by its own', () => {
    const { ledger } = ledgerOf();
    ledger.told(file(0, { status: 'READY', size: 80 }));
    expect(ledger.totalOf('a').accepted).toBe(80);
    ledger.told(file(0, { status: 'READY' }));
    expect(ledger.totalOf('a').accepted).toBe(100);
  });

  it('should count whole what the service took without counting', () => {
    const { ledger, told } = ledgerOf();
    ledger.taken('a');
    expect(ledger.totalOf('a').accepted).toBe(100);
    expect(told).toHaveLength(1);
  });

  it('should say nothing when nothing changed', () => {
    const { ledger, told } = ledgerOf();
    ledger.told(file(5));
    ledger.told(file(5));
    ledger.told(file(3));
    expect(told).toHaveLength(1);
  });

  it('should pass over files it does not know, and entries that stand for what the item has', () => {
    const { ledger, told } = ledgerOf();
    ledger.begin('b');
    ledger.sent('b', 1);
    ledger.taken('b');
    ledger.told(file(7, { name: 'b' }));
    ledger.told(file(7, { sourceType: 'NONE', status: 'READY' }));
    expect(told).toEqual([]);
    expect([ledger.totalOf('a'), ledger.totalOf('b')]).toEqual([
      { sent: 0, accepted: 0, attempts: 0 },
      { sent: 0, accepted: 0, attempts: 0 }
    ]);
  });

  it('should never tell more than the size, nor fall within an attempt', () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('told' as const), bytes: fc.integer({ min: 0, max: 250 }), ready: fc.boolean() }),
      fc.record({ do: fc.constant('sent' as const), bytes: fc.integer({ min: 0, max: 100 }) }),
      fc.record({ do: fc.constant('begin' as const) })
    );
    fc.assert(
      fc.property(fc.array(step), steps => {
        const { ledger } = ledgerOf();
        let last = 0;
        for (const its of steps) {
          if (its.do === 'begin') ledger.begin('a');
          if (its.do === 'sent') ledger.sent('a', its.bytes);
          if (its.do === 'told') ledger.told(file(its.bytes, its.ready ? { status: 'READY' } : {}));
          const { accepted } = ledger.totalOf('a');
          expect(accepted).toBeLessThanOrEqual(100);
          if (its.do !== 'begin') expect(accepted).toBeGreaterThanOrEqual(last);
          last = accepted;
        }
      })
    );
  });

  it('should hold what the service fetched of a file whose size nobody knew', () => {
    const ledger = new Ledger([{ name: 'a' }], () => undefined);
    ledger.begin('a');
    ledger.told(file(70, { sourceType: 'PULL' }));
    ledger.told(file(20, { sourceType: 'PULL' }));
    expect(ledger.totalOf('a')).toEqual({ sent: 0, accepted: 70, attempts: 1 });
    expect(ledger.percent()).toBeUndefined();
    ledger.told(file(75, { sourceType: 'PULL', status: 'READY' }));
    expect(ledger.totalOf('a').accepted).toBe(75);
    ledger.told(file(0, { sourceType: 'PULL', status: 'READY', size: 80 }));
    ledger.taken('a');
    expect(ledger.totalOf('a').accepted).toBe(80);
  });
});
