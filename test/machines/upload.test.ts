import { describe, expect, it } from 'vitest';
import { failure } from '../../machines/vocabulary.ts';
import type { Op } from '../../machines/workflow/calls.ts';
import { stayed } from '../../machines/workflow/upload/comparison.ts';
import { uploadMachine } from '../../machines/workflow/upload.ts';
import type { UploadInput } from '../../machines/workflow/upload-facts.ts';
import { byOp, HOLD, type Play, type PlayOptions, play, refuse, type Script, turns } from './play.ts';
import { completing, fileIs, GOOD, inputWith, knownWith, LOOKS, POLICY, SERVER, SHA, sessionIs } from './samples.ts';

type Answers = Partial<Record<Op, unknown>>;

/** A service on which everything goes well, but for what is said; it remembers that it was completed. */
function service(more: Answers = {}): Script {
  return completing(byOp({ ...GOOD, digest: SHA('a'), removeFile: null, updateSession: null, ...more }));
}
const upload = (more: Answers = {}, input: Partial<UploadInput> = {}, options: PlayOptions = {}): Play =>
  play(uploadMachine, inputWith(input), service(more), options);
const cancelAt = (op: Op, time = 1): PlayOptions => ({ cancelAt: (call, times) => call.op === op && times === time });
const end = ({ output }: Play): { outcome: string; code?: string; notes: readonly string[] } => {
  const its = output() as { outcome: string; failure?: { code: string }; notes: readonly string[] };
  return { outcome: its.outcome, code: its.failure?.code, notes: its.notes };
};
const without = (play_: Play, ...ops: string[]): string[] => play_.calls.filter(op => !ops.includes(op));
const BESIDE = ['getSession', 'keepAlive', 'keepLogin', 'listFiles'];
/** A session on an item that held this before. */
const HAS_OLD = [fileIs('READY', { name: 'old.bin', sourceType: 'NONE' })];
const PLAIN = { name: 'a.bin', size: 1_600, role: 'plain' } as const;
const OVF: Partial<UploadInput> = {
  itemType: 'ovf',
  files: [
    { name: 'x.mf', size: 1_600, role: 'manifest' },
    { name: 'x.ovf', size: 1_600, role: 'descriptor' },
    { name: 'd1.vmdk', size: 1_600, role: 'disk', digest: SHA('a') },
    { name: 'd2.vmdk', size: 1_600, role: 'disk' },
    { name: 'd3.vmdk', size: 1_600, role: 'disk' }
  ]
};
const OVF_FILES = ['x.ovf', 'd1.vmdk', 'd2.vmdk', 'd3.vmdk'].map(name => ({ name, size: 1_600, digest: SHA('a') }));

describe('an upload on which all goes well', () => {
  it('should take a new item from nothing to done, and delete its session', () => {
    const its = upload();
    expect(its.output()).toMatchObject({ outcome: 'done', itemId: 'i1', itemMade: true, contentVersion: '2' });
    expect(its.output().verified).toEqual([{ verified: 'digest', digest: SHA('a') }]);
    expect(without(its, ...BESIDE)).toEqual(
      'findLibraries getLibrary findItems createItem listSessions createSession addFile push getFile validate complete listItemFiles getItem deleteSession'.split(
        ' '
      )
    );
  });
  it('should send manifest, then descriptor, then disks within the window', () => {
    const order: string[] = [];
    const script = service({ listItemFiles: OVF_FILES });
    let most = 0;
    const its = play(
      uploadMachine,
      inputWith(OVF),
      (call, times, path) => {
        if (call.op === 'addFile') order.push(call.args.name);
        return script(call, times, path);
      },
      {
        each: tree => {
          most = Math.max(most, Object.keys(tree.kids).filter(id => id.startsWith('file:')).length);
        }
      }
    );
    expect(order).toEqual(['x.mf', 'x.ovf', 'd1.vmdk', 'd2.vmdk', 'd3.vmdk']);
    expect(most).toBe(POLICY.parallel);
    expect(end(its).outcome).toBe('done');
    expect((its.output().verified as { verified: string }[]).map(({ verified }) => verified)).toEqual([
      'notKept',
      'digest',
      'digest',
      'digest',
      'digest'
    ]);
  });
  it('should name no file to the session before all that must come before it have arrived', () => {
    const order: string[] = [];
    const script = service({ listItemFiles: OVF_FILES });
    play(uploadMachine, inputWith(OVF), (call, times, path) => {
      if (call.op === 'addFile' || call.op === 'push') order.push(`${call.op} ${call.args.name}`);
      return script(call, times, path);
    });
    expect(order.slice(0, 5)).toEqual(['addFile x.mf', 'push x.mf', 'addFile x.ovf', 'push x.ovf', 'addFile d1.vmdk']);
  });
  it('should find library and item by id without searching for names', () => {
    const its = upload(
      { listItemFiles: turns([], GOOD.listItemFiles) },
      { to: { library: 'l1', libraryById: true, item: 'i1', itemById: true } }
    );
    expect(its.calls.slice(0, 3)).toEqual(['getLibrary', 'getItem', 'listItemFiles']);
    expect(its.output()).toMatchObject({ outcome: 'done', itemName: 'ubuntu', itemMade: false });
  });
  it('should say upToDate without a session when the item holds the same bytes', () => {
    const its = upload({ findItems: ['i1'] }, { files: [{ ...PLAIN, digest: SHA('a') }] });
    expect(end(its).outcome).toBe('upToDate');
    expect(its.output().verified).toEqual([{ verified: 'digest', digest: SHA('a') }]);
    expect(its.calls).toEqual(['findLibraries', 'getLibrary', 'findItems', 'getItem', 'listItemFiles', 'digest']);
  });
  it('should not take a manifest for the bytes: what is on the disk may be something else', () => {
    const its = upload({ findItems: ['i1'], digest: SHA('b') }, { files: [{ ...PLAIN, digest: SHA('a') }] });
    expect([end(its).outcome, end(its).code]).toEqual(['done', undefined]);
    expect(its.calls).toContain('push');
  });
  it('should not read a source whose manifest already says that it differs', () => {
    const its = upload({ findItems: ['i1'] }, { files: [{ ...PLAIN, digest: SHA('b') }] });
    expect(its.calls).not.toContain('digest');
  });
  it('should go by the manifest alone when it is told not to hash, and say so', () => {
    const its = upload({ findItems: ['i1'] }, { hash: false, files: [{ ...PLAIN, digest: SHA('a') }] });
    expect(end(its)).toMatchObject({ outcome: 'upToDate', notes: [expect.stringContaining('not read')] });
  });
  it('should read a source once for a digest that only the server knows, and send nothing if it is the same', () => {
    const its = upload({ findItems: ['i1'] });
    expect([end(its).outcome, its.calls.at(-1)]).toEqual(['upToDate', 'digest']);
  });
  it('should leave nothing behind when its session was gone, or over, before it could be failed', () => {
    for (const code of ['NOT_FOUND', 'NOT_ALLOWED_IN_CURRENT_STATE'] as const) {
      const its = upload({
        findItems: ['i1'],
        listItemFiles: [],
        addFile: refuse('INVALID_ARGUMENT'),
        failSession: refuse(code)
      });
      expect(end(its)).toEqual({ outcome: 'failed', code: 'INVALID_ARGUMENT', notes: [] });
      expect(its.calls.slice(-2)).toEqual(['failSession', 'deleteSession']);
    }
  });
  it('should keep the digest that it read of a file with that file', () => {
    const two = [PLAIN, { ...PLAIN, name: 'b.bin' }];
    const listed = two.map(({ name }, index) => ({ name, size: 1_600, digest: SHA(index === 0 ? 'a' : 'b') }));
    const its = upload({ findItems: ['i1'], listItemFiles: listed, digest: turns(SHA('a'), SHA('b')) }, { files: two });
    expect([end(its).outcome, its.output().verified]).toEqual([
      'upToDate',
      [
        { verified: 'digest', digest: SHA('a') },
        { verified: 'digest', digest: SHA('b') }
      ]
    ]);
  });
  it('should send what differs and leave what is the same', () => {
    const two = { files: [PLAIN, { ...PLAIN, name: 'b.bin' }] };
    const listed = [...GOOD.listItemFiles, { name: 'b.bin', size: 1_600, digest: SHA('b') }];
    const sent: string[] = [];
    const script = service({
      findItems: ['i1'],
      listItemFiles: turns(listed, [...GOOD.listItemFiles, { name: 'b.bin', size: 1_600, digest: SHA('a') }])
    });
    const its = play(uploadMachine, inputWith(two), (call, times, path) => {
      if (call.op === 'addFile') sent.push(call.args.name);
      return script(call, times, path);
    });
    expect([end(its).outcome, sent]).toEqual(['done', ['b.bin']]);
  });
  it('should read a source for a digest even where the server tells no size', () => {
    const its = upload({ findItems: ['i1'], listItemFiles: [{ name: 'a.bin', digest: SHA('a') }] });
    expect([end(its).outcome, its.calls.at(-1)]).toEqual(['upToDate', 'digest']);
  });
  it('should look at the session, and at what it has accepted, again and again while files are sent', () => {
    const its = upload(
      {
        push: HOLD,
        getSession: turns(sessionIs('ACTIVE'), sessionIs('ACTIVE'), sessionIs('ACTIVE'), sessionIs('ERROR'))
      },
      {},
      { holdWaits: path => path.startsWith('lease/') }
    );
    expect(its.calls.filter(op => op === 'getSession' || op === 'listFiles')).toEqual([
      'getSession',
      'getSession',
      'listFiles',
      'getSession',
      'listFiles',
      'getSession'
    ]);
  });
  it('should not read a source twice when the sizes already differ', () => {
    const its = upload({
      findItems: ['i1'],
      listItemFiles: turns([{ name: 'a.bin', size: 3, digest: SHA('a') }], GOOD.listItemFiles)
    });
    expect([end(its).outcome, its.calls.includes('digest')]).toEqual(['done', false]);
  });
  it('should send all of an ovf package or none of it', () => {
    const all = upload({ findItems: ['i1'], listItemFiles: OVF_FILES }, OVF);
    expect(end(all).outcome).toBe('upToDate');
    const one = OVF_FILES.map(file => (file.name === 'd2.vmdk' ? { ...file, digest: SHA('c') } : file));
    const some = upload({ findItems: ['i1'], listItemFiles: turns(one, OVF_FILES) }, OVF);
    expect([end(some).outcome, some.calls.filter(op => op === 'push').length]).toEqual(['done', 5]);
  });
  it('should remove what shall not stay, under replace', () => {
    const extra = { name: 'old.bin', size: 1 };
    const its = upload(
      {
        findItems: ['i1'],
        listItemFiles: turns([...GOOD.listItemFiles, extra], GOOD.listItemFiles),
        listFiles: HAS_OLD
      },
      { ifExists: 'replace' }
    );
    expect([end(its).outcome, its.calls.filter(op => op === 'removeFile' || op === 'push')]).toEqual([
      'done',
      ['removeFile']
    ]);
  });
  it('should not say that it is done when a file that was to go is still there', () => {
    const extra = { name: 'old.bin', size: 1 };
    const its = upload(
      {
        findItems: ['i1'],
        listItemFiles: [...GOOD.listItemFiles, extra],
        listFiles: HAS_OLD
      },
      { ifExists: 'replace' }
    );
    expect(its.output()).toMatchObject({
      outcome: 'failed',
      failure: {
        code: 'NOT_VERIFIED',
        message: 'after the session was DONE the item still holds what was to be replaced: old.bin'
      }
    });
  });
  it.each<[boolean, string | undefined, string | undefined, string[]]>([
    [false, undefined, undefined, ['old.bin']],
    [true, '2', '2', ['old.bin']],
    [true, '2', '3', []],
    [true, undefined, undefined, []]
  ])('should tell what was to go from what a fetch brought along (%s: %s, then %s)', (pull, before, after, names) => {
    const old = (version: string | undefined) => ({ name: 'old.bin', size: 1, ...(version && { version }) });
    const input = inputWith({ ifExists: 'replace', files: [{ ...PLAIN, ...(pull && { pull: true as const }) }] });
    const context = { input, held: [old(before)] } as unknown as Parameters<typeof stayed>[0];
    expect(stayed(context, [old(after)])).toEqual(names);
    expect(stayed(context, [])).toEqual([]);
  });
  it('should accept the warnings that the caller accepts', () => {
    const warned = sessionIs('ACTIVE', {
      preview: { state: 'AVAILABLE', warnings: [{ type: 'SELF_SIGNED_CERTIFICATE', message: 'self', ignored: false }] }
    });
    const pending = sessionIs('ACTIVE', { preview: { state: 'PREPARING', warnings: [] } });
    const input = { itemType: 'ovf', acceptWarnings: ['SELF_SIGNED_CERTIFICATE'] };
    let updated = 0;
    const script = service();
    const its = play(uploadMachine, inputWith(input), (call, times, path) => {
      if (call.op === 'updateSession') updated += 1;
      if (call.op === 'getSession' && path.startsWith('review')) return times < 5 ? pending : warned;
      return script(call, times, path);
    });
    expect([end(its).outcome, updated]).toEqual(['done', 1]);
  });
});

describe('an upload that must not begin', () => {
  const rows: [string, Answers, Partial<UploadInput>, string, string, string[]][] = [
    ['there is no such library', { findLibraries: [] }, {}, 'failed', 'NOT_FOUND', ['findLibraries']],
    ['several libraries have the name', { findLibraries: ['l1', 'l2'] }, {}, 'failed', 'AMBIGUOUS', ['findLibraries']],
    [
      'libraries cannot be searched',
      { findLibraries: refuse('UNAUTHORIZED') },
      {},
      'failed',
      'UNAUTHORIZED',
      ['findLibraries']
    ],
    ['the library cannot be read', { getLibrary: refuse('NOT_FOUND') }, {}, 'failed', 'NOT_FOUND', ['getLibrary']],
    [
      'the library is subscribed',
      { getLibrary: { id: 'l1', name: 'images', type: 'SUBSCRIBED' } },
      {},
      'failed',
      'INVALID_ELEMENT_TYPE',
      ['getLibrary']
    ],
    ['items cannot be searched', { findItems: refuse('UNAUTHORIZED') }, {}, 'failed', 'UNAUTHORIZED', ['findItems']],
    ['several items match', { findItems: ['i1', 'i2'] }, {}, 'failed', 'AMBIGUOUS', ['findItems']],
    [
      'the item cannot be read',
      { findItems: ['i1'], getItem: refuse('UNAUTHORIZED') },
      {},
      'failed',
      'UNAUTHORIZED',
      ['getItem']
    ],
    [
      'the item is in another library',
      { findItems: ['i1'], getItem: { id: 'i1', libraryId: 'l9', name: 'x' } },
      {},
      'failed',
      'NOT_FOUND',
      ['getItem']
    ],
    ['the item must not exist', { findItems: ['i1'] }, { ifExists: 'fail' }, 'failed', 'ALREADY_EXISTS', ['getItem']],
    ['the item cannot be made', { createItem: refuse('UNAUTHORIZED') }, {}, 'failed', 'UNAUTHORIZED', ['createItem']],
    [
      'what the item holds cannot be listed',
      { findItems: ['i1'], listItemFiles: refuse('UNAUTHORIZED') },
      {},
      'failed',
      'UNAUTHORIZED',
      ['listItemFiles']
    ],
    [
      'the source cannot be read',
      { findItems: ['i1'], digest: refuse('SOURCE_UNREADABLE') },
      {},
      'failed',
      'SOURCE_UNREADABLE',
      ['digest']
    ],
    [
      'the server cannot remove files',
      { findItems: ['i1'], listItemFiles: [{ name: 'old.bin' }] },
      { ifExists: 'replace', server: { ...SERVER, removesFiles: false } },
      'failed',
      'UNSUPPORTED',
      ['listItemFiles']
    ],
    [
      'sessions cannot be listed',
      { findItems: ['i1'], listItemFiles: [], listSessions: refuse('UNAUTHORIZED') },
      {},
      'failed',
      'UNAUTHORIZED',
      ['listSessions']
    ],
    [
      'somebody else holds a session',
      { findItems: ['i1'], listItemFiles: [], createSession: refuse('RESOURCE_BUSY') },
      {},
      'failed',
      'RESOURCE_BUSY',
      ['listSessions']
    ],
    [
      'a session cannot be made',
      { findItems: ['i1'], listItemFiles: [], createSession: refuse('UNAUTHORIZED') },
      {},
      'failed',
      'UNAUTHORIZED',
      ['createSession']
    ]
  ];
  it.each(rows)('should end clearly, and leave nothing, when %s', (_, answers, input, outcome, code, last) => {
    const its = upload(answers, input);
    expect([end(its).outcome, end(its).code, its.calls.slice(-1)]).toEqual([outcome, code, last]);
  });
  it('should leave an item that exists as it is, under skip, and say so', () => {
    const its = upload({ findItems: ['i1'] }, { ifExists: 'skip' });
    expect(end(its)).toEqual({ outcome: 'upToDate', code: undefined, notes: [expect.stringContaining('skip')] });
  });
});

describe('an upload that fails on the way', () => {
  const review = (state: string, warnings: unknown[] = []): Answers => ({
    getSession: sessionIs('ACTIVE', { preview: { state, warnings } as never })
  });
  const ovf = { itemType: 'ovf', files: [PLAIN] };
  const rows: [string, Answers, Partial<UploadInput>, string][] = [
    ['a file is refused', { addFile: refuse('UNAUTHORIZED') }, {}, 'UNAUTHORIZED'],
    [
      'a file is refused in the answer',
      { addFile: fileIs('ERROR', { errorMessage: 'no room' }) },
      {},
      'FILE_NOT_RECEIVED'
    ],
    ['a file cannot be pushed', { push: refuse('UNAUTHORIZED') }, {}, 'UNAUTHORIZED'],
    ['validation cannot be asked', { validate: refuse('UNAUTHORIZED') }, {}, 'UNAUTHORIZED'],
    ['files are missing', { validate: { hasErrors: true, missing: ['d.vmdk'], invalid: [] } }, {}, 'MISSING_FILES'],
    [
      'files are invalid',
      { validate: { hasErrors: true, missing: [], invalid: [{ name: 'x', message: 'bad' }] } },
      {},
      'INVALID_FILES'
    ],
    [
      'a warning is not accepted',
      review('AVAILABLE', [{ type: 'UNTRUSTED_CERTIFICATE', message: 'who', ignored: false }]),
      ovf,
      'WARNINGS'
    ],
    ['the preview never ends', review('PREPARING'), ovf, 'TIMED_OUT'],
    [
      'the warnings cannot be accepted',
      { ...review('AVAILABLE', [{ type: 'W', message: 'm', ignored: false }]), updateSession: refuse('UNAUTHORIZED') },
      { ...ovf, acceptWarnings: ['W'] },
      'UNAUTHORIZED'
    ],
    ['complete is refused', { complete: refuse('NOT_ALLOWED_IN_CURRENT_STATE') }, {}, 'NOT_ALLOWED_IN_CURRENT_STATE'],
    ['complete is never answered well', { complete: refuse('UNAVAILABLE') }, {}, 'UNAVAILABLE'],
    ['the service never gets done', { getSession: sessionIs('ACTIVE') }, {}, 'TIMED_OUT'],
    [
      'a file to be removed stays',
      {
        findItems: ['i1'],
        listItemFiles: [{ name: 'old.bin' }],
        listFiles: HAS_OLD,
        removeFile: refuse('UNAUTHORIZED')
      },
      { ifExists: 'replace' },
      'UNAUTHORIZED'
    ]
  ];
  it.each(rows)('should fail the session and delete it when %s', (_, answers, input, code) => {
    const its = upload(answers, input, { holdWaits: path => path.startsWith('lease/') });
    expect([end(its).outcome, end(its).code]).toEqual(['failed', code]);
    const last = without(its, 'listItemFiles', 'deleteItem', ...BESIDE).slice(-2);
    expect(last).toEqual(['failSession', 'deleteSession']);
  });
  it('should only delete a session that is known to be over, and keep its words', () => {
    const getSession = turns(sessionIs('ACTIVE'), sessionIs('ERROR', { errorMessage: 'disk full' }));
    const its = upload({ push: HOLD, getSession }, {}, { holdWaits: path => path.startsWith('lease/') });
    expect(end(its)).toMatchObject({ outcome: 'failed', code: 'SESSION_ERROR' });
    expect(its.calls.filter(op => op === 'failSession' || op === 'deleteSession')).toEqual(['deleteSession']);
  });
  it('should only delete a session that turns out to be over while it cleans up', () => {
    const script = service({ complete: refuse('UNAVAILABLE') });
    const its = play(
      uploadMachine,
      inputWith(),
      (call, times, path) => (path.startsWith('judge') ? sessionIs('ERROR') : script(call, times, path)),
      cancelAt('complete')
    );
    expect(end(its).outcome).toBe('canceled');
    expect(its.calls.filter(op => /^(fail|cancel|delete)Session$/.test(op))).toEqual(['deleteSession']);
  });
  it('should only delete a session that was said to be over, where nobody answers any more', () => {
    const script = service({ complete: refuse('UNAVAILABLE', { ambiguous: true }) });
    const its = play(uploadMachine, inputWith(), (call, times, path) => {
      if (path.startsWith('settle')) return sessionIs('ERROR');
      return path.startsWith('judge') ? refuse('UNAUTHORIZED') : script(call, times, path);
    });
    expect(end(its)).toMatchObject({ outcome: 'failed', code: 'SESSION_ERROR' });
    expect(its.calls.filter(op => /^(fail|cancel|delete)Session$/.test(op))).toEqual(['deleteSession']);
  });
  it('should take the empty item away again that it made', () => {
    const its = upload({ addFile: refuse('UNAUTHORIZED'), listItemFiles: [] });
    expect(its.calls.slice(-4)).toEqual(['failSession', 'deleteSession', 'listItemFiles', 'deleteItem']);
  });
  it('should leave an item that is not empty, and say so', () => {
    const its = upload({ addFile: refuse('UNAUTHORIZED') });
    expect(end(its).notes).toEqual([expect.stringContaining('holds files')]);
  });
  it.each([
    ['the session cannot be ended', { failSession: refuse('UNAUTHORIZED') }, 'session s1'],
    ['the session cannot be deleted', { deleteSession: refuse('UNAUTHORIZED') }, 'session s1'],
    ['the item cannot be looked into', { listItemFiles: refuse('UNAUTHORIZED') }, 'item i1'],
    ['the item cannot be deleted', { deleteItem: refuse('UNAUTHORIZED') }, 'item i1']
  ])('should say what is left when %s', (_, answers, left) => {
    const its = upload({ addFile: refuse('INVALID_ARGUMENT'), listItemFiles: [], ...answers });
    expect([end(its).code, end(its).notes]).toEqual([
      'INVALID_ARGUMENT',
      [`left on the server: ${left} (scripted UNAUTHORIZED)`]
    ]);
  });
  it('should complete again when complete was not answered', () => {
    let completes = 0;
    const script = service({ complete: turns(refuse('CONNECTION', { ambiguous: true }), null) });
    const its = play(uploadMachine, inputWith(), (call, times, path) => {
      if (call.op === 'complete') completes += 1;
      return script(call, times, path);
    });
    expect([end(its).outcome, completes]).toEqual(['done', 2]);
  });
  it('should be done when complete took effect although its answer was lost', () => {
    const its = upload(
      {
        complete: refuse('CONNECTION', { ambiguous: true }),
        getSession: turns(sessionIs('ACTIVE'), sessionIs('DONE'))
      },
      {},
      { holdWaits: () => true }
    );
    expect(end(its).outcome).toBe('done');
  });
  it('should find the session whose create was never answered, and end it', () => {
    const its = upload({
      createSession: refuse('CONNECTION', { ambiguous: true }),
      listSessions: turns(['s0'], refuse('UNAUTHORIZED'), ['s0', 's7']),
      listItemFiles: []
    });
    // Several creates were sent: it is looked for again, until there is none.
    expect([end(its).outcome, without(its, 'createSession').slice(-8)]).toEqual([
      'failed',
      [
        'ownersOf',
        'getSession',
        'listFiles',
        'failSession',
        'deleteSession',
        'listSessions',
        'listItemFiles',
        'deleteItem'
      ]
    ]);
  });
  it.each([
    ['none is there', ['s0']],
    ['the list cannot be had', refuse('UNAUTHORIZED')]
  ])('should go on cleaning up when it looks for a session and %s', (_, answer) => {
    const its = upload({
      createSession: refuse('CONNECTION', { ambiguous: true }),
      listSessions: turns(['s0'], refuse('UNAUTHORIZED'), answer),
      listItemFiles: []
    });
    // It goes with its item.
    expect([end(its).notes, its.calls.slice(-2)]).toEqual([[], ['listItemFiles', 'deleteItem']]);
  });
});

describe('an item whose create was never answered', () => {
  const unanswered = { createItem: refuse('CONNECTION', { ambiguous: true }) };
  it('should be taken away again when it is there and empty', () => {
    const its = upload({ ...unanswered, findItems: turns([], refuse('UNAUTHORIZED'), ['i5']), listItemFiles: [] });
    expect([end(its).outcome, its.calls.slice(-3)]).toEqual(['failed', ['findItems', 'listItemFiles', 'deleteItem']]);
  });
  it.each([
    ['is not there, which may not be the last word', [], 1],
    ['cannot be looked for', refuse('UNAUTHORIZED'), 1]
  ])('should be left alone when it %s', (_, answer, notes) => {
    const its = upload({ ...unanswered, findItems: turns([], refuse('UNAUTHORIZED'), answer) });
    expect([end(its).notes.length, its.calls.at(-1)]).toEqual([notes, 'findItems']);
  });
});

describe('an upload whose session is lost', () => {
  it('should open another one when the service does not know it any more', () => {
    let gone = false;
    let made = 0;
    const script = service({ push: turns(refuse('NOT_FOUND'), { sent: 1_600, digests: [SHA('a')] }) });
    const its = play(uploadMachine, inputWith(), (call, times, path) => {
      if (call.op === 'createSession') made += 1;
      if (call.op === 'push' && times === 1) gone = true;
      if ((call.op === 'getSession' || call.op === 'addFile') && gone && made === 1) return refuse('NOT_FOUND');
      return script(call, times, path);
    });
    expect([end(its).outcome, made, its.output().generation]).toEqual(['done', 2, 2]);
  });
  it('should open another one when the session is gone between the last file and complete', () => {
    let made = 0;
    const script = service({});
    const its = play(uploadMachine, inputWith(), (call, times, path) => {
      if (call.op === 'createSession') made += 1;
      if (made === 1 && (call.op === 'validate' || path.startsWith('reconcile'))) return refuse('NOT_FOUND');
      return script(call, times, path);
    });
    expect([end(its).outcome, made]).toEqual(['done', 2]);
  });
  it('should not send again, in another session, what the item holds already', () => {
    const held = [...GOOD.listItemFiles, { name: 'b.bin', size: 1_600, digest: SHA('b') }];
    const after = [...GOOD.listItemFiles, { name: 'b.bin', size: 1_600, digest: SHA('a') }];
    const script = service({
      findItems: ['i1'],
      listItemFiles: turns(held, after),
      push: turns(refuse('NOT_FOUND'), GOOD.push)
    });
    const sent: string[] = [];
    let made = 0;
    let gone = false;
    const its = play(uploadMachine, inputWith({ files: [PLAIN, { ...PLAIN, name: 'b.bin' }] }), (call, times, path) => {
      if (call.op === 'createSession') made += 1;
      if (call.op === 'push') gone = true;
      if ((call.op === 'getSession' || call.op === 'addFile') && gone && made === 1) return refuse('NOT_FOUND');
      if (call.op === 'addFile') sent.push(call.args.name);
      return script(call, times, path);
    });
    expect([end(its).outcome, made, sent]).toEqual(['done', 2, ['b.bin', 'b.bin']]);
  });
  it('should give up after as many sessions as calls are tried', () => {
    const its = upload({ push: refuse('NOT_FOUND'), getSession: refuse('NOT_FOUND'), listItemFiles: [] });
    expect([end(its).code, its.output().generation]).toEqual(['SESSION_LOST', POLICY.maxAttempts]);
  });
  it('should notice it in the watch, too', () => {
    let gone = false;
    const script = service({ push: turns(HOLD, { sent: 1_600, digests: [SHA('a')] }) });
    const its = play(
      uploadMachine,
      inputWith(),
      (call, times, path) => {
        if (call.op === 'getSession' && path.startsWith('watch')) gone = true;
        if (call.op === 'getSession' && gone && !(its0.made > 1)) return refuse('NOT_FOUND');
        if (call.op === 'createSession') its0.made += 1;
        return script(call, times, path);
      },
      { holdWaits: path => path.startsWith('lease/') }
    );
    expect([end(its).outcome, its0.made]).toEqual(['done', 2]);
  });
  const its0 = { made: 0 };
  it.each([
    ['is gone', refuse('NOT_FOUND'), 'SESSION_LOST'],
    ['is CANCELED', sessionIs('CANCELED'), 'SESSION_CANCELED']
  ])('should hear from the lease that it %s', (_, answer, code) => {
    const its = upload(
      { push: HOLD, getSession: answer, listItemFiles: [] },
      {},
      { holdWaits: path => path.startsWith('watch') }
    );
    expect([end(its).outcome, end(its).code]).toEqual(['failed', code]);
  });
  it('should fail with what the session says when a file fails because the session is over', () => {
    const its = upload({
      addFile: refuse('NOT_ALLOWED_IN_CURRENT_STATE'),
      getSession: sessionIs('ERROR', { errorMessage: 'pipe closed' })
    });
    expect(its.output().failure).toMatchObject({ code: 'SESSION_ERROR', message: 'pipe closed' });
  });
  it('should keep the failure of a file when the session is well', () => {
    const its = upload({ addFile: refuse('NOT_ALLOWED_IN_CURRENT_STATE') });
    expect(end(its).code).toBe('NOT_ALLOWED_IN_CURRENT_STATE');
  });
  it('should not ask the session when a file fails for a reason of its own', () => {
    const its = upload({ push: refuse('SOURCE_CHANGED') });
    expect([end(its).code, its.calls.filter(op => op === 'getSession').length]).toEqual(['SOURCE_CHANGED', 1]);
  });
  it('should say so when the session cannot be asked', () => {
    const its = upload({
      addFile: refuse('NOT_ALLOWED_IN_CURRENT_STATE'),
      getSession: turns(sessionIs('ACTIVE'), refuse('UNAUTHORIZED'))
    });
    expect(end(its).outcome).toBe('failed');
  });
  it('should judge by the item when the session is gone after complete', () => {
    const script = service();
    const its = play(uploadMachine, inputWith(), (call, times, path) =>
      call.op === 'getSession' && path.startsWith('settle') ? refuse('NOT_FOUND') : script(call, times, path)
    );
    expect(end(its)).toEqual({
      outcome: 'done',
      code: undefined,
      notes: [expect.stringContaining('held against the source')]
    });
    expect(its.calls.at(-1)).toBe('getItem');
  });
  it.each([
    ['open another session', {}, 'done', undefined],
    ['give up under a wish', cancelAt('complete'), 'canceled', 'CANCELED']
  ])('should %s when it is gone after complete and the item does not hold the files', (_, options, outcome, code) => {
    const script = service({ listItemFiles: turns([], GOOD.listItemFiles) });
    let lost = 0;
    const its = play(
      uploadMachine,
      inputWith(),
      (call, times, path) =>
        call.op === 'getSession' && path.startsWith('settle') && lost++ === 0
          ? refuse('NOT_FOUND')
          : script(call, times, path),
      options
    );
    expect([end(its).outcome, end(its).code]).toEqual([outcome, code]);
  });
  it('should open another session when it is gone after complete and the item tells neither size nor another version', () => {
    const script = service({ findItems: ['i1'], listItemFiles: [{ name: 'a.bin' }] });
    let lost = 0;
    const its = play(
      uploadMachine,
      inputWith({ server: { ...SERVER, reportsSize: false, reportsDigest: false } }),
      (call, times, path) =>
        call.op === 'getSession' && path.startsWith('settle') && lost++ === 0
          ? refuse('NOT_FOUND')
          : script(call, times, path)
    );
    expect([end(its).outcome, its.calls.filter(op => op === 'createSession').length]).toEqual(['done', 2]);
  });
  it('should not take what was compared after a lost session for what the next one has come to', () => {
    const held = [{ name: 'a.bin' }];
    const script = service({ findItems: ['i1'], listItemFiles: turns(held, held, HOLD) });
    let lost = 0;
    const its = play(
      uploadMachine,
      inputWith({ server: { ...SERVER, reportsSize: false, reportsDigest: false } }),
      (call, times, path) =>
        call.op === 'getSession' && path.startsWith('settle') && lost++ === 0
          ? refuse('NOT_FOUND')
          : script(call, times, path)
    );
    expect(its.tree.snapshot.context).toMatchObject({ generation: 2, done: true, verified: [] });
  });
});

describe('an upload whose complete was not answered, and whose session cannot be asked after its end', () => {
  it('should not end a session of which its lease has heard that it is over', () => {
    const script = service({});
    let looks = 0;
    const policy = { ...POLICY, patienceMs: 600_000 };
    const its = play(uploadMachine, inputWith({ policy }), (call, times, path) => {
      if (call.op !== 'getSession') return script(call, times, path);
      if (path.startsWith('lease') && looks++ > 0) return sessionIs('DONE');
      return looks > 1 ? refuse('UNAUTHORIZED') : sessionIs('ACTIVE');
    });
    expect(end(its)).toMatchObject({ outcome: 'failed', code: 'UNAUTHORIZED' });
    expect(end(its).notes).toContainEqual(expect.stringContaining('may hold what was sent'));
    expect(its.calls).not.toContain('failSession');
    expect(its.calls).toContain('deleteSession');
  });
  it('should be done when the session is gone, and the item holds what was sent', () => {
    const script = service({ complete: refuse('CONNECTION', { ambiguous: true }) });
    const its = play(uploadMachine, inputWith(), (call, times, path) => {
      if (path.startsWith('settle')) return refuse('UNAUTHORIZED');
      return path.startsWith('judge') ? refuse('NOT_FOUND') : script(call, times, path);
    });
    expect([end(its).outcome, end(its).code]).toEqual(['done', undefined]);
  });
  it('should say that the item may hold what was sent', () => {
    const late = refuse('NOT_ALLOWED_IN_CURRENT_STATE');
    const script = service({ complete: refuse('CONNECTION', { ambiguous: true }), cancelSession: late });
    const its = play(
      uploadMachine,
      inputWith(),
      (call, times, path) => (path.startsWith('judgeAgain') ? refuse('CONNECTION') : script(call, times, path)),
      cancelAt('complete')
    );
    expect(end(its).outcome).toBe('canceled');
    expect(end(its).notes).toContainEqual(expect.stringContaining('may hold what was sent'));
  });
});

describe('an upload after DONE', () => {
  it('should fail, and leave the content, when the item does not hold what was sent', () => {
    const its = upload({ listItemFiles: [{ name: 'a.bin', size: 1_600, digest: SHA('f') }] });
    expect([end(its).outcome, end(its).code, its.calls.at(-1)]).toEqual(['failed', 'NOT_VERIFIED', 'deleteSession']);
  });
  it('should not take what it has not sent for there by its size, where somebody else has completed its session', () => {
    const held = [{ name: 'a.bin', size: 1_600 }];
    const answers = { findItems: ['i1'], listItemFiles: held, addFile: refuse('NOT_ALLOWED_IN_CURRENT_STATE') };
    const its = upload({ ...answers, getSession: turns(sessionIs('ACTIVE'), sessionIs('DONE')) });
    expect(end(its)).toMatchObject({ outcome: 'failed', code: 'NOT_VERIFIED' });
    // Complete was refused before, as others had taken it out again, and it is to be sent once more.
    const again = upload(
      { listItemFiles: held, getSession: sessionIs('DONE') },
      { known: knownWith({ asked: true, files: [] }) }
    );
    expect(end(again)).toMatchObject({ outcome: 'failed', code: 'NOT_VERIFIED' });
  });
  it('should take a digest that the service writes in capitals for the same', () => {
    const digest = { algorithm: 'SHA256', checksum: 'A'.repeat(64) };
    const its = upload({
      getFile: fileIs('READY', { size: 1_600, digest }),
      listItemFiles: [{ name: 'a.bin', size: 1_600, digest }]
    });
    expect(its.output()).toMatchObject({ outcome: 'done', verified: [{ verified: 'digest' }] });
  });
  it('should fail when the item cannot be read back', () => {
    expect(end(upload({ listItemFiles: refuse('UNAUTHORIZED') })).code).toBe('NOT_VERIFIED');
  });
  it('should be done when only the version cannot be read, and when only the session stays', () => {
    expect(end(upload({ getItem: refuse('UNAUTHORIZED') })).outcome).toBe('done');
    expect(end(upload({ deleteSession: refuse('UNAUTHORIZED') }))).toMatchObject({
      outcome: 'done',
      notes: [expect.stringContaining('session s1')]
    });
  });
  it('should hold by size, or say that nothing is reported', () => {
    const verified = (file: object, server: object = {}): unknown =>
      (
        upload({ listItemFiles: [file] }, { server: { ...SERVER, ...server } }).output().verified as {
          verified: string;
        }[]
      )[0]?.verified;
    expect(verified({ name: 'a.bin', size: 1_600 }, { reportsDigest: false })).toBe('size');
    expect(verified({ name: 'a.bin' }, { reportsDigest: false })).toBe('notReported');
    expect(verified({ name: 'a.bin', size: 5 })).toBe('no');
    expect(verified({ name: 'a.bin', size: 5 }, { reportsSize: false, reportsDigest: false })).toBe('notReported');
    expect(verified({ name: 'a.bin', size: 1_600, digest: { algorithm: 'MD5', checksum: '0' } })).toBe('size');
    expect(verified({ name: 'a.bin', size: 1_600 })).toBe('digest');
  });
});

describe('an upload that is canceled', () => {
  const rows: [Op, number, Answers, Partial<UploadInput>, string[]][] = [
    ['findLibraries', 1, {}, {}, []],
    ['getLibrary', 1, {}, {}, []],
    ['findItems', 1, {}, {}, []],
    ['getItem', 1, { findItems: ['i1'] }, {}, []],
    ['createItem', 1, { listItemFiles: [] }, {}, ['listItemFiles', 'deleteItem']],
    ['listItemFiles', 1, { findItems: ['i1'] }, {}, []],
    ['listSessions', 1, { listItemFiles: [] }, {}, ['listItemFiles', 'deleteItem']],
    ['createSession', 1, { listItemFiles: [] }, {}, ['cancelSession', 'deleteSession', 'listItemFiles', 'deleteItem']],
    ['addFile', 1, { listItemFiles: [] }, {}, ['cancelSession', 'deleteSession', 'listItemFiles', 'deleteItem']],
    ['push', 1, { listItemFiles: [] }, {}, ['cancelSession', 'deleteSession', 'listItemFiles', 'deleteItem']],
    [
      'removeFile',
      1,
      { findItems: ['i1'], listItemFiles: [{ name: 'old.bin' }], listFiles: HAS_OLD },
      { ifExists: 'replace' },
      ['cancelSession', 'deleteSession']
    ],
    ['validate', 1, { listItemFiles: [] }, {}, ['cancelSession', 'deleteSession', 'listItemFiles', 'deleteItem']]
  ];
  it.each(rows)('should clean up and say canceled when the wish comes during %s', (op, time, answers, input, last) => {
    const its = upload(answers, input, cancelAt(op, time));
    expect([end(its).outcome, end(its).code]).toEqual(['canceled', 'CANCELED']);
    const after = without(its, ...BESIDE);
    expect(after.slice(after.lastIndexOf(op) + 1)).toEqual(op === 'listItemFiles' ? [] : last);
  });
  it('should be done when complete took effect before the wish could', () => {
    expect(end(upload({}, {}, cancelAt('complete'))).outcome).toBe('done');
    expect(end(upload({}, {}, cancelAt('getItem'))).outcome).toBe('done');
  });
  it('should cancel when complete was sent and had no effect', () => {
    const its = upload({ complete: refuse('UNAVAILABLE'), listItemFiles: [] }, {}, cancelAt('complete'));
    expect([end(its).outcome, without(its, ...BESIDE).slice(-4)]).toEqual([
      'canceled',
      ['cancelSession', 'deleteSession', 'listItemFiles', 'deleteItem']
    ]);
  });
  it('should be done when complete turns out to have taken effect while it cleans up', () => {
    const script = service({ complete: refuse('UNAVAILABLE') });
    const its = play(
      uploadMachine,
      inputWith(),
      (call, times, path) => {
        if (call.op === 'getSession' && path.startsWith('judge')) return sessionIs('DONE');
        return script(call, times, path);
      },
      cancelAt('complete')
    );
    expect(end(its).outcome).toBe('done');
  });
  it.each([
    [
      'createItem',
      { createItem: HOLD, findItems: turns([], ['i7']), listItemFiles: [] },
      ['findItems', 'listItemFiles', 'deleteItem']
    ],
    [
      'createSession',
      { createSession: HOLD, listSessions: turns(['s0'], ['s0', 's7']), listItemFiles: [] },
      [...LOOKS, 'listItemFiles', 'deleteItem']
    ]
  ] as const)('should wait for the answer to %s only so long, and then look for what it made', (op, answers, last) => {
    const its = upload(answers, {}, cancelAt(op));
    expect([end(its).outcome, its.waits]).toEqual(['canceled', [3_000]]);
    expect(its.calls.slice(its.calls.indexOf(op) + 1)).toEqual(last);
  });
  it('should keep the first reason', () => {
    let sent = 0;
    const its = upload(
      { listItemFiles: [] },
      {},
      { cancelAt: ({ op }) => (op === 'createItem' || op === 'deleteItem') && sent++ < 2 }
    );
    expect(its.output().failure).toMatchObject({ message: 'canceled: test' });
  });
});

describe('an upload in a second life', () => {
  it.each([
    ['goes on in a session that is ACTIVE', [sessionIs('ACTIVE')], {}, 'done', 1, 0],
    ['clears an ERROR session away and opens another', [sessionIs('ERROR')], {}, 'done', 2, 1],
    ['opens another when the session is gone', [refuse('NOT_FOUND')], {}, 'done', 2, 1],
    ['only looks at the item when the session is DONE', [sessionIs('DONE')], { asked: true }, 'done', 1, 0]
  ] as const)('should be one that %s', (_, [first], more, outcome, generation, made) => {
    let asked = 0;
    const script = service();
    const its = play(uploadMachine, inputWith({ known: knownWith(more) }), (call, times, path) => {
      if (call.op === 'getSession' && path.startsWith('reconcile') && asked++ === 0) return first;
      return script(call, times, path);
    });
    expect([end(its).outcome, its.output().generation, its.calls.filter(op => op === 'createSession').length]).toEqual([
      outcome,
      generation,
      made
    ]);
  });
  it('should ask for the session again that it does not know the id of', () => {
    const its = upload({}, { known: knownWith({ sessionId: undefined }) });
    expect([end(its).outcome, its.calls.slice(0, 2)]).toEqual(['done', ['listSessions', 'createSession']]);
  });
  it('should know the session of an earlier life by the list from before its create, without any token', () => {
    const its = upload(
      { listSessions: ['old', 's7'] },
      { known: knownWith({ sessionId: undefined, before: ['old'] }) }
    );
    expect([end(its).outcome, its.calls.slice(0, 4)]).toEqual([
      'done',
      ['listSessions', 'ownersOf', 'getSession', 'listFiles']
    ]);
    expect(its.calls).not.toContain('createSession');
    expect((its.output() as { sessionId: string }).sessionId).toBe('s7');
  });
  it('should end as wished, or as refused, while it looks for the session of an earlier life', () => {
    const unknown = { known: knownWith({ sessionId: undefined }) };
    expect(end(upload({}, unknown, cancelAt('listSessions'))).outcome).toBe('canceled');
    expect(end(upload({ listSessions: refuse('UNAUTHORIZED') }, unknown)).code).toBe('UNAUTHORIZED');
  });
  it('should take a refused create for its own where an earlier life has sent one that lands only now', () => {
    const session = { createSession: refuse('RESOURCE_BUSY'), listSessions: turns([], ['s7']) };
    const opened = upload(session, { known: knownWith({ sessionId: undefined }) });
    expect([end(opened).outcome, (opened.output() as { sessionId: string }).sessionId]).toEqual(['done', 's7']);
    const item = { createItem: refuse('ALREADY_EXISTS'), findItems: turns([], ['i7']) };
    const made = upload(item, {
      known: knownWith({ itemId: undefined, opened: false, sessionId: undefined, making: true })
    });
    expect([end(made).outcome, (made.output() as { itemId: string }).itemId]).toEqual(['done', 'i7']);
    const others = upload(item, {});
    expect(end(others).code).toBe('ALREADY_EXISTS');
  });
  it('should fail when the old session can be neither asked nor cleared away', () => {
    expect(end(upload({ getSession: refuse('UNAUTHORIZED') }, { known: knownWith() })).code).toBe('UNAUTHORIZED');
    expect(
      end(upload({ getSession: sessionIs('ERROR'), deleteSession: refuse('UNAUTHORIZED') }, { known: knownWith() }))
        .code
    ).toBe('UNAUTHORIZED');
  });
  it('should give up when the old session is gone and there were too many', () => {
    expect(
      end(upload({ getSession: refuse('NOT_FOUND') }, { known: knownWith({ generation: POLICY.maxAttempts }) })).code
    ).toBe('SESSION_LOST');
  });
  it('should hear a wish while it asks, and while it clears away', () => {
    expect(end(upload({}, { known: knownWith() }, cancelAt('getSession'))).outcome).toBe('canceled');
    expect(
      end(upload({ getSession: sessionIs('ERROR') }, { known: knownWith() }, cancelAt('deleteSession'))).outcome
    ).toBe('canceled');
  });
  it('should only end what failed for good, and ask where that may have come of the session', () => {
    const failed = (code: 'MISSING_FILES' | 'NOT_FOUND', more = {}): Play =>
      upload({}, { known: knownWith({ failure: failure(code, 'no'), ...more }) });
    expect(failed('MISSING_FILES').calls).toEqual(['failSession', 'deleteSession']);
    expect([failed('NOT_FOUND').calls[0], end(failed('NOT_FOUND')).code]).toEqual(['getSession', 'NOT_FOUND']);
    expect(failed('NOT_FOUND', { sessionId: undefined, opened: false }).calls).toEqual([]);
  });
  it('should keep why it failed where the session is gone that complete was sent to', () => {
    const its = upload(
      { getSession: refuse('NOT_FOUND'), listItemFiles: [] },
      { known: knownWith({ asked: true, failure: failure('MISSING_FILES', 'no') }) }
    );
    expect([end(its).outcome, end(its).code]).toEqual(['failed', 'MISSING_FILES']);
  });
  it('should open another session where complete was sent, and what is gone shows in the answer to an add', () => {
    let looks = 0;
    let reopened = false;
    const script = service({ listItemFiles: turns([], [{ name: 'a.bin', size: 1_600, digest: SHA('a') }]) });
    const its = play(
      uploadMachine,
      inputWith({ known: knownWith({ asked: true, files: [] }) }),
      (call, times, path) => {
        if (call.op === 'createSession') reopened = true;
        if (call.op === 'getSession' && path.startsWith('reconcile') && ++looks === 2) return refuse('NOT_FOUND');
        if (call.op === 'addFile' && !reopened) return refuse('NOT_FOUND');
        if (call.op === 'getSession' && !reopened) return sessionIs('ACTIVE');
        return script(call, times, path);
      }
    );
    expect([end(its).outcome, its.output().generation]).toEqual(['done', 2]);
  });
});

describe('an upload of several files', () => {
  const TWO = [PLAIN, { ...PLAIN, name: 'b.bin' }];
  it('should send again only what a late request has unsettled', () => {
    const its = upload(
      {
        // Refused as long as a pushed file is not READY (UpdateSession.File.validate, vSphere API 8.0).
        validate: turns(refuse('NOT_ALLOWED_IN_CURRENT_STATE'), GOOD.validate),
        listFiles: [fileIs('READY'), fileIs('WAITING_FOR_TRANSFER', { name: 'b.bin' })],
        listItemFiles: TWO.map(({ name }) => ({ name, size: 1_600, digest: SHA('a') }))
      },
      { files: TWO }
    );
    expect(end(its).outcome).toBe('done');
    expect(its.calls.filter(op => op === 'push')).toHaveLength(3);
  });
  it('should read a package for a comparison where the server tells no sizes', () => {
    const held = OVF_FILES.map(({ name, digest }) => ({ name, digest }));
    const its = upload({ findItems: ['i1'], listItemFiles: held }, OVF);
    expect([end(its).outcome, its.calls.filter(op => op === 'push').length]).toEqual(['upToDate', 0]);
  });
});
