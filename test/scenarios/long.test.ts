// Transfers of a whole night, in no time: session and login live beside them, whatever the clocks say, and what ends them on
// the server ends the sending.
import { describe, expect, it, onTestFinished } from 'vitest';
import { failure } from '../../machines/vocabulary.ts';
import { connect } from '../../src/connect.ts';
import { download } from '../../src/download.ts';
import { memoryJournal } from '../../src/events/memory-journal.ts';
import { type ByteSource, type Clock, PortFailure, type Ports } from '../../src/ports.ts';
import { createSimulator, offsetClock, type VirtualClock, virtualClock } from '../../src/simulator/index.ts';
import { upload } from '../../src/upload.ts';
import { memoryTarget } from '../download/memory-target.ts';
import { activeDownloads } from '../invariants/download.ts';
import { brokenLease, leasesOf } from '../invariants/lease.ts';
import { bytesOf } from '../run/bytes.ts';
import { left, opsOf, playIn, portStage, type VirtualStage } from './stage.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const NIGHT_MS = 12 * HOUR_MS;
/** Bytes a second; they go out in drops, each of twenty minutes. */
const BANDWIDTH = 2;
const SIZE = (NIGHT_MS / 1_000) * BANDWIDTH;
const DROP = 1_200 * BANDWIDTH;
const EXPIRY_MS = 30 * MINUTE_MS;
const NIGHT = { bandwidth: BANDWIDTH, sessionTimeoutMs: EXPIRY_MS };
/** Nobody but the lease talks to the server beside the transfer. */
const QUIET = { watchMs: 9 * NIGHT_MS };
const CONTENT = Buffer.alloc(SIZE, 'through the night ');

function slowly(): ByteSource {
  return {
    size: SIZE,
    async *read() {
      for (let at = 0; at < SIZE; at += DROP) yield CONTENT.subarray(at, Math.min(at + DROP, SIZE));
    }
  };
}
const spec = () => ({ to: 'images/night', files: [{ name: 'night.bin', source: slowly() }] });

/** How the client's clock stands to the server's: ahead by so much, and moved by so much in the middle of the night. */
const CLOCKS: readonly (readonly [string, number, number])[] = [
  ['tells the same time', 0, 0],
  ['is an hour ahead', HOUR_MS, 0],
  ['is an hour behind', -HOUR_MS, 0],
  ['jumps an hour ahead in the middle', 0, HOUR_MS]
];

function moved(base: Clock, aheadMs: number, jumpMs: number): Clock {
  const clock = offsetClock(base);
  clock.advanceBy(aheadMs);
  if (jumpMs !== 0) later(base, NIGHT_MS / 2, () => clock.advanceBy(jumpMs));
  return clock;
}
function later(clock: Clock, ms: number, act: () => unknown): void {
  clock.sleepUntil(clock.now() + ms).then(act);
}

describe('an upload of twelve hours', () => {
  it.each(CLOCKS)('should keep its session all the time when the clock of the client %s', async (_, ahead, jump) => {
    const stage = portStage(NIGHT);
    const { report } = await stage.play(spec(), {
      policy: QUIET,
      ports: ports => ({ ...ports, clock: moved(stage.clock, ahead, jump) })
    });
    expect(report).toMatchObject({ outcome: 'done', retries: 0, files: [{ attempts: 1, sent: SIZE }] });
    expect(report.endedAt - report.startedAt - jump).toBeGreaterThanOrEqual(NIGHT_MS);
    const { requests } = stage.simulator;
    expect(brokenLease(requests, EXPIRY_MS)).toEqual([]);
    expect(leasesOf(requests)).toHaveLength(1);
    expect(leasesOf(requests)[0]?.beats).toBeGreaterThan((3 * NIGHT_MS) / EXPIRY_MS);
    expect(opsOf(stage).filter(op => op === 'session.create' || op === 'put')).toEqual(['session.create', 'put']);
  });

  it.each([
    ['an hour ahead', HOUR_MS, 2],
    ['an hour back', -HOUR_MS, 1]
  ])('should end well when the clock of the server jumps %s in the middle', async (_, jump, sessions) => {
    const clock = virtualClock();
    const theirs = offsetClock(clock);
    const simulator = createSimulator({ ...NIGHT, clock: theirs });
    const ports = { ...simulator.connect({ journal: memoryJournal() }), clock };
    later(clock, NIGHT_MS / 2, () => theirs.advanceBy(jump));
    const { report } = await playIn({ simulator, ports, clock }, spec(), { policy: QUIET });
    expect(report.outcome).toBe('done');
    expect(leasesOf(simulator.requests)).toHaveLength(sessions);
  });
});

describe('an upload whose login ends in the middle of the night', () => {
  it('should log in again, and go on with the same session and the same body', async () => {
    const clock = virtualClock();
    const simulator = createSimulator({ ...NIGHT, clock, loginTimeoutMs: 20 * MINUTE_MS });
    onTestFinished(() => simulator.close());
    const { url } = await simulator.listen();
    const connection = await connect({ url, username: 'user', password: 'pass' });
    onTestFinished(() => connection.close());
    const { ports, drive } = timeless({ ...connection, clock }, clock);
    const logins = () => simulator.requests.filter(({ op }) => op === 'login.create').length;
    let before = 0;
    later(clock, NIGHT_MS / 2, () => {
      before = logins();
      simulator.endLogins();
    });
    const report = await drive(upload(ports, spec(), { policy: QUIET }).report);
    expect(report).toMatchObject({ outcome: 'done', retries: 0, files: [{ attempts: 1, sent: SIZE }] });
    expect(report.endedAt - report.startedAt).toBeGreaterThanOrEqual(NIGHT_MS);
    // For six hours nothing but the lease has shown the login.
    expect([before, logins()]).toEqual([1, 2]);
    const ops = simulator.requests.map(({ op }) => op);
    expect(ops.filter(op => op === 'session.create' || op === 'put')).toEqual(['session.create', 'put']);
    expect(brokenLease(simulator.requests, EXPIRY_MS)).toEqual([]);
  });
});

/** Over a real socket on a virtual clock: time passes only while no call is on its way. */
function timeless<P extends Ports>(
  ports: P,
  clock: VirtualClock
): { ports: P; drive<T>(work: Promise<T>): Promise<T> } {
  let calls = 0;
  const library = new Proxy(ports.library, {
    get: (target, key) => {
      const method: unknown = Reflect.get(target, key);
      if (typeof method !== 'function') return method;
      return (...args: unknown[]) => {
        calls += 1;
        return (method.apply(target, args) as Promise<unknown>).finally(() => {
          calls -= 1;
        });
      };
    }
  });
  return {
    ports: { ...ports, library },
    drive: async work => {
      let settled = false;
      const end = () => {
        settled = true;
      };
      work.then(end, end);
      while (!settled) await (calls > 0 ? new Promise(resolve => setImmediate(resolve)) : clock.advanceToNext());
      return work;
    }
  };
}

describe('an upload whose session ends on the server while bytes go out', () => {
  const slow = (name: string) => ({ name, source: bytesOf(Buffer.alloc(600_000, name), 1_000) });

  it('should stop sending within seconds, with the words of the server first', async () => {
    const said = 'Failed to write disk2.bin: no space left on device.';
    const stage = portStage({ bandwidth: 1_000 });
    stage.simulator.inject({ on: 'put', file: 'disk2.bin', do: 'transferError', afterBytes: 60_000, message: said });
    const files = ['disk1.bin', 'disk2.bin', 'disk3.bin'].map(slow);
    const { report, witness } = await stage.play({ to: 'images/vm', files });
    expect(report.outcome).toBe('failed');
    expect(report.failure?.message.startsWith(said), report.failure?.message).toBe(true);
    const pushes = witness.calls.filter(({ op }) => op === 'push').map(({ until }) => Number(until));
    expect(Math.max(...pushes) - Math.min(...pushes)).toBeLessThan(5_000);
    expect(report.endedAt - Math.min(...pushes)).toBeLessThan(5_000);
    expect(left(stage)).toEqual({ sessions: [], items: [] });
  });

  it('should hear of it also when no body of its own fails', async () => {
    const stage = portStage({ bandwidth: 1_000 });
    later(stage.clock, 5 * MINUTE_MS, () => {
      const [session] = stage.simulator.state.sessions.flatMap(bucket => Object.keys(bucket));
      return stage.simulator.ports().library.failSession(String(session), 'the administrator wants the disk');
    });
    const { report } = await stage.play({ to: 'images/vm', files: [slow('disk1.bin')] });
    expect(report).toMatchObject({ outcome: 'failed', failure: { code: 'SESSION_ERROR' } });
    expect(report.failure?.message).toMatch(/^the administrator wants the disk/);
    expect(report.endedAt - report.startedAt - 5 * MINUTE_MS).toBeLessThan(5_000);
    expect(left(stage)).toEqual({ sessions: [], items: [] });
  });
});

describe('an upload whose network is away for an hour', () => {
  const files = () => [{ name: 'disk.bin', source: bytesOf(Buffer.alloc(600_000, 'disk'), 5_000) }];
  const away = (stage: VirtualStage, mended: boolean) => (ports: Ports) => {
    const net = network(ports);
    later(stage.clock, 2 * MINUTE_MS, net.cut);
    if (mended) later(stage.clock, HOUR_MS + 2 * MINUTE_MS, net.mend);
    return net.ports;
  };

  it('should open its session anew with another token when it is still there to see it come back', async () => {
    const stage = portStage({ bandwidth: 1_000 });
    const { report, witness } = await stage.play(
      { to: 'images/vm', files: files() },
      { policy: { maxAttempts: 1_000, capMs: 120_000, retryCost: 0, breakCost: 0 }, ports: away(stage, true) }
    );
    expect(report.outcome, report.failure?.message).toBe('done');
    const tokens = witness.calls.filter(({ op }) => op === 'createSession').map(({ args }) => args[1]);
    expect(new Set(tokens.map(its => JSON.stringify(its))).size).toBe(2);
    expect(stage.simulator.contents('vm')?.contentVersion).toBe(2);
  });

  it('should end honestly when that is longer than its patience', async () => {
    const stage = portStage({ bandwidth: 1_000 });
    const { report } = await stage.play({ to: 'images/vm', files: files() }, { ports: away(stage, false) });
    expect(report).toMatchObject({ outcome: 'failed', left: true, failure: { code: 'CONNECTION' } });
    expect(report.notes.join()).toMatch(/left on the server: session .*left on the server: item /);
    expect(report.endedAt - report.startedAt).toBeLessThan(15 * MINUTE_MS);
  });
});

describe('what the server is told of the progress', () => {
  it('should be what it has taken, and never more', async () => {
    const stage = portStage({ bandwidth: 10_000, sessionTimeoutMs: 2 * MINUTE_MS });
    const told: number[] = [];
    for (const minute of [2, 5, 8]) {
      later(stage.clock, minute * MINUTE_MS, () => {
        const [session] = stage.simulator.state.sessions.flatMap(bucket => Object.values(bucket));
        told.push(Number(session?.progress) - 10 * minute);
      });
    }
    const source = bytesOf(Buffer.alloc(6_000_000, 'progress'));
    await stage.play({ to: 'images/vm', files: [{ name: 'disk.bin', source }] }, { policy: { watchMs: 10_000 } });
    expect(told).toHaveLength(3);
    // One look and one sign of life behind: forty seconds of six hundred, and what the server has not counted yet.
    for (const off of told) expect(off > -12 && off <= 0, String(told)).toBe(true);
  });
});

/** A network that can be cut: what is on its way breaks off, and nothing gets through until it is mended. */
function network(ports: Ports): { ports: Ports; cut(): void; mend(): void } {
  let cut = new AbortController();
  const broken = () => new PortFailure(failure('CONNECTION', 'the network is unreachable'));
  const through = <T>(call: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    const { signal } = cut;
    if (signal.aborted) return Promise.reject(broken());
    return call(signal).catch((cause: unknown) => {
      throw signal.aborted ? broken() : cause;
    });
  };
  const library = new Proxy(ports.library, {
    get: (target, key) => {
      const method: unknown = Reflect.get(target, key);
      if (typeof method !== 'function') return method;
      return (...args: unknown[]) => through(() => method.apply(target, args) as Promise<unknown>);
    }
  });
  const bytes: Ports['bytes'] = {
    push: request =>
      through(signal =>
        ports.bytes.push({ ...request, signal: request.signal ? AbortSignal.any([request.signal, signal]) : signal })
      ),
    fetch: request => ports.bytes.fetch(request)
  };
  return {
    ports: { ...ports, library, bytes },
    cut: () => cut.abort(),
    mend: () => {
      cut = new AbortController();
    }
  };
}

describe('a download of twelve hours', () => {
  it.each(CLOCKS.slice(3))(
    'should keep its session all the time when the clock of the client %s',
    async (_, ahead, jump) => {
      const clock = virtualClock();
      const files = [{ name: 'night.bin', base64: CONTENT.toString('base64') }];
      const simulator = createSimulator({
        ...NIGHT,
        clock,
        libraries: [{ name: 'images', items: [{ name: 'n', files }] }]
      });
      const ports = { ...simulator.connect({ journal: memoryJournal() }), clock: moved(clock, ahead, jump) };
      const to = memoryTarget();
      const { report } = download(ports, { from: 'images/n', to });
      expect(await clock.run(report)).toMatchObject({ outcome: 'done', retries: 0, files: [{ verified: 'digest' }] });
      expect(Buffer.compare(to.kept.get('night.bin')!, CONTENT)).toBe(0);
      expect(brokenLease(simulator.requests, EXPIRY_MS, 'download')).toEqual([]);
      expect(leasesOf(simulator.requests, 'download')[0]?.beats).toBeGreaterThan((3 * NIGHT_MS) / EXPIRY_MS);
      expect(activeDownloads(simulator)).toEqual([]);
    }
  );
});
