// One budget for all retries of a process: what is drawn for, what is given back, and what a spent budget does and must not do.
import { describe, expect, it } from 'vitest';
import { failure } from '../../machines/vocabulary.ts';
import { type AttemptResult, attemptMachine } from '../../machines/workflow/attempt.ts';
import type { CallSpec, Order } from '../../machines/workflow/calls.ts';
import { fetchFileMachine } from '../../machines/workflow/fetch-file.ts';
import { leaseMachine } from '../../machines/workflow/lease.ts';
import { costOf, FREE, unpaid } from '../../machines/workflow/retry-budget.ts';
import { uploadMachine } from '../../machines/workflow/upload.ts';
import { uploadFileMachine } from '../../machines/workflow/upload-file.ts';
import { performCall, performDraw } from '../../src/effects/perform.ts';
import { BUDGET_TOKENS, DEFAULT_POLICY } from '../../src/policy.ts';
import type { RetryBudget } from '../../src/ports.ts';
import { createRetryBudget, processBudget } from '../../src/retry-budget.ts';
import { counting, never } from '../effects/counting.ts';
import { byOp, type PlayOptions, play, refuse, turns } from '../machines/play.ts';
import { fileIs, fileWith, GOOD, inputWith, POLICY, sessionIs } from '../machines/samples.ts';

const READ: CallSpec = { op: 'getItem', args: { id: 'i1' } };
const CREATE: CallSpec = { op: 'createSession', args: { itemId: 'i1', token: 't', before: [] } };
const PUSH: CallSpec = {
  op: 'push',
  args: { sessionId: 's1', file: 0, name: 'a.bin', size: 1_600, uri: 'u', hash: [] }
};
const NO = (): boolean => false;

/** An attempt, with the tokens that each of its calls gives back when it is answered. */
function attempt(call: CallSpec, answers: object, options: PlayOptions = {}, more: object = {}) {
  const refunds: unknown[] = [];
  const script = byOp(answers);
  const its = play(
    attemptMachine,
    { call, policy: POLICY, ...more },
    (order, times, path) => {
      refunds.push((order as Order).refund);
      return script(order, times, path);
    },
    options
  );
  return { ...its, refunds, result: its.output() as unknown as AttemptResult };
}

describe('a budget', () => {
  it('should grant what it has, refuse what it has not, and take nothing then', () => {
    const budget = createRetryBudget(12);
    expect([budget.draw(10), budget.draw(5), budget.draw(2), budget.draw(1), budget.draw(0)]).toEqual([
      true,
      false,
      true,
      false,
      true
    ]);
  });
  it('should never hold more than at first', () => {
    const budget = createRetryBudget(10);
    budget.refund(1_000);
    expect([budget.draw(11), budget.draw(10), budget.draw(1)]).toEqual([false, true, false]);
  });
  it('should hold 500 tokens unless said otherwise, as that of the process does', () => {
    expect(BUDGET_TOKENS).toBe(500);
    const budget = createRetryBudget();
    expect([budget.draw(501), budget.draw(500)]).toEqual([false, true]);
    expect(processBudget.draw(501)).toBe(false);
  });
});

describe('a price', () => {
  it.each(['CONNECTION', 'STALLED', 'TIMED_OUT'] as const)('should be the higher one after %s', code => {
    expect(costOf(DEFAULT_POLICY, failure(code, ''))).toBe(10);
  });
  it('should be the lower one after an answer, and nothing where retries are free', () => {
    expect(costOf(DEFAULT_POLICY, failure('UNAVAILABLE', ''))).toBe(5);
    expect(costOf(FREE, failure('CONNECTION', ''))).toBe(0);
  });
  it('should leave the code as it is when it cannot be paid, and say why once', () => {
    const once = unpaid(failure('STALLED', 'no byte moved', { ambiguous: true }));
    expect(once).toEqual({
      code: 'STALLED',
      message: 'no byte moved; not tried again: the retry budget of this process is spent',
      ambiguous: true,
      budgetSpent: true
    });
    expect(unpaid(once)).toEqual(once);
  });
});

describe('an attempt', () => {
  it('should draw for each retry, by what failed, before it waits', () => {
    const its = attempt(READ, { getItem: turns(refuse('UNAVAILABLE'), refuse('CONNECTION'), 'it') });
    expect([its.result.ok, its.draws]).toEqual([true, [5, 10]]);
  });
  it('should give a token when it is answered at once, and what was drawn last when it is not', () => {
    expect(attempt(READ, { getItem: 'it' }).refunds).toEqual([1]);
    const its = attempt(READ, { getItem: turns(refuse('UNAVAILABLE'), refuse('STALLED'), 'it') });
    expect(its.refunds).toEqual([1, 5, 10]);
  });
  it('should fail with what had failed, unchanged but for a word, when nothing is granted', () => {
    const its = attempt(READ, { getItem: refuse('UNAVAILABLE', { retryAfterMs: 3_000 }) }, { grants: NO });
    expect([its.calls, its.waits, its.draws]).toEqual([['getItem'], [], [5]]);
    expect(its.result).toEqual({
      ok: false,
      at: 1_000,
      luck: 0.5,
      attempts: 1,
      doubted: false,
      failure: {
        code: 'UNAVAILABLE',
        message: 'scripted UNAVAILABLE; not tried again: the retry budget of this process is spent',
        retryAfterMs: 3_000,
        budgetSpent: true
      }
    });
  });
  it('should draw nothing for the first question about a doubt, and say that the doubt stays when it may not ask again', () => {
    const asked = attempt(
      CREATE,
      { createSession: refuse('CONNECTION', { ambiguous: true }), listSessions: ['s7'] },
      { grants: NO }
    );
    expect([asked.result.ok, asked.draws, asked.refunds]).toEqual([true, [], [1, 1]]);
    const unknown = attempt(
      CREATE,
      { createSession: refuse('SERVER_ERROR'), listSessions: refuse('UNAVAILABLE') },
      { grants: NO }
    );
    expect([unknown.calls, unknown.draws, unknown.result]).toEqual([
      ['createSession', 'listSessions'],
      [5],
      expect.objectContaining({ ok: false, doubted: true })
    ]);
  });
  it('should draw to call again after it asked, and to ask again when the question failed', () => {
    const again = attempt(CREATE, { createSession: turns(refuse('SERVER_ERROR'), 's8'), listSessions: [] });
    expect([again.result.ok, again.draws, again.refunds]).toEqual([true, [5], [1, 1, 5]]);
    const twice = attempt(CREATE, {
      createSession: refuse('SERVER_ERROR'),
      listSessions: turns(refuse('TIMED_OUT'), ['s7'])
    });
    expect([twice.result.ok, twice.draws, twice.refunds]).toEqual([true, [10], [1, 1, 10]]);
    const unknown: CallSpec = { op: 'addFile', args: { sessionId: 's1', name: 'a.bin', size: 1 } };
    const gone = attempt(
      unknown,
      { addFile: refuse('SERVER_ERROR'), getFile: refuse('INVALID_ARGUMENT') },
      { grants: NO }
    );
    expect([gone.result, gone.draws]).toEqual([
      expect.objectContaining({ ok: false, failure: expect.objectContaining({ code: 'SERVER_ERROR' }) }),
      [5]
    ]);
  });
  it('should draw nothing while the service is still at work', () => {
    const its = attempt(
      PUSH,
      {
        push: refuse('CONNECTION', { ambiguous: true }),
        getFile: turns(fileIs('TRANSFERRING'), fileIs('TRANSFERRING'), fileIs('READY'))
      },
      { grants: NO }
    );
    expect([its.result.ok, its.draws, its.refunds]).toEqual([true, [], [1, 1, 1, 1]]);
  });
  it('should draw nothing for a push that came a sixteenth further, and get back what it had drawn', () => {
    const its = attempt(PUSH, {
      push: turns(
        refuse('CONNECTION', { sent: 0 }),
        refuse('CONNECTION', { sent: 800 }),
        refuse('CONNECTION', { sent: 1_600 }),
        { sent: 1_600, digests: [] }
      ),
      getFile: fileIs('WAITING_FOR_TRANSFER')
    });
    expect([its.result.ok, its.draws]).toEqual([true, [10]]);
    // The question after the second push gives back the ten that it had cost.
    expect(its.refunds).toEqual([1, 1, 10, 10, 1, 1, 1]);
  });
  it('should let a fetch that goes on keep what it drew until it is answered', () => {
    const fetch: CallSpec = {
      op: 'fetch',
      args: { sessionId: 's1', name: 'a.bin', size: 1_600, uri: 'u', from: 0 }
    };
    const its = attempt(fetch, {
      fetch: turns(refuse('CONNECTION', { received: 0 }), refuse('CONNECTION', { received: 900 }), { received: 1_600 })
    });
    expect([its.result.ok, its.draws, its.refunds]).toEqual([true, [10], [1, 10, 10]]);
  });
  it('should draw for its first call, too, when it is made again, and wait for nothing', () => {
    const after = failure('CHECKSUM_MISMATCH', 'the bytes changed');
    const granted = attempt(READ, { getItem: 'it' }, {}, { after });
    expect([granted.result.ok, granted.draws, granted.waits, granted.refunds]).toEqual([true, [5], [], [5]]);
    const refused = attempt(READ, { getItem: 'it' }, { grants: NO }, { after });
    expect([refused.calls, refused.result]).toEqual([
      [],
      expect.objectContaining({ ok: false, attempts: 0, failure: unpaid(after) })
    ]);
  });
  it('should draw nothing at all where retries are free', () => {
    const its = attempt(READ, { getItem: turns(refuse('CONNECTION'), 'it') }, {}, { policy: { ...POLICY, ...FREE } });
    expect([its.result.ok, its.draws]).toEqual([true, []]);
    const again = attempt(
      READ,
      { getItem: 'it' },
      { grants: NO },
      { policy: { ...POLICY, ...FREE }, after: failure('CONNECTION', '') }
    );
    expect([again.result.ok, again.draws, again.waits]).toEqual([true, [], []]);
  });
});

describe('what a plan makes again', () => {
  const FILE = fileWith();
  const again = {
    addFile: fileIs('WAITING_FOR_TRANSFER'),
    push: turns(refuse('TRANSFER_REFUSED'), GOOD.push),
    getFile: turns(fileIs('ERROR'), GOOD.getFile)
  };

  it('should be drawn for: a file that is added anew', () => {
    const its = play(uploadFileMachine, FILE, byOp(again));
    expect([its.output().ok, its.draws]).toEqual([true, [5]]);
    const refused = play(uploadFileMachine, FILE, byOp(again), { grants: NO });
    expect([refused.calls, refused.output()]).toEqual([
      ['addFile', 'push', 'getFile'],
      expect.objectContaining({
        ok: false,
        failure: expect.objectContaining({ code: 'FILE_NOT_RECEIVED', budgetSpent: true })
      })
    ]);
  });
  it('should be drawn for: complete; without it nothing is left behind', () => {
    const answers = {
      ...GOOD,
      getSession: sessionIs('ACTIVE'),
      complete: refuse('UNAVAILABLE'),
      deleteItem: null,
      listItemFiles: []
    };
    const its = play(uploadMachine, inputWith(), byOp(answers), { grants: NO, steps: 300 });
    expect(its.calls.filter(op => op === 'complete')).toHaveLength(1);
    expect(its.output()).toMatchObject({
      outcome: 'failed',
      failure: { code: 'UNAVAILABLE', budgetSpent: true },
      left: false
    });
    expect(its.calls.slice(-3)).toEqual(['deleteSession', 'listItemFiles', 'deleteItem']);
  });
  it('should be drawn for: a file that is prepared and fetched again', () => {
    const input = {
      run: 'r',
      index: 0,
      file: { name: 'a.bin', size: 1_600 },
      sessionId: 's1',
      server: { sessionTimeoutMs: 300_000, reportsSize: true, reportsDigest: false },
      policy: { ...POLICY, maxAttempts: 5 },
      replace: true,
      attempts: 0
    };
    const prepared = { name: 'a.bin', status: 'PREPARED', bytesTransferred: 0, size: 1_600, downloadUri: 'u' };
    const broken = { name: 'a.bin', status: 'ERROR', bytesTransferred: 0 };
    const answers = {
      prepareFile: turns(broken, prepared),
      openPart: { size: 0 },
      fetch: turns(refuse('NOT_FOUND'), { received: 1_599 }, { received: 1_600 }),
      keep: null
    };
    const its = play(fetchFileMachine, input, byOp(answers));
    expect([its.output().ok, its.calls.filter(op => op === 'fetch').length, its.draws]).toEqual([true, 3, [5, 5, 5]]);
    const refused = play(fetchFileMachine, input, byOp(answers), { grants: draw => draw < 3 });
    expect(refused.output()).toMatchObject({ ok: false, failure: { code: 'CHECKSUM_MISMATCH', budgetSpent: true } });
  });
});

describe('what must not want for a token', () => {
  it('should be cleaning up: with a spent budget nothing is left', () => {
    const flaky = (good: unknown) => turns(refuse('CONNECTION'), good);
    const answers = {
      ...GOOD,
      getSession: sessionIs('ACTIVE'),
      validate: refuse('UNAVAILABLE'),
      failSession: flaky(null),
      deleteSession: flaky(null),
      listItemFiles: flaky([]),
      deleteItem: flaky(null)
    };
    const its = play(uploadMachine, inputWith(), byOp(answers), { grants: NO, steps: 300 });
    expect(its.output()).toMatchObject({ outcome: 'failed', left: false, failure: { budgetSpent: true } });
    expect(its.draws).toEqual([5]);
    expect(its.calls.slice(-8)).toEqual([
      'failSession',
      'failSession',
      'deleteSession',
      'deleteSession',
      'listItemFiles',
      'listItemFiles',
      'deleteItem',
      'deleteItem'
    ]);
  });
  it('should be the lease and the watch', () => {
    const lease = play(
      leaseMachine,
      { kind: 'update', sessionId: 's1', sessionTimeoutMs: 300_000, policy: POLICY },
      byOp({
        getSession: turns(refuse('UNAVAILABLE'), sessionIs('ACTIVE'), sessionIs('ERROR')),
        keepAlive: null,
        keepLogin: null
      }),
      { grants: NO }
    );
    expect([lease.output(), lease.draws]).toEqual([
      { failure: expect.objectContaining({ code: 'SESSION_ERROR' }) },
      []
    ]);
    const watched = play(
      uploadMachine,
      inputWith(),
      (call, times, path) =>
        call.op === 'push' && times === 1
          ? refuse('CONNECTION', { sent: 800 })
          : path.startsWith('watch')
            ? refuse('UNAVAILABLE')
            : byOp({ ...GOOD, getFile: fileIs('TRANSFERRING'), getSession: sessionIs('ACTIVE') })(call, times, path),
      { grants: NO, steps: 60 }
    );
    expect([watched.calls.filter(op => op === 'getSession').length > 2, watched.draws]).toEqual([true, []]);
  });
});

describe('an effect', () => {
  const noted = () => {
    const { means } = counting();
    const seen: unknown[] = [];
    const budget: RetryBudget = {
      draw: cost => {
        seen.push(['draw', cost]);
        return cost < 7;
      },
      refund: tokens => void seen.push(['refund', tokens])
    };
    return { means: { ...means, budget }, seen };
  };
  it('should draw from the budget of its connection, once', async () => {
    const { means, seen } = noted();
    expect(await performDraw(means, { cost: 5 }, never)).toEqual({ at: 1_000, luck: 0.25, value: { granted: true } });
    expect(await performDraw(means, { cost: 9 }, never)).toMatchObject({ value: { granted: false } });
    expect(seen).toEqual([
      ['draw', 5],
      ['draw', 9]
    ]);
  });
  it('should give back what its call was told, when it is answered well, and only then', async () => {
    const { means, seen } = noted();
    await performCall(means, { ...READ, refund: 7 }, never);
    await performCall(means, READ, never);
    await performCall(means, { op: 'digest', args: { file: 9, name: '', algorithm: 'SHA1' }, refund: 7 }, never).catch(
      () => undefined
    );
    expect(seen).toEqual([
      ['refund', 7],
      ['refund', 0]
    ]);
  });
});
