// Sessions and logins that end under a running upload, and time that passes: what keeps them, what brings them back.
import { describe, expect, it } from 'vitest';
import { bytesOf } from '../run/bytes.ts';
import { httpStage, left, opsOf, portStage, type Stage } from './stage.ts';

const CONTENT = Buffer.alloc(400_000, 'the quick brown fox ');
const FILES = ['a.bin', 'b.bin', 'c.bin'].map(name => ({
  name,
  source: bytesOf(Buffer.concat([CONTENT, Buffer.from(name)]), 20_000)
}));
const spec = { to: 'images/fox', files: FILES };
const DONE = { sessions: [], items: ['fox'] };
const NOTHING = { sessions: [], items: [] };

const count = (stage: Stage, op: string) => opsOf(stage).filter(its => its === op).length;
const versionOf = ({ simulator }: Stage) => simulator.contents('fox')?.contentVersion;

describe('a session that expires in mid-upload', () => {
  it.each(['put', 'file.add', 'file.get', 'file.validate', 'session.complete'])(
    'should be opened anew, with one step of the content version (before %s)',
    async on => {
      const stage = await httpStage();
      stage.simulator.inject({
        on,
        do: 'expireSession',
        skip: on.startsWith('file.validate') || on === 'session.complete' ? 0 : 1
      });
      const { report } = await stage.play(spec);
      expect(report).toMatchObject({ outcome: 'done', item: { contentVersion: '2' } });
      expect(count(stage, 'session.create')).toBe(2);
      expect([versionOf(stage), left(stage)]).toEqual([2, DONE]);
    }
  );

  it('should be opened anew only so many times', async () => {
    const stage = await httpStage();
    stage.simulator.inject({ on: 'put', do: 'expireSession', times: 'always' });
    const { report } = await stage.play(spec);
    expect(report).toMatchObject({ outcome: 'failed', failure: { code: 'SESSION_LOST' } });
    expect(count(stage, 'session.create')).toBe(5);
    expect(left(stage)).toEqual(NOTHING);
  });
});

describe('a session that turns ERROR on the server', () => {
  it('should stop all sending at once, and give the words of the server', async () => {
    const stage = portStage({ bandwidth: 40_000 });
    stage.simulator.inject({
      on: 'put',
      file: 'b.bin',
      do: 'transferError',
      afterBytes: 30_000,
      message: 'The disk is full.'
    });
    const { report, events } = await stage.play(spec);
    expect(report).toMatchObject({ outcome: 'failed', failure: { message: 'The disk is full.' } });
    const failed = events.findIndex(event => event.type === 'answer' && event.op === 'push' && event.failure);
    const later = events.slice(failed).flatMap(event => (event.type === 'call' ? [event.op] : []));
    expect(later).not.toContain('push');
    expect(later).not.toContain('addFile');
    // a.bin and c.bin would have taken ten seconds each.
    expect(report.endedAt - report.startedAt).toBeLessThan(4_000);
    expect(left(stage)).toEqual(NOTHING);
  });

  it('should be noticed by the watch when no push hears of it', async () => {
    const stage = portStage({ bandwidth: 10_000, rules: { expiredGraceMs: 60_000 } });
    const { report, witness } = await stage.play(spec, {
      on: event => {
        if (event.type === 'answer' && event.op === 'listFiles') {
          for (const session of stage.simulator.state.sessions.flatMap(bucket => Object.keys(bucket)))
            stage.simulator.expire(session);
        }
      }
    });
    expect(report).toMatchObject({ outcome: 'failed', failure: { message: 'The update session has expired.' } });
    expect(witness.calls.map(({ op }) => op)).not.toContain('failSession');
    expect(report.endedAt - report.startedAt).toBeLessThan(6_000);
    expect(left(stage)).toEqual(NOTHING);
  });

  it('should say that somebody canceled it', async () => {
    const stage = portStage({ bandwidth: 10_000 });
    const somebody = stage.simulator.ports().library;
    const { report } = await stage.play(spec, {
      on: event => {
        if (event.type === 'answer' && event.op === 'listFiles' && !event.failure) {
          for (const id of stage.simulator.state.sessions.flatMap(bucket => Object.keys(bucket)))
            void somebody.cancelSession(id).catch(() => undefined);
        }
      }
    });
    expect(report).toMatchObject({ outcome: 'failed', failure: { code: 'SESSION_CANCELED' } });
    expect(left(stage)).toEqual(NOTHING);
  });
});

describe('a login that ends in mid-upload', () => {
  it('should be renewed without a word', async () => {
    const stage = await httpStage();
    let pushes = 0;
    const { report } = await stage.play(spec, {
      on: event => {
        if (event.type === 'call' && event.op === 'push' && ++pushes === 2) stage.simulator.endLogins();
      }
    });
    expect(report).toMatchObject({ outcome: 'done', retries: 0 });
    expect(count(stage, 'login.create')).toBe(2);
    expect(left(stage)).toEqual(DONE);
  });

  it.each(['item.create', 'session.create', 'file.add', 'session.complete', 'session.delete'])(
    'should be renewed before %s is done, and it is done once',
    async on => {
      const stage = await httpStage();
      stage.simulator.inject({ on, do: 'expireLogin' });
      const { report } = await stage.play({ ...spec, files: FILES.slice(0, 1) });
      expect(report).toMatchObject({ outcome: 'done', item: { contentVersion: '2' } });
      expect(left(stage)).toEqual(DONE);
    }
  );
});

describe('an upload that takes twelve hours', () => {
  const HOURS = 12 * 3_600;
  it('should keep its session with signs of life no further apart than a third of its time-out', async () => {
    const stage = portStage({ bandwidth: 10 });
    const source = bytesOf(new Uint8Array(HOURS * 10).fill(7), 10_000);
    const { report } = await stage.play(
      { to: 'images/fox', files: [{ name: 'slow.bin', source }] },
      { policy: { watchMs: 60_000 } }
    );
    expect(report).toMatchObject({ outcome: 'done', retries: 0 });
    expect(report.endedAt - report.startedAt).toBeGreaterThanOrEqual(HOURS * 1_000);
    expect(count(stage, 'session.create')).toBe(1);
    const alive = stage.simulator.requests
      .filter(({ op, status }) => status === 200 && /^session\.(create|keepAlive|complete)$/.test(op))
      .map(({ at }) => at);
    const gaps = alive.slice(1).map((at, index) => at - alive[index]!);
    expect(gaps.length).toBeGreaterThan((HOURS * 1_000) / 100_000);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(300_000 / 3);
    expect(left(stage)).toEqual(DONE);
  });

  it('should also keep it when some signs of life fail', async () => {
    const stage = portStage({ bandwidth: 10 }, { stallMs: 5_000 });
    stage.simulator.inject({ on: 'session.keepAlive', do: 'refuse', probability: 0.3 });
    stage.simulator.inject({ on: 'session.keepAlive', do: 'stall', probability: 0.1 });
    const source = bytesOf(new Uint8Array(3_600 * 20).fill(7), 10_000);
    const { report } = await stage.play(
      { to: 'images/fox', files: [{ name: 'slow.bin', source }] },
      { policy: { watchMs: 60_000 } }
    );
    expect(report.outcome).toBe('done');
    expect(count(stage, 'session.create')).toBe(1);
  });
});
