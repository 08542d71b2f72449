// A create that nobody answered, and that lands when the run has ended: nobody sees what it makes, so the report says that it may.
import { describe, expect, it } from 'vitest';
import type { CallSpec, Op } from '../../machines/workflow/calls.ts';
import { failure } from '../../machines/vocabulary.ts';
import { LANDS_WITHIN_MS, mayLand, mayStand } from '../../machines/workflow/doubts.ts';
import { downloadMachine } from '../../machines/workflow/download.ts';
import type { DownloadKnown } from '../../machines/workflow/download-facts.ts';
import { uploadMachine } from '../../machines/workflow/upload.ts';
import type { Known } from '../../machines/workflow/upload-facts.ts';
import { downloadFactsOf, factsOf } from '../../src/events/facts.ts';
import { FETCHED as GOOD_DOWNLOAD, fromWith, goodItem, preparedIs } from './download-samples.ts';
import { byOp, HOLD, type Play, type PlayOptions, play, refuse, turns } from './play.ts';
import { completing, fileIs, GOOD, inputWith, knownWith, LOOKS, RUN, SENT_FILE, SHA, sessionIs } from './samples.ts';

type Answers = Partial<Record<Op, unknown>>;
type Ended = { outcome: string; left: boolean; notes: readonly string[]; sessionId?: string; itemMade?: boolean };
const LOST = refuse('CONNECTION', { ambiguous: true });
/** `play` begins at this instant, and its clock stands still but for waits. */
const NOW = 1_000;
/** Nothing lands any more; what has landed may stand there still, or has expired. */
const LONG_AGO = NOW - LANDS_WITHIN_MS - 1;
const EXPIRED = LONG_AGO - 300_000;

/** A service whose item is there. */
function upload(answers: Answers, known?: Partial<Known>, options: PlayOptions = {}) {
  const its = play(
    uploadMachine,
    inputWith({ known: known && { ...BEFORE, ...known } }),
    completing(
      byOp({ ...GOOD, findItems: ['i1'], listItemFiles: turns([], GOOD.listItemFiles), ownersOf: [], ...answers })
    ),
    options
  );
  return { ...its, end: endOf(its), facts: () => factsOf(its.tree) };
}
function download(answers: Answers, known?: Partial<DownloadKnown>, options: PlayOptions = {}) {
  const before = { itemId: 'i1', generation: 1, opened: false, before: [], files: [] };
  const its = play(downloadMachine, fromWith({ known: known && { ...before, ...known } }), goodItem(answers), options);
  return { ...its, end: endOf(its), facts: () => downloadFactsOf(its.tree) };
}
const endOf = ({ output }: Play): Ended => output() as unknown as Ended;
const BEFORE = knownWith({ library: { id: 'l1', name: 'images' }, opened: false, sessionId: undefined });
const NOTE = (what: string) =>
  `left on the server: perhaps a ${what} on item i1: a create was not answered, and may have made one, or make it within two minutes; it ends by itself 5 min after that, or take it away: shelver cleanup ${RUN}`;
/** Complete is asked for only when all is sent. */
const SENT = { asked: true, files: [SENT_FILE] };
const SAYS_SO = { left: true, notes: [NOTE('session')] };
const SILENT = { left: false, notes: [] };

describe('a create of a session that was repeated', () => {
  it.each<[string, Answers, string]>([
    ['done', {}, 'done'],
    ['failed', { addFile: refuse('UNAUTHORIZED') }, 'failed']
  ])('should be told at the end of an upload that is %s, as its first try may still land', (_, answers, outcome) => {
    const its = upload({ createSession: turns(LOST, 's1'), listSessions: [], ...answers });
    expect(its.end).toMatchObject({ outcome, ...SAYS_SO });
    expect(its.facts().sessionDoubtedAt).toBeGreaterThanOrEqual(NOW);
    expect(upload(answers).end).toMatchObject({ outcome, ...SILENT });
  });

  it('should not be told when it was sent once, and what it has made was found', () => {
    const once = { createSession: LOST, listSessions: turns([], ['s1']) };
    expect(upload(once).end).toMatchObject({ outcome: 'done', ...SILENT });
    const fetched = download({ createDownloadSession: LOST, listDownloadSessions: turns([], ['d1']) });
    expect(fetched.end).toMatchObject({ outcome: 'done', ...SILENT });
  });

  it('should be told when what was found is not what it has made', () => {
    const others = { createSession: turns(LOST, 's2'), listSessions: turns([], ['s1']), ownersOf: [owner('s1')] };
    expect(upload(others).end).toMatchObject({ outcome: 'failed', ...SAYS_SO });
  });

  it('should be told by one that is canceled, too', () => {
    const its = upload(
      { createSession: turns(LOST, 's1'), listSessions: [] },
      {},
      {
        cancelAt: ({ op }) => op === 'addFile'
      }
    );
    expect(its.end).toMatchObject({ outcome: 'canceled', ...SAYS_SO });
  });

  it('should be told when it was refused after that', () => {
    const busy = { createSession: turns(LOST, refuse('RESOURCE_BUSY')), listSessions: [] };
    expect(upload(busy).end).toMatchObject({ outcome: 'failed', ...SAYS_SO });
    expect(upload({ createSession: refuse('RESOURCE_BUSY'), listSessions: [] }).end).toMatchObject(SILENT);
    const refused = { createDownloadSession: turns(LOST, refuse('UNAUTHORIZED')) };
    expect(download(refused).end).toMatchObject({ left: true, notes: [NOTE('download session')] });
    expect(download({ createDownloadSession: refuse('UNAUTHORIZED') }).end).toMatchObject(SILENT);
  });

  it.each<[string, Answers, string]>([
    ['done', {}, 'done'],
    ['failed', { prepareFile: refuse('UNAUTHORIZED') }, 'failed']
  ])('should be told at the end of a download that is %s', (_, answers, outcome) => {
    const its = download({ createDownloadSession: turns(LOST, 'd1'), ...answers });
    expect(its.end).toMatchObject({ outcome, left: true, notes: [NOTE('download session')] });
    expect(its.facts().sessionDoubtedAt).toBeGreaterThanOrEqual(NOW);
    expect(download(answers).end).toMatchObject({ outcome, ...SILENT });
  });

  it('should not be told when the item has gone with it', () => {
    const its = upload({
      findItems: [],
      createSession: turns(LOST, 's1'),
      listSessions: [],
      addFile: refuse('UNAUTHORIZED'),
      listItemFiles: []
    });
    expect(its.calls.at(-1)).toBe('deleteItem');
    expect(its.end).toMatchObject({ outcome: 'failed', ...SILENT });
  });

  it('should not be told when nothing that it made can stand there any more', () => {
    expect(upload({}, { sessionDoubtedAt: EXPIRED }).end).toMatchObject({ outcome: 'done', ...SILENT });
    expect(upload({}, { sessionDoubtedAt: EXPIRED + 1 }).end).toMatchObject({ outcome: 'done', ...SAYS_SO });
    expect(download({}, { sessionDoubtedAt: EXPIRED }).end).toMatchObject({ outcome: 'done', ...SILENT });
    expect(download({}, { sessionDoubtedAt: EXPIRED + 1 }).end).toMatchObject({ outcome: 'done', left: true });
    expect([mayLand(undefined, 0), mayLand(0, LANDS_WITHIN_MS), mayLand(0, LANDS_WITHIN_MS + 1)]).toEqual([
      false,
      true,
      false
    ]);
    const last = LANDS_WITHIN_MS + 7;
    expect([mayStand(undefined, 0, 7), mayStand(0, last, 7), mayStand(0, last + 1, 7)]).toEqual([false, true, false]);
  });
});

describe('a create of a session that an earlier life had sent', () => {
  const opened = { opened: true, creatingAt: LONG_AGO };

  it.each<[string, Answers]>([
    ['none is found, and it is sent again', { listSessions: [] }],
    ['one is found, of perhaps several', { listSessions: ['s1'] }]
  ])('should be told at the end when %s', (_, answers) => {
    expect(upload({ listItemFiles: GOOD.listItemFiles, ...answers }, opened).end).toMatchObject({
      outcome: 'done',
      ...SAYS_SO
    });
  });

  it.each<[string, Answers]>([
    ['none is found, and it is sent again', { listDownloadSessions: [] }],
    ['one is found, of perhaps several', { listDownloadSessions: ['d1'] }]
  ])('should be told at the end of a download when %s', (_, answers) => {
    expect(download(answers, opened).end).toMatchObject({ outcome: 'done', left: true });
  });

  it('should be as old as that create, where nobody can have been at it any more', () => {
    const yesterday = { opened: true, creatingAt: NOW - 86_400_000 };
    const there = { listItemFiles: GOOD.listItemFiles, listSessions: ['s1'] };
    expect(upload(there, yesterday).end).toMatchObject({ outcome: 'done', ...SILENT });
    const found = { listDownloadSessions: ['d1'] };
    expect(download(found, yesterday).end).toMatchObject({ outcome: 'done', ...SILENT });
  });

  it('should be told by a clean-up that finds nothing, for as long as it may land', () => {
    const cleaned = (creatingAt: number) => ({ opened: true, wish: 'cleaned up', creatingAt });
    expect(upload({ listSessions: [] }, cleaned(NOW - 5)).end).toMatchObject({ outcome: 'canceled', ...SAYS_SO });
    expect(upload({ listSessions: [] }, cleaned(LONG_AGO)).end).toMatchObject({ outcome: 'canceled', ...SILENT });
    expect(download({}, cleaned(NOW - 5)).end.left).toBe(true);
    expect(download({}, cleaned(LONG_AGO)).end).toMatchObject({ outcome: 'canceled', ...SILENT });
  });
});

describe('a clean-up after a create that was in doubt', () => {
  const over = { opened: true, sessionId: 's1', sessionDoubtedAt: LONG_AGO, wish: 'cleaned up' };
  const found = { listSessions: ['s7'], getSession: sessionIs('ACTIVE') };

  it('should look for what came of it late, and end that', () => {
    const its = upload({ ...found, cancelSession: null }, over);
    expect(its.end).toMatchObject({ outcome: 'canceled', ...SILENT });
    expect(its.calls).toEqual(['cancelSession', 'deleteSession', ...LOOKS]);
  });

  it('should do so after a run that is done, and leave its item alone', () => {
    const its = upload(
      { ...found, listItemFiles: GOOD.listItemFiles },
      { ...over, itemMade: true, ...SENT, done: true }
    );
    expect(its.end.outcome).toBe('done');
    expect(its.end.left).toBe(false);
    expect(its.calls).toEqual(['listItemFiles', 'getItem', 'deleteSession', ...LOOKS]);
  });

  it('should not look where it has expired by now, or somebody goes on with the run', () => {
    const expired = { ...over, sessionDoubtedAt: EXPIRED };
    expect(upload({}, expired).calls).toEqual(['cancelSession', 'deleteSession']);
    expect(upload({}, { ...over, wish: undefined }).calls).not.toContain('listSessions');
  });

  it('should look for a download session, and end none of another run', () => {
    const known = { ...over, sessionId: 'd1' };
    const its = download(
      { listDownloadSessions: turns(['d7', 'd8'], ['d7', 'd8']), ownersOf: turns([owner('d7')], []) },
      known
    );
    expect(its.end).toMatchObject({ outcome: 'canceled', sessionId: 'd8', ...SILENT });
    expect(its.calls).toEqual([
      'cancelDownload',
      'deleteDownloadSession',
      'listDownloadSessions',
      'ownersOf',
      'listDownloadSessions',
      'ownersOf',
      'listDownloadFiles',
      'cancelDownload',
      'deleteDownloadSession',
      'listDownloadSessions'
    ]);
    expect(download({}, { ...known, wish: undefined }).calls).not.toContain('listDownloadSessions');
  });

  it('should end none of which nobody can say whose it is', () => {
    const unknown = { listDownloadSessions: ['d7'], ownersOf: refuse('JOURNAL') };
    const its = download(unknown, { ...over, sessionId: 'd1' });
    expect(its.end.left).toBe(true);
    expect(its.calls.filter(op => op === 'cancelDownload')).toHaveLength(1);
  });

  it.each<[string, Answers]>([
    ['somebody has sent a file into, whatever became of that', { listFiles: [fileIs('READY')] }],
    ['is over', { getSession: sessionIs('ERROR') }],
    ['is gone', { getSession: refuse('NOT_FOUND') }]
  ])('should end no session that %s', (_, answers) => {
    const its = upload({ ...found, ...answers }, over);
    expect(its.end).toMatchObject({ outcome: 'canceled', ...SILENT });
    expect(its.calls.filter(op => op === 'cancelSession')).toHaveLength(1);
  });

  it('should end no download session out of which somebody fetches a file', () => {
    const its = download(
      { listDownloadSessions: ['d7'], listDownloadFiles: [preparedIs('PREPARED')] },
      { ...over, sessionId: 'd1' }
    );
    expect(its.end).toMatchObject({ outcome: 'canceled', ...SILENT });
    expect(its.calls.filter(op => op === 'cancelDownload')).toHaveLength(1);
  });

  it('should pass over a download session that has gone by itself, and say so of one that cannot be looked into', () => {
    const looked = (answer: unknown) =>
      download({ listDownloadSessions: ['d7'], listDownloadFiles: answer }, { ...over, sessionId: 'd1' });
    expect(looked(refuse('NOT_FOUND')).end).toMatchObject(SILENT);
    const unknown = looked(refuse('UNAUTHORIZED'));
    expect(unknown.end.notes).toEqual([
      expect.stringContaining('perhaps download session d7 ('),
      NOTE('download session')
    ]);
    expect(unknown.calls.filter(op => op === 'listDownloadSessions')).toHaveLength(1);
  });

  it('should say so once when nobody tells which are there, and not ask again', () => {
    const its = upload({ listSessions: refuse('UNAUTHORIZED') }, over);
    expect(its.end).toMatchObject({ outcome: 'canceled', ...SAYS_SO });
    expect(its.calls.filter(op => op === 'listSessions')).toHaveLength(1);
    const gone = { listSessions: refuse('NOT_FOUND'), listDownloadSessions: refuse('NOT_FOUND') };
    expect(upload(gone, over).end).toMatchObject({ outcome: 'canceled', ...SILENT });
    expect(download(gone, { ...over, sessionId: 'd1' }).end).toMatchObject({ outcome: 'canceled', ...SILENT });
    const unowned = upload({ ...found, ownersOf: refuse('JOURNAL') }, over);
    expect(unowned.end.notes).toEqual([expect.stringContaining('perhaps session s7 ('), NOTE('session')]);
    expect(unowned.calls.filter(op => op === 'cancelSession')).toHaveLength(1);
    const blind = upload({ ...found, getSession: refuse('UNAUTHORIZED') }, over);
    expect(blind.end.notes).toEqual([expect.stringContaining('perhaps session s7 ('), NOTE('session')]);
    expect(blind.calls.filter(op => op === 'listSessions')).toHaveLength(1);
  });

  it('should end all there are, and try none twice', () => {
    const its = upload(
      { ...found, listSessions: ['s7', 's8'], deleteSession: turns(null, refuse('UNAUTHORIZED')) },
      { ...over, sessionId: 's7' }
    );
    expect(its.calls.filter(op => op === 'listSessions')).toHaveLength(1);
    const two = upload({ ...found, listSessions: ['s7', 's8'] }, over);
    expect(two.calls.filter(op => op === 'cancelSession')).toHaveLength(3);
    expect(two.end).toMatchObject({ outcome: 'canceled', sessionId: 's8', ...SILENT });
  });

  it('should let one be that is DONE: it is certainly not ours', () => {
    const its = upload({ ...found, getSession: sessionIs('DONE') }, over);
    expect(its.end).toMatchObject({ outcome: 'canceled', ...SILENT });
    expect(its.calls.filter(op => op === 'deleteSession')).toHaveLength(1);
    const opening = { createSession: turns(LOST, 's2'), listSessions: turns([], ['s9'], ['s9']) };
    const begun = upload({ ...opening, getSession: turns(sessionIs('DONE'), undefined) });
    expect(begun.end).toMatchObject({ outcome: 'done', sessionId: 's2', ...SAYS_SO });
  });

  it('should ask for a session by another token where the one that was found is DONE', () => {
    const tokens: unknown[] = [];
    const script = completing(
      byOp({ ...GOOD, findItems: ['i1'], listItemFiles: turns([], GOOD.listItemFiles), ownersOf: [] })
    );
    const answers: Answers = { createSession: turns(LOST, LOST, 's2'), listSessions: turns([], [], ['s9'], ['s9']) };
    let asked = 0;
    const its = play(uploadMachine, inputWith(), (call, times, path) => {
      if (call.op === 'createSession') tokens.push(call.args.token);
      if (call.op === 'getSession' && asked++ === 0) return sessionIs('DONE');
      return call.op in answers ? byOp(answers)(call, times, path) : script(call, times, path);
    });
    expect(endOf(its)).toMatchObject({ outcome: 'done', sessionId: 's2' });
    expect([tokens.length, new Set(tokens.slice(0, 2)).size, new Set(tokens).size]).toEqual([3, 1, 2]);
  });

  it('should not go on for ever where there is always another one', () => {
    const always = (list: Op) => {
      let made = 0;
      const script = completing(byOp({ ...GOOD, ...GOOD_DOWNLOAD, getSession: sessionIs('ACTIVE'), ownersOf: [] }));
      return (call: CallSpec, times: number, path: string) =>
        call.op === list ? [`n${made++}`] : script(call, times, path);
    };
    const late = play(uploadMachine, inputWith({ known: { ...BEFORE, ...over } }), always('listSessions'));
    expect(endOf(late)).toMatchObject({ outcome: 'canceled', ...SAYS_SO });
    expect(late.calls.filter(op => op === 'cancelSession')).toHaveLength(21);
    const known = { itemId: 'i1', generation: 1, before: [], files: [], ...over, sessionId: 'd1' };
    const fetched = play(downloadMachine, fromWith({ known }), always('listDownloadSessions'));
    expect(endOf(fetched)).toMatchObject({ outcome: 'canceled', left: true, notes: [NOTE('download session')] });
  });

  it('should not say of the late one that complete was sent to it', () => {
    const states = [sessionIs('ACTIVE'), sessionIs('CANCELED'), sessionIs('ACTIVE'), refuse('UNAUTHORIZED')];
    const its = upload({ listSessions: ['s7'], getSession: turns(...states) }, { ...over, asked: true });
    expect(its.end).toMatchObject({ outcome: 'canceled', ...SILENT });
    expect(its.facts()).toMatchObject({ asked: false, sessionId: 's7' });
  });

  it('should look, too, after a complete that turns out to have acted', () => {
    const done = { listSessions: ['s7'], getSession: turns(sessionIs('DONE'), sessionIs('ACTIVE')) };
    const its = upload({ ...done, listItemFiles: GOOD.listItemFiles }, { ...over, itemMade: true, ...SENT });
    expect(its.end).toMatchObject({ outcome: 'done', left: false });
    expect(its.calls.slice(-LOOKS.length)).toEqual(LOOKS);
  });

  it('should find what was there already when a later session of the run was opened', () => {
    const lost = { getSession: turns(sessionIs('ACTIVE'), refuse('NOT_FOUND'), sessionIs('ACTIVE')) };
    const first = upload({
      ...lost,
      createSession: turns(LOST, 's1', 's2'),
      listSessions: turns([], [], ['s7'], ['s7']),
      addFile: turns(refuse('NOT_FOUND'), refuse('UNAUTHORIZED'))
    });
    expect(first.facts()).toMatchObject({ generation: 2, before: ['s7'], beforeDoubt: [] });
    const its = upload(found, { ...over, before: ['s7'], beforeDoubt: [] });
    expect(its.calls.slice(-LOOKS.length)).toEqual(LOOKS);
    expect(upload(found, { ...over, before: ['s7'] }).calls.at(-1)).toBe('listSessions');
    const all = download(
      { listDownloadSessions: ['d7'] },
      { ...over, sessionId: 'd1', before: ['d7'], beforeDoubt: [] }
    );
    expect(all.end).toMatchObject({ outcome: 'canceled', sessionId: 'd7' });
    const fresh = download({}, { sessionDoubtedAt: LONG_AGO, before: ['d0'] });
    expect(fresh.facts()).toMatchObject({ before: [], beforeDoubt: ['d0'] });
    const old = download({}, { sessionDoubtedAt: EXPIRED, before: ['d0'] });
    expect(old.facts()).toMatchObject({ before: [], beforeDoubt: undefined });
  });

  it('should not change what a lost session was judged to be by its item', () => {
    const lost = { getSession: refuse('NOT_FOUND'), listSessions: [], listItemFiles: GOOD.listItemFiles };
    const its = upload(lost, { ...over, itemMade: true, ...SENT });
    expect(its.end.outcome).toBe('done');
    expect(its.calls).toContain('listSessions');
  });
});

const owner = (session: string) => ({ session, run: 'another', standing: 'alive' });

describe('a create of an item that was in doubt', () => {
  const fails = { findItems: [], addFile: refuse('UNAUTHORIZED'), listSessions: [], listItemFiles: [] };
  const perhaps = [expect.stringContaining('perhaps an item "ubuntu"')];

  it('should be told when the item that its repeat has made was taken away again', () => {
    const its = upload({ ...fails, createItem: turns(LOST, 'i1') });
    expect(its.calls.at(-1)).toBe('deleteItem');
    expect(its.end).toMatchObject({ outcome: 'failed', left: true, notes: perhaps });
    expect(upload(fails).end).toMatchObject({ outcome: 'failed', ...SILENT });
  });

  it('should be told, too, when an earlier life had sent it', () => {
    const making = { itemId: undefined, making: true, creatingAt: NOW - 5 };
    expect(upload({ ...fails, findItems: ['i1'] }, making).end).toMatchObject({ left: true, notes: perhaps });
    expect(upload(fails, making).end).toMatchObject({ left: true, notes: perhaps });
  });

  it('should be told when it was another one that was found', () => {
    const making = { itemId: undefined, making: true, creatingAt: NOW - 5 };
    const its = upload({ ...fails, findItems: turns([], ['i1']), createItem: LOST }, making);
    expect(its.calls.at(-1)).toBe('deleteItem');
    expect(its.end).toMatchObject({ outcome: 'failed', left: true, notes: perhaps });
  });

  it('should not be looked for by its name later: an empty item of that name may be somebody else’s by then', () => {
    const first = upload({ ...fails, createItem: turns(LOST, 'i1') });
    const known = { ...first.facts(), wish: 'cleaned up' };
    expect(known).toMatchObject({ itemId: 'i1', making: false, itemMade: true });
    const gone = { ...fails, listItemFiles: refuse('NOT_FOUND'), findItems: ['i9'] };
    const sooner = upload(gone, known);
    expect(sooner.end).toMatchObject({ outcome: 'canceled', left: true, notes: perhaps });
    expect(sooner.calls).not.toContain('deleteItem');
    const later = { ...known, itemDoubtedAt: LONG_AGO, creatingAt: LONG_AGO };
    expect(upload(gone, later).end).toMatchObject({ outcome: 'canceled', ...SILENT });
  });

  it('should be told by one that begins anew, too, and is canceled before it has made another', () => {
    const first = upload({ ...fails, createItem: turns(LOST, 'i1'), deleteItem: refuse('CONNECTION') });
    const known = { ...first.facts(), removing: true, failure: failure('CONNECTION', 'gone') };
    const anew = upload({ ...fails, listItemFiles: refuse('NOT_FOUND') }, known, {
      cancelAt: ({ op }) => op === 'findItems' || op === 'findLibraries' || op === 'getLibrary'
    });
    expect(anew.end).toMatchObject({ outcome: 'canceled', left: true, notes: perhaps });
    expect(anew.calls).not.toContain('createItem');
  });

  it('should be told when its answer was not awaited to the end, however long ago it was first sent', () => {
    const its = upload({ ...fails, createItem: HOLD }, {}, { cancelAt: ({ op }) => op === 'createItem' });
    expect(its.end).toMatchObject({ outcome: 'canceled', left: true, notes: perhaps });
  });
});

describe('a download session found after a create that nobody answered', () => {
  const ofOthers: [string, Answers][] = [
    ['the journal has as another run’s', { ownersOf: [owner('d9')] }],
    ['somebody fetches a file out of', { listDownloadFiles: [preparedIs('PREPARED')] }]
  ];
  it.each(ofOthers)('should be let alone when it is one that %s, and another one be made', (_, answers) => {
    const lost = { createDownloadSession: turns(LOST, 'd1'), listDownloadSessions: turns([], ['d9'], ['d9']) };
    const its = download({ ...lost, ...answers });
    expect(its.end).toMatchObject({ outcome: 'done', sessionId: 'd1', left: true });
    expect(its.calls.filter(op => op === 'deleteDownloadSession')).toHaveLength(1);
    const later = { opened: true, creatingAt: NOW - 5 };
    const again = download({ listDownloadSessions: ['d9'], ...answers }, later);
    expect(again.end).toMatchObject({ outcome: 'done', sessionId: 'd1', left: true });
  });

  it('should be gone on with when it is ours, and another one be opened when it is over', () => {
    const lost = { createDownloadSession: turns(LOST, 'd2'), listDownloadSessions: turns([], ['d1'], []) };
    expect(download(lost).end).toMatchObject({ outcome: 'done', sessionId: 'd1' });
    const over = { listDownloadFiles: refuse('NOT_FOUND'), getDownloadSession: turns(refuse('NOT_FOUND'), undefined) };
    expect(download({ ...lost, ...over }).end).toMatchObject({ outcome: 'done', sessionId: 'd2' });
  });

  it.each<Op>(['createDownloadSession', 'ownersOf', 'listDownloadFiles'])(
    'should be ended when the run is canceled at %s',
    op => {
      const lost = { createDownloadSession: LOST, listDownloadSessions: turns([], ['d9'], ['d9'], []) };
      const its = download(lost, undefined, { cancelAt: call => call.op === op });
      expect(its.end).toMatchObject({ outcome: 'canceled', sessionId: 'd9' });
      expect(its.calls.filter(each => each === 'cancelDownload' || each === 'prepareFile')).toEqual(['cancelDownload']);
    }
  );

  it('should fail the run when nobody can say whose it is', () => {
    const lost = { createDownloadSession: LOST, listDownloadSessions: turns([], ['d9']) };
    expect(download({ ...lost, ownersOf: refuse('JOURNAL') }).end).toMatchObject({ outcome: 'failed', left: true });
    const blind = download({ ...lost, listDownloadFiles: refuse('UNAUTHORIZED') });
    expect(blind.end).toMatchObject({ outcome: 'failed', left: true });
    expect(blind.calls).not.toContain('deleteDownloadSession');
  });
});

describe('a run that was told as done, and is cleaned up', () => {
  const done = { opened: true, sessionId: 's1', sessionDoubtedAt: EXPIRED, wish: 'cleaned up' };
  const again = (answers: Answers) => {
    const known = { ...BEFORE, ...done, itemMade: true, ...SENT, done: true };
    const script = completing(byOp({ ...GOOD, ownersOf: [], ...answers }));
    return endOf(play(uploadMachine, inputWith({ known, told: true }), script));
  };

  it.each<[string, Answers]>([
    ['holds what was sent', {}],
    ['holds something else by now', { listItemFiles: [{ name: 'a.bin', size: 7, digest: SHA('b') }] }],
    ['is gone', { listItemFiles: refuse('NOT_FOUND'), deleteSession: refuse('NOT_FOUND') }]
  ])('should stay so, when its item %s', (_, answers) => {
    expect(again(answers)).toMatchObject({ outcome: 'done', failure: undefined, ...SILENT });
  });

  it('should stay so when it was a download', () => {
    const known = { itemId: 'i1', generation: 1, before: [], files: [], ...done, sessionId: 'd1' };
    const its = play(downloadMachine, fromWith({ known, told: true }), goodItem({}));
    expect(endOf(its)).toMatchObject({ outcome: 'done', failure: undefined, ...SILENT });
  });
});
