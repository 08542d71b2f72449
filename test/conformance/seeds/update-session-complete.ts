// Seed 001: UpdateSession.complete of the current reference.
import { expect } from 'vitest';
import { type Document, json, type Names, type SeedRow } from './row.ts';
import { SOURCE, type Stage } from './stage.ts';
import { errorSample, isError } from './update-session-create.ts';

const document: Document = { seed: '001', title: 'UpdateSession.complete', profile: '9.0' };

const complete = {
  request: ({ session }: Names) => json('POST', `/api/content/library/item/update-session/${session}?action=complete`),
  call: {
    op: 'session.complete' as const,
    dialect: 'api' as const,
    args: ({ session }: Names) => ({ update_session_id: session })
  }
};
const nothing = (value: unknown) => expect(value).toBeUndefined();
const pushed = async (stage: Stage) => {
  const item = await stage.item();
  const session = await stage.session(item);
  await stage.push(session, 'a.txt', 'as sent');
  return { item, session };
};

const rows: readonly SeedRow[] = [
  {
    id: 'complete',
    says: 'the client has sent everything: the item is updated once the call returns, and not before',
    arrange: async stage => {
      const made = await pushed(stage);
      expect(await stage.library.listItemFiles(made.item)).toEqual([]);
      return made;
    },
    ...complete,
    answer: { status: 204, is: 'nothing' },
    check: async (answer, { item, session }, { library }) => {
      expect(answer.body).toBe('');
      expect((await library.getSession(session!)).state).toBe('DONE');
      expect((await library.listItemFiles(item!)).map(({ name, size }) => [name, size])).toEqual([['a.txt', 7]]);
      expect((await library.getItem(item!)).contentVersion).toBe('2');
    },
    reads: nothing
  },
  {
    id: 'complete-not-active',
    says: 'a session that is not ACTIVE cannot complete',
    arrange: async stage => {
      const { session } = await pushed(stage);
      await stage.library.complete(session);
      return { session };
    },
    ...complete,
    answer: { status: 400, media: 'application/json', is: 'NOT_ALLOWED_IN_CURRENT_STATE' },
    check: answer => isError(answer, 'NOT_ALLOWED_IN_CURRENT_STATE'),
    sample: errorSample('NOT_ALLOWED_IN_CURRENT_STATE'),
    reads: 'NOT_ALLOWED_IN_CURRENT_STATE'
  },
  {
    id: 'complete-not-received',
    says: 'some files that the client sends were not received correctly',
    arrange: async stage => {
      const session = await stage.session();
      await stage.library.addFile(session, { name: 'a.txt', sourceType: 'PUSH' });
      return { session };
    },
    ...complete,
    answer: { status: 400, media: 'application/json', is: 'NOT_ALLOWED_IN_CURRENT_STATE; the session stays ACTIVE' },
    check: async (answer, { session }, { library }) => {
      isError(answer, 'NOT_ALLOWED_IN_CURRENT_STATE');
      expect((await library.getSession(session!)).state).toBe('ACTIVE');
    },
    reads: 'NOT_ALLOWED_IN_CURRENT_STATE'
  },
  {
    id: 'complete-type-adapter',
    says: 'the type of the item has its files verified: a descriptor without its disk does not complete',
    arrange: async stage => {
      const session = await stage.session(await stage.item({}, 'ovf'));
      const href = '<References><File ovf:id="f" ovf:href="disk.vmdk"/></References>';
      const xmlns = 'xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1"';
      await stage.push(session, 'vm.ovf', `<Envelope ${xmlns}>${href}</Envelope>`);
      return { session };
    },
    ...complete,
    answer: { status: 400, media: 'application/json', is: 'NOT_ALLOWED_IN_CURRENT_STATE; the session stays ACTIVE' },
    check: async (answer, { session }, { library }) => {
      isError(answer, 'NOT_ALLOWED_IN_CURRENT_STATE');
      expect(await library.validate(session!)).toMatchObject({ hasErrors: true, missing: ['disk.vmdk'] });
    },
    reads: 'NOT_ALLOWED_IN_CURRENT_STATE'
  },
  {
    id: 'complete-validate',
    says: 'the client may have the files validated before it completes the session',
    arrange: pushed,
    request: ({ session }) => json('POST', `/api/content/library/item/update-session/${session}/file?action=validate`),
    call: { op: 'file.validate', dialect: 'api', args: complete.call.args },
    answer: { status: 200, media: 'application/json', is: 'the result: no errors' },
    check: async (answer, { session }, { library }) => {
      expect(JSON.parse(answer.body)).toEqual({ has_errors: false, missing_files: [], invalid_files: [] });
      expect((await library.getSession(session!)).state).toBe('ACTIVE');
    },
    reads: value => expect(value).toMatchObject({ has_errors: false })
  },
  {
    id: 'complete-not-found',
    says: 'there is no such session',
    arrange: async () => ({ session: '00000000-0000-4000-8000-000000000000:00000000-0000-4000-8000-000000000001' }),
    ...complete,
    answer: { status: 404, media: 'application/json', is: 'NOT_FOUND' },
    check: answer => isError(answer, 'NOT_FOUND'),
    sample: errorSample('NOT_FOUND'),
    reads: 'NOT_FOUND'
  },
  {
    id: 'complete-pull',
    says: 'the server is still pulling: the call returns early, and the session tells when it is done',
    rules: { validatingMs: 1_000 },
    arrange: async stage => {
      const item = await stage.item();
      const session = await stage.session(item);
      const source = { uri: SOURCE.uri };
      await stage.library.addFile(session, { name: 'a.iso', sourceType: 'PULL', source });
      return { item, session };
    },
    ...complete,
    answer: { status: 204, is: 'nothing; the session stays ACTIVE until the bytes are there, then it is DONE' },
    check: async (_, { item, session }, { library, clock, until }) => {
      expect((await library.getSession(session!)).state).toBe('ACTIVE');
      expect(await library.listItemFiles(item!)).toEqual([]);
      await until(async () => (await library.getFile(session!, 'a.iso')).status === 'VALIDATING');
      await clock.advanceBy(1_000);
      expect((await library.getSession(session!)).state).toBe('DONE');
      expect((await library.listItemFiles(item!)).map(({ name, size }) => [name, size])).toEqual([
        ['a.iso', SOURCE.content.length]
      ]);
    },
    reads: nothing
  },
  {
    id: 'complete-privilege',
    says: 'completing needs no privilege beyond that of being logged in',
    user: 'uploader',
    arrange: pushed,
    ...complete,
    answer: { status: 204, is: 'nothing' },
    reads: nothing
  }
];

export const updateSessionComplete = { document, rows };
