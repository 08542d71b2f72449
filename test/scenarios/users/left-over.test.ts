// What a failed import leaves behind elsewhere, and must not leave here. Each line of ../shared/users.md 3 that is about it.
import { describe, expect, it } from 'vitest';
import type { UserOption } from '../../../src/simulator/users.ts';
import { call, folderWith, left as leftBy, serve } from '../../cli/call.ts';
import { bytesOf } from '../../run/bytes.ts';
import { httpStage, left, opsOf, PASSWORD, portStage } from '../stage.ts';

const spec = { to: 'images/fox', files: [{ name: 'fox.bin', source: bytesOf('the quick brown fox '.repeat(1_000)) }] };
const NOTHING = { sessions: [], items: [] };
const DONE = { sessions: [], items: ['fox'] };

describe('an import that failed', () => {
  it.each(['session.create', 'file.add', 'put', 'file.validate', 'session.complete'])(
    'should leave no item of 0 bytes behind, so that the retry is not refused as ALREADY_EXISTS (govmomi #2585, #2958): %s',
    async on => {
      const stage = portStage();
      stage.simulator.inject({ on, do: 'answer', status: 400, message: 'No.', times: 'always' });
      const first = await stage.play(spec, { policy: { maxAttempts: 2 } });
      expect([first.report.outcome, left(stage)]).toEqual(['failed', NOTHING]);
      stage.simulator.faults.clear();
      // As strict as a create that wants no item to be there.
      const second = await stage.play({ ...spec, ifExists: 'fail' });
      expect([second.report.outcome, left(stage)]).toEqual(['done', DONE]);
    }
  );

  it('should not need its item to be deleted by hand before every import (aws/eks-anywhere #344)', async () => {
    const folder = folderWith({ 'fox.iso': 'the quick brown fox' });
    const { env, simulator } = await serve({ libraries: [{ name: 'images', items: [{ name: 'fox', type: 'iso' }] }] });
    // An item of 0 bytes that somebody else's import has left.
    const once = await call(['upload', `${folder}/fox.iso`, 'images/fox', '--json'], { env });
    const twice = await call(['upload', `${folder}/fox.iso`, 'images/fox', '--json'], { env });
    const outcomes = [once, twice].map(({ stdout }) => JSON.parse(stdout).items[0].outcome);
    expect([once.code, twice.code, outcomes]).toEqual([0, 0, ['done', 'upToDate']]);
    expect(leftBy(simulator)).toEqual({ items: ['fox'], sessions: [] });
  });

  it('should end its session on the server at once, not leave it there until a time-out (govmomi #3554)', async () => {
    const stage = portStage({ bandwidth: 5_000 });
    stage.simulator.inject({ on: 'put', do: 'reset', afterBytes: 500, times: 'always' });
    const { report } = await stage.play(spec, { policy: { maxAttempts: 2 } });
    expect([report.outcome, report.failure?.code, left(stage)]).toEqual(['failed', 'CONNECTION', NOTHING]);
    const ending = stage.simulator.requests.filter(({ op }) => /^session\.(fail|delete)$|^item\.delete$/.test(op));
    expect(ending.map(({ op }) => op)).toEqual(['session.fail', 'session.delete', 'item.delete']);
    // Long before the five minutes after which the server would have done so.
    expect(ending[0]!.at - report.startedAt).toBeLessThan(10_000);
  });

  it('should leave nothing ACTIVE whichever call is fatal (govc: on any error)', async () => {
    for (const fault of [
      { on: 'put', do: 'reset', afterBytes: 10 },
      { on: 'put', do: 'answer', status: 503 },
      { on: 'file.add', do: 'answer', status: 401 },
      { on: 'session.complete', do: 'answer', status: 429 },
      { on: 'put', do: 'stall' }
    ] as const) {
      const stage = portStage({}, { stallMs: 2_000 });
      stage.simulator.inject({ ...fault, times: 'always' });
      const { report } = await stage.play(spec, { policy: { maxAttempts: 2 } });
      expect([fault.on, report.outcome, left(stage)]).toEqual([fault.on, 'failed', NOTHING]);
    }
  });
});

describe('a user who may not do all of it', () => {
  const may = (...privileges: string[]): Record<string, UserOption> => ({
    user: { password: PASSWORD, privileges: ['System.Read', ...privileges] as never }
  });

  it.each([
    ['make items', [], 'AddLibraryItem'],
    [
      'open update sessions',
      ['ContentLibrary.AddLibraryItem', 'ContentLibrary.DeleteLibraryItem'],
      'ContentLibrary.UpdateSession'
    ]
  ])(
    'should be told the privilege, and find nothing left, where he may not %s (hashicorp/packer #10183, govmomi #2242, packer-plugin-vsphere #142)',
    async (_, privileges, says) => {
      const stage = await httpStage({ users: may(...privileges) });
      const { report } = await stage.play(spec);
      expect(report).toMatchObject({ outcome: 'failed', failure: { code: 'UNAUTHORIZED' }, left: false });
      expect(report.failure?.message).toContain(says);
      expect(left(stage)).toEqual(NOTHING);
    }
  );

  it('should be told what stays where he may not take it away, and go on with it the next time (packer-plugin-vsphere #238)', async () => {
    const stage = await httpStage({ users: may('ContentLibrary.AddLibraryItem') });
    const { report } = await stage.play(spec);
    expect(report).toMatchObject({ outcome: 'failed', failure: { code: 'UNAUTHORIZED' }, left: true });
    expect(report.notes.join()).toContain(`left on the server: item ${report.item?.id}`);
    const helped = await httpStage({ libraries: [{ name: 'images', items: [{ name: 'fox' }] }] });
    expect((await helped.play(spec)).report.outcome).toBe('done');
  });

  it('should not take the 404 of an add for a missing item (govmomi #2958)', async () => {
    const stage = portStage();
    stage.simulator.inject({ on: 'file.add', do: 'answer', status: 404, message: 'Not found.', times: 'always' });
    const { report } = await stage.play(spec);
    expect([report.outcome, left(stage)]).toEqual(['failed', NOTHING]);
    // The session was asked, and was there: what is said is what the add was answered with.
    expect(report.failure).toMatchObject({ code: 'NOT_FOUND', message: 'Not found.' });
    expect(opsOf(stage)).toContain('session.delete');
  });
});
