import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failure } from '../../machines/vocabulary.ts';
import type { RunEvent } from '../../src/events/records.ts';
import { applyBytes, applyEvent, emptyModel, isSettled, type Model } from '../../src/observe/fold.ts';
import { breakOff, broken, fileState, MIB, push, retry, started, state } from './log.ts';

function folded(...events: RunEvent[]): Model {
  const model = emptyModel();
  for (const event of events) applyEvent(model, event);
  return model;
}
const todo = { outcome: 'todo', attempts: 0, digests: [] } as const;
const ready = { ...todo, outcome: 'ready' } as const;
const unchanged = { ...todo, outcome: 'unchanged' } as const;
const disk = (model: Model) => model.byName.get('disk1.vmdk');

describe('fold', () => {
  it('should queue all files of the plan, each name once', () => {
    const model = folded(started, started);
    expect(model).toMatchObject({ run: 'r1', server: 'https://vc.example', to: 'images/ubuntu', startedAt: 0 });
    expect(model.files).toEqual([
      { name: 'ubuntu.ovf', size: 1024, role: 'descriptor', state: 'queued', attempt: 0, sent: 0, accepted: 0 },
      { name: 'disk1.vmdk', size: 64 * MIB, role: 'disk', state: 'queued', attempt: 0, sent: 0, accepted: 0 }
    ]);
  });

  it('should follow the upload and each file, and not the machines inside a file', () => {
    const inner: RunEvent = { at: 3, type: 'state', path: 'file:1/pushing', machine: 'attempt', state: 'calling' };
    const model = folded(started, state(1, 'holding.transferring'), fileState(2, 1, 'confirming.asking'), inner);
    expect([model.state, disk(model)?.state]).toEqual(['holding.transferring', 'confirming']);
  });

  it('should take no time for what failed before it began', () => {
    expect(folded({ at: 5, type: 'ended', outcome: 'failed' }).startedAt).toBe(5);
  });

  it('should know a file by its place when the event does not name it', () => {
    const model = folded(started, { at: 1, type: 'state', path: 'file:1', machine: 'upload-file', state: 'adding' });
    expect(model.files.map(file => file.state)).toEqual(['queued', 'adding']);
  });

  it('should pass over what it does not know', () => {
    const model = folded(
      started,
      { at: 1, type: 'state', path: 'file:9', machine: 'upload-file', state: 'adding' },
      { at: 1, type: 'state', path: 'lease', machine: 'lease', state: 'looking' },
      { at: 1, type: 'call', path: 'x', op: 'push', about: 'no such file' },
      { at: 1, type: 'facts', changed: { files: [todo, todo, ready] } },
      { at: 1, type: 'facts', changed: { itemId: 'i' } }
    );
    expect(applyBytes(model, 'no such file', { sent: 5, accepted: 5 })).toBe(0);
    expect(model).toEqual(folded(started));
  });

  it('should begin a push at 0 bytes and count it', () => {
    const model = folded(started, push(1, 1));
    expect(applyBytes(model, 'disk1.vmdk', { sent: 32 * MIB, accepted: 31 * MIB })).toBe(32 * MIB);
    expect(disk(model)).toMatchObject({ attempt: 1, sent: 32 * MIB, accepted: 31 * MIB });
    applyEvent(model, push(2, 1));
    expect(disk(model)).toMatchObject({ attempt: 2, sent: 0, accepted: 0 });
    applyBytes(model, 'disk1.vmdk', { sent: 10, accepted: 0 });
    expect(model.sentInAll).toBe(32 * MIB + 10);
  });

  it('should tell a retry when a wait follows a failure of the same machine, and take the wait back when it goes on', () => {
    const model = folded(started, push(0, 1));
    const told = breakOff(1000).map(event => applyEvent(model, event));
    expect(told).toEqual([undefined, undefined, retry]);
    expect([...model.waits.values()]).toEqual([
      { path: 'file:1/pushing/wait', file: 'disk1.vmdk', until: 3000, why: broken.message }
    ]);
    expect(model.retries).toBe(1);
    applyEvent(model, push(3000, 1));
    expect(model.waits.size).toBe(0);
  });

  it('should tell another retry when the machine asked, learned nothing and waits on', () => {
    const model = folded(started, ...breakOff(1000));
    applyEvent(model, { at: 3000, type: 'answer', path: 'file:1/pushing/ask', op: 'getFile', about: 'disk1.vmdk' });
    const wait = { at: 3000, type: 'waiting', path: 'file:1/pushing/wait', until: 5000 } as const;
    expect(applyEvent(model, wait)).toEqual({ ...retry, at: 3000, until: 5000 });
    expect(model.retries).toBe(2);
  });

  it('should keep the wait whether its state is told before or after it', () => {
    const [answer, waits, wait] = breakOff(0) as [RunEvent, RunEvent, RunEvent];
    expect(folded(started, answer, wait, waits)).toEqual(folded(started, answer, waits, wait));
    expect(folded(started, answer, wait, waits).waits.size).toBe(1);
  });

  it('should show a wait that says why, and none that is a mere pause', () => {
    const why: RunEvent = { at: 0, type: 'waiting', path: 'busy', until: 9, why: 'another session is open' };
    expect([...folded(started, why).waits.values()]).toEqual([
      { path: 'busy', until: 9, why: 'another session is open' }
    ]);
    expect(folded(started, { at: 0, type: 'waiting', path: 'lease/rest', until: 9 }).waits.size).toBe(0);
    expect(folded(started, why).retries).toBe(0);
  });

  it('should forget what a machine waited for when it is gone, and everything at the end', () => {
    const model = folded(started, ...breakOff(0));
    applyEvent(model, { at: 1, type: 'gone', path: 'file:11' });
    expect(model.waits.size).toBe(1);
    applyEvent(model, { at: 1, type: 'gone', path: 'file:1' });
    expect([model.waits.size, model.failures.size]).toEqual([0, 0]);
    const own = folded(started, ...breakOff(0));
    applyEvent(own, { at: 1, type: 'gone', path: 'file:1/pushing' });
    expect(own.waits.size).toBe(0);
    const over = folded(started, ...breakOff(0), { at: 2, type: 'ended', outcome: 'canceled' });
    expect([over.waits.size, over.ended]).toEqual([0, { at: 2, outcome: 'canceled' }]);
  });

  it('should keep why it failed', () => {
    const why = failure('MISSING_FILES', 'disk2.vmdk is missing');
    expect(folded({ at: 2, type: 'ended', outcome: 'failed', failure: why }).ended).toEqual({
      at: 2,
      outcome: 'failed',
      failure: why
    });
  });

  it('should take a READY file for accepted as a whole, and for sent only if it was pushed', () => {
    const pushed = folded(started, push(0, 1), fileState(1, 1, 'ready'));
    expect(disk(pushed)).toMatchObject({ state: 'ready', sent: 64 * MIB, accepted: 64 * MIB });
    const held = folded(started, {
      at: 1,
      type: 'facts',
      changed: { files: [todo, unchanged] }
    });
    expect(disk(held)).toMatchObject({ state: 'unchanged', sent: 0, accepted: 64 * MIB });
    const resumed = folded(started, { at: 1, type: 'facts', changed: { files: [todo, ready] } });
    expect(resumed.files.map(file => file.state)).toEqual(['queued', 'ready']);
  });

  it('should call a file settled when it is ready or failed', () => {
    const model = folded(started, fileState(1, 0, 'failed'), fileState(1, 1, 'pushing'));
    expect(model.files.map(isSettled)).toEqual([true, false]);
    expect(
      folded(started, { at: 1, type: 'facts', changed: { files: [unchanged, ready] } }).files.map(isSettled)
    ).toEqual([true, true]);
  });

  it('should never let counts fall within an attempt or pass the size', () => {
    const step = fc.oneof(
      fc.constant('push' as const),
      fc.record({ sent: fc.nat({ max: 3000 }), accepted: fc.nat({ max: 3000 }) })
    );
    fc.assert(
      fc.property(fc.array(step), steps => {
        const model = folded(started, push(0, 0));
        const file = model.files[0]!;
        for (const given of steps) {
          const before = { ...file };
          if (given === 'push') applyEvent(model, push(0, 0));
          else expect(applyBytes(model, 'ubuntu.ovf', given)).toBe(file.sent - before.sent);
          if (file.attempt === before.attempt) {
            expect(file.sent).toBeGreaterThanOrEqual(before.sent);
            expect(file.accepted).toBeGreaterThanOrEqual(before.accepted);
          }
          expect(Math.max(file.sent, file.accepted)).toBeLessThanOrEqual(file.size);
        }
      })
    );
  });

  describe('of a file that the service fetches', () => {
    const add: RunEvent = { at: 1, type: 'call', path: 'file:1/adding/call', op: 'addFile', about: 'disk1.vmdk' };
    const fetched = (size?: number) =>
      folded({
        ...started,
        files: [{ name: 'disk1.vmdk', ...(size !== undefined && { size }), role: 'disk', pull: true }]
      } as RunEvent);

    it('should begin a try when it is added, and one that is sent should not', () => {
      const model = fetched(100);
      applyEvent(model, add);
      expect(disk(model)).toMatchObject({ attempt: 1, pull: true });
      const sent = folded(started, add);
      expect(disk(sent)?.attempt).toBe(0);
    });
    it('should move by what the service has, and count nothing as sent', () => {
      const model = fetched(100);
      applyEvent(model, add);
      expect([30, 20, 130].map(accepted => applyBytes(model, 'disk1.vmdk', { sent: 0, accepted }))).toEqual([
        30, 0, 70
      ]);
      applyEvent(model, {
        at: 3,
        type: 'state',
        path: 'file:1',
        machine: 'upload-file',
        state: 'ready',
        file: 'disk1.vmdk'
      });
      expect(disk(model)).toMatchObject({ sent: 0, accepted: 100, size: 100 });
      expect(model.sentInAll).toBe(0);
    });
    it('should be as large as what there is of it, until it is there', () => {
      const model = fetched();
      expect(disk(model)).toMatchObject({ size: 0, unsized: true });
      applyBytes(model, 'disk1.vmdk', { sent: 0, accepted: 40 });
      expect(disk(model)).toMatchObject({ size: 40, accepted: 40, unsized: true });
      applyEvent(model, {
        at: 3,
        type: 'state',
        path: 'file:1',
        machine: 'upload-file',
        state: 'ready',
        file: 'disk1.vmdk'
      });
      expect(disk(model)).toMatchObject({ size: 40, accepted: 40, unsized: false });
    });
  });
});
