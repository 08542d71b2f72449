// The same call once more after a crash: what the first one began is gone on with.
import type { DurableJournal } from '../adapters/sqlite/journal.ts';
import { beginningOf } from '../events/beginning.ts';

/**
 * The id of an unfinished run of the same call that nobody works on any more.
 *
 * @param spec the call as JSON (`toldAgain`); `undefined`: it cannot be compared
 */
export async function earlierRun(
  journal: DurableJournal,
  server: string,
  kind: 'upload' | 'download',
  spec: unknown
): Promise<string | undefined> {
  if (spec === undefined) return undefined;
  const wanted = JSON.stringify(spec);
  for (const run of await journal.runs()) {
    if (run.kind !== kind || run.server !== server || run.ending !== undefined || run.owner?.gone === false) continue;
    const beginning = beginningOf(await journal.read(run.run));
    if (JSON.stringify(beginning?.spec) !== wanted) continue;
    await journal.claim(run.run);
    return run.run;
  }
  return undefined;
}
