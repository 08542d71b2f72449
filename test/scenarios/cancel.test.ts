// Whoever cancels gets an end within ten seconds, whatever the server does, and an honest one: what could not be taken away is
// told, and the journal remembers it for a later life.
import { describe, expect, it } from 'vitest';
import { download } from '../../src/download.ts';
import { memoryJournal } from '../../src/events/memory-journal.ts';
import type { RunEvent } from '../../src/events/records.ts';
import type { Journal } from '../../src/ports.ts';
import { createSimulator, type Fault, virtualClock } from '../../src/simulator/index.ts';
import { upload } from '../../src/upload.ts';
import { memoryTarget } from '../download/memory-target.ts';
import { activeDownloads } from '../invariants/download.ts';
import { bytesOf } from '../run/bytes.ts';
import { left, type PlayOptions, portStage } from './stage.ts';

const RUN = '5f0c2a3e-7d1b-4c55-9a44-0d6c1f2b3a4d';
const spec = { to: 'images/fox', files: [{ name: 'a', source: bytesOf('a'.repeat(3_000)) }] };
/** The seven seconds of the run itself; the rest of ten is for the logout and the end of the process. */
const WITHIN_MS = 7_000;

/** From the moment of the cancel the server is like that for everything. */
const BAD: readonly (readonly [string, Fault])[] = [
  ['stalls', { on: '*', do: 'stall', times: 'always' }],
  ['answers 503 and wants an hour', { on: '*', do: 'answer', status: 503, retryAfter: 3_600, times: 'always' }],
  ['is gone', { on: '*', do: 'refuse', times: 'always' }],
  ['acts, and its answers are lost', { on: '*', do: 'loseAnswer', times: 'always' }],
  ['acts eight seconds late', { on: '*', do: 'late', delayMs: 8_000, times: 8 }]
];

/** Cancels at the call of that number, and makes the server bad in the same moment. */
function canceling(number: number, act: () => void): Required<Pick<PlayOptions, 'on'>> & { at(): number } {
  let calls = 0;
  let at = 0;
  return {
    at: () => at,
    on: (event, run) => {
      if (event.type !== 'call' || ++calls !== number) return;
      at = event.at;
      act();
      run.cancel('somebody asked');
    }
  };
}
const callsIn = (events: readonly RunEvent[]): number => events.filter(({ type }) => type === 'call').length;

describe('an upload that is canceled at any call', () => {
  it.each(BAD)('should end within ten seconds where the server %s', async (_, fault) => {
    const whole = await portStage().play(spec);
    const ends: Record<string, number> = {};
    for (let number = 1; number <= callsIn(whole.events); number++) {
      const stage = portStage();
      const cancel = canceling(number, () => stage.simulator.inject(fault));
      const { report } = await stage.play(spec, { on: cancel.on });
      const what = `at call ${number}: ${report.failure?.message}; ${report.notes.join('; ')}`;
      expect(report.endedAt - cancel.at(), what).toBeLessThanOrEqual(WITHIN_MS);
      ends[report.outcome] = (ends[report.outcome] ?? 0) + 1;
      // What stays is told.
      const { sessions, items } = left(stage);
      if (sessions.includes('ACTIVE') && report.outcome !== 'done') expect(report.left, what).toBe(true);
      if (items.length > 0 && report.outcome === 'canceled')
        expect(report.left || report.notes.length > 0, what).toBe(true);
    }
    expect(ends.canceled).toBeGreaterThan(10);
  });

  it('should be remembered by the journal where it could not clean up, and be carried out by the next life', async () => {
    const whole = await portStage().play(spec);
    for (let number = 1; number <= callsIn(whole.events); number++) {
      const clock = virtualClock();
      const journal = memoryJournal();
      const simulator = createSimulator({ clock });
      const ports = simulator.connect({ journal, latencyMs: 1 });
      const run = upload(ports, spec, { run: RUN });
      let mend = (): void => undefined;
      const cancel = canceling(number, () => {
        mend = simulator.inject({ on: '*', do: 'stall', times: 'always' });
      });
      run.timeline$.subscribe(event => cancel.on(event, run));
      const report = await clock.run(run.report);
      mend();
      const ended = await endedIn(journal);
      expect(ended, `call ${number}`).toBe(!report.left);
      if (ended) continue;
      expect(report.notes).toContain('the journal does not know that this run has ended');
      const again = await clock.run(upload(ports, spec, { run: RUN }).report);
      expect(again.outcome, `call ${number}: ${again.failure?.message}`).toMatch(/^(canceled|done)$/);
      const items = simulator.state.items.flatMap(bucket => Object.keys(bucket)).length;
      expect([left({ simulator } as never).sessions, items], `call ${number}`).toEqual([
        [],
        again.outcome === 'done' ? 1 : 0
      ]);
    }
  });
});

async function endedIn(journal: Journal): Promise<boolean> {
  return (await journal.read(RUN)).some(({ type }) => type === 'ended');
}

describe('a download that is canceled at any call', () => {
  it.each(BAD)('should end within ten seconds where the server %s', async (_, fault) => {
    const play = async (number: number) => {
      const clock = virtualClock();
      const files = [{ name: 'fox.bin', text: 'the quick brown fox '.repeat(500) }];
      const simulator = createSimulator({ clock, libraries: [{ name: 'images', items: [{ name: 'fox', files }] }] });
      const ports = simulator.connect({ journal: memoryJournal(), latencyMs: 1 });
      const cancel = canceling(number, () => simulator.inject(fault));
      const to = memoryTarget();
      const run = download(ports, { from: 'images/fox', to });
      const events: RunEvent[] = [];
      run.timeline$.subscribe(event => {
        events.push(event);
        cancel.on(event, run as never);
      });
      const report = await clock.run(run.report);
      return { report, at: cancel.at(), events, to, simulator };
    };
    const total = callsIn((await play(0)).events);
    for (let number = 1; number <= total; number++) {
      const { report, at, to, simulator } = await play(number);
      const what = `at call ${number}: ${report.failure?.message}; ${report.notes.join('; ')}`;
      expect(report.endedAt - at, what).toBeLessThanOrEqual(WITHIN_MS);
      if (activeDownloads(simulator).length > 0 || to.parts.size > 0) expect(report.left, what).toBe(true);
    }
  });
});

describe('a cancel that races complete', () => {
  it('should end as done and say so where complete took effect, and else leave nothing', async () => {
    const whole = await portStage().play(spec);
    const asked = whole.events.findIndex(event => event.type === 'call' && event.op === 'complete');
    // Once the last answer is there, the run has ended: nobody hears of a wish any more.
    const last = whole.events.findLastIndex(({ type }) => type === 'call');
    const words = new Set<string>();
    // Every event from just before complete to the end: each is a moment in which the wish may come.
    for (let number = asked - 3; number <= last; number++) {
      for (const fault of [undefined, 'loseAnswer', 'late'] as const) {
        const stage = portStage();
        if (fault !== undefined)
          stage.simulator.inject({
            on: 'session.complete',
            do: fault,
            ...(fault === 'late' && { delayMs: 40 })
          } as Fault);
        let events = 0;
        const { report, witness } = await stage.play(spec, {
          on: (_, run) => {
            if (events++ === number) run.cancel('somebody asked');
          }
        });
        const sent = witness.calls.some(({ op }) => op === 'complete');
        const what = `${fault} at event ${number}: ${report.outcome} ${report.notes.join('; ')}`;
        words.add(`${fault} ${report.outcome}`);
        if (report.outcome === 'done') {
          expect(sent, what).toBe(true);
          expect(
            report.notes.filter(note => note.startsWith('canceled too late (somebody asked)')),
            what
          ).toHaveLength(1);
          expect(stage.simulator.contents('fox')?.contentVersion, what).toBe(2);
        } else {
          expect(report.outcome, what).toBe('canceled');
          expect(left(stage), what).toEqual({ sessions: [], items: [] });
        }
      }
    }
    expect([...words].filter(word => word.endsWith('canceled')).length).toBeGreaterThan(0);
    for (const word of ['undefined done', 'loseAnswer done', 'late done']) expect(words).toContain(word);
  });
});

describe('a run that is to be taken up again, before a journal that does not answer', () => {
  it('should end in time all the same, and begin nothing', async () => {
    const clock = virtualClock();
    const simulator = createSimulator({ clock });
    const slow = { ...memoryJournal(), read: () => new Promise<never>(() => undefined) };
    const ports = simulator.connect({ journal: slow });
    const signal = AbortSignal.abort('not today');
    for (const report of [
      await clock.run(upload(ports, spec, { run: RUN, signal }).report),
      await clock.run(download(ports, { from: 'images/fox', to: memoryTarget() }, { run: RUN, signal }).report)
    ]) {
      expect(report).toMatchObject({ outcome: 'canceled', failure: { message: 'canceled: not today' } });
      expect(report.notes).toEqual([
        `nothing was begun: go on with the run (shelver resume ${RUN}), or end it (shelver cleanup ${RUN})`
      ]);
      expect(report.endedAt - report.startedAt).toBe(WITHIN_MS);
    }
    expect(simulator.requests).toEqual([]);
  });
});
