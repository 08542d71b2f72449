import { describe, expect, it } from 'vitest';
import { failure } from '../../machines/vocabulary.ts';
import type { RunEvent } from '../../src/events/records.ts';
import { createObserver } from '../../src/observe/observer.ts';
import { ndjsonView } from '../../src/view/ndjson.ts';
import { plainView } from '../../src/view/plain.ts';
import { ttyView } from '../../src/view/tty.ts';
import { modeFor, wantsColor } from '../../src/view/view.ts';
import { breakOff, broken, fileState, MIB, push, started, state } from '../observe/log.ts';
import { manualClock } from '../observe/manual-clock.ts';

function scene() {
  const clock = manualClock();
  const observer = createObserver({ clock, attempts: 5 });
  const texts: string[] = [];
  const write = (text: string): void => {
    texts.push(text);
  };
  const tell = (...events: RunEvent[]): void => {
    for (const event of events) observer.event(event);
  };
  return { clock, observer, texts, write, tell };
}
const why = failure('CONNECTION', 'the connection to vc.example broke', { sent: 5 });
const failed: RunEvent = { at: 3000, type: 'ended', outcome: 'failed', failure: why };

describe('what the server fetches, in lines', () => {
  const files = [
    { name: 'a.iso', role: 'plain', pull: true },
    { name: 'b.iso', size: MIB, role: 'plain' }
  ] as const;
  const begun = (some: Extract<RunEvent, { type: 'started' }>['files']): RunEvent =>
    ({ ...started, files: some }) as RunEvent;

  it('should be told as that, with as much of the size as is known', () => {
    const { clock, observer, texts, write, tell } = scene();
    const view = plainView(observer, { write, clock });
    for (const some of [files, files.slice(0, 1), files.slice(1)]) tell(begun(some));
    view.stop();
    expect(texts).toEqual([
      '[0:00] images/ubuntu on https://vc.example: 2 files, 1.0 MiB and more; the server fetches\n',
      '[0:00] images/ubuntu on https://vc.example: 1 file, size unknown; the server fetches\n',
      '[0:00] images/ubuntu on https://vc.example: 1 file, 1.0 MiB\n'
    ]);
  });
  it('should be counted without a share of what nobody knows', async () => {
    const { clock, observer, texts, write, tell } = scene();
    tell(begun(files.slice(0, 1)));
    const view = plainView(observer, { write, clock });
    tell({ at: 1, type: 'state', path: 'file:0', machine: 'upload-file', state: 'pulling.asking', file: 'a.iso' });
    observer.bytes('a.iso', { sent: 0, accepted: 3 * MIB });
    await clock.advance(10_000);
    view.stop();
    expect(texts.slice(-2)).toEqual([
      '[0:00] a.iso: the server fetches it\n',
      expect.stringMatching(/^\[0:10\] 0 B sent, 3\.0 MiB accepted/)
    ]);
  });
});

describe('the terminal view', () => {
  const head = 'images/ubuntu  locating  0:00  (sent/accepted/size)';

  it('should hide the cursor, draw in place, and give the cursor back at the end', async () => {
    const { clock, observer, texts, write, tell } = scene();
    tell(started);
    const view = ttyView(observer, { write, clock, color: false, columns: () => 30, rows: () => 10 });
    expect(texts.splice(0)).toEqual([
      '\x1b[?25limages/ubuntu    0:00\x1b[0K\nubuntu.ovf     0%  queued\x1b[0K\ndisk1.vmdk     0%  queued\x1b[0K\nall 2 files    0%\x1b[0K\n\x1b[0J'
    ]);
    tell(state(1, 'locating.findingLibrary'));
    await clock.advance(100);
    expect(texts.splice(0).map(text => text.split('\n')[0])).toEqual(['\x1b[4A\rimages/ubuntu  locating  0:00\x1b[0K']);
    observer.end();
    await view.done;
    expect(texts.at(-1)).toBe('\x1b[?25h');
    expect(clock.sleeping).toBe(0);
  });

  it('should take 80 columns and 24 rows when the terminal does not say', () => {
    const { clock, observer, texts, write, tell } = scene();
    tell(started, state(0, 'locating'));
    for (const size of [() => undefined, () => 0]) {
      texts.length = 0;
      ttyView(observer, { write, clock, color: false, columns: size, rows: size }).stop();
      expect(texts[0]?.split('\x1b[0K')[0]).toBe(`\x1b[?25l${head}`);
    }
  });

  it('should let the countdown of a wait run, and draw nothing by itself otherwise', async () => {
    const { clock, observer, texts, write, tell } = scene();
    tell(started);
    const view = ttyView(observer, { write, clock, color: false });
    texts.length = 0;
    await clock.advance(2000);
    expect(texts).toEqual([]);
    tell(...breakOff(2000));
    await clock.advance(500);
    texts.length = 0;
    await clock.advance(1000);
    expect(texts.map(text => /goes on in ([^:]*)/.exec(text)?.[1])).toEqual(['1.0 s']);
    view.stop();
  });

  it('should put lines of others above the block', () => {
    const { clock, observer, texts, write, tell } = scene();
    tell(started);
    const view = ttyView(observer, { write, clock, color: false, columns: () => 30 });
    texts.length = 0;
    view.log('a warning');
    expect(texts[0]).toBe('\x1b[4A\r\x1b[0Ja warning\n');
    expect(texts[1]?.split('  ')[0]).toBe('\x1b[?25limages/ubuntu');
    view.stop();
    view.stop();
    view.log('afterwards');
    expect(texts.slice(2)).toEqual(['\x1b[?25h', 'afterwards\n']);
  });

  it('should draw nothing, and touch no cursor, when nothing happened', async () => {
    const { clock, observer, texts, write } = scene();
    const none = { progress$: observer.timeline$ as never };
    const view = ttyView(none, { write, clock, color: false });
    view.log('a warning');
    await clock.advance(1000);
    observer.end();
    await view.done;
    expect(texts).toEqual(['a warning\n']);
  });

  it('should end by itself when the run was over before', async () => {
    const { clock, observer, texts, write, tell } = scene();
    tell(started, failed);
    observer.end();
    await ttyView(observer, { write, clock, color: false }).done;
    expect(texts).toHaveLength(2);
    expect(texts[0]).toContain('images/ubuntu  failed');
  });
});

describe('the plain view', () => {
  it('should write a line for each change of state, each retry and the end', async () => {
    const { clock, observer, texts, write, tell } = scene();
    const view = plainView(observer, { write, clock, attempts: 2 });
    tell(
      started,
      state(0, 'locating.findingLibrary'),
      state(0, 'locating.findingItem'),
      state(500, 'holding.transferring.files')
    );
    tell(fileState(600, 1, 'adding'), fileState(700, 1, 'pushing'), push(700, 1), ...breakOff(1000), push(3000, 1));
    tell(...breakOff(3100), push(5000, 1), { at: 5000, type: 'answer', path: 'x', op: 'push' });
    tell({ at: 5000, type: 'call', path: 'x', op: 'push' }, { at: 5000, type: 'call', path: 'x', op: 'getSession' });
    tell({ at: 6000, type: 'waiting', path: 'busy', until: 7000, why: 'another session is open' });
    tell({ at: 6000, type: 'waiting', path: 'lease/rest', until: 7000 }, failed);
    observer.end();
    await view.done;
    expect(texts).toEqual([
      '[0:00] images/ubuntu on https://vc.example: 2 files, 64.0 MiB\n',
      '[0:00] locating\n',
      '[0:01] transferring\n',
      '[0:01] disk1.vmdk: adding\n',
      '[0:01] disk1.vmdk: pushing\n',
      `[0:01] disk1.vmdk: push failed, again in 2.0 s: ${broken.message}\n`,
      '[0:03] disk1.vmdk: attempt 2/2\n',
      `[0:03] disk1.vmdk: push failed, again in 2.0 s: ${broken.message}\n`,
      '[0:05] disk1.vmdk: attempt 3\n',
      '[0:06] waits 1.0 s: another session is open\n',
      '[0:03] failed: the connection to vc.example broke\n'
    ]);
    expect(clock.sleeping).toBe(0);
  });

  it('should write how far it is every ten seconds', async () => {
    const { clock, observer, texts, write, tell } = scene();
    const view = plainView(observer, { write, clock });
    await clock.advance(10_000);
    tell({ ...started, at: 10_000 } as RunEvent, push(10_000, 1));
    for (let second = 1; second <= 10; second += 1) {
      await clock.advance(850);
      observer.bytes('disk1.vmdk', { sent: second * MIB, accepted: (second - 1) * MIB });
      await clock.advance(150);
    }
    expect(texts.slice(1)).toEqual(['[0:10] 15%: 10.0 sent, 9.0 accepted of 64.0 MiB, 1.0 MiB/s, 0:54 left\n']);
    tell(...breakOff(20_000));
    await clock.advance(10_000);
    expect(texts.at(-1)).toBe('[0:20] 15%: 10.0 sent, 9.0 accepted of 64.0 MiB, waiting 0.0 s\n');
    view.log('a warning');
    expect(texts.at(-1)).toBe('a warning\n');
    view.stop();
    view.stop();
    await view.done;
  });

  it('should name one file, and a retry that is about none', () => {
    const { clock, observer, texts, write, tell } = scene();
    plainView(observer, { write, clock });
    const one = { ...started, files: [{ name: 'a\x1b.iso', size: 1, role: 'plain' }] } as RunEvent;
    tell(one, { at: 0, type: 'answer', path: 'findLibrary/call', op: 'findLibraries', failure: why });
    tell({ at: 0, type: 'waiting', path: 'findLibrary/wait', until: 500 }, fileState(0, 0, 'adding'), {
      at: 1,
      type: 'ended',
      outcome: 'done'
    });
    expect(texts).toEqual([
      '[0:00] images/ubuntu on https://vc.example: 1 file, 1 B\n',
      '[0:00] findLibraries failed, again in 0.5 s: the connection to vc.example broke\n',
      '[0:00] a?.iso: adding\n',
      '[0:00] done\n'
    ]);
  });
});

describe('the NDJSON view', () => {
  it('should write JSON lines only: status, transition, retry, error and summary', async () => {
    const { clock, observer, texts, write, tell } = scene();
    const view = ndjsonView(observer, { write, clock });
    tell(started, state(1, 'locating'), push(2, 1), ...breakOff(1000), failed);
    view.log('a warning');
    observer.end();
    await view.done;
    const lines = texts.map(text => {
      expect(text.endsWith('\n')).toBe(true);
      return JSON.parse(text) as { schema: number; type: string };
    });
    expect(new Set(lines.map(line => line.schema))).toEqual(new Set([1]));
    const files = (attempt: number) => [
      { name: 'ubuntu.ovf', size: 1024, sent: 0, accepted: 0, state: 'queued', attempt: 0, of: 5, rate: 0 },
      { name: 'disk1.vmdk', size: 64 * MIB, sent: 0, accepted: 0, state: 'queued', attempt, of: 5, rate: 0 }
    ];
    const total = { size: 64 * MIB + 1024, sent: 0, accepted: 0, rate: 0 };
    const status = { schema: 1, type: 'status', at: 0, waits: [] };
    expect(lines).toEqual([
      { ...status, phase: '', total: { size: 0, sent: 0, accepted: 0, rate: 0, etaMs: 0 }, files: [], retries: 0 },
      { schema: 1, type: 'transition', at: 1, path: '', machine: 'upload', state: 'locating' },
      { schema: 1, type: 'transition', at: 1000, path: 'file:1/pushing', machine: 'attempt', state: 'waiting' },
      {
        schema: 1,
        type: 'retry',
        at: 1000,
        path: 'file:1/pushing/wait',
        file: 'disk1.vmdk',
        op: 'push',
        until: 3000,
        waitMs: 2000,
        code: 'CONNECTION',
        message: broken.message
      },
      { schema: 1, type: 'log', at: 0, message: 'a warning' },
      { ...status, phase: 'locating', total, files: files(1), retries: 1 },
      {
        schema: 1,
        type: 'error',
        at: 3000,
        code: 'CONNECTION',
        message: why.message,
        next: 'check that the server is up and reachable, then run the command again'
      },
      {
        schema: 1,
        type: 'summary',
        at: 3000,
        run: 'r1',
        to: 'images/ubuntu',
        outcome: 'failed',
        files: 2,
        size: 64 * MIB + 1024,
        sent: 0,
        accepted: 0,
        retries: 1,
        durationMs: 3000
      }
    ]);
    expect(clock.sleeping).toBe(0);
  });

  it('should give a late view what it missed, and a last line that counts bytes over all attempts', async () => {
    const { clock, observer, texts, write, tell } = scene();
    tell(started, push(0, 1));
    observer.bytes('disk1.vmdk', { sent: 1000, accepted: 0 });
    tell(...breakOff(1000), push(3000, 1));
    const view = ndjsonView(observer, { write, clock });
    observer.bytes('disk1.vmdk', { sent: 64 * MIB, accepted: 64 * MIB });
    tell({ at: 3001, type: 'ended', outcome: 'done' });
    observer.end();
    await view.done;
    const lines = texts.map(text => JSON.parse(text) as Record<string, unknown>);
    expect(lines.slice(-2)).toMatchObject([
      { type: 'status', total: { sent: 64 * MIB } },
      { type: 'summary', outcome: 'done', sent: 64 * MIB + 1000, accepted: 64 * MIB }
    ]);
  });

  it('should say nothing of an end that has not come when it is stopped, and nothing afterwards', () => {
    const { clock, observer, texts, write, tell } = scene();
    tell(started, state(1, 'locating'));
    const view = ndjsonView(observer, { write, clock });
    view.stop();
    view.stop();
    tell(state(2, 'done'));
    expect(texts.map(text => (JSON.parse(text) as { type: string }).type)).toEqual(['transition', 'status']);
  });
});

describe('the choice of a view', () => {
  it('should be what was asked, else the block on a terminal that can and lines elsewhere', () => {
    expect([
      modeFor('ndjson', true, {}),
      modeFor('auto', true, { TERM: 'xterm' }),
      modeFor('auto', true, { TERM: 'dumb' }),
      modeFor('auto', false, { TERM: 'xterm' })
    ]).toEqual(['ndjson', 'tty', 'plain', 'plain']);
  });

  it('should colour unless NO_COLOR or a dumb terminal says no', () => {
    expect([
      wantsColor({}),
      wantsColor({ NO_COLOR: '' }),
      wantsColor({ NO_COLOR: '1' }),
      wantsColor({ TERM: 'dumb' })
    ]).toEqual([true, true, false, false]);
  });
});
