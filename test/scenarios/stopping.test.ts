// Uploads that are stopped: by somebody, by a signal, by a deadline, by a disk that is full. What they leave is what was there.
import { describe, expect, it } from 'vitest';
import type { JournalRecord, Ports } from '../../src/ports.ts';
import { seededRandom } from '../../src/simulator/index.ts';
import { bytesOf } from '../run/bytes.ts';
import { ovfPackage } from '../run/worlds.ts';
import { httpStage, left, opsOf, type PlayOptions, portStage } from './stage.ts';

const CONTENT = Buffer.alloc(2_000_000, 'the quick brown fox ');
const spec = { to: 'images/fox', files: [{ name: 'fox.bin', source: bytesOf(CONTENT) }] };
const NOTHING = { sessions: [], items: [] };
const ovf = () => ({ to: 'images/vm', files: ovfPackage(seededRandom(5)) });

describe('an upload that is canceled', () => {
  /** Cancels at the event of that number. */
  const at = (number: number): Pick<PlayOptions, 'on'> => {
    let events = 0;
    return {
      on: (_, run) => {
        if (events++ === number) run.cancel('somebody asked');
      }
    };
  };

  it.each([
    ['makes its item', []],
    ['finds its item', [{ name: 'vm', type: 'ovf' }]]
  ])('should leave the server as it was, at whatever moment, when it %s', async (_, items) => {
    const settings = { libraries: [{ name: 'images', items }], rules: { validatingMs: 300 } };
    const whole = await portStage(settings).play(ovf());
    expect(whole.report.outcome).toBe('done');
    const outcomes: Record<string, number> = {};
    let completed = Number.POSITIVE_INFINITY;
    for (let number = 0; number < whole.events.length; number++) {
      const stage = portStage(settings);
      const { report, witness } = await stage.play(ovf(), at(number));
      outcomes[report.outcome] = (outcomes[report.outcome] ?? 0) + 1;
      // Once complete has gone out it cannot be called back; until then the wish is heard.
      if (report.outcome === 'done') completed = Math.min(completed, number);
      if (report.outcome === 'done') expect(witness.calls.map(({ op }) => op)).toContain('complete');
      else expect(left(stage)).toEqual({ sessions: [], items: items.map(({ name }) => name) });
    }
    expect(outcomes.canceled).toBeGreaterThan(40);
    expect(outcomes.done).toBeGreaterThan(5);
    const asked = whole.events.findIndex(event => event.type === 'facts' && event.changed.asked === true);
    expect(completed).toBeGreaterThanOrEqual(asked);
  });

  it('should say who asked, once', async () => {
    const stage = portStage();
    const { report } = await stage.play(spec, {
      on: (event, run) => {
        if (event.type !== 'call' || event.op !== 'push') return;
        run.cancel('first');
        run.cancel('second');
      }
    });
    expect(report.failure).toMatchObject({ code: 'CANCELED', message: 'canceled: first' });
  });

  it('should tell the server that it was canceled, not that it failed', async () => {
    const stage = portStage();
    await stage.play(spec, { on: (event, run) => event.type === 'call' && event.op === 'push' && run.cancel('x') });
    expect(opsOf(stage).filter(op => op === 'session.cancel' || op === 'session.fail')).toEqual(['session.cancel']);
  });

  it('should leave nothing behind, and regret nothing, before a server whose cancel deletes the session', async () => {
    const stage = portStage({ rules: { cancelDeletes: true } });
    const { report } = await stage.play(spec, {
      on: (event, run) => event.type === 'call' && event.op === 'push' && run.cancel('x')
    });
    expect(report.outcome).toBe('canceled');
    expect(report.notes).toEqual([]);
    expect(left(stage)).toEqual(NOTHING);
  });

  it('should be heard while it waits for its turn to try again', async () => {
    const stage = portStage();
    stage.simulator.inject({ on: 'file.add', do: 'answer', status: 503, retryAfter: 50, times: 'always' });
    const { report } = await stage.play(spec, {
      on: (event, run) => event.type === 'waiting' && event.path.startsWith('file:') && run.cancel('no patience')
    });
    expect(report.outcome).toBe('canceled');
    expect(report.endedAt - report.startedAt).toBeLessThan(1_000);
  });
});

describe('an upload whose signal is aborted', () => {
  it('should not begin when it was aborted before', async () => {
    const stage = portStage();
    const { report } = await stage.play(spec, { signal: AbortSignal.abort('not today') });
    expect(report).toMatchObject({ outcome: 'canceled', failure: { message: 'canceled: not today' } });
    expect(opsOf(stage)).not.toContain('session.create');
    expect(left(stage)).toEqual(NOTHING);
  });

  it('should break off its body at once, and take session and item away', async () => {
    const stage = await httpStage({ bandwidth: 400_000 });
    const stop = new AbortController();
    const { report } = await stage.play(spec, {
      signal: stop.signal,
      on: event => {
        if (event.type === 'answer' && event.op === 'listFiles') stop.abort(new Error('the service goes down'));
      }
    });
    expect(report).toMatchObject({ outcome: 'canceled', failure: { message: expect.stringContaining('goes down') } });
    expect(report.files[0]!.accepted).toBeLessThan(CONTENT.length);
    expect(left(stage)).toEqual(NOTHING);
  });

  it('should say at least that it was aborted, where nobody said why', async () => {
    const { report } = await portStage().play(spec, { signal: AbortSignal.abort(null) });
    expect(report.failure?.message).toBe('canceled: aborted');
  });

  it('should take no notice of an abort after its end', async () => {
    const stop = new AbortController();
    const stage = portStage();
    const { report } = await stage.play(spec, { signal: stop.signal });
    stop.abort();
    expect(report.outcome).toBe('done');
  });
});

describe('an upload with a deadline', () => {
  it('should give up there, clean up, and say so', async () => {
    const stage = portStage({ bandwidth: 1_000 });
    const { report } = await stage.play({ ...spec, deadlineMs: 60_000 }, { canceled: true });
    expect(report).toMatchObject({ outcome: 'failed', failure: { code: 'DEADLINE' } });
    const took = report.endedAt - report.startedAt;
    expect(took).toBeGreaterThanOrEqual(60_000);
    expect(took).toBeLessThan(61_000);
    expect(left(stage)).toEqual(NOTHING);
  });

  it('should not wait for a server that never answers', async () => {
    const stage = portStage({}, { stallMs: 10_000 });
    stage.simulator.inject({ on: 'library.find', do: 'stall', times: 'always' });
    const { report } = await stage.play({ ...spec, deadlineMs: 25_000 }, { canceled: true });
    expect(report).toMatchObject({ outcome: 'failed', failure: { code: 'DEADLINE' } });
    expect(report.endedAt - report.startedAt).toBe(25_000);
  });

  it('should not matter to one that is done before', async () => {
    const stage = portStage();
    expect((await stage.play({ ...spec, deadlineMs: 60_000 })).report.outcome).toBe('done');
  });
});

describe('a journal that cannot be written', () => {
  /** From that append on the disk is full. */
  const fullAfter = (appends: number): PlayOptions => ({
    canceled: true,
    ports: (ports: Ports) => {
      let written = 0;
      const append = async (records: readonly JournalRecord[]) => {
        if (written++ >= appends) throw new Error('ENOSPC: no space left on device');
        await ports.journal.append(records);
      };
      return { ...ports, journal: { ...ports.journal, append } };
    }
  });
  const PROMISES = [
    ['createItem', 'making'],
    ['createSession', 'opened'],
    ['complete', 'asked']
  ] as const;

  it('should end the run wherever it happens, with nothing begun that is not written down and nothing left', async () => {
    const { witness, report: whole } = await portStage().play(ovf());
    const appends = witness.order.filter(({ kind }) => kind === 'append').length;
    expect(appends).toBeGreaterThan(10);
    const codes: Record<string, number> = {};
    for (let good = 0; good < appends; good++) {
      const stage = portStage();
      const ended = await stage.play(ovf(), fullAfter(good));
      codes[`${ended.report.outcome} ${ended.report.failure?.code}`] = good;
      // After DONE nothing could be stranded any more: the journal's own trouble is a note.
      const isDone = ended.witness.records.some(({ data }) => (data as { asked?: boolean }).asked === true);
      expect(ended.report).toMatchObject(
        isDone
          ? { outcome: 'done', notes: [...whole.notes, 'the journal does not know that this run has ended'] }
          : { outcome: 'failed', failure: { code: 'JOURNAL' } }
      );
      const written = ended.witness.records.flatMap(({ data }) => Object.entries(data as object));
      for (const [op, fact] of PROMISES) {
        const told = written.some(([key, value]) => key === fact && value === true);
        if (!told)
          expect(
            ended.witness.calls.map(its => its.op),
            `${op} after ${good} appends`
          ).not.toContain(op);
      }
      if (!ended.witness.calls.some(({ op }) => op === 'complete')) expect(left(stage)).toEqual(NOTHING);
    }
    expect(Object.keys(codes)).toEqual(['failed JOURNAL', 'done undefined']);
  });

  it('should say what the disk said', async () => {
    const { report } = await portStage().play(spec, fullAfter(0));
    expect(report.failure?.message).toBe('the journal cannot be written: Error: ENOSPC: no space left on device');
  });
});

describe('an upload that is disposed of', () => {
  it('should be canceled and cleaned up before the scope is left', async () => {
    const stage = portStage({ bandwidth: 10_000 });
    let disposed: PromiseLike<void> | undefined;
    const { report } = await stage.play(spec, {
      canceled: true,
      on: (event, run) => {
        if (event.type === 'call' && event.op === 'push') disposed ??= run[Symbol.asyncDispose]();
      }
    });
    await disposed;
    expect(report).toMatchObject({ outcome: 'canceled', failure: { message: 'canceled: disposed' } });
    expect(left(stage)).toEqual(NOTHING);
  });
});
