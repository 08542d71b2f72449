// Complete that was not answered, and is refused when it is sent again because a late request has unsettled a file.
import { describe, expect, it } from 'vitest';
import type { CallSpec } from '../../machines/workflow/calls.ts';
import { uploadMachine } from '../../machines/workflow/upload.ts';
import { byOp, play, refuse, turns } from './play.ts';
import { fileIs, GOOD, inputWith, POLICY, sessionIs, SHA } from './samples.ts';

const NAMES = ['a.bin', 'b.bin', 'c.bin'];
const LOST = refuse('CONNECTION', { ambiguous: true });
const REFUSED = refuse('NOT_ALLOWED_IN_CURRENT_STATE');

/** @param completes the answers to complete; the session is DONE after one that is good */
function upload(completes: readonly unknown[], listFiles: unknown, order: readonly string[] = NAMES) {
  const files = order.map(name => ({ name, size: 1_600, role: 'plain' as const }));
  const made: string[] = [];
  let state = 'ACTIVE';
  const script = byOp({
    ...GOOD,
    complete: turns(...completes),
    listFiles,
    listItemFiles: files.map(({ name }) => ({ name, size: 1_600, digest: SHA('a') }))
  });
  const told = (call: CallSpec): string =>
    'name' in call.args && call.op !== 'findItems' ? `${call.op} ${call.args.name}` : call.op;
  const its = play(
    uploadMachine,
    inputWith({ files, policy: { ...POLICY, parallel: 3 } }),
    (call, times, path) => {
      made.push(told(call));
      if (call.op === 'getSession') return sessionIs(state);
      const value = script(call, times, path);
      if (call.op === 'complete' && value === null) state = 'DONE';
      return value;
    },
    { holdWaits: path => path.startsWith('lease/') || path.startsWith('watch') }
  );
  return { its, made };
}

describe('an upload whose complete was not answered, and finds a file unsettled afterwards', () => {
  const unsettled = ['READY', 'WAITING_FOR_TRANSFER', 'READY'].map((status, index) =>
    fileIs(status, { name: NAMES[index] as string })
  );
  it('should send that file again, and only that, validate and complete', () => {
    const { its, made } = upload([LOST, REFUSED, null], unsettled);
    expect(its.output()).toMatchObject({ outcome: 'done', generation: 1 });
    const after = made.slice(made.lastIndexOf('listFiles') + 1);
    expect(after.filter(call => /^(addFile|push|validate|complete)/.test(call))).toEqual([
      'addFile b.bin',
      'push b.bin',
      'validate',
      'complete'
    ]);
  });
  it('should go by names: the service may list them in an order of its own', () => {
    const { made } = upload([LOST, REFUSED, null], [...unsettled.slice(1), ...unsettled.slice(0, 1)]);
    expect(made.filter(call => call.startsWith('push'))).toHaveLength(NAMES.length + 1);
    expect(made.filter(call => call.startsWith('addFile b.bin'))).toHaveLength(2);
  });
  it('should pay for the complete that is sent again, and not for the one after the files: it is a new one', () => {
    const { its } = upload([LOST, REFUSED, null], unsettled);
    // LOST is paid for as a broken connection.
    expect(its.draws).toEqual([POLICY.breakCost]);
  });
  it('should rest a moment, and look again, while the service looks at what has come', () => {
    const looked = [fileIs('VALIDATING'), ...unsettled.slice(1)];
    const { its, made } = upload([LOST, REFUSED, null], turns(looked, looked, unsettled));
    expect(its.output()).toMatchObject({ outcome: 'done' });
    expect(made.filter(call => call === 'listFiles')).toHaveLength(3);
    expect(made.filter(call => call.startsWith('addFile a.bin'))).toHaveLength(1);
  });
  it('should fail with the refusal when that does not end', () => {
    const { its, made } = upload([LOST, REFUSED], unsettled);
    expect(its.output()).toMatchObject({
      outcome: 'failed',
      failure: { code: 'NOT_ALLOWED_IN_CURRENT_STATE', message: 'scripted NOT_ALLOWED_IN_CURRENT_STATE' }
    });
    expect(made.filter(call => call === 'push b.bin')).toHaveLength(POLICY.maxAttempts);
  });
});
