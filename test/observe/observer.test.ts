import { Observable, of } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { failure } from '../../machines/vocabulary.ts';
import type { RunEvent } from '../../src/events/records.ts';
import { createObserver, observe, type RunState } from '../../src/observe/observer.ts';
import type { Progress } from '../../src/observe/progress.ts';
import { breakOff, broken, fileState, MIB, push, started, state } from './log.ts';
import { manualClock } from './manual-clock.ts';

function collect<T>(stream: Observable<T>): { values: T[]; over: boolean } {
  const seen = { values: [] as T[], over: false };
  stream.subscribe({
    next: value => seen.values.push(value),
    complete: () => {
      seen.over = true;
    }
  });
  return seen;
}

describe('state$', () => {
  it('should tell each state of the upload once, with tags, and the outcome at the end', () => {
    const observer = createObserver({ clock: manualClock() });
    const seen = collect(observer.state$);
    const why = failure('CANCELED', 'canceled: user asked');
    for (const event of [
      started,
      state(1, 'locating'),
      fileState(1, 0, 'adding'),
      state(2, 'holding.transferring'),
      ...breakOff(3),
      push(4, 1),
      state(5, 'canceled'),
      { at: 6, type: 'ended', outcome: 'canceled', failure: why } as const
    ]) {
      observer.event(event);
    }
    observer.end();
    expect(seen).toEqual({
      over: true,
      values: [
        { at: 1, state: 'locating', phase: 'locating', tags: [] },
        { at: 2, state: 'holding.transferring', phase: 'transferring', tags: ['transferring'] },
        { at: 3, state: 'holding.transferring', phase: 'transferring', tags: ['transferring', 'waiting'] },
        { at: 4, state: 'holding.transferring', phase: 'transferring', tags: ['transferring'] },
        { at: 5, state: 'canceled', phase: 'canceled', tags: [] },
        { at: 6, state: 'canceled', phase: 'canceled', tags: ['settled'], outcome: 'canceled', failure: why }
      ]
    });
  });

  it('should replay the current state, also when the run is over', () => {
    const observer = createObserver({ clock: manualClock() });
    observer.event(state(1, 'locating'));
    observer.event(state(2, 'opening'));
    const current: RunState = { at: 2, state: 'opening', phase: 'opening', tags: [] };
    expect(collect(observer.state$).values).toEqual([current]);
    observer.end();
    expect(collect(observer.state$)).toEqual({ values: [current], over: true });
  });
});

describe('progress$', () => {
  it('should tell the first value at once, then at most ten a second, and always the last', async () => {
    const clock = manualClock();
    const observer = createObserver({ clock });
    observer.event(started);
    const { values } = collect(observer.progress$);
    expect(values.map(value => value.at)).toEqual([0]);
    for (let ms = 0; ms < 1000; ms += 10) {
      observer.bytes('disk1.vmdk', { sent: ms, accepted: 0 });
      await clock.advance(10);
    }
    expect(values.length).toBeLessThanOrEqual(11);
    for (const [index, value] of values.slice(1).entries()) {
      expect(value.at - (values[index] as Progress).at).toBeGreaterThanOrEqual(100);
    }
    observer.bytes('disk1.vmdk', { sent: 5000, accepted: 0 });
    observer.end();
    expect(values.at(-1)?.total.sent).toBe(5000);
    expect(clock.sleeping).toBe(0);
  });

  it('should deliver a change that came too soon as soon as it may, without another one', async () => {
    const clock = manualClock();
    const observer = createObserver({ clock });
    const { values } = collect(observer.progress$);
    observer.event(started);
    observer.event(state(0, 'locating'));
    expect(values.at(-1)?.phase).toBe('');
    await clock.advance(99);
    expect(values.at(-1)?.phase).toBe('');
    await clock.advance(1);
    expect(values.at(-1)).toMatchObject({ at: 100, phase: 'locating' });
    expect(clock.sleeping).toBe(0);
  });

  it('should carry files and total with rate, time left and attempts', async () => {
    const clock = manualClock();
    const observer = createObserver({ clock, attempts: 5 });
    for (const event of [started, state(0, 'holding.transferring'), fileState(0, 0, 'pushing'), push(0, 0)])
      observer.event(event);
    observer.bytes('ubuntu.ovf', { sent: 1024, accepted: 1024 });
    for (const event of [fileState(0, 0, 'ready'), fileState(0, 1, 'pushing'), push(0, 1)]) observer.event(event);
    await clock.advance(1000);
    observer.bytes('disk1.vmdk', { sent: 16 * MIB, accepted: 15 * MIB });
    await clock.advance(1000);
    const [value] = collect(observer.progress$).values;
    expect(value).toEqual({
      at: 2000,
      startedAt: 0,
      to: 'images/ubuntu',
      phase: 'transferring',
      files: [
        {
          name: 'ubuntu.ovf',
          size: 1024,
          role: 'descriptor',
          sent: 1024,
          accepted: 1024,
          state: 'ready',
          attempt: 1,
          of: 5,
          rate: 0,
          etaMs: 0
        },
        {
          name: 'disk1.vmdk',
          size: 64 * MIB,
          role: 'disk',
          sent: 16 * MIB,
          accepted: 15 * MIB,
          state: 'pushing',
          attempt: 1,
          of: 5,
          rate: 16 * MIB,
          etaMs: 3000
        }
      ],
      total: {
        size: 64 * MIB + 1024,
        sent: 16 * MIB + 1024,
        accepted: 15 * MIB + 1024,
        rate: 8 * MIB + 512,
        etaMs: 6000
      },
      sentInAll: 16 * MIB + 1024,
      retries: 0,
      waits: []
    });
  });

  it('should tell no rate once every file is settled', () => {
    const clock = manualClock();
    const observer = createObserver({ clock });
    for (const event of [started, push(0, 0), push(0, 1)]) observer.event(event);
    observer.bytes('disk1.vmdk', { sent: 64 * MIB, accepted: 0 });
    for (const event of [fileState(0, 0, 'ready'), fileState(0, 1, 'failed')]) observer.event(event);
    const [value] = collect(observer.progress$).values;
    expect([value?.total.rate, value?.total.etaMs]).toEqual([0, 0]);
  });

  it('should stay sane when a file is tried again', async () => {
    const clock = manualClock();
    const observer = createObserver({ clock, attempts: 1 });
    for (const event of [started, fileState(0, 1, 'pushing'), push(0, 1)]) observer.event(event);
    await clock.advance(1000);
    observer.bytes('disk1.vmdk', { sent: 32 * MIB, accepted: 32 * MIB });
    for (const event of breakOff(1000)) observer.event(event);
    await clock.advance(2000);
    observer.event(push(3000, 1));
    observer.bytes('disk1.vmdk', { sent: 8 * MIB, accepted: 0 });
    const [value] = collect(observer.progress$).values;
    expect(value?.files[1]).toMatchObject({ sent: 8 * MIB, accepted: 0, attempt: 2, rate: 20 * MIB });
    expect(value?.files[1]).not.toHaveProperty('of');
    expect(value?.total).toMatchObject({ sent: 8 * MIB, rate: 20 * MIB });
    expect(value?.retries).toBe(1);
  });

  it('should let the rate fall when nothing comes any more, and then be silent', async () => {
    const clock = manualClock();
    const observer = createObserver({ clock });
    observer.event(started);
    const { values } = collect(observer.progress$);
    await clock.advance(200);
    observer.bytes('disk1.vmdk', { sent: 10 * MIB, accepted: 0 });
    await clock.advance(60_000);
    const rates = values.map(value => value.total.rate);
    expect(rates.at(-1)).toBe(0);
    expect(values.at(-1)?.at).toBeLessThan(7000);
    expect(values.at(-1)?.total).not.toHaveProperty('etaMs');
    expect(clock.sleeping).toBe(0);
  });

  it('should cost no sleep and no value while nobody listens', async () => {
    const clock = manualClock();
    const observer = createObserver({ clock });
    observer.event(started);
    observer.bytes('disk1.vmdk', { sent: 10, accepted: 0 });
    expect(clock.sleeping).toBe(0);
    const subscription = observer.progress$.subscribe();
    await clock.advance(150);
    observer.bytes('disk1.vmdk', { sent: 20, accepted: 0 });
    subscription.unsubscribe();
    await clock.advance(5000);
    expect(clock.sleeping).toBe(0);
  });

  it('should replay the value that is true now to a late subscriber, and the last one after the end', () => {
    const clock = manualClock();
    const observer = createObserver({ clock });
    observer.event(started);
    observer.bytes('disk1.vmdk', { sent: 10, accepted: 0 });
    expect(collect(observer.progress$).values.map(value => value.total.sent)).toEqual([10]);
    observer.bytes('disk1.vmdk', { sent: 20, accepted: 0 });
    expect(collect(observer.progress$).values.map(value => value.total.sent)).toEqual([10]);
    observer.event({ at: 4, type: 'state', path: '', machine: 'upload', state: 'locating' });
    observer.event({ at: 5, type: 'ended', outcome: 'done' });
    observer.end();
    const late = collect(observer.progress$);
    expect(late.over).toBe(true);
    expect(late.values.map(value => [value.total.sent, value.total.rate, value.outcome])).toEqual([[20, 0, 'done']]);
  });

  it('should not wait on when a subscriber ends the run from within', async () => {
    const clock = manualClock();
    const observer = createObserver({ clock });
    observer.event(started);
    observer.bytes('disk1.vmdk', { sent: 10, accepted: 0 });
    let count = 0;
    observer.progress$.subscribe(() => {
      count += 1;
      if (count === 2) observer.end();
    });
    await clock.advance(100);
    observer.bytes('disk1.vmdk', { sent: 20, accepted: 0 });
    expect(clock.sleeping).toBe(0);
    expect(count).toBe(3);
  });
});

describe('timeline$', () => {
  it('should give a late subscriber what came before, as far as it is kept', () => {
    const observer = createObserver({ clock: manualClock(), keep: 2 });
    observer.event(started);
    observer.event(state(1, 'locating'));
    observer.event(state(2, 'opening'));
    const seen = collect(observer.timeline$);
    observer.event(state(3, 'failed'));
    observer.end();
    expect(seen).toEqual({ over: true, values: [state(1, 'locating'), state(2, 'opening'), state(3, 'failed')] });
  });

  it('should hear nothing after the end', () => {
    const observer = createObserver({ clock: manualClock() });
    observer.event(started);
    observer.end();
    observer.event(state(1, 'locating'));
    observer.bytes('disk1.vmdk', { sent: 1, accepted: 1 });
    observer.end();
    expect(collect(observer.timeline$)).toEqual({ values: [started], over: true });
    expect(collect(observer.state$)).toEqual({ values: [], over: true });
    expect(collect(observer.progress$).values.map(value => value.total.sent)).toEqual([0]);
  });
});

describe('observe', () => {
  it('should make the streams of a recorded log', () => {
    const log: RunEvent[] = [started, state(1, 'locating'), { at: 2, type: 'ended', outcome: 'done' }];
    const streams = observe(of(...log), { clock: manualClock() });
    expect(collect(streams.timeline$)).toEqual({ values: log, over: true });
  });

  it('should end, not fail, when the source does', () => {
    const source = new Observable<RunEvent>(subscriber => {
      subscriber.next(started);
      subscriber.error(new Error(broken.message));
    });
    expect(collect(observe(source, { clock: manualClock() }).timeline$)).toEqual({ values: [started], over: true });
  });
});
