// Inputs and answers that the tests of the workflow machines share.

import type { SessionFile, SessionInfo } from '../../machines/vocabulary.ts';
import type { Op } from '../../machines/workflow/calls.ts';
import type { UploadFileInput } from '../../machines/workflow/upload-file/questions.ts';
import type { Known, UploadInput } from '../../machines/workflow/upload-facts.ts';
import type { Script } from './play.ts';

export const POLICY = {
  maxAttempts: 3,
  baseMs: 100,
  capMs: 1_000,
  retryAfterCapMs: 5_000,
  retryCost: 5,
  breakCost: 10,
  parallel: 2,
  watchMs: 1_000,
  pollMs: 100,
  patienceMs: 60_000,
  busyMs: 60_000,
  busyPollMs: 8_000
};
export const SERVER = {
  reportsReady: true,
  reportsSize: true,
  reportsDigest: true,
  removesFiles: true,
  previews: true,
  sessionTimeoutMs: 300_000,
  algorithms: ['SHA1', 'MD5', 'SHA256', 'SHA512'] as const
};
export const RUN = '6a3c1d52-0d6e-4c7b-9a51-2f1c00000000';
export const SHA = (character: string): { algorithm: 'SHA256'; checksum: string } => ({
  algorithm: 'SHA256',
  checksum: character.repeat(64)
});

export function inputWith(more: Partial<UploadInput> = {}): UploadInput {
  return {
    run: RUN,
    to: { library: 'images', libraryById: false, item: 'ubuntu', itemById: false },
    itemType: '',
    files: [{ name: 'a.bin', size: 1_600, role: 'plain' }],
    ifExists: 'update',
    onBusy: 'fail',
    force: false,
    acceptWarnings: [],
    hash: true,
    server: SERVER,
    policy: POLICY,
    ...more
  };
}

export const SENT_FILE = { outcome: 'ready', attempts: 1, digests: [] } as const;

/** An earlier life of an upload that had come to a session. */
export function knownWith(more: Partial<Known> = {}): Known {
  return {
    itemId: 'i1',
    itemMade: false,
    making: false,
    generation: 1,
    opened: true,
    sessionId: 's0',
    before: [],
    asked: false,
    done: false,
    // Complete is asked for only when all is sent.
    files: more.asked === true ? [SENT_FILE] : [],
    ...more
  };
}

/** One file of the upload, as the plan gives it to the child that sends it. */
export function fileWith(more: Partial<UploadFileInput> = {}): UploadFileInput {
  return {
    index: 0,
    file: { name: 'a.bin', size: 1_600, role: 'plain' },
    sessionId: 's1',
    server: SERVER,
    policy: POLICY,
    pollMs: 100,
    patienceMs: 60_000,
    hash: true,
    attempts: 0,
    ...more
  };
}

export const sessionIs = (state: string, more: Partial<SessionInfo> = {}): SessionInfo => ({
  id: 's1',
  state,
  itemId: 'i1',
  expiresAt: 300_000,
  serverNow: 0,
  ...more
});
export const fileIs = (status: string, more: Partial<SessionFile> = {}): SessionFile => ({
  name: 'a.bin',
  sourceType: 'PUSH',
  status,
  bytesTransferred: 0,
  uploadUri: 'http://sim/cls/data/u/a.bin',
  ...more
});
/** A script with a session beside it, which is ACTIVE until it was completed. */
export function completing(script: Script): Script {
  let state = 'ACTIVE';
  return (call, times, path) => {
    const value = script(call, times, path);
    if (call.op === 'createSession') state = 'ACTIVE';
    if (call.op === 'complete' && value === null) state = 'DONE';
    return call.op === 'getSession' && value === undefined ? sessionIs(state) : value;
  };
}

/** Answers of a service on which everything goes well, for one new item with one plain file. */
export const GOOD = {
  findLibraries: ['l1'],
  getLibrary: { id: 'l1', name: 'images', type: 'LOCAL' },
  findItems: [],
  createItem: 'i1',
  listSessions: [],
  createSession: 's1',
  getSession: undefined as unknown,
  addFile: fileIs('WAITING_FOR_TRANSFER'),
  push: { sent: 1_600, digests: [SHA('a')] },
  getFile: fileIs('READY', { size: 1_600, digest: SHA('a') }),
  listFiles: [],
  validate: { hasErrors: false, missing: [], invalid: [] },
  complete: null,
  listItemFiles: [{ name: 'a.bin', size: 1_600, digest: SHA('a') }],
  getItem: { id: 'i1', libraryId: 'l1', name: 'ubuntu', contentVersion: '2' },
  keepAlive: null,
  keepLogin: null,
  ownersOf: [],
  deleteSession: null,
  cancelSession: null,
  failSession: null,
  deleteItem: null
};

/** A look for what came late, which finds a session of ours. */
export const LOOKS: readonly Op[] = [
  'listSessions',
  'ownersOf',
  'getSession',
  'listFiles',
  'cancelSession',
  'deleteSession',
  // There may be several.
  'listSessions'
];
