// Files that an earlier life of a download has left in the folder, kept or found unchanged: what is still said of them.
import { describe, expect, it } from 'vitest';
import { downloadMachine } from '../../machines/workflow/download.ts';
import {
  type DownloadInput,
  type DownloadKnown,
  type DownloadResult,
  type FetchKnown,
  isThere,
  thereBefore
} from '../../machines/workflow/download-facts.ts';
import { A, fromWith, goodItem, preparedIs, SERVES } from './download-samples.ts';
import { HOLD, type Play, play, refuse } from './play.ts';
import { SHA } from './samples.ts';

const B = { name: 'b.bin', size: 1_600, digest: SHA('a') };
const kept = (file: typeof A): FetchKnown => ({
  ...file,
  outcome: 'kept',
  attempts: 1,
  parted: false,
  verified: 'digest'
});
const unchanged = (file: typeof A): FetchKnown => ({ ...kept(file), outcome: 'unchanged', attempts: 0 });

/** A life after one that had found the item, and had no session any more. */
function later(
  files: readonly FetchKnown[],
  answers: Parameters<typeof goodItem>[0],
  more: Partial<DownloadInput & DownloadKnown> = {}
): Play & { readonly end: DownloadResult } {
  const { opened = false, sessionId, generation = 2, ...input } = more;
  const known = { itemId: 'i1', generation, opened, sessionId, before: [], contentVersion: '2', files };
  const its = play(downloadMachine, fromWith({ ...input, known }), goodItem({ listItemFiles: [A, B], ...answers }));
  return { ...its, end: its.output() as unknown as DownloadResult };
}
const SAME = { findTarget: { size: A.size }, digestTarget: A.digest };

describe('a file that was there already in an earlier life', () => {
  it('should be among those that are there, and looked at again', () => {
    const all = ['kept', 'unchanged', 'skipped', 'todo', 'fetching', 'failed'] as const;
    expect(all.filter(outcome => isThere({ outcome }))).toEqual(['kept', 'unchanged']);
    const files = all.map(outcome => ({ ...kept(A), outcome }));
    expect(thereBefore(files)).toEqual([0, 1]);
    expect(thereBefore(files.map(file => ({ ...file, parted: true })))).toEqual([0, 1, 2, 3, 4, 5]);
  });
  it('should stay what it was when it is still the same', () => {
    const its = later([unchanged(A), unchanged(B)], SAME);
    expect(its.end).toMatchObject({ outcome: 'upToDate', files: [unchanged(A), unchanged(B)] });
    expect(its.calls.filter(op => op === 'digestTarget')).toHaveLength(2);
  });
  it('should be fetched when it is gone, in the session that is there', () => {
    const its = later([unchanged(A)], { listItemFiles: [A], findTarget: null }, { opened: true, sessionId: 'd0' });
    expect([its.calls[0], its.end.outcome]).toEqual(['findTarget', 'done']);
    expect(its.end.files).toMatchObject([{ name: 'a.bin', outcome: 'kept', attempts: 1 }]);
  });
  it('should not be called there when it is another one now, or cannot be looked at', () => {
    for (const answers of [{ ...SAME, digestTarget: SHA('f') }, { findTarget: refuse('TARGET_UNWRITABLE') }]) {
      const its = later([unchanged(A)], answers, { opened: true, sessionId: 'd0' });
      expect(its.end.files).toMatchObject([{ outcome: 'failed', verified: 'no' }]);
    }
  });
  it('should not be skipped unread: it is known what it was', () => {
    const its = later([unchanged(A), unchanged(B)], SAME, { ifExists: 'skip' });
    expect(its.end.files.map(({ outcome, verified }) => [outcome, verified])).toEqual([
      ['unchanged', 'digest'],
      ['unchanged', 'digest']
    ]);
  });
});

describe('what an earlier life knew of a file, and does not hold any more', () => {
  it('should not be believed where the service holds another file of that name by now', () => {
    const before = kept({ ...A, digest: SHA('f') });
    const there = { findTarget: { size: A.size }, digestTarget: SHA('f'), listItemFiles: [A] };
    expect(later([before], there).end.files).toMatchObject([{ outcome: 'todo', digest: A.digest }]);
    expect(later([before], there, { ifExists: 'skip' }).end.files).toMatchObject([{ outcome: 'skipped' }]);
    const longer = later([kept({ ...A, size: 7 })], { ...there, listItemFiles: [A], digestTarget: SHA('f') });
    expect(longer.end.files).toMatchObject([{ outcome: 'todo', size: A.size }]);
  });
  it('should be believed where the service says of no file how long it is, or what its bytes are', () => {
    const { digest: _, ...untold } = kept(A);
    const files: FetchKnown[] = [{ ...untold, verified: 'notReported' }];
    const mute = { server: { ...SERVES, reportsSize: false, reportsDigest: false } };
    const its = later(files, { listItemFiles: [A], findTarget: { size: A.size } }, mute);
    expect(its.end).toMatchObject({ outcome: 'done', files: [{ outcome: 'kept', size: A.size }] });
    expect(later(files, { listItemFiles: [A], findTarget: { size: 7 } }, mute).end.failure?.code).toBe(
      'ALREADY_EXISTS'
    );
  });
  it('should not keep it from being fetched where it was skipped, and is gone', () => {
    const skipped: FetchKnown = { ...kept(A), outcome: 'skipped', attempts: 0, verified: 'no' };
    const its = later([skipped], { listItemFiles: [A], findTarget: null }, { ifExists: 'skip' });
    expect(its.end).toMatchObject({ outcome: 'done', files: [{ outcome: 'kept' }] });
  });
});

describe('a file that was about to get its name when an earlier life died, and that no digest can tell', () => {
  const C = { name: 'c.bin', size: 1_600 };
  const naming: FetchKnown = { ...C, outcome: 'todo', attempts: 1, parted: true, verified: 'no', naming: 1_600 };
  const untold = preparedIs('PREPARED', { digest: undefined, name: 'c.bin' });
  const life = (answers: Parameters<typeof goodItem>[0], more: Parameters<typeof later>[2] = {}, file = naming) =>
    later(
      [file],
      { prepareFile: untold, getDownloadFile: untold, listItemFiles: [C], ...answers },
      { opened: true, sessionId: 'd1', ...more }
    );
  const there = (parted?: boolean, size = 1_600) => ({ findTarget: { size, parted } });

  it.each(['fail', 'skip', 'replace'] as const)(
    'should be known again by its part, which is gone (--if-exists %s)',
    ifExists => {
      const its = life(there(false), { ifExists });
      expect(its.end).toMatchObject({ outcome: 'done', files: [{ outcome: 'kept', verified: 'size', parted: false }] });
      expect(its.end.files[0]?.naming).toBeUndefined();
      expect([its.calls.includes('dropPart'), its.calls.includes('keep')]).toEqual([true, false]);
    }
  );
  it('should be known again where nobody says how long it is', () => {
    const unsized = { ...naming, size: undefined };
    const untoldSize = { server: { ...SERVES, reportsSize: false, reportsDigest: false } };
    expect(life(there(false), untoldSize, unsized).end.files).toMatchObject([
      { outcome: 'kept', verified: 'notReported', size: 1_600 }
    ]);
  });
  it('should be known again by a life that reads the item anew', () => {
    const its = life({ ...there(false) }, { opened: false, sessionId: undefined });
    expect(its.end).toMatchObject({ outcome: 'done', files: [{ outcome: 'kept', verified: 'size' }] });
    expect(its.calls).not.toContain('createDownloadSession');
  });
  it('should be somebody else’s where its part is still there, or nobody says, or it is not as long', () => {
    for (const found of [there(true), there(undefined), there(false, 1_599)]) {
      const its = life(found);
      expect([its.end.outcome, its.end.failure?.code]).toEqual(['failed', 'ALREADY_EXISTS']);
      expect(its.calls).not.toContain('keep');
    }
    expect(life(there(false), {}, { ...naming, naming: undefined }).end.failure?.code).toBe('ALREADY_EXISTS');
  });
  it('should get its name from a later life where it has not got it, and replace only what it may', () => {
    const free = life({ findTarget: null, openPart: { size: 1_600 } });
    expect([free.end.outcome, free.calls.includes('fetch'), free.calls.includes('keep')]).toEqual([
      'done',
      false,
      true
    ]);
    const replaced = life({ ...there(true), openPart: { size: 1_600 } }, { ifExists: 'replace' });
    expect([replaced.end.outcome, replaced.calls.includes('keep')]).toEqual(['done', true]);
  });
  it('should get its name beside others that are still fetched', () => {
    const files = [C, { ...C, name: 'd.bin' }];
    const its = life({ findTarget: null, listItemFiles: files }, { opened: false, sessionId: undefined });
    expect(its.end.files).toMatchObject(files.map(({ name }) => ({ name, outcome: 'kept', verified: 'size' })));
    expect(its.calls.filter(op => op === 'keep')).toHaveLength(2);
  });
  it('should be known in the same life, too, where it was stopped while it got its name', () => {
    let isNamed = false;
    const script = goodItem({ listItemFiles: [C], prepareFile: untold, getDownloadFile: untold });
    const its = play(downloadMachine, fromWith(), (call, times, path) => {
      if (call.op === 'findTarget' && isNamed) return { size: 1_600, parted: false };
      if (path.startsWith('lease/look') && isNamed) return refuse('NOT_FOUND');
      if (call.op !== 'keep') return script(call, times, path);
      isNamed = true;
      return HOLD;
    });
    expect([its.output().outcome, its.calls.filter(op => op === 'keep').length]).toEqual(['done', 1]);
    expect(its.output().files).toMatchObject([{ outcome: 'kept', verified: 'size', parted: false }]);
  });
});

describe('a life that finds everything in the folder', () => {
  it('should end as done where an earlier one has fetched some of it, wherever that stands in the list', () => {
    for (const files of [
      [kept(A), unchanged(B)],
      [unchanged(A), kept(B)]
    ]) {
      const its = later(files, SAME);
      expect(its.end).toMatchObject({ outcome: 'done', files });
      expect(its.calls).not.toContain('createDownloadSession');
    }
  });
  it('should end as up to date where nothing of it was fetched', () => {
    expect(later([], SAME).end.outcome).toBe('upToDate');
  });
  it('should not end before the rest is fetched, too', () => {
    const nextTo = ({ name }: { readonly name: string }) => (name === 'a.bin' ? { size: A.size } : null);
    const script = goodItem({ listItemFiles: [A, B] });
    const known = { itemId: 'i1', generation: 2, opened: false, before: [], contentVersion: '2', files: [kept(A)] };
    const its = play(downloadMachine, fromWith({ known }), (call, times, path) =>
      call.op === 'findTarget' ? nextTo(call.args) : script(call, times, path)
    );
    expect(its.output()).toMatchObject({ outcome: 'done', files: [{ outcome: 'kept' }, { outcome: 'kept' }] });
    expect(its.calls.filter(op => op === 'fetch')).toHaveLength(1);
  });
});
