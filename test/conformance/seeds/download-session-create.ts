// Seed 003: DownloadSession.create under /rest, in JSON and XML, as documented for 6.5.
import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { elements } from './file-add-encodings.ts';
import { type Document, json, type Names, type SeedRow, xml } from './row.ts';
import type { Answer, Stage } from './stage.ts';

const document: Document = { seed: '003', title: 'DownloadSession.create', profile: '6.5' };

const PATH = '/rest/com/vmware/content/library/item/download-session';
const NAMESPACE = 'http://vmware.com/content/library/item/download_session';
const TOKEN = 'b8a2a2e3-2314-43cd-a871-6ede0f429751';
/** Printed in every request, and used by none. */
const XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"';

type Encoding = 'json' | 'xml';
interface Input {
  readonly client_token?: string;
  readonly create_spec: Readonly<Record<string, unknown>>;
}
const minimal = ({ item }: Names): Input => ({ create_spec: { library_item_id: item } });
/** Every field of the printed request. */
const whole = ({ item }: Names): Input => ({
  create_spec: {
    id: 'obj-103',
    library_item_id: item,
    client_progress: 1,
    error_message: { default_message: 'string', id: 'string', args: ['string', 'string'] },
    state: 'ACTIVE',
    expiration_time: '2015-01-01T22:13:05.651Z',
    library_item_content_version: 'string'
  },
  client_token: TOKEN
});

function create(encoding: Encoding, input: (names: Names) => Input): Pick<SeedRow, 'request' | 'call'> {
  return {
    request: names =>
      encoding === 'json'
        ? json('POST', PATH, input(names))
        : xml(PATH, `<ns0:Create-Input xmlns:ns0="${NAMESPACE}" ${XSI}>${elements(input(names))}</ns0:Create-Input>`),
    call: {
      op: 'download.create',
      // the client has XML only where its dialect is the one of 2014, whose first form is that of /rest
      dialect: encoding === 'json' ? 'rest' : '2014',
      args: names => {
        const { create_spec, client_token } = input(names);
        return { spec: create_spec, ...(client_token !== undefined && { client_token }) };
      },
      tokenPlace: 'body',
      wording: { encoding, form: 1 }
    }
  };
}

const onItem = async (stage: Stage) => ({ item: await stage.item({ 'a.iso': 'as held' }) });
const NAMES = { json: 'JSON', xml: 'XML' } as const;
const media = (encoding: Encoding) => `application/${encoding}` as const;
const isId = (value: unknown) => expect(value).toMatch(/^(?:obj-103|[0-9a-f-]{36}:[0-9a-f-]{36})$/);
const samples: Readonly<Record<Encoding, string>> = {
  json: '{"value":"obj-103"}',
  xml: `<?xml version="1.0" ?><ns0:Create-Result xmlns:ns0="${NAMESPACE}"><value>obj-103</value></ns0:Create-Result>`
};

const rows: readonly SeedRow[] = [
  ...(['json', 'xml'] as const).flatMap((encoding): SeedRow[] => [
    {
      id: `download-create-${encoding}`,
      says: `a download session is created on an item (${NAMES[encoding]}); the answer is its identifier`,
      arrange: onItem,
      ...create(encoding, minimal),
      answer: { status: 200, media: media(encoding), is: 'the id, as value' },
      check: async (answer, { item }, { library }) => {
        const its = await library.getDownloadSession(idIn(answer, encoding));
        expect(its).toMatchObject({ itemId: item, state: 'ACTIVE', progress: 0, contentVersion: '2' });
        expect(its.expiresAt).toBeGreaterThan(0);
      },
      sample: samples[encoding],
      reads: isId
    },
    {
      id: `download-create-printed-${encoding}`,
      says: `the request as it is printed, in ${NAMES[encoding]}, with every field: only the item is used`,
      arrange: onItem,
      ...create(encoding, whole),
      answer: { status: 200, media: media(encoding), is: 'the id, as value' },
      check: async (answer, { item }, { library }) => {
        const id = idIn(answer, encoding);
        expect(id).not.toBe('obj-103');
        const its = await library.getDownloadSession(id);
        expect(its).toMatchObject({ itemId: item, state: 'ACTIVE', progress: 0, contentVersion: '2' });
      },
      reads: isId
    },
    {
      id: `download-create-token-${encoding}`,
      says: `the same client token again makes no second session (${NAMES[encoding]})`,
      arrange: onItem,
      ...create(encoding, names => ({ client_token: TOKEN, ...minimal(names) })),
      answer: { status: 200, media: media(encoding), is: 'the id, both times the same' },
      check: async (answer, names, stage) => {
        const request = create(encoding, its => ({ client_token: TOKEN, ...minimal(its) })).request(names);
        expect((await stage.ask(request)).body).toBe(answer.body);
        expect((await stage.library.listDownloadSessions()).length).toBe(1);
      },
      reads: isId
    },
    {
      id: `download-create-invalid-${encoding}`,
      says: `the specification is not valid: it names no item (${NAMES[encoding]})`,
      ...(encoding === 'xml' && { judged: true }),
      arrange: async () => ({}),
      ...create(encoding, () => ({ create_spec: { client_progress: 1 } })),
      answer: { status: 400, media: media(encoding), is: 'invalid_argument' },
      check: answer => isError(answer, 'invalid_argument'),
      reads: 'INVALID_ARGUMENT'
    },
    {
      id: `download-create-not-found-${encoding}`,
      says: `the item does not exist (${NAMES[encoding]})`,
      ...(encoding === 'xml' && { judged: true }),
      arrange: async () => ({ item: randomUUID() }),
      ...create(encoding, minimal),
      answer: { status: 404, media: media(encoding), is: 'not_found' },
      check: answer => isError(answer, 'not_found'),
      reads: 'NOT_FOUND'
    }
  ]),
  {
    id: 'download-create-progress',
    says: 'the progress begins at 0, and is what the client says it is',
    arrange: async stage => {
      const session = await stage.library.createDownloadSession({ itemId: await stage.item() });
      await stage.library.keepDownloadAlive(session, 30);
      return { session };
    },
    request: ({ session }) => json('GET', `${PATH}/id:${session}`),
    call: {
      op: 'download.get',
      dialect: 'rest',
      args: ({ session }) => ({ download_session_id: session }),
      tokenPlace: 'body'
    },
    answer: { status: 200, media: 'application/json', is: 'the model' },
    check: answer => expect(JSON.parse(answer.body)).toMatchObject({ value: { client_progress: 30, state: 'ACTIVE' } }),
    reads: value => expect(value).toMatchObject({ client_progress: 30, state: 'ACTIVE' })
  },
  ...(['CANCELED', 'ERROR'] as const).map(
    (state): SeedRow => ({
      id: `download-create-then-${state}`,
      says: `a session that is ${state} ${state === 'ERROR' ? 'tells why' : 'stays until it is deleted'}`,
      arrange: async stage => {
        const session = await stage.library.createDownloadSession({ itemId: await stage.item() });
        if (state === 'ERROR') await stage.library.failDownload(session, 'the disk is on fire');
        else await stage.library.cancelDownload(session);
        return { session };
      },
      request: ({ session }) => json('GET', `${PATH}/id:${session}`),
      call: {
        op: 'download.get',
        dialect: 'rest',
        args: ({ session }) => ({ download_session_id: session }),
        tokenPlace: 'body'
      },
      answer: { status: 200, media: 'application/json', is: `the model: ${state}` },
      check: answer => {
        const { value } = JSON.parse(answer.body) as { value: Record<string, unknown> };
        expect(value.state).toBe(state);
        expect('error_message' in value).toBe(state === 'ERROR');
      },
      reads: value => expect(value).toMatchObject({ state })
    })
  )
];

export const downloadSessionCreate = { document, rows };

function idIn({ body }: Answer, encoding: Encoding): string {
  if (encoding === 'json') return (JSON.parse(body) as { value: string }).value;
  const found = new RegExp(`:Create-Result xmlns:\\w+="${NAMESPACE}">\\s*<value>([^<]+)</value>`).exec(body);
  expect(found).not.toBeNull();
  return found![1]!;
}

function isError({ body }: Answer, name: string): void {
  expect(body).toContain(`com.vmware.vapi.std.errors.${name}`);
}
