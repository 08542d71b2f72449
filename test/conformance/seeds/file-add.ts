// Seed 002: updatesession.file add, as documented in 2014: in JSON, XML and as a form, with the id in the path or beside the rest.
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { add, type Encoding, elements, NAMESPACE, PATH, type Spec } from './file-add-encodings.ts';
import { type Document, json, type SeedRow } from './row.ts';
import { type Answer, SOURCE, type Stage } from './stage.ts';

const document: Document = { seed: '002', title: 'updatesession.file add', profile: '6.0' };

const HELD = 'string';
const push: Spec = { name: 'a.iso', source_type: 'PUSH', size: 10 };
const pull: Spec = { name: 'a.iso', source_type: 'PULL', source_endpoint: { uri: SOURCE.uri } };
const none: Spec = { name: HELD, source_type: 'NONE' };
/** Every field of the printed request, with its values. */
const printed: Spec = {
  source_endpoint: { ssl_certificate_thumbprint: 'string', uri: 'http://myurl.com' },
  name: HELD,
  source_type: 'NONE',
  checksum_info: { checksum: 'string', algorithm: 'SH_a1' },
  size: 10
};
const encodings = ['json', 'xml', 'form'] as const;
const NAMES = { json: 'JSON', xml: 'XML', form: 'a form' } as const;
const media = (encoding: Encoding) => (encoding === 'xml' ? 'application/xml' : 'application/json');

const open = async (stage: Stage) => ({ session: await stage.session() });
const holding = async (stage: Stage) => ({ session: await stage.session(await stage.item({ [HELD]: 'as it was' })) });

/** What the documented answer shows, whole. */
const result = {
  bytes_transferred: 10,
  checksum_info: { algorithm: 'SHA1', checksum: 'string' },
  error_message: { args: ['string', 'string'], default_message: 'string', id: 'string' },
  name: 'string',
  size: 10,
  source_endpoint: { ssl_certificate_thumbprint: 'string', uri: 'http://myurl.com' },
  source_type: 'NONE',
  status: 'WAITING_FOR_TRANSFER',
  upload_endpoint: { ssl_certificate_thumbprint: 'string', uri: 'http://myurl.com' }
};
const samples: Readonly<Record<Encoding, string>> = {
  json: JSON.stringify({ value: result }),
  form: JSON.stringify({ value: result }),
  xml: `<?xml version="1.0" ?><ns0:Add-Result xmlns:ns0="${NAMESPACE}"><value>${elements(result)}</value></ns0:Add-Result>`
};
const isInfo = (value: unknown) =>
  expect(value).toMatchObject({ name: expect.anything(), status: expect.anything(), source_type: expect.anything() });

const rows: readonly SeedRow[] = [
  ...(['path', 'beside'] as const).flatMap(where =>
    encodings.map(
      (encoding): SeedRow => ({
        id: `add-push-${encoding}-${where}`,
        says: `PUSH in ${NAMES[encoding]}, the session's id ${where === 'path' ? 'in the path' : 'beside the specification'}: the answer has the address to send to`,
        arrange: open,
        ...add(encoding, push, where),
        answer: { status: 200, media: media(encoding), is: 'the file, WAITING_FOR_TRANSFER, with upload_endpoint' },
        check: async (answer, { session }, { library }) => {
          inAnswer(answer, encoding, { name: 'a.iso', source_type: 'PUSH', status: 'WAITING_FOR_TRANSFER' });
          expect(answer.body).toMatch(/upload_endpoint\W.*\Wuri\W.*\/cls\/data\//);
          const file = await library.getFile(session!, 'a.iso');
          expect(file).toMatchObject({ sourceType: 'PUSH', bytesTransferred: 0 });
        },
        sample: samples[encoding],
        reads: isInfo
      })
    )
  ),
  ...encodings.map(
    (encoding): SeedRow => ({
      id: `add-pull-${encoding}`,
      says: `PULL in ${NAMES[encoding]}: the server fetches the file from its source itself`,
      arrange: open,
      ...add(encoding, pull),
      answer: { status: 200, media: media(encoding), is: 'the file, with source_endpoint; it becomes READY' },
      check: async (answer, { session }, { library, until }) => {
        inAnswer(answer, encoding, { name: 'a.iso', source_type: 'PULL' });
        expect(answer.body).not.toContain('upload_endpoint');
        await until(async () => (await library.getFile(session!, 'a.iso')).status === 'READY');
        expect((await library.getFile(session!, 'a.iso')).size).toBe(SOURCE.content.length);
      },
      reads: isInfo
    })
  ),
  ...encodings.map(
    (encoding): SeedRow => ({
      id: `add-none-${encoding}`,
      says: `NONE in ${NAMES[encoding]}: a file that the item holds is left as it is`,
      judged: true,
      arrange: holding,
      ...add(encoding, none),
      answer: { status: 200, media: media(encoding), is: 'the file, READY' },
      check: answer => inAnswer(answer, encoding, { name: HELD, source_type: 'NONE', status: 'READY' }),
      reads: isInfo
    })
  ),
  ...encodings.map(
    (encoding): SeedRow => ({
      id: `add-printed-${encoding}`,
      says: `the request as it is printed, in ${NAMES[encoding]}, with every field; SH_a1 means SHA1`,
      judged: true,
      arrange: holding,
      ...add(encoding, printed),
      answer: { status: 200, media: media(encoding), is: 'the file, READY' },
      check: answer => inAnswer(answer, encoding, { name: HELD, source_type: 'NONE', status: 'READY' }),
      sample: samples[encoding],
      reads: isInfo
    })
  ),
  {
    id: 'add-none-unknown',
    says: 'NONE with a name that the item does not hold',
    judged: true,
    arrange: open,
    ...add('json', none),
    answer: { status: 400, media: 'application/json', is: 'INVALID_ARGUMENT' },
    check: answer => isError(answer, 'invalid_argument'),
    reads: 'INVALID_ARGUMENT'
  },
  {
    id: 'add-again',
    says: 'a name that is in the session already: that file gets new content',
    arrange: async stage => {
      const { session } = await open(stage);
      await stage.push(session, 'a.iso', 'before');
      return { session };
    },
    ...add('json', push),
    answer: { status: 200, media: 'application/json', is: 'the file, WAITING_FOR_TRANSFER again' },
    check: async (_, { session }, { library }) => {
      const files = await library.listFiles(session!);
      expect(files.map(({ name, status }) => [name, status])).toEqual([['a.iso', 'WAITING_FOR_TRANSFER']]);
    },
    reads: isInfo
  },
  {
    id: 'add-under-rest',
    says: 'a server of that age answers under /rest, too',
    judged: true,
    arrange: open,
    request: names => {
      const its = add('json', push).request(names);
      return { ...its, path: `/rest${its.path}` };
    },
    call: { ...add('json', push).call, wording: { encoding: 'json', form: 3 } },
    answer: { status: 200, media: 'application/json', is: 'the file, WAITING_FOR_TRANSFER' },
    reads: isInfo
  },
  {
    id: 'add-not-visible',
    says: 'nothing is applied or visible before the session is completed',
    arrange: async stage => {
      const item = await stage.item({ [HELD]: 'as it was' });
      return { item, session: await stage.session(item) };
    },
    ...add('json', { name: HELD, source_type: 'PUSH' }),
    answer: { status: 200, media: 'application/json', is: 'the file; the item stays as it is' },
    check: async (_, { item }, { library }) => {
      expect((await library.listItemFiles(item!)).map(({ name }) => name)).toEqual([HELD]);
      expect((await library.getItem(item!)).contentVersion).toBe('2');
    },
    reads: isInfo
  },
  {
    id: 'add-remove',
    says: 'an existing file of the item can be deleted in the session, metadata and content',
    arrange: async stage => {
      const item = await stage.item({ [HELD]: 'as it was' });
      return { item, session: await stage.session(item) };
    },
    request: ({ session }) => json('POST', `${PATH}/id:${session}?~action=remove`, { file_name: HELD }),
    call: {
      op: 'file.remove',
      dialect: '2014',
      args: ({ session }) => ({ update_session_id: session, file_name: HELD }),
      tokenPlace: 'body',
      wording: { form: 2, bare: true }
    },
    answer: { status: 200, is: 'nothing; the file is gone when the session is completed' },
    check: async (_, { item, session }, { library }) => {
      expect((await library.listItemFiles(item!)).length).toBe(1);
      await library.complete(session!);
      expect(await library.listItemFiles(item!)).toEqual([]);
    },
    reads: value => expect(value).toBeUndefined()
  },
  ...(['json', 'xml'] as const).flatMap((encoding): SeedRow[] => [
    {
      id: `add-invalid-${encoding}`,
      says: `the specification of the file is invalid (${NAMES[encoding]})`,
      ...(encoding === 'xml' && { judged: true }),
      arrange: open,
      ...add(encoding, { name: 'a.iso', source_type: 'PUSH', size: -1 }),
      answer: { status: 400, media: media(encoding), is: 'invalid_argument' },
      check: answer => isError(answer, 'invalid_argument'),
      reads: 'INVALID_ARGUMENT'
    },
    {
      id: `add-not-found-${encoding}`,
      says: `the session does not exist (${NAMES[encoding]})`,
      ...(encoding === 'xml' && { judged: true }),
      arrange: async () => ({ session: 'obj-103' }),
      ...add(encoding, push),
      answer: { status: 404, media: media(encoding), is: 'not_found' },
      check: answer => isError(answer, 'not_found'),
      reads: 'NOT_FOUND'
    },
    ...(['ds', 'file'] as const).map(
      (scheme): SeedRow => ({
        id: `add-${scheme}-unauthorized-${encoding}`,
        says: `PULL from a ${scheme === 'ds' ? 'datastore' : 'file'} URI without ContentLibrary.ReadStorage (${NAMES[encoding]})`,
        ...(encoding === 'xml' && { judged: true }),
        user: 'uploader',
        arrange: open,
        ...add(encoding, from(scheme === 'ds' ? 'ds:///vmfs/volumes/ds-1/iso/a.iso' : 'file:///iso/a.iso')),
        answer: { status: 403, media: media(encoding), is: 'unauthorized' },
        check: answer => isError(answer, 'unauthorized'),
        reads: 'UNAUTHORIZED'
      })
    )
  ]),
  ...(['ds', 'file'] as const).map(
    (scheme): SeedRow => ({
      id: `add-${scheme}-copied`,
      says: `PULL from a ${scheme === 'ds' ? 'datastore' : 'file'} URI with the privilege: a copy is made`,
      user: 'administrator',
      arrange: async stage => {
        await stored(stage, 'iso');
        return open(stage);
      },
      ...add('json', from(scheme === 'ds' ? 'ds:///vmfs/volumes/ds-1/iso/a.iso' : 'file:///iso/a.iso')),
      answer: { status: 200, media: 'application/json', is: 'the file; it becomes READY, and the source stays' },
      check: async (_, { session }, stage) => {
        await pulled(stage, session!);
        expect(existsSync(join(stage.folder, 'iso', 'a.iso'))).toBe(true);
      },
      reads: isInfo
    })
  ),
  {
    id: 'add-ds-moved',
    says: "the source lies in the library's own storage folder: the file is moved, not copied",
    user: 'administrator',
    arrange: async stage => {
      await stored(stage, `contentlib-${stage.libraryId}`);
      return { ...(await open(stage)), library: stage.libraryId };
    },
    ...add('json', ({ library }) => from(`ds:///vmfs/volumes/ds-1/contentlib-${library}/a.iso`)),
    answer: { status: 200, media: 'application/json', is: 'the file; it becomes READY, and the source is gone' },
    check: async (_, { session }, stage) => {
      await pulled(stage, session!);
      const source = join(stage.folder, `contentlib-${stage.libraryId}`, 'a.iso');
      await stage.until(async () => !existsSync(source));
    },
    reads: isInfo
  }
];

export const fileAdd = { document, rows };

function from(uri: string): Spec {
  return { name: 'a.iso', source_type: 'PULL', source_endpoint: { uri } };
}

async function stored({ folder }: Stage, place: string): Promise<void> {
  await mkdir(join(folder, place), { recursive: true });
  await writeFile(join(folder, place, 'a.iso'), 'on the datastore');
}

async function pulled({ library, until }: Stage, session: string): Promise<void> {
  await until(async () => (await library.getFile(session, 'a.iso')).status === 'READY');
  await library.complete(session);
  await until(async () => (await library.getSession(session)).state === 'DONE');
}

/** Fields of the file in the answer, in either encoding. */
function inAnswer({ body }: Answer, encoding: Encoding, fields: Readonly<Record<string, string>>): void {
  if (encoding !== 'xml') {
    expect(JSON.parse(body)).toMatchObject({ value: fields });
    return;
  }
  expect(body).toMatch(new RegExp(`^<\\?xml [^>]*\\?>\\s*<(\\w+):Add-Result xmlns:\\1="${NAMESPACE}">\\s*<value>`));
  for (const [name, value] of Object.entries(fields)) expect(body).toContain(`<${name}>${value}</${name}>`);
}

function isError({ body }: Answer, name: string): void {
  expect(body).toContain(`com.vmware.vapi.std.errors.${name}`);
}
