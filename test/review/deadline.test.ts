// A deadline that passes after the session is DONE: the report says what the item holds, not what might have been.
import { expect, it } from 'vitest';
import { bytesOf } from '../run/bytes.ts';
import { portStage } from '../scenarios/stage.ts';

const spec = {
  to: 'images/fox',
  files: [{ name: 'fox.bin', source: bytesOf(Buffer.alloc(300_000, 'fox ')) }],
  deadlineMs: 20_000
};

it('should be done where the item is verified after the deadline', async () => {
  const stage = portStage();
  stage.simulator.inject({ on: 'itemFile.list', do: 'stall' });
  const { report } = await stage.play(spec);
  expect(report).toMatchObject({ outcome: 'done', files: [{ verified: 'digest' }] });
  expect(report.failure).toBeUndefined();
});

it('should say that the item is not verified where it is not, rather than that it took too long', async () => {
  const stage = portStage();
  stage.simulator.inject({ on: 'itemFile.list', do: 'stall', times: 'always' });
  const { report } = await stage.play(spec, { policy: { maxAttempts: 2 } });
  expect(report).toMatchObject({ outcome: 'failed', failure: { code: 'NOT_VERIFIED' } });
});

it('should fail where nothing is DONE yet', async () => {
  const stage = portStage();
  stage.simulator.inject({ on: 'put', do: 'stall', times: 'always' });
  const { report } = await stage.play(spec, { canceled: true });
  expect(report).toMatchObject({ outcome: 'failed', failure: { code: 'DEADLINE' } });
});
