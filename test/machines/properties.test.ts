import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AnyStateMachine, StateValue } from 'xstate';
import { judge, wordOf } from '../../machines/law.ts';
import { updateFileMachine } from '../../machines/service/update-file.ts';
import { type UpdateSessionEvent, updateSessionMachine } from '../../machines/service/update-session.ts';
import { attemptMachine } from '../../machines/workflow/attempt.ts';
import type { CallSpec } from '../../machines/workflow/calls.ts';
import { leaseMachine } from '../../machines/workflow/lease.ts';
import { uploadMachine } from '../../machines/workflow/upload.ts';
import { uploadFileMachine } from '../../machines/workflow/upload-file.ts';
import type { Node } from '../../src/step.ts';
import { walk } from '../../src/step.ts';
import { play, refuse, type Script } from './play.ts';
import { fileIs, fileWith, GOOD, inputWith, POLICY, sessionIs, SHA } from './samples.ts';

const RUNS = 600;
/** How often each end was reached; a generator that leaves one under a tenth tests too little of it. */
class Ends {
  readonly #counts = new Map<string, number>();
  #all = 0;
  add(...reached: string[]): void {
    this.#all += 1;
    for (const end of reached) this.#counts.set(end, (this.#counts.get(end) ?? 0) + 1);
  }
  expectEach(...ends: string[]): void {
    const shares = Object.fromEntries(ends.map(end => [end, (this.#counts.get(end) ?? 0) / this.#all]));
    console.log(`ends reached: ${ends.map(end => `${end} ${Math.round((shares[end] ?? 0) * 100)} %`).join(', ')}`);
    for (const end of ends) expect(shares[end], `share of ${end}`).toBeGreaterThanOrEqual(0.1);
  }
}

/** Mostly nothing wrong, so that good and bad sessions both are common. */
const names = fc.oneof(
  { weight: 3, arbitrary: fc.constant<string[]>([]) },
  { weight: 1, arbitrary: fc.constant(['x']) }
);
const count = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constant(1) });
const summary = fc.record({
  notReceived: names.map(list => list.map(name => ({ name, status: 'WAITING' }))),
  missing: names,
  invalid: names,
  warnings: names,
  pullsRunning: count,
  pullsFailed: fc.oneof({ weight: 7, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constant(1) })
});
const OPERATIONS = [
  'update',
  'keepAlive',
  'complete',
  'cancel',
  'fail',
  'file.add',
  'file.remove',
  'file.validate',
  'file.receive'
];
const sessionEvent: fc.Arbitrary<UpdateSessionEvent> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .constantFrom('get', 'update', 'keepAlive', 'file.list', 'file.get', 'file.remove', 'file.receive')
      .map(type => ({ type }) as UpdateSessionEvent)
  },
  {
    weight: 3,
    arbitrary: fc
      .constantFrom(
        'cancel',
        'cancel',
        'cancel',
        'cancel',
        'cancel',
        'fail',
        'transferFailed',
        'itemDeleted',
        'expire',
        'delete',
        'sweep'
      )
      .chain(type => fc.boolean().map(cancelDeletes => ({ type, rules: { cancelDeletes } }) as UpdateSessionEvent))
  },
  {
    weight: 8,
    arbitrary: summary.chain(its =>
      fc
        .constantFrom('complete', 'file.validate', 'pullSettled')
        .map(type => ({ type, summary: its }) as UpdateSessionEvent)
    )
  },
  {
    weight: 2,
    arbitrary: fc
      .record({ backingGone: fc.boolean(), manifestAfterDescriptor: fc.boolean() })
      .map(its => ({ type: 'file.add', summary: its }) as UpdateSessionEvent)
  }
);

function fold(
  machine: AnyStateMachine,
  initial: StateValue,
  events: readonly { type: string }[],
  each: (before: StateValue, event: { type: string }, accepted: boolean, after: StateValue) => void
): StateValue {
  let state = initial;
  for (const event of events) {
    const judged = judge(machine, state, event);
    const again = judge(machine, JSON.parse(JSON.stringify(state)), JSON.parse(JSON.stringify(event)));
    expect(again).toEqual(judged);
    const after = judged.allowed ? judged.state : state;
    each(state, event, judged.allowed, after);
    state = after;
  }
  return state;
}

describe('any sequence of events', () => {
  it('should never take an ended update session back, nor accept an operation on it', () => {
    const ends = new Ends();
    fc.assert(
      fc.property(fc.array(sessionEvent, { minLength: 5, maxLength: 30 }), events => {
        const reached = new Set<string>();
        fold(updateSessionMachine, { ACTIVE: 'open' }, events, (before, event, accepted, after) => {
          const [was, is] = [wordOf(before), wordOf(after)];
          if (was !== 'ACTIVE' && is !== was) expect(is).toBe('gone');
          if (was !== 'ACTIVE' && OPERATIONS.includes(event.type)) expect(accepted).toBe(false);
          if (was === 'ACTIVE' && event.type === 'delete') expect(accepted).toBe(false);
          if (is === 'DONE' && was !== 'DONE') {
            const its = (
              event as unknown as {
                summary: { notReceived: unknown[]; missing: unknown[]; pullsRunning: number; pullsFailed: number };
              }
            ).summary;
            expect([its.missing.length, its.pullsRunning]).toEqual([0, 0]);
            // A PULL that fails before complete has ended the session already.
            if (event.type === 'complete') expect(its.notReceived).toEqual([]);
            else expect(its.pullsFailed).toBe(0);
          }
          reached.add(is);
        });
        ends.add(...reached);
      }),
      { numRuns: RUNS * 3 }
    );
    ends.expectEach('DONE', 'ERROR', 'CANCELED');
  });

  it('should make a file READY only out of VALIDATING, and never wake a removed one', () => {
    const ends = new Ends();
    const event = fc.oneof(
      {
        weight: 40,
        arbitrary: fc
          .constantFrom('begin', 'received', 'verified', 'begin', 'received', 'verified', 'bytesArrived')
          .map(type => ({ type }))
      },
      {
        weight: 6,
        arbitrary: fc.constantFrom('mismatched', 'transferFailed', 'add', 'add', 'add').map(type => ({ type }))
      },
      { weight: 3, arbitrary: fc.boolean().map(dropIsError => ({ type: 'dropped', rules: { dropIsError } })) },
      { weight: 1, arbitrary: fc.constant({ type: 'remove' }) }
    );
    fc.assert(
      fc.property(fc.array(event, { minLength: 10, maxLength: 40 }), events => {
        const reached = new Set<string>();
        fold(updateFileMachine, 'WAITING_FOR_TRANSFER', events, (before, { type }, _, after) => {
          if (after === 'READY' && before !== 'READY') expect([before, type]).toEqual(['VALIDATING', 'verified']);
          if (before === 'removed') expect(after).toBe('removed');
          reached.add(String(after));
        });
        ends.add(...reached);
      }),
      { numRuns: RUNS }
    );
    ends.expectEach('READY', 'ERROR', 'removed');
  });
});

/** A world that answers well or badly, as drawn; each draw is used once, then all goes well (so every run ends). */
function world(draws: readonly number[], good: Script): Script {
  let turn = 0;
  return (call, times, path) => {
    const draw = draws[turn++] ?? 0;
    const bad = FAULTS[Math.floor(draw / 8)];
    if (draw % 8 !== 7 || bad === undefined) return good(call, times, path);
    return refuse(bad.code, bad.more);
  };
}
const FAULTS = [
  { code: 'CONNECTION', more: { ambiguous: true, sent: 400 } },
  { code: 'CONNECTION', more: {} },
  { code: 'UNAVAILABLE', more: { retryAfterMs: 700 } },
  { code: 'SERVER_ERROR', more: { sent: 1_600, digests: [SHA('a')] } },
  { code: 'NOT_ALLOWED_IN_CURRENT_STATE', more: {} },
  { code: 'NOT_FOUND', more: {} },
  { code: 'CHECKSUM_MISMATCH', more: { sent: 1_600 } },
  { code: 'UNAUTHORIZED', more: {} }
] as const;
const draws = fc.array(fc.integer({ min: 0, max: FAULTS.length * 8 - 1 }), { maxLength: 40 });

/** All contexts through JSON: what follows must be the same. */
function revived(tree: Node): void {
  for (const [, node] of walk(tree)) {
    const plain = JSON.parse(JSON.stringify(node.snapshot.context));
    expect(plain).toEqual(JSON.parse(JSON.stringify({ ...node.snapshot.context })));
    (node.snapshot as { context: unknown }).context = plain;
  }
}

function goodService(held: boolean, wakesDone: () => boolean): Script {
  let state = 'ACTIVE';
  let added = false;
  return ({ op, args }: CallSpec) => {
    switch (op) {
      case 'complete':
        state = 'DONE';
        return null;
      case 'cancelSession':
        state = 'CANCELED';
        return null;
      case 'failSession':
        state = 'ERROR';
        return null;
      case 'getSession':
        return sessionIs(wakesDone() ? 'ERROR' : state);
      case 'findItems':
        return held || added ? ['i1'] : [];
      case 'createItem':
        added = true;
        return 'i1';
      case 'getFile':
        return fileIs('READY', { name: args.name, size: 1_600, digest: SHA('a') });
      case 'listItemFiles':
        return held || state === 'DONE' ? GOOD.listItemFiles : [];
      default:
        return GOOD[op as keyof typeof GOOD];
    }
  };
}

describe('any sequence of answers', () => {
  it('should bring every upload to an end that is true, through JSON at every step', () => {
    const ends = new Ends();
    fc.assert(
      fc.property(
        draws,
        fc.integer({ min: -20, max: 12 }),
        fc.boolean(),
        fc.boolean(),
        (faults, cancelAt, held, known) => {
          let calls = 0;
          const pushes = { made: 0, completes: 0 };
          const script = world(
            faults,
            goodService(held && known, () => false)
          );
          const { tree, output } = play(
            uploadMachine,
            inputWith({ files: [{ name: 'a.bin', size: 1_600, role: 'plain', digest: SHA('a') }] }),
            (call, times, path) => {
              if (call.op === 'push') pushes.made += 1;
              if (call.op === 'complete') pushes.completes += 1;
              return script(call, times, path);
            },
            { cancelAt: () => calls++ === cancelAt, each: revived }
          );
          expect(tree.snapshot.status).toBe('done');
          const end = output() as {
            outcome: string;
            files: { outcome: string; attempts: number }[];
            verified: { verified: string }[];
          };
          if (end.outcome === 'done') {
            expect(end.files.every(({ outcome }) => outcome === 'ready')).toBe(true);
            expect(end.verified.map(({ verified }) => verified)).not.toContain('no');
            expect(pushes.completes).toBeGreaterThan(0);
          }
          if (end.outcome === 'upToDate') expect(pushes.made).toBe(0);
          expect(pushes.made).toBeLessThanOrEqual(POLICY.maxAttempts * 17);
          expect(pushes.completes).toBeLessThanOrEqual(POLICY.maxAttempts);
          ends.add(end.outcome);
        }
      ),
      { numRuns: RUNS }
    );
    ends.expectEach('done', 'failed', 'canceled', 'upToDate');
  });

  it('should bring every file to ready or failed, with bounded attempts', () => {
    const ends = new Ends();
    const status = fc.constantFrom('READY', 'READY', 'VALIDATING', 'TRANSFERRING', 'WAITING_FOR_TRANSFER', 'ERROR');
    fc.assert(
      fc.property(draws, fc.array(status, { maxLength: 12 }), (faults, statuses) => {
        let asked = 0;
        const script = world(faults, ({ op }) => {
          if (op === 'getFile') return fileIs(statuses[asked++] ?? 'READY', { size: 1_600, digest: SHA('a') });
          return GOOD[op as keyof typeof GOOD];
        });
        const { tree, output, calls } = play(uploadFileMachine, fileWith(), script, { each: revived });
        expect(tree.snapshot.status).toBe('done');
        expect(calls.filter(op => op === 'push').length).toBeLessThanOrEqual(POLICY.maxAttempts * 17);
        expect((output() as { ok: boolean; failure?: unknown }).ok).toBe(tree.snapshot.value === 'ready');
        ends.add(String(tree.snapshot.value));
      }),
      { numRuns: RUNS }
    );
    ends.expectEach('ready', 'failed');
  });

  it('should bring every attempt to an end within its budget', () => {
    const ends = new Ends();
    const calls: CallSpec[] = [
      { op: 'createSession', args: { itemId: 'i1', token: 't', before: [] } },
      { op: 'getSession', args: { id: 's1' } },
      { op: 'addFile', args: { sessionId: 's1', name: 'a.bin', size: 1 } },
      { op: 'deleteSession', args: { id: 's1' } },
      { op: 'push', args: { sessionId: 's1', file: 0, name: 'a.bin', size: 1_600, uri: 'u', hash: [] } }
    ];
    fc.assert(
      fc.property(draws, fc.constantFrom(...calls), fc.boolean(), (faults, call, known) => {
        const script = world(
          faults.flatMap(draw => [draw | 7, draw]),
          ({ op }) =>
            op === 'listSessions'
              ? known
                ? ['s1']
                : []
              : op === 'getFile'
                ? fileIs(known ? 'READY' : 'WAITING_FOR_TRANSFER')
                : 'yes'
        );
        const {
          tree,
          calls: made,
          output,
          waits
        } = play(attemptMachine, { call, policy: POLICY }, script, { each: revived });
        expect(tree.snapshot.status).toBe('done');
        expect(made.filter(op => op === call.op).length).toBeLessThanOrEqual(POLICY.maxAttempts * 17);
        for (const wait of waits) expect(wait).toBeLessThanOrEqual(POLICY.retryAfterCapMs * 1.1 + POLICY.capMs);
        ends.add((output() as { ok: boolean }).ok ? 'succeeded' : 'failed');
      }),
      { numRuns: RUNS }
    );
    ends.expectEach('succeeded', 'failed');
  });

  it('should end a lease only when its session has ended', () => {
    const ends = new Ends();
    fc.assert(
      fc.property(
        draws,
        fc.integer({ min: 1, max: 12 }),
        fc.constantFrom('ERROR', 'CANCELED', 'gone'),
        (faults, after, how) => {
          let asked = 0;
          const script = world(faults, ({ op }) => {
            if (op !== 'getSession') return null;
            asked += 1;
            return asked < after ? sessionIs('ACTIVE') : how === 'gone' ? refuse('NOT_FOUND') : sessionIs(how);
          });
          const { tree, output } = play(
            leaseMachine,
            { kind: 'update', sessionId: 's1', sessionTimeoutMs: 300_000, policy: POLICY },
            script,
            { each: revived }
          );
          expect(tree.snapshot.status).toBe('done');
          ends.add((output() as { failure: { code: string } }).failure.code);
        }
      ),
      { numRuns: RUNS }
    );
    ends.expectEach('SESSION_ERROR', 'SESSION_CANCELED', 'SESSION_LOST');
  });
});
