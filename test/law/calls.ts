// The requests of update sessions as a person would type them from the documentation, in both dialects. Written by hand on
// purpose: the tests that use it share no table with the simulator.
export type Dialect = 'api' | 'rest';
export const DIALECTS = ['api', 'rest'] as const;

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  /** The status of success. */
  readonly ok: number;
}
/** What an operation is about. */
export interface Subject {
  readonly item: string;
  readonly session: string;
  readonly file: string;
  /** An AddSpec. */
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly warnings?: readonly unknown[];
}
export type Operation =
  | 'list'
  | 'get'
  | 'update'
  | 'keep-alive'
  | 'complete'
  | 'cancel'
  | 'fail'
  | 'delete'
  | 'file add'
  | 'file list'
  | 'file get'
  | 'file remove'
  | 'file validate';

const API = '/api/content/library/item/update-session';
const REST = '/rest/com/vmware/content/library/item/update-session';
const REST_FILE = '/rest/com/vmware/content/library/item/updatesession/file';

export function createRequest(dialect: Dialect, item: string): Request {
  const spec = { library_item_id: item };
  if (dialect === 'api') return { method: 'POST', path: API, body: spec, ok: 201 };
  return { method: 'POST', path: REST, body: { create_spec: spec }, ok: 200 };
}

export function requestOf(dialect: Dialect, operation: Operation, subject: Subject): Request {
  return (dialect === 'api' ? api : rest)[operation](subject);
}

type Requests = Readonly<Record<Operation, (subject: Subject) => Request>>;

const PROGRESS = { client_progress: 40 };
const MESSAGE = { client_error_message: 'the test says so' };
const warned = ({ warnings = [] }: Subject) => ({ warning_behavior: warnings });

const api: Requests = {
  list: ({ item }) => ({ method: 'GET', path: `${API}?library_item_id=${item}`, ok: 200 }),
  get: ({ session }) => ({ method: 'GET', path: `${API}/${session}`, ok: 200 }),
  update: subject => ({ method: 'PATCH', path: `${API}/${subject.session}`, body: warned(subject), ok: 204 }),
  'keep-alive': ({ session }) => act(`${API}/${session}?action=keep-alive`, 204, PROGRESS),
  complete: ({ session }) => act(`${API}/${session}?action=complete`, 204),
  cancel: ({ session }) => act(`${API}/${session}?action=cancel`, 204),
  fail: ({ session }) => act(`${API}/${session}?action=fail`, 204, MESSAGE),
  delete: ({ session }) => ({ method: 'DELETE', path: `${API}/${session}`, ok: 204 }),
  'file add': ({ session, spec }) => act(`${API}/${session}/file`, 201, spec),
  'file list': ({ session }) => ({ method: 'GET', path: `${API}/${session}/file`, ok: 200 }),
  'file get': ({ session, file }) => ({ method: 'GET', path: `${API}/${session}/file/${file}`, ok: 200 }),
  'file remove': ({ session, file }) => ({ method: 'DELETE', path: `${API}/${session}/file/${file}`, ok: 204 }),
  'file validate': ({ session }) => act(`${API}/${session}/file?action=validate`, 200)
};

const rest: Requests = {
  list: ({ item }) => ({ method: 'GET', path: `${REST}?library_item_id=${item}`, ok: 200 }),
  get: ({ session }) => ({ method: 'GET', path: `${REST}/id:${session}`, ok: 200 }),
  update: subject => ({
    method: 'PATCH',
    path: `${REST}/id:${subject.session}`,
    body: { update_spec: warned(subject) },
    ok: 200
  }),
  'keep-alive': ({ session }) => act(`${REST}/id:${session}?~action=keep-alive`, 200, PROGRESS),
  complete: ({ session }) => act(`${REST}/id:${session}?~action=complete`, 200),
  cancel: ({ session }) => act(`${REST}/id:${session}?~action=cancel`, 200),
  fail: ({ session }) => act(`${REST}/id:${session}?~action=fail`, 200, MESSAGE),
  delete: ({ session }) => ({ method: 'DELETE', path: `${REST}/id:${session}`, ok: 200 }),
  'file add': ({ session, spec }) => act(`${REST_FILE}/id:${session}?~action=add`, 200, { file_spec: spec }),
  'file list': ({ session }) => ({ method: 'GET', path: `${REST_FILE}?update_session_id=${session}`, ok: 200 }),
  'file get': ({ session, file }) => act(`${REST_FILE}/id:${session}?~action=get`, 200, { file_name: file }),
  'file remove': ({ session, file }) => act(`${REST_FILE}/id:${session}?~action=remove`, 200, { file_name: file }),
  'file validate': ({ session }) => act(`${REST_FILE}/id:${session}?~action=validate`, 200)
};

function act(path: string, ok: number, body?: unknown): Request {
  return { method: 'POST', path, ok, ...(body !== undefined && { body }) };
}
