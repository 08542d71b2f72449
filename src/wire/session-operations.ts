// The operations on sessions for update and download, and on the files in them. Sources: the vSphere Automation API
// specifications of 7.0.3 and 8.0.2 (/api and /rest).
import type { Operation } from './operations.ts';
import { api, both, rest } from './written-routes.ts';

const SESSION = '/library/item/update-session';
const FILE = '/library/item/updatesession/file';
const DOWNLOAD = '/library/item/download-session';
const PREPARED = '/library/item/downloadsession/file';
const ONE_SESSION = `${SESSION}/{update_session_id}`;
const ONE_DOWNLOAD = `${DOWNLOAD}/{download_session_id}`;

export const sessionOperations = {
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
  }
} as const satisfies Record<string, Operation>;
