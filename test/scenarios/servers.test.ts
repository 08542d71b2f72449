// Servers that tell less than others: what cannot be held against the source is said, and never taken for proven.
import { describe, expect, it } from 'vitest';
import { PROFILES } from '../../src/servers/profiles.ts';
import { bytesOf } from '../run/bytes.ts';
import { signedPackage } from '../sources/signed-package.ts';
import { left, opsOf, portStage } from './stage.ts';

const spec = {
  to: 'images/fox',
  files: [{ name: 'fox.bin', source: bytesOf('the quick brown fox'.repeat(5_000), 8_000) }]
};
const sourceOf = ([name, content]: [string, string | Uint8Array]) => ({ name, source: bytesOf(content) });
const DONE = { sessions: [], items: ['fox'] };

describe('a server that reports no digest', () => {
  const profile = { ...PROFILES['8.0'], reportsDigest: false };

  it('should be held to the size, with a note', async () => {
    const stage = portStage({ profile });
    const { report } = await stage.play(spec);
    expect(report).toMatchObject({ outcome: 'done', files: [{ verified: 'size', accepted: 95_000 }] });
    expect(report.notes).toEqual([expect.stringMatching(/^fox\.bin: held against the source by size only/)]);
    expect(left(stage)).toEqual(DONE);
  });

  it('should get the same bytes again: nothing shows that it has them', async () => {
    const stage = portStage({ profile });
    await stage.play(spec);
    const { report } = await stage.play(spec);
    expect(report).toMatchObject({ outcome: 'done', sent: 95_000, item: { contentVersion: '3' } });
  });
});

it('should be held to its own digest where it cannot take that of a manifest', async () => {
  const stage = portStage({ profile: PROFILES['6.5'] });
  const { report } = await stage.play({ to: 'images/vm', files: Object.entries(signedPackage().files).map(sourceOf) });
  expect(report.files.map(({ role, verified, digest }) => [role, verified, digest?.algorithm])).toEqual([
    ['manifest', 'notKept', undefined],
    ['certificate', 'notKept', undefined],
    ['descriptor', 'digest', 'SHA1'],
    ['disk', 'digest', 'SHA1']
  ]);
});

describe('a server that reports neither size nor digest', () => {
  it('should be believed, with a note', async () => {
    const { report } = await portStage({
      profile: { ...PROFILES['8.0'], reportsDigest: false, reportsSize: false }
    }).play(spec);
    expect(report).toMatchObject({ outcome: 'done', files: [{ verified: 'notReported' }] });
    expect(report.notes).toEqual([expect.stringMatching(/^fox\.bin: not held against the source/)]);
  });
});

describe('a server whose files never turn READY', () => {
  it('should not be waited for, and its word taken for the bytes', async () => {
    const stage = portStage({ profile: { ...PROFILES['8.0'], reportsReady: false } });
    const { report, witness } = await stage.play(spec);
    expect(report).toMatchObject({ outcome: 'done', accepted: 95_000, files: [{ verified: 'digest' }] });
    expect(witness.calls.map(({ op }) => op)).not.toContain('getFile');
    expect(left(stage)).toEqual(DONE);
  });
});

describe('servers of every kind', () => {
  it.each(Object.values(PROFILES))(
    'should take a file to the end, and have nothing of it left over ($name)',
    async profile => {
      const stage = portStage({ profile });
      stage.simulator.inject({ on: 'session.create', do: 'loseAnswer' });
      stage.simulator.inject({ on: 'put', do: 'reset', afterBytes: 100 });
      const { report } = await stage.play(spec);
      expect(report).toMatchObject({ outcome: 'done', retries: expect.any(Number) });
      expect(report.retries).toBeGreaterThan(0);
      expect(opsOf(stage).filter(op => op === 'session.create')).toHaveLength(1);
      expect(left(stage)).toEqual(DONE);
    }
  );
});
