// What a run is taken up by again: its first record, its last, and whether the files are still what they were.
import { describe, expect, it } from 'vitest';
import { type BegunFile, beginningOf, changedSince, endingOf } from '../../src/events/beginning.ts';
import { downloadFactsOf, fold } from '../../src/events/facts.ts';
import { memoryJournal } from '../../src/events/memory-journal.ts';
import { RECORD_VERSION, recordsOf } from '../../src/events/reading.ts';
import { downloadMachine } from '../../machines/workflow/download.ts';
import type { JournalRecord } from '../../src/ports.ts';
import { start } from '../../src/step.ts';
import { fromWith } from '../machines/download-samples.ts';

const RUN = '6a3c1d52-0d6e-4c7b-9a51-2f1c00000000';
const record = (type: string, data: object, v = RECORD_VERSION): JournalRecord => ({ v, run: RUN, at: 0, type, data });

describe('the first and the last record', () => {
  it('should be found among the others, the last one of its kind', () => {
    const early = { outcome: 'failed', left: true };
    const late = { outcome: 'done', left: false };
    const records = [record('facts', {}), record('begun', { place: 'a/b' }), record('ended', early)];
    expect(beginningOf(records)).toEqual({ place: 'a/b' });
    expect(endingOf([...records, record('ended', late), record('facts', {})])).toEqual(late);
    expect([beginningOf([]), endingOf([record('facts', {})])]).toEqual([undefined, undefined]);
  });

  it('should be read only where this version knows what they mean', async () => {
    const journal = memoryJournal();
    expect(await recordsOf(journal, RUN)).toEqual([]);
    const first = record('begun', { kind: 'upload', server: 'vc', place: 'a/b', files: [] });
    await journal.append([first]);
    expect(await recordsOf(journal, RUN)).toEqual([first]);
    await journal.append([record('facts', {}, RECORD_VERSION + 1)]);
    await expect(recordsOf(journal, RUN)).rejects.toMatchObject({
      failure: { code: 'JOURNAL', message: expect.stringContaining(`version ${RECORD_VERSION + 1} of its records`) }
    });
  });
});

describe('files that are to be sent again', () => {
  const a: BegunFile = { name: 'a', size: 1, version: 'one' };
  const b: BegunFile = { name: 'b', size: 2 };

  it('should be what they were, in whatever order, and a version is compared where both know one', () => {
    expect(changedSince([a, b], [b, a])).toBeUndefined();
    expect(
      changedSince(
        [a, b],
        [
          { ...a, version: undefined },
          { ...b, version: 'late' }
        ]
      )
    ).toBeUndefined();
    expect(changedSince([], [])).toBeUndefined();
  });

  it.each<[string, readonly BegunFile[], string]>([
    ['is gone', [b], 'a'],
    ['has another size', [a, { ...b, size: 3 }], 'b'],
    ['has no size any more', [a, { ...b, size: undefined }], 'b'],
    ['has another version', [{ ...a, version: 'two' }, b], 'a'],
    ['has come anew', [a, b, { name: 'c', size: 1 }], 'c']
  ])('should be named when one %s', (_, now, name) => {
    expect(changedSince([a, b], now)).toBe(name);
  });
});

it('should have of a download every fact that its plan takes up again', () => {
  const facts = downloadFactsOf(start(downloadMachine, fromWith())[0]);
  expect(Object.keys(facts).sort()).toEqual(
    'before beforeDoubt contentVersion creatingAt failure files generation itemId library opened sessionDoubtedAt sessionId wish'.split(
      ' '
    )
  );
  expect(fold([record('facts', { ...facts, files: {} })])).toMatchObject({ generation: facts.generation });
});
