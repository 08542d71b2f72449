// Two runs on one item: what must hold of both together, whoever was quicker.
import type { Report } from '../../../src/report.ts';
import { afterTheEnd, bytes, ending, patience, standingOf } from '../../invariants/upload.ts';
import { type Ended, truthOf, type World } from './race.ts';

export interface Both {
  readonly world: World;
  readonly ended: readonly Ended[];
  /** Of the item, before any of them began. */
  readonly versionBefore: number;
}

/** Every promise that was broken. */
export async function brokenByTwo({ world, ended, versionBefore }: Both): Promise<string[]> {
  const { simulator } = world;
  const wrong = ended.flatMap(({ evidence }) => [
    ...ending(evidence),
    ...bytes(evidence),
    ...patience(evidence),
    ...afterTheEnd(evidence)
  ]);
  const standing = standingOf(simulator);
  if (standing.active.length > 0) wrong.push(`${standing.active.length} sessions are still ACTIVE`);
  const items = [...standing.items.values()];
  if (items.length !== 1) wrong.push(`there are ${items.length} items`);
  const completed = ended.filter(({ report }) => hasCompleted(report));
  const steps = (items[0]?.version ?? 0) - versionBefore;
  if (steps !== completed.length)
    wrong.push(`${completed.length} runs came through, and the item has gone ${steps} on`);
  const last = world.landed.findLast(({ op }) => op === 'complete')?.who;
  if (last === undefined) return wrong;
  for (const [file, bytes] of truthOf(last)) {
    const held = await simulator
      .contents('old')
      ?.files.find(({ name }) => name === file)
      ?.read();
    if (held === undefined || Buffer.compare(held, bytes) !== 0)
      wrong.push(`${file} is not that of ${last}, the last one`);
  }
  return wrong;
}

/** Done, or completed and then overtaken by the other before it could look what the item holds. */
export function hasCompleted(report: Report): boolean {
  return report.outcome === 'done' || report.failure?.code === 'NOT_VERIFIED';
}
