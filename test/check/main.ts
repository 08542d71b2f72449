// npm run check: searches every row (or `-- --when ci`), prints what was found, and ends with 1 at the first counterexample.
import { ROWS, searchRow, wordsOf } from './rows.ts';

const at = process.argv.indexOf('--when');
const when = at < 0 ? undefined : process.argv[at + 1];
const rows = ROWS.filter(row => when === undefined || row.when === when);
if (rows.length === 0) {
  process.stderr.write(`there are no rows ${JSON.stringify(when)}: --when test, ci or soak\n`);
  process.exitCode = 2;
}
for (const row of rows) {
  const begun = performance.now();
  const found = searchRow(row, 10_000_000);
  const seconds = (performance.now() - begun) / 1_000;
  const { states, edges, depth, clients, services, ends, longest } = found;
  process.stdout.write(
    `${wordsOf(row)}\n  ${states} states, ${edges} edges, depth ${depth}; client ${clients}, service ${services}; ` +
      `ends ${JSON.stringify(ends)}; at most ${longest.any} steps to an end, ${longest.canceled} after a cancel; ` +
      `${seconds.toFixed(1)} s, ${Math.round(process.memoryUsage.rss() / 2 ** 20)} MiB\n`
  );
  if (found.counterexample !== undefined) {
    process.stdout.write(`${found.counterexample}\n`);
    process.exitCode = 1;
    break;
  }
}
