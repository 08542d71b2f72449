// Inputs and answers that the tests of the download machines share.
import type { DownloadFile, DownloadSessionInfo } from '../../machines/vocabulary.ts';
import type { CallSpec, Op } from '../../machines/workflow/calls.ts';
import type { DownloadInput } from '../../machines/workflow/download-facts.ts';
import type { FetchFileInput } from '../../machines/workflow/fetch-file.ts';
import { byOp, type Script } from './play.ts';
import { POLICY, RUN, SHA } from './samples.ts';

export const SERVES = { sessionTimeoutMs: 300_000, reportsSize: true, reportsDigest: true };
export const A = { name: 'a.bin', size: 1_600, digest: SHA('a') };

export function fromWith(more: Partial<DownloadInput> = {}): DownloadInput {
  return {
    run: RUN,
    from: { library: 'images', libraryById: false, item: 'ubuntu', itemById: false },
    wanted: [],
    ifExists: 'fail',
    server: SERVES,
    policy: POLICY,
    ...more
  };
}
export function fetchWith(more: Partial<FetchFileInput> = {}): FetchFileInput {
  return {
    run: RUN,
    index: 0,
    file: A,
    sessionId: 'd1',
    server: SERVES,
    policy: POLICY,
    replace: false,
    attempts: 0,
    ...more
  };
}
export const downloadIs = (state: string, more: Partial<DownloadSessionInfo> = {}): DownloadSessionInfo => ({
  id: 'd1',
  state,
  itemId: 'i1',
  contentVersion: '2',
  expiresAt: 300_000,
  serverNow: 0,
  ...more
});
export const preparedIs = (status: string, more: Partial<DownloadFile> = {}): DownloadFile => ({
  name: 'a.bin',
  status,
  bytesTransferred: 0,
  size: 1_600,
  digest: SHA('a'),
  downloadUri: status === 'PREPARED' ? 'http://sim/cls/data/u/a.bin' : undefined,
  ...more
});
/** Answers of a service and a folder with which everything goes well, for an item with one file. */
export const FETCHED: Partial<Record<Op, unknown>> = {
  findLibraries: ['l1'],
  getLibrary: { id: 'l1', name: 'images', type: 'LOCAL' },
  findItems: ['i1'],
  getItem: { id: 'i1', libraryId: 'l1', name: 'ubuntu', contentVersion: '2' },
  listItemFiles: [A],
  findTarget: null,
  listDownloadSessions: [],
  createDownloadSession: 'd1',
  ownersOf: [],
  getDownloadSession: undefined,
  keepDownloadAlive: null,
  keepLogin: null,
  prepareFile: preparedIs('PREPARED'),
  getDownloadFile: preparedIs('PREPARED'),
  listDownloadFiles: [preparedIs('UNPREPARED')],
  openPart: { size: 0 },
  fetch: { received: 1_600 },
  digestTarget: SHA('a'),
  keep: null,
  dropPart: { kept: false },
  deleteDownloadSession: null,
  cancelDownload: null,
  failDownload: null
};

/** The session as it answers to one who asks in doubt; it is ACTIVE for all others. */
export const inDoubt = (...answers: unknown[]): ((path: string) => unknown) => {
  let asked = 0;
  return path => (path === 'reconcile/call' ? answers[Math.min(asked++, answers.length - 1)] : downloadIs('ACTIVE'));
};

/** That service and folder, but for what is said; it remembers how its session ended. */
export function goodItem(more: Partial<Record<Op, unknown>> = {}): Script {
  let state = 'ACTIVE';
  const table = byOp({ ...FETCHED, ...more });
  return (call: CallSpec, times, path) => {
    const told = table(call, times, path);
    const value = typeof told === 'function' ? told(path) : told;
    if (call.op === 'createDownloadSession') state = 'ACTIVE';
    if (call.op === 'cancelDownload' && value === null) state = 'CANCELED';
    if (call.op === 'failDownload' && value === null) state = 'ERROR';
    if (call.op === 'getDownloadSession' && value === undefined) return downloadIs(state);
    return value;
  };
}
