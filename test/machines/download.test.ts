import { describe, expect, it } from 'vitest';
import { failure } from '../../machines/vocabulary.ts';
import type { CallSpec, Op } from '../../machines/workflow/calls.ts';
import { downloadMachine } from '../../machines/workflow/download.ts';
import type { DownloadInput, DownloadKnown, DownloadResult } from '../../machines/workflow/download-facts.ts';
import { A, downloadIs, fromWith, goodItem, inDoubt, preparedIs, SERVES } from './download-samples.ts';
import { HOLD, type Play, type PlayOptions, play, refuse, turns } from './play.ts';
import { POLICY, SHA } from './samples.ts';

type Answers = Partial<Record<Op, unknown>>;
type Played = Play & { readonly made: readonly CallSpec[]; readonly end: DownloadResult; readonly code?: string };

function download(more: Answers = {}, input: Partial<DownloadInput> = {}, options: PlayOptions = {}): Played {
  const made: CallSpec[] = [];
  const script = goodItem(more);
  const its = play(
    downloadMachine,
    fromWith(input),
    (call, times, path) => {
      made.push(call);
      return script(call, times, path);
    },
    options
  );
  const end = its.output() as unknown as DownloadResult;
  return { ...its, made, end, code: end?.failure?.code };
}
const cancelAt = (op: Op, time = 1): PlayOptions => ({ cancelAt: (call, times) => call.op === op && times === time });
const BESIDE = ['getDownloadSession', 'keepDownloadAlive', 'keepLogin'];
const without = ({ calls }: Play, ...ops: string[]): string[] => calls.filter(op => !ops.includes(op));
const B = { name: 'b.bin', size: 1_600, digest: SHA('a') };
const C = { name: 'c.bin', size: 1_600, digest: SHA('a') };
const known = (more: Partial<DownloadKnown> = {}): DownloadKnown => ({
  itemId: 'i1',
  generation: 1,
  opened: true,
  sessionId: 'd0',
  before: [],
  contentVersion: '2',
  files: [{ ...A, outcome: 'todo', attempts: 1, parted: true, verified: 'no' }],
  ...more
});

describe('a download on which all goes well', () => {
  it('should find the item, fetch its files and delete its session', () => {
    const its = download();
    expect(its.end).toMatchObject({
      outcome: 'done',
      itemId: 'i1',
      itemName: 'ubuntu',
      contentVersion: '2',
      notes: []
    });
    expect(its.end.files).toMatchObject([{ name: 'a.bin', outcome: 'kept', verified: 'digest', parted: false }]);
    expect(without(its, ...BESIDE)).toEqual(
      'findLibraries getLibrary findItems getItem listItemFiles findTarget listDownloadSessions createDownloadSession prepareFile openPart fetch digestTarget keep deleteDownloadSession'.split(
        ' '
      )
    );
  });
  it('should ask for what it was told, and for what it has found', () => {
    const { made } = download();
    const asked = (op: Op) => made.find(call => call.op === op)?.args;
    expect(asked('findLibraries')).toEqual({ name: 'images' });
    expect(asked('findItems')).toEqual({ libraryId: 'l1', name: 'ubuntu' });
    expect(asked('getItem')).toEqual({ id: 'i1' });
    expect(asked('listDownloadSessions')).toEqual({ itemId: 'i1' });
    expect(asked('createDownloadSession')).toMatchObject({ itemId: 'i1' });
    expect(asked('deleteDownloadSession')).toEqual({ id: 'd1' });
  });
  it('should find library and item by id without searching for names', () => {
    const its = download({}, { from: { library: 'l1', libraryById: true, item: 'i1', itemById: true } });
    expect(its.calls.slice(0, 3)).toEqual(['getLibrary', 'getItem', 'listItemFiles']);
    expect(its.end).toMatchObject({ outcome: 'done', itemName: 'ubuntu' });
  });
  it('should fetch a few files at a time', () => {
    let most = 0;
    const its = download(
      { listItemFiles: [A, B, C] },
      {},
      {
        each: tree => {
          most = Math.max(most, Object.keys(tree.kids).filter(id => id.startsWith('file:')).length);
        }
      }
    );
    expect([most, its.end.files.map(({ outcome }) => outcome)]).toEqual([POLICY.parallel, ['kept', 'kept', 'kept']]);
  });
  it('should fetch only what is wanted', () => {
    const its = download({ listItemFiles: [A, B] }, { wanted: ['b.bin'] });
    expect(its.end.files.map(({ name }) => name)).toEqual(['b.bin']);
  });
  it('should keep its session alive while it fetches, and tell nobody about bytes', () => {
    const its = download({ fetch: HOLD }, {}, { steps: 60 });
    expect(its.calls.slice(-3)).toContain('keepDownloadAlive');
    expect(its.made.find(({ op }) => op === 'keepDownloadAlive')?.args).toEqual({ id: 'd1' });
  });
  it('should be done, with a note, when only its session could not be deleted', () => {
    const its = download({ deleteDownloadSession: refuse('UNAUTHORIZED') });
    expect(its.end).toMatchObject({ outcome: 'done', notes: [expect.stringContaining('download session d1')] });
  });
});

describe('what is in the folder already', () => {
  const there = { findTarget: { size: 1_600 } };
  it('should not be fetched again when it is the same by digest, whatever was asked for', () => {
    for (const ifExists of ['fail', 'replace'] as const) {
      const its = download(there, { ifExists });
      expect([its.end.outcome, its.end.files[0]?.outcome, its.end.files[0]?.verified]).toEqual([
        'upToDate',
        'unchanged',
        'digest'
      ]);
      expect(its.calls).not.toContain('createDownloadSession');
    }
  });
  it('should be an end to it when it is not known to be the same', () => {
    expect(download({ ...there, digestTarget: SHA('b') }).code).toBe('ALREADY_EXISTS');
    expect(download({ findTarget: { size: 7 } }).code).toBe('ALREADY_EXISTS');
    expect(download({ ...there, listItemFiles: [{ name: 'a.bin', size: 1_600 }] }).code).toBe('ALREADY_EXISTS');
  });
  it('should give way when it may be replaced', () => {
    const other = download({ ...there, digestTarget: turns(SHA('b'), SHA('a')) }, { ifExists: 'replace' });
    expect(other.end).toMatchObject({ outcome: 'done', files: [{ outcome: 'kept' }] });
    expect(other.made.find(({ op }) => op === 'keep')?.args).toMatchObject({ replace: true });
    expect(download({ findTarget: { size: 7 } }, { ifExists: 'replace' }).end.outcome).toBe('done');
  });
  it('should be left alone, unread and with a note, when it may be skipped', () => {
    const its = download(there, { ifExists: 'skip' });
    expect(its.end).toMatchObject({ outcome: 'upToDate', files: [{ outcome: 'skipped', verified: 'no' }] });
    expect(its.end.notes).toEqual([expect.stringContaining('without comparing')]);
    expect(its.calls).not.toContain('digestTarget');
  });
  it('should not keep the others from being fetched', () => {
    const its = download({ listItemFiles: [A, B], findTarget: turns({ size: 1_600 }, null) });
    expect(its.end).toMatchObject({ outcome: 'done', files: [{ outcome: 'unchanged' }, { outcome: 'kept' }] });
  });
  it('should be read even where the server tells no size', () => {
    const server = { ...SERVES, reportsSize: false };
    expect(download(there, { server }).end.outcome).toBe('upToDate');
  });
  it('should not be read for a digest that the server does not report reliably', () => {
    expect(download(there, { server: { ...SERVES, reportsDigest: false } }).code).toBe('ALREADY_EXISTS');
  });
});

describe('a download that cannot be', () => {
  it.each<[string, Answers, Partial<DownloadInput>, string, string]>([
    ['no library', { findLibraries: [] }, {}, 'NOT_FOUND', 'there is no library "images" on this server'],
    ['two libraries', { findLibraries: ['l1', 'l2'] }, {}, 'AMBIGUOUS', '2 libraries are called "images": l1, l2'],
    ['no item', { findItems: [] }, {}, 'NOT_FOUND', 'there is no item "ubuntu" in library "images"'],
    [
      'two items',
      { findItems: ['i1', 'i2'] },
      {},
      'AMBIGUOUS',
      '2 items match item "ubuntu" in library "images": i1, i2'
    ],
    [
      'an item of another library',
      { getItem: { id: 'i1', libraryId: 'l2', name: 'x' } },
      {},
      'NOT_FOUND',
      'there is no item "ubuntu" in library "images"'
    ],
    ['no files', { listItemFiles: [] }, {}, 'NOT_FOUND', 'the item "ubuntu" in library "images" holds no files'],
    [
      'no such file',
      {},
      { wanted: ['x', 'a.bin', 'y'] },
      'NOT_FOUND',
      'the item "ubuntu" in library "images" holds no file "x", "y"; it holds "a.bin"'
    ],
    [
      'names that may be one',
      { listItemFiles: [A, { ...A, name: 'A.BIN' }] },
      {},
      'UNSAFE_NAME',
      '"a.bin" and "A.BIN" may be one file on this machine: fetch them apart'
    ],
    ['a name that may not be', { findTarget: refuse('UNSAFE_NAME') }, {}, 'UNSAFE_NAME', 'scripted UNSAFE_NAME']
  ])('should say so before it opens a session: %s', (_, answers, input, code, message) => {
    const its = download(answers, input);
    expect(its.end).toMatchObject({ outcome: 'failed', failure: { code, message } });
    expect(its.calls).not.toContain('createDownloadSession');
    expect(its.calls).not.toContain('dropPart');
  });
  it.each<Op>([
    'findLibraries',
    'getLibrary',
    'findItems',
    'getItem',
    'listItemFiles',
    'findTarget',
    'listDownloadSessions',
    'createDownloadSession'
  ])('should fail with what %s was told, and leave nothing', op => {
    const its = download({ [op]: refuse('UNAUTHORIZED') });
    expect([its.end.outcome, its.code, its.calls.at(-1)]).toEqual(['failed', 'UNAUTHORIZED', op]);
  });
  it('should fail when what is there cannot be read', () => {
    expect(download({ findTarget: { size: 1_600 }, digestTarget: refuse('SOURCE_UNREADABLE') }).code).toBe(
      'SOURCE_UNREADABLE'
    );
  });
});

describe('a download that fails on its way', () => {
  it('should fail the session, delete it and take the part away', () => {
    const its = download({ keep: refuse('TARGET_UNWRITABLE') });
    expect(its.code).toBe('TARGET_UNWRITABLE');
    expect(its.calls.slice(-3)).toEqual(['failDownload', 'deleteDownloadSession', 'dropPart']);
    expect(its.made.at(-3)?.args).toMatchObject({ message: 'scripted TARGET_UNWRITABLE' });
    expect(its.end.files).toMatchObject([{ outcome: 'failed', parted: false }]);
  });
  it('should stop the others when one fails, and keep what is whole', () => {
    const its = play(downloadMachine, fromWith(), (call, times, path) => {
      if (call.op === 'listItemFiles') return [A, B, C];
      if (call.op === 'fetch' && path.startsWith('file:1')) return HOLD;
      if (call.op === 'keep' && call.args.name === 'c.bin') return refuse('TARGET_UNWRITABLE');
      return goodItem()(call, times, path);
    });
    const end = its.output() as unknown as DownloadResult;
    expect(end.files.map(({ outcome }) => outcome)).toEqual(['kept', 'todo', 'failed']);
    expect(its.calls.filter(op => op === 'dropPart').length).toBe(2);
  });
  it('should try to delete the session even when it could not be failed', () => {
    const its = download({ keep: refuse('TARGET_UNWRITABLE'), failDownload: refuse('UNAUTHORIZED') });
    expect(its.calls).toContain('deleteDownloadSession');
  });
  it('should say what is left when it cannot clean up', () => {
    const its = download({
      keep: refuse('TARGET_UNWRITABLE'),
      deleteDownloadSession: refuse('UNAUTHORIZED'),
      dropPart: refuse('TARGET_UNWRITABLE')
    });
    expect(its.end.notes).toEqual([
      'left on the server: download session d1 (scripted UNAUTHORIZED); it expires',
      'left in the folder: the part of "a.bin" (scripted TARGET_UNWRITABLE)'
    ]);
    expect(its.end.left).toBe(true);
    const alone = { keep: refuse('TARGET_UNWRITABLE') };
    expect(download(alone).end.left).toBe(false);
    expect(download({ ...alone, deleteDownloadSession: refuse('UNAUTHORIZED') }).end.left).toBe(true);
    expect(download({ ...alone, dropPart: refuse('TARGET_UNWRITABLE') }).end.left).toBe(true);
  });
  it('should look for a session whose create was never answered, and end it', () => {
    const lost = refuse('CONNECTION', { ambiguous: true });
    const found = download({
      createDownloadSession: lost,
      listDownloadSessions: turns(['d0'], refuse('UNAUTHORIZED'), ['d0', 'd9'])
    });
    expect([found.code, found.calls.slice(-6)]).toEqual([
      'UNAUTHORIZED',
      [
        'listDownloadSessions',
        'ownersOf',
        'listDownloadFiles',
        'failDownload',
        'deleteDownloadSession',
        'listDownloadSessions'
      ]
    ]);
    const lists = found.made.filter(({ op }) => op === 'listDownloadSessions').map(({ args }) => args);
    expect(lists).toEqual([{ itemId: 'i1' }, { itemId: 'i1' }, { itemId: 'i1' }, { itemId: 'i1' }]);
    const none = download({
      createDownloadSession: lost,
      listDownloadSessions: turns([], refuse('UNAUTHORIZED'), [])
    });
    expect(none.calls.at(-1)).toBe('listDownloadSessions');
    const deaf = download({ createDownloadSession: lost, listDownloadSessions: turns([], refuse('UNAUTHORIZED')) });
    expect(deaf.end.notes).toEqual([expect.stringContaining('perhaps a download session on item i1')]);
  });
});

describe('a session that does not last', () => {
  const gone = refuse('NOT_FOUND');
  it('should be replaced by another one, and the fetch go on where it was', () => {
    const its = download({
      prepareFile: turns(preparedIs('PREPARED'), gone, preparedIs('PREPARED')),
      fetch: turns(refuse('NOT_FOUND', { received: 700 }), { received: 1_600 }),
      openPart: turns({ size: 0 }, { size: 700 }),
      getDownloadSession: inDoubt(gone),
      createDownloadSession: turns('d1', 'd2')
    });
    expect(its.end).toMatchObject({ outcome: 'done', generation: 2, sessionId: 'd2' });
    expect(its.made.filter(({ op }) => op === 'fetch').map(({ args }) => args)).toMatchObject([
      { from: 0 },
      { from: 700 }
    ]);
    const tokens = its.made.flatMap(({ op, args }) => (op === 'createDownloadSession' ? [args.token] : []));
    expect(new Set(tokens).size).toBe(2);
  });
  it('should be cleared away when it is in ERROR', () => {
    const its = download({
      prepareFile: turns(refuse('NOT_ALLOWED_IN_CURRENT_STATE'), preparedIs('PREPARED')),
      getDownloadSession: inDoubt(downloadIs('ERROR'))
    });
    expect([its.end.outcome, its.calls.filter(op => op === 'deleteDownloadSession').length]).toEqual(['done', 2]);
  });
  it('should be given up when it never lasts, whether it is gone or in ERROR', () => {
    const forever = (again: unknown) => {
      let made = 0;
      return play(downloadMachine, fromWith(), (call, times, path) => {
        if (call.op === 'createDownloadSession') made += 1;
        if (call.op === 'prepareFile') return gone;
        if (call.op === 'getDownloadSession' && path === 'reconcile/call') return again;
        return call.op === 'createDownloadSession' ? `d${made}` : goodItem()(call, times, path);
      });
    };
    const lost = forever(gone);
    expect(lost.output()).toMatchObject({ outcome: 'failed', failure: { code: 'SESSION_LOST' } });
    expect(lost.calls.filter(op => op === 'createDownloadSession').length).toBe(POLICY.maxAttempts);
    expect(lost.calls).not.toContain('failDownload');
    expect(forever(downloadIs('ERROR', { errorMessage: 'why' })).output()).toMatchObject({
      outcome: 'failed',
      failure: { code: 'SESSION_ERROR', message: 'why' }
    });
  });
  it('should not be opened again when somebody has canceled it', () => {
    const its = download({
      prepareFile: gone,
      getDownloadSession: inDoubt(downloadIs('CANCELED'))
    });
    expect([its.code, its.calls.slice(-2)]).toEqual(['SESSION_CANCELED', ['deleteDownloadSession', 'dropPart']]);
  });
  it('should be told by the lease, too', () => {
    const beside = (...states: unknown[]) => {
      let looked = 0;
      return play(downloadMachine, fromWith(), (call, times, path) => {
        if (call.op === 'getDownloadSession' && path === 'lease/look/call')
          return states[looked++] ?? downloadIs('ACTIVE');
        if (call.op === 'getDownloadSession' && path === 'reconcile/call') return gone;
        if (call.op === 'fetch' && looked < 2) return HOLD;
        return goodItem()(call, times, path);
      });
    };
    expect(beside(downloadIs('ACTIVE'), downloadIs('CANCELED')).output()).toMatchObject({
      failure: { code: 'SESSION_CANCELED' }
    });
    expect(beside(downloadIs('ACTIVE'), gone).output()).toMatchObject({ outcome: 'done', generation: 2 });
  });
  it('should fail with what made it doubtful when it is as good as it was, or nobody can say', () => {
    expect(download({ prepareFile: gone }).code).toBe('NOT_FOUND');
    const deaf = download({
      prepareFile: gone,
      getDownloadSession: inDoubt(refuse('UNAUTHORIZED'))
    });
    expect(deaf.code).toBe('NOT_FOUND');
  });
  it('should fail when an ended session cannot be cleared away', () => {
    const its = download({
      prepareFile: gone,
      getDownloadSession: inDoubt(downloadIs('ERROR')),
      deleteDownloadSession: refuse('UNAUTHORIZED')
    });
    expect(its.end.outcome).toBe('failed');
  });
  it('should be replaced when it was gone before anything was fetched, and fail otherwise', () => {
    const its = download({ getDownloadSession: turns(gone, downloadIs('ACTIVE')) });
    expect(its.end).toMatchObject({ outcome: 'done', generation: 2 });
    expect(download({ getDownloadSession: refuse('UNAUTHORIZED') }).code).toBe('UNAUTHORIZED');
  });
  it('should not mix files of two versions of the item', () => {
    let read = 1;
    const its = download({
      prepareFile: turns(gone, preparedIs('PREPARED')),
      getDownloadSession: (path: string) => {
        if (path === 'reconcile/call') return gone;
        return downloadIs('ACTIVE', { contentVersion: path === 'readSession/call' ? String(++read) : '2' });
      }
    });
    expect(its.end.failure).toEqual({
      code: 'CONCURRENT_CHANGE',
      message: 'the item has changed from content version 2 to 3 meanwhile, and files of two versions must not be mixed'
    });
    expect(its.end.files).toMatchObject([{ outcome: 'todo', parted: false }]);
    const silent = download({ getDownloadSession: downloadIs('ACTIVE', { contentVersion: undefined }) });
    expect(silent.end).toMatchObject({ outcome: 'done', contentVersion: undefined });
  });
});

describe('a download that is canceled', () => {
  it.each<Op>([
    'findLibraries',
    'getLibrary',
    'findItems',
    'getItem',
    'listItemFiles',
    'findTarget',
    'listDownloadSessions'
  ])('should end at once during %s', op => {
    const its = download({}, {}, cancelAt(op));
    expect([its.end.outcome, its.calls.at(-1), its.code]).toEqual(['canceled', op, 'CANCELED']);
  });
  it.each<Op>(['createDownloadSession', 'prepareFile', 'openPart', 'fetch', 'digestTarget', 'keep'])(
    'should cancel and delete its session, and take its part away, during %s',
    op => {
      const its = download({}, {}, cancelAt(op));
      expect(its.end).toMatchObject({ outcome: 'canceled', wish: 'test' });
      expect(its.calls).toContain('cancelDownload');
      expect(its.calls).toContain('deleteDownloadSession');
      expect(its.calls.includes('dropPart')).toBe(op !== 'createDownloadSession');
      expect(its.end.files[0]?.outcome).toBe('todo');
    }
  );
  it('should say of a file that got its name just before that it is kept', () => {
    const its = download({ dropPart: { kept: true } }, {}, cancelAt('keep'));
    expect(its.end).toMatchObject({ outcome: 'canceled', files: [{ outcome: 'kept', verified: 'digest' }] });
  });
  it('should be done when only its session was left to delete', () => {
    expect(download({}, {}, cancelAt('deleteDownloadSession')).end.outcome).toBe('done');
  });
  it('should end while it reads its session, clears one away, or finds out about one', () => {
    expect(download({}, {}, cancelAt('getDownloadSession')).end.outcome).toBe('canceled');
    const doubt = {
      prepareFile: refuse('NOT_FOUND'),
      getDownloadSession: inDoubt(downloadIs('ERROR'))
    };
    const clearing = download(doubt, {}, cancelAt('deleteDownloadSession'));
    expect([clearing.end.outcome, clearing.calls.filter(op => op === 'createDownloadSession').length]).toEqual([
      'canceled',
      1
    ]);
    expect(
      download(
        doubt,
        {},
        {
          cancelAt: (call, times) => call.op === 'getDownloadSession' && times > 1
        }
      ).end.outcome
    ).toBe('canceled');
  });
});

describe('a later life of a download', () => {
  it('should go on with its session and its parts', () => {
    const its = download({ openPart: { size: 900 } }, { known: known() });
    expect(its.calls.slice(0, 2)).toEqual(['findTarget', 'getDownloadSession']);
    expect(its.calls).not.toContain('createDownloadSession');
    expect(its.made.find(({ op }) => op === 'fetch')?.args).toMatchObject({ sessionId: 'd0', from: 900 });
    expect(its.end.outcome).toBe('done');
  });
  it('should open another session where the first is gone, over, or was never known', () => {
    const over = download(
      { getDownloadSession: turns(downloadIs('CANCELED'), downloadIs('ACTIVE')) },
      { known: known() }
    );
    expect([over.end.outcome, over.end.generation]).toEqual(['done', 2]);
    const unknown = download({}, { known: known({ sessionId: undefined }) });
    expect([unknown.calls[1], unknown.end.outcome]).toEqual(['listDownloadSessions', 'done']);
  });
  it('should know the session of an earlier life by the list from before its create, without any token', () => {
    const unknown = known({ sessionId: undefined, before: ['old'] });
    const its = download({ listDownloadSessions: ['old', 'd7'] }, { known: unknown });
    expect([its.end.outcome, its.end.sessionId, its.calls.includes('createDownloadSession')]).toEqual([
      'done',
      'd7',
      false
    ]);
    const canceled = download({}, { known: unknown }, { cancelAt: ({ op }) => op === 'listDownloadSessions' });
    expect(canceled.end.outcome).toBe('canceled');
    expect(download({ listDownloadSessions: refuse('UNAUTHORIZED') }, { known: unknown }).end.outcome).toBe('failed');
  });
  const KEPT = { ...A, outcome: 'kept' as const, attempts: 1, parted: false, verified: 'digest' as const };
  it('should look at what had been kept, and only delete its session where all of it is there', () => {
    const answers = { findTarget: { size: A.size }, digestTarget: A.digest };
    const its = download(answers, { known: known({ files: [KEPT] }) });
    expect([without(its, ...BESIDE), its.end.outcome]).toEqual([
      ['findTarget', 'digestTarget', 'deleteDownloadSession'],
      'done'
    ]);
    expect(its.end.files[0]).toEqual(KEPT);
  });
  it('should need no other session where its own was lost once all had been kept', () => {
    const answers = { findTarget: { size: A.size }, digestTarget: A.digest };
    const its = download(answers, {
      known: known({ opened: false, sessionId: undefined, generation: 2, files: [KEPT] })
    });
    expect([its.calls.at(-1), its.end.outcome]).toEqual(['digestTarget', 'done']);
  });
  it.each([
    ['gone', refuse('NOT_FOUND')],
    ['over', downloadIs('ERROR')]
  ])('should need none, either, where its own is %s when it asks', (_, answer) => {
    const answers = { findTarget: { size: A.size }, digestTarget: A.digest, getDownloadSession: answer };
    const its = download(answers, { known: known({ files: [KEPT] }) });
    expect([its.calls.at(-1), its.end.outcome]).toEqual(['deleteDownloadSession', 'done']);
    expect(its.calls).not.toContain('createDownloadSession');
  });
  it('should try anew what may pass, and only take away what failed for good', () => {
    const file = { ...KEPT, outcome: 'failed' as const, attempts: 3, parted: true, verified: 'no' as const };
    const ended = (code: 'CONNECTION' | 'TARGET_UNWRITABLE'): unknown =>
      download({}, { known: known({ files: [file], failure: failure(code, 'no') }) }).end.outcome;
    expect([ended('CONNECTION'), ended('TARGET_UNWRITABLE')]).toEqual(['done', 'failed']);
  });
  it.each(['fail', 'skip'] as const)(
    'should know again what it had given its name just before it died, and drop what is left of its part (%s)',
    ifExists => {
      const answers = { findTarget: { size: A.size }, digestTarget: A.digest };
      const its = download(answers, { ifExists, known: known() });
      expect([without(its, ...BESIDE), its.end.outcome]).toEqual([
        ['findTarget', 'digestTarget', 'dropPart', 'deleteDownloadSession'],
        'done'
      ]);
      expect(its.end.files[0]).toMatchObject({ outcome: 'kept', verified: 'digest', parted: false });
      const stuck = download({ ...answers, dropPart: refuse('TARGET_UNWRITABLE') }, { ifExists, known: known() });
      expect([stuck.code, stuck.end.files[0]?.outcome]).toEqual(['TARGET_UNWRITABLE', 'failed']);
    }
  );
  it('should not take for its own what came there while nobody was at work', () => {
    const came = { findTarget: { size: A.size }, digestTarget: SHA('f') };
    const other = download(came, { known: known() });
    expect([other.code, other.end.files[0]?.outcome]).toEqual(['ALREADY_EXISTS', 'failed']);
    const again = download(
      { ...came, digestTarget: turns(SHA('f'), A.digest) },
      { ifExists: 'replace', known: known() }
    );
    expect([again.calls.includes('fetch'), again.end.outcome]).toEqual([true, 'done']);
  });
  it('should take what cannot be compared by its size', () => {
    const files = [{ ...KEPT, digest: undefined, verified: 'size' as const }];
    const its = download({ findTarget: { size: A.size } }, { ifExists: 'skip', known: known({ files }) });
    expect([without(its, ...BESIDE), its.end.outcome]).toEqual([['findTarget', 'deleteDownloadSession'], 'done']);
    expect(its.end.files).toEqual(files);
  });
  it('should fetch again what is gone, and what somebody has changed where it may be replaced', () => {
    const gone = download({}, { known: known({ files: [KEPT] }) });
    expect([gone.calls.includes('fetch'), gone.end.outcome]).toEqual([true, 'done']);
    const changed = { findTarget: { size: A.size }, digestTarget: turns(SHA('f'), A.digest) };
    const again = download(changed, { ifExists: 'replace', known: known({ files: [KEPT] }) });
    expect([again.calls.includes('fetch'), again.end.outcome]).toEqual([true, 'done']);
  });
  it('should not call a file kept that is another one, or cannot be looked at', () => {
    const other = download({ findTarget: { size: 1 } }, { known: known({ files: [KEPT] }) });
    expect([other.code, other.end.files[0]?.outcome]).toEqual(['ALREADY_EXISTS', 'failed']);
    const blind = download({ findTarget: refuse('TARGET_UNWRITABLE') }, { known: known({ files: [KEPT] }) });
    expect([blind.code, blind.end.files[0]?.outcome]).toEqual(['TARGET_UNWRITABLE', 'failed']);
  });
});
