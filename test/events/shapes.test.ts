import { describe, expect, it } from 'vitest';
import { recordsOf } from '../../src/events/reading.ts';
import { faultOfRecords } from '../../src/events/shapes.ts';
import type { Journal, JournalRecord } from '../../src/ports.ts';

const RUN = 'run-1';
const NAME = { name: 'a.iso' };
const DIGEST = { algorithm: 'SHA1', checksum: 'aa' };
const FILE = { outcome: 'todo', attempts: 0, digests: [DIGEST], reported: DIGEST };
const FETCHED = {
  outcome: 'kept',
  attempts: 1,
  name: 'a',
  size: 3,
  digest: DIGEST,
  parted: true,
  naming: 3,
  verified: 'no'
};
const BEGUN = { kind: 'upload', server: 'vc', place: 'images/fox', files: [{ ...NAME, size: 3, version: 'v' }] };
const BEGUN_ALL = { ...BEGUN, user: 'me', spec: {} };
const FACTS = {
  library: { id: 'l', name: 'images' },
  itemId: 'i',
  itemMade: true,
  making: false,
  creatingAt: 1.5,
  itemDoubtedAt: 2,
  sessionDoubtedAt: 3,
  removing: true,
  generation: 1,
  opened: true,
  sessionId: 's',
  before: ['x'],
  beforeDoubt: [],
  asked: true,
  done: false,
  wish: 'Ctrl-C',
  failure: { code: 'NOT_FOUND', message: 'gone' },
  held: [NAME, { ...NAME, size: 1, digest: DIGEST }],
  versionBefore: '1',
  contentVersion: '2',
  files: { 0: FILE }
};
const ENDED = { outcome: 'failed', left: true };

const record = ([type, data]: readonly [string, unknown]): JournalRecord => ({ v: 1, run: RUN, at: 7, type, data });
const fault = (...records: (readonly [string, unknown])[]) => faultOfRecords(records.map(record));

describe('the records of a run', () => {
  it('should be used as they were written, with what nobody here knows', () => {
    expect(fault(['begun', BEGUN], ['facts', FACTS], ['facts', { another: 7 }], ['ended', ENDED])).toBeUndefined();
    expect(fault(['begun', BEGUN_ALL], ['noted', 7], ['constructor', {}])).toBeUndefined();
    expect(fault(['begun', { ...BEGUN, kind: 'download' }], ['facts', { files: { 0: FETCHED } }])).toBeUndefined();
    expect(fault(['facts', {}], ['facts', { files: {} }], ['facts', { toString: 'x' }])).toBeUndefined();
  });
  it.each([
    ...[null, 7, 'x', [], undefined].map(data => ['begun', data] as const),
    ...[
      { kind: 'copy' },
      { server: 1 },
      { place: undefined },
      { user: null },
      { spec: 'x' },
      { spec: [] },
      { spec: null }
    ].map(wrong => ['begun', { ...BEGUN, ...wrong }] as const),
    ...[
      {},
      'x',
      [7],
      [{}],
      [{ ...NAME, size: -1 }],
      [{ ...NAME, size: '1' }],
      [{ ...NAME, version: 1 }],
      [NAME, {}]
    ].map(files => ['begun', { ...BEGUN, files }] as const),
    ...[null, 7, 'x', [], {}, { outcome: 'done' }, { left: true }, { outcome: 1, left: true }].map(
      data => ['ended', data] as const
    ),
    ...[null, 7, 'x', []].map(data => ['facts', data] as const)
  ])('should not be used with %s as %j', (type, data) => {
    expect(fault([type, data])).toBe(`a record of the kind ${type} is not as it was written`);
  });

  // A value of every kind but the right one.
  const OTHERS: readonly unknown[] = ['x', 7, -1, 0.5, true, {}, [], ['x'], [7], [{}], Number.NaN];
  const RIGHT: Readonly<Record<string, readonly unknown[]>> = {
    string: ['x'],
    boolean: [true],
    instant: [7, -1, 0.5],
    count: [7],
    texts: [[], ['x']],
    listed: [[]],
    fields: [],
    files: [{}]
  };
  const kindOf = (name: string): string => {
    if (name === 'before' || name === 'beforeDoubt') return 'texts';
    if (name === 'held') return 'listed';
    if (name === 'files') return 'files';
    if (name === 'generation') return 'count';
    const type = typeof FACTS[name as keyof typeof FACTS];
    return type === 'number' ? 'instant' : type === 'object' ? 'fields' : type;
  };
  it.each(Object.keys(FACTS))('should not be used where the fact %s is none of what it may be', name => {
    const right = (RIGHT[kindOf(name)] as readonly unknown[]).map(value => JSON.stringify(value));
    for (const value of OTHERS) {
      const mayBe = right.includes(JSON.stringify(value));
      expect([value, fault(['facts', { [name]: value }]) === undefined]).toEqual([value, mayBe]);
    }
  });
  it('should take back only what may be taken back', () => {
    const lasting = ['generation', 'opened', 'before', 'files'];
    for (const name of Object.keys(FACTS))
      expect([name, fault(['facts', { [name]: null }]) === undefined]).toEqual([name, !lasting.includes(name)]);
    expect(fault(['facts', { sessionId: 's', opened: null }])).toBeDefined();
  });
  it.each<readonly [string, unknown]>([
    ['library', { id: 'l' }],
    ['library', { id: 'l', name: null }],
    ['failure', { code: 'NOT_FOUND' }],
    ['failure', { message: 'x' }],
    ['failure', { code: 'NO_SUCH_CODE', message: 'x' }],
    ['failure', { code: 'toString', message: 'x' }],
    ['held', [{ size: 1 }]],
    ['held', [{ ...NAME, size: -1 }]],
    ['held', [NAME, { ...NAME, digest: { algorithm: 'MD5' } }]],
    ['files', [FILE]],
    ['files', null],
    ['files', { 0: null }],
    ['files', { 0: FILE, x: FILE }],
    ['files', { '0x': FILE }],
    ['files', { '-0': FILE }],
    ['files', { 100000: FILE }],
    ['files', { 1000000: FILE }],
    ...[
      { outcome: 1 },
      { attempts: -1 },
      { attempts: 0.5 },
      { digests: [{}] },
      { digests: DIGEST },
      { reported: { algorithm: 1, checksum: 'aa' } },
      { name: 1 },
      { size: 'x' },
      { digest: 'aa' },
      { parted: 'yes' },
      { naming: true },
      { verified: 1 }
    ].map(wrong => ['files', { 0: { ...FILE, ...wrong } }] as const)
  ])('should not be used with the fact %s as %j', (name, value) => {
    expect(fault(['facts', { [name]: value }])).toBe('a record of the kind facts is not as it was written');
  });

  it('should know every file up to the last', () => {
    const files = (...indexes: number[]) => ({ files: Object.fromEntries(indexes.map(index => [index, FILE])) });
    expect(fault(['facts', files(0, 1)], ['facts', files(2)], ['facts', files(1)])).toBeUndefined();
    expect(fault(['facts', files(99_999)])).toBe('a file is missing');
    for (const lacking of [files(1), files(0, 2), files(0, 1, 3)])
      expect(fault(['facts', lacking])).toBe('a file is missing');
    expect(fault(['facts', files(0)], ['facts', files(2)])).toBe('a file is missing');
    expect(fault(['noted', files(7)])).toBeUndefined();
  });
  it.each([
    ['upload', ['todo', 'ready', 'failed', 'unchanged']],
    ['download', ['todo', 'kept', 'unchanged', 'skipped', 'failed']]
  ])('should know what may become of a file of an %s', (kind, outcomes) => {
    const all = ['todo', 'ready', 'failed', 'unchanged', 'kept', 'skipped', '', 'done'];
    for (const outcome of all) {
      const wrong = fault(['begun', { ...BEGUN, kind }], ['facts', { files: { 0: { ...FILE, outcome } } }]);
      const expected = outcomes.includes(outcome)
        ? undefined
        : 'what became of a file is none of what may become of it';
      expect([outcome, wrong]).toEqual([outcome, expected]);
    }
  });
});

describe('what is read of a run', () => {
  const journal = (...records: JournalRecord[]) => ({ read: async () => records }) as unknown as Journal;
  it('should be its records, or one sentence that says what to do', async () => {
    const sound = [record(['begun', BEGUN]), record(['facts', FACTS])];
    expect(await recordsOf(journal(...sound), RUN)).toEqual(sound);
    await expect(recordsOf(journal(record(['ended', {}])), RUN)).rejects.toMatchObject({
      failure: {
        code: 'JOURNAL',
        message: `what the journal holds of the run ${RUN} cannot be used: a record of the kind ended is not as it was written`,
        next: expect.stringContaining('shelver sessions ls')
      }
    });
  });
  it.each([
    [2, '2'],
    [1.5, 'unknown']
  ])('should not be records of another version: %d', async (v, said) => {
    const newer = { ...record(['begun', BEGUN]), v };
    await expect(recordsOf(journal(record(['facts', {}]), newer), RUN)).rejects.toMatchObject({
      failure: { code: 'JOURNAL', message: expect.stringContaining(`(version ${said} of its records)`) }
    });
  });
});
