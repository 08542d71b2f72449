// Seed 000, what it says of the preview and its warnings: signed content whose certificate vouches for itself.
import { expect } from 'vitest';
import { SELF_SIGNED } from '../../service/certificates.ts';
import { type Document, json, type Names, type SeedRow } from './row.ts';
import type { Stage } from './stage.ts';
import { isError, document as whole } from './update-session-create.ts';

const document: Document = { ...whole, title: 'UpdateSession.create, preview and warnings' };

const PATH = '/api/content/library/item/update-session';
const ignoring = [{ type: 'SELF_SIGNED_CERTIFICATE', ignored: true }];

/** A session with signed content in it, all received. */
async function signed(stage: Stage, ignored = false): Promise<Names> {
  const itemId = await stage.item({}, 'ovf');
  const session = await stage.library.createSession({ itemId, ...(ignored && { warnings: ignoring }) });
  await stage.push(session, 'vm.cert', `SHA256(vm.mf)= 00\n${SELF_SIGNED}`);
  await stage.push(session, 'vm.ovf', '<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1"/>');
  return { item: itemId, session };
}
const complete: Pick<SeedRow, 'request' | 'call'> = {
  request: ({ session }) => json('POST', `${PATH}/${session}?action=complete`),
  call: { op: 'session.complete', dialect: 'api', args: ({ session }) => ({ update_session_id: session }) }
};
const nothing = (value: unknown) => expect(value).toBeUndefined();

const rows: readonly SeedRow[] = [
  {
    id: 'preview',
    says: 'while the session is ACTIVE its preview tells of the certificate, and what it warns of',
    arrange: signed,
    request: ({ session }) => json('GET', `${PATH}/${session}`),
    call: { op: 'session.get', dialect: 'api', args: complete.call.args },
    answer: { status: 200, media: 'application/json', is: 'the model, with preview_info' },
    check: answer => {
      const { preview_info } = JSON.parse(answer.body) as { preview_info: unknown };
      expect(preview_info).toMatchObject({
        state: 'AVAILABLE',
        certificate_info: {
          issuer: 'CN=Publisher',
          subject: 'CN=Publisher',
          self_signed: true,
          x509: expect.anything()
        },
        warnings: [{ type: 'SELF_SIGNED_CERTIFICATE', ignored: false, message: { default_message: expect.anything() } }]
      });
    },
    reads: value => expect(value).toMatchObject({ preview_info: { warnings: [{ ignored: false }] } })
  },
  {
    id: 'warning-fails',
    says: 'a warning that the client does not ignore fails the session',
    arrange: signed,
    ...complete,
    answer: { status: 400, media: 'application/json', is: 'NOT_ALLOWED_IN_CURRENT_STATE; the session is in ERROR' },
    check: async (answer, { item, session }, { library }) => {
      isError(answer, 'NOT_ALLOWED_IN_CURRENT_STATE');
      const { state, errorMessage } = await library.getSession(session!);
      expect([state, errorMessage]).toEqual(['ERROR', expect.stringContaining('SELF_SIGNED_CERTIFICATE')]);
      expect(await library.listItemFiles(item!)).toEqual([]);
    },
    reads: 'NOT_ALLOWED_IN_CURRENT_STATE'
  },
  {
    id: 'warning-ignored',
    says: 'a warning that was to be ignored when the session was created does not',
    arrange: stage => signed(stage, true),
    ...complete,
    answer: { status: 204, is: 'nothing; the session is DONE' },
    check: async (_, { session }, { library }) => {
      expect((await library.getSession(session!)).state).toBe('DONE');
    },
    reads: nothing
  },
  {
    id: 'warning-ignored-later',
    says: 'the same can be said of a session that is open already',
    arrange: signed,
    request: ({ session }) => json('PATCH', `${PATH}/${session}`, { warning_behavior: ignoring }),
    call: {
      op: 'session.update',
      dialect: 'api',
      args: ({ session }) => ({ update_session_id: session, spec: { warning_behavior: ignoring } })
    },
    answer: { status: 204, is: 'nothing; then the session completes' },
    check: async (_, { session }, { library }) => {
      await library.complete(session!);
      expect((await library.getSession(session!)).state).toBe('DONE');
    },
    reads: nothing
  }
];

export const updateSessionWarnings = { document, rows };
