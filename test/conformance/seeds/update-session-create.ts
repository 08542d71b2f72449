// Seed 000: UpdateSession.create of the current reference.
import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { find, values } from '../../../src/simulator/service/table.ts';
import type { WireArgs } from '../../../src/wire/operations.ts';
import { type Document, json, type Names, type SeedRow } from './row.ts';
import type { Answer, Stage } from './stage.ts';

export const document: Document = { seed: '000', title: 'UpdateSession.create', profile: '9.0' };

const PATH = '/api/content/library/item/update-session';
const TOKEN = 'b8a2a2e3-2314-43cd-a871-6ede0f429751';
const message = {
  id: 'string',
  default_message: 'string',
  args: ['string'],
  params: { params: { s: 'string', dt: '2015-01-01T22:13:05.651Z', i: 0, d: 0.5, format: 'SHORT_DATE', precision: 0 } },
  localized: 'string'
};
/** Every field of the model, as the document lists them. */
const whole = (item: string) => ({
  id: 'mine',
  library_item_id: item,
  library_item_content_version: '7',
  error_message: message,
  client_progress: 50,
  state: 'DONE',
  expiration_time: '2015-01-01T22:13:05.651Z',
  preview_info: {
    state: 'AVAILABLE',
    certificate_info: { issuer: 'string', subject: 'string', self_signed: false, x509: 'string' },
    warnings: [{ type: 'SELF_SIGNED_CERTIFICATE', message, ignored: false }],
    cert_chain: ['string']
  },
  warning_behavior: [{ type: 'SELF_SIGNED_CERTIFICATE', ignored: true }]
});

const create = (spec: (names: Names) => unknown, token?: string) => ({
  request: (names: Names) => json('POST', PATH, spec(names), token === undefined ? {} : { 'client-token': token }),
  call: {
    op: 'session.create' as const,
    dialect: 'api' as const,
    args: (names: Names): WireArgs => ({ spec: spec(names), ...(token !== undefined && { client_token: token }) }),
    tokenPlace: 'header' as const
  }
});
const forItem = ({ item }: Names) => ({ library_item_id: item });
const onItem = async (stage: Stage) => ({ item: await stage.item() });

const rows: readonly SeedRow[] = [
  {
    id: 'create',
    says: 'a session is created on an item; the answer is its identifier',
    arrange: onItem,
    ...create(forItem),
    answer: { status: 201, media: 'application/json', is: 'the id, as a JSON string' },
    check: async (answer, { item }, { library }) => {
      expect(await library.getSession(idIn(answer))).toMatchObject({ itemId: item, state: 'ACTIVE', progress: 0 });
    },
    sample: '"e1a0f7c2-0000-4000-8000-000000000000:9c7e1d22-0000-4000-8000-000000000000"',
    reads: isId
  },
  {
    id: 'create-all-fields',
    says: 'every field of the specification may be sent; only the item and what to do about warnings are used',
    arrange: onItem,
    ...create(({ item }) => whole(item!)),
    answer: { status: 201, media: 'application/json', is: 'the id, as a JSON string' },
    check: async (answer, { item }, { library, simulator }) => {
      const id = idIn(answer);
      expect(id).not.toBe('mine');
      expect(await library.getSession(id)).toMatchObject({
        itemId: item,
        state: 'ACTIVE',
        progress: 0,
        contentVersion: '1'
      });
      expect(find(simulator.state.sessions, id)?.warnings).toEqual([
        { type: 'SELF_SIGNED_CERTIFICATE', ignored: true }
      ]);
    },
    reads: isId
  },
  {
    id: 'create-token',
    says: 'the same client token again makes no second session: creation is idempotent',
    arrange: onItem,
    ...create(forItem, TOKEN),
    answer: { status: 201, media: 'application/json', is: 'the id, both times the same' },
    check: async (answer, names, stage) => {
      const again = await stage.ask(create(forItem, TOKEN).request(names));
      expect([again.status, again.body]).toEqual([201, answer.body]);
      expect(await stage.library.listSessions()).toEqual([idIn(answer)]);
    },
    reads: isId
  },
  {
    id: 'create-no-token',
    says: 'without a client token creation is not idempotent: the second call makes another session, or meets the first',
    arrange: onItem,
    ...create(forItem),
    answer: { status: 201, media: 'application/json', is: 'the id; a second call is RESOURCE_BUSY' },
    check: async (_, names, stage) => {
      expect((await stage.ask(create(forItem).request(names))).status).toBe(500);
    },
    reads: isId
  },
  {
    id: 'create-invalid-spec',
    says: 'the call of the code sample, an empty specification, is not valid',
    arrange: async () => ({}),
    ...create(() => ({})),
    answer: { status: 400, media: 'application/json', is: 'INVALID_ARGUMENT' },
    check: answer => isError(answer, 'INVALID_ARGUMENT'),
    sample: errorSample('INVALID_ARGUMENT'),
    reads: 'INVALID_ARGUMENT'
  },
  {
    id: 'create-invalid-token',
    says: 'a client token that has not the form of a UUID is not valid',
    arrange: onItem,
    ...create(forItem, 'not-a-uuid'),
    answer: { status: 400, media: 'application/json', is: 'INVALID_ARGUMENT' },
    check: async (answer, _, { library }) => {
      isError(answer, 'INVALID_ARGUMENT');
      expect(await library.listSessions()).toEqual([]);
    },
    reads: 'INVALID_ARGUMENT'
  },
  {
    id: 'create-subscribed',
    says: 'a session on an item of a subscribed library is refused',
    arrange: async ({ simulator }) => ({ item: values(simulator.state.items)[0]!.id }),
    ...create(forItem),
    answer: { status: 400, media: 'application/json', is: 'INVALID_ELEMENT_TYPE' },
    check: answer => isError(answer, 'INVALID_ELEMENT_TYPE'),
    sample: errorSample('INVALID_ELEMENT_TYPE'),
    reads: 'INVALID_ELEMENT_TYPE'
  },
  {
    id: 'create-not-found',
    says: 'the item does not exist',
    arrange: async () => ({ item: randomUUID() }),
    ...create(forItem),
    answer: { status: 404, media: 'application/json', is: 'NOT_FOUND' },
    check: answer => isError(answer, 'NOT_FOUND'),
    sample: errorSample('NOT_FOUND'),
    reads: 'NOT_FOUND'
  },
  {
    id: 'create-busy',
    says: 'there is another update session on the same item: only one may be active',
    arrange: async stage => {
      const item = await stage.item();
      return { item, other: await stage.session(item) };
    },
    ...create(forItem),
    answer: { status: 500, media: 'application/json', is: 'RESOURCE_BUSY' },
    check: async (answer, { other }, { library }) => {
      isError(answer, 'RESOURCE_BUSY');
      expect(await library.listSessions()).toEqual([other]);
    },
    sample: errorSample('RESOURCE_BUSY'),
    reads: 'RESOURCE_BUSY'
  },
  {
    id: 'create-unauthorized',
    says: 'without ContentLibrary.UpdateSession on the item the caller is not authorized',
    user: 'reader',
    arrange: onItem,
    ...create(forItem),
    answer: { status: 403, media: 'application/json', is: 'UNAUTHORIZED' },
    check: answer => isError(answer, 'UNAUTHORIZED'),
    sample: errorSample('UNAUTHORIZED'),
    reads: 'UNAUTHORIZED'
  },
  {
    id: 'create-untyped-error',
    says: 'older implementations leave the discriminator of an error out; its messages still say it',
    arrange: async () => ({ item: randomUUID() }),
    ...create(forItem),
    answer: { status: 404, media: 'application/json', is: 'NOT_FOUND, read by its status' },
    sample: JSON.stringify({ messages: [message], data: {} }),
    reads: 'NOT_FOUND'
  },
  {
    id: 'create-then-get',
    says: 'what a session always tells: item, content version, progress, state, expiry; the preview while it is ACTIVE',
    arrange: async stage => ({ session: await stage.session() }),
    request: ({ session }) => json('GET', `${PATH}/${session}`),
    call: {
      op: 'session.get',
      dialect: 'api',
      args: ({ session }) => ({ update_session_id: session })
    },
    answer: { status: 200, media: 'application/json', is: 'the model' },
    check: answer => {
      const model = JSON.parse(answer.body) as Record<string, unknown>;
      expect(model).toMatchObject({ client_progress: 0, state: 'ACTIVE', preview_info: { state: 'UNAVAILABLE' } });
      expect(model).toHaveProperty('library_item_id');
      expect(model).toHaveProperty('library_item_content_version', '1');
      expect(model.expiration_time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      expect(model).not.toHaveProperty('error_message');
    },
    sample: JSON.stringify({ ...whole('item'), state: 'ACTIVE', client_progress: 0 }),
    reads: value => expect(value).toMatchObject({ state: 'ACTIVE', client_progress: 0 })
  },
  {
    id: 'create-then-failed',
    says: 'a session in ERROR tells why',
    arrange: async stage => {
      const session = await stage.session();
      await stage.library.failSession(session, 'the disk is on fire');
      return { session };
    },
    request: ({ session }) => json('GET', `${PATH}/${session}`),
    call: { op: 'session.get', dialect: 'api', args: ({ session }) => ({ update_session_id: session }) },
    answer: { status: 200, media: 'application/json', is: 'the model, with error_message' },
    check: answer => {
      const model = JSON.parse(answer.body) as Record<string, unknown>;
      expect(model).toMatchObject({ state: 'ERROR', error_message: { default_message: 'the disk is on fire' } });
      expect(model).not.toHaveProperty('preview_info');
    },
    reads: value =>
      expect(value).toMatchObject({ state: 'ERROR', error_message: { default_message: expect.anything() } })
  }
];

export const updateSessionCreate = { document, rows };

/** The body of an error, as the document draws it. */
export function errorSample(error_type: string): string {
  return JSON.stringify({ messages: [message], data: {}, error_type });
}

/** The form that the document gives to every error. */
export function isError(answer: Answer, type: string): void {
  const { error_type, messages } = JSON.parse(answer.body) as { error_type: unknown; messages: unknown };
  expect(error_type).toBe(type);
  const any = expect.any(String) as string;
  expect(messages).toEqual([expect.objectContaining({ id: any, default_message: any, args: expect.any(Array) })]);
}

function idIn({ body }: Answer): string {
  return JSON.parse(body) as string;
}

function isId(value: unknown): void {
  expect(value).toMatch(/^[0-9a-f-]{36}:[0-9a-f-]{36}$/);
}
