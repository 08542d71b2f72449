// What the documents of 2014 have beside JSON at one address: three forms of a request, XML, and forms.
import type { Bench } from '../bench.ts';
import type { Group, Row } from '../row.ts';
import { segment } from '../say.ts';
import type { Reply } from '../send.ts';
import { hasStatus, isRecord, NotServed, same } from '../verdict.ts';

const BASE = '/rest/com/vmware/content/library/item/';

interface Made {
  /** The id that form 2 has in its path, and form 3 among its fields. */
  readonly id?: string;
  readonly fields?: Readonly<Record<string, unknown>>;
}
interface Op {
  readonly service: 'update-session' | 'updatesession/file' | 'download-session' | 'downloadsession/file';
  readonly action: string;
  /** The field that form 3 has the id in. */
  readonly by?: string;
  arrange(bench: Bench): Promise<Made>;
}

const inSession =
  (more: Made['fields'] = {}) =>
  async (bench: Bench) => {
    const session = await bench.session();
    await bench.push(session, 'a.txt', 'four');
    return { id: session, fields: more };
  };
const inDownload =
  (more: Made['fields'] = {}) =>
  async (bench: Bench) => ({
    id: await bench.download(await bench.filled({ 'a.txt': 'four' })),
    fields: more
  });
const U = 'update_session_id';
const D = 'download_session_id';
const operations: readonly Op[] = [
  { service: 'update-session', action: 'create', arrange: onItem },
  { service: 'update-session', action: 'get', by: U, arrange: inSession() },
  {
    service: 'update-session',
    action: 'list',
    by: 'library_item_id',
    arrange: async bench => ({ id: await bench.item() })
  },
  { service: 'update-session', action: 'delete', by: U, arrange: failed },
  { service: 'update-session', action: 'complete', by: U, arrange: inSession() },
  { service: 'update-session', action: 'cancel', by: U, arrange: inSession() },
  { service: 'update-session', action: 'fail', by: U, arrange: inSession({ client_error_message: 'as told' }) },
  { service: 'update-session', action: 'keep-alive', by: U, arrange: inSession({ client_progress: 5 }) },
  {
    service: 'updatesession/file',
    action: 'add',
    by: U,
    arrange: inSession({ file_spec: { name: 'b.txt', source_type: 'PUSH' } })
  },
  { service: 'updatesession/file', action: 'list', by: U, arrange: inSession() },
  { service: 'updatesession/file', action: 'get', by: U, arrange: inSession({ file_name: 'a.txt' }) },
  { service: 'updatesession/file', action: 'remove', by: U, arrange: inSession({ file_name: 'a.txt' }) },
  { service: 'updatesession/file', action: 'validate', by: U, arrange: inSession() },
  { service: 'download-session', action: 'create', arrange: onItem },
  { service: 'download-session', action: 'get', by: D, arrange: inDownload() },
  {
    service: 'download-session',
    action: 'list',
    by: 'library_item_id',
    arrange: async bench => ({ id: await bench.item() })
  },
  { service: 'download-session', action: 'delete', by: D, arrange: inDownload() },
  { service: 'download-session', action: 'cancel', by: D, arrange: inDownload() },
  { service: 'download-session', action: 'fail', by: D, arrange: inDownload({ client_error_message: 'as told' }) },
  { service: 'download-session', action: 'keep-alive', by: D, arrange: inDownload({ progress: 5 }) },
  { service: 'downloadsession/file', action: 'list', by: D, arrange: inDownload() },
  { service: 'downloadsession/file', action: 'get', by: D, arrange: inDownload({ file_name: 'a.txt' }) },
  { service: 'downloadsession/file', action: 'prepare', by: D, arrange: inDownload({ file_name: 'a.txt' }) }
];

const only = { dialects: ['rest'], until: '6.0' } as const;

export const preview2014: Group = {
  title: 'The documents of 2014',
  rows: [
    ...operations.map(
      (op): Row => ({
        id: `2014.${op.service}.${op.action}`,
        says: `${op.action} of ${op.service} is a POST with its action, the id in the path or among the fields`,
        ...only,
        run: async bench => {
          for (const where of op.by === undefined ? (['beside'] as const) : (['path', 'beside'] as const)) {
            const { id, fields = {} } = await op.arrange(bench);
            const path = where === 'path' ? `/id:${segment(id)}` : '';
            const text = JSON.stringify({
              ...fields,
              ...(where === 'beside' && op.by !== undefined && { [op.by]: id })
            });
            const reply = await bench.raw('POST', `${BASE}${op.service}${path}?~action=${op.action}`, {
              ...((where === 'beside' || Object.keys(fields).length > 0) && { text })
            });
            hasStatus(reply, 200, `the id in the ${where}`);
            const made = op.action === 'create' && isRecord(reply.json) ? reply.json.value : undefined;
            if (made !== undefined)
              bench.keep(op.service === 'download-session' ? 'download' : 'session', String(made));
          }
        }
      })
    ),
    {
      id: '2014.bare',
      says: 'the addresses are printed without /rest, and are served so, too',
      judged: true,
      ...only,
      run: async bench =>
        same((await bench.raw('GET', `${BASE.slice('/rest'.length)}update-session`)).status, 200, 'status')
    },
    {
      id: '2014.cancel-deletes',
      says: 'cancel also deletes the session',
      ...only,
      run: async bench => {
        const session = await bench.session();
        await bench.ok('session.cancel', { session });
        await bench.refused('session.get', { session }, 'NOT_FOUND');
      }
    },
    {
      id: 'form.add',
      says: 'a file is added by a form, with dotted names',
      ...only,
      run: async bench => {
        const session = await bench.session();
        const fields = { update_session_id: session, 'file_spec.name': 'a b.txt', 'file_spec.source_type': 'PUSH' };
        const reply = await byForm(bench, 'updatesession/file?~action=add', fields);
        same(isRecord(reply.json) && isRecord(reply.json.value) ? reply.json.value.name : undefined, 'a b.txt', 'name');
      }
    },
    {
      id: 'form.list-field',
      says: 'members of a list are numbered from 1',
      ...only,
      run: async bench => {
        const fields = {
          'create_spec.library_item_id': await bench.item(),
          'create_spec.error_message.id': 'string',
          'create_spec.error_message.default_message': 'string',
          'create_spec.error_message.args.1': 'string',
          'create_spec.error_message.args.2': 'string',
          'create_spec.expiration_time': '2013-06-06T22:13:05'
        };
        const reply = await byForm(bench, 'download-session', fields);
        bench.keep('download', String(isRecord(reply.json) ? reply.json.value : ''));
      }
    },
    {
      id: 'form.query',
      says: 'the same may stand in the query',
      ...only,
      run: async bench => {
        const session = segment(await bench.session());
        const query = `~action=add&update_session_id=${session}&file_spec.name=a.txt&file_spec.source_type=PUSH`;
        const reply = await bench.raw('POST', `${BASE}updatesession/file?${query}`);
        same(reply.status, 200, 'status');
      }
    },
    {
      id: '2014.SH_a1',
      says: 'SHA1 may be written SH_a1, as it is printed',
      judged: true,
      ...only,
      run: async bench => {
        const checksum_info = { algorithm: 'SH_a1', checksum: 'a'.repeat(40) };
        const spec = { name: 'a.txt', source_type: 'PUSH', checksum_info };
        await bench.model('file.add', { session: await bench.session(), spec });
      }
    },
    {
      id: '2014.error',
      says: 'an error has the older name, messages and code beside type and value',
      ...only,
      run: async bench => {
        const { json } = await bench.raw('GET', `${BASE}update-session/id:nobody`);
        const error = isRecord(json) ? json : {};
        const kinds = [typeof error.name, Array.isArray(error.localizableMessages), typeof error.majorErrorCode];
        same(kinds, ['string', true, 'number'], 'name, localizableMessages, majorErrorCode');
        same(error.type, 'com.vmware.vapi.std.errors.not_found', 'type');
      }
    }
  ]
};

async function onItem(bench: Bench): Promise<Made> {
  return { fields: { create_spec: { library_item_id: await bench.item() } } };
}

async function failed(bench: Bench): Promise<Made> {
  const session = await bench.session();
  await bench.ok('session.fail', { session, client_error_message: 'as told' });
  return { id: session };
}

async function byForm(bench: Bench, path: string, fields: Record<string, string>): Promise<Reply> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const reply = await bench.raw('POST', `${BASE}${path}`, { headers, text: new URLSearchParams(fields).toString() });
  if (reply.status === 415) throw new NotServed('forms are not served');
  hasStatus(reply, 200, 'the answer');
  return reply;
}
