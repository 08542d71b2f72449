import { describe, expect, it } from 'vitest';
import { memoryJournal } from '../../src/events/memory-journal.ts';
import { createSimulator, virtualClock } from '../../src/simulator/index.ts';
import { upload } from '../../src/upload.ts';
import { bytesOf } from './bytes.ts';

describe('upload over the ports of the simulator', () => {
  it('should put a file into a new item and say done', async () => {
    const clock = virtualClock();
    const simulator = createSimulator({ clock, libraries: ['images'] });
    const ports = simulator.connect({ journal: memoryJournal() });
    const run = upload(ports, { to: 'images/hello', files: [{ name: 'hello.bin', source: bytesOf('hello world') }] });
    const report = await clock.run(run.report);
    expect(report).toMatchObject({ outcome: 'done' });
  });
});
