// What always holds, whatever is asked and happens in whatever order.
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { wordOf } from '../../machines/law.ts';
import { blobsOf } from '../../src/simulator/service/happen.ts';
import type { SessionState } from '../../src/simulator/service/state.ts';
import { find, values } from '../../src/simulator/service/table.ts';
import { findTransfer } from '../../src/simulator/service/transfers.ts';
import type { OperationName, WireArgs } from '../../src/wire/operations.ts';
import { type Model, received, Service } from './fixture.ts';

const NAMES = ['a.iso', 'vm.ovf', 'vm.mf', 'vm.ova'] as const;
const TEXTS: readonly [string, string, string] = [
  '',
  'x',
  '<Envelope><References><File href="a.iso"/></References></Envelope>'
];

type Step =
  | { do: 'ask'; op: OperationName; session: number; name: string; source: 'PUSH' | 'PULL' | 'NONE'; size?: number }
  | {
      do: 'body';
      what: 'begin' | 'bytes' | 'received' | 'dropped' | 'failed' | 'members';
      transfer: number;
      text: string;
    }
  | { do: 'wait'; ms: number }
  | { do: 'restart' };

const OPS: readonly OperationName[] = [
  'session.create',
  'session.get',
  'session.keepAlive',
  'session.complete',
  'session.cancel',
  'session.cancel',
  'session.fail',
  'session.delete',
  'file.add',
  'file.add',
  'file.add',
  'file.remove',
  'file.validate',
  'file.list',
  'item.delete',
  'item.copy',
  'item.create'
];

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('ask' as const),
      op: fc.constantFrom(...OPS),
      session: fc.nat(3),
      name: fc.constantFrom(...NAMES),
      source: fc.constantFrom('PUSH', 'PUSH', 'PULL', 'PULL', 'NONE'),
      size: fc.option(fc.nat(1), { nil: undefined })
    })
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('body' as const),
      what: fc.constantFrom('begin', 'begin', 'bytes', 'received', 'received', 'dropped', 'failed', 'members'),
      transfer: fc.nat(5),
      text: fc.constantFrom(...TEXTS)
    })
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(10, 60_000, 300_001, 300_001) })
  },
  { weight: 1, arbitrary: fc.constant({ do: 'restart' } as const) }
);

const rules = fc.record({
  mismatch: fc.constantFrom('refuse', 'acceptThenError', 'sessionError'),
  dropIsError: fc.boolean(),
  cancelDeletes: fc.constantFrom(false, false, false, true),
  expiredGraceMs: fc.constantFrom(0, 1000),
  endedKeptMs: fc.constantFrom(1000, 3_600_000),
  validatingMs: fc.constantFrom(0, 5),
  itemDeleteUnderSession: fc.constantFrom('sessionError', 'refuse')
});

/** A service that is asked and told at random, and watched all the time. */
class Watched extends Service {
  given: string[] = [];
  #items = 0;
  #parts = 0;

  sessions(): SessionState[] {
    return values(this.state.sessions).sort((a, b) => a.made - b.made);
  }

  /** An item with files, for copies to share. */
  stock(files: Readonly<Record<string, string>>): void {
    this.published(files);
    this.given.push(...blobsOf(this.state));
    this.at += 3_600_001;
    this.happen({ type: 'tick' });
  }

  run(step: Step): void {
    if (step.do === 'wait') {
      this.at += step.ms;
      this.happen({ type: 'tick' });
    } else if (step.do === 'restart') {
      this.state = JSON.parse(JSON.stringify(this.state));
      this.happen({ type: 'restarted' });
    } else if (step.do === 'ask') this.ask(step.op, this.args(step));
    else this.body_(step);
  }

  private args(step: Extract<Step, { do: 'ask' }>): WireArgs {
    const items = this.state.items.flatMap(bucket => Object.keys(bucket));
    const pull = step.source === 'PULL';
    const source = { source_type: step.source, ...(pull && { source_endpoint: { uri: 'http://x' } }) };
    const made = { library_id: this.library(), name: `n${this.#items++}` };
    const specs: Partial<Record<OperationName, Model>> = {
      'session.create': { library_item_id: items[step.session] ?? 'none' },
      'item.create': { ...made, type: pull ? 'ovf' : '' },
      'item.copy': made,
      'file.add': { name: step.name, size: step.size, ...source }
    };
    return {
      update_session_id: this.sessions()[step.session]?.id ?? 'none',
      library_item_id: items[step.session] ?? 'none',
      source_library_item_id: items[step.session] ?? 'none',
      file_name: step.name,
      client_error_message: 'x',
      spec: specs[step.op]
    };
  }

  private body_(step: Extract<Step, { do: 'body' }>): void {
    const transfers = this.state.transfers.flatMap(bucket => Object.keys(bucket)).sort();
    const transfer = transfers[step.transfer] ?? transfers[0];
    if (transfer === undefined) return;
    const blob = `given-${++this.#parts}`;
    if (step.what === 'begin') this.happen({ type: 'begin', transfer });
    if (step.what === 'bytes') this.happen({ type: 'bytesArrived', transfer, received: 1 });
    if (step.what === 'dropped') this.happen({ type: 'dropped', transfer });
    if (step.what === 'failed') this.happen({ type: 'transferFailed', transfer, message: 'disk' });
    if (step.what === 'received') {
      this.given.push(blob);
      this.happen({ type: 'received', transfer, ...received(blob, step.text) });
    }
    if (step.what === 'members' && findTransfer(this.state, transfer)?.unpack) {
      const members = NAMES.slice(0, 3).map(name => ({ name, ...received(`${blob}-${name}`, step.text) }));
      this.given.push(...members.map(member => member.blob));
      this.happen({ type: 'received', transfer, ...received(blob, 'archive'), members });
    }
  }
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(frozen);
  }
  return value;
}

/** How many runs there were, and in how many of them a session was seen in each end. */
let runs = 0;
const ends: Record<string, number> = {};

describe('the service', () => {
  it('should hold what it promises over any sequence of operations and happenings', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 80 }), rules, (steps, chosen) => {
        const s = new Watched({}, chosen as ConstructorParameters<typeof Service>[1]);
        s.stock({ 'a.iso': 'x', 'vm.ovf': TEXTS[2] });
        for (const [i, type] of ['', 'ovf', 'ovf'].entries()) s.session(s.item(type, `item ${i}`));
        const reached = new Set<string>();
        for (const each of steps) {
          const before = frozen(s.state);
          const said = s.freed.length;
          s.run(each);
          // An ended session stays as it ended, until it is gone.
          for (const was of values(before.sessions)) {
            const is = find(s.state.sessions, was.id);
            const word = wordOf(was.state);
            if (is && word !== 'ACTIVE') expect(is.state).toEqual(was.state);
            // What is DONE was received in full, and only DONE changes the item.
            if (is && word === 'ACTIVE' && wordOf(is.state) === 'DONE') {
              expect(is.files.every(file => wordOf(file.state) === 'READY')).toBe(true);
            } else if (is && word === 'ACTIVE') {
              const item = find(before.items, was.itemId);
              const now = find(s.state.items, was.itemId);
              if (item && now) expect(now.files).toEqual(item.files);
            }
          }
          for (const { state } of s.sessions()) reached.add(wordOf(state));
          // At most one session of an item is open.
          const open = s.sessions().filter(session => wordOf(session.state) === 'ACTIVE');
          expect(new Set(open.map(session => session.itemId)).size).toBe(open.length);
          // A blob is held or freed: never both, never neither, never twice.
          const held = blobsOf(s.state);
          expect(new Set(s.freed).size).toBe(s.freed.length);
          expect([...held, ...s.freed].toSorted()).toEqual(s.given.toSorted());
          expect(s.freed.slice(said).every(blob => !held.includes(blob))).toBe(true);
          // Upload URLs lead somewhere.
          for (const key of s.state.transfers.flatMap(bucket => Object.keys(bucket))) {
            expect(findTransfer(s.state, key)).toBeDefined();
          }
          expect(JSON.parse(JSON.stringify(s.state))).toStrictEqual(s.state);
        }
        runs++;
        for (const word of reached) ends[word] = (ends[word] ?? 0) + 1;
        // Nothing is left when everything is deleted and time has passed.
        s.at += 10_000_000;
        s.do('localLibrary.delete', { library_id: s.library() });
        s.at += 10_000_000;
        s.happen({ type: 'tick' });
        expect(s.freed.toSorted()).toEqual(s.given.toSorted());
        expect(
          [s.state.sessions, s.state.items, s.state.transfers, s.state.tokens].flatMap(table => values<unknown>(table))
        ).toEqual([]);
        expect(s.state.dueAt).toBeNull();
      }),
      { numRuns: 150 }
    );
  });

  it('should go on after a JSON round trip as if there had been none', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.array(step, { maxLength: 20 }), (first, second) => {
        const s = new Watched();
        s.session(s.item('ovf'));
        for (const each of first) s.run(each);
        const other = new Watched();
        other.session(other.item('ovf'));
        for (const each of first) other.run(each);
        other.state = JSON.parse(JSON.stringify(other.state));
        for (const each of second) {
          s.run(each);
          other.run(each);
        }
        expect(other.state).toStrictEqual(s.state);
        expect(other.freed).toEqual(s.freed);
      }),
      { numRuns: 100 }
    );
  });

  afterAll(() => {
    // The generator has to reach every end often enough to mean something.
    for (const end of ['DONE', 'ERROR', 'CANCELED', 'expired'])
      expect((ends[end] ?? 0) / runs, `${end} in ${JSON.stringify(ends)} of ${runs}`).toBeGreaterThan(0.07);
  });
});
