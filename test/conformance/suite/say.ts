// How each dialect says each operation: method, path and body, from the published reference of the service alone.

export type Dialect = 'api' | 'rest';
export type Fields = Readonly<Record<string, unknown>>;
/** Method, path with its query, body. */
export type Said = readonly [method: string, path: string, body?: unknown];

export interface Operation {
  readonly api: (args: Fields) => Said;
  readonly rest: (args: Fields) => Said;
  /** Status of success in /api; in /rest it is always 200. */
  readonly ok: 200 | 201 | 204;
}

const A = '/api/content';
const R = '/rest/com/vmware/content';
const US = '/library/item/update-session';
const USF = '/library/item/updatesession/file';
const DS = '/library/item/download-session';
const DSF = '/library/item/downloadsession/file';
const ITEM = '/library/item';
const LOCAL = '/local-library';

/** One path segment; a colon, as in the ids of sessions, stands as it is. */
export function segment(text: unknown): string {
  return encodeURIComponent(String(text)).replaceAll('%3A', ':');
}

const s = (args: Fields) => segment(args.session);
const i = (args: Fields) => segment(args.item);
const l = (args: Fields) => segment(args.library);
const query = (name: string, value: unknown) => (value === undefined ? '' : `?${name}=${segment(value)}`);
/** What is given of these fields; nothing given is no body. */
function body(args: Fields, ...names: string[]): Fields | undefined {
  const given = Object.entries(args).filter(([name, value]) => names.includes(name) && value !== undefined);
  return given.length > 0 ? Object.fromEntries(given) : undefined;
}
function wrapped(args: Fields, as: string): Fields {
  return { ...(args.client_token !== undefined && { client_token: args.client_token }), [as]: args.spec };
}
/** An operation that both dialects say by an action on the same path. */
function action(path: string, id: (args: Fields) => string, name: string, ...fields: string[]): Operation {
  return {
    api: args => ['POST', `${A}${path}/${id(args)}?action=${name}`, body(args, ...fields)],
    rest: args => ['POST', `${R}${path}/id:${id(args)}?~action=${name}`, body(args, ...fields)],
    ok: 204
  };
}
function one(method: string, path: string, id: (args: Fields) => string, ok: Operation['ok']): Operation {
  return {
    api: args => [method, `${A}${path}/${id(args)}`],
    rest: args => [method, `${R}${path}/id:${id(args)}`],
    ok
  };
}
function create(path: string): Operation {
  return {
    api: args => ['POST', `${A}${path}`, args.spec],
    rest: a => ['POST', `${R}${path}`, wrapped(a, 'create_spec')],
    ok: 201
  };
}
function update(path: string, id: (args: Fields) => string): Operation {
  return {
    api: args => ['PATCH', `${A}${path}/${id(args)}`, args.spec],
    rest: args => ['PATCH', `${R}${path}/id:${id(args)}`, { update_spec: args.spec }],
    ok: 204
  };
}
function list(path: string, filter: string, arg: string): Operation {
  return {
    api: args => ['GET', `${A}${path}${query(filter, args[arg])}`],
    rest: args => ['GET', `${R}${path}${query(filter, args[arg])}`],
    ok: 200
  };
}
function find(path: string): Operation {
  return {
    api: args => ['POST', `${A}${path}?action=find`, args.spec],
    rest: args => ['POST', `${R}${path}?~action=find`, { spec: args.spec }],
    ok: 200
  };
}

export const OPERATIONS = {
  'login.get': {
    api: () => ['GET', '/api/session'],
    rest: () => ['POST', '/rest/com/vmware/cis/session?~action=get'],
    ok: 200
  },
  'login.delete': {
    api: () => ['DELETE', '/api/session'],
    rest: () => ['DELETE', '/rest/com/vmware/cis/session'],
    ok: 204
  },

  'library.list': list('/library', '', ''),
  'library.get': one('GET', '/library', l, 200),
  'library.find': find('/library'),
  'library.update': update('/library', l),
  'localLibrary.list': list(LOCAL, '', ''),
  'localLibrary.create': create(LOCAL),
  'localLibrary.get': one('GET', LOCAL, l, 200),
  'localLibrary.update': update(LOCAL, l),
  'localLibrary.delete': one('DELETE', LOCAL, l, 204),
  'subscribedLibrary.list': list('/subscribed-library', '', ''),
  'subscribedLibrary.get': one('GET', '/subscribed-library', l, 200),

  'item.create': create(ITEM),
  'item.list': list(ITEM, 'library_id', 'library'),
  'item.get': one('GET', ITEM, i, 200),
  'item.find': find(ITEM),
  'item.update': update(ITEM, i),
  'item.delete': one('DELETE', ITEM, i, 204),
  'item.copy': {
    api: args => ['POST', `${A}${ITEM}/${i(args)}?action=copy`, args.spec],
    rest: args => ['POST', `${R}${ITEM}/id:${i(args)}?~action=copy`, wrapped(args, 'destination_create_spec')],
    ok: 200
  },
  'itemFile.list': {
    api: args => ['GET', `${A}${ITEM}/${i(args)}/file`],
    rest: args => ['GET', `${R}${ITEM}/file?library_item_id=${i(args)}`],
    ok: 200
  },
  'itemFile.get': {
    api: args => ['GET', `${A}${ITEM}/${i(args)}/file?name=${segment(args.name)}`],
    rest: args => ['POST', `${R}${ITEM}/file/id:${i(args)}?~action=get`, body(args, 'name')],
    ok: 200
  },
  'storage.list': {
    api: args => ['GET', `${A}${ITEM}/${i(args)}/storage`],
    rest: args => ['GET', `${R}${ITEM}/storage?library_item_id=${i(args)}`],
    ok: 200
  },
  'storage.get': {
    api: args => ['GET', `${A}${ITEM}/${i(args)}/storage?file_name=${segment(args.file_name)}`],
    rest: args => ['POST', `${R}${ITEM}/storage/id:${i(args)}?~action=get`, body(args, 'file_name')],
    ok: 200
  },
  'type.list': list('/type', '', ''),

  'session.create': create(US),
  'session.list': list(US, 'library_item_id', 'item'),
  'session.get': one('GET', US, s, 200),
  'session.update': update(US, s),
  'session.delete': one('DELETE', US, s, 204),
  'session.complete': action(US, s, 'complete'),
  'session.cancel': action(US, s, 'cancel'),
  'session.fail': action(US, s, 'fail', 'client_error_message'),
  'session.keepAlive': action(US, s, 'keep-alive', 'client_progress'),

  'file.add': {
    api: args => ['POST', `${A}${US}/${s(args)}/file`, args.spec],
    rest: args => ['POST', `${R}${USF}/id:${s(args)}?~action=add`, { file_spec: args.spec }],
    ok: 201
  },
  'file.list': {
    api: args => ['GET', `${A}${US}/${s(args)}/file`],
    rest: args => ['GET', `${R}${USF}?update_session_id=${s(args)}`],
    ok: 200
  },
  'file.get': {
    api: args => ['GET', `${A}${US}/${s(args)}/file/${segment(args.file_name)}`],
    rest: args => ['POST', `${R}${USF}/id:${s(args)}?~action=get`, body(args, 'file_name')],
    ok: 200
  },
  'file.remove': {
    api: args => ['DELETE', `${A}${US}/${s(args)}/file/${segment(args.file_name)}`],
    rest: args => ['POST', `${R}${USF}/id:${s(args)}?~action=remove`, body(args, 'file_name')],
    ok: 204
  },
  'file.validate': {
    api: args => ['POST', `${A}${US}/${s(args)}/file?action=validate`],
    rest: args => ['POST', `${R}${USF}/id:${s(args)}?~action=validate`],
    ok: 200
  },

  'download.create': create(DS),
  'download.list': list(DS, 'library_item_id', 'item'),
  'download.get': one('GET', DS, s, 200),
  'download.delete': one('DELETE', DS, s, 204),
  'download.cancel': action(DS, s, 'cancel'),
  'download.fail': action(DS, s, 'fail', 'client_error_message'),
  'download.keepAlive': action(DS, s, 'keep-alive', 'progress', 'client_progress'),

  'downloadFile.list': {
    api: args => ['GET', `${A}${DS}/${s(args)}/file`],
    rest: args => ['GET', `${R}${DSF}?download_session_id=${s(args)}`],
    ok: 200
  },
  'downloadFile.get': {
    api: args => ['GET', `${A}${DS}/${s(args)}/file?file_name=${segment(args.file_name)}`],
    rest: args => ['POST', `${R}${DSF}/id:${s(args)}?~action=get`, body(args, 'file_name')],
    ok: 200
  },
  'downloadFile.prepare': {
    api: args => ['POST', `${A}${DS}/${s(args)}/file?action=prepare`, body(args, 'file_name', 'endpoint_type')],
    rest: args => ['POST', `${R}${DSF}/id:${s(args)}?~action=prepare`, body(args, 'file_name', 'endpoint_type')],
    ok: 200
  }
} as const satisfies Record<string, Operation>;

export type OperationName = keyof typeof OPERATIONS;
