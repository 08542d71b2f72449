// Files that the service fetches by itself (source type PULL), and how far it has come with them. Whoever waits for a fetch
// has to tell one that is slow from one that stands still: only what goes further than ever before is movement.
import type { SessionFile } from '../vocabulary.ts';

/** How far fetches have come: bytes, and steps of their statuses. */
export interface Reached {
  readonly bytes: number;
  readonly steps: number;
}

export const NOWHERE: Reached = { bytes: 0, steps: 0 };

/** Steps in the order in which a fetch takes them (UpdateSession.File.TransferStatus, vSphere API 8.0). */
const STEPS: Readonly<Record<string, number>> = { TRANSFERRING: 1, VALIDATING: 2, READY: 3 };

/** How far the fetched ones among these files are, all together. */
export function reachedBy(files: readonly SessionFile[]): Reached {
  const fetched = files.filter(({ sourceType }) => sourceType === 'PULL');
  return {
    bytes: fetched.reduce((sum, { bytesTransferred }) => sum + bytesTransferred, 0),
    steps: fetched.reduce((sum, { status }) => sum + (STEPS[status] ?? 0), 0)
  };
}

/** Whether it is further than it has ever been. A fetch that begins again and again is not, however many bytes it moves. */
export function isFurther(now: Reached, before: Reached): boolean {
  return now.bytes > before.bytes || now.steps > before.steps;
}

export function furthest(one: Reached, other: Reached): Reached {
  return { bytes: Math.max(one.bytes, other.bytes), steps: Math.max(one.steps, other.steps) };
}

/** Whether the service is still at work on the file by itself. */
export function isUnderWay({ sourceType, status }: SessionFile): boolean {
  return sourceType === 'PULL' && status !== 'READY' && status !== 'ERROR';
}
