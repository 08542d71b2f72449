// The law is where lifecycles are ruled, and nowhere else: with any line of it taken out, the service behaves differently.
import { describe, expect, it } from 'vitest';
import type { Rules } from '../../src/simulator/service/rules.ts';
import type { OperationName, WireArgs } from '../../src/wire/operations.ts';
import { SELF_SIGNED } from './certificates.ts';
import { DOWNLOAD_STORIES } from './download-stories.ts';
import { Service } from './fixture.ts';
import { linesOfTheLaw } from './law-without.ts';

/** A service whose every answer is written down, also those that a broken law makes. */
class Witness extends Service {
  readonly log: string[] = [];

  override ask(op: OperationName, args: WireArgs = {}) {
    const outcome = super.ask(op, args);
    this.log.push(JSON.stringify([op, outcome.value, outcome.error, outcome.freed]));
    return outcome;
  }

  override happen(...[happening]: Parameters<Service['happen']>) {
    const effect = super.happen(happening);
    this.log.push(JSON.stringify([happening.type, effect.error, effect.attempt, effect.freed]));
    return effect;
  }
}

const ovf = (href: string) => `<Envelope><References><File href="${href}"/></References></Envelope>`;
const pull = (name: string) => ({ name, source_type: 'PULL', source_endpoint: { uri: 'https://x/y' } });
const push = (name: string) => ({ name, source_type: 'PUSH' });
const GRACE: Partial<Rules> = { expiredGraceMs: 1000, endedKeptMs: 1000 };

/** Asks for everything that is not the end of the session. */
function everything(s: Service, id: string): void {
  const args = { update_session_id: id };
  s.ask('session.get', args);
  s.ask('file.list', args);
  s.ask('file.get', { ...args, file_name: 'a' });
  s.ask('session.update', { ...args, spec: {} });
  s.ask('session.keepAlive', args);
  s.ask('file.validate', args);
  s.ask('file.add', { ...args, spec: push('more') });
  s.ask('file.remove', { ...args, file_name: 'more' });
  s.ask('file.remove', { ...args, file_name: 'more' });
}

const ENDS: readonly ((s: Service, id: string, item: string) => void)[] = [
  (s, id) => s.ask('session.complete', { update_session_id: id }),
  (s, id) => s.ask('session.cancel', { update_session_id: id }),
  (s, id) => s.ask('session.fail', { update_session_id: id, client_error_message: 'x' }),
  (s, _, library_item_id) => s.ask('item.delete', { library_item_id }),
  s => {
    s.at += 300_001;
  }
];

/** What people do, and what happens to them. */
const STORIES: readonly ((s: Witness) => void)[] = [
  ...ENDS.flatMap(end =>
    [false, true].map(deleted => (s: Witness) => {
      const item = s.item();
      const id = s.session(item);
      s.push(id, 'a');
      everything(s, id);
      end(s, id, item);
      everything(s, id);
      if (deleted) s.ask('session.delete', { update_session_id: id });
      else s.at += 2_000;
      s.ask('session.list');
    })
  ),
  // A file is added again, or removed, in whatever state it is; then a body comes.
  ...(['file.add', 'file.remove'] as const).flatMap(op =>
    ['waiting', 'transferring', 'validating', 'ready', 'error'].map(state => (s: Witness) => {
      const id = s.session();
      const transfer = s.add(id, 'a', state === 'error' ? { size: 9 } : {});
      if (state !== 'waiting') s.happen({ type: 'begin', transfer });
      if (state === 'validating' || state === 'ready' || state === 'error') {
        s.happen({ type: 'received', transfer, ...s.body(transfer, 'x') });
      }
      if (state === 'ready' || state === 'error') s.at += 100;
      s.ask('file.list', { update_session_id: id });
      s.ask(op, { update_session_id: id, spec: push('a'), file_name: 'a' });
      s.ask('file.list', { update_session_id: id });
    })
  ),
  // A file of the item is left as it is, whatever the session has made of it.
  ...['ready', 'waiting', 'transferring', 'validating', 'error', 'removed'].map(state => (s: Witness) => {
    const id = s.session(s.published({ a: 'old' }));
    const args = { update_session_id: id };
    if (state === 'removed') s.ask('file.remove', { ...args, file_name: 'a' });
    else if (state !== 'ready') {
      const transfer = s.add(id, 'a', state === 'error' ? { size: 9 } : {});
      if (state !== 'waiting') s.happen({ type: 'begin', transfer });
      if (state === 'validating' || state === 'error')
        s.happen({ type: 'received', transfer, ...s.body(transfer, 'x') });
      if (state === 'error') s.at += 100;
    }
    s.ask('file.add', { ...args, spec: { name: 'a', source_type: 'NONE' } });
    s.ask('file.list', args);
  }),
  // Bodies: counted, overtaken, broken off, sent again.
  s => {
    const id = s.session();
    const transfer = s.add(id, 'a');
    s.happen({ type: 'begin', transfer });
    s.happen({ type: 'bytesArrived', transfer, received: 1 });
    s.happen({ type: 'begin', transfer });
    s.happen({ type: 'dropped', transfer });
    s.ask('file.list', { update_session_id: id });
    s.put(transfer, 'x');
    s.at += 100;
    s.put(transfer, 'y');
    s.ask('file.list', { update_session_id: id });
  },
  // The server itself fails, before, while and after the bytes come.
  ...[0, 1, 2].map(steps => (s: Witness) => {
    const id = s.session();
    const transfer = s.add(id, 'a');
    if (steps > 0) s.happen({ type: 'begin', transfer });
    if (steps > 1) s.happen({ type: 'received', transfer, ...s.body(transfer, 'x') });
    s.happen({ type: 'transferFailed', transfer, message: 'disk' });
    s.ask('session.get', { update_session_id: id });
    s.ask('file.list', { update_session_id: id });
  }),
  // What is refused by name, in order.
  s => {
    const id = s.session(s.item('ovf'));
    const args = { update_session_id: id };
    s.push(id, 'vm.ovf', ovf('disk'));
    s.at += 100;
    s.ask('session.complete', args);
    const transfer = s.add(id, 'other');
    s.ask('session.complete', args);
    s.ask('file.validate', args);
    s.put(transfer, 'x');
    s.at += 100;
    s.ask('file.add', { ...args, spec: push('late.mf') });
    s.happen({ type: 'backingGone', library: s.library() });
    s.ask('file.add', { ...args, spec: push('disk') });
  },
  s => {
    s.at = Date.parse('2027-01-01T00:00:00Z');
    const id = s.session(s.item('ovf'));
    s.push(id, 'vm.cert', SELF_SIGNED);
    s.push(id, 'vm.ovf', ovf('vm.cert'));
    s.at += 100;
    s.ask('session.complete', { update_session_id: id });
    s.ask('session.get', { update_session_id: id });
  },
  // Pulls that complete waits for: they come, do not come, or bring what is not fit.
  ...['fit', 'failed', 'lacking', 'signed'].map(what => (s: Witness) => {
    s.at = Date.parse('2027-01-01T00:00:00Z');
    const id = s.session(s.item('ovf'));
    const args = { update_session_id: id };
    const name = what === 'signed' ? 'pulled.cert' : what === 'lacking' ? 'pulled.ovf' : 'pulled';
    s.ask('file.add', { ...args, spec: pull(name) });
    s.ask('file.add', { ...args, spec: pull('second') });
    // A certificate has to be there before the descriptor.
    if (what === 'signed') s.push(id, 'vm.ovf', ovf('pulled.cert'));
    s.at += 100;
    s.ask('session.complete', args);
    everything(s, id);
    const transfers = [name, 'second'].map(file => s.transferOf(id, file));
    if (what === 'failed') s.happen({ type: 'transferFailed', transfer: transfers[0]!, message: 'no route' });
    else {
      for (const [i, transfer] of transfers.entries()) {
        s.put(transfer, i > 0 ? 'x' : what === 'signed' ? SELF_SIGNED : what === 'lacking' ? ovf('in/a/folder') : 'x');
        s.at += 100;
        s.ask('session.get', args);
      }
    }
    s.ask('session.get', args);
    s.ask('file.list', args);
  })
];

/** Everything that happens in all stories, with bodies that are checked at once and that are not. */
function told(law: Service['law']): string {
  const rules = [{}, { validatingMs: 50, preparingMs: 50 }, { dropIsError: true, cancelDeletes: true }];
  return [...STORIES, ...DOWNLOAD_STORIES]
    .flatMap(story =>
      rules.map(more => {
        const s = new Witness({}, { ...GRACE, ...more }, law);
        try {
          story(s);
        } catch (cause) {
          s.log.push(String(cause));
        }
        return s.log.join('\n');
      })
    )
    .join('\n\n');
}

describe('the law of the service', () => {
  const whole = told(new Service().law);
  const lines = linesOfTheLaw();

  it('should be told by stories that go through to their ends', () => {
    expect(lines.length).toBeGreaterThan(60);
    expect(whole).not.toContain('Error: ');
  });

  for (const { name, without } of lines) {
    it(`should need: ${name}`, () => {
      expect(told(without)).not.toBe(whole);
    });
  }
});
