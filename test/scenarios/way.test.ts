// What goes wrong on the way: connections that break, answers that say "later", servers that say nothing, bytes that change.
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { bytesOf } from '../run/bytes.ts';
import { type Ended, httpStage, left, opsOf, portStage, timelessHttpStage } from './stage.ts';

const CONTENT = Buffer.alloc(3_000_000, 'the quick brown fox ');
const spec = { to: 'images/fox', files: [{ name: 'fox.bin', source: bytesOf(CONTENT) }] };
const DONE = { sessions: [], items: ['fox'] };
const NOTHING = { sessions: [], items: [] };

/** For every wait: how long it was, and what it waited for. */
function waitsOf({ events }: Ended): [string, number][] {
  return events.flatMap(event =>
    event.type === 'waiting' && event.path.endsWith('/wait')
      ? [[event.path, event.until - event.at] as [string, number]]
      : []
  );
}

describe('a connection dropped in mid-body', () => {
  it('should be sent again from the beginning, and be counted', async () => {
    const stage = await httpStage();
    stage.simulator.inject({ on: 'put', do: 'reset', afterBytes: 1_000_000 });
    const { report } = await stage.play(spec);
    expect(report).toMatchObject({ outcome: 'done', retries: 1, files: [{ verified: 'digest', attempts: 2 }] });
    expect(report.sent).toBeGreaterThan(CONTENT.length);
    expect(report.accepted).toBe(CONTENT.length);
    expect(left(stage)).toEqual(DONE);
  });

  it('should end in one sentence when it never stops happening', async () => {
    const stage = await httpStage();
    stage.simulator.inject({ on: 'put', do: 'reset', afterBytes: 5, times: 'always' });
    const { report } = await stage.play({
      to: 'images/fox',
      files: [{ name: 'fox.txt', source: bytesOf('the quick') }]
    });
    expect(report).toMatchObject({ outcome: 'failed', failure: { code: 'CONNECTION' }, files: [{ attempts: 5 }] });
    expect(left(stage)).toEqual(NOTHING);
  });

  it('should not run out of tries while each try comes further than the last', async () => {
    const stage = portStage();
    for (let part = 1; part <= 12; part++)
      stage.simulator.inject({ on: 'put', do: 'reset', afterBytes: 200_000 * part });
    const { report } = await stage.play(spec);
    expect(report).toMatchObject({ outcome: 'done', files: [{ attempts: 13 }] });
  });
});

describe('a server that asks to come back later', () => {
  it.each(['seconds', 'date'] as const)('should be left alone for as long as it says, in %s', async retryAfterAs => {
    const stage = await timelessHttpStage();
    const later = { do: 'answer', status: 503, retryAfter: 7, retryAfterAs } as const;
    for (const on of ['library.find', 'item.create', 'session.create', 'file.add', 'put', 'file.validate'])
      stage.simulator.inject({ ...later, on });
    stage.simulator.inject({ ...later, on: 'session.complete' });
    const ended = await stage.play(spec);
    expect(ended.report).toMatchObject({ outcome: 'done', retries: 6 });
    const waits = waitsOf(ended);
    expect(waits.map(([path]) => path.split('/').at(-2))).toEqual([
      'findLibrary',
      'createItem',
      'createSession',
      'adding',
      'pushing',
      'validate'
    ]);
    for (const [path, ms] of waits) expect(ms, path).toBeGreaterThanOrEqual(7_000);
    const completes = stage.simulator.requests.filter(({ op }) => op === 'session.complete');
    expect(completes.map(({ status }) => status)).toEqual([503, expect.any(Number)]);
    expect(completes[1]!.at - completes[0]!.at).toBeGreaterThanOrEqual(7_000);
  });

  it('should not be waited for longer than the policy allows', async () => {
    const stage = portStage();
    stage.simulator.inject({ on: 'session.create', do: 'answer', status: 429, retryAfter: 86_400 });
    const ended = await stage.play(spec, { policy: { retryAfterCapMs: 10_000 } });
    expect(ended.report.outcome).toBe('done');
    const [[path, ms] = ['', 0]] = waitsOf(ended);
    expect([path, ms >= 10_000, ms < 12_000]).toEqual(['createSession/wait', true, true]);
  });

  it('should be believed when it never gets better', async () => {
    const stage = portStage();
    stage.simulator.inject({
      on: 'session.create',
      do: 'answer',
      status: 503,
      message: 'Maintenance.',
      times: 'always'
    });
    const { report } = await stage.play(spec);
    expect(report).toMatchObject({ outcome: 'failed', failure: { code: 'UNAVAILABLE', message: 'Maintenance.' } });
    expect(opsOf(stage).filter(op => op === 'session.create')).toHaveLength(5);
    expect(left(stage)).toEqual(NOTHING);
  });
});

describe('a server that says nothing', () => {
  it('should be given up and tried again, in mid-body and in a call', async () => {
    const stage = await httpStage({}, { timeouts: { stallMs: 150, headersMs: 150 } });
    stage.simulator.inject({ on: 'put', do: 'stall', afterBytes: 500_000 });
    stage.simulator.inject({ on: 'file.add', do: 'stall' });
    const { report, events } = await stage.play(spec);
    // The server goes on waiting for the rest of the first body, and says so, until the name is added anew.
    expect(report).toMatchObject({ outcome: 'done', files: [{ verified: 'digest', attempts: 2 }] });
    const codes = events.flatMap(event => (event.type === 'answer' && event.failure ? [event.failure.code] : []));
    expect(codes.length).toBeGreaterThanOrEqual(2);
    for (const code of codes) expect(['STALLED', 'TIMED_OUT', 'INVALID_ARGUMENT']).toContain(code);
    expect(left(stage)).toEqual(DONE);
  });
});

describe('bytes that change on the way', () => {
  it('should be found by the digest that the server reports, where none was announced', async () => {
    const stage = await httpStage();
    stage.simulator.inject({ on: 'put', do: 'corrupt', atByte: 777 });
    const { report } = await stage.play(spec);
    expect(report).toMatchObject({ outcome: 'done', files: [{ verified: 'digest', attempts: 2 }] });
  });

  it('should end the upload when they always do', async () => {
    const stage = await httpStage();
    stage.simulator.inject({ on: 'put', do: 'corrupt', times: 'always' });
    const { report } = await stage.play(spec);
    expect(report).toMatchObject({ outcome: 'failed', failure: { code: 'CHECKSUM_MISMATCH' } });
    expect(left(stage)).toEqual(NOTHING);
  });

  it.each(['refuse', 'acceptThenError'] as const)(
    'should be found by the server, where a digest was announced (%s)',
    async mismatch => {
      const stage = await httpStage({ rules: { mismatch } });
      stage.simulator.inject({ on: 'put', do: 'corrupt', atByte: 777 });
      const digest = { algorithm: 'SHA256', checksum: createHash('sha256').update(CONTENT).digest('hex') };
      const { report } = await stage.play({ ...spec, files: [{ ...spec.files[0]!, digest }] });
      expect(report).toMatchObject({ outcome: 'done', files: [{ verified: 'digest', attempts: 2 }] });
    }
  );

  it.each(['refuse', 'acceptThenError'] as const)(
    'should be called what they are when they always do and the server finds it (%s)',
    async mismatch => {
      const stage = await httpStage({ rules: { mismatch } });
      stage.simulator.inject({ on: 'put', do: 'corrupt', times: 'always' });
      const digest = { algorithm: 'SHA256', checksum: createHash('sha256').update(CONTENT).digest('hex') };
      const { report, events } = await stage.play({ ...spec, files: [{ ...spec.files[0]!, digest }] });
      expect(report).toMatchObject({ outcome: 'failed', failure: { code: 'CHECKSUM_MISMATCH' } });
      // between two pushes there is always a wait, which says why
      const pushes = events.filter(event => event.type === 'call' && event.op === 'push').length;
      const waits = events.filter(event => event.type === 'waiting' && event.path === 'file:0/wait');
      expect(waits).toHaveLength(pushes - 1);
      for (const wait of waits) expect(wait).toMatchObject({ why: expect.stringMatching(/checksum/) });
      expect(report.retries).toBe(pushes - 1);
      expect(left(stage)).toEqual(NOTHING);
    }
  );

  it('should end the session at once where the server ends it', async () => {
    const stage = await httpStage({ rules: { mismatch: 'sessionError' } });
    stage.simulator.inject({ on: 'put', do: 'corrupt', atByte: 777 });
    const digest = { algorithm: 'SHA256', checksum: createHash('sha256').update(CONTENT).digest('hex') };
    const { report } = await stage.play({ ...spec, files: [{ ...spec.files[0]!, digest }] });
    expect(report).toMatchObject({ outcome: 'failed', failure: { code: 'SESSION_ERROR' } });
    expect(report.failure?.message).toMatch(/checksum/i);
    expect(left(stage)).toEqual(NOTHING);
  });
});
