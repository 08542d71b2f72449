// The operations on libraries and items, and those around them: types, configuration, logins. Sources: the vSphere Automation
// API specifications of 7.0.3 and 8.0.2 (/api and /rest).
import type { Operation } from './operations.ts';
import { api, rest } from './written-routes.ts';

const ITEM = '/library/item';
const ONE_ITEM = `${ITEM}/{library_item_id}`;
const ONE_LIBRARY = '/library/{library_id}';
const ONE_LOCAL = '/local-library/{library_id}';
const ONE_SUBSCRIBED = '/subscribed-library/{library_id}';

export const libraryOperations = {
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
