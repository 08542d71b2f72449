// Done only after DONE and verified content; every other end leaves the server as it was, or the report says what is there.
import { describe, expect, it } from 'vitest';
import { LANDS_WITHIN_MS } from '../../../machines/workflow/doubts.ts';
import type { IfExists } from '../../../src/spec.ts';
import { renderReport } from '../../../src/view/report.ts';
import { upload } from '../../../src/upload.ts';
import { bytesOf } from '../../run/bytes.ts';
import { mortal } from '../../run/crashing.ts';
import { type Ended, left, opsOf, type PlayOptions, portStage, type VirtualStage } from '../stage.ts';
import { goingWrong } from './going-wrong.ts';

const NEW = { name: 'fox.bin', source: bytesOf('the quick brown fox') };
const OLD = [
  { name: 'fox.bin', text: 'a slow brown fox' },
  { name: 'hen.bin', text: 'a hen' }
];
/** Nobody looks beside the transfer, so that the calls of a run are the same each time. */
const policy = { watchMs: 3_600_000, patienceMs: 5_000 };

function stageOf(items: 'no item' | 'an empty item' | 'an item with files'): VirtualStage {
  const files = items === 'an item with files' ? OLD : [];
  return portStage({ libraries: [{ name: 'images', items: items === 'no item' ? [] : [{ name: 'fox', files }] }] });
}
const play = (stage: VirtualStage, ifExists: IfExists, options: PlayOptions = {}): Promise<Ended> =>
  stage.play({ to: 'images/fox', files: [NEW], ifExists }, { policy, ...options });
const heldBy = ({ simulator }: VirtualStage) =>
  simulator.contents('fox')?.files.map(({ name, digests }) => [name, digests]);
const standing = (stage: VirtualStage) => JSON.stringify([left(stage), heldBy(stage)]);

describe.each(['no item', 'an item with files'] as const)('an upload to %s', items => {
  it('should leave all as it was when any one call is refused for good, or be done with verified content', async () => {
    const whole = stageOf(items);
    const calls = (await play(whole, 'replace')).witness.calls.map(({ op }) => op);
    const before = standing(stageOf(items));
    const ends: Record<string, string[]> = {};
    for (const [index, op] of calls.entries()) {
      const stage = stageOf(items);
      const { report } = await play(stage, 'replace', {
        ports: ports => goingWrong(ports, { at: index + 1, how: 'refused' })
      });
      const end = report.failure?.code ?? report.outcome;
      ends[end] = [...(ends[end] ?? []), op];
      if (report.outcome === 'done') expect(heldBy(stage), op).toEqual(heldBy(whole));
      else if (report.failure?.code === 'NOT_VERIFIED') expect(report.item?.id, op).toBeDefined();
      else expect([standing(stage), report.notes, report.left], op).toEqual([before, [], false]);
    }
    // What comes after DONE cannot make it undone: at most the content could not be read back, or a session stays.
    expect(ends.NOT_VERIFIED).toEqual(['listItemFiles']);
    expect(ends.done?.slice(-2)).toEqual(['getItem', 'deleteSession']);
    expect(ends.UNSUPPORTED).toContain('complete');
  });
});

describe('an upload whose server goes away', () => {
  it('should say what it had to leave, whenever that is, and take it away when the server is back', async () => {
    const { length } = (await play(stageOf('no item'), 'update')).witness.calls;
    const before = standing(stageOf('no item'));
    let told = 0;
    for (let at = 1; at <= length; at++) {
      const stage = stageOf('no item');
      const run = `6a3c1d52-0d6e-4c7b-9a51-2f1c00${String(at).padStart(6, '0')}`;
      const { report } = await play(stage, 'update', { run, ports: ports => goingWrong(ports, { at, how: 'gone' }) });
      if (report.outcome === 'done') continue;
      expect([at, report.outcome]).toEqual([at, 'failed']);
      if (standing(stage) !== before) expect([at, report.left]).toEqual([at, true]);
      if (report.left) expect([at, report.notes.join()]).toEqual([at, expect.stringContaining('left on the server')]);
      if (!report.left) continue;
      told += 1;
      const spec = { to: 'images/fox', files: [NEW] };
      // Until then something may still land, and a clean-up says so again.
      await stage.clock.advanceBy(LANDS_WITHIN_MS + 1);
      const after = await stage.clock.run(upload(stage.ports, spec, { run, cleanUp: 'cleaning up' }).report);
      expect([at, after.left]).toEqual([at, false]);
      // What had been completed before nobody could ask any more is found to be done.
      if (after.outcome === 'canceled') expect([at, standing(stage)]).toEqual([at, before]);
      else expect([at, after.outcome, after.files[0]?.verified]).toEqual([at, 'done', 'digest']);
    }
    expect(told).toBeGreaterThan(length / 2);
  });
});

describe('what is there already', () => {
  const withFiles = () => stageOf('an item with files');
  const names = (stage: VirtualStage) =>
    stage.simulator
      .contents('fox')!
      .files.map(({ name }) => name)
      .sort();

  it('should be the end of it under fail, and be left alone under skip, with no byte sent and the truth in the heading', async () => {
    const stage = withFiles();
    const before = standing(stage);
    const { report: refused } = await play(stage, 'fail');
    expect(refused).toMatchObject({ outcome: 'failed', failure: { code: 'ALREADY_EXISTS' }, sent: 0, left: false });
    const { report: skipped } = await play(stage, 'skip');
    expect(skipped).toMatchObject({ outcome: 'upToDate', skipped: true, sent: 0 });
    // Nobody has looked whether it is up to date.
    expect(renderReport(skipped)).toMatch(/^skipped, the item exists already\n/);
    expect(renderReport(skipped)).not.toContain('up to date');
    expect([standing(stage), opsOf(stage).filter(op => op === 'session.create')]).toEqual([before, []]);
  });

  it('should be told to be empty under skip, as a failed import of another tool leaves it', async () => {
    const { report } = await play(stageOf('an empty item'), 'skip');
    expect(report.notes).toEqual([expect.stringMatching(/--if-exists skip\): it holds no byte$/)]);
    expect((await play(withFiles(), 'skip')).report.notes).toEqual([expect.stringMatching(/--if-exists skip\)$/)]);
  });

  it('should change file by file under update, and be told which file took the place of another', async () => {
    const stage = withFiles();
    const files = [NEW, { name: 'cow.bin', source: bytesOf('a cow') }];
    const { report } = await stage.play({ to: 'images/fox', files });
    expect(names(stage)).toEqual(['cow.bin', 'fox.bin', 'hen.bin']);
    expect(report.files.map(({ name, replaced }) => [name, replaced])).toEqual([
      ['fox.bin', true],
      ['cow.bin', undefined]
    ]);
    expect(renderReport(report)).toMatch(/fox\.bin .* replaced .*\n.*cow\.bin .* ready /);
    const again = await stage.play({ to: 'images/fox', files });
    expect(again.report).toMatchObject({ outcome: 'upToDate', sent: 0 });
    expect(renderReport(again.report)).toMatch(/^up to date, nothing was sent\n/);
    expect(again.report.files.some(({ replaced }) => replaced)).toBe(false);
    expect(stage.simulator.contents('fox')?.contentVersion).toBe(2);
  });

  it('should be exactly what was sent under replace, and what went be named', async () => {
    const stage = withFiles();
    const { report } = await play(stage, 'replace');
    expect([names(stage), report.removed]).toEqual([['fox.bin'], ['hen.bin']]);
    expect(renderReport(report)).toContain('removed  hen.bin');
    expect((await play(stage, 'replace')).report).toMatchObject({ outcome: 'upToDate', sent: 0 });
  });

  it.each(['file.validate', 'session.complete'])(
    'should be exactly what was sent under replace although the session was lost before %s',
    async on => {
      const stage = withFiles();
      stage.simulator.inject({ on, do: 'expireSession' });
      const { report } = await play(stage, 'replace');
      expect([report.outcome, names(stage), report.removed]).toEqual(['done', ['fox.bin'], ['hen.bin']]);
      expect(opsOf(stage).filter(op => op === 'session.create')).toHaveLength(2);
    }
  );

  it('should be exactly what was sent under replace wherever the process died on its way', async () => {
    const spec = { to: 'images/fox', files: [NEW], ifExists: 'replace' } as const;
    const options = { policy, run: '6a3c1d52-0d6e-4c7b-9a51-2f1c00000000' };
    for (let at = 1; ; at++) {
      const stage = withFiles();
      const first = mortal(stage.ports, { at, acts: true });
      await stage.clock.run(Promise.race([upload(first.ports, spec, options).report, first.dead]));
      const records = await stage.ports.journal.read(options.run);
      if (records.at(-1)?.type === 'ended') break;
      const { outcome, removed } = await stage.clock.run(upload(stage.ports, spec, options).report);
      expect([at, outcome, names(stage)]).toEqual([at, expect.stringMatching(/done|upToDate/), ['fox.bin']]);
      // What went is named, also where it had gone from the session before the process died.
      if (outcome === 'done') expect([at, removed]).toEqual([at, ['hen.bin']]);
    }
  });
});

describe('a create whose answer never came', () => {
  it.each([
    ['item.create', 'perhaps an item "fox"'],
    ['session.create', 'perhaps a session on item']
  ])('should be told, and kept for cleanup, where it may still land after the end of the run: %s', async (on, says) => {
    const stage = stageOf(on === 'item.create' ? 'no item' : 'an empty item');
    stage.simulator.inject({ on, do: 'late', delayMs: 15_000, times: 'always' });
    const spec = { to: 'images/fox', files: [NEW] };
    const options = { run: '6a3c1d52-0d6e-4c7b-9a51-2f1c00000000', policy: { ...policy, maxAttempts: 2 } };
    const report = await stage.clock.run(upload(stage.ports, spec, options).report);
    expect(report).toMatchObject({ outcome: 'failed', failure: { code: 'CONNECTION' }, left: true });
    expect(report.notes.join()).toContain(says);
    stage.simulator.faults.clear();
    await stage.clock.advanceBy(LANDS_WITHIN_MS);
    // There it is.
    expect(left(stage)).not.toEqual({ sessions: [], items: on === 'item.create' ? [] : ['fox'] });
    const again = upload(stage.ports, spec, { ...options, cleanUp: 'cleaning up' });
    expect((await stage.clock.run(again.report)).left).toBe(false);
    expect(left(stage)).toEqual({ sessions: [], items: on === 'item.create' ? [] : ['fox'] });
  });
});

describe('a cancel that races complete', () => {
  it.each(['complete', 'getSession', 'deleteSession'])(
    'should end done where complete had been sent and took effect, and say so: %s',
    async op => {
      const stage = stageOf('no item');
      let sent = false;
      const { report } = await play(stage, 'update', {
        on: (event, run) => {
          sent ||= event.type === 'call' && event.op === 'complete';
          if (sent && event.type === 'call' && event.op === op) run.cancel('somebody asked');
        }
      });
      expect([report.outcome, left(stage)]).toEqual(['done', { sessions: [], items: ['fox'] }]);
      expect(report.notes).toContain('canceled too late (somebody asked): complete had been sent, and took effect');
    }
  );
});
