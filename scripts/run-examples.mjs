// Runs every example against the built package, one after another, as a reader would: `node examples/….mjs`. Ends with 1
// when one of them fails.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../examples', import.meta.url));
for (const name of readdirSync(folder).filter(each => each.endsWith('.mjs'))) {
  console.log(`\n— node examples/${name}`);
  const { status, signal } = spawnSync(process.execPath, [join(folder, name)], { stdio: 'inherit', timeout: 60_000 });
  if (status === 0) continue;
  console.error(`examples/${name} ended with ${signal ?? `exit code ${status}`}`);
  process.exitCode = 1;
}
