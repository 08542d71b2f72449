// What is read from the item where no session can be asked any more: what it held before counts.
import { describe, expect, it } from 'vitest';
import type { ItemFile } from '../../machines/vocabulary.ts';
import { removedFrom, unproven } from '../../machines/workflow/upload/reading.ts';
import { uploadMachine } from '../../machines/workflow/upload.ts';
import type { Known, UploadContext, UploadInput, Verified } from '../../machines/workflow/upload-facts.ts';
import { byOp, play, refuse } from './play.ts';
import { GOOD, inputWith, knownWith, SERVER, sessionIs } from './samples.ts';

const A: ItemFile = { name: 'a.bin', size: 1_600 };
const OLD: ItemFile = { name: 'old.bin', size: 7 };

describe('what a replacement has removed', () => {
  const after = (outcome: UploadContext['outcome'], more: Partial<UploadInput> = {}): string[] =>
    removedFrom({
      input: inputWith({ ifExists: 'replace', ...more }),
      held: [A, OLD],
      outcome
    } as unknown as UploadContext);
  it('should be what the item held besides', () => {
    expect(after('done')).toEqual(['old.bin']);
  });
  it.each<[string, string[]]>([
    ['the run was not done', [...after('failed'), ...after('canceled'), ...after('upToDate'), ...after(undefined)]],
    ['nothing was to be replaced', [...after('done', { ifExists: 'update' }), ...after('done', { ifExists: 'skip' })]],
    ['the server removes no files', after('done', { server: { ...SERVER, removesFiles: false } })]
  ])('should be nothing where %s', (_, removed) => {
    expect(removed).toEqual([]);
  });
});

describe('a file of which an equal size is all that can be seen', () => {
  interface Seen {
    readonly held?: readonly ItemFile[];
    readonly version?: string;
    readonly verified?: Verified;
    readonly file?: Partial<UploadInput['files'][number]>;
  }
  const doubted = ({ held = [A], version = '1', verified = 'size', file }: Seen): string[] =>
    unproven({
      input: inputWith({ files: [{ name: 'a.bin', size: 1_600, role: 'plain', ...file } as never] }),
      verified: [{ verified }],
      held,
      contentVersion: version,
      versionBefore: '1'
    } as unknown as UploadContext);

  it.each<[string, Seen]>([
    ['the item held it before in the same version', {}],
    ['the item held one before whose size it did not tell', { held: [OLD, { name: 'a.bin' }] }],
    ['the size of the new one is not known', { file: { size: undefined } }],
    ['it is not there, or another one, in whatever version', { verified: 'no', held: [], version: '2' }],
    [
      'it is an archive, and a descriptor was there before',
      { file: { role: 'archive' }, held: [{ name: 'x.ovf' }], verified: 'notReported' }
    ]
  ])('should not count where %s', (_, seen) => {
    expect(doubted(seen)).toEqual(['a.bin']);
  });
  it.each<[string, Seen]>([
    ['the item has come on by a version', { version: '2' }],
    ['the item held none of that name', { held: [OLD, { name: 'b.bin', size: 1_600 }] }],
    ['the item held one of another size', { held: [{ name: 'a.bin', size: 1 }] }],
    ['it is an archive, and there was no descriptor', { file: { role: 'archive' }, verified: 'notReported' }],
    ['it was compared', { verified: 'digest' }],
    ['the item keeps none of its kind', { verified: 'notKept' }]
  ])('should count where %s', (_, seen) => {
    expect(doubted(seen)).toEqual([]);
  });
});

describe('a later life whose session is gone after complete', () => {
  const later = (known: Partial<Known>, more: Partial<typeof GOOD> = {}) => {
    const script = byOp({ ...GOOD, listItemFiles: [A], ...more });
    const its = play(
      uploadMachine,
      inputWith({
        server: { ...SERVER, reportsDigest: false },
        known: knownWith({ asked: true, ...known })
      }),
      (call, times, path) => {
        if (path === 'reconcile/call') return refuse('NOT_FOUND');
        return call.op === 'getSession'
          ? sessionIs(path === 'settle/call' ? 'DONE' : 'ACTIVE')
          : script(call, times, path);
      }
    );
    const { outcome, generation, versionBefore } = its.output();
    return { outcome, generation, versionBefore };
  };
  it('should believe the size where the item has another version than before the run', () => {
    expect(later({ held: [A], versionBefore: '1' })).toEqual({ outcome: 'done', generation: 1, versionBefore: '1' });
  });
  it('should believe the size where the item held no such file before the run', () => {
    expect(later({ held: [], versionBefore: '2' })).toMatchObject({ outcome: 'done', generation: 1 });
  });
  it('should send again where the item may still hold what it held', () => {
    expect(later({ held: [A], versionBefore: '2' })).toMatchObject({ outcome: 'done', generation: 2 });
  });
});
