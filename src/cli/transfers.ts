// shelver transfers: the runs of this machine that have not ended, or left something; with --all also those that are over.
import type { ListedRun } from '../adapters/sqlite/journal.ts';
import { columns } from './columns.ts';
import { openJournal } from './journal.ts';
import type { CommonFlags } from './options.ts';
import type { Context } from './output.ts';

export async function transfersCommand(
  flags: CommonFlags & { readonly all?: boolean },
  context: Context
): Promise<number> {
  const { out } = context;
  const journal = await openJournal(flags, context);
  try {
    const runs = (await journal.runs()).filter(({ ending }) => flags.all || ending === undefined || ending.left);
    if (out.json) {
      out.object({ runs: runs.map(run => ({ ...run, standing: standingOf(run) })) });
      return 0;
    }
    const cells = runs.map(run => [
      run.run,
      run.kind,
      run.place,
      run.server,
      standingOf(run),
      new Date(run.beganAt).toISOString().replace(/\..*/, 'Z')
    ]);
    out.data(columns(['RUN', 'KIND', 'ITEM', 'SERVER', 'STATE', 'BEGAN'], cells));
    return 0;
  } finally {
    await journal.close();
  }
}

/** `unfinished`: nobody works on it; `resume` goes on. `left`: it has ended, and `cleanup` has something to take away. */
function standingOf({ ending, owner }: ListedRun): string {
  if (ending !== undefined) return ending.left ? `${ending.outcome}, left something` : ending.outcome;
  return owner === undefined || owner.gone ? 'unfinished' : `at work (process ${owner.pid})`;
}
