import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CallSpec } from '../../machines/workflow/calls.ts';
import { uploadMachine } from '../../machines/workflow/upload.ts';
import { performCall, performDraw, performSleep } from '../../src/effects/perform.ts';
import { changes, factsOf, firstOf, fold } from '../../src/events/facts.ts';
import { memoryJournal } from '../../src/events/memory-journal.ts';
import type { Facts } from '../../src/events/records.ts';
import { plan } from '../../src/plan.ts';
import { DEFAULT_POLICY } from '../../src/policy.ts';
import type { JournalRecord } from '../../src/ports.ts';
import { checkSpec } from '../../src/spec.ts';
import { answer, type Command, type Node, send, start } from '../../src/step.ts';
import { inputOf } from '../../src/upload-input.ts';
import { inputWith } from '../machines/samples.ts';
import { worldOf } from '../run/worlds.ts';

const RUN = '6a3c1d52-0d6e-4c7b-9a51-2f1c00000000';
const recordOf = (data: object): JournalRecord => ({ v: 1, run: RUN, at: 0, type: 'facts', data });

/** As JSON has it: what is undefined is not there. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null));

/** A run by a host of the test's own, which shows every tree it comes to. */
async function* treesOf(seed: number): AsyncGenerator<Node> {
  const { clock, ports, spec, cancelAfter } = worldOf(seed);
  const checked = checkSpec(spec);
  const planned = await plan(checked);
  const means = { ...ports, files: planned.files, onSent: () => undefined };
  const going = new Map<string, AbortController>();
  const arrived: (() => readonly [Node, readonly Command[]])[] = [];
  let [tree, commands] = start(uploadMachine, inputOf(checked, planned, ports.library.server, DEFAULT_POLICY, RUN));
  for (let steps = 0; ; steps++) {
    yield tree;
    if (tree.snapshot.status === 'done') return;
    for (const command of commands) {
      going.get(command.at)?.abort();
      going.delete(command.at);
      if (command.do === 'stop') continue;
      const stop = new AbortController();
      going.set(command.at, stop);
      const work =
        command.src === 'sleep'
          ? performSleep(means, command.input as { until: number }, stop.signal)
          : command.src === 'draw'
            ? performDraw(means, command.input as { cost: number }, stop.signal)
            : performCall(means, command.input as CallSpec, stop.signal);
      const take = (result: { output: unknown } | { error: unknown }): void => {
        if (!stop.signal.aborted) arrived.push(() => answer(tree, command.at, result));
      };
      work.then(
        output => take({ output }),
        (error: unknown) => take({ error })
      );
    }
    if (steps === (cancelAfter ?? -1)) arrived.push(() => send(tree, { type: 'cancel', reason: 'asked' } as never));
    while (arrived.length === 0) await clock.advanceToNext();
    [tree, commands] = arrived.shift()!();
  }
}

describe('the facts of a run', () => {
  it('should be what its records fold to, at every step of seeded runs', async () => {
    let steps = 0;
    let writes = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const records: JournalRecord[] = [];
      let before: Facts | undefined;
      for await (const tree of treesOf(seed)) {
        const now = factsOf(tree);
        const changed = changes(before, now);
        if (changed !== undefined) records.push(plain(recordOf(changed)) as JournalRecord);
        expect(plain(fold(records)), `seed ${seed}`).toEqual(plain(now));
        before = now;
        steps += 1;
      }
      writes += records.length;
    }
    // Facts are few: far from every step has one.
    expect(writes).toBeGreaterThan(60 * 4);
    expect(writes).toBeLessThan(steps / 2);
  });

  it('should put a file that is being sent back to do, with the attempts of the child that sends it', async () => {
    let sending = 0;
    let most = 0;
    for (let seed = 1; seed <= 40; seed++) {
      for await (const tree of treesOf(seed)) {
        const live = tree.snapshot.context.files as Facts['files'];
        const facts = factsOf(tree);
        for (const [index, file] of live.entries()) {
          const told = facts.files[index]!;
          if (file.outcome !== 'sending') {
            expect(told).toEqual(file);
            continue;
          }
          sending += 1;
          most = Math.max(most, told.attempts);
          expect(told.outcome).toBe('todo');
          expect(told.attempts).toBeGreaterThanOrEqual(file.attempts);
        }
      }
    }
    expect(sending).toBeGreaterThan(100);
    expect(most).toBeGreaterThan(1);
  });

  it('should be JSON, and hold no way to send bytes', async () => {
    for await (const tree of treesOf(7)) {
      const facts = factsOf(tree);
      expect(plain(facts)).toEqual(JSON.parse(JSON.stringify(facts)));
      expect(JSON.stringify(facts)).not.toContain('/cls/data/');
    }
  });

  it('should be what a second life of the run begins with, from any step', async () => {
    const { ports, spec } = worldOf(3);
    const checked = checkSpec(spec);
    const input = inputOf(checked, await plan(checked), ports.library.server, DEFAULT_POLICY, RUN);
    for await (const tree of treesOf(3)) {
      const known = plain(factsOf(tree)) as Facts;
      const [again] = start(uploadMachine, { ...input, known });
      expect(plain({ ...factsOf(again), making: known.making })).toEqual(plain(known));
    }
  });
});

describe('changes', () => {
  const file = { outcome: 'todo', attempts: 0, digests: [] } as const;
  const FACTS: Facts = {
    itemMade: false,
    making: false,
    generation: 1,
    opened: false,
    before: [],
    asked: false,
    done: false,
    files: [file]
  };
  const factsWith = (files: number) =>
    fc.record<Facts>({
      itemId: fc.option(fc.uuid(), { nil: undefined }),
      itemMade: fc.boolean(),
      making: fc.boolean(),
      removing: fc.constantFrom(true, undefined),
      generation: fc.nat(5),
      opened: fc.boolean(),
      sessionId: fc.option(fc.uuid(), { nil: undefined }),
      before: fc.array(fc.uuid(), { maxLength: 2 }),
      asked: fc.boolean(),
      done: fc.boolean(),
      wish: fc.option(fc.string(), { nil: undefined }),
      failure: fc.option(fc.constant({ code: 'STALLED', message: 'm' } as const), { nil: undefined }),
      files: fc.array(
        fc.record({
          outcome: fc.constantFrom('todo', 'ready', 'failed', 'unchanged'),
          attempts: fc.nat(9),
          digests: fc.constant([])
        }),
        { minLength: files, maxLength: files }
      )
    });
  const facts = fc.nat(4).chain(factsWith);
  /** A run has the same files from its beginning to its end. */
  const ways = fc.nat(4).chain(files => fc.array(factsWith(files), { minLength: 1 }));

  it('should say nothing when nothing changed', () => {
    fc.assert(fc.property(facts, now => changes(now, structuredClone(now)) === undefined));
  });

  it('should tell only what changed, and that something is no more', () => {
    const now = { ...FACTS, opened: true, sessionId: 's' };
    expect(changes(FACTS, now)).toEqual({ opened: true, sessionId: 's' });
    expect(changes(now, { ...now, sessionId: undefined })).toEqual({ sessionId: null });
    const three = { ...FACTS, files: [file, file, file] };
    expect(changes(three, { ...three, files: [file, { ...file, attempts: 1 }, file] })).toEqual({
      files: { 1: { ...file, attempts: 1 } }
    });
  });

  it('should fold back to any facts, over any way there, through JSON', () => {
    fc.assert(
      fc.property(ways, way => {
        const records: JournalRecord[] = [];
        let before: Facts | undefined;
        for (const now of way) {
          const changed = changes(before, now);
          if (changed !== undefined) records.push(plain(recordOf(changed)) as JournalRecord);
          before = now;
        }
        expect(plain(fold(records))).toEqual(plain(way.at(-1)));
      })
    );
  });

  it('should fold to what a later life begins with, whatever an earlier one has left', () => {
    fc.assert(
      fc.property(ways, way => {
        const records = way.map((now, at) => plain(recordOf(firstOf(way[at - 1], now))) as JournalRecord);
        expect(plain(fold(records))).toEqual(plain(way.at(-1)));
      })
    );
    expect(firstOf(undefined, FACTS)).toEqual(changes(undefined, FACTS));
  });

  it('should fold nothing from no records, and pass over those that are no facts', () => {
    expect(fold([])).toBeUndefined();
    const note: JournalRecord = { v: 1, run: RUN, at: 0, type: 'note', data: { opened: true } };
    expect(fold([note])).toBeUndefined();
    expect(fold([recordOf(FACTS), note])).toEqual(FACTS);
  });
});

describe('the journal in memory', () => {
  it('should keep runs apart, in order, and hand out copies', async () => {
    const journal = memoryJournal();
    await journal.append([recordOf({ opened: true }), { ...recordOf({}), run: 'other' }]);
    await journal.append([recordOf({ asked: true })]);
    const read = await journal.read(RUN);
    expect(read.map(({ data }) => data)).toEqual([{ opened: true }, { asked: true }]);
    read.pop();
    expect(await journal.read(RUN)).toHaveLength(2);
    expect(await journal.read('none')).toEqual([]);
  });
});

it('should hand on every fact that the plan takes up again', () => {
  const [tree] = start(uploadMachine, inputWith());
  expect(Object.keys(factsOf(tree)).sort()).toEqual(
    'asked before beforeDoubt creatingAt done failure files generation held itemDoubtedAt itemId itemMade library making opened removing sessionDoubtedAt sessionId versionBefore wish'.split(
      ' '
    )
  );
});
