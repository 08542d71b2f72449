import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type Failed, failure } from '../../machines/vocabulary.ts';
import type { CallSpec, Op } from '../../machines/workflow/calls.ts';
import { effects } from '../../src/effects/calls.ts';
import { performCall } from '../../src/effects/perform.ts';
import { type ContentLibrary, PortFailure, type PushRequest } from '../../src/ports.ts';
import { ARGS, CONTENT, counting, never, OPS, OWN } from './counting.ts';

const SIGNAL = { signal: never };

/** What each port method is asked with: the second half of the translation. */
const ASKED: Partial<Record<Op, readonly unknown[]>> = {
  findLibraries: [{ name: 'images' }, SIGNAL],
  getLibrary: ['l', SIGNAL],
  findItems: [{ libraryId: 'l', name: 'fox' }, SIGNAL],
  createItem: [
    { libraryId: 'l', name: 'fox', type: 'iso' },
    { token: 't', ...SIGNAL }
  ],
  createSession: [{ itemId: 'i' }, { token: 't', ...SIGNAL }],
  listSessions: [{ itemId: 'i' }, SIGNAL],
  updateSession: ['s', { warnings: [{ type: 'W', ignored: true }] }, SIGNAL],
  keepAlive: ['s', 40, SIGNAL],
  failSession: ['s', 'm', SIGNAL],
  addFile: [
    's',
    { name: 'fox.bin', size: 19, digest: { algorithm: 'SHA1', checksum: 'ab' }, sourceType: 'PUSH' },
    SIGNAL
  ],
  getFile: ['s', 'fox.bin', SIGNAL],
  removeFile: ['s', 'fox.bin', SIGNAL],
  validate: ['s', SIGNAL],
  keepLogin: [SIGNAL],
  createDownloadSession: [{ itemId: 'i' }, { token: 't', ...SIGNAL }],
  keepDownloadAlive: ['s', 40, SIGNAL],
  failDownload: ['s', 'm', SIGNAL],
  findTarget: ['fox.bin', 'r', SIGNAL],
  openPart: ['fox.bin', 'r', SIGNAL],
  keep: ['fox.bin', true, SIGNAL],
  dropPart: ['fox.bin', 'r', SIGNAL]
};

describe('an effect', () => {
  it('should have a test for every one there is', () => {
    expect(OPS.sort()).toEqual(Object.keys(effects).sort());
  });

  it.each(OPS.filter(op => !OWN.includes(op)))('should make one port call and no other: %s', async op => {
    const { means, calls, reads } = counting();
    const answer = await performCall(means, { op, args: ARGS[op] } as CallSpec, never);
    expect(calls.map(([method]) => method)).toEqual([op]);
    expect(reads()).toBe(0);
    const asked = ASKED[op];
    if (asked !== undefined) expect(calls[0]![1]).toEqual(asked);
    // What a port answers with nothing, the machine hears as null: undefined is no JSON.
    expect([op, null]).toContain(answer.value);
    expect(answer).toMatchObject({ at: 1_000, luck: 0.25 });
  });

  it.each(OPS.filter(op => !OWN.includes(op)))('should fail as the port fails, after one call: %s', async op => {
    const told = failure('UNAVAILABLE', 'come back later', { retryAfterMs: 7_000 });
    const { means, calls } = counting(() => {
      throw new PortFailure(told);
    });
    const failed = await performCall(means, { op, args: ARGS[op] } as CallSpec, never).catch((cause: Failed) => cause);
    expect(failed).toEqual({ at: 1_000, luck: 0.25, failure: told });
    expect(calls).toHaveLength(1);
  });

  it('should read its source once for a digest, and free the hasher', async () => {
    const { means, calls, reads, disposed } = counting();
    const { value } = await performCall(means, { op: 'digest', args: ARGS.digest }, never);
    expect(value).toEqual({ algorithm: 'SHA256', checksum: createHash('sha256').update(CONTENT).digest('hex') });
    expect([calls.length, reads(), disposed()]).toEqual([0, 1, 1]);
  });

  it('should free the hasher also when the source breaks', async () => {
    const { means, disposed } = counting();
    const source = {
      size: 1,
      read: async function* (): AsyncGenerator<Uint8Array> {
        yield new Uint8Array(0);
        throw new PortFailure(failure('SOURCE_CHANGED', 'fox.bin has shrunk'));
      }
    };
    const failed = performCall(
      { ...means, files: [{ name: 'fox.bin', source }] },
      { op: 'digest', args: ARGS.digest },
      never
    );
    await expect(failed).rejects.toMatchObject({ failure: { code: 'SOURCE_CHANGED' } });
    expect(disposed()).toBe(1);
  });

  it('should push the planned source to the address it is given, and tell how far it is', async () => {
    const { means, calls, sent } = counting();
    await performCall(means, { op: 'push', args: ARGS.push }, never);
    const [request] = calls[0]![1] as [PushRequest];
    expect(request).toMatchObject({
      uri: ARGS.push.uri,
      hash: ['SHA1'],
      source: (means.files[0] as { source: unknown }).source
    });
    expect(sent).toEqual([['fox.bin', 7]]);
  });

  it('should fetch into the part from where it came to, and count what is written', async () => {
    const { means, written, received } = counting();
    const { value } = await performCall(means, { op: 'fetch', args: ARGS.fetch }, never);
    expect([value, written, received]).toEqual([{ received: 19 }, [[15, 4]], [['fox.bin', 19]]]);
  });

  it('should say how far a fetch came that broke off', async () => {
    const told = failure('CONNECTION', 'the connection broke');
    const { means } = counting(() => {
      throw new PortFailure(told);
    });
    const failed = performCall(means, { op: 'fetch', args: ARGS.fetch }, never);
    await expect(failed).rejects.toMatchObject({ failure: { ...told, received: 19 } });
  });

  it('should read what is in the folder for its digest', async () => {
    const { means, disposed } = counting();
    const { value } = await performCall(means, { op: 'digestTarget', args: ARGS.digestTarget }, never);
    expect(value).toEqual({ algorithm: 'SHA256', checksum: createHash('sha256').update(CONTENT).digest('hex') });
    expect(disposed()).toBe(1);
  });

  it('should call a folder that is not there a defect', async () => {
    const { means } = counting();
    const failed = performCall({ ...means, target: undefined }, { op: 'keep', args: ARGS.keep }, never);
    await expect(failed).rejects.toMatchObject({
      failure: { code: 'INTERNAL', message: 'Error: there is no folder to download to' }
    });
  });

  it('should call a file that is not planned a defect', async () => {
    const { means } = counting();
    const failed = performCall(means, { op: 'push', args: { ...ARGS.push, file: 3 } }, never);
    await expect(failed).rejects.toMatchObject({
      failure: { code: 'INTERNAL', message: 'Error: the plan has no file 3 to read' }
    });
  });

  it('should take its time and luck when it is answered, not when it is asked', async () => {
    const { means, clock } = counting();
    const library = { ...means.library, getItem: async () => clock.sleepUntil(5_000) } as unknown as ContentLibrary;
    const answered = performCall({ ...means, library }, { op: 'getItem', args: { id: 'i' } }, never);
    expect(await clock.run(answered)).toMatchObject({ at: 5_000 });
  });
});
