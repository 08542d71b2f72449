// Requests that are wrong, and how the service says so.
import { randomUUID } from 'node:crypto';
import type { Bench } from '../bench.ts';
import { refusedAs } from '../calls.ts';
import type { Group } from '../row.ts';
import { OPERATIONS } from '../say.ts';
import { Difference, errorTypeIn, hasStatus, holds, inWords, isRecord, messagesIn, same } from '../verdict.ts';

export const errors: Group = {
  title: 'Requests that are wrong',
  rows: [
    {
      id: 'error.json',
      says: 'an error is JSON, and is called so',
      run: async bench => {
        const reply = await bench.ask('item.get', { item: randomUUID() });
        holds(
          /^application\/json\b/.test(reply.headers['content-type'] ?? ''),
          'application/json',
          reply.headers['content-type'] ?? 'no type'
        );
        holds(reply.json !== undefined, 'JSON', 'came something else');
      }
    },
    {
      id: 'error.form',
      says: 'an error has its type and messages: side by side in api, as type and value in rest',
      run: async bench => {
        const { json } = await bench.ask('item.get', { item: randomUUID() });
        const body = isRecord(json) ? json : {};
        if (bench.dialect === 'api')
          same([body.error_type, Array.isArray(body.messages)], ['NOT_FOUND', true], 'error_type, messages');
        else same([body.type, isRecord(body.value)], ['com.vmware.vapi.std.errors.not_found', true], 'type, value');
      }
    },
    {
      id: 'error.message',
      says: 'each message has an id, a text in English and a list of args',
      run: async bench => {
        const [message] = messagesIn(await bench.ask('item.get', { item: randomUUID() }));
        holds(message !== undefined, 'a message', 'none came');
        const kinds = [typeof message?.id, typeof message?.default_message, Array.isArray(message?.args)];
        same(kinds, ['string', 'string', true], 'id, default_message, args');
      }
    },
    {
      id: 'error.type-in-rest',
      says: 'from 7.0 on the error of rest has error_type inside, too',
      dialects: ['rest'],
      since: '7.0',
      run: async bench => {
        const { json } = await bench.ask('item.get', { item: randomUUID() });
        const value = isRecord(json) && isRecord(json.value) ? json.value : {};
        same(value.error_type, 'NOT_FOUND', 'value.error_type');
      }
    },
    {
      id: 'route.unknown',
      says: 'an address that is none is 404, with the message id of real servers',
      run: async bench => {
        const path = { api: '/api/content/nowhere', rest: '/rest/com/vmware/content/nowhere' }[bench.dialect];
        const reply = await bench.raw('GET', path);
        same(reply.status, 404, 'status');
        holds(/rest\.httpNotFound/.test(reply.text), '…rest.httpNotFound', inWords(reply));
      }
    },
    {
      id: 'body.no-json',
      says: 'a body that is no JSON is INVALID_ARGUMENT',
      run: async bench => void (await broken(bench, '{"library_item_id": '))
    },
    {
      id: 'body.list',
      says: 'a list where an object is wanted is INVALID_ARGUMENT',
      run: async bench => void (await broken(bench, '[]'))
    },
    {
      id: 'body.wrong-type',
      says: 'a number where text is wanted is INVALID_ARGUMENT',
      run: async bench =>
        void (await bench.refused('session.create', { spec: { library_item_id: 7 } }, 'INVALID_ARGUMENT'))
    },
    {
      id: 'body.unknown-field',
      says: 'a field that is none is INVALID_ARGUMENT',
      run: async bench => {
        const spec = { library_item_id: await bench.item(), colour: 'red' };
        await bench.refused('session.create', { spec }, 'INVALID_ARGUMENT');
      }
    },
    {
      id: 'body.unknown-field-named',
      says: 'the message names it, in the words of real servers: Unsupported property with name: …',
      run: async bench => {
        const spec = { library_item_id: await bench.item(), colour: 'red' };
        const reply = await bench.refused('session.create', { spec }, 'INVALID_ARGUMENT');
        const [message = {}] = messagesIn(reply);
        same(
          [message.default_message, message.args],
          ['Unsupported property with name: colour.', ['colour']],
          'text and args'
        );
      }
    },
    {
      id: 'query.unknown',
      says: 'a query that the operation does not have is INVALID_ARGUMENT',
      run: async bench => {
        const [method, path] = OPERATIONS['session.list'][bench.dialect]({});
        const reply = await bench.raw(method, `${path}?colour=red`);
        refusedAs(reply, 'INVALID_ARGUMENT', bench.dialect, 'session.list');
      }
    },
    {
      id: 'body.empty-chunked',
      says: 'an action takes a body that comes in chunks and is empty',
      run: async bench => {
        const session = await bench.session();
        const [method, path] = OPERATIONS['session.keepAlive'][bench.dialect]({ session });
        const headers = { 'vmware-api-session-id': bench.server.token(bench.dialect) };
        const { signal } = bench;
        const reply = await bench.server.send({ method, path, headers, body: '', chunked: true, signal });
        const wanted = bench.dialect === 'api' ? 204 : 200;
        hasStatus(reply, wanted, 'session.keepAlive');
      }
    },
    {
      id: 'action.encoded',
      says: 'the tilde of ?~action= may be percent-encoded',
      dialects: ['rest'],
      run: async bench => {
        const [method, path] = OPERATIONS['session.keepAlive'].rest({ session: await bench.session() });
        same((await bench.raw(method, path.replace('~', '%7E'))).status, 200, 'status');
      }
    }
  ]
};

async function broken(bench: Bench, text: string): Promise<void> {
  const reply = await bench.raw('POST', OPERATIONS['session.create'][bench.dialect]({ spec: {} })[1], { text });
  if (reply.status === 400 && errorTypeIn(reply) === 'INVALID_ARGUMENT') return;
  throw new Difference('status 400 INVALID_ARGUMENT', inWords(reply));
}
