// Sessions that were said to be over: what still goes to them, and a service that takes its word back.
import { describe, expect, it } from 'vitest';
import type { Op } from '../../machines/workflow/calls.ts';
import { downloadMachine } from '../../machines/workflow/download.ts';
import type { DownloadInput, DownloadKnown } from '../../machines/workflow/download-facts.ts';
import { uploadMachine } from '../../machines/workflow/upload.ts';
import type { UploadInput } from '../../machines/workflow/upload-facts.ts';
import { A, downloadIs, fromWith, goodItem } from './download-samples.ts';
import { byOp, HOLD, type Play, type PlayOptions, play, refuse } from './play.ts';
import { GOOD, inputWith, knownWith, POLICY, sessionIs } from './samples.ts';

/** What is asked of the session, by the path of who asks; anything else as the script of the item has it. */
type Told = (path: string, op: Op) => unknown;

const GONE = refuse('NOT_FOUND');
const DEAF = refuse('UNAUTHORIZED');
/** What must not be sent to a session that is known to be over (S6). */
const ends = ({ calls }: Play): string[] => calls.filter(op => /^(fail|cancel|delete)[DS]/.test(op));
const failed = ({ output }: Play): unknown => (output() as { failure?: { code: string } }).failure?.code;

function download(told: Told, input: Partial<DownloadInput> = {}, options: PlayOptions = {}): Play {
  const script = goodItem();
  return play(
    downloadMachine,
    fromWith(input),
    (call, times, path) => told(path, call.op) ?? script(call, times, path),
    options
  );
}
function upload(told: Told, input: Partial<UploadInput> = {}, options: PlayOptions = {}): Play {
  const script = byOp({ ...GOOD, getSession: sessionIs('ACTIVE'), listItemFiles: [] });
  return play(
    uploadMachine,
    inputWith(input),
    (call, times, path) => told(path, call.op) ?? script(call, times, path),
    options
  );
}
const KNOWN_DOWNLOAD: DownloadKnown = {
  itemId: 'i1',
  generation: 1,
  opened: true,
  sessionId: 'd0',
  before: [],
  contentVersion: '2',
  files: [{ ...A, outcome: 'todo', attempts: 1, parted: false, verified: 'no' }]
};
const cancelAt = (op: Op): PlayOptions => ({ cancelAt: call => call.op === op });

describe('a session that a later life reads as over, and that cannot be deleted at once', () => {
  it.each(['ERROR', 'CANCELED'])('should be neither failed nor canceled any more when it is %s (download)', state => {
    const told: Told = (path, op) => {
      if (path === 'reconcile/call') return downloadIs(state);
      return op === 'deleteDownloadSession' && path === 'clear/call' ? DEAF : undefined;
    };
    const its = download(told, { known: KNOWN_DOWNLOAD });
    expect([failed(its), ends(its)]).toEqual(['UNAUTHORIZED', ['deleteDownloadSession', 'deleteDownloadSession']]);
    const wished = download(told, { known: KNOWN_DOWNLOAD }, cancelAt('deleteDownloadSession'));
    expect([failed(wished), new Set(ends(wished))]).toEqual(['CANCELED', new Set(['deleteDownloadSession'])]);
  });
  it.each(['ERROR', 'CANCELED'])('should be neither failed nor canceled any more when it is %s (upload)', state => {
    const told: Told = (path, op) => {
      if (path === 'reconcile/call') return sessionIs(state);
      return op === 'deleteSession' && path === 'clear/call' ? DEAF : undefined;
    };
    const its = upload(told, { known: knownWith() });
    expect([failed(its), ends(its)]).toEqual(['UNAUTHORIZED', ['deleteSession', 'deleteSession']]);
    const wished = upload(told, { known: knownWith() }, cancelAt('deleteSession'));
    expect([failed(wished), new Set(ends(wished))]).toEqual(['CANCELED', new Set(['deleteSession'])]);
  });
});

describe('a session that is over, and cannot be asked again', () => {
  it('should only be deleted where its first look says that it is over (download)', () => {
    const its = download(path => {
      if (path === 'readSession/call') return downloadIs('ERROR');
      return path === 'reconcile/call' ? DEAF : undefined;
    });
    expect([failed(its), ends(its)]).toEqual(['UNAUTHORIZED', ['deleteDownloadSession']]);
  });
  it('should only be deleted where the lease says that it is gone (download)', () => {
    const its = download((path, op) => {
      if (path === 'lease/look/call') return GONE;
      if (op === 'fetch') return HOLD;
      return path === 'reconcile/call' ? DEAF : undefined;
    });
    expect([failed(its), ends(its)]).toEqual(['UNAUTHORIZED', ['deleteDownloadSession']]);
  });
  it('should only be deleted where the lease, or a call, says that it is gone (upload)', () => {
    const byLease: Told = (path, op) => {
      if (path === 'lease/look/call') return GONE;
      if (op === 'push') return HOLD;
      return path === 'reconcile/call' ? DEAF : undefined;
    };
    const byWatch: Told = (path, op) => {
      if (path === 'watch/call') return GONE;
      if (op === 'push') return HOLD;
      return path === 'reconcile/call' ? DEAF : undefined;
    };
    for (const [told, held] of [
      [byLease, 'watch'],
      [byWatch, 'lease/']
    ] as const) {
      const its = upload(told, {}, { holdWaits: path => path.startsWith(held) });
      expect([failed(its), ends(its)]).toEqual(['UNAUTHORIZED', ['deleteSession']]);
    }
  });
});

describe('a session that is said now to be gone, and now to be there', () => {
  /** The lease loses the session so many times, and each time the session itself says that it is there. */
  const lostFor = (times: number, there: unknown, moves: Op): Told => {
    let lost = 0;
    return (path, op) => {
      if (path === 'lease/look/call' && lost < times) {
        lost += 1;
        return GONE;
      }
      if (path === 'reconcile/call') return there;
      return op === moves && lost < times ? HOLD : undefined;
    };
  };
  const contradicted = { code: 'SERVER_ERROR', message: expect.stringMatching(/now that it is gone, and now that/) };

  it('should be gone on with as often as a call is tried, a first look in a later life not counted (download)', () => {
    const again = download(lostFor(POLICY.maxAttempts, downloadIs('ACTIVE'), 'fetch'), { known: KNOWN_DOWNLOAD });
    expect(again.output()).toMatchObject({ outcome: 'done', generation: 1, sessionId: 'd0' });
  });
  it('should be failed and deleted when that goes on (download)', () => {
    const its = download(lostFor(POLICY.maxAttempts + 1, downloadIs('ACTIVE'), 'fetch'));
    expect(its.output()).toMatchObject({ outcome: 'failed', failure: contradicted, sessionId: 'd1' });
    expect(ends(its)).toEqual(['failDownload', 'deleteDownloadSession']);
  });
  it('should be gone on with as often as a call is tried, a first look in a later life not counted (upload)', () => {
    const done: Told = (path, op) =>
      path === 'settle/call' ? sessionIs('DONE') : op === 'listItemFiles' ? GOOD.listItemFiles : undefined;
    const lost = lostFor(POLICY.maxAttempts, sessionIs('ACTIVE'), 'push');
    const again = upload(
      (path, op) => lost(path, op) ?? done(path, op),
      { known: knownWith() },
      { holdWaits: path => path.startsWith('watch') }
    );
    expect(again.output()).toMatchObject({ outcome: 'done', generation: 1, sessionId: 's0' });
  });
  it('should be gone on with when it is asked for another reason after that (upload)', () => {
    const lost = lostFor(POLICY.maxAttempts, sessionIs('ACTIVE'), 'push');
    let validated = 0;
    const its = upload(
      (path, op) => {
        if (op === 'validate' && validated++ === 0) return refuse('NOT_ALLOWED_IN_CURRENT_STATE');
        if (path === 'settle/call') return sessionIs('DONE');
        return lost(path, op) ?? (op === 'listItemFiles' ? GOOD.listItemFiles : undefined);
      },
      {},
      { holdWaits: path => path.startsWith('watch') }
    );
    expect([its.output().outcome, validated]).toEqual(['done', 2]);
  });
  it('should be failed and deleted when that goes on (upload)', () => {
    const lost = lostFor(POLICY.maxAttempts + 1, sessionIs('ACTIVE'), 'push');
    const its = upload(lost, {}, { holdWaits: path => path.startsWith('watch') });
    expect(its.output()).toMatchObject({ outcome: 'failed', failure: contradicted, sessionId: 's1' });
    expect(ends(its)).toEqual(['failSession', 'deleteSession']);
  });
});
