// What the tests of the machines do not come by: ways that need two misfortunes at once, or one at a rare moment. Each play has
// the end that it must come to.
import { attemptMachine } from '../../machines/workflow/attempt.ts';
import type { CallSpec, Op } from '../../machines/workflow/calls.ts';
import { downloadMachine } from '../../machines/workflow/download.ts';
import type { DownloadInput } from '../../machines/workflow/download-facts.ts';
import { type FetchFileInput, fetchFileMachine } from '../../machines/workflow/fetch-file.ts';
import { uploadMachine } from '../../machines/workflow/upload.ts';
import type { Known, UploadInput } from '../../machines/workflow/upload-facts.ts';
import { uploadFileMachine } from '../../machines/workflow/upload-file.ts';
import { downloadIs, FETCHED, fetchWith, fromWith, goodItem, preparedIs } from '../machines/download-samples.ts';
import { byOp, HOLD, type Play, type PlayOptions, play, refuse, type Script, turns } from '../machines/play.ts';
import { fileIs, fileWith, GOOD, inputWith, knownWith, POLICY, SHA, sessionIs } from '../machines/samples.ts';

export interface Case {
  readonly name: string;
  /** Outcome (of a file or call: whether it is `ok`), and the code of the failure. */
  readonly ends: readonly [unknown, string?];
  run(): Play;
}

export const LEASE_ENDS = 'the lease ends meanwhile';

type Answers = Partial<Record<Op, unknown>>;

/** A service on which all goes well but for what is said; an answer may go by the path of the call. It knows how its session is. */
function service(more: Answers = {}): Script {
  let state = 'ACTIVE';
  const table = byOp({ ...GOOD, digest: SHA('a'), removeFile: null, updateSession: null, ...more });
  return (call: CallSpec, times, path) => {
    const told = table(call, times, path);
    const value = typeof told === 'function' ? (told as (path: string) => unknown)(path) : told;
    if (call.op === 'createSession') state = 'ACTIVE';
    if (call.op === 'complete' && value === null) state = 'DONE';
    if (call.op === 'cancelSession' && value === null) state = 'CANCELED';
    if (call.op === 'failSession' && value === null) state = 'ERROR';
    if (call.op === 'getSession' && value === undefined) return sessionIs(state);
    return value;
  };
}

const upload = (answers: Answers, input: Partial<UploadInput> = {}, options: PlayOptions = {}): Play =>
  play(uploadMachine, inputWith(input), service(answers), options);
/** An earlier life that had come to a session, but for what is said. */
const left = (more: Partial<Known>): Partial<UploadInput> => ({
  known: knownWith({ library: { id: 'l1', name: 'images' }, sessionId: 's1', ...more })
});
const cancelAt = (op: Op, time = 1): PlayOptions => ({ cancelAt: (call, times) => call.op === op && times === time });
const LOST = refuse('CONNECTION', { ambiguous: true });
const BUSY = refuse('RESOURCE_BUSY');
/** The item is there, and empty before. */
const HELD: Answers = {
  findItems: ['i1'],
  listItemFiles: (path: string) => (path.startsWith('listHeld') ? [] : GOOD.listItemFiles)
};
const WAITS: Partial<UploadInput> = { onBusy: 'wait' };
const UNREADY_CODE = 'NOT_ALLOWED_IN_CURRENT_STATE';
/** How a service refuses to validate or complete while a file is not READY. */
const UNREADY = refuse(UNREADY_CODE);

export const CASES: readonly Case[] = [
  of('a session is gone for those who keep it, and there for those who ask', ['failed', 'SERVER_ERROR'], () =>
    upload({
      ...HELD,
      getSession: (path: string) => (path.startsWith('lease') ? refuse('NOT_FOUND') : sessionIs('ACTIVE'))
    })
  ),
  of('a download session is gone for those who keep it, and there for those who ask', ['failed', 'SERVER_ERROR'], () =>
    download(
      { getDownloadSession: (path: string) => (path.startsWith('lease') ? refuse('NOT_FOUND') : downloadIs('ACTIVE')) },
      {}
    )
  ),
  of('a download session is over when it is looked at first', ['done'], () =>
    download({ getDownloadSession: turns(downloadIs('ERROR'), downloadIs('ERROR'), downloadIs('ACTIVE')) }, {})
  ),
  of('an earlier life had read DONE', ['done'], () => upload({}, left({ done: true, asked: true }))),
  of('an earlier life was making the item', ['done'], () =>
    upload(HELD, left({ itemId: undefined, making: true, opened: false, sessionId: undefined }))
  ),
  of('while it waits for another session, sessions cannot be listed', ['failed', 'UNAUTHORIZED'], () =>
    upload({ ...HELD, createSession: BUSY, listSessions: turns([], [], [], refuse('UNAUTHORIZED')) }, WAITS)
  ),
  of('after a wait, the answer to the create is lost', ['done'], () =>
    upload({ ...HELD, createSession: turns(BUSY, LOST), listSessions: turns([], [], [], ['s1']) }, WAITS)
  ),
  of('after a wait, a cancel comes into the create, which is not answered', ['canceled', 'CANCELED'], () =>
    upload({ ...HELD, createSession: turns(BUSY, HOLD) }, WAITS, cancelAt('createSession', 2))
  ),
  of('a session that had been asked to complete is gone', ['done'], () =>
    upload({ getSession: refuse('NOT_FOUND') }, left({ asked: true, files: [READY_FILE] }))
  ),
  of('a session that had been asked to complete is gone, and the item cannot be read', ['failed', 'NOT_VERIFIED'], () =>
    upload({ getSession: refuse('NOT_FOUND'), listItemFiles: refuse('UNAUTHORIZED') }, left({ asked: true }))
  ),
  of('and so is its item', ['failed', 'SESSION_LOST'], () =>
    upload({ getSession: refuse('NOT_FOUND'), listItemFiles: refuse('NOT_FOUND') }, left({ asked: true }))
  ),
  of('what was READY is not any more when it is completed', ['done'], () =>
    upload({ ...HELD, complete: turns(UNREADY, null), listFiles: [fileIs('WAITING_FOR_TRANSFER')] })
  ),
  of('complete is refused for good', ['failed', 'INVALID_ARGUMENT'], () =>
    upload({ ...HELD, complete: refuse('INVALID_ARGUMENT') })
  ),
  of('a validation is refused again and again although every file is READY', ['failed', UNREADY_CODE], () =>
    upload({ ...HELD, validate: UNREADY, listFiles: [fileIs('READY', { size: 1_600, digest: SHA('a') })] })
  ),
  of('bytes that came late are looked at for ever', ['failed', 'TIMED_OUT'], () =>
    upload({ ...HELD, validate: UNREADY, listFiles: [fileIs('VALIDATING')] })
  ),
  of('canceled after complete was sent, and the session is gone', ['done'], () =>
    upload({ getSession: refuse('NOT_FOUND') }, left({ asked: true, wish: 'test', files: [READY_FILE] }))
  ),
  of('canceled after complete was sent, and the session cannot be asked', ['canceled', 'CANCELED'], () =>
    upload({ getSession: refuse('UNAUTHORIZED') }, left({ asked: true, wish: 'test' }))
  ),
  of('canceled after complete was sent, which lands before the cancel does', ['done'], () =>
    upload(
      {
        getSession: turns(sessionIs('ACTIVE'), sessionIs('DONE')),
        cancelSession: refuse('NOT_ALLOWED_IN_CURRENT_STATE')
      },
      left({ asked: true, wish: 'test', files: [READY_FILE] })
    )
  ),
  of('canceled, and the session that is found is one that somebody sends into', ['canceled', 'CANCELED'], () =>
    upload({ listSessions: ['s7'], listFiles: [fileIs('TRANSFERRING')] }, left({ sessionId: undefined, wish: 'test' }))
  ),
  of('canceled, and the item that was being made is not there', ['canceled', 'CANCELED'], () =>
    upload({}, left({ itemId: undefined, making: true, opened: false, sessionId: undefined, wish: 'test' }))
  ),
  of('canceled, and the item that was made is gone', ['canceled', 'CANCELED'], () =>
    upload(
      { listItemFiles: refuse('NOT_FOUND') },
      left({ itemMade: true, opened: false, sessionId: undefined, wish: 'test' })
    )
  ),
  of('an earlier life made the item, and took it away again', ['done'], () =>
    upload({}, left({ itemMade: true, opened: false, sessionId: undefined, files: [] }))
  ),
  of('an earlier life was taking the item away that it had made', ['done'], () =>
    upload(
      { listItemFiles: turns([], GOOD.listItemFiles) },
      left({ itemMade: true, removing: true, opened: false, sessionId: undefined, failure: LOST.failure })
    )
  ),
  of('a server that does not know the algorithm of a digest', [true], () =>
    file({ addFile: turns(refuse('INVALID_ARGUMENT'), GOOD.addFile) })
  ),
  of('a download whose earlier life had kept everything', ['done'], () =>
    download(
      { findTarget: { size: 1_600 }, digestTarget: SHA('a') },
      {
        known: {
          generation: 2,
          opened: false,
          before: [],
          files: [
            {
              name: 'a.bin',
              size: 1_600,
              digest: SHA('a'),
              outcome: 'kept',
              attempts: 1,
              parted: false,
              verified: 'digest'
            }
          ]
        }
      }
    )
  ),
  of('a download whose earlier life was giving a file its name that no digest can tell', ['done'], () =>
    download(
      { findTarget: { size: 1_600, parted: false }, listItemFiles: [{ name: 'a.bin', size: 1_600 }] },
      {
        known: {
          itemId: 'i1',
          generation: 1,
          opened: true,
          sessionId: 'd1',
          before: [],
          files: [
            {
              name: 'a.bin',
              size: 1_600,
              outcome: 'todo',
              attempts: 1,
              parted: true,
              verified: 'no',
              naming: 1_600
            }
          ]
        }
      }
    )
  ),
  of('a rehearsed download', ['planned'], () => download({}, { rehearse: true })),
  of('a download that was canceled in an earlier life', ['canceled', 'CANCELED'], () =>
    download({}, { known: { generation: 1, opened: false, before: [], wish: 'test', files: [] } })
  ),
  of('a file whose preparing cannot be asked', [false, 'UNAUTHORIZED'], () =>
    fetch({ prepareFile: preparedIs('PREPARING'), getDownloadFile: refuse('UNAUTHORIZED') })
  ),
  of('a file whose preparing fails, and goes well the second time', [true], () =>
    fetch({ prepareFile: turns(preparedIs('PREPARING'), preparedIs('PREPARED')), getDownloadFile: preparedIs('ERROR') })
  ),
  of('a file whose preparing fails each time', [false, 'TRANSFER_REFUSED'], () =>
    fetch({ prepareFile: preparedIs('PREPARING'), getDownloadFile: preparedIs('ERROR') })
  ),
  of('a file that is withdrawn, and whose second preparing takes too long', [false, 'TIMED_OUT'], () =>
    fetch(
      {
        prepareFile: turns(
          preparedIs('PREPARING'),
          refuse('UNAVAILABLE', { retryAfterMs: 1_000 }),
          preparedIs('PREPARING')
        ),
        getDownloadFile: preparedIs('UNPREPARED')
      },
      { policy: { ...POLICY, patienceMs: 500 } }
    )
  ),
  of('a retry for which nothing is left in the budget', [false, 'UNAVAILABLE'], () =>
    play(
      attemptMachine,
      { call: { op: 'keepLogin', args: {} }, policy: POLICY },
      byOp({ keepLogin: refuse('UNAVAILABLE') }),
      { grants: () => false }
    )
  )
];

/** Uploads that go well, each by another way through the chart. */
export const WAYS: Readonly<Record<string, readonly [() => Script, Partial<UploadInput>]>> = {
  plain: [() => service(HELD), {}],
  signed: [
    () => service({ ...HELD, getSession: reviewed() }),
    { itemType: 'ovf', acceptWarnings: ['SELF_SIGNED_CERTIFICATE'] }
  ],
  replacing: [
    () => service({ ...HELD, listFiles: [fileIs('READY', { name: 'old.bin', sourceType: 'NONE' })] }),
    { ifExists: 'replace' }
  ],
  unsettled: [() => service({ ...HELD, validate: turns(UNREADY, GOOD.validate), listFiles: unsettled() }), {}],
  fetched: [
    () =>
      service({
        ...HELD,
        addFile: fileIs('WAITING_FOR_TRANSFER', { sourceType: 'PULL', uploadUri: undefined }),
        getFile: FETCHED_FILE,
        listFiles: turns([fileIs('TRANSFERRING', { sourceType: 'PULL', bytesTransferred: 5 })], [FETCHED_FILE])
      }),
    { files: [{ name: 'a.bin', size: 1_600, role: 'plain', pull: true, digest: SHA('a') }] }
  ]
};

/**
 * One misfortune at one call of a way that goes well: a refusal, a cancel, a session that is over, or a lease that ends while
 * the call is not answered.
 */
export function misfortunes(way: string): { calls: number; at(index: number): [string, () => Play][] } {
  const [makeScript, input] = WAYS[way] as (typeof WAYS)[string];
  const calls = play(uploadMachine, inputWith(input), makeScript()).calls.length;
  const bad = (at: number, instead: (call: CallSpec, path: string) => unknown, thenGone = false): Play => {
    const script = makeScript();
    let index = 0;
    let isGone = false;
    return play(uploadMachine, inputWith(input), (call, times, path) => {
      const usual = script(call, times, path);
      index += 1;
      if (call.op === 'createSession') isGone = false;
      if (isGone && call.op === 'getSession') return refuse('NOT_FOUND');
      if (index === at && thenGone) isGone = true;
      return index === at ? (instead(call, path) ?? usual) : usual;
    });
  };
  const over = (state: string) => (call: CallSpec) => (call.op === 'getSession' ? sessionIs(state) : undefined);
  return {
    calls,
    at: index => [
      ...(['NOT_FOUND', 'NOT_ALLOWED_IN_CURRENT_STATE', 'UNAUTHORIZED', 'UNAVAILABLE'] as const).map(
        (code): [string, () => Play] => [code, () => bad(index, () => refuse(code))]
      ),
      ['the answer is lost', () => bad(index, () => LOST)],
      ['the session is ERROR', () => bad(index, over('ERROR'))],
      ['the session is DONE', () => bad(index, over('DONE'))],
      [LEASE_ENDS, () => bad(index, (_, path) => (path.startsWith('lease/') ? undefined : HOLD), true)],
      [
        'somebody cancels',
        () => {
          let calls_ = 0;
          return play(uploadMachine, inputWith(input), makeScript(), { cancelAt: () => ++calls_ === index });
        }
      ]
    ]
  };
}

const READY_FILE = { outcome: 'ready', attempts: 1, digests: [SHA('a')] } as const;
const FETCHED_FILE = fileIs('READY', { sourceType: 'PULL', size: 1_600, bytesTransferred: 1_600, digest: SHA('a') });

/** A second body has come late, and is looked at; then a second add. */
function unsettled(): (path: string) => unknown {
  let asked = 0;
  return path => [fileIs(path.startsWith('recheck') && asked++ > 0 ? 'WAITING_FOR_TRANSFER' : 'VALIDATING')];
}

/** First the preview is made, then it warns. */
function reviewed(): (path: string) => unknown {
  const pending = sessionIs('ACTIVE', { preview: { state: 'PREPARING', warnings: [] } });
  const warning = { type: 'SELF_SIGNED_CERTIFICATE', message: 'self', ignored: false };
  const warned = sessionIs('ACTIVE', { preview: { state: 'AVAILABLE', warnings: [warning] } });
  let asked = 0;
  return path => (path.startsWith('review') ? (asked++ === 0 ? pending : warned) : undefined);
}

function file(answers: Answers): Play {
  const its = { name: 'a.bin', size: 1_600, role: 'plain', digest: SHA('a') } as const;
  return play(uploadFileMachine, fileWith({ file: its }), service(answers));
}

function download(answers: Answers, input: Partial<DownloadInput>): Play {
  return play(downloadMachine, fromWith(input), goodItem(answers));
}

function fetch(answers: Answers, more: Partial<FetchFileInput> = {}): Play {
  return play(fetchFileMachine, fetchWith(more), byOp({ ...FETCHED, ...answers }));
}

function of(name: string, ends: Case['ends'], run: () => Play): Case {
  return { name, ends, run };
}
