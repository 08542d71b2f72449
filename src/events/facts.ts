// The facts of a run: read off the tree after each step, written down as what changed, folded together again to resume.
import type { DownloadContext } from '../../machines/workflow/download-facts.ts';
import type { UploadContext } from '../../machines/workflow/upload-facts.ts';
import type { JournalRecord } from '../ports.ts';
import type { Node } from '../step.ts';
import type { DownloadFacts, Facts } from './records.ts';

/** The facts as they stand. In-between states are put back to their safe predecessor: a file that is being sent is still to do. */
export function factsOf(tree: Node): Facts {
  const { itemId, itemMade, making, generation, opened, sessionId, asked, wish, failure, files } = tree.snapshot
    .context as UploadContext;
  return {
    itemId,
    itemMade,
    making,
    generation,
    opened,
    sessionId,
    asked,
    wish,
    failure,
    files: files.map((file, index) =>
      file.outcome === 'sending' ? { ...file, outcome: 'todo', attempts: attemptsOf(tree, index, file) } : file
    )
  };
}

/** The same of a download. */
export function downloadFactsOf(tree: Node): DownloadFacts {
  const { itemId, generation, opened, sessionId, contentVersion, wish, failure, files } = tree.snapshot
    .context as DownloadContext;
  return {
    itemId,
    generation,
    opened,
    sessionId,
    contentVersion,
    wish,
    failure,
    files: files.map((file, index) =>
      file.outcome === 'fetching' ? { ...file, outcome: 'todo', attempts: attemptsOf(tree, index, file) } : file
    )
  };
}

/** What differs, or `undefined` when nothing does. Files are told whole: there are few, and they change together. */
export function changes<F extends Facts | DownloadFacts>(before: F | undefined, now: F): Partial<F> | undefined {
  const changed: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(now)) {
    if (JSON.stringify(value) !== JSON.stringify(before?.[key as keyof F])) changed[key] = value ?? null;
  }
  return Object.keys(changed).length === 0 ? undefined : (changed as Partial<F>);
}

/** The facts that a run's records add up to; `undefined` when it wrote none. */
export function fold(records: readonly JournalRecord[]): Facts | undefined {
  let facts: Record<string, unknown> | undefined;
  for (const { type, data } of records) {
    if (type !== 'facts') continue;
    facts ??= {};
    for (const [key, value] of Object.entries(data as object)) facts[key] = value ?? undefined;
  }
  return facts as Facts | undefined;
}

/** Only the live child knows how often it has tried. */
function attemptsOf(tree: Node, index: number, file: { readonly attempts: number }): number {
  const child = tree.kids[`file:${index}`];
  const moving = (child?.kids.pushing ?? child?.kids.fetching)?.snapshot.context.attempts as number | undefined;
  return ((child?.snapshot.context.attempts as number | undefined) ?? file.attempts) + (moving ?? 0);
}
