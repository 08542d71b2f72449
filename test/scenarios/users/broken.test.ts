// Uploads over bad lines: what breaks is sent again, what is dead is noticed, what was sent stays sent; and memory stays flat.
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { diskFiles } from '../../../src/adapters/files/file-source.ts';
import type { ByteSource, Ports } from '../../../src/ports.ts';
import { upload } from '../../../src/upload.ts';
import { call, folderWith, left as leftBy, serve } from '../../cli/call.ts';
import { bytesOf } from '../../run/bytes.ts';
import { mortal } from '../../run/crashing.ts';
import { httpStage, left, opsOf, portStage } from '../stage.ts';

const CONTENT = Buffer.alloc(800_000, 'the quick brown fox ');
const spec = { to: 'images/fox', files: [{ name: 'fox.bin', source: bytesOf(CONTENT, 20_000) }] };
const DONE = { sessions: [], items: ['fox'] };
const NOTHING = { sessions: [], items: [] };
const GIBIBYTE = 1024 ** 3;
const MEBIBYTE = 1024 ** 2;

describe('a line that breaks', () => {
  it('should cost no more than what broke: the file is sent again in the same session (govmomi #1025, packer-plugin-vsphere #379)', async () => {
    const stage = await httpStage();
    for (const afterBytes of [100_000, 300_000]) stage.simulator.inject({ on: 'put', do: 'reset', afterBytes });
    const { report } = await stage.play(spec);
    expect(report).toMatchObject({ outcome: 'done', retries: 2, files: [{ verified: 'digest', attempts: 3 }] });
    expect([opsOf(stage).filter(op => op === 'session.create').length, left(stage)]).toEqual([1, DONE]);
  });

  it('should not begin at zero after 69 minutes: what is READY is not sent again by the next process (rclone #1656, #87, #552)', async () => {
    const stage = portStage({ bandwidth: 150, sessionTimeoutMs: 24 * 3_600_000 });
    const files = ['a.bin', 'b.bin', 'c.bin'].map(name => ({ name, source: bytesOf(CONTENT.subarray(0, 200_000)) }));
    const options = { run: '6a3c1d52-0d6e-4c7b-9a51-2f1c00000000', policy: { watchMs: 300_000 } };
    const its = { to: 'images/fox', files, parallel: 1 };
    const began = stage.clock.now();
    // It dies when two of three are there.
    let pushed = 0;
    const first = mortal(
      { ...stage.ports, bytes: { ...stage.ports.bytes, push: async request => stage.ports.bytes.push(request) } },
      undefined
    );
    const dies: Ports = {
      ...first.ports,
      bytes: {
        ...first.ports.bytes,
        push: request => (++pushed > 2 ? new Promise<never>(() => undefined) : stage.ports.bytes.push(request))
      }
    };
    const run = upload(dies, its, options);
    await stage.clock.advanceBy(69 * 60_000);
    expect(pushed).toBe(3);
    const { outcome, files: sent, sessionId } = await stage.clock.run(upload(stage.ports, its, options).report);
    expect([outcome, sent.map(({ attempts }) => attempts)]).toEqual(['done', [0, 0, 1]]);
    expect([sessionId, opsOf(stage).filter(op => op === 'put').length]).toEqual([expect.any(String), 3]);
    expect(stage.clock.now() - began).toBeGreaterThan(69 * 60_000);
    void run;
  });

  it('should be gone on with by the same command after a crash (aws/eks-anywhere #1319)', async () => {
    const folder = folderWith({ 'fox.iso': CONTENT });
    const { env, simulator } = await serve({ faults: [{ on: 'put', do: 'answer', status: 503, times: 2 }] });
    const { code } = await call(['upload', join(folder, 'fox.iso'), 'images', '--json'], { env });
    expect([code, leftBy(simulator)]).toEqual([0, { items: ['fox'], sessions: [] }]);
  });
});

describe('a dead upload', () => {
  it('should be noticed in seconds by its bytes, not an hour later (terraform-provider-vcd #1429)', async () => {
    const stage = portStage({}, { stallMs: 60_000 });
    stage.simulator.inject({ on: 'put', do: 'stall', afterBytes: 200_000 });
    const { report, events } = await stage.play(spec);
    const noticed = events.find(event => event.type === 'answer' && event.op === 'push' && event.failure);
    expect(noticed).toMatchObject({ failure: { code: 'STALLED' } });
    expect(noticed!.at - report.startedAt).toBeLessThan(62_000);
    expect([report.outcome, left(stage)]).toEqual(['done', DONE]);
  });

  it('should not hang for ever on a server that stands still, nor count as accepted what only went into a socket (govc: stalled server)', async () => {
    const stage = await httpStage({}, { timeouts: { stallMs: 200, headersMs: 200 } });
    stage.simulator.inject({ on: 'put', do: 'stall', afterBytes: 100_000, times: 'always' });
    const { report, progress } = await stage.play(spec, { policy: { maxAttempts: 2 } });
    expect(report).toMatchObject({ outcome: 'failed', failure: { code: 'STALLED' } });
    // Sent is one number, accepted another.
    for (const { total } of progress) expect(total.accepted).toBeLessThanOrEqual(100_000);
    expect(report.sent).toBeGreaterThan(report.accepted);
    expect(left(stage)).toEqual(NOTHING);
  });
});

describe('a time-out', () => {
  it('should be settable for each phase (ansible-collections/vmware.vmware_rest #236)', async () => {
    for (const [timeouts, fault, code] of [
      [{ headersMs: 50 }, { on: 'session.create', do: 'stall' }, 'TIMED_OUT'],
      [{ stallMs: 50 }, { on: 'put', do: 'stall', afterBytes: 10 }, 'STALLED']
    ] as const) {
      const stage = await httpStage({}, { timeouts });
      stage.simulator.inject({ ...fault, times: 'always' });
      const { report } = await stage.play(spec, { policy: { maxAttempts: 2 } });
      expect([report.outcome, report.failure?.code]).toEqual(['failed', code]);
    }
  });

  it('should be none for an upload that moves, however long it takes (ansible-collections/community.vmware #2253, #947)', async () => {
    const stage = portStage({ bandwidth: 10, sessionTimeoutMs: 3 * 3_600_000 });
    const { report } = await stage.play(spec, { policy: { watchMs: 3_600_000 } });
    expect([report.outcome, report.retries]).toEqual(['done', 0]);
    expect(report.endedAt - report.startedAt).toBeGreaterThan(20 * 3_600_000);
  });

  it('should not come of twenty packages at once: their number on the way is bounded (ansible/ansible #45276)', async () => {
    const names = Array.from({ length: 20 }, (_, at) => `vm${at}.iso`);
    const folder = folderWith(Object.fromEntries(names.map(name => [name, name])));
    const { env, simulator } = await serve();
    const words = ['upload', ...names.map(name => join(folder, name)), 'images', '--parallel-items', '4', '--json'];
    const { code, stdout } = await call(words, { env });
    expect([code, JSON.parse(stdout).items.length, leftBy(simulator).items.length]).toEqual([0, 20, 20]);
    let open = 0;
    const most = simulator.requests.reduce((least, { op }) => {
      if (op === 'session.create') open += 1;
      if (op === 'session.delete') open -= 1;
      return Math.max(least, open);
    }, 0);
    expect(most).toBeLessThanOrEqual(4);
    expect(most).toBeGreaterThan(1);
  });
});

describe('a file of 1 GiB', () => {
  it('should never be in memory as a whole (terraform-provider-vsphere #1638, #2673, ansible-collections/vmware.vmware #220, #385, #386, vmware-skills/VMware-AIops #18)', async () => {
    const path = join(folderWith({ 'big.iso': '' }), 'big.iso');
    truncateSync(path, GIBIBYTE);
    const disk = await diskFiles.open(path);
    const memory = new Set<ArrayBufferLike>();
    let read = 0;
    const source: ByteSource = {
      size: disk.size,
      read: async function* (signal, reuse) {
        for await (const chunk of disk.read(signal, reuse)) {
          memory.add(chunk.buffer);
          read += chunk.length;
          yield chunk;
        }
      }
    };
    const stage = await httpStage({}, { timeouts: { stallMs: 300 } });
    // The server takes 4 MiB and then stands still: whoever reads on keeps in memory what it reads.
    stage.simulator.inject({ on: 'put', do: 'stall', afterBytes: 4 * MEBIBYTE, times: 'always' });
    const { report } = await stage.play(
      { to: 'images/big', files: [{ name: 'big.iso', source }] },
      { policy: { maxAttempts: 1 }, truth: new Map() }
    );
    expect(report.failure?.code).toBe('STALLED');
    // What the kernel buffers on both ends is a few MiB; of this process it is two pieces, filled in turn.
    expect(read).toBeGreaterThanOrEqual(4 * MEBIBYTE);
    expect(read).toBeLessThan(24 * MEBIBYTE);
    expect([...memory].reduce((sum, { byteLength }) => sum + byteLength, 0)).toBeLessThanOrEqual(4 * MEBIBYTE);
  });
});
