// A machine that is told what no service says breaks; the report still tells what stays behind.
import { expect, it } from 'vitest';
import type { ContentLibrary } from '../../src/ports.ts';
import { upload } from '../../src/upload.ts';
import { bytesOf } from '../run/bytes.ts';
import { left, portStage } from '../scenarios/stage.ts';

const spec = { to: 'images/fox', files: [{ name: 'fox.bin', source: bytesOf(Buffer.from('fox')) }] };

async function told(method: keyof ContentLibrary, value: unknown) {
  const stage = portStage();
  const library = new Proxy(stage.ports.library, {
    get: (target, key) => (key === method ? async () => value : Reflect.get(target, key))
  });
  const report = await stage.clock.run(upload({ ...stage.ports, library }, spec).report);
  return { stage, report };
}

it('should name the session and the item', async () => {
  const { stage, report } = await told('validate', {});
  expect(left(stage)).toEqual({ sessions: ['ACTIVE'], items: ['fox'] });
  expect(report).toMatchObject({ outcome: 'failed', failure: { code: 'INTERNAL' } });
  expect(report.notes).toEqual([
    `left on the server: session ${report.sessionId}`,
    expect.stringMatching(/^left on the server: item \S+$/)
  ]);
  expect(report.sessionId).toMatch(/\S+/);
});

it('should name nothing where nothing was begun', async () => {
  const { report } = await told('findLibraries', undefined);
  expect(report).toMatchObject({ failure: { code: 'INTERNAL' }, notes: [], path: ['locating.findingLibrary'] });
});
