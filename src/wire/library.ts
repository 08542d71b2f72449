// The ContentLibrary port, written once over a function that makes one call: the HTTP client and the simulator's port
// door differ only in that function.
import { failure } from '../../machines/vocabulary.ts';
import { type ContentLibrary, PortFailure, type ServerProfile } from '../ports.ts';
import {
  addSpec,
  downloadFile,
  downloadSessionInfo,
  ids,
  item,
  itemFile,
  itemType,
  library,
  list,
  present,
  sessionFile,
  sessionInfo,
  storedFile,
  validation
} from './models.ts';
import type { OperationName, WireArgs } from './operations.ts';

export interface WireCallOptions {
  readonly signal?: AbortSignal;
  /** A client token, for the operations that create. It is not among the arguments. */
  readonly token?: string;
}
/** What a call answers: the decoded value, and the server's own clock (Date header) where it told. */
export interface WireAnswer {
  readonly value: unknown;
  readonly serverNow?: number;
}
/** Makes one call, or throws `PortFailure`. */
export type WireCall = (op: OperationName, args: WireArgs, options: WireCallOptions) => Promise<WireAnswer>;

/**
 * The port over `call`. A library created without a datastore names storage of type OTHER: the simulator takes it, a
 * real server and vcsim need `datastoreId`.
 */
export function contentLibrary(server: ServerProfile, call: WireCall): ContentLibrary {
  const value = async (op: OperationName, args: WireArgs, options: WireCallOptions = {}): Promise<unknown> =>
    (await call(op, args, options)).value;
  const none = async (op: OperationName, args: WireArgs, options?: WireCallOptions): Promise<void> => {
    await value(op, args, options);
  };
  const id = async (op: OperationName, args: WireArgs, options?: WireCallOptions): Promise<string> => {
    const made = await value(op, args, options);
    if (typeof made === 'string' && made !== '') return made;
    // Something was made, or not: there is no knowing.
    throw new PortFailure(failure('NOT_THE_SERVICE', `the server answered ${op} without an id`, { ambiguous: true }));
  };
  const session = (update_session_id: string) => ({ update_session_id });
  const download = (download_session_id: string) => ({ download_session_id });
  return {
    server,
    listLibraries: async options => ids(await value('library.list', {}, options)),
    findLibraries: async (by, options) => ids(await value('library.find', { spec: present(by) }, options)),
    getLibrary: async (library_id, options) => library(library_id, await value('library.get', { library_id }, options)),
    createLibrary: ({ name, description, datastoreId }, options) => {
      const backing = datastoreId === undefined ? { type: 'OTHER' } : { type: 'DATASTORE', datastore_id: datastoreId };
      const spec = present({ name, description, type: 'LOCAL', storage_backings: [backing] });
      return id('localLibrary.create', { spec }, options);
    },
    updateLibrary: (library_id, { name, description }, options) =>
      none('localLibrary.update', { library_id, spec: present({ name, description }) }, options),
    deleteLibrary: (library_id, options) => none('localLibrary.delete', { library_id }, options),
    listItems: async (library_id, options) => ids(await value('item.list', { library_id }, options)),
    findItems: async ({ libraryId, name, type }, options) =>
      ids(await value('item.find', { spec: present({ library_id: libraryId, name, type }) }, options)),
    getItem: async (library_item_id, options) =>
      item(library_item_id, await value('item.get', { library_item_id }, options)),
    createItem: ({ libraryId, name, type, description }, options) =>
      id('item.create', { spec: present({ library_id: libraryId, name, type, description }) }, options),
    updateItem: (library_item_id, { name, type, description }, options) =>
      none('item.update', { library_item_id, spec: present({ name, type, description }) }, options),
    copyItem: (source_library_item_id, { libraryId, name, type, description }, options) => {
      const spec = present({ library_id: libraryId, name, type, description });
      return id('item.copy', { source_library_item_id, spec }, options);
    },
    deleteItem: (library_item_id, options) => none('item.delete', { library_item_id }, options),
    listItemFiles: async (library_item_id, options) =>
      eachOnce(list(await value('itemFile.list', { library_item_id }, options)).map(itemFile)),
    itemStorage: async (library_item_id, file_name, options) => {
      const op = file_name === undefined ? 'itemStorage.list' : 'itemStorage.get';
      return list(await value(op, present({ library_item_id, file_name }), options)).map(storedFile);
    },
    listTypes: async options => list(await value('type.list', {}, options)).map(itemType),

    createSession: ({ itemId, warnings }, options) =>
      id('session.create', { spec: present({ library_item_id: itemId, warning_behavior: warnings }) }, options),
    listSessions: async (by, options) =>
      ids(await value('session.list', present({ library_item_id: by?.itemId }), options)),
    getSession: async (sessionId, options) => {
      const answer = await call('session.get', session(sessionId), options ?? {});
      return sessionInfo(sessionId, answer.value, answer.serverNow);
    },
    updateSession: (sessionId, { warnings }, options) =>
      none('session.update', { ...session(sessionId), spec: { warning_behavior: warnings } }, options),
    keepAlive: (sessionId, progress, options) =>
      none(
        'session.keepAlive',
        present({ ...session(sessionId), client_progress: progress === undefined ? undefined : Math.trunc(progress) }),
        options
      ),
    complete: (sessionId, options) => none('session.complete', session(sessionId), options),
    cancelSession: (sessionId, options) => none('session.cancel', session(sessionId), options),
    failSession: (sessionId, message, options) =>
      none('session.fail', { ...session(sessionId), client_error_message: message }, options),
    deleteSession: (sessionId, options) => none('session.delete', session(sessionId), options),

    addFile: async (sessionId, file, options) =>
      sessionFile(await value('file.add', { ...session(sessionId), spec: addSpec(file) }, options)),
    listFiles: async (sessionId, options) =>
      list(await value('file.list', session(sessionId), options)).map(sessionFile),
    getFile: async (sessionId, file_name, options) => {
      const found = await value('file.get', { ...session(sessionId), file_name }, options);
      if (found !== undefined) return sessionFile(found);
      // vcsim answers nothing for a name that it does not know; the service answers INVALID_ARGUMENT.
      throw new PortFailure(failure('INVALID_ARGUMENT', `there is no file ${file_name} in the update session`));
    },
    removeFile: (sessionId, file_name, options) => none('file.remove', { ...session(sessionId), file_name }, options),
    validate: async (sessionId, options) => validation(await value('file.validate', session(sessionId), options)),

    createDownloadSession: ({ itemId }, options) =>
      id('download.create', { spec: { library_item_id: itemId } }, options),
    listDownloadSessions: async (by, options) =>
      ids(await value('download.list', present({ library_item_id: by?.itemId }), options)),
    getDownloadSession: async (sessionId, options) => {
      const answer = await call('download.get', download(sessionId), options ?? {});
      return downloadSessionInfo(sessionId, answer.value, answer.serverNow);
    },
    keepDownloadAlive: (sessionId, progress, options) =>
      none(
        'download.keepAlive',
        present({ ...download(sessionId), progress: progress === undefined ? undefined : Math.trunc(progress) }),
        options
      ),
    cancelDownload: (sessionId, options) => none('download.cancel', download(sessionId), options),
    failDownload: (sessionId, message, options) =>
      none('download.fail', { ...download(sessionId), client_error_message: message }, options),
    deleteDownloadSession: (sessionId, options) => none('download.delete', download(sessionId), options),

    listDownloadFiles: async (sessionId, options) =>
      list(await value('downloadFile.list', download(sessionId), options)).map(downloadFile),
    getDownloadFile: async (sessionId, file_name, options) =>
      downloadFile(await value('downloadFile.get', { ...download(sessionId), file_name }, options)),
    prepareFile: async (sessionId, file_name, options) =>
      downloadFile(
        await value('downloadFile.prepare', { ...download(sessionId), file_name, endpoint_type: 'HTTPS' }, options)
      ),

    keepLogin: options => none('login.get', {}, options)
  };
}

/** A name is one file. vcsim lists it as often as it was sent, and keeps what came last. */
function eachOnce<T extends { readonly name: string }>(files: readonly T[]): T[] {
  return [...new Map(files.map(file => [file.name, file])).values()];
}
