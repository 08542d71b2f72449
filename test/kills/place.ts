// Where a kill found its process.
import type { WrittenRun } from './journal-eyes.ts';
import type { Standing } from './service.ts';
import type { Struck } from './strike.ts';

export const PLACES = [
  'before it was written down',
  'before its first request',
  'before the session',
  'with the session open',
  'in mid-body',
  'while completing',
  'while closing',
  'after its end was written down',
  'after the end'
] as const;
export type Place = (typeof PLACES)[number];

/**
 * @param runs what the journal says now
 * @param isFirst the call itself, not what goes on with it
 */
export function placeOf({ before, at, killed }: Struck, runs: readonly WrittenRun[], isFirst: boolean): Place {
  if (!killed) return 'after the end';
  if (runs.length === 0) return 'before it was written down';
  if (runs.every(({ outcome }) => outcome !== null)) return 'after its end was written down';
  if (!isFirst && at.arrived === before.arrived) return 'before its first request';
  return whileAtWork(at);
}

function whileAtWork({ bodies, completing, completed, open, opened }: Standing): Place {
  if (bodies > 0) return 'in mid-body';
  if (completing > completed) return 'while completing';
  if (open > 0) return 'with the session open';
  return opened ? 'while closing' : 'before the session';
}
