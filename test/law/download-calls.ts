// The requests of download sessions as a person would type them from the documentation, in both dialects. Written by hand on
// purpose: the tests that use it share no table with the simulator.
import type { Dialect, Request } from './calls.ts';

/** What an operation is about. */
export interface DownloadSubject {
  readonly item: string;
  readonly session: string;
  readonly file: string;
}
export type DownloadOperation =
  | 'create'
  | 'list'
  | 'get'
  | 'keep-alive'
  | 'cancel'
  | 'fail'
  | 'delete'
  | 'file list'
  | 'file get'
  | 'file prepare';

const API = '/api/content/library/item/download-session';
const REST = '/rest/com/vmware/content/library/item/download-session';
const REST_FILE = '/rest/com/vmware/content/library/item/downloadsession/file';

export function downloadRequestOf(dialect: Dialect, operation: DownloadOperation, subject: DownloadSubject): Request {
  return (dialect === 'api' ? api : rest)[operation](subject);
}

type Requests = Readonly<Record<DownloadOperation, (subject: DownloadSubject) => Request>>;

const PROGRESS = { progress: 40 };
const MESSAGE = { client_error_message: 'the test says so' };

const api: Requests = {
  create: ({ item }) => act(API, 201, { library_item_id: item }),
  list: ({ item }) => read(`${API}?library_item_id=${item}`),
  get: ({ session }) => read(`${API}/${session}`),
  'keep-alive': ({ session }) => act(`${API}/${session}?action=keep-alive`, 204, PROGRESS),
  cancel: ({ session }) => act(`${API}/${session}?action=cancel`, 204),
  fail: ({ session }) => act(`${API}/${session}?action=fail`, 204, MESSAGE),
  delete: ({ session }) => ({ method: 'DELETE', path: `${API}/${session}`, ok: 204 }),
  'file list': ({ session }) => read(`${API}/${session}/file`),
  'file get': ({ session, file }) => read(`${API}/${session}/file?file_name=${file}`),
  'file prepare': ({ session, file }) => act(`${API}/${session}/file?action=prepare`, 200, { file_name: file })
};

const rest: Requests = {
  create: ({ item }) => act(REST, 200, { create_spec: { library_item_id: item } }),
  list: ({ item }) => read(`${REST}?library_item_id=${item}`),
  get: ({ session }) => read(`${REST}/id:${session}`),
  'keep-alive': ({ session }) => act(`${REST}/id:${session}?~action=keep-alive`, 200, PROGRESS),
  cancel: ({ session }) => act(`${REST}/id:${session}?~action=cancel`, 200),
  fail: ({ session }) => act(`${REST}/id:${session}?~action=fail`, 200, MESSAGE),
  delete: ({ session }) => ({ method: 'DELETE', path: `${REST}/id:${session}`, ok: 200 }),
  'file list': ({ session }) => read(`${REST_FILE}?download_session_id=${session}`),
  'file get': ({ session, file }) => act(`${REST_FILE}/id:${session}?~action=get`, 200, { file_name: file }),
  'file prepare': ({ session, file }) =>
    act(`${REST_FILE}/id:${session}?~action=prepare`, 200, { file_name: file, endpoint_type: 'HTTPS' })
};

function read(path: string): Request {
  return { method: 'GET', path, ok: 200 };
}

function act(path: string, ok: number, body?: unknown): Request {
  return { method: 'POST', path, ok, ...(body !== undefined && { body }) };
}
