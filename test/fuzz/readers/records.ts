// What a run has written down: records of whatever kind and order.
import fc from 'fast-check';
import { toEnd } from '../../../src/cli/take-up.ts';
import { beginningOf, changedSince, endingOf } from '../../../src/events/beginning.ts';
import { fold } from '../../../src/events/facts.ts';
import { recordsOf } from '../../../src/events/reading.ts';
import type { Journal, JournalRecord } from '../../../src/ports.ts';
import { createSimulator } from '../../../src/simulator/simulator.ts';
import { virtualClock } from '../../../src/simulator/virtual-clock.ts';
import { bytesSource } from '../../../src/sources/bytes-source.ts';
import { upload } from '../../../src/upload.ts';
import { almostValue, parsed } from '../mutate-json.ts';
import { portFailure, type Reader, reader } from '../reader.ts';

export const RUN = '11111111-1111-4111-8111-111111111111';
export const SESSION = '22222222-2222-4222-8222-222222222222';

export const begun = {
  kind: 'upload',
  server: 'simulator',
  user: 'user',
  place: 'images/i',
  spec: { to: 'images/i', files: ['/a.iso'] },
  files: [{ name: 'a.iso', size: 3, version: 'v' }]
};
export const facts: readonly object[] = [
  {
    library: { id: 'l', name: 'images' },
    itemId: 'i',
    itemMade: false,
    making: false,
    generation: 1,
    opened: false,
    before: [],
    asked: false,
    done: false,
    files: { 0: { outcome: 'todo', attempts: 0, digests: [] } }
  },
  { opened: true, sessionId: SESSION, before: ['x'], held: [{ name: 'b', size: 1 }], versionBefore: '1' },
  {
    files: {
      0: {
        outcome: 'ready',
        attempts: 1,
        digests: [{ algorithm: 'SHA1', checksum: 'aa' }],
        reported: { algorithm: 'MD5', checksum: 'bb' }
      }
    }
  },
  { asked: true, sessionId: null, failure: { code: 'NOT_FOUND', message: 'x' }, wish: 'w', removing: true }
];
const ended = { outcome: 'failed', left: true };

export const data: fc.Arbitrary<readonly [string, unknown]> = fc.oneof(
  fc.constant(['begun', begun] as const),
  fc.constantFrom(...facts).map(its => ['facts', its] as const),
  fc.constant(['ended', ended] as const),
  fc.constant(['constructor', {}] as const)
);
const record = data.map(([type, its]) => ({ v: 1, run: RUN, at: 7, type, data: its }));
/** In any order; mostly a beginning first. */
const records = fc
  .tuple(fc.boolean(), fc.array(record, { maxLength: 5 }))
  .map(([first, rest]) => [...(first ? [{ v: 1, run: RUN, at: 1, type: 'begun', data: begun }] : []), ...rest]);

/** A journal of whatever kind gives records with a kind, which is a text. */
const asRecords = (value: unknown): JournalRecord[] =>
  Array.isArray(value)
    ? value.filter((each): each is JournalRecord => typeof each?.type === 'string' && !Array.isArray(each))
    : [];

const holding = (its: readonly JournalRecord[]): Journal => ({
  append: async () => undefined,
  read: async () => [...its]
});

export async function readBack(journal: Journal): Promise<unknown> {
  const its = await recordsOf(journal, RUN);
  const beginning = beginningOf(its);
  const known = fold(its);
  if (beginning !== undefined) {
    changedSince(beginning.files, [{ name: 'a.iso', size: 3 }]);
    toEnd(beginning.kind, beginning.place, beginning.files);
  }
  if ((known?.files.length ?? 0) > 100_000) throw new Error(`it takes ${known?.files.length} files`);
  // The call is checked as any other is.
  return [{ ...beginning, spec: null }, endingOf(its) ?? null, known ?? null];
}

export const recordReaders: readonly Reader[] = [
  reader({
    name: 'records of a run',
    covers: ['src/events/reading.ts', 'src/events/beginning.ts', 'src/events/facts.ts', 'src/cli/take-up.ts'],
    inputs: { structured: almostValue(records).map(parsed).map(asRecords) },
    read: its => readBack(holding(its)),
    declared: portFailure('JOURNAL'),
    // What nobody knows the name of is carried along, whatever it is: nobody looks at it.
    check: read => (Array.isArray(read) ? undefined : 'it gives no list')
  }),
  reader({
    name: 'a run, taken up with what was written down',
    covers: ['src/logbook.ts', 'src/upload.ts', 'src/events/facts.ts'],
    cost: 10,
    inputs: { structured: fc.tuple(almostValue(records).map(parsed).map(asRecords), fc.boolean()) },
    read: async ([its, ends]) => {
      const clock = virtualClock();
      const simulator = createSimulator({ clock });
      const ports = simulator.connect({ journal: holding(its) });
      const files = [{ name: 'a.iso', source: bytesSource('abc') }];
      const run = upload(ports, { to: 'images/i', files }, { run: RUN, ...(ends && { cleanUp: 'cleaned up' }) });
      const { outcome, failure } = await clock.run(run.report);
      await simulator.close();
      if (failure?.code === 'INTERNAL') throw new Error(failure.message);
      return outcome;
    },
    declared: portFailure()
  })
];
