// The service: a state and an operation in, a new state and an answer out. No clock, no sockets, no chance; the law decides
// about lifecycles, and this page only says which function does which operation.
import { Refusal, type WireError } from '../../wire/errors.ts';
import type { OperationName, WireArgs } from '../../wire/operations.ts';
import { tokenOf } from './arguments.ts';
import { getConfiguration, updateConfiguration } from './configuration.ts';
import * as downloadFiles from './download-files.ts';
import { blobsInUse } from './download-work.ts';
import * as downloads from './downloads.ts';
import { listTypes } from './item-types.ts';
import * as items from './items.ts';
import type { Law } from './law.ts';
import * as libraries from './libraries.ts';
import { demand } from './privileges.ts';
import { probe } from './probe.ts';
import * as files from './session-files.ts';
import * as sessions from './sessions.ts';
import type { Context, ServiceState } from './state.ts';
import { getItemStorage, listItemStorage } from './storage.ts';
import { find, put, values } from './table.ts';
import { passTime } from './time.ts';
import type { Work } from './work.ts';

/** What an operation comes to. Also a refused one may change the state: time has passed. */
export interface Outcome {
  readonly state: ServiceState;
  /** The answer, in the models of the wire. */
  readonly value?: unknown;
  readonly error?: WireError;
  /** Blobs that nothing refers to any more. */
  readonly freed: readonly string[];
}

/**
 * Does one operation for `context.user`.
 *
 * @example `operate(law, state, 'session.get', { update_session_id: id }, { at: 0, user: 'me', uuid }).value`
 */
export function operate(law: Law, state: ServiceState, op: OperationName, args: WireArgs, context: Context): Outcome {
  return attempted(law, state, context, work => {
    demand(work, op, args);
    return doers[op](work, args);
  });
}

/**
 * Lets time pass, then does something; what it refuses leaves no trace but the passing of time.
 */
export function attempted(
  law: Law,
  state: ServiceState,
  context: Context,
  act: (work: Work) => { value?: unknown; error?: WireError }
): Outcome {
  const work: Work = { state, law, context, freed: [] };
  passTime(work);
  const before = { state: work.state, freed: unused(work) };
  try {
    const { value, error } = act(work);
    return { state: work.state, freed: unused(work), ...(value !== undefined && { value }), ...(error && { error }) };
  } catch (cause) {
    if (cause instanceof Refusal) return { ...before, error: cause.error };
    throw cause;
  }
}

/** What may go: not what a download still reads, or another item holds: a copy shares the bytes of its source. */
function unused({ state, freed }: Work): string[] {
  if (freed.length === 0) return [];
  const used = new Set([
    ...blobsInUse(state),
    ...values(state.items).flatMap(item => item.files.map(file => file.blob))
  ]);
  return [...new Set(freed)].filter(blob => !used.has(blob));
}

type Doer = (work: Work, args: WireArgs) => { value?: unknown; error?: WireError };

const doers: Readonly<Record<OperationName, Doer>> = {
  'session.create': creating('session.create', sessions.createSession),
  'session.list': answering(sessions.listSessions),
  'session.get': answering(sessions.getSession),
  'session.update': answering(sessions.updateSession),
  'session.delete': answering(sessions.deleteSession),
  'session.complete': (work, args) => ({ error: sessions.complete(work, args) }),
  'session.cancel': answering(sessions.cancel),
  'session.fail': answering(sessions.fail),
  'session.keepAlive': answering(sessions.keepAlive),
  'file.add': answering(files.addFile),
  'file.list': answering(files.listFiles),
  'file.get': answering(files.getFile),
  'file.remove': answering(files.removeFile),
  'file.validate': answering(files.validate),
  'file.probe': answering(probe),
  'download.create': creating('download.create', downloads.createDownload),
  'download.list': answering(downloads.listDownloads),
  'download.get': answering(downloads.getDownload),
  'download.delete': answering(downloads.deleteDownload),
  'download.cancel': answering(downloads.cancelDownload),
  'download.fail': answering(downloads.failDownload),
  'download.keepAlive': answering(downloads.keepDownloadAlive),
  'downloadFile.list': answering(downloadFiles.listDownloadFiles),
  'downloadFile.get': answering(downloadFiles.getDownloadFile),
  'downloadFile.prepare': answering(downloadFiles.prepareFile),
  'library.list': answering(work => libraries.listLibraries(work)),
  'library.get': answering((work, args) => libraries.getLibrary(work, args)),
  'library.find': answering(libraries.findLibraries),
  'library.update': answering((work, args) => libraries.updateLibrary(work, args)),
  'localLibrary.list': answering(work => libraries.listLibraries(work, 'LOCAL')),
  'localLibrary.create': creating('localLibrary.create', libraries.createLibrary),
  'localLibrary.get': answering((work, args) => libraries.getLibrary(work, args, 'LOCAL')),
  'localLibrary.update': answering((work, args) => libraries.updateLibrary(work, args, 'LOCAL')),
  'localLibrary.delete': answering((work, args) => libraries.deleteLibrary(work, args, 'LOCAL')),
  'subscribedLibrary.list': answering(work => libraries.listLibraries(work, 'SUBSCRIBED')),
  'subscribedLibrary.get': answering((work, args) => libraries.getLibrary(work, args, 'SUBSCRIBED')),
  'subscribedLibrary.update': answering((work, args) => libraries.updateLibrary(work, args, 'SUBSCRIBED')),
  'subscribedLibrary.delete': answering((work, args) => libraries.deleteLibrary(work, args, 'SUBSCRIBED')),
  'item.create': creating('item.create', items.createItem),
  'item.list': answering(items.listItems),
  'item.get': answering(items.getItem),
  'item.find': answering(items.findItems),
  'item.update': answering(items.updateItem),
  'item.copy': creating('item.copy', items.copyItem),
  'item.delete': answering(items.deleteItem),
  'itemFile.list': answering(items.listItemFiles),
  'itemFile.get': answering(items.getItemFile),
  'itemStorage.list': answering(listItemStorage),
  'itemStorage.get': answering(getItemStorage),
  'type.list': answering(listTypes),
  'configuration.get': answering(getConfiguration),
  'configuration.update': answering(updateConfiguration),
  // Logins are the doors' own; one that has none takes every caller for logged in.
  'login.create': answering(work => work.context.uuid()),
  'login.get': answering(work => ({ user: work.context.user })),
  'login.delete': answering(() => undefined),
  'system.version': answering(({ state }) => ({ product: 'VMware vCenter Server', version: state.settings.version }))
};

function answering(act: (work: Work, args: WireArgs) => unknown): Doer {
  return (work, args) => ({ value: act(work, args) });
}

/** The same token of the same user for the same operation makes one thing, however often it comes. */
function creating(op: OperationName, create: (work: Work, args: WireArgs, token?: string) => string): Doer {
  return (work, args) => {
    const token = tokenOf(args);
    if (token === undefined) return { value: create(work, args) };
    const key = `${work.context.user} ${op} ${token}`;
    const made = find(work.state.tokens, key);
    if (made !== undefined) return { value: made };
    const value = create(work, args, key);
    work.state = { ...work.state, tokens: put(work.state.tokens, key, value) };
    return { value };
  };
}
