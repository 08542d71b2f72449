// S1, further than the report's own word: what the service itself had told of the item when the run called it done, what else
// is in it, and that a download is of one version.
import { createHash } from 'node:crypto';
import type { ItemFile } from '../../machines/vocabulary.ts';
import type { Report } from '../../src/report.ts';
import type { Simulator } from '../../src/simulator/index.ts';
import type { Standing } from '../invariants/upload.ts';
import type { Witness } from '../invariants/witness.ts';

type Truth = ReadonlyMap<string, Uint8Array>;

/** Whatever others did: what the service told last of the item's files agrees with `done`. */
export function asTold({ calls }: Witness, { outcome, failure }: Report, truth: Truth): string[] {
  if (outcome !== 'done' || failure !== undefined) return [];
  const last = calls.findLast(({ op, failed, value }) => op === 'listItemFiles' && failed === undefined && value);
  if (last === undefined) return ['done, and the item was never looked at'];
  const told = new Map((last.value as readonly ItemFile[]).map(file => [file.name, file]));
  return [...truth].flatMap(([name, bytes]) => {
    const its = told.get(name);
    if (its === undefined) return /\.(mf|cert)$/.test(name) ? [] : [`done, and the service did not list ${name}`];
    const { digest } = its;
    if (digest === undefined) return [];
    const ours = createHash(digest.algorithm).update(bytes).digest('hex');
    return ours === digest.checksum.toLowerCase() ? [] : [`done, and the service told another digest of ${name}`];
  });
}

/**
 * `replace`: the item holds exactly these; otherwise what it held besides stays as it was.
 *
 * @param removed names that others have taken out of the session
 */
export function besides(
  { contents }: Simulator,
  { outcome, item }: Report,
  truth: Truth,
  before: Standing,
  ifExists: string,
  removed: ReadonlySet<string>
): string[] {
  if (outcome !== 'done' || item === undefined) return [];
  const held = contents(item.id)?.files.map(({ name }) => name) ?? [];
  const others = held.filter(name => !truth.has(name));
  if (ifExists === 'replace') return others.length === 0 ? [] : [`done by replace, and ${others.join(', ')} is there`];
  const had = JSON.parse(before.items.get(item.id)?.files ?? '[]') as [string, unknown][];
  return had
    .filter(([name]) => !truth.has(name) && !held.includes(name) && !removed.has(name))
    .map(([name]) => `done, and ${name}, which the item held besides, is gone`);
}

/** What a server had in an item at some time: digests by name. */
export type Version = ReadonlyMap<string, string>;

/** What a download has kept is what the item held at one time, all of it at the same. */
export function oneVersion(
  kept: ReadonlyMap<string, Uint8Array>,
  names: readonly string[],
  versions: readonly Version[]
) {
  const read = names.map(name => [name, sha256(kept.get(name) ?? new Uint8Array())] as const);
  const isThat = (version: Version): boolean => read.every(([name, digest]) => version.get(name) === digest);
  return versions.some(isThat) ? [] : [`${names.join(', ')} were kept, and the item never held these together`];
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
