// Whole downloads through the port door, where time is virtual: what goes wrong on the way, and what it leaves.
import { describe, expect, it } from 'vitest';
import { failure } from '../../machines/vocabulary.ts';
import { type ContentLibrary, PortFailure, type Ports } from '../../src/ports.ts';
import { seededRandom } from '../../src/simulator/index.ts';
import { memoryTarget } from '../download/memory-target.ts';
import { activeDownloads } from '../invariants/download.ts';
import { bytesFrom, downloadStage } from './download-stage.ts';

const FILES = { 'a.iso': bytesFrom(1, 40_000), 'b.bin': bytesFrom(2, 9_000), 'empty.txt': new Uint8Array(0) };

/** The ports with one method of the service answered by the test. */
function instead(method: keyof ContentLibrary, answer: () => Promise<unknown>) {
  return (ports: Ports): Ports => ({
    ...ports,
    library: new Proxy(ports.library, { get: (its, key) => (key === method ? answer : Reflect.get(its, key)) })
  });
}

describe('a download from beginning to end', () => {
  it('should keep what the item holds, by digest, and leave no session', async () => {
    const stage = await downloadStage(FILES);
    const { report, target } = await stage.play();
    expect(report).toMatchObject({ outcome: 'done', kept: 49_000, received: 49_000, retries: 0, notes: [] });
    expect(new Set(report.files.map(({ verified }) => verified))).toEqual(new Set(['digest']));
    expect([...target.kept.keys()].sort()).toEqual(Object.keys(FILES).sort());
    expect(activeDownloads(stage.simulator)).toEqual([]);
  });

  it('should fetch nothing the second time', async () => {
    const stage = await downloadStage(FILES);
    const { target } = await stage.play();
    const { report } = await stage.play({ target });
    expect(report).toMatchObject({ outcome: 'upToDate', received: 0 });
  });

  it('should outlast a connection that breaks in the middle, and ask only for the rest', async () => {
    const stage = await downloadStage(FILES, {
      faults: [{ on: 'get', file: 'a.iso', do: 'reset', afterBytes: 20_000 }]
    });
    const { report } = await stage.play();
    expect(report).toMatchObject({ outcome: 'done', retries: 1 });
    expect(report.received).toBeLessThan(60_000);
  });

  it('should begin a file anew where the server looks at no range, and where its bytes changed on the way', async () => {
    const faults = [
      { on: 'get', file: 'a.iso', do: 'reset', afterBytes: 20_000 },
      { on: 'get', file: 'b.bin', do: 'corrupt', atByte: 5 }
    ];
    const stage = await downloadStage(FILES, { faults, rules: { ranges: false } });
    const { report } = await stage.play();
    expect(report.outcome).toBe('done');
    expect(report.received).toBeGreaterThan(49_000 + 9_000);
  });

  it('should go on in a new session when its own has expired', async () => {
    const stage = await downloadStage(FILES, {
      faults: [{ on: 'downloadFile.prepare', do: 'expireSession', skip: 1 }]
    });
    const { report } = await stage.play({ parallel: 1 });
    expect(report.outcome).toBe('done');
    expect(stage.simulator.requests.filter(({ op }) => op === 'download.create')).toHaveLength(2);
  });

  it('should find its session when the answer to the create was lost', async () => {
    const stage = await downloadStage(FILES, { faults: [{ on: 'download.create', do: 'loseAnswer' }] });
    const { report } = await stage.play();
    expect(report.outcome).toBe('done');
    expect(activeDownloads(stage.simulator)).toEqual([]);
  });
});

describe('a download that cannot end well', () => {
  it('should leave no part when the disk is full', async () => {
    const stage = await downloadStage(FILES);
    const { report, target } = await stage.play({ target: memoryTarget(10_000) });
    expect(report).toMatchObject({ outcome: 'failed', failure: { code: 'TARGET_UNWRITABLE' } });
    expect([...target.parts.keys()]).toEqual([]);
  });

  it('should leave what was there as it was', async () => {
    const stage = await downloadStage(FILES);
    const target = memoryTarget();
    target.kept.set('b.bin', Buffer.from('mine'));
    const { report } = await stage.play({ target });
    expect(report).toMatchObject({ outcome: 'failed', failure: { code: 'ALREADY_EXISTS' }, received: 0 });
  });

  it('should name session and parts when its machine breaks', async () => {
    const stage = await downloadStage(FILES);
    const target = memoryTarget();
    const read = {
      ...target,
      openPart: async (name: string) => {
        target.parts.set(name, new Uint8Array(0));
        return undefined as never;
      }
    };
    const { report } = await stage.play({ target: { ...read, parts: target.parts, kept: target.kept } });
    expect(report).toMatchObject({ outcome: 'failed', failure: { code: 'INTERNAL' } });
    expect(report.notes).toEqual([
      `left on the server: session ${report.sessionId}`,
      'left in memory: what has come of "a.iso", "b.bin", "empty.txt"'
    ]);
  });
});

describe('a deadline', () => {
  /** The service takes that long to take the session away. */
  const slowToDelete =
    (clock: Ports['clock'], ms: number) =>
    (ports: Ports): Ports => ({
      ...ports,
      library: new Proxy(ports.library, {
        get: (its, key) =>
          key === 'deleteDownloadSession'
            ? async (...args: Parameters<ContentLibrary['deleteDownloadSession']>) => {
                await clock.sleepUntil(clock.now() + ms);
                return its.deleteDownloadSession(...args);
              }
            : Reflect.get(its, key)
      })
    });

  it('should not undo a download whose files are all kept', async () => {
    const stage = await downloadStage(FILES);
    const { report } = await stage.play({ deadlineMs: 5_000, ports: slowToDelete(stage.clock, 8_000) });
    expect(report.outcome).toBe('done');
    expect(report.failure).toBeUndefined();
  });

  it('should end one that is not finished, and leave nothing', async () => {
    const stage = await downloadStage(FILES, {
      faults: [{ on: 'get', do: 'slow', bytesPerSecond: 100, times: 'always' }]
    });
    const { report, target } = await stage.play({ deadlineMs: 5_000 });
    expect(report).toMatchObject({ outcome: 'failed', failure: { code: 'DEADLINE' } });
    expect([...target.parts.keys()]).toEqual([]);
    expect(activeDownloads(stage.simulator)).toEqual([]);
  });
});

it('should leave the folder and the server in order, at whatever moment it is canceled', async () => {
  const whole = await (await downloadStage(FILES)).play();
  const outcomes = new Set<string>();
  for (let number = 0; number < whole.events.length; number++) {
    const stage = await downloadStage(FILES);
    let seen = 0;
    const { report, target } = await stage.play({
      on: (_, run) => {
        if (seen++ === number) run.cancel('somebody asked');
      }
    });
    outcomes.add(report.outcome);
    expect([...target.parts.keys()], `canceled at event ${number}`).toEqual([]);
    expect(activeDownloads(stage.simulator), `canceled at event ${number}`).toEqual([]);
  }
  expect(outcomes).toEqual(new Set(['canceled', 'done']));
});

describe('any download in a bad night', () => {
  const CALLS = ['library.find', 'item.*', 'itemFile.list', 'download.*', 'downloadFile.*', 'get', '*'];
  const FAULTS = [
    { do: 'refuse' },
    { do: 'answer', status: 503, retryAfter: 2 },
    { do: 'answer', status: 500 },
    { do: 'loseAnswer' },
    { do: 'late', delayMs: 900 },
    { do: 'stall' },
    { do: 'slow', bytesPerSecond: 500 }
  ];
  const IN_A_BODY = [
    { on: 'get', do: 'reset', afterBytes: 700 },
    { on: 'get', do: 'corrupt', atByte: 3 },
    { on: 'get', do: 'stall', afterBytes: 60 },
    { on: 'downloadFile.prepare', do: 'expireSession' },
    { on: 'get', do: 'expireSession' }
  ];

  it('should keep every promise in 200 seeded worlds, and come to every end', async () => {
    const ends: Record<string, number> = {};
    for (let seed = 1; seed <= 200; seed++) {
      const random = seededRandom(seed);
      const pick = <T>(list: readonly T[]): T => list[Math.floor(random.next() * list.length)] as T;
      const files = Object.fromEntries(
        Array.from({ length: 1 + Math.floor(random.next() * 4) }, (_, index) => [
          `file${index}.bin`,
          bytesFrom(seed * 10 + index, Math.floor(random.next() * 3_000))
        ])
      );
      const faults = Array.from({ length: Math.floor(random.next() * 4) }, () => ({
        ...pick<object>([...FAULTS.map(fault => ({ ...fault, on: pick(CALLS) })), ...IN_A_BODY]),
        times: random.next() < 0.1 ? 'always' : 1 + Math.floor(random.next() * 2),
        skip: Math.floor(random.next() * 3)
      }));
      const rules = { preparingMs: pick([0, 0, 700]), ranges: random.next() < 0.7 };
      const stage = await downloadStage(files, { seed, faults: faults as never, rules });
      const target = memoryTarget(random.next() < 0.08 ? 1_500 : undefined);
      const there = random.next();
      if (there < 0.3)
        target.kept.set('file0.bin', there < 0.15 ? (files['file0.bin'] as Uint8Array) : Buffer.from('other'));
      const cancelAfter = random.next() < 0.25 ? Math.floor(random.next() * 70) : undefined;
      let seen = 0;
      const { report } = await stage.play({
        target,
        ifExists: pick(['fail', 'skip', 'replace'] as const),
        parallel: 1 + Math.floor(random.next() * 3),
        on: (_, run) => {
          if (seen++ === cancelAfter) run.cancel('somebody asked');
        }
      });
      ends[report.outcome] = (ends[report.outcome] ?? 0) + 1;
    }
    console.log('ends of 200 downloads:', ends);
    for (const outcome of ['done', 'failed', 'canceled']) expect(ends[outcome] ?? 0, outcome).toBeGreaterThan(9);
  });
});

it('should begin nothing that is not written down, wherever the journal fails', async () => {
  let appends = 0;
  const fullAfter =
    (good: number) =>
    (ports: Ports): Ports => ({
      ...ports,
      journal: {
        ...ports.journal,
        append: async records => {
          if (appends++ >= good) throw new Error('ENOSPC: no space left on device');
          await ports.journal.append(records);
        }
      }
    });
  const whole = await (await downloadStage(FILES)).play({ ports: fullAfter(Number.POSITIVE_INFINITY) });
  expect(whole.report.outcome).toBe('done');
  const all = appends;
  const outcomes = new Set<string>();
  for (let good = 0; good < all; good++) {
    appends = 0;
    const stage = await downloadStage(FILES);
    const { report, target } = await stage.play({ ports: fullAfter(good) });
    outcomes.add(`${report.outcome} ${report.failure?.code}`);
    const asked = stage.simulator.requests.map(({ op }) => op);
    if (good === 0) expect(asked).not.toContain('download.create');
    if (report.outcome === 'done') expect(report.notes).toContain('the journal does not know that this run has ended');
    expect([...target.parts.keys(), ...activeDownloads(stage.simulator)], `${good} of ${all}`).toEqual([]);
  }
  expect(outcomes).toEqual(new Set(['failed JOURNAL', 'done undefined']));
});

it('should tell a failure to log in or to list as what it is', async () => {
  const stage = await downloadStage(FILES);
  const denied = async () => {
    throw new PortFailure(failure('UNAUTHORIZED', 'this needs the privilege System.Read'));
  };
  const { report } = await stage.play({ ports: instead('getItem', denied) });
  expect(report).toMatchObject({ outcome: 'failed', failure: { code: 'UNAUTHORIZED' }, files: [] });
});
