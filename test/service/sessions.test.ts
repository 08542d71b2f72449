// Update sessions: the table of states and operations, creation, expiry, progress, privacy.
import { describe, expect, it } from 'vitest';
import type { OperationName, WireArgs } from '../../src/wire/operations.ts';
import { type Model, Service, START } from './fixture.ts';

const STATES = ['ACTIVE', 'DONE', 'ERROR', 'CANCELED', 'expired', 'gone'] as const;
type State = (typeof STATES)[number];

/** A service with a session in the state; an expired one is within its grace. It holds one READY file `a.iso`. */
function sessionIn(state: State): { s: Service; id: string; args: WireArgs } {
  const s = new Service({}, { expiredGraceMs: 1000 });
  const id = s.session();
  s.push(id, 'a.iso');
  const args = { update_session_id: id };
  if (state === 'DONE') s.complete(id);
  if (state === 'ERROR') s.do('session.fail', { ...args, client_error_message: 'broke' });
  if (state === 'CANCELED') s.do('session.cancel', args);
  if (state === 'expired') s.at += 300_001;
  if (state === 'gone') {
    s.do('session.cancel', args);
    s.do('session.delete', args);
  }
  return { s, id, args };
}

const NA = 'NOT_ALLOWED_IN_CURRENT_STATE';
const reads = { ACTIVE: 'ok', DONE: 'ok', ERROR: 'ok', CANCELED: 'ok', expired: 'ok', gone: 'NOT_FOUND' };
const changes = { ACTIVE: 'ok', DONE: NA, ERROR: NA, CANCELED: NA, expired: NA, gone: 'NOT_FOUND' };
const TABLE: readonly [OperationName, WireArgs, Readonly<Record<State, string>>][] = [
  ['session.get', {}, reads],
  ['session.list', { update_session_id: undefined }, { ...reads, gone: 'ok' }],
  ['file.list', {}, reads],
  ['file.get', { file_name: 'a.iso' }, reads],
  ['session.update', { spec: {} }, changes],
  ['session.keepAlive', {}, changes],
  ['session.complete', {}, changes],
  ['session.cancel', {}, changes],
  ['session.fail', { client_error_message: 'no' }, changes],
  ['session.delete', {}, { ...reads, ACTIVE: NA }],
  ['file.add', { spec: { name: 'b', source_type: 'PUSH' } }, changes],
  ['file.remove', { file_name: 'a.iso' }, changes],
  ['file.validate', {}, changes]
];

describe('an update session', () => {
  for (const [op, more, cells] of TABLE) {
    for (const state of STATES) {
      it(`should answer ${op} with ${cells[state]} when it is ${state}`, () => {
        const { s, args } = sessionIn(state);
        expect(s.ask(op, { ...args, ...more }).error?.error_type ?? 'ok').toBe(cells[state]);
      });
    }
  }

  for (const state of STATES) {
    const answer = state === 'ACTIVE' ? undefined : 'NOT_FOUND';
    it(`should answer a body with ${answer ?? 'welcome'} when it is ${state}`, () => {
      const s = new Service({}, { expiredGraceMs: 1000 });
      const id = s.session();
      const transfer = s.add(id, 'a.iso');
      const args = { update_session_id: id };
      if (state === 'DONE') {
        s.put(transfer, 'x');
        s.complete(id);
      }
      if (state === 'ERROR') s.do('session.fail', { ...args, client_error_message: 'broke' });
      if (state === 'CANCELED' || state === 'gone') s.do('session.cancel', args);
      if (state === 'expired') s.at += 300_001;
      if (state === 'gone') s.do('session.delete', args);
      expect(s.put(transfer, 'y').error?.error_type).toBe(answer);
    });
  }

  it('should say operation, state and reason when the state has no place for it', () => {
    const { s, args } = sessionIn('ERROR');
    expect(s.refusal('session.complete', args)).toBe(
      `${NA} com.vmware.vdcs.cls-main.update_session_invalid_state_for_operation_reason complete ERROR broke`
    );
    const expired = sessionIn('expired');
    expect(expired.s.refusal('session.keepAlive', expired.args)).toContain('keep-alive ERROR The update session has');
    const done = sessionIn('DONE');
    expect(done.s.ask('session.cancel', done.args).error?.messages[0]?.default_message).toBe(
      'The operation cancel is not allowed in the state DONE.'
    );
  });

  it('should begin ACTIVE with what the service promises', () => {
    const s = new Service();
    const item = s.item();
    const id = s.session(item);
    expect(id).toMatch(/^[0-9a-f-]{36}:guid$/);
    expect(s.get(id)).toEqual({
      id,
      library_item_id: item,
      library_item_content_version: '1',
      client_progress: 0,
      state: 'ACTIVE',
      expiration_time: new Date(START + 300_000).toISOString(),
      preview_info: { state: 'UNAVAILABLE' }
    });
  });

  it('should be the only ACTIVE one of its item', () => {
    const s = new Service();
    const item = s.item();
    const first = s.session(item);
    expect(s.refusal('session.create', { spec: { library_item_id: item } })).toBe(
      `RESOURCE_BUSY shelver.simulator.another_update_session one ${first}`
    );
    s.session(s.item('', 'two'));
    s.do('session.cancel', { update_session_id: first });
    expect(s.session(item)).not.toBe(first);
  });

  it('should be refused without an item, on one that is not there, and in a subscribed library', () => {
    const libraries = [
      { name: 'images', items: [] },
      { name: 'theirs', type: 'SUBSCRIBED' as const, items: [{ name: 'x' }] }
    ];
    const s = new Service({ libraries });
    expect(s.refusal('session.create', { spec: {} })).toContain('INVALID_ARGUMENT');
    expect(s.refusal('session.create')).toContain('INVALID_ARGUMENT');
    expect(s.refusal('session.create', { spec: { library_item_id: 'x' } })).toContain('NOT_FOUND');
    const [item] = s.do<string[]>('item.find', { spec: { name: 'x' } });
    expect(s.refusal('session.create', { spec: { library_item_id: item } })).toContain('INVALID_ELEMENT_TYPE');
  });

  it('should be refused beyond the most that there may be', () => {
    const s = new Service({}, { maxSessions: 1 });
    s.session();
    const spec = { library_item_id: s.item('', 'two') };
    expect(s.refusal('session.create', { spec })).toContain('UNABLE_TO_ALLOCATE_RESOURCE');
  });

  it('should be the same for the same token, of the same user, until it is deleted', () => {
    const s = new Service();
    const item = s.item();
    const client_token = 'AAAAAAAA-0000-4000-8000-000000000000';
    const create = () => s.do<string>('session.create', { spec: { library_item_id: item }, client_token });
    const id = create();
    expect(create()).toBe(id);
    expect(s.do('session.create', { spec: {}, client_token: client_token.toLowerCase() })).toBe(id);
    s.user = 'other';
    expect(s.refusal('session.create', { spec: { library_item_id: item }, client_token })).toContain('RESOURCE_BUSY');
    s.user = 'me';
    s.do('session.cancel', { update_session_id: id });
    expect(create()).toBe(id);
    s.do('session.delete', { update_session_id: id });
    expect(create()).not.toBe(id);
  });

  it('should be refused for a token that is not a UUID', () => {
    const s = new Service();
    const spec = { library_item_id: s.item() };
    for (const client_token of ['x', 5]) {
      expect(s.refusal('session.create', { spec, client_token })).toContain('INVALID_ARGUMENT shelver.simulator.token');
    }
  });

  it('should be nobody else’s', () => {
    const s = new Service();
    const id = s.session();
    s.user = 'other';
    expect(s.do('session.list')).toEqual([]);
    expect(s.refusal('session.get', { update_session_id: id })).toContain('NOT_FOUND');
    const open = new Service({}, { foreignSessions: 'open' });
    const shown = open.session();
    open.user = 'other';
    expect(open.get(shown).id).toBe(shown);
  });

  it('should be listed in the order of creation, and by item', () => {
    const s = new Service();
    const items = Array.from({ length: 9 }, (_, i) => s.item('', `item ${i}`));
    const ids = items.map(item => s.session(item));
    expect(s.do('session.list')).toEqual(ids);
    expect(s.do('session.list', { library_item_id: items[4] })).toEqual([ids[4]]);
    expect(s.refusal('session.list', { library_item_id: 'x' })).toContain('NOT_FOUND');
  });

  it('should show the message of the client after fail', () => {
    const { s, id } = sessionIn('ERROR');
    expect(s.get(id)).toMatchObject({
      state: 'ERROR',
      error_message: { id: 'shelver.simulator.client_error', default_message: 'broke', args: ['broke'] }
    });
    expect(s.refusal('session.fail', { update_session_id: id })).toContain('INVALID_ARGUMENT');
  });

  it('should keep the highest progress, and refuse one that is none', () => {
    const s = new Service();
    const id = s.session();
    const progress = (client_progress: unknown) =>
      s.ask('session.keepAlive', { update_session_id: id, client_progress });
    progress(40);
    expect(progress(30).error).toBeUndefined();
    expect(s.get(id).client_progress).toBe(40);
    for (const bad of [-1, 101]) expect(progress(bad).error?.error_type).toBe('INVALID_ARGUMENT');
    expect(s.get(id).client_progress).toBe(40);
  });

  it('should take the behaviour on warnings, and keep it when it is unset', () => {
    const s = new Service();
    const spec = { library_item_id: s.item(), warning_behavior: [{ type: 'A', ignored: true }] };
    const id = s.do<string>('session.create', { spec });
    const args = { update_session_id: id };
    s.do('session.update', { ...args, spec: { library_item_id: 'ignored' } });
    expect(s.get(id).warning_behavior).toEqual([{ type: 'A', ignored: true }]);
    s.do('session.update', { ...args, spec: { warning_behavior: [] } });
    expect(s.get(id)).not.toHaveProperty('warning_behavior');
  });

  it('should answer get with the id among the arguments, or not at all', () => {
    const s = new Service();
    expect(s.refusal('session.get')).toContain('missing_property update_session_id');
    expect(s.refusal('session.get', { update_session_id: '__proto__' })).toContain('NOT_FOUND');
  });
});

describe('time', () => {
  it('should end a session after five idle minutes, not before', () => {
    const s = new Service();
    const id = s.session();
    s.at += 300_000;
    s.happen({ type: 'tick' });
    expect(s.do<string[]>('session.list')).toEqual([id]);
    s.at += 1;
    expect(s.do('session.list')).toEqual([]);
    expect(s.refusal('session.get', { update_session_id: id })).toContain('NOT_FOUND');
  });

  it('should be put off by any successful call and by bytes, not by a refused one', () => {
    const s = new Service();
    const id = s.session();
    const transfer = s.add(id, 'a');
    const acts: (() => void)[] = [
      () => s.get(id),
      () => s.do('session.keepAlive', { update_session_id: id }),
      () => s.do('file.list', { update_session_id: id }),
      () => s.happen({ type: 'begin', transfer }),
      () => s.happen({ type: 'bytesArrived', transfer, received: 1 }),
      () => s.happen({ type: 'received', transfer, ...s.body(transfer, 'x') })
    ];
    for (const act of acts) {
      s.at += 200_000;
      act();
    }
    expect(s.get(id).expiration_time).toBe(new Date(s.at + 300_000).toISOString());
    s.at += 200_000;
    s.refusal('file.get', { update_session_id: id, file_name: 'missing' });
    s.at += 200_000;
    s.refusal('session.get', { update_session_id: id });
  });

  it('should show an expired session as ERROR within its grace, then not at all', () => {
    const s = new Service({ sessionTimeoutMs: 10 }, { expiredGraceMs: 100 });
    const id = s.session();
    s.push(id, 'a');
    s.at += 11;
    expect(s.get(id)).toMatchObject({
      state: 'ERROR',
      error_message: { default_message: 'The update session has expired.' }
    });
    expect(s.freed).toEqual(['blob-1']);
    s.at += 100;
    s.refusal('session.get', { update_session_id: id });
  });

  it('should free the item of an expired session', () => {
    const s = new Service();
    const item = s.item();
    s.session(item);
    s.at += 300_001;
    s.session(item);
  });

  it('should sweep ended sessions, whose tokens then are free again', () => {
    const s = new Service({}, { endedKeptMs: 1000 });
    const item = s.item();
    const client_token = 'aaaaaaaa-0000-4000-8000-000000000000';
    const id = s.do<string>('session.create', { spec: { library_item_id: item }, client_token });
    const transfer = s.push(id, 'a');
    s.complete(id);
    s.at += 1001;
    expect(s.do('session.list')).toEqual([]);
    expect(s.put(transfer, 'x').error?.error_type).toBe('NOT_FOUND');
    expect(s.do('session.create', { spec: { library_item_id: item }, client_token })).not.toBe(id);
  });

  it('should expire a session now when told so, and only one that can', () => {
    const s = new Service();
    const id = s.session();
    expect(s.happen({ type: 'expire', session: id }).error).toBeUndefined();
    s.refusal('session.get', { update_session_id: id });
    expect(s.happen({ type: 'expire', session: 'unknown' }).error).toBeUndefined();
    const done = s.session(s.item('', 'two'));
    s.complete(done);
    expect(s.happen({ type: 'expire', session: done }).error?.error_type).toBe(NA);
    expect(s.get(done).state).toBe('DONE');
  });

  it('should know when it is next needed', () => {
    const s = new Service();
    expect(s.state.dueAt).toBeNull();
    s.session();
    expect(s.state.dueAt).toBe(START + 300_000);
    s.at += 300_001;
    s.happen({ type: 'tick' });
    expect(s.state.dueAt).toBeNull();
  });
});

describe('a login, where the door has none of its own', () => {
  it('should be what the caller says', () => {
    const s = new Service();
    expect(s.do('login.get')).toEqual({ user: 'me' });
    expect(s.do('login.create')).toMatch(/^[0-9a-f-]{36}$/);
    expect(s.do<Model | undefined>('login.delete')).toBeUndefined();
  });
});
