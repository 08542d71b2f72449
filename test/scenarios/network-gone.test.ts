// The network goes away in the middle of an upload, and stays away until the run has given up. What is left then is not the end:
// the journal keeps the run, and a later life goes on with it where it was.
import { expect, it } from 'vitest';
import { memoryJournal } from '../../src/events/memory-journal.ts';
import { createSimulator, virtualClock } from '../../src/simulator/index.ts';
import { upload } from '../../src/upload.ts';
import { bytesOf } from '../run/bytes.ts';
import { left } from './stage.ts';

const RUN = '6a3c1d52-0d6e-4c7b-9a51-2f1c00000000';
const files = ['a', 'b', 'c'].map(name => ({ name: `${name}.bin`, source: bytesOf(`the bytes of ${name}`) }));
const spec = { to: 'images/three', files, parallel: 1 };

async function cutOff(when: (event: { type: string; op?: string; about?: string }) => boolean) {
  const clock = virtualClock();
  const simulator = createSimulator({ clock });
  const journal = memoryJournal();
  const ports = simulator.connect({ journal, latencyMs: 1 });
  const run = upload(ports, spec, { run: RUN });
  let mend: (() => void) | undefined;
  run.timeline$.subscribe(event => {
    if (when(event)) mend ??= simulator.inject({ on: '*', do: 'refuse', times: 'always' });
  });
  const report = await clock.run(run.report);
  mend?.();
  return { report, clock, simulator, journal, ports };
}

it('should be gone on with where it was, and send no READY file again', async () => {
  const { report, clock, simulator, journal, ports } = await cutOff(
    ({ type, op, about }) => type === 'call' && op === 'push' && about === 'b.bin'
  );
  expect([report.outcome, report.failure?.code, report.left]).toEqual(['failed', 'CONNECTION', true]);
  expect((await journal.read(RUN)).some(({ type }) => type === 'ended')).toBe(false);
  const pushed = simulator.requests.filter(({ op }) => op === 'put').length;
  const again = await clock.run(upload(ports, spec, { run: RUN }).report);
  expect([again.outcome, again.files.map(({ attempts }) => attempts)]).toEqual(['done', [0, 1, 1]]);
  expect(simulator.requests.filter(({ op }) => op === 'put').length - pushed).toBe(2);
  expect(left({ simulator } as never)).toEqual({ sessions: [], items: ['three'] });
});

it('should be ended by a cleanup all the same', async () => {
  const { clock, simulator, ports } = await cutOff(({ type, op }) => type === 'call' && op === 'validate');
  const ended = await clock.run(upload(ports, spec, { run: RUN, cleanUp: 'not wanted' }).report);
  expect([ended.outcome, ended.left]).toEqual(['canceled', false]);
  expect(left({ simulator } as never)).toEqual({ sessions: [], items: [] });
});
