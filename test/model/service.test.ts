// The simulator over HTTP, held against a model of the service that was written after the documentation alone: whatever two users
// do to it, in whatever order, it answers as the model does, and shows what the model shows.
//
//   MODEL_RUNS=5000 npx vitest run test/model                             many runs, from another seed each time
//   MODEL_SEED=… MODEL_PATH=… MODEL_REPLAY=… npx vitest run test/model -t 9.0    one of them again: fast-check prints all three
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { Dialect } from './call.ts';
import { agreed } from './calling.ts';
import { anyCommand } from './commands.ts';
import { looksAtAll } from './looks.ts';
import { begin } from './world.ts';

const { MODEL_RUNS: runs, MODEL_SEED: seed, MODEL_PATH: path, MODEL_REPLAY: replayPath } = process.env;

// Many runs take their time.
vi.setConfig({ testTimeout: runs === undefined ? 60_000 : 7_200_000 });

/** Had one of these never happened, the agreement would say nothing of it. */
const SEEN = [
  ...['item.create', 'item.delete', 'u.create', 'u.keepAlive', 'u.complete', 'u.cancel', 'u.fail', 'u.delete'],
  ...['u.f.add', 'u.f.get', 'u.f.remove', 'u.f.validate', 'put', 'd.create', 'd.keepAlive', 'd.cancel', 'd.fail'],
  ...['d.delete', 'd.f.get', 'd.f.prepare', 'fetch']
].map(op => `${op} ok`);
const REFUSED = ['a file is missing', 'a file is not received'].map(
  why => `u.complete NOT_ALLOWED_IN_CURRENT_STATE: ${why}`
);

describe('the simulator and a model of the service', () => {
  it.each<[string, Dialect]>([
    ['/api as 9.0', 'api'],
    ['/rest as 6.5', 'rest']
  ])('should agree about whatever is done in %s', async (_, dialect) => {
    const tally = new Map<string, number>();
    const property = fc.asyncProperty(
      fc.boolean(),
      fc.commands([anyCommand()], { maxCommands: 150, size: 'max', replayPath }),
      async (isOvf, commands) => {
        const world = await begin(dialect, isOvf, tally);
        try {
          await fc.asyncModelRun(() => world, commands);
          await agreed(world.model, world.real, looksAtAll(world.model));
        } finally {
          await world.real.close();
        }
      }
    );
    const own = seed ?? (runs === undefined ? '5' : undefined);
    await fc.assert(property, {
      numRuns: Number(runs ?? 20),
      ...(own !== undefined && { seed: Number(own) }),
      path,
      unbiased: true
    });
    if (seed === undefined) expect([...SEEN, ...REFUSED].filter(what => !tally.has(what))).toEqual([]);
    if (runs !== undefined)
      console.log(
        [...tally]
          .sort()
          .map(([what, count]) => `${count} ${what}`)
          .join('\n')
      );
  });
});
