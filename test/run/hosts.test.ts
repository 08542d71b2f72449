import { describe, expect, it } from 'vitest';
import { createActor, waitFor } from 'xstate';
import { uploadMachine } from '../../machines/workflow/upload.ts';
import { uploadActors } from '../../src/effects/actors.ts';
import type { CallLog } from '../../src/effects/perform.ts';
import type { RunEvent } from '../../src/events/records.ts';
import { plan } from '../../src/plan.ts';
import { DEFAULT_POLICY } from '../../src/policy.ts';
import { checkSpec } from '../../src/spec.ts';
import { upload } from '../../src/upload.ts';
import { inputOf } from '../../src/upload-input.ts';
import { pullingWorldOf, worldOf } from './worlds.ts';

const RUN = '6a3c1d52-0d6e-4c7b-9a51-2f1c00000000';
type Line = readonly unknown[];

async function byRunner(seed: number, world = worldOf): Promise<{ log: Line[]; outcome: string; failure?: string }> {
  const { clock, ports, spec } = world(seed);
  const log: Line[] = [];
  const run = upload(ports, spec, { run: RUN });
  run.timeline$.subscribe((event: RunEvent) => {
    if (event.type === 'call') log.push([event.at, 'call', event.op, event.about]);
    if (event.type === 'answer') log.push([event.at, 'answer', event.op, event.about, event.failure]);
  });
  const { outcome, failure } = await clock.run(run.report);
  return { log, outcome, failure: failure?.message };
}

async function byActors(seed: number, world = worldOf): Promise<{ log: Line[]; outcome: string; failure?: string }> {
  const { clock, ports, spec } = world(seed);
  const checked = checkSpec(spec);
  const planned = await plan(checked);
  const lines: Line[] = [];
  const log: CallLog = {
    call: (op, about) => lines.push([clock.now(), 'call', op, about]),
    answer: (op, about, outcome) =>
      lines.push([clock.now(), 'answer', op, about, 'failure' in outcome ? outcome.failure : undefined])
  };
  const means = { ...ports, files: planned.files, onSent: () => undefined };
  const input = inputOf(checked, planned, ports.library.server, DEFAULT_POLICY, RUN);
  const actor = createActor(uploadMachine.provide({ actors: uploadActors(means, log) }), { input });
  actor.start();
  const { output } = await clock.run(waitFor(actor, snapshot => snapshot.status !== 'active'));
  return { log: lines, outcome: String(output?.outcome), failure: output?.failure?.message };
}

describe('the same machines in two hosts', () => {
  it('should make the same calls and get the same answers under the stepper and under createActor, seed by seed', async () => {
    const outcomes: Record<string, number> = {};
    for (let seed = 1; seed <= 120; seed++) {
      const [runner, actors] = [await byRunner(seed), await byActors(seed)];
      expect(JSON.stringify(actors), `seed ${seed}`).toBe(JSON.stringify(runner));
      outcomes[runner.outcome] = (outcomes[runner.outcome] ?? 0) + 1;
    }
    console.log('outcomes', outcomes);
    expect(outcomes.done).toBeGreaterThan(12);
    expect(outcomes.failed).toBeGreaterThan(5);
  });

  it('should do so where the server fetches files by itself', async () => {
    const outcomes: Record<string, number> = {};
    for (let seed = 1; seed <= 40; seed++) {
      const [runner, actors] = [await byRunner(seed, pullingWorldOf), await byActors(seed, pullingWorldOf)];
      expect(JSON.stringify(actors), `seed ${seed}`).toBe(JSON.stringify(runner));
      expect(JSON.stringify(runner)).not.toContain('canary');
      outcomes[runner.outcome] = (outcomes[runner.outcome] ?? 0) + 1;
    }
    console.log('outcomes with pulls', outcomes);
    expect(outcomes.done).toBeGreaterThan(12);
    expect(outcomes.failed).toBeGreaterThan(3);
  });
});
