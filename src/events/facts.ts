// The facts of a run: read off the tree after each step, written down as what changed, folded together again to resume.
import type { DownloadContext, FetchKnown } from '../../machines/workflow/download-facts.ts';
import type { FileKnown, UploadContext } from '../../machines/workflow/upload-facts.ts';
import type { JournalRecord } from '../ports.ts';
import type { Node } from '../step.ts';
import type { DownloadFacts, Facts, FactsChange } from './records.ts';

type AnyFacts = Facts | DownloadFacts;
/** One that is forgotten does not compile. */
type Every<F> = Readonly<Record<keyof Required<F>, unknown>>;

/** The facts as they stand. In-between states are put back to their safe predecessor: a file that is being sent is still to do. */
export function factsOf(tree: Node): Facts {
  const its = tree.snapshot.context as UploadContext;
  return {
    library: its.library,
    itemId: its.itemId,
    itemMade: its.itemMade,
    removing: its.removing,
    creatingAt: its.creatingAt,
    itemDoubtedAt: its.itemDoubtedAt,
    sessionDoubtedAt: its.sessionDoubtedAt,
    beforeDoubt: its.beforeDoubt,
    making: its.making,
    generation: its.generation,
    opened: its.opened,
    sessionId: its.sessionId,
    before: its.before,
    asked: its.asked,
    done: its.done,
    wish: its.wish,
    failure: its.failure,
    held: its.held,
    versionBefore: its.versionBefore,
    files: filesOf(tree, its.files, 'sending')
  } satisfies Every<Facts>;
}

/** The same of a download. */
export function downloadFactsOf(tree: Node): DownloadFacts {
  const its = tree.snapshot.context as DownloadContext;
  return {
    library: its.library,
    itemId: its.itemId,
    generation: its.generation,
    opened: its.opened,
    sessionId: its.sessionId,
    before: its.before,
    creatingAt: its.creatingAt,
    sessionDoubtedAt: its.sessionDoubtedAt,
    beforeDoubt: its.beforeDoubt,
    contentVersion: its.contentVersion,
    wish: its.wish,
    failure: its.failure,
    files: filesOf(tree, its.files, 'fetching')
  } satisfies Every<DownloadFacts>;
}

function filesOf<F extends FileKnown | FetchKnown>(tree: Node, files: readonly F[], moving: F['outcome']): F[] {
  return files.map((file, index) =>
    file.outcome === moving ? { ...file, outcome: 'todo', attempts: attemptsOf(tree, index, file) } : file
  );
}

/**
 * What differs, or `undefined` when nothing does. Of the files only those are told that differ, by index: an item may have
 * a thousand, and each of them changes a few times.
 */
export function changes(before: AnyFacts | undefined, now: AnyFacts): FactsChange | undefined {
  const changed: Record<string, unknown> = {};
  for (const name in now) {
    const key = name as keyof AnyFacts;
    if (key !== 'files' && differs(before?.[key], now[key])) changed[key] = now[key] ?? null;
  }
  const files: Record<number, unknown> = {};
  for (const [index, file] of now.files.entries()) if (differs(before?.files[index], file)) files[index] = file;
  if (hasAny(files)) changed.files = files;
  return hasAny(changed) ? changed : undefined;
}

/** What a life writes down first: all its facts, and which of an earlier life do not hold any more. */
export function firstOf(earlier: AnyFacts | undefined, now: AnyFacts): FactsChange {
  return { ...changes(earlier, now), ...changes(undefined, now) };
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

function hasAny(record: object): boolean {
  for (const _ in record) return true;
  return false;
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
