// The contract as data: every operation of the service, and how each dialect says it. The client reads the table one way,
// the simulator the other. Sources: the vSphere Automation API specifications of 7.0.3 and 8.0.2 (/api and /rest).
import type { ModelName } from './fields.ts';

/**
 * `api`: /api of 7.0 U2 and later, bare JSON. `rest`: /rest of 6.5 to 8.0, everything under `value`. `2014`: that of 6.0, which
 * is derived from `rest` (preview-2014.ts).
 */
export type Dialect = 'api' | 'rest' | '2014';

/** Arguments by their neutral names, which are the service's own: `update_session_id`, `spec`, `client_token` … */
export type WireArgs = Readonly<Record<string, unknown>>;

/** How one dialect says one operation. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** `{name}` stands for the argument, as (the rest of) one percent-encoded segment. */
  readonly path: string;
  /** The value of `?action=` (api) or `?~action=` (rest). */
  readonly action?: string;
  /** An action that clients send and servers take, although no specification has it. */
  readonly tolerates?: string;
  /** Status of success. */
  readonly ok: 200 | 201 | 204;
  /** Arguments that go into the query, under their own names. */
  readonly query?: readonly string[];
  /** A query argument whose presence tells this route from another of the same method and path. */
  readonly selectedBy?: string;
  /** Body field → argument. */
  readonly body?: Readonly<Record<string, string>>;
  /** The argument that is the whole body. */
  readonly whole?: string;
}

interface Said {
  /** The model of the argument `spec`. */
  readonly spec?: ModelName;
  /** Takes a client token: the same token again answers with the id that the first call made. */
  readonly token?: true;
  /** None: /api does not have it. */
  readonly api?: Route;
  readonly rest: Route;
}
/** An operation that answers with a model, or a list of it, says which: XML has no types of its own. */
export type Operation = Said &
  (
    | { readonly result: 'nothing' | 'id' | 'ids'; readonly model?: undefined }
    | { readonly result: 'model' | 'models'; readonly model: ModelName }
  );

const SESSION = '/library/item/update-session';
const FILE = '/library/item/updatesession/file';
const DOWNLOAD = '/library/item/download-session';
const PREPARED = '/library/item/downloadsession/file';
const ITEM = '/library/item';
const ONE_SESSION = `${SESSION}/{update_session_id}`;
const ONE_DOWNLOAD = `${DOWNLOAD}/{download_session_id}`;
const ONE_ITEM = `${ITEM}/{library_item_id}`;
const ONE_LIBRARY = '/library/{library_id}';
const ONE_LOCAL = '/local-library/{library_id}';
const ONE_SUBSCRIBED = '/subscribed-library/{library_id}';

export const operations = {
  'session.create': {
    result: 'id',
    spec: 'UpdateSessionModel',
    token: true,
    api: api('POST', SESSION, 201, { whole: 'spec' }),
    rest: rest('POST', SESSION, { body: { create_spec: 'spec' }, tolerates: 'create' })
  },
  'session.list': {
    result: 'ids',
    api: api('GET', SESSION, 200, { query: ['library_item_id'] }),
    rest: rest('GET', SESSION, { query: ['library_item_id'] })
  },
  'session.get': {
    result: 'model',
    model: 'UpdateSessionModel',
    api: api('GET', ONE_SESSION, 200),
    rest: rest('GET', ONE_SESSION)
  },
  'session.update': {
    result: 'nothing',
    spec: 'UpdateSessionModel',
    api: api('PATCH', ONE_SESSION, 204, { whole: 'spec' }),
    rest: rest('PATCH', ONE_SESSION, { body: { update_spec: 'spec' } })
  },
  'session.delete': { result: 'nothing', api: api('DELETE', ONE_SESSION, 204), rest: rest('DELETE', ONE_SESSION) },
  'session.complete': both('nothing', ONE_SESSION, 204, { action: 'complete' }),
  'session.cancel': both('nothing', ONE_SESSION, 204, { action: 'cancel' }),
  'session.fail': both('nothing', ONE_SESSION, 204, {
    action: 'fail',
    body: { client_error_message: 'client_error_message' }
  }),
  'session.keepAlive': both('nothing', ONE_SESSION, 204, {
    action: 'keep-alive',
    body: { client_progress: 'client_progress' }
  }),

  'file.add': {
    result: 'model',
    model: 'UpdateFileInfo',
    spec: 'AddSpec',
    api: api('POST', `${ONE_SESSION}/file`, 201, { whole: 'spec', tolerates: 'add' }),
    rest: rest('POST', `${FILE}/{update_session_id}`, { action: 'add', body: { file_spec: 'spec' } })
  },
  'file.list': {
    result: 'models',
    model: 'UpdateFileInfo',
    api: api('GET', `${ONE_SESSION}/file`, 200),
    rest: rest('GET', FILE, { query: ['update_session_id'] })
  },
  'file.get': {
    result: 'model',
    model: 'UpdateFileInfo',
    api: api('GET', `${ONE_SESSION}/file/{file_name}`, 200),
    rest: rest('POST', `${FILE}/{update_session_id}`, { action: 'get', body: { file_name: 'file_name' } })
  },
  'file.remove': {
    result: 'nothing',
    api: api('DELETE', `${ONE_SESSION}/file/{file_name}`, 204),
    rest: rest('POST', `${FILE}/{update_session_id}`, { action: 'remove', body: { file_name: 'file_name' } })
  },
  'file.validate': {
    result: 'model',
    model: 'ValidationResult',
    api: api('POST', `${ONE_SESSION}/file`, 200, { action: 'validate' }),
    rest: rest('POST', `${FILE}/{update_session_id}`, { action: 'validate' })
  },
  // In no specification: govc asks it before a PULL, and vcsim answers it.
  'file.probe': {
    result: 'model',
    model: 'ProbeResult',
    spec: 'TransferEndpoint',
    rest: rest('POST', FILE, { action: 'probe', body: { source_endpoint: 'spec' } })
  },

  'download.create': {
    result: 'id',
    spec: 'DownloadSessionModel',
    token: true,
    api: api('POST', DOWNLOAD, 201, { whole: 'spec' }),
    rest: rest('POST', DOWNLOAD, { body: { create_spec: 'spec' }, tolerates: 'create' })
  },
  'download.list': {
    result: 'ids',
    api: api('GET', DOWNLOAD, 200, { query: ['library_item_id'] }),
    rest: rest('GET', DOWNLOAD, { query: ['library_item_id'] })
  },
  'download.get': {
    result: 'model',
    model: 'DownloadSessionModel',
    api: api('GET', ONE_DOWNLOAD, 200),
    rest: rest('GET', ONE_DOWNLOAD)
  },
  'download.delete': {
    result: 'nothing',
    api: api('DELETE', ONE_DOWNLOAD, 204),
    rest: rest('DELETE', ONE_DOWNLOAD)
  },
  'download.cancel': both('nothing', ONE_DOWNLOAD, 204, { action: 'cancel' }),
  'download.fail': both('nothing', ONE_DOWNLOAD, 204, {
    action: 'fail',
    body: { client_error_message: 'client_error_message' }
  }),
  // The field is `progress` here, and `client_progress` in an update session.
  'download.keepAlive': both('nothing', ONE_DOWNLOAD, 204, { action: 'keep-alive', body: { progress: 'progress' } }),

  'downloadFile.list': {
    result: 'models',
    model: 'DownloadFileInfo',
    api: api('GET', `${ONE_DOWNLOAD}/file`, 200),
    rest: rest('GET', PREPARED, { query: ['download_session_id'] })
  },
  'downloadFile.get': {
    result: 'model',
    model: 'DownloadFileInfo',
    api: api('GET', `${ONE_DOWNLOAD}/file`, 200, { query: ['file_name'], selectedBy: 'file_name' }),
    rest: rest('POST', `${PREPARED}/{download_session_id}`, { action: 'get', body: { file_name: 'file_name' } })
  },
  'downloadFile.prepare': {
    result: 'model',
    model: 'DownloadFileInfo',
    api: api('POST', `${ONE_DOWNLOAD}/file`, 200, {
      action: 'prepare',
      body: { file_name: 'file_name', endpoint_type: 'endpoint_type' }
    }),
    rest: rest('POST', `${PREPARED}/{download_session_id}`, {
      action: 'prepare',
      body: { file_name: 'file_name', endpoint_type: 'endpoint_type' }
    })
  },

  'library.list': { result: 'ids', api: api('GET', '/library', 200), rest: rest('GET', '/library') },
  'library.get': {
    result: 'model',
    model: 'LibraryModel',
    api: api('GET', '/library/{library_id}', 200),
    rest: rest('GET', '/library/{library_id}')
  },
  'library.find': {
    result: 'ids',
    spec: 'LibraryFindSpec',
    api: api('POST', '/library', 200, { action: 'find', whole: 'spec' }),
    rest: rest('POST', '/library', { action: 'find', body: { spec: 'spec' } })
  },
  'library.update': {
    result: 'nothing',
    spec: 'LibraryModel',
    api: api('PATCH', ONE_LIBRARY, 204, { whole: 'spec' }),
    rest: rest('PATCH', ONE_LIBRARY, { body: { update_spec: 'spec' } })
  },
  'localLibrary.list': { result: 'ids', api: api('GET', '/local-library', 200), rest: rest('GET', '/local-library') },
  'localLibrary.create': {
    result: 'id',
    spec: 'LibraryModel',
    token: true,
    api: api('POST', '/local-library', 201, { whole: 'spec' }),
    rest: rest('POST', '/local-library', { body: { create_spec: 'spec' }, tolerates: 'create' })
  },
  'localLibrary.get': {
    result: 'model',
    model: 'LibraryModel',
    api: api('GET', ONE_LOCAL, 200),
    rest: rest('GET', ONE_LOCAL)
  },
  'localLibrary.update': {
    result: 'nothing',
    spec: 'LibraryModel',
    api: api('PATCH', ONE_LOCAL, 204, { whole: 'spec' }),
    rest: rest('PATCH', ONE_LOCAL, { body: { update_spec: 'spec' } })
  },
  'localLibrary.delete': { result: 'nothing', api: api('DELETE', ONE_LOCAL, 204), rest: rest('DELETE', ONE_LOCAL) },
  'subscribedLibrary.list': {
    result: 'ids',
    api: api('GET', '/subscribed-library', 200),
    rest: rest('GET', '/subscribed-library')
  },
  'subscribedLibrary.get': {
    result: 'model',
    model: 'LibraryModel',
    api: api('GET', ONE_SUBSCRIBED, 200),
    rest: rest('GET', ONE_SUBSCRIBED)
  },
  'subscribedLibrary.update': {
    result: 'nothing',
    spec: 'LibraryModel',
    api: api('PATCH', ONE_SUBSCRIBED, 204, { whole: 'spec' }),
    rest: rest('PATCH', ONE_SUBSCRIBED, { body: { update_spec: 'spec' } })
  },
  'subscribedLibrary.delete': {
    result: 'nothing',
    api: api('DELETE', ONE_SUBSCRIBED, 204),
    rest: rest('DELETE', ONE_SUBSCRIBED)
  },

  'item.create': {
    result: 'id',
    spec: 'ItemModel',
    token: true,
    api: api('POST', ITEM, 201, { whole: 'spec' }),
    rest: rest('POST', ITEM, { body: { create_spec: 'spec' }, tolerates: 'create' })
  },
  'item.list': {
    result: 'ids',
    api: api('GET', ITEM, 200, { query: ['library_id'] }),
    rest: rest('GET', ITEM, { query: ['library_id'] })
  },
  'item.get': { result: 'model', model: 'ItemModel', api: api('GET', ONE_ITEM, 200), rest: rest('GET', ONE_ITEM) },
  'item.find': {
    result: 'ids',
    spec: 'ItemFindSpec',
    api: api('POST', ITEM, 200, { action: 'find', whole: 'spec' }),
    rest: rest('POST', ITEM, { action: 'find', body: { spec: 'spec' } })
  },
  'item.update': {
    result: 'nothing',
    spec: 'ItemModel',
    api: api('PATCH', ONE_ITEM, 204, { whole: 'spec' }),
    rest: rest('PATCH', ONE_ITEM, { body: { update_spec: 'spec' } })
  },
  // Makes an item, and answers 200 all the same.
  'item.copy': {
    result: 'id',
    spec: 'ItemModel',
    token: true,
    api: api('POST', `${ITEM}/{source_library_item_id}`, 200, { action: 'copy', whole: 'spec' }),
    rest: rest('POST', `${ITEM}/{source_library_item_id}`, {
      action: 'copy',
      body: { destination_create_spec: 'spec' }
    })
  },
  'item.delete': { result: 'nothing', api: api('DELETE', ONE_ITEM, 204), rest: rest('DELETE', ONE_ITEM) },
  'itemFile.list': {
    result: 'models',
    model: 'ItemFileInfo',
    api: api('GET', `${ONE_ITEM}/file`, 200),
    rest: rest('GET', `${ITEM}/file`, { query: ['library_item_id'] })
  },
  'itemFile.get': {
    result: 'model',
    model: 'ItemFileInfo',
    api: api('GET', `${ONE_ITEM}/file`, 200, { query: ['name'], selectedBy: 'name' }),
    rest: rest('POST', `${ITEM}/file/{library_item_id}`, { action: 'get', body: { name: 'name' } })
  },

  'itemStorage.list': {
    result: 'models',
    model: 'StorageInfo',
    api: api('GET', `${ONE_ITEM}/storage`, 200),
    rest: rest('GET', `${ITEM}/storage`, { query: ['library_item_id'] })
  },
  // A list, also of one file.
  'itemStorage.get': {
    result: 'models',
    model: 'StorageInfo',
    api: api('GET', `${ONE_ITEM}/storage`, 200, { query: ['file_name'], selectedBy: 'file_name' }),
    rest: rest('POST', `${ITEM}/storage/{library_item_id}`, { action: 'get', body: { file_name: 'file_name' } })
  },
  'type.list': { result: 'models', model: 'TypeInfo', api: api('GET', '/type', 200), rest: rest('GET', '/type') },
  'configuration.get': {
    result: 'model',
    model: 'ConfigurationModel',
    api: api('GET', '/configuration', 200),
    rest: rest('POST', '/configuration', { action: 'get' })
  },
  'configuration.update': {
    result: 'nothing',
    spec: 'ConfigurationModel',
    api: api('PATCH', '/configuration', 204, { whole: 'spec' }),
    rest: rest('PATCH', '/configuration', { body: { model: 'spec' } })
  },

  'login.create': {
    result: 'id',
    api: { method: 'POST', path: '/api/session', ok: 201 },
    rest: { method: 'POST', path: '/rest/com/vmware/cis/session', ok: 200, tolerates: 'create' }
  },
  'login.get': {
    result: 'model',
    model: 'LoginInfo',
    api: { method: 'GET', path: '/api/session', ok: 200 },
    rest: { method: 'POST', path: '/rest/com/vmware/cis/session', ok: 200, action: 'get' }
  },
  'login.delete': {
    result: 'nothing',
    api: { method: 'DELETE', path: '/api/session', ok: 204 },
    rest: { method: 'DELETE', path: '/rest/com/vmware/cis/session', ok: 200 }
  },
  // Not of the content library: how a client learns which server it talks to (appliance/system/version, vSphere API 6.5).
  'system.version': {
    result: 'model',
    model: 'SystemVersion',
    api: { method: 'GET', path: '/api/appliance/system/version', ok: 200 },
    rest: { method: 'GET', path: '/rest/appliance/system/version', ok: 200 }
  }
} as const satisfies Record<string, Operation>;

export type OperationName = keyof typeof operations;

/** All names, in the order of the table. */
export const operationNames = Object.keys(operations) as OperationName[];

/** The row of an operation, with every optional column. */
export function operation(name: OperationName): Operation {
  return operations[name];
}

function api(method: Route['method'], path: string, ok: Route['ok'], more: Partial<Route> = {}): Route {
  return { method, path: `/api/content${path}`, ok, ...more };
}

/** In /rest every success is 200, and an id in the path stands behind the literal `id:`. */
function rest(method: Route['method'], path: string, more: Partial<Route> = {}): Route {
  return { method, path: `/rest/com/vmware/content${path.replace('{', 'id:{')}`, ok: 200, ...more };
}

/** A POST with an action, said alike in both dialects. */
function both(result: 'nothing', path: string, ok: Route['ok'], more: Partial<Route>) {
  return { result, api: api('POST', path, ok, more), rest: rest('POST', path, more) };
}
