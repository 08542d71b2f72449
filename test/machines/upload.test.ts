import { describe, expect, it } from 'vitest';
import { uploadMachine } from '../../machines/workflow/upload.ts';
import type { CallSpec } from '../../machines/workflow/calls.ts';
import { byOp, play, refuse, type Script } from './play.ts';
import { fileIs, GOOD, inputWith, sessionIs } from './samples.ts';

/** A service that knows whether it was completed. */
export function service(more: Partial<Record<keyof typeof GOOD, unknown>> = {}): Script {
  let state = 'ACTIVE';
  const table = byOp({ ...GOOD, ...more });
  return (call: CallSpec, times, path) => {
    const value = table(call, times, path);
    if (call.op === 'complete' && value === null) state = 'DONE';
    if (call.op === 'getSession' && value === undefined) return sessionIs(state);
    return value;
  };
}

describe('the upload plan', () => {
  it('should take a new item from nothing to done, and delete its session', () => {
    const { calls, output } = play(uploadMachine, inputWith(), service());
    expect(output()).toMatchObject({
      outcome: 'done',
      itemId: 'i1',
      itemMade: true,
      verified: [{ verified: 'digest' }],
      contentVersion: '2'
    });
    expect(
      calls.filter(op => op !== 'getSession' && op !== 'keepAlive' && op !== 'keepLogin' && op !== 'listFiles')
    ).toEqual([
      'findLibraries',
      'getLibrary',
      'findItems',
      'createItem',
      'listSessions',
      'createSession',
      'addFile',
      'push',
      'getFile',
      'validate',
      'complete',
      'listItemFiles',
      'getItem',
      'deleteSession'
    ]);
  });
  it('should say upToDate without sending when the item holds the same bytes', () => {
    const { calls, output } = play(
      uploadMachine,
      inputWith({
        files: [
          { name: 'a.bin', size: 1_600, role: 'plain', digest: { algorithm: 'SHA256', checksum: 'a'.repeat(64) } }
        ]
      }),
      service({ findItems: ['i1'] })
    );
    expect(output()).toMatchObject({ outcome: 'upToDate' });
    expect(calls).toEqual(['findLibraries', 'getLibrary', 'findItems', 'getItem', 'listItemFiles']);
  });
  it('should fail the session, delete it and the empty item when a file cannot be sent', () => {
    const { calls, output } = play(
      uploadMachine,
      inputWith(),
      service({ addFile: refuse('UNAUTHORIZED'), listItemFiles: [] })
    );
    expect(output()).toMatchObject({ outcome: 'failed', failure: { code: 'UNAUTHORIZED' } });
    expect(calls.slice(-4)).toEqual(['failSession', 'deleteSession', 'listItemFiles', 'deleteItem']);
  });
  it('should wait for its files when the service still receives them', () => {
    const { output } = play(uploadMachine, inputWith(), service({ getFile: fileIs('READY', { size: 1_600 }) }));
    expect(output()).toMatchObject({ outcome: 'done' });
  });
});
