import { expect, it } from 'vitest';
import { search } from './search.ts';
import { uploadWorld } from './upload-world.ts';

it.each([
  [1, false, '0000'],
  [1, false, '0110'],
  [1, true, '0110'],
  [1, false, '1110'],
  [1, false, '1001'],
  [1,true,'1111'],
  [2,true,'0110']
])('should hold for an upload of %i file (item there: %s) with faults, crashes, cancels, expiries %s', (files, item, budget) => {
  const [faults, crashes, cancels, expiries] = [...budget].map(Number) as [number, number, number, number];
  const at = performance.now();
  const found = search(uploadWorld({ files, item, tokens: true, maxAttempts: 2 + faults + crashes + expiries }), { faults, crashes, cancels, expiries });
  console.log(files, item, budget, JSON.stringify({ ...found, counterexample: 0, s: (performance.now() - at) / 1000 }), found.counterexample);
  expect(found.counterexample).toBeUndefined();
});
