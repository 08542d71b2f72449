import { describe, expect, it } from 'vitest';
import { leaseMachine } from '../../machines/workflow/lease.ts';
import { sendable, tokenOf } from '../../machines/workflow/upload-facts.ts';
import { type UploadFileResult, uploadFileMachine } from '../../machines/workflow/upload-file.ts';
import type { UploadFileInput } from '../../machines/workflow/upload-file/questions.ts';
import { byOp, play, refuse, turns } from './play.ts';
import { fileIs, fileWith, GOOD, inputWith, POLICY, RUN, SERVER, SHA, sessionIs } from './samples.ts';

const FILE = { name: 'a.bin', size: 1_600, role: 'plain' } as const;
const send = (answers: object, more: object = {}) => {
  const input = fileWith({ file: FILE, patienceMs: 1_000, ...more });
  const its = play(uploadFileMachine, input, byOp({ ...GOOD, ...answers }));
  return { ...its, result: its.output() as unknown as UploadFileResult };
};
const pushed = (checksum: string) => ({ sent: 1_600, digests: [SHA(checksum)] });

describe('one file', () => {
  it('should be added, pushed and confirmed', () => {
    const { result, calls } = send({});
    expect([result, calls]).toEqual([
      { ok: true, at: 1_000, attempts: 1, digests: [SHA('a')], reported: SHA('a'), failure: undefined },
      ['addFile', 'push', 'getFile']
    ]);
  });
  it('should be sent to where the service said, and nowhere where it did not say', () => {
    const sentTo = (added: object) => {
      const uris: unknown[] = [];
      const input = fileWith({ file: FILE, patienceMs: 1_000 });
      const script = byOp({ ...GOOD, ...added });
      play(uploadFileMachine, input, (call, times, path) => {
        if (call.op === 'push') uris.push(call.args.uri);
        return script(call, times, path);
      });
      return uris;
    };
    expect(sentTo({})).toEqual(['http://sim/cls/data/u/a.bin']);
    expect(sentTo({ addFile: fileIs('WAITING_FOR_TRANSFER', { uploadUri: undefined }) })).toEqual(['']);
  });
  it('should tell its digest where the server takes it, and have made of what is read only what can be compared', () => {
    const asked: unknown[] = [];
    const watch = (server: UploadFileInput['server'], file: UploadFileInput['file'] = { ...FILE, digest: SHA('a') }) =>
      play(uploadFileMachine, fileWith({ file, server, pollMs: 1, patienceMs: 1 }), ({ op, args }) => {
        if (op === 'addFile') asked.push(args.digest);
        if (op === 'push') asked.push(args.hash);
        return GOOD[op as keyof typeof GOOD];
      });
    watch(SERVER);
    watch({ ...SERVER, algorithms: ['SHA1'] });
    watch(SERVER, FILE);
    watch({ ...SERVER, reportsDigest: false }, FILE);
    const without = [undefined, ['SHA1', 'SHA256'], undefined, []];
    expect(asked).toEqual([SHA('a'), ['SHA256'], undefined, ['SHA256', 'SHA1'], ...without]);
  });
  it.each(['INVALID_ARGUMENT', 'NOT_FOUND'] as const)(
    'should be added again when its push is refused with %s',
    code => {
      const { result, calls, waits } = send({ push: turns(refuse(code, { retryAfterMs: 700 }), pushed('a')) });
      expect([result.ok, result.attempts, calls]).toEqual([true, 2, ['addFile', 'push', 'addFile', 'push', 'getFile']]);
      // what the server asks for, and a little
      expect(waits).toEqual([735]);
    }
  );
  it.each(['STALLED', 'CONNECTION', 'TIMED_OUT'] as const)(
    'should be added again when the service goes on receiving a body that nobody sends any more (%s)',
    code => {
      const receiving = Array<unknown>(POLICY.maxAttempts * 4).fill(fileIs('TRANSFERRING'));
      const getFile = turns(...receiving, GOOD.getFile);
      const { result, calls } = send({ push: turns(refuse(code, { ambiguous: true }), pushed('a')), getFile });
      expect([result.ok, result.attempts]).toEqual([true, 2]);
      expect(calls.filter(op => op !== 'getFile')).toEqual(['addFile', 'push', 'addFile', 'push']);
    }
  );
  it('should hash nothing when it is told not to', () => {
    expect(send({ push: { sent: 1_600, digests: [] } }, { hash: false }).result).toMatchObject({
      ok: true,
      digests: []
    });
  });
  it('should look again soon while the service validates, then less and less often', () => {
    const validating = fileIs('VALIDATING');
    const { calls, waits } = send({
      getFile: turns(validating, validating, validating, validating, validating, GOOD.getFile)
    });
    expect([calls.filter(op => op === 'getFile').length, waits]).toEqual([6, [25, 25, 50, 100, 100]]);
  });
  it('should not wait for what the server never reports', () => {
    expect(send({}, { server: { ...SERVER, reportsReady: false } }).calls).toEqual(['addFile', 'push']);
  });
  it('should lose patience when validation never ends', () => {
    expect(send({ getFile: fileIs('VALIDATING') }).result.failure).toMatchObject({ code: 'TIMED_OUT' });
  });
  it('should say that the source disagrees with its manifest, and not send it again', () => {
    const file = { ...FILE, digest: SHA('b') };
    expect(send({}, { file }).result.failure).toMatchObject({ code: 'SOURCE_DISAGREES' });
    const refused = send(
      { push: refuse('CHECKSUM_MISMATCH', { digests: [SHA('a')] }), getFile: fileIs('ERROR') },
      { file }
    );
    expect([refused.result.failure?.code, refused.calls.filter(op => op === 'push').length]).toEqual([
      'SOURCE_DISAGREES',
      1
    ]);
  });
  it.each([
    ['is in ERROR', turns(fileIs('ERROR'), GOOD.getFile)],
    ['was forgotten by the service', turns(fileIs('WAITING_FOR_TRANSFER'), GOOD.getFile)],
    ['changed on the way', turns(fileIs('READY', { digest: SHA('f') }), GOOD.getFile)]
  ])('should be added and sent again when it %s', (_, getFile) => {
    const { result, calls, waits } = send({ getFile });
    expect([result.ok, calls]).toEqual([true, ['addFile', 'push', 'getFile', 'addFile', 'push', 'getFile']]);
    expect(waits).toEqual([50]);
  });
  it.each([
    ['is in ERROR every time', fileIs('ERROR', { errorMessage: 'bad' }), 'FILE_NOT_RECEIVED', 'bad'],
    [
      'is refused for its checksum every time',
      fileIs('ERROR', { errorMessage: 'MD5 checksum' }),
      'CHECKSUM_MISMATCH',
      'MD5'
    ],
    ['is forgotten every time', fileIs('WAITING_FOR_TRANSFER'), 'FILE_NOT_RECEIVED', 'status: WAITING_FOR_TRANSFER'],
    ['changes on the way every time', fileIs('READY', { digest: SHA('f') }), 'CHECKSUM_MISMATCH', 'not what was read']
  ])('should fail when it %s, after as many pushes as the budget has', (_, getFile, code, message) => {
    const { result, calls, waits } = send({ getFile });
    // half the ceiling each time, which doubles
    expect(waits).toEqual([50, 100]);
    expect(result.failure).toMatchObject({ code, message: expect.stringContaining(message) });
    expect(calls.filter(op => op === 'push').length).toBe(POLICY.maxAttempts);
  });
  it('should be added again when the push found that the session does not wait for it any more', () => {
    const { result, calls } = send({
      push: turns(refuse('TRANSFER_REFUSED'), pushed('a')),
      getFile: turns(fileIs('ERROR'), GOOD.getFile)
    });
    expect([result.ok, calls]).toEqual([true, ['addFile', 'push', 'getFile', 'addFile', 'push', 'getFile']]);
  });
  it('should fail with what the call was told', () => {
    expect(send({ push: refuse('UNAUTHORIZED') }).result.failure?.code).toBe('UNAUTHORIZED');
    expect(send({ getFile: refuse('UNAUTHORIZED') }).result.failure?.code).toBe('UNAUTHORIZED');
    expect(send({ addFile: fileIs('ERROR') }).result.failure).toMatchObject({
      message: expect.stringContaining('status: ERROR')
    });
  });
  it('should take an upload address that is missing as an empty one, which the transfer refuses', () => {
    const uris: string[] = [];
    play(uploadFileMachine, fileWith({ file: FILE, pollMs: 1, patienceMs: 1 }), ({ op, args }) => {
      if (op === 'push') uris.push(args.uri);
      return op === 'addFile'
        ? fileIs('WAITING_FOR_TRANSFER', { uploadUri: undefined })
        : GOOD[op as keyof typeof GOOD];
    });
    expect(uris).toEqual(['']);
  });
});

describe('the lease', () => {
  const lease = (getSession: unknown, more: object = {}, steps = 40) =>
    play(
      leaseMachine,
      { kind: 'update', sessionId: 's1', sessionTimeoutMs: 400_000, policy: POLICY },
      byOp({ getSession, keepAlive: null, keepLogin: null, ...more }),
      { steps }
    );
  it('should give a sign of life well within a third of what the server leaves', () => {
    const { waits, calls } = lease(sessionIs('ACTIVE', { serverNow: 1_000_000, expiresAt: 1_300_000 }));
    expect(new Set(waits)).toEqual(new Set([75_000]));
    expect(calls.slice(0, 5)).toEqual(['getSession', 'keepAlive', 'keepLogin', 'getSession', 'keepAlive']);
  });
  it('should reckon with what the server usually leaves when it does not say, and never hurry without end', () => {
    expect(new Set(lease(sessionIs('ACTIVE', { expiresAt: undefined })).waits)).toEqual(new Set([100_000]));
    expect(new Set(lease(sessionIs('ACTIVE', { serverNow: undefined })).waits)).toEqual(new Set([100_000]));
    expect(new Set(lease(sessionIs('ACTIVE', { expiresAt: 10, serverNow: 50 })).waits)).toEqual(new Set([250]));
  });
  it('should go on, faster, when it cannot ask or cannot beat for now', () => {
    const asking = lease(turns(refuse('UNAUTHORIZED'), sessionIs('ACTIVE', { serverNow: 0, expiresAt: 300_000 })));
    expect(asking.waits.slice(0, 2)).toEqual([50_000, 75_000]);
    const beating = lease(sessionIs('ACTIVE', { serverNow: 0, expiresAt: 300_000 }), {
      keepAlive: turns(refuse('UNAUTHORIZED'), null)
    });
    expect(beating.waits.slice(0, 2)).toEqual([75_000, 37_500]);
  });
  it('should let nothing that stands between two beats delay them', () => {
    const ten = (session: unknown) => lease(session, { keepLogin: refuse('STALLED') }, 40);
    const { calls, waits } = ten(sessionIs('ACTIVE', { serverNow: 0, expiresAt: 300_000 }));
    expect(calls.slice(0, 5)).toEqual(['getSession', 'keepAlive', 'keepLogin', 'getSession', 'keepAlive']);
    expect(new Set(waits)).toEqual(new Set([75_000]));
    const asked = ten(turns(sessionIs('ACTIVE', { serverNow: 0, expiresAt: 300_000 }), refuse('UNAVAILABLE')));
    expect(asked.calls.slice(3, 6)).toEqual(['getSession', 'keepAlive', 'keepLogin']);
    expect(asked.waits.slice(0, 3)).toEqual([75_000, 37_500, 18_750]);
  });
  it.each([
    ['is gone', refuse('NOT_FOUND'), 'SESSION_LOST'],
    ['is CANCELED', sessionIs('CANCELED'), 'SESSION_CANCELED'],
    ['is in ERROR', sessionIs('ERROR', { errorMessage: 'why' }), 'SESSION_ERROR'],
    ['is in an unknown state', sessionIs('PAUSED'), 'SESSION_ERROR']
  ])('should end when the session %s', (_, answer, code) => {
    expect(lease(turns(sessionIs('ACTIVE'), answer)).output()).toMatchObject({ failure: { code } });
  });
  it('should ask when a beat says that the session is not what it was', () => {
    const its = lease(turns(sessionIs('ACTIVE'), sessionIs('CANCELED')), {
      keepAlive: refuse('NOT_ALLOWED_IN_CURRENT_STATE')
    });
    expect([its.calls, its.output()]).toEqual([
      ['getSession', 'keepAlive', 'getSession'],
      { failure: expect.objectContaining({ code: 'SESSION_CANCELED' }) }
    ]);
  });
});

describe('small rules', () => {
  it('should make client tokens that are UUIDs, differ by purpose and generation, and are the same every time', () => {
    const tokens = [tokenOf(RUN, 'item', 1), tokenOf(RUN, 'session', 1), tokenOf(RUN, 'session', 2)];
    expect(new Set(tokens).size).toBe(3);
    for (const token of tokens) expect(token).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(tokenOf(RUN, 'item', 1)).toBe(tokens[0]);
  });
  it('should offer nothing to send when the window is full or nothing is left', () => {
    const todo = { outcome: 'todo', attempts: 0, digests: [] } as const;
    const input = inputWith({ files: [FILE, { ...FILE, name: 'b' }, { ...FILE, name: 'c' }] });
    expect(sendable(input, [todo, todo, todo])).toEqual([0, 1]);
    expect(sendable(input, [{ ...todo, outcome: 'sending' }, { ...todo, outcome: 'sending' }, todo])).toEqual([]);
    expect(
      sendable(input, [
        { ...todo, outcome: 'ready' },
        { ...todo, outcome: 'unchanged' },
        { ...todo, outcome: 'failed' }
      ])
    ).toEqual([]);
  });
});
