import { describe, expect, it } from 'vitest';
import { type AttemptResult, attemptMachine } from '../../machines/workflow/attempt.ts';
import { isAlreadySo, learn, questionOf } from '../../machines/workflow/after-failure.ts';
import { backOffMs, type CallSpec } from '../../machines/workflow/calls.ts';
import { byOp, play, refuse, turns } from './play.ts';
import { fileIs, POLICY } from './samples.ts';

const attempt = (call: CallSpec, answers: object, policy: object = {}, more: object = {}) => {
  const its = play(attemptMachine, { call, policy: { ...POLICY, ...policy }, ...more }, byOp(answers));
  return { ...its, result: its.output() as unknown as AttemptResult };
};
const CREATE: CallSpec = { op: 'createSession', args: { itemId: 'i1', token: 't', before: ['s0'] } };
const PUSH: CallSpec = {
  op: 'push',
  args: { sessionId: 's1', file: 0, name: 'a.bin', size: 1_600, uri: 'u', hash: [] }
};
const READ: CallSpec = { op: 'getItem', args: { id: 'i1' } };
const lost = refuse('CONNECTION', { ambiguous: true });

describe('an attempt', () => {
  it('should answer at once when the call is answered', () => {
    expect(attempt(READ, { getItem: 'it' }).result).toMatchObject({ ok: true, value: 'it', attempts: 1 });
  });
  it('should repeat a read that fails for now, and give up when its budget is spent', () => {
    const { result, calls, waits } = attempt(READ, { getItem: refuse('UNAVAILABLE') });
    expect([result.ok, calls.length, waits]).toEqual([false, 3, [50, 100]]);
  });
  it('should not repeat what cannot get better', () => {
    expect(attempt(READ, { getItem: refuse('UNAUTHORIZED') }).calls).toEqual(['getItem']);
  });
  it('should never repeat a create whose answer was lost, but ask, and take what is there', () => {
    const { result, calls } = attempt(CREATE, { createSession: lost, listSessions: ['s0', 's7'] });
    expect([result, calls]).toEqual([
      expect.objectContaining({ ok: true, value: 's7' }),
      ['createSession', 'listSessions']
    ]);
  });
  it('should create again when it asked and nothing is there', () => {
    const { result, calls } = attempt(CREATE, { createSession: turns(lost, 's8'), listSessions: ['s0'] });
    expect([result, calls]).toEqual([
      expect.objectContaining({ ok: true, value: 's8' }),
      ['createSession', 'listSessions', 'createSession']
    ]);
  });
  it('should take a refusal as busy for its own late session once a call was in doubt, and only then', () => {
    const late = attempt(CREATE, {
      createSession: turns(lost, refuse('RESOURCE_BUSY')),
      listSessions: turns(['s0'], ['s0', 's9'])
    });
    expect(late.result).toMatchObject({ ok: true, value: 's9' });
    const busy = attempt(CREATE, { createSession: refuse('RESOURCE_BUSY') });
    expect([busy.result, busy.calls]).toEqual([
      expect.objectContaining({ ok: false, doubted: false }),
      ['createSession']
    ]);
  });
  it('should ask after its last call, too, and say that the doubt stays', () => {
    const { result, calls } = attempt(
      CREATE,
      { createSession: lost, listSessions: refuse('UNAUTHORIZED') },
      { maxAttempts: 1 }
    );
    expect([calls, result]).toEqual([
      ['createSession', 'listSessions'],
      expect.objectContaining({ ok: false, doubted: true })
    ]);
  });
  it('should say what failed first when the question cannot be answered either', () => {
    const { result } = attempt(CREATE, { createSession: refuse('SERVER_ERROR'), listSessions: refuse('CONNECTION') });
    expect(result).toMatchObject({ ok: false, failure: { message: 'scripted CONNECTION' } });
  });
  it('should find an item by its name after a lost create', () => {
    const call: CallSpec = { op: 'createItem', args: { libraryId: 'l1', name: 'x', type: '', token: 't' } };
    expect(attempt(call, { createItem: lost, findItems: ['i3'] }).result).toMatchObject({ ok: true, value: 'i3' });
    expect(
      attempt(call, { createItem: turns(lost, refuse('ALREADY_EXISTS')), findItems: turns([], ['i3']) }).result
    ).toMatchObject({ ok: true, value: 'i3' });
  });
  it('should not add a file twice after a lost answer', () => {
    const call: CallSpec = { op: 'addFile', args: { sessionId: 's1', name: 'a.bin', size: 1 } };
    expect(attempt(call, { addFile: lost, getFile: fileIs('TRANSFERRING') }).calls).toEqual(['addFile', 'getFile']);
    expect(
      attempt(call, { addFile: turns(lost, 'again'), getFile: fileIs('READY', { sourceType: 'NONE' }) }).calls
    ).toEqual(['addFile', 'getFile', 'addFile']);
    expect(attempt(call, { addFile: turns(lost, 'again'), getFile: refuse('INVALID_ARGUMENT') }).calls).toEqual([
      'addFile',
      'getFile',
      'addFile'
    ]);
  });
  it('should not take a plain refusal for its own lost call', () => {
    const call: CallSpec = { op: 'addFile', args: { sessionId: 's1', name: 'a.bin', size: 1 } };
    const its = attempt(call, { addFile: turns(lost, refuse('UNAUTHORIZED')), getFile: refuse('INVALID_ARGUMENT') });
    expect([its.result.ok, its.calls]).toEqual([false, ['addFile', 'getFile', 'addFile']]);
  });
  it('should take what is gone already as ended', () => {
    expect(
      attempt({ op: 'deleteSession', args: { id: 's' } }, { deleteSession: turns(lost, refuse('NOT_FOUND')) }).result
    ).toMatchObject({ ok: true, value: null });
    expect(
      attempt({ op: 'cancelSession', args: { id: 's' } }, { cancelSession: refuse('NOT_ALLOWED_IN_CURRENT_STATE') })
        .result.ok
    ).toBe(true);
    expect(isAlreadySo(READ, { code: 'NOT_FOUND', message: '' })).toBe(false);
  });
});

describe('an attempt to push', () => {
  it.each([
    ['READY', { size: 1_600 }, ['push', 'getFile']],
    ['READY', {}, ['push', 'getFile']],
    ['VALIDATING', {}, ['push', 'getFile']],
    ['WAITING_FOR_TRANSFER', {}, ['push', 'getFile', 'push']],
    ['READY', { size: 3 }, ['push', 'getFile', 'push']]
  ])('should ask after a failure, and go on from %s %o', (status, more, calls) => {
    const its = attempt(PUSH, { push: turns(lost, { sent: 1_600, digests: [] }), getFile: fileIs(status, more) });
    expect([its.result.ok, its.calls]).toEqual([true, calls]);
  });
  it('should keep asking while bytes still arrive, but not for ever', () => {
    const its = attempt(PUSH, {
      push: lost,
      getFile: turns(fileIs('TRANSFERRING'), fileIs('TRANSFERRING'), fileIs('READY'))
    });
    expect([its.result.ok, its.calls]).toEqual([true, ['push', 'getFile', 'getFile', 'getFile']]);
    const stuck = attempt(PUSH, { push: lost, getFile: fileIs('TRANSFERRING') });
    expect([stuck.result.ok, stuck.calls.filter(op => op === 'getFile').length]).toEqual([
      false,
      POLICY.maxAttempts * 4
    ]);
  });
  it('should end with what the service says of a file in ERROR, or with what the push itself was told', () => {
    const told = attempt(PUSH, { push: lost, getFile: fileIs('ERROR', { errorMessage: 'size differs' }) });
    expect(told.result).toMatchObject({ ok: false, failure: { code: 'FILE_NOT_RECEIVED', message: 'size differs' } });
    const silent = attempt(PUSH, { push: lost, getFile: fileIs('ERROR') });
    expect(silent.result).toMatchObject({ ok: false, failure: { message: 'the service could not take a.bin' } });
    const heard = attempt(PUSH, {
      push: refuse('TRANSFER_REFUSED', { service: { status: 400, messages: [] } }),
      getFile: fileIs('ERROR')
    });
    expect(heard.result).toMatchObject({ ok: false, failure: { code: 'TRANSFER_REFUSED' } });
    const forgotten = attempt(PUSH, { push: lost, getFile: refuse('INVALID_ARGUMENT') });
    expect(forgotten.result).toMatchObject({ ok: false, failure: { code: 'FILE_NOT_RECEIVED' } });
  });
  it('should refill its budget when an attempt gets a sixteenth further, and only then', () => {
    const steps = [100, 200, 300, 400, 410, 420, 430].map(sent => refuse('CONNECTION', { sent }));
    const its = attempt(PUSH, { push: turns(...steps), getFile: fileIs('WAITING_FOR_TRANSFER') });
    expect(its.calls.filter(op => op === 'push').length).toBe(6);
  });
  it('should go on with a fetch that got further at its last try', () => {
    const call: CallSpec = { op: 'fetch', args: { sessionId: 's1', name: 'a.bin', size: 1_600, uri: 'u', from: 0 } };
    const steps = [0, 0, 800].map(received => refuse('CONNECTION', { received }));
    expect(attempt(call, { fetch: turns(...steps, { received: 1_600 }) }).result).toMatchObject({
      ok: true,
      attempts: 4
    });
    expect(attempt(call, { fetch: turns(...steps) }).result).toMatchObject({ ok: false, attempts: 5 });
  });
  it('should count what earlier attempts have used', () => {
    const its = attempt(
      PUSH,
      { push: refuse('CONNECTION', { sent: 0 }), getFile: fileIs('WAITING_FOR_TRANSFER') },
      {},
      { used: 2 }
    );
    expect(its.calls.filter(op => op === 'push').length).toBe(1);
  });
});

describe('the waits', () => {
  const failed = (luck: number, retryAfterMs?: number) => ({
    at: 0,
    luck,
    failure: { code: 'UNAVAILABLE' as const, message: '', retryAfterMs }
  });
  it('should be drawn evenly below a ceiling that doubles up to a cap', () => {
    expect([1, 2, 3, 4, 5, 90].map(tries => backOffMs(POLICY, tries, failed(1)))).toEqual([
      100, 200, 400, 800, 1_000, 1_000
    ]);
    expect(backOffMs(POLICY, 3, failed(0))).toBe(0);
  });
  it('should never be shorter than the server asked, up to a cap, and hardly longer', () => {
    expect([0, 1].map(luck => backOffMs(POLICY, 1, failed(luck, 2_000)))).toEqual([2_000, 2_100]);
    expect(backOffMs(POLICY, 9, failed(1, 3_000))).toBe(3_300);
    expect(backOffMs(POLICY, 1, failed(0, 9_000_000))).toBe(5_000);
    expect(backOffMs(POLICY, 1, failed(0.5, -5))).toBe(50);
  });
  it('should be as long as Retry-After says, in the run of an attempt', () => {
    expect(attempt(READ, { getItem: turns(refuse('UNAVAILABLE', { retryAfterMs: 3_000 }), 'it') }, {}).waits).toEqual([
      3_050
    ]);
  });
});

it('should have no question for a call that may simply be repeated', () => {
  expect([questionOf(READ), learn(READ, 'x')]).toEqual([READ, { happened: 'no' }]);
});
