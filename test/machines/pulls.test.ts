// Files that the service fetches by itself: followed as long as they come further, and never taken for done before they are.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SessionFile } from '../../machines/vocabulary.ts';
import type { CallSpec } from '../../machines/workflow/calls.ts';
import { furthest, isFurther, isUnderWay, NOWHERE, reachedBy } from '../../machines/workflow/pulls.ts';
import { uploadMachine } from '../../machines/workflow/upload.ts';
import type { UploadInput, UploadResult } from '../../machines/workflow/upload-facts.ts';
import { type FileSpec, type UploadFileResult, uploadFileMachine } from '../../machines/workflow/upload-file.ts';
import { byOp, play, refuse, type Script, turns } from './play.ts';
import { fileIs, fileWith, GOOD, inputWith, knownWith, POLICY, SERVER, sessionIs, SHA } from './samples.ts';

const FILE: FileSpec = { name: 'a.bin', size: 1_600, role: 'plain', pull: true };
const pulled = (status: string, more: Partial<SessionFile> = {}): SessionFile =>
  fileIs(status, { sourceType: 'PULL', uploadUri: undefined, ...more });
const SHA1 = { algorithm: 'SHA1', checksum: 'c'.repeat(40) };
const READY = pulled('READY', { size: 1_600, bytesTransferred: 1_600, digest: SHA('a') });

describe('one file that the service fetches', () => {
  const fetch = (answers: object, more: object = {}) => {
    const input = fileWith({ index: 3, file: FILE, patienceMs: 1_000, ...more });
    const added: object[] = [];
    const script = byOp({ ...GOOD, addFile: pulled('WAITING_FOR_TRANSFER'), getFile: READY, ...answers });
    const its = play(uploadFileMachine, input, (call, times, path) => {
      if (call.op === 'addFile') added.push(call.args);
      return script(call, times, path);
    });
    return { ...its, added, result: its.output() as unknown as UploadFileResult };
  };

  it('should be added with its place in the plan, and asked for until it is READY', () => {
    const { result, calls, added } = fetch({
      getFile: turns(pulled('WAITING_FOR_TRANSFER'), pulled('TRANSFERRING', { bytesTransferred: 5 }), READY)
    });
    expect([calls, added]).toEqual([
      ['addFile', 'getFile', 'getFile', 'getFile'],
      [{ sessionId: 's1', name: 'a.bin', size: 1_600, digest: undefined, pull: 3 }]
    ]);
    expect(result).toEqual({
      ok: true,
      at: 1_050,
      attempts: 1,
      digests: [],
      reported: SHA('a'),
      failure: undefined
    });
  });
  it('should be followed to READY also on a server that never reports it for what is pushed', () => {
    expect(fetch({}, { server: { ...SERVER, reportsReady: false } }).calls).toEqual(['addFile', 'getFile']);
  });
  it('should name its digest only where the server takes it', () => {
    const file = { ...FILE, digest: SHA('a') };
    expect(fetch({}, { file }).added).toMatchObject([{ digest: SHA('a') }]);
    expect(fetch({}, { file, server: { ...SERVER, algorithms: ['SHA1'] } }).added).toMatchObject([
      { digest: undefined }
    ]);
  });
  it('should be waited for as long as it moves, however slowly', () => {
    const moving = Array.from({ length: 400 }, (_, index) => pulled('TRANSFERRING', { bytesTransferred: index + 1 }));
    const { result, waits } = fetch({ getFile: turns(...moving, READY) });
    expect([result.ok, result.at > 100_000]).toEqual([true, true]);
    // soon at first, then ever more seldom, up to five looks' time
    expect([waits.slice(0, 4), Math.max(...waits)]).toEqual([[25, 25, 50, 100], 500]);
  });
  it('should be given up when it stands still', () => {
    const { result } = fetch({ getFile: pulled('TRANSFERRING', { bytesTransferred: 7 }) });
    expect(result.failure).toMatchObject({ code: 'TIMED_OUT', next: expect.stringContaining('reach the source') });
    expect(result.failure?.message).toContain('a.bin');
    expect(result.at).toBeLessThan(1_000 + 1_000 + 2 * 500);
  });
  it('should be given up when it begins anew for ever, and never comes further', () => {
    const circle = Array.from({ length: 900 }, (_, index) =>
      pulled(index % 2 === 0 ? 'WAITING_FOR_TRANSFER' : 'TRANSFERRING', { bytesTransferred: (index % 4) * 100 })
    );
    expect(fetch({ getFile: turns(...circle, READY) }).result.failure?.code).toBe('TIMED_OUT');
  });
  it.each([
    ['at once', { addFile: pulled('ERROR', { errorMessage: 'Reason: 404' }) }],
    ['later', { getFile: turns(pulled('TRANSFERRING'), pulled('ERROR', { errorMessage: 'Reason: 404' })) }]
  ])('should fail with the words of the service when its fetch fails %s, and not be added again', (_, answers) => {
    const { result, calls } = fetch(answers);
    expect(result.failure).toMatchObject({ code: 'FILE_NOT_RECEIVED', message: 'Reason: 404' });
    expect(result.failure?.next).toContain('reach the source');
    expect(calls.filter(op => op === 'addFile').length).toBe(1);
  });
  it('should say that the checksum is wrong, by the words of the service or by what it reports', () => {
    const said = fetch({ getFile: pulled('ERROR', { errorMessage: 'the SHA256 checksum differs' }) });
    expect(said.result.failure).toMatchObject({ code: 'CHECKSUM_MISMATCH', next: expect.stringContaining('checksum') });
    const seen = fetch({}, { file: { ...FILE, digest: SHA('b') } });
    expect(seen.result.failure).toMatchObject({
      code: 'CHECKSUM_MISMATCH',
      message: `what the service fetched of a.bin is not what was asked for: its SHA256 is ${'a'.repeat(64)}, not ${'b'.repeat(64)}`
    });
    expect(seen.calls.filter(op => op === 'addFile').length).toBe(1);
  });
  it('should fail with what a question was answered', () => {
    expect(fetch({ getFile: refuse('NOT_FOUND') }).result.failure?.code).toBe('NOT_FOUND');
    expect(fetch({ getFile: refuse('INVALID_ARGUMENT') }).result.failure?.code).toBe('INVALID_ARGUMENT');
  });
  it('should be through when it is an archive whose members stand in its place', () => {
    const file = { name: 'vm.ova', role: 'archive', pull: true };
    expect(fetch({ getFile: refuse('INVALID_ARGUMENT') }, { file }).result.ok).toBe(true);
    expect(fetch({ getFile: refuse('NOT_FOUND') }, { file }).result.failure?.code).toBe('NOT_FOUND');
  });
  it.each([
    ['landed', pulled('TRANSFERRING'), 1],
    ['landed, and failed since', pulled('ERROR', { errorMessage: 'Reason: 404' }), 1],
    ['did not land, and the item holds an older file', fileIs('READY', { sourceType: 'NONE' }), 2],
    ['did not land', refuse('INVALID_ARGUMENT'), 2]
  ])('should be asked for when the answer to its add was lost: it %s', (_, seen, adds) => {
    const { calls, result } = fetch({
      addFile: turns(refuse('CONNECTION', { ambiguous: true }), pulled('WAITING_FOR_TRANSFER')),
      getFile: turns(seen, READY)
    });
    expect(calls.filter(op => op === 'addFile').length).toBe(adds);
    expect(result.ok).toBe((seen as SessionFile).status !== 'ERROR');
  });
});

const PULL: Partial<UploadInput> = { files: [{ ...FILE, digest: SHA('a') }] };
/** A service on which the fetch goes well, and whose session is DONE once it was completed. */
function service(answers: object = {}): Script {
  let state = 'ACTIVE';
  const script = byOp({
    ...GOOD,
    addFile: pulled('WAITING_FOR_TRANSFER'),
    getFile: READY,
    listFiles: [READY],
    ...answers
  });
  return (call, times, path) => {
    if (call.op === 'complete') state = 'DONE';
    if (call.op === 'getSession' && !('getSession' in answers)) return sessionIs(state);
    return script(call, times, path);
  };
}
const run = (answers: object = {}, more: Partial<UploadInput> = {}, options: Parameters<typeof play>[3] = {}) => {
  const its = play(uploadMachine, inputWith({ ...PULL, ...more }), service(answers), options);
  return { ...its, result: its.output() as unknown as UploadResult };
};

describe('an upload that the service fetches', () => {
  it('should be done by the digest that the service was given, without a byte read or sent', () => {
    const { result, calls } = run();
    expect(result).toMatchObject({ outcome: 'done', verified: [{ verified: 'digest', digest: SHA('a') }] });
    expect(calls).not.toContain('push');
    expect(calls).not.toContain('digest');
  });
  it.each([
    ['by the service alone, which compared what it was told', SHA('a'), { size: 1_600 }, 'digest'],
    ['by the digest that the item shows', SHA('a'), { size: 1_600, digest: SHA('a') }, 'digest'],
    ['not at all, when the item shows another one', SHA('a'), { size: 1_600, digest: SHA('b') }, 'no'],
    ['not at all, when it has another size', SHA('a'), { size: 7 }, 'no'],
    ['by its size', undefined, { size: 1_600, digest: SHA('a') }, 'size'],
    ['by nothing', undefined, {}, 'notReported']
  ])('should be verified %s', (_, digest, held, verified) => {
    const { result } = run(
      { listItemFiles: [{ name: 'a.bin', ...held }], getFile: { ...READY, digest: undefined } },
      { files: [{ ...FILE, digest }] }
    );
    expect(result.verified[0]?.verified).toBe(verified);
    expect(result.outcome).toBe(verified === 'no' ? 'failed' : 'done');
  });
  it.each([
    ['not at all, when the item shows another digest than the session did', undefined, SHA('b'), 'no'],
    ['by its size, when the item shows nothing that tells whether it was named anew', SHA('a'), SHA1, 'size'],
    ['by the service, when the item shows the digest that the session did', SHA1, SHA('a'), 'digest']
  ])('should be verified %s', (_, digest, held, verified) => {
    const { result } = run(
      { listItemFiles: [{ name: 'a.bin', size: 1_600, digest: held }] },
      { files: [{ ...FILE, digest }], server: { ...SERVER, algorithms: ['SHA1', 'SHA256'] } }
    );
    expect(result.verified[0]?.verified).toBe(verified);
    expect(result.outcome).toBe(verified === 'no' ? 'failed' : 'done');
  });
  it('should be verified by nothing where neither size nor digest are known, and by no digest that the server does not take', () => {
    const [unsized] = run({}, { files: [{ ...FILE, size: undefined }] }).result.verified;
    expect(unsized).toEqual({ verified: 'notReported' });
    const server = { ...SERVER, algorithms: ['SHA1'], reportsDigest: false } as const;
    expect(run({}, { server }).result.verified).toEqual([{ verified: 'size' }]);
  });
  it('should not be fetched when the item holds it by its digest, and be fetched when there is none to compare', () => {
    const there = { findItems: ['i1'] };
    const same = run(there);
    expect([same.result.outcome, same.calls.includes('createSession')]).toEqual(['upToDate', false]);
    expect(same.result.notes).toEqual(['a.bin: not fetched, the digest given says that the item holds it']);
    expect(same.calls).not.toContain('digest');
    expect(run(there, { files: [FILE] }).result.outcome).toBe('done');
    const unread = run(there, { hash: false }).result;
    expect(unread.notes).toEqual(same.result.notes);
  });
  it('should say what was not read when some files are sent and some are fetched', () => {
    const files = [
      { ...FILE, digest: SHA('a') },
      { name: 'b.bin', size: 1_600, role: 'plain', digest: SHA('a') }
    ] as const;
    const held = ['a.bin', 'b.bin'].map(name => ({ name, size: 1_600, digest: SHA('a') }));
    const { result } = run({ findItems: ['i1'], listItemFiles: held }, { files, hash: false });
    expect([result.outcome, result.notes.length]).toEqual(['upToDate', 2]);
  });

  it('should wait for what the service fetches besides, before it validates', () => {
    const disk = (status: string, more: object = {}) => pulled(status, { name: 'disk.vmdk', ...more });
    const { calls, result, waits } = run({
      listFiles: turns([READY, disk('WAITING_FOR_TRANSFER')], [READY, disk('TRANSFERRING')], [READY, disk('READY')])
    });
    expect(result.outcome).toBe('done');
    expect(calls.slice(calls.indexOf('listFiles'), calls.indexOf('complete'))).toEqual([
      'listFiles',
      'getSession',
      'listFiles',
      'getSession',
      'listFiles',
      'validate'
    ]);
    expect(waits).toEqual([POLICY.watchMs, POLICY.watchMs]);
    expect(result.notes).toEqual(['fetched besides by the server: disk.vmdk']);
    expect(run({ listFiles: [READY, fileIs('READY', { name: 'pushed' })] }).result.notes).toEqual([]);
  });
  it('should be given up when what the service fetches besides stands still, and not before', () => {
    const disk = (bytesTransferred: number) => [READY, pulled('TRANSFERRING', { name: 'd', bytesTransferred })];
    const still = run({ listFiles: disk(5) }, {}, { holdWaits: path => path === 'lease/rest' });
    expect(still.result).toMatchObject({ outcome: 'failed', failure: { code: 'TIMED_OUT' }, itemMade: true });
    expect(still.calls).toContain('failSession');
    const slow = Array.from({ length: 300 }, (_, index) => disk(index));
    const moving = run(
      { listFiles: turns(...slow, [READY]) },
      {},
      { holdWaits: path => path === 'lease/rest', steps: 9_000 }
    );
    expect(moving.result.outcome).toBe('done');
  });
  it.each([
    ['in its own words', pulled('ERROR', { name: 'd', errorMessage: 'no route' }), 'no route'],
    ['in ours, where it has none', pulled('ERROR', { name: 'd' }), 'the service could not fetch d (status: ERROR)']
  ])('should fail when what the service fetches besides fails, %s', (_, disk, message) => {
    const { result } = run({ listFiles: [READY, disk] });
    expect(result).toMatchObject({ outcome: 'failed', failure: { code: 'FILE_NOT_RECEIVED', message } });
  });
  it('should say which fetch has failed first, and why, where all others end with it', () => {
    const silent = pulled('ERROR', { errorMessage: undefined });
    const guilty = pulled('ERROR', { name: 'b.bin', errorMessage: 'the SHA256 checksum differs' });
    const { result, calls } = run({ getFile: silent, listFiles: [silent, guilty] });
    expect(result.failure).toMatchObject({
      code: 'CHECKSUM_MISMATCH',
      message: 'the SHA256 checksum differs',
      next: expect.stringContaining('the checksum')
    });
    expect(calls).not.toContain('validate');
    const none = run({ getFile: silent, listFiles: [READY] }).result;
    expect(none.failure?.message).toBe('the service did not keep a.bin (status: ERROR)');
    const pushed = run({ getFile: fileIs('ERROR') }, { files: [{ ...FILE, pull: undefined }] });
    expect(pushed.result.failure?.code).toBe('FILE_NOT_RECEIVED');
  });
  it('should end as the session has ended while it was followed', () => {
    const listFiles = [READY, pulled('TRANSFERRING', { name: 'd' })];
    const ended = (state: string) =>
      run({ listFiles, getSession: turns(sessionIs('ACTIVE'), sessionIs(state)) }).result;
    expect(ended('CANCELED').failure?.code).toBe('SESSION_CANCELED');
    expect(ended('ERROR').failure?.code).toBe('SESSION_ERROR');
    const gone = run({ listFiles: refuse('NOT_FOUND'), getSession: turns(sessionIs('ACTIVE'), refuse('NOT_FOUND')) });
    expect(gone.result.outcome).toBe('failed');
    const refused = run({ listFiles: refuse('UNAUTHORIZED') });
    expect(refused.result).toMatchObject({ outcome: 'failed', failure: { code: 'UNAUTHORIZED' } });
  });
  it('should be canceled while it is followed', () => {
    const listFiles = [READY, pulled('TRANSFERRING', { name: 'd' })];
    const { result, calls } = run(
      { listFiles },
      {},
      { cancelAt: ({ op }, times) => op === 'listFiles' && times === 3 }
    );
    expect([result.outcome, calls.includes('cancelSession')]).toEqual(['canceled', true]);
  });

  it('should wait after complete as long as the service comes further', () => {
    const states = (count: number, last: string) =>
      turns(...Array.from({ length: count }, () => sessionIs('ACTIVE')), sessionIs(last));
    const disk = (bytesTransferred: number) => [READY, pulled('READY', { name: 'd', bytesTransferred })];
    const answers = { complete: null, getSession: states(900, 'DONE') };
    const options = { holdWaits: (path: string) => path === 'lease/rest', steps: 9_000 };
    const moving = turns(...Array.from({ length: 800 }, (_, index) => disk(index)));
    expect(run({ ...answers, listFiles: moving }, {}, options).result.outcome).toBe('done');
    expect(run({ ...answers, listFiles: disk(1) }, {}, options).result.failure?.code).toBe('TIMED_OUT');
    const unlisted = turns(disk(1), refuse('UNAUTHORIZED'));
    expect(run({ getSession: states(3, 'DONE'), listFiles: unlisted }, {}, options).result.outcome).toBe('done');
  });

  it.each([
    ['of its size', { size: 1_600 }, FILE],
    ['that may be it', {}, FILE],
    ['and nobody knows its size', { size: 7 }, { ...FILE, size: undefined }]
  ])(
    'should not take its digest for proof when the session was lost, and the item held a file of its name %s',
    (_, its, file) => {
      const { result } = run(
        {
          findItems: ['i1'],
          listItemFiles: [{ name: 'a.bin', ...its }],
          getSession: turns(sessionIs('ACTIVE'), refuse('NOT_FOUND'))
        },
        { files: [{ ...file, digest: SHA('a') }], policy: { ...POLICY, maxAttempts: 1 } }
      );
      expect(result).toMatchObject({ outcome: 'failed', failure: { code: 'SESSION_LOST' } });
    }
  );
  it('should take an archive for there when its descriptor is, and for proven only when the item has changed', () => {
    const files = [{ name: 'vm.ova', role: 'archive', pull: true }] as const;
    const members = [{ name: 'vm.ovf' }, { name: 'disk.vmdk' }];
    const archive = { files, itemType: 'ovf', server: { ...SERVER, previews: false } };
    const done = run({ listItemFiles: members, listFiles: [] }, archive).result;
    expect(done).toMatchObject({ outcome: 'done', verified: [{ verified: 'notReported' }] });
    expect(run({ listItemFiles: [{ name: 'readme' }] }, archive).result.failure?.code).toBe('NOT_VERIFIED');
    const lost = run(
      {
        findItems: ['i1'],
        getItem: { ...GOOD.getItem, type: 'OVF' },
        listItemFiles: members,
        getSession: turns(sessionIs('ACTIVE'), refuse('NOT_FOUND'))
      },
      { ...archive, policy: { ...POLICY, maxAttempts: 1 } }
    ).result;
    expect(lost.failure?.code).toBe('SESSION_LOST');
  });
  it.each(['descriptor', 'archive'] as const)(
    'should not begin with the %s of a package in an item of no type',
    role => {
      const its = run(
        { findItems: ['i1'], getItem: { ...GOOD.getItem, type: undefined } },
        { itemType: 'ovf', files: [{ name: 'vm.ov?', role, pull: true }] }
      );
      expect(its.result.failure).toMatchObject({ code: 'INVALID_ELEMENT_TYPE', next: expect.stringContaining('send') });
      expect(its.calls).not.toContain('createSession');
    }
  );
  const making = knownWith({ itemId: undefined, making: true, opened: false, sessionId: undefined });
  it.each([
    ['this life', undefined, turns([], ['i1'])],
    ['an earlier life', making, ['i1']]
  ])('should look at the type of an item that is found after a create of %s', (_, known, findItems) => {
    const archive = { files: [{ name: 'vm.ova', role: 'archive', pull: true }], itemType: 'ovf', known } as const;
    const createItem = refuse('CONNECTION', { ambiguous: true });
    const answers = { findItems, createItem, listFiles: [] };
    const others = run({ ...answers, getItem: { ...GOOD.getItem, type: undefined }, listItemFiles: [] }, archive);
    expect(others.result.failure?.code).toBe('INVALID_ELEMENT_TYPE');
    expect(others.calls).not.toContain('createSession');
    expect(others.calls).not.toContain('deleteItem');
    const members = turns([], [{ name: 'vm.ovf' }]);
    const ours = run({ ...answers, getItem: { ...GOOD.getItem, type: 'ovf' }, listItemFiles: members }, archive);
    expect(ours.result).toMatchObject({ outcome: 'done', itemMade: true });
  });
});

describe('movement', () => {
  const files = fc.array(
    fc.record({
      name: fc.constantFrom('a', 'b'),
      sourceType: fc.constantFrom('PULL', 'PUSH', 'NONE'),
      status: fc.constantFrom('WAITING_FOR_TRANSFER', 'TRANSFERRING', 'VALIDATING', 'READY', 'ERROR', 'NEWER_WORD'),
      bytesTransferred: fc.nat(1_000)
    })
  );
  it('should never be seen twice in the same place, nor in a place that was left behind', () => {
    fc.assert(
      fc.property(fc.array(files, { maxLength: 20 }), states => {
        let reached = NOWHERE;
        for (const state of states) {
          const now = reachedBy(state);
          const next = furthest(reached, now);
          expect(isFurther(now, next)).toBe(false);
          expect(isFurther(next, reached)).toBe(isFurther(now, reached));
          reached = next;
        }
        for (const state of states) expect(isFurther(reachedBy(state), reached)).toBe(false);
      })
    );
  });
  it('should count only what the service fetches', () => {
    fc.assert(
      fc.property(files, list => {
        const own = list.filter(({ sourceType }) => sourceType === 'PULL');
        expect(reachedBy(list)).toEqual(reachedBy(own));
        expect(list.some(isUnderWay)).toBe(own.some(({ status }) => status !== 'READY' && status !== 'ERROR'));
      })
    );
  });
});

describe('any sequence of statuses and bytes', () => {
  it('should bring a fetch to READY or to a failure, in bounded time without movement', () => {
    const seen = { ready: 0, failed: 0 };
    const status = fc.constantFrom(
      'WAITING_FOR_TRANSFER',
      'TRANSFERRING',
      'TRANSFERRING',
      'VALIDATING',
      'READY',
      'ERROR'
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(status, fc.nat(1_600)), { maxLength: 30 }), fc.boolean(), (steps, ends) => {
        let asked = 0;
        let last = pulled('TRANSFERRING');
        let answers = 0;
        const script: Script = ({ op }: CallSpec) => {
          answers += 1;
          if (op !== 'getFile') return pulled('WAITING_FOR_TRANSFER');
          const [word, bytesTransferred] =
            steps[asked++] ?? (ends ? ['READY', 1_600] : [last.status, last.bytesTransferred]);
          last = pulled(word, { bytesTransferred, size: word === 'READY' ? 1_600 : undefined });
          return last;
        };
        const input = fileWith({ file: FILE, patienceMs: 2_000 });
        const { tree, output } = play(uploadFileMachine, input, script);
        expect(tree.snapshot.status).toBe('done');
        const { ok, failure } = output() as unknown as UploadFileResult;
        expect(ok).toBe(last.status === 'READY');
        expect(failure === undefined).toBe(ok);
        expect(answers).toBeLessThan(steps.length + 60);
        seen[ok ? 'ready' : 'failed'] += 1;
      }),
      { numRuns: 300 }
    );
    expect(Math.min(seen.ready, seen.failed)).toBeGreaterThan(30);
  });
});
