// What was seen of govc library.import, row by row, and what happens here instead. Rows about logins, leftovers and stalled
// servers stand with their subjects; each test is named after its row.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { call, folderWith, left as leftBy, serve } from '../../cli/call.ts';
import { bytesOf } from '../../run/bytes.ts';
import { left, opsOf, PASSWORD, portStage } from '../stage.ts';

const MIB = 1024 * 1024;
const files = ['a', 'b', 'c'].map(name => ({ name: `${name}.bin`, source: bytesOf(name.repeat(30_000), 5_000) }));
const spec = { to: 'images/fox', files };
const DONE = { sessions: [], items: ['fox'] };

describe('an import', () => {
  it('should have several files of an item on the way at a time (govc: concurrency)', async () => {
    const one = await portStage({ bandwidth: 5_000 }).play({ ...spec, parallel: 1 });
    const three = await portStage({ bandwidth: 5_000 }).play({ ...spec, parallel: 3 });
    const took = [one, three].map(({ report }) => report.endedAt - report.startedAt);
    expect(took[0]! / took[1]!).toBeGreaterThan(2.5);
    expect(three.witness.livePushes).toEqual({ perFile: 1, all: 3 });
  });

  it('should have several items of one call on the way at a time, too (govc: concurrency)', async () => {
    const folder = folderWith({ 'a.iso': Buffer.alloc(300_000, 'a'), 'b.iso': Buffer.alloc(300_000, 'b') });
    const { env, simulator } = await serve({ bandwidth: 2 * MIB });
    const words = ['upload', join(folder, 'a.iso'), join(folder, 'b.iso'), 'images', '--parallel-items', '2'];
    expect((await call(words, { env })).code).toBe(0);
    const ops = simulator.requests.map(({ op }) => op);
    expect(ops.lastIndexOf('session.create')).toBeLessThan(ops.indexOf('session.complete'));
  });

  it('should try again whatever may pass, calls and bytes (govc: retry)', async () => {
    const stage = portStage();
    for (const on of ['library.find', 'item.create', 'session.create', 'file.add', 'file.validate', 'session.complete'])
      stage.simulator.inject({ on, do: 'answer', status: 503 });
    stage.simulator.inject({ on: 'put', do: 'reset', afterBytes: 10 });
    const { report } = await stage.play(spec);
    expect([report.outcome, report.retries > 5, left(stage)]).toEqual(['done', true, DONE]);
  });

  it('should have a bound for every wait, and one of its own if that is wished (govc: timeout)', async () => {
    const stage = portStage({}, { stallMs: 30_000 });
    stage.simulator.inject({ on: 'session.create', do: 'stall', times: 'always' });
    const first = await stage.play(spec);
    expect(first.report).toMatchObject({ outcome: 'failed', failure: { code: 'STALLED' } });
    const later = await stage.play({ ...spec, deadlineMs: 10_000 }, { canceled: true });
    expect(later.report).toMatchObject({ outcome: 'failed', failure: { code: 'DEADLINE' } });
    expect(left(stage).sessions).toEqual([]);
  });

  it.each([
    ['seconds', 429],
    ['date', 503]
  ] as const)(
    'should come back after as long as the server wants, told in %s (govc: 429/503 + Retry-After)',
    async (retryAfterAs, status) => {
      const stage = portStage();
      stage.simulator.inject({ on: 'session.complete', do: 'answer', status, retryAfter: 9, retryAfterAs });
      const { report } = await stage.play(spec);
      const completes = stage.simulator.requests.filter(({ op }) => op === 'session.complete');
      expect([report.outcome, completes.length]).toEqual(['done', 2]);
      expect(completes[1]!.at - completes[0]!.at).toBeGreaterThanOrEqual(9_000);
    }
  );

  it.each(['fail', 'wait'] as const)(
    'should end with a sentence, or wait, when the item is busy, with nothing of its own left (govc: resource_busy): %s',
    async onBusy => {
      const stage = portStage({
        users: { user: PASSWORD, other: 'secret' },
        libraries: [{ name: 'images', items: [{ name: 'fox' }] }]
      });
      const { library } = stage.simulator.ports({ username: 'other' });
      const [itemId] = await library.findItems({ name: 'fox' });
      const theirs = await library.createSession({ itemId: itemId! });
      const { report } = await stage.play(
        { ...spec, onBusy },
        {
          on: event => {
            if (event.type === 'waiting' && onBusy === 'wait')
              void library.cancelSession(theirs).catch(() => undefined);
          }
        }
      );
      if (onBusy === 'wait') expect([report.outcome, left(stage).items]).toEqual(['done', ['fox']]);
      else expect(report).toMatchObject({ outcome: 'failed', failure: { code: 'RESOURCE_BUSY' }, left: false });
      expect(left(stage).sessions).toEqual([onBusy === 'wait' ? 'CANCELED' : 'ACTIVE']);
    }
  );

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143]
  ] as const)(
    'should clean up on the server when it is stopped (govc: SIGINT/SIGTERM in import): %s',
    async (signal, exit) => {
      const folder = folderWith({ 'fox.iso': Buffer.alloc(4 * MIB) });
      const { env, simulator } = await serve({ bandwidth: MIB });
      let sent = false;
      const { code } = await call(['upload', join(folder, 'fox.iso'), 'images', '--progress', 'plain'], {
        env,
        onText: (text, send) => {
          if (sent || !text.includes('fox.iso: pushing')) return;
          sent = true;
          send(signal);
        }
      });
      expect([code, leftBy(simulator)]).toEqual([exit, { items: [], sessions: [] }]);
    }
  );

  it('should say nothing of progress on stdout, and on a pipe whole lines without control characters (govc: progress)', async () => {
    const folder = folderWith({ 'fox.iso': Buffer.alloc(300_000, 'fox ') });
    const { env } = await serve();
    const { stdout, stderr } = await call(['upload', join(folder, 'fox.iso'), 'images', '--progress', 'plain'], {
      env
    });
    expect(stdout).toMatch(/^done\n/);
    expect(stderr).toContain('fox.iso: pushing');
    for (const text of [stdout, stderr]) expect([...text].filter(its => its < ' ' && its !== '\n')).toEqual([]);
    const drawn = await call(['upload', join(folder, 'fox.iso'), 'images/again'], { env, tty: ['stderr'] });
    expect(drawn.stderr).toContain('\u001b[');
    expect(drawn.stdout).not.toContain('\u001b[');
  });

  it('should tell item, session and each file as JSON (govc: -json)', async () => {
    const folder = folderWith({ 'fox.iso': 'fox' });
    const { env, simulator } = await serve();
    const { stdout } = await call(['upload', join(folder, 'fox.iso'), 'images', '--json'], { env });
    const { schema, items } = JSON.parse(stdout);
    expect([schema, items.length]).toEqual([1, 1]);
    expect(items[0]).toMatchObject({
      outcome: 'done',
      item: { id: simulator.contents('fox')?.id, name: 'fox', made: true, contentVersion: '2' },
      sessionId: expect.stringMatching(/^[0-9a-f-]{36}/),
      files: [{ name: 'fox.iso', outcome: 'ready', verified: 'digest', sent: 3, accepted: 3 }]
    });
    const failed = await call(['upload', join(folder, 'none.iso'), 'images', '--json'], { env });
    expect(JSON.parse(failed.stdout).items[0].failure).toMatchObject({ code: 'SOURCE_UNREADABLE' });
  });

  it('should be the same twice: one item, one step of its content version, no byte the second time', async () => {
    const stage = portStage();
    await stage.play(spec);
    const puts = opsOf(stage).filter(op => op === 'put').length;
    const { report } = await stage.play(spec);
    expect([report.outcome, opsOf(stage).filter(op => op === 'put').length]).toEqual(['upToDate', puts]);
    expect(stage.simulator.contents('fox')?.contentVersion).toBe(2);
  });
});
