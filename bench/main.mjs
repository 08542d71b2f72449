// `npm run bench` measures everything and writes docs/benchmarks.md; `npm run bench -- push tar` prints those parts only.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describePart, page } from './page.mjs';
import { help } from './parts/help.mjs';
import { journal } from './parts/journal.mjs';
import { many } from './parts/many.mjs';
import { memory } from './parts/memory.mjs';
import { peer } from './parts/peer.mjs';
import { push } from './parts/push.mjs';
import { resume } from './parts/resume.mjs';
import { simulator } from './parts/simulator.mjs';
import { slow } from './parts/slow.mjs';
import { small } from './parts/small.mjs';
import { tar } from './parts/tar.mjs';
import { thousand } from './parts/thousand.mjs';

/** @type {Record<string, (folder: string) => Promise<import('./measure.mjs').Part>>} */
const PARTS = { push, memory, peer, many, slow, journal, resume, thousand, tar, help, small, simulator };

const wanted = process.argv.slice(2);
const unknown = wanted.find(name => !Object.hasOwn(PARTS, name));
if (unknown !== undefined) {
  console.error(`There is no part ${unknown}: there are ${Object.keys(PARTS).join(', ')}.`);
  process.exit(2);
}
const parts = [];
for (const [name, measure] of Object.entries(PARTS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  // A folder a part: what one has written need not lie there while the next one runs.
  const folder = await mkdtemp(join(tmpdir(), 'shelver-bench-'));
  const begun = performance.now();
  try {
    const part = await measure(folder);
    parts.push(part);
    console.log(describePart(part));
    console.error(`(${name}: ${((performance.now() - begun) / 1_000).toFixed(0)} s)\n`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
if (wanted.length === 0) await writeFile(fileURLToPath(new URL('../docs/benchmarks.md', import.meta.url)), page(parts));
