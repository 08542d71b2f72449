// What `complete` and `add` refuse first when several things are wrong at once: each refusal is shown with everything that
// comes after it also wrong.
import { describe, expect, it } from 'vitest';
import type { StateValue } from 'xstate';
import { judge } from '../../machines/law.ts';
import {
  type SessionSummary,
  type UpdateSessionEvent,
  updateSessionMachine
} from '../../machines/service/update-session.ts';
import type { Failure } from '../../machines/vocabulary.ts';
import { bytesOf, failureOf } from '../simulator/doors.ts';
import { DIALECTS, requestOf } from './calls.ts';
import { type Answer, descriptor, openWorld, SELF_SIGNED, type World } from './world.ts';

const OPEN = { ACTIVE: 'open' } as const;
const judged = (state: StateValue, event: UpdateSessionEvent) => judge(updateSessionMachine, state, event);

describe('the law', () => {
  const WRONG: SessionSummary = {
    notReceived: [{ name: 'a', status: 'WAITING_FOR_TRANSFER' }],
    missing: ['b'],
    invalid: ['c'],
    warnings: ['SELF_SIGNED_CERTIFICATE'],
    pullsRunning: 1,
    pullsFailed: 1
  };
  const complete = (repaired: Partial<SessionSummary>): UpdateSessionEvent => ({
    type: 'complete',
    summary: { ...WRONG, ...repaired }
  });
  const received = { notReceived: [] };
  const present = { ...received, missing: [] };
  const fit = { ...present, invalid: [] };
  const ignored = { ...fit, warnings: [] };

  it.each([
    ['a file that was not received', complete({}), 'fileNotReceived'],
    ['a missing file', complete(received), 'missingOrInvalidFiles'],
    ['an invalid file', complete(present), 'missingOrInvalidFiles']
  ])('should let complete be refused first for %s', (_, event, refusal) => {
    expect(judged(OPEN, event)).toEqual({ allowed: false, refusal });
  });

  it.each([
    ['a warning', complete(fit), 'ERROR'],
    ['running pulls', complete(ignored), { ACTIVE: 'completing' }],
    ['nothing', complete({ ...ignored, pullsRunning: 0, pullsFailed: 0 }), 'DONE']
  ])('should let complete go on, where there is %s', (_, event, state) => {
    expect(judged(OPEN, event)).toEqual({ allowed: true, state });
  });

  it.each(['DONE', 'ERROR', 'CANCELED', 'expired', 'gone', { ACTIVE: 'completing' }])(
    'should look at the state %j before anything else',
    state => {
      const wrong = { allowed: false, refusal: 'wrongState' };
      expect(judged(state, complete({}))).toEqual(wrong);
      expect(judged(state, { type: 'file.validate', summary: WRONG })).toEqual(wrong);
      const summary = { backingGone: true, manifestAfterDescriptor: true };
      expect(judged(state, { type: 'file.add', summary })).toEqual(wrong);
    }
  );

  it('should refuse to add for want of storage before it looks at the file', () => {
    const add = (backingGone: boolean) =>
      judged(OPEN, {
        type: 'file.add',
        summary: { backingGone, manifestAfterDescriptor: true }
      });
    expect(add(true)).toEqual({ allowed: false, refusal: 'backingGone' });
    expect(add(false)).toEqual({ allowed: false, refusal: 'manifestAfterDescriptor' });
  });
});

const NA = 'NOT_ALLOWED_IN_CURRENT_STATE';
const WRONG_STATE = 'shelver.simulator.operation_in_wrong_state';
const FOR_A_REASON = 'com.vmware.vdcs.cls-main.update_session_invalid_state_for_operation_reason';
const NOT_RECEIVED = 'com.vmware.vdcs.cls-main.update_session_file_not_received';
const MISSING_OR_INVALID = 'com.vmware.vdcs.cls-main.update_session_has_missing_or_invalid_files';
const WARNING = 'shelver.simulator.warning_not_ignored';

/** A session on an OVF item with everything wrong that can be: repaired one by one, in the order of the checks. */
async function allWrong() {
  const world = await openWorld();
  const { library, bytes } = world.simulator.ports();
  const session = await library.createSession({ itemId: world.package });
  const add = async (name: string) => (await library.addFile(session, { name, sourceType: 'PUSH' })).uploadUri!;
  const push = async (name: string, content: string) =>
    bytes.push({ uri: await add(name), source: bytesOf(content), hash: [] });
  await push('vm.cert', SELF_SIGNED);
  await push('vm.ovf', descriptor('disk.vmdk'));
  await push('other.ovf', 'not a descriptor');
  await add('late.iso');
  const source = { uri: 'http://elsewhere/pulled.iso' };
  await library.addFile(session, { name: 'pulled.iso', sourceType: 'PULL', source });
  const repair = {
    late: () => library.removeFile(session, 'late.iso'),
    missing: () => push('disk.vmdk', 'disk'),
    invalid: () => library.removeFile(session, 'other.ovf'),
    warning: () => library.updateSession(session, { warnings: [{ type: 'SELF_SIGNED_CERTIFICATE', ignored: true }] }),
    pull: () => bytes.push({ uri: world.pullUri('pulled.iso'), source: bytesOf('pulled'), hash: [] })
  };
  return { world, library, session, repair };
}

type Complete = (world: World, session: string) => Promise<{ type?: string; id?: string; args?: readonly string[] }>;

const overHttp =
  (dialect: 'api' | 'rest'): Complete =>
  async (world, session) => {
    const request = requestOf(dialect, 'complete', { session, item: world.package, file: '' });
    const answer = await world.ask(request);
    if (answer.status === request.ok) return {};
    const error = errorIn(answer, dialect);
    expect([error.error_type, answer.status]).toEqual([error.error_type, error.error_type === NA ? 400 : 404]);
    return { type: error.error_type, id: error.messages[0]!.id, args: error.messages[0]!.args };
  };

const overThePort: Complete = async (world, session) => {
  const failure: Failure | undefined = await failureOf(world.simulator.ports().library.complete(session));
  if (failure === undefined) return {};
  const [said] = failure.service!.messages;
  return { type: failure.code, id: said!.id, args: said!.args };
};

describe.each([
  ['the port', overThePort] as const,
  ...DIALECTS.map(dialect => [`HTTP in /${dialect}`, overHttp(dialect)] as const)
])('complete over %s', (_, complete) => {
  it('should refuse what is wrong in the order of the documentation, and stay ACTIVE meanwhile', async () => {
    const { world, library, session, repair } = await allWrong();
    const missing = (args: string[]) => ({ type: NA, id: MISSING_OR_INVALID, args });
    expect(await complete(world, session)).toEqual({ type: NA, id: NOT_RECEIVED, args: ['late.iso', 'WAITING'] });
    await repair.late();
    expect(await complete(world, session)).toEqual(missing(['disk.vmdk', 'other.ovf']));
    await repair.missing();
    expect(await complete(world, session)).toEqual(missing(['', 'other.ovf']));
    expect((await library.getSession(session)).state).toBe('ACTIVE');
    await repair.invalid();
    await repair.warning();
    expect(await complete(world, session)).toEqual({});
    expect((await library.getSession(session)).state).toBe('ACTIVE');
    expect(await complete(world, session)).toEqual({ type: NA, id: WRONG_STATE, args: ['complete', 'ACTIVE', ''] });
    await repair.pull();
    expect((await library.getSession(session)).state).toBe('DONE');
    await world.close();
  });

  it('should end a session with a warning that is not ignored in ERROR, although pulls run', async () => {
    const { world, library, session, repair } = await allWrong();
    await repair.late();
    await repair.missing();
    await repair.invalid();
    expect(await complete(world, session)).toEqual({ type: NA, id: WARNING, args: ['SELF_SIGNED_CERTIFICATE'] });
    const { state, errorMessage = '' } = await library.getSession(session);
    expect([state, errorMessage]).toEqual(['ERROR', expect.stringContaining('SELF_SIGNED_CERTIFICATE')]);
    expect(await complete(world, session)).toEqual({
      type: NA,
      id: FOR_A_REASON,
      args: ['complete', 'ERROR', errorMessage]
    });
    await world.close();
  });

  it('should look at the state before the files, and at the session before its state', async () => {
    const { world, library, session } = await allWrong();
    await library.cancelSession(session);
    expect(await complete(world, session)).toEqual({ type: NA, id: WRONG_STATE, args: ['complete', 'CANCELED', ''] });
    await library.deleteSession(session);
    expect((await complete(world, session)).type).toBe('NOT_FOUND');
    expect((await complete(world, 'nothing:nowhere')).type).toBe('NOT_FOUND');
    await world.close();
  });
});

interface WireError {
  readonly error_type: string;
  readonly messages: readonly { readonly id: string; readonly args: readonly string[] }[];
}

function errorIn({ body }: Answer, dialect: 'api' | 'rest'): WireError {
  if (dialect === 'api') return body as WireError;
  const { type, value } = body as { type: string; value: WireError };
  expect(type).toBe(`com.vmware.vapi.std.errors.${value.error_type.toLowerCase()}`);
  return value;
}
