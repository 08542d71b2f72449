// Each reader of what comes from outside, given a fixed number of inputs. Many more, and longer ones: npm run fuzz.
import { describe, expect, it } from 'vitest';
import { fuzz } from './fuzz.ts';
import { KINDS } from './reader.ts';
import { readers } from './readers.ts';

const SEED = 20_261_122;
const RUNS = 60;

describe('whatever it is given', () => {
  for (const reader of readers) {
    for (const kind of KINDS) {
      // Runs of a million characters are for the machine that measures, not for every one.
      if (kind === 'long' || reader.inputs[kind] === undefined) continue;
      it(`should read it or say no in its own words: ${reader.name}, ${kind}`, async () => {
        const runs = Math.ceil(RUNS / reader.cost);
        expect(await fuzz(reader, kind, { seed: SEED, runs })).toBeUndefined();
      });
    }
  }
});
