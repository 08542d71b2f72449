// The facts of a run: read off the tree after each step, written down as what changed, folded together again to resume.
import type { UploadContext } from '../../machines/workflow/upload-facts.ts';
import type { JournalRecord } from '../ports.ts';
import type { Node } from '../step.ts';
import type { DownloadFacts, Facts, FactsChange } from './records.ts';

type AnyFacts = Facts | DownloadFacts;

/** The facts as they stand. In-between states are put back to their safe predecessor: a file that is being sent is still to do. */
export function factsOf(tree: Node): Facts {
  return factsIn(tree, UPLOAD, 'sending') as unknown as Facts;
}

/** The same of a download. */
export function downloadFactsOf(tree: Node): DownloadFacts {
  return factsIn(tree, DOWNLOAD, 'fetching') as unknown as DownloadFacts;
}

/** Every fact but the files: one that is forgotten here does not compile. */
type Named<F> = Record<Exclude<keyof Required<F>, 'files'>, true>;
const UPLOAD: Named<Facts> = {
  library: true,
  itemId: true,
  itemMade: true,
  making: true,
  generation: true,
  opened: true,
  sessionId: true,
  before: true,
  asked: true,
  done: true,
  wish: true,
  failure: true,
  held: true,
  versionBefore: true
};
const DOWNLOAD: Named<DownloadFacts> = {
  library: true,
  itemId: true,
  generation: true,
  opened: true,
  sessionId: true,
  before: true,
  contentVersion: true,
  wish: true,
  failure: true
};

function factsIn(tree: Node, names: Named<Facts> | Named<DownloadFacts>, moving: 'sending' | 'fetching') {
  const context = tree.snapshot.context as Readonly<Record<string, unknown>> & Pick<UploadContext, 'files'>;
  const files = context.files.map((file, index) =>
    file.outcome === moving ? { ...file, outcome: 'todo', attempts: attemptsOf(tree, index, file) } : file
  );
  return { ...Object.fromEntries(Object.keys(names).map(name => [name, context[name]])), files };
}

/**
 * What differs, or `undefined` when nothing does. Of the files only those are told that differ, by index: an item may have
 * a thousand, and each of them changes a few times.
 */
export function changes(before: AnyFacts | undefined, now: AnyFacts): FactsChange | undefined {
  const changed: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(now)) {
    if (key !== 'files' && differs(before?.[key as keyof AnyFacts], value)) changed[key] = value ?? null;
  }
  const files = now.files.flatMap((file, index) => (differs(before?.files[index], file) ? [[index, file]] : []));
  if (files.length > 0) changed.files = Object.fromEntries(files);
  return Object.keys(changed).length === 0 ? undefined : changed;
}

/** The facts that a run's records add up to; `undefined` when it wrote none. */
export function fold(records: readonly JournalRecord[]): Facts | undefined {
  const changed = records.filter(({ type }) => type === 'facts').map(({ data }) => data as FactsChange);
  if (changed.length === 0) return undefined;
  const facts: Record<string, unknown> = {};
  const files: unknown[] = [];
  for (const { files: some, ...rest } of changed) {
    for (const [key, value] of Object.entries(rest)) facts[key] = value ?? undefined;
    for (const [index, file] of Object.entries(some ?? {})) files[Number(index)] = file;
  }
  return { ...facts, files } as unknown as Facts;
}

function differs(before: unknown, now: unknown): boolean {
  return before !== now && JSON.stringify(before) !== JSON.stringify(now);
}

/** Only the live child knows how often it has tried. */
function attemptsOf(tree: Node, index: number, file: { readonly attempts: number }): number {
  const child = tree.kids[`file:${index}`];
  const moving = (child?.kids.pushing ?? child?.kids.fetching)?.snapshot.context.attempts as number | undefined;
  return ((child?.snapshot.context.attempts as number | undefined) ?? file.attempts) + (moving ?? 0);
}
