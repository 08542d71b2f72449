import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blockOf, inTime } from '../../src/view/block.ts';
import { columnsOf } from '../../src/view/words.ts';
import { disk, ovf, progress } from './progress.ts';

const plain = { rows: 24, color: false, now: 62_500 };
const wait = {
  path: 'file:1/pushing/wait',
  file: 'disk1.vmdk',
  until: 65_000,
  why: 'the connection broke after 32.0 MiB'
};

describe('block', () => {
  it('should say everything in words on a wide terminal', () => {
    expect(blockOf(progress(), { ...plain, columns: 120 })).toEqual([
      'images/ubuntu  transferring  1 retry  1:02, 0:03 left',
      'ubuntu.ovf   ██████████████  100%     8.0 sent, 8.0 accepted of 8.0 KiB                         attempt 1/5  ready',
      'disk1.vmdk   ███▒▒▒▒░░░░░░░   50%  32.0 sent, 16.0 accepted of 64.0 MiB  12.3 MiB/s  0:03 left  attempt 2/5  pushing',
      'all 2 files  ███▒▒▒▒░░░░░░░   50%  32.0 sent, 16.0 accepted of 64.0 MiB  12.3 MiB/s  0:03 left'
    ]);
  });

  it('should keep bar, sizes, speed, tries and state at 80 columns, with the wait and its reason below', () => {
    expect(blockOf(progress({ waits: [wait] }), { ...plain, columns: 80 })).toEqual([
      'images/ubuntu  transferring  1 retry  1:02, 0:03 left  (sent/accepted/size)',
      'ubuntu.ovf   █████████████     8.0/8.0/8.0 KiB              try 1/5  ready',
      'disk1.vmdk   ███▒▒▒░░░░░░░  32.0/16.0/64.0 MiB  12.3 MiB/s  try 2/5  waits 3 s',
      'all 2 files  ███▒▒▒░░░░░░░  32.0/16.0/64.0 MiB  12.3 MiB/s',
      'disk1.vmdk: goes on in 2.5 s: the connection broke after 32.0 MiB'
    ]);
  });

  it('should say of what nobody knows the size of only how much there is', () => {
    const fetched = {
      ...disk,
      sent: 0,
      accepted: 16 * 1024 ** 2,
      size: 16 * 1024 ** 2,
      unsized: true,
      pull: true
    } as const;
    const file = { ...fetched, state: 'pulling', attempt: 1, etaMs: undefined };
    const total = {
      size: 16 * 1024 ** 2,
      unsized: true,
      sent: 0,
      accepted: 16 * 1024 ** 2,
      rate: 12.3 * 1024 ** 2
    } as const;
    const its = progress({ files: [file], total, retries: 0 });
    expect(blockOf(its, { ...plain, columns: 120 })[1]).toBe(
      'disk1.vmdk  ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░        16.0 MiB accepted  12.3 MiB/s             attempt 1/5  pulling'
    );
    expect(blockOf(its, { ...plain, columns: 60 })[1]).toContain('16.0 MiB/?');
  });

  it('should drop columns rather than wrap on narrow terminals', () => {
    expect(blockOf(progress(), { ...plain, columns: 30 })).toEqual([
      'images/ubuntu  transferring …',
      'ubuntu.ovf   100%  ready',
      'disk1.vmdk    50%  pushing',
      'all 2 files   50%'
    ]);
    expect(blockOf(progress(), { ...plain, columns: 15 })).toEqual([
      'images/ubuntu…',
      'ubun…ovf  100%',
      'disk…mdk   50%',
      'all …les   50%'
    ]);
  });

  it('should need no total for one file, and show an empty one as complete', () => {
    const empty = { ...ovf, size: 0, sent: 0, accepted: 0, attempt: 0, state: 'queued', of: undefined };
    const total = { size: 0, sent: 0, accepted: 0, rate: 0 };
    expect(blockOf(progress({ files: [empty], total, retries: 0 }), { ...plain, columns: 80 })).toEqual([
      'images/ubuntu  transferring  1:02  (sent/accepted/size)',
      'ubuntu.ovf  ███████████████  100%  0/0/0 B                           queued'
    ]);
    expect(blockOf(progress({ files: [], total, phase: 'locating', retries: 2 }), { ...plain, columns: 80 })).toEqual([
      'images/ubuntu  locating  2 retries  1:02'
    ]);
  });

  it('should rather drop a column than cut a name of usual length', () => {
    const files = [{ ...disk, name: 'ubuntu-disk1-of-2.vmdk' }];
    expect(blockOf(progress({ files }), { ...plain, columns: 102 })[1]).toBe(
      'ubuntu-disk1-of-2.vmdk  ███▒▒▒▒░░░░░░░   50%  32.0/16.0/64.0 MiB  12.3 MiB/s  attempt 2/5  pushing'
    );
    expect(blockOf(progress({ files }), { ...plain, columns: 80 })[1]).toBe(
      'ubuntu-…2.vmdk  ██▒▒▒░░░░░  32.0/16.0/64.0 MiB  12.3 MiB/s  try 2/5  pushing'
    );
  });

  it('should show the outcome when it is over', () => {
    expect(blockOf(progress({ outcome: 'done', files: [] }), { ...plain, columns: 40 })[0]).toBe(
      'images/ubuntu  done  1 retry  1:02, 0:…'
    );
  });

  it('should show the attempt without a limit when there is none', () => {
    const lines = blockOf(progress({ files: [{ ...disk, of: undefined }] }), { ...plain, columns: 100 });
    expect(lines[1]).toContain('  attempt 2 ');
  });

  it('should colour states, waits and the total, and nothing else', () => {
    const failed = { ...disk, name: 'disk2.vmdk', state: 'failed' };
    const there = { ...ovf, state: 'unchanged' };
    const lines = blockOf(progress({ files: [there, disk, failed], waits: [wait] }), {
      ...plain,
      columns: 60,
      color: true
    });
    expect(lines.slice(1)).toEqual([
      'ubuntu.ovf   100%     8.0/8.0/8.0 KiB  \x1b[32munchanged \x1b[0m',
      'disk1.vmdk    50%  32.0/16.0/64.0 MiB  \x1b[33mwaits 3 s \x1b[0m',
      'disk2.vmdk    50%  32.0/16.0/64.0 MiB  \x1b[31mfailed    \x1b[0m',
      '\x1b[1mall 3 files\x1b[0m   50%  32.0/16.0/64.0 MiB',
      '\x1b[33mdisk1.vmdk: goes on in 2.5 s: the connection broke after 3…\x1b[0m'
    ]);
  });

  it('should keep those at work in sight when there are more files than rows', () => {
    const states = ['ready', 'queued', 'pushing', 'failed', 'ready', 'queued', 'pushing', 'queued'];
    const files = states.map((state, index) => ({ ...disk, name: `d${index}`, state }));
    const lines = blockOf(progress({ files }), { ...plain, columns: 30, rows: 8 });
    expect(lines.slice(1)).toEqual([
      'd2            50%  pushing',
      'd3            50%  failed',
      'd6            50%  pushing',
      '… and 5 more: 2 ready, 3 que…',
      'all 8 files   50%'
    ]);
  });

  it('should name a wait of the upload itself, show three at most, and make names harmless', () => {
    const waits = [{ path: 'x', until: 62_000, why: 'busy\x1b[2J' }, wait, wait, wait];
    const lines = blockOf(progress({ files: [{ ...disk, name: 'a\x1b[31mb' }], waits }), { ...plain, columns: 200 });
    expect(lines[1]).toMatch(/^a\?\[31mb /);
    expect(lines.slice(2)).toEqual([
      'goes on now: busy?[2J',
      ...[1, 2].map(() => 'disk1.vmdk: goes on in 2.5 s: the connection broke after 32.0 MiB')
    ]);
  });

  it('should never be as wide as the terminal, nor higher than it', () => {
    const file = fc.record({
      name: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }),
      state: fc.constantFrom('queued', 'pushing', 'ready', 'failed'),
      attempt: fc.nat({ max: 12 })
    });
    const files = fc.array(file, { maxLength: 12 });
    fc.assert(
      fc.property(files, fc.integer({ min: 1, max: 200 }), fc.integer({ min: 7, max: 40 }), (given, columns, rows) => {
        const value = progress({ files: given.map(its => ({ ...disk, ...its })), waits: [wait] });
        const lines = blockOf(value, { columns, rows, color: false, now: 62_500 });
        expect(lines.length).toBeLessThan(rows);
        for (const line of lines) expect(columnsOf(line)).toBeLessThanOrEqual(Math.max(1, columns - 1));
      })
    );
  });
});

describe('inTime', () => {
  it('should say now when it is due', () => {
    expect([inTime(2300), inTime(0), inTime(-9)]).toEqual(['in 2.3 s', 'now', 'now']);
  });
});
