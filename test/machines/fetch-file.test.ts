import { describe, expect, it } from 'vitest';
import { type AttemptResult, attemptMachine } from '../../machines/workflow/attempt.ts';
import type { CallSpec, Op } from '../../machines/workflow/calls.ts';
import { type FetchFileInput, type FetchFileResult, fetchFileMachine } from '../../machines/workflow/fetch-file.ts';
import { leaseMachine } from '../../machines/workflow/lease.ts';
import { downloadIs, FETCHED, fetchWith, preparedIs, SERVES } from './download-samples.ts';
import { byOp, play, refuse, turns } from './play.ts';
import { POLICY, SHA } from './samples.ts';

function fetchOf(more: Partial<Record<Op, unknown>> = {}, input: Partial<FetchFileInput> = {}) {
  const calls: CallSpec[] = [];
  const script = byOp({ ...FETCHED, ...more });
  const its = play(fetchFileMachine, fetchWith(input), (call, times, path) => {
    calls.push(call);
    return script(call, times, path);
  });
  return { ...its, made: calls, result: its.output() as unknown as FetchFileResult };
}
/** As the plan begins it: once more, with what the first came to, where that was not to give it its name. */
function keptOf(...[more, input]: Parameters<typeof fetchOf>) {
  const { calls, result } = fetchOf(more, input);
  const { size, digest, attempts, naming } = result;
  const then = fetchOf(more, { ...input, file: { name: 'a.bin', size, digest }, attempts, naming });
  return { ...then, calls: [...calls, ...then.calls], fetched: result };
}
const fetches = (calls: readonly CallSpec[]): object[] =>
  calls.flatMap(({ op, args }) => (op === 'fetch' ? [args] : []));
const lost = (received: number) => refuse('CONNECTION', { received });

describe('one file of a download', () => {
  it('should be prepared, fetched, compared and kept', () => {
    const { calls, result } = fetchOf();
    expect(calls).toEqual(['prepareFile', 'openPart', 'fetch', 'digestTarget', 'keep']);
    expect(result).toMatchObject({ ok: true, verified: 'digest', size: 1_600, digest: SHA('a'), attempts: 1 });
  });
  it('should be the same when the service writes its digest in capitals', () => {
    const digest = { algorithm: 'SHA256', checksum: 'A'.repeat(64) } as const;
    const prepared = preparedIs('PREPARED', { digest });
    const answers = { prepareFile: prepared, getDownloadFile: prepared };
    const { result } = fetchOf(answers, { file: { name: 'a.bin', size: 1_600, digest } });
    expect(result).toMatchObject({ ok: true, verified: 'digest' });
  });
  it('should wait until it is prepared, and ask anew when the link has ended meanwhile', () => {
    const { calls, result, waits } = fetchOf({
      prepareFile: turns(preparedIs('PREPARE_REQUESTED'), preparedIs('PREPARED')),
      getDownloadFile: turns(preparedIs('PREPARING'), preparedIs('PREPARING'), preparedIs('UNPREPARED'))
    });
    expect(calls.slice(0, 5)).toEqual([
      'prepareFile',
      'getDownloadFile',
      'getDownloadFile',
      'getDownloadFile',
      'prepareFile'
    ]);
    expect([result.ok, waits]).toEqual([true, [100, 100, 100]]);
  });
  it('should not take PREPARED without a link for prepared', () => {
    const { calls } = fetchOf({ prepareFile: preparedIs('PREPARED', { downloadUri: undefined }) });
    expect(calls.slice(0, 3)).toEqual(['prepareFile', 'getDownloadFile', 'openPart']);
  });
  it('should wait as long as something moves, and no longer than its patience when nothing does', () => {
    let at = 0;
    const moving = play(fetchFileMachine, fetchWith({ policy: { ...POLICY, pollMs: 50_000 } }), ({ op }) => {
      if (op !== 'getDownloadFile') return op === 'prepareFile' ? preparedIs('PREPARING') : FETCHED[op];
      return ++at < 9 ? preparedIs('PREPARING', { bytesTransferred: at * 100 }) : preparedIs('PREPARED');
    });
    expect(moving.output()).toMatchObject({ ok: true });
    const stuck = fetchOf(
      { prepareFile: preparedIs('PREPARING'), getDownloadFile: preparedIs('PREPARING') },
      { policy: { ...POLICY, pollMs: 50_000 } }
    );
    expect(stuck.result.failure).toMatchObject({
      code: 'TIMED_OUT',
      message: 'the service has been preparing a.bin for longer than 1 min'
    });
  });
  it('should ask again when the service failed to prepare it, and say so when that does not help', () => {
    const { calls, result } = fetchOf({ prepareFile: turns(preparedIs('ERROR'), preparedIs('PREPARED')) });
    expect([result.ok, calls.filter(op => op === 'prepareFile').length]).toEqual([true, 2]);
    const never = fetchOf({ prepareFile: preparedIs('ERROR', { errorMessage: 'no storage' }) });
    expect(never.result.failure).toMatchObject({ code: 'TRANSFER_REFUSED', message: 'no storage' });
    expect(never.calls.length).toBe(POLICY.maxAttempts + 1);
    expect(fetchOf({ prepareFile: preparedIs('ERROR') }).result.failure?.message).toBe(
      'the service could not prepare a.bin'
    );
  });
  it('should go on where an attempt came to', () => {
    const { made, result } = fetchOf({ fetch: turns(lost(700), lost(1_200), { received: 1_600 }) });
    expect(fetches(made)).toMatchObject([{ from: 0 }, { from: 700 }, { from: 1_200 }]);
    expect(result).toMatchObject({ ok: true, attempts: 3 });
  });
  it('should begin again where an attempt says that nothing of it is of use', () => {
    const { made } = fetchOf({ openPart: { size: 900 }, fetch: turns(lost(0), { received: 1_600 }) });
    expect(fetches(made)).toMatchObject([{ from: 900 }, { from: 0 }]);
  });
  it('should refill its budget when an attempt gets a sixteenth further, and only then', () => {
    const steps = [100, 200, 300, 400, 410, 420, 430].map(lost);
    const { made, result } = fetchOf({ fetch: turns(...steps) });
    expect([fetches(made).length, result.ok]).toEqual([6, false]);
  });
  it('should not count what an earlier life had come to as progress', () => {
    const { made } = fetchOf({ openPart: { size: 800 }, fetch: lost(800) });
    expect(fetches(made).length).toBe(POLICY.maxAttempts);
  });
  it('should not fetch a part again that is whole already, and begin again on one that is too long', () => {
    expect(fetchOf({ openPart: { size: 1_600 } }).calls).toEqual(['prepareFile', 'openPart', 'digestTarget', 'keep']);
    expect(fetches(fetchOf({ openPart: { size: 1_700 } }).made)).toMatchObject([{ from: 0 }]);
    const unknown = fetchOf(
      { openPart: { size: 1_700 }, prepareFile: preparedIs('PREPARED', { size: undefined }) },
      { file: { name: 'a.bin', digest: SHA('a') } }
    );
    expect(fetches(unknown.made)).toMatchObject([{ from: 1_700, size: 0 }]);
  });
  it('should ask for another link when the one it has is of no use, within its attempts', () => {
    const { calls, result } = fetchOf({ fetch: turns(refuse('NOT_FOUND'), { received: 1_600 }) });
    expect(calls.slice(0, 6)).toEqual(['prepareFile', 'openPart', 'fetch', 'prepareFile', 'openPart', 'fetch']);
    expect(result.ok).toBe(true);
    const never = fetchOf({ fetch: refuse('NOT_FOUND') });
    expect([never.result.failure?.code, fetches(never.made).length]).toEqual(['NOT_FOUND', POLICY.maxAttempts]);
  });
  it('should fetch all of it again when it is not what the service says, and fail when it never is', () => {
    const { calls, made, result } = fetchOf({
      digestTarget: turns(SHA('b'), SHA('a')),
      openPart: turns({ size: 0 }, { size: 1_600 })
    });
    expect(calls).toEqual([
      'prepareFile',
      'openPart',
      'fetch',
      'digestTarget',
      'prepareFile',
      'openPart',
      'fetch',
      'digestTarget',
      'keep'
    ]);
    expect([fetches(made), result.ok]).toMatchObject([[{ from: 0 }, { from: 0 }], true]);
    const never = fetchOf({ digestTarget: SHA('b') });
    expect(never.result).toMatchObject({
      ok: false,
      verified: 'no',
      failure: { code: 'CHECKSUM_MISMATCH', message: expect.stringContaining('(SHA256)') }
    });
    expect(never.calls).not.toContain('keep');
  });
  it('should not read a file for its digest whose size is wrong', () => {
    const { calls, result } = fetchOf({ fetch: turns({ received: 1_000 }, { received: 1_600 }) });
    expect([result.ok, calls.filter(op => op === 'digestTarget').length]).toEqual([true, 1]);
    const never = fetchOf({ fetch: { received: 1_000 } });
    expect(never.result.failure).toMatchObject({
      code: 'CHECKSUM_MISMATCH',
      message: 'what came of a.bin is 1000 bytes long, and not the 1600 that the service says'
    });
  });
  it('should ask for the digest afterwards when nobody has told one yet', () => {
    const untold = { prepareFile: preparedIs('PREPARED', { digest: undefined }) };
    const file = { name: 'a.bin', size: 1_600 };
    const told = keptOf(untold, { file });
    expect(told.calls.slice(2)).toEqual(['fetch', 'getDownloadFile', 'digestTarget', 'keep']);
    expect(told.result.verified).toBe('digest');
    const never = keptOf({ ...untold, getDownloadFile: preparedIs('PREPARED', { digest: undefined }) }, { file });
    expect([never.calls.slice(2), never.result.verified]).toEqual([['fetch', 'getDownloadFile', 'keep'], 'size']);
    const strange = { algorithm: 'BLAKE3', checksum: 'ab' };
    expect(
      keptOf({ ...untold, getDownloadFile: preparedIs('PREPARED', { digest: strange }) }, { file }).result
    ).toMatchObject({
      verified: 'size',
      digest: undefined
    });
  });
  it('should compare nothing that the server does not report reliably', () => {
    const { calls, result } = keptOf(
      { prepareFile: preparedIs('PREPARED', { size: 3 }) },
      { file: { name: 'a.bin' }, server: { ...SERVES, reportsSize: false, reportsDigest: false } }
    );
    expect([calls, result.verified, result.size]).toEqual([
      ['prepareFile', 'openPart', 'fetch', 'keep'],
      'notReported',
      1_600
    ]);
  });
  it('should end before it gets its name where no digest would tell it then from the file of somebody else', () => {
    const untold = preparedIs('PREPARED', { digest: undefined });
    const answers = { prepareFile: untold, getDownloadFile: untold };
    const { calls, fetched, result } = keptOf(answers, { file: { name: 'a.bin' }, attempts: 1 });
    expect(fetched).toMatchObject({ ok: true, naming: 1_600, verified: 'no', size: 1_600, attempts: 2 });
    expect(calls).toEqual(['prepareFile', 'openPart', 'fetch', 'getDownloadFile', 'keep']);
    expect(result).toEqual({ ...fetched, naming: undefined, verified: 'size', at: result.at });
    const late = fetchOf({ prepareFile: untold }, { file: { name: 'a.bin', size: 1_600 } });
    expect([late.calls.at(-1), late.result.naming, late.result.digest]).toEqual(['digestTarget', 1_600, SHA('a')]);
    const other = fetchOf({}, { file: { name: 'a.bin', size: 1_600, digest: SHA('f') } });
    expect([other.result.naming, other.result.digest]).toEqual([1_600, SHA('a')]);
    expect(fetchOf({}).result).toMatchObject({ naming: undefined, verified: 'digest' });
  });
  it('should fetch it again from a part whose size nobody can tell, when it is not what it should be', () => {
    const { made, result } = fetchOf(
      { digestTarget: turns(SHA('b'), SHA('a')), openPart: turns({ size: 0 }, { size: 9 }) },
      { server: { ...SERVES, reportsSize: false }, file: { name: 'a.bin', digest: SHA('a') } }
    );
    expect([fetches(made).length, result.ok]).toEqual([2, true]);
  });
  it.each<[Op, string[]]>([
    ['prepareFile', []],
    ['openPart', []],
    ['fetch', []],
    ['digestTarget', []],
    ['keep', []]
  ])('should fail with what %s was told', op => {
    const { result, calls } = fetchOf({ [op]: refuse('TARGET_UNWRITABLE') });
    expect([result.failure?.code, calls.at(-1)]).toEqual(['TARGET_UNWRITABLE', op]);
  });
  it('should fail with what it was told when it asked for the digest', () => {
    const { result } = fetchOf(
      { prepareFile: preparedIs('PREPARED', { digest: undefined }), getDownloadFile: refuse('UNAUTHORIZED') },
      { file: { name: 'a.bin', size: 1_600 } }
    );
    expect(result.failure?.code).toBe('UNAUTHORIZED');
  });
  it('should replace what is there only when it is told to', () => {
    const told = [false, true].map(replace => fetchOf({}, { replace }).made.find(({ op }) => op === 'keep')?.args);
    expect(told).toEqual([
      { name: 'a.bin', replace: false },
      { name: 'a.bin', replace: true }
    ]);
  });
});

describe('an attempt to fetch', () => {
  it('should not ask anything, but repeat', () => {
    const call: CallSpec = { op: 'fetch', args: { sessionId: 'd1', name: 'a.bin', size: 1_600, uri: 'u', from: 0 } };
    const its = play(
      attemptMachine,
      { call, policy: POLICY },
      byOp({ fetch: turns(refuse('STALLED', { ambiguous: true }), { received: 1_600 }) })
    );
    expect([(its.output() as unknown as AttemptResult).ok, its.calls]).toEqual([true, ['fetch', 'fetch']]);
  });
  it('should take a download session that is gone or over as ended, and find the one whose create was not answered', () => {
    const settle = (call: CallSpec, answers: object) =>
      play(attemptMachine, { call, policy: POLICY }, byOp(answers)).output() as unknown as AttemptResult;
    const by = { id: 'd1', message: '' };
    for (const code of ['NOT_FOUND', 'NOT_ALLOWED_IN_CURRENT_STATE'] as const) {
      expect(settle({ op: 'cancelDownload', args: by }, { cancelDownload: refuse(code) }).ok).toBe(true);
      expect(settle({ op: 'failDownload', args: by }, { failDownload: refuse(code) }).ok).toBe(true);
    }
    expect(settle({ op: 'deleteDownloadSession', args: by }, { deleteDownloadSession: refuse('NOT_FOUND') }).ok).toBe(
      true
    );
    const create: CallSpec = { op: 'createDownloadSession', args: { itemId: 'i1', token: 't', before: ['d0'] } };
    const lostCreate = { createDownloadSession: refuse('CONNECTION', { ambiguous: true }) };
    expect(settle(create, { ...lostCreate, listDownloadSessions: ['d0', 'd7'] })).toMatchObject({
      ok: true,
      value: 'd7'
    });
    expect(
      settle(create, {
        createDownloadSession: turns(refuse('CONNECTION', { ambiguous: true }), 'd8'),
        listDownloadSessions: ['d0']
      })
    ).toMatchObject({ ok: true, value: 'd8' });
  });
});

describe('the lease of a download', () => {
  it('should keep the download session, and end in its words', () => {
    const its = play(
      leaseMachine,
      { kind: 'download', sessionId: 'd1', sessionTimeoutMs: 400_000, policy: POLICY },
      byOp({
        getDownloadSession: turns(downloadIs('ACTIVE'), downloadIs('ACTIVE'), refuse('NOT_FOUND')),
        keepDownloadAlive: null,
        keepLogin: null
      })
    );
    expect(its.calls.slice(0, 4)).toEqual([
      'getDownloadSession',
      'keepDownloadAlive',
      'keepLogin',
      'getDownloadSession'
    ]);
    expect(its.output()).toEqual({
      failure: { code: 'SESSION_LOST', message: 'the download session d1 is gone: it expired or was deleted' }
    });
  });
});
