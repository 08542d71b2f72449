// Update sessions: how one begins, what it tells, how it is kept alive.
import { randomUUID } from 'node:crypto';
import type { Bench } from '../bench.ts';
import { refusedAs } from '../calls.ts';
import type { Group } from '../row.ts';
import { type OperationName, segment } from '../say.ts';
import { holds, isRecord, same } from '../verdict.ts';

/** Like the ids of real servers: with a colon. */
export const UNKNOWN = `${randomUUID()}:${randomUUID()}`;

const unknown: readonly [OperationName, Record<string, unknown>][] = [
  ['session.get', {}],
  ['session.update', { spec: { warning_behavior: [] } }],
  ['session.delete', {}],
  ['session.complete', {}],
  ['session.cancel', {}],
  ['session.fail', { client_error_message: 'x' }],
  ['session.keepAlive', {}],
  ['file.add', { spec: { name: 'a.txt', source_type: 'PUSH' } }],
  ['file.list', {}],
  ['file.get', { file_name: 'a.txt' }],
  ['file.remove', { file_name: 'a.txt' }],
  ['file.validate', {}]
];

export const sessions: Group = {
  title: 'Update sessions',
  rows: [
    {
      id: 'session.create',
      says: 'creating a session answers its id',
      run: async bench => void (await bench.session())
    },
    {
      id: 'session.create-action',
      says: 'in rest the action may be said: ?~action=create',
      dialects: ['rest'],
      run: async bench => {
        const text = JSON.stringify({ create_spec: { library_item_id: await bench.item() } });
        const path = '/rest/com/vmware/content/library/item/update-session?%7Eaction=create';
        const reply = await bench.raw('POST', path, { text });
        same(reply.status, 200, 'status');
        bench.keep('session', String(isRecord(reply.json) ? reply.json.value : ''));
      }
    },
    {
      id: 'session.begins',
      says: 'a new session is ACTIVE, with progress 0 and the content version of its item',
      run: async bench => {
        const item = await bench.item();
        const its = await bench.model('session.get', { session: await bench.session(item) });
        const came = [its.state, its.client_progress, its.library_item_id, its.library_item_content_version];
        same(came, ['ACTIVE', 0, item, '1'], 'state, progress, item, version');
      }
    },
    {
      id: 'session.expires',
      says: 'it tells when it expires, as RFC 3339 in UTC with milliseconds, and that is not past',
      run: async bench => {
        const { expiration_time: at } = await bench.model('session.get', { session: await bench.session() });
        holds(
          /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(String(at)),
          'a time with three digits and Z',
          'came another form'
        );
        holds(Date.parse(String(at)) > Date.now(), 'a time to come', 'one that is past');
      }
    },
    {
      id: 'session.preview',
      says: 'an ACTIVE session has a preview, which is UNAVAILABLE before any file',
      since: '6.7',
      run: async bench => {
        const { preview_info } = await bench.model('session.get', { session: await bench.session() });
        same(isRecord(preview_info) ? preview_info.state : undefined, 'UNAVAILABLE', 'preview_info.state');
      }
    },
    {
      id: 'session.create-unknown-item',
      says: 'a session on an unknown item is NOT_FOUND',
      run: async bench =>
        void (await bench.refused('session.create', { spec: { library_item_id: randomUUID() } }, 'NOT_FOUND'))
    },
    {
      id: 'session.create-itemless',
      says: 'a session without an item is INVALID_ARGUMENT',
      judged: true,
      run: async bench => void (await bench.refused('session.create', { spec: {} }, 'INVALID_ARGUMENT'))
    },
    {
      id: 'session.create-null',
      says: 'null is the same as unset',
      run: async bench => void (await bench.session(undefined, { warning_behavior: null, error_message: null }))
    },
    {
      id: 'session.create-ignores',
      says: 'of what creating does not use nothing is taken',
      run: async bench => {
        const more = { client_progress: 70, state: 'DONE', library_item_content_version: '9', id: 'mine' };
        const its = await bench.model('session.get', { session: await bench.session(undefined, more) });
        const came = [its.state, its.client_progress, its.library_item_content_version];
        same(came, ['ACTIVE', 0, '1'], 'state, progress, version');
      }
    },
    {
      id: 'session.busy',
      says: 'a second session on the item is RESOURCE_BUSY: status 500 in api, 400 in rest',
      run: async bench => {
        const item = await bench.item();
        await bench.session(item);
        await bench.refused('session.create', { spec: { library_item_id: item } }, 'RESOURCE_BUSY');
      }
    },
    {
      id: 'session.not-busy',
      says: 'a session that is not ACTIVE does not stand in the way of another',
      judged: true,
      run: async bench => {
        const item = await bench.item();
        await bench.ok('session.cancel', { session: await bench.session(item) });
        await bench.session(item);
      }
    },
    {
      id: 'session.token',
      says: 'the same client token makes one session, however often it comes',
      run: async bench => {
        const args = { spec: { library_item_id: await bench.item() }, client_token: randomUUID() };
        const first = await bench.id('session.create', args);
        bench.keep('session', first);
        holds((await bench.id('session.create', args)) === first, 'the same id', 'came another');
      }
    },
    {
      id: 'session.bad-token',
      says: 'a client token that is no UUID is INVALID_ARGUMENT',
      run: async bench => {
        const args = { spec: { library_item_id: await bench.item() }, client_token: 'not-a-uuid' };
        await bench.refused('session.create', args, 'INVALID_ARGUMENT');
      }
    },
    {
      id: 'session.list',
      says: 'the list holds the ids of own sessions',
      run: async bench => {
        const session = await bench.session();
        const ids = await bench.listOf('session.list');
        holds(ids.includes(session), 'the session among the ids', 'it is not');
      }
    },
    {
      id: 'session.list-of-item',
      says: 'the list can be narrowed to an item',
      run: async bench => {
        const item = await bench.item();
        const session = await bench.session(item);
        await bench.session();
        const ids = await bench.listOf('session.list', { item });
        holds(ids.length === 1 && ids[0] === session, 'only its session', 'came sessions of others, too');
      }
    },
    {
      id: 'session.list-unknown-item',
      says: 'the sessions of an unknown item are NOT_FOUND',
      run: async bench => void (await bench.refused('session.list', { item: randomUUID() }, 'NOT_FOUND'))
    },
    {
      id: 'session.id-encoded',
      says: 'the colon in an id may be percent-encoded',
      run: async bench => {
        const session = await bench.session();
        const path = {
          api: `/api/content/library/item/update-session/${encodeURIComponent(session)}`,
          rest: `/rest/com/vmware/content/library/item/update-session/id:${encodeURIComponent(session)}`
        }[bench.dialect];
        same((await bench.raw('GET', path)).status, 200, 'status');
      }
    },
    ...unknown.map(([op, args]) => ({
      id: `unknown.${op}`,
      says: `${op} in an unknown session is NOT_FOUND`,
      ...(op === 'session.update' && { since: '6.7' }),
      run: async (bench: Bench) => void (await bench.refused(op, { ...args, session: UNKNOWN }, 'NOT_FOUND'))
    })),
    {
      id: 'session.get-with-action',
      says: 'an action that is none is no operation: 404',
      run: async bench => {
        const session = segment(await bench.session());
        const path = {
          api: `/api/content/library/item/update-session/${session}?action=explode`,
          rest: `/rest/com/vmware/content/library/item/update-session/id:${session}?~action=explode`
        }[bench.dialect];
        const reply = await bench.raw('POST', path);
        if (reply.status !== 404) refusedAs(reply, 'NOT_FOUND', bench.dialect, 'an unknown action');
      }
    }
  ]
};
