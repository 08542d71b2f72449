// The same call once more after a crash: what the first one began is gone on with.
import { hostname } from 'node:os';
import type { Failure } from '../../machines/vocabulary.ts';
import type { DurableJournal } from '../adapters/sqlite/journal.ts';
import { notEnded } from '../adapters/sqlite/not-ended.ts';
import { beginningOf } from '../events/beginning.ts';
import { type Here, isHere } from './whose-run.ts';

/**
 * The id of an unfinished run of the same call that nobody works on any more.
 *
 * @param spec the call as JSON (`toldAgain`); `undefined`: it cannot be compared
 * @param toLook it is not made this process's own
 * @param place `library/item`, without `id:`
 */
export async function earlierRun(
  journal: DurableJournal,
  server: Here,
  kind: 'upload' | 'download',
  spec: unknown,
  toLook = false,
  place?: string
): Promise<string | undefined> {
  if (spec === undefined) return undefined;
  const wanted = callIn(spec);
  // By its place where that is known: another two hundred of the same call may be unfinished, too.
  for (const run of await journal.runs({ unfinishedAt: place })) {
    if (run.kind !== kind || !isHere(run, server) || run.ending !== undefined || run.owner?.gone === false) continue;
    const beginning = beginningOf(await journal.read(run.run));
    if (callIn(beginning?.spec) !== wanted) continue;
    if (!toLook) await journal.claim(run.run);
    return run.run;
  }
  return undefined;
}

/** Why an upload to the place would be refused by the journal, if it would: another one has not ended. */
export async function refusedFor(
  journal: DurableJournal,
  server: Here,
  place: string
): Promise<{ readonly refusal: Failure; readonly gone: boolean } | undefined> {
  const other = (await journal.runs({ unfinishedAt: place })).find(
    run => run.kind === 'upload' && run.server === server.serverName
  );
  if (other === undefined) return undefined;
  const gone = other.owner === undefined || other.owner.gone;
  return { refusal: notEnded(other, { host: hostname(), user: server.userName }), gone };
}

/** The call without what it says of others: whoever comes back with --on-busy means the same upload. */
function callIn(spec: unknown): string {
  return JSON.stringify({ ...(spec as object), onBusy: undefined, force: undefined });
}
