// One kill of the real command, and one of something that does nothing: the first ends well, the second is found out.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { builtCommand, removeBuilt } from '../cli/built-command.ts';
import { drawPlan, type Plan } from './plan.ts';
import { play } from './play.ts';

afterAll(removeBuilt);

const plan: Plan = {
  ...drawPlan(1),
  workflow: 'new',
  size: 'small',
  profile: '8.0',
  server: undefined,
  next: 'resume',
  moments: [{ at: 'complete', part: 0, laterMs: 0 }],
  piped: true
};
const measured = { durationMs: 1_000, requests: 20 };

it('should land where it was meant to, and see that all is well', async () => {
  const { landings, problems, told } = await play(plan, builtCommand(), measured);
  expect(problems, told.join('\n')).toEqual([]);
  expect(landings).toEqual([{ call: 'the command', place: 'while completing' }]);
});

it('should see that nothing was done, and tell how to see it again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'shelver-idle-'));
  const idle = join(folder, 'main.mjs');
  writeFileSync(idle, '');
  const { landings, problems, told, folder: kept } = await play({ ...plan, next: 'again' }, idle, measured);
  rmSync(folder, { recursive: true });
  rmSync(kept, { recursive: true });
  expect(landings).toEqual([{ call: 'the command', place: 'after the end' }]);
  expect(problems).toEqual(['there is no item fox']);
  expect(told.join('\n')).toContain('shelver upload one.bin two.bin images/fox   # ended with 0');
});
