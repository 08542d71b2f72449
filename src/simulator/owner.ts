// One directory, one simulator: a file names the process that uses it, so that a second one does not write over the first.
// A process that is gone, however it ended, does not block its successor.
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { alive, type Owner, thisProcess } from '../processes/alive.ts';

export interface Owned {
  /** Gives the directory up; allowed any number of times. */
  release(): void;
}

/**
 * Takes the directory for this process. Answers the owner that holds it instead, if that one is alive.
 *
 * @example `const owned = own('store'); if ('pid' in owned) throw new Error(`process ${owned.pid} uses it`);`
 */
export function own(directory: string, me: Owner = thisProcess(), isAlive = alive): Owned | Owner {
  const file = join(directory, 'owner.json');
  const mine = join(directory, `owner.${me.pid}.new`);
  const text = JSON.stringify(me);
  // Linked, not written in place: whoever finds the file finds all of it, and only one can have made it.
  writeFileSync(mine, text, { mode: 0o600 });
  try {
    while (!linked(mine, file)) {
      const other = ownerIn(file);
      if (other !== undefined && isAlive(other)) return other;
      const lost = moveAway(file, join(directory, `owner.${me.pid}.old`), other, isAlive);
      if (lost !== undefined) return lost;
    }
  } finally {
    rmSync(mine, { force: true });
  }
  let held = true;
  return {
    release: () => {
      if (held && sameOwner(ownerIn(file), me)) rmSync(file, { force: true });
      held = false;
    }
  };
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw cause;
  }
}

/** Takes a dead owner's file away; where another was quicker and it is a living one's by now, it is put back and named. */
function moveAway(
  file: string,
  to: string,
  dead: Owner | undefined,
  isAlive: (owner: Owner) => boolean
): Owner | undefined {
  try {
    renameSync(file, to);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw cause;
  }
  const moved = ownerIn(to);
  const lost = moved !== undefined && !sameOwner(moved, dead) && isAlive(moved) ? moved : undefined;
  if (lost !== undefined) linked(to, file);
  rmSync(to, { force: true });
  return lost;
}

function ownerIn(file: string): Owner | undefined {
  try {
    const { pid, started } = JSON.parse(textOf(file) ?? 'null') as { pid?: unknown; started?: unknown };
    if (typeof pid !== 'number' || !Number.isInteger(pid) || pid <= 0) return undefined;
    return { pid, ...(typeof started === 'string' && { started }) };
  } catch {
    // What is no owner's file owns nothing.
    return undefined;
  }
}

function sameOwner(one: Owner | undefined, other: Owner | undefined): boolean {
  return one?.pid === other?.pid && one?.started === other?.started;
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
