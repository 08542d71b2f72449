// A service that never says READY, as vcsim: that a late request has unsettled a file is told by a refusal only, and not which.
import { describe, expect, it } from 'vitest';
import type { Op } from '../../machines/workflow/calls.ts';
import { uploadMachine } from '../../machines/workflow/upload.ts';
import type { UploadInput } from '../../machines/workflow/upload-facts.ts';
import { byOp, play, refuse, turns } from './play.ts';
import { fileIs, GOOD, inputWith, SERVER, sessionIs } from './samples.ts';

const UNREADY = refuse('NOT_ALLOWED_IN_CURRENT_STATE');
const NAMES = ['a.bin', 'b.bin'];

/** Both files stay WAITING_FOR_TRANSFER for ever. */
function upload(answers: Partial<Record<Op, unknown>>, more: Partial<UploadInput> = {}) {
  const sent: string[] = [];
  let state = 'ACTIVE';
  const script = byOp({
    ...GOOD,
    listFiles: NAMES.map(name => fileIs('WAITING_FOR_TRANSFER', { name })),
    listItemFiles: NAMES.map(name => ({ name })),
    ...answers
  });
  const input = inputWith({
    files: NAMES.map(name => ({ name, size: 1_600, role: 'plain' })),
    server: { ...SERVER, reportsReady: false, reportsSize: false, reportsDigest: false },
    ...more
  });
  const its = play(uploadMachine, input, (call, times, path) => {
    if (call.op === 'push') sent.push(call.args.name);
    if (call.op === 'getSession') return sessionIs(state);
    const value = script(call, times, path);
    if (call.op === 'complete' && value === null) state = 'DONE';
    return value;
  });
  return { sent, sessions: its.calls.filter(op => op === 'createSession').length, output: its.output() };
}

describe('an upload to a service that never says READY, and refuses what a late request has unsettled', () => {
  it.each(['validate', 'complete'] as const)('should send all files again in the same session: %s', op => {
    const { sent, sessions, output } = upload({ [op]: turns(UNREADY, GOOD[op]) });
    expect(output).toMatchObject({ outcome: 'done' });
    expect([sent, sessions]).toEqual([[...NAMES, ...NAMES], 1]);
  });

  it('should do so no more than once: what is refused then is refused for another reason', () => {
    const { sent, output } = upload({ validate: UNREADY });
    expect(output).toMatchObject({ outcome: 'failed', failure: { code: 'NOT_ALLOWED_IN_CURRENT_STATE' } });
    expect(sent).toEqual([...NAMES, ...NAMES]);
  });

  it('should do so again and again where READY is said, since only what lacks it is sent', () => {
    const settled = NAMES.map(name => fileIs('READY', { name }));
    const unsettled = [fileIs('WAITING_FOR_TRANSFER', { name: 'a.bin' }), settled[1]];
    const two = turns(UNREADY, UNREADY, GOOD.validate);
    const getFile = fileIs('READY', { size: 1_600 });
    const { sent, output } = upload({ validate: two, listFiles: unsettled, getFile }, { server: SERVER });
    expect(output).toMatchObject({ outcome: 'done' });
    expect(sent).toEqual([...NAMES, 'a.bin', 'a.bin']);
  });
});
