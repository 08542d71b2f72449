// S13: how a server stands at the end, without ids and times: two runs that end alike leave it alike.
import type { Simulator } from '../../src/simulator/index.ts';

/**
 * Items with their content, and sessions with their states.
 *
 * @param told which items were there when the run had ended, and had told that something may be left: what a request of a dead
 *   client has begun then, or begins even later, no run can end
 */
export function endStanding({ state }: Simulator, told?: { has(id: string): boolean }): string {
  const items = state.items
    .flatMap(bucket => Object.values(bucket))
    .filter(({ id }) => told === undefined || told.has(id));
  const sessions = [...state.sessions, ...state.downloads].flatMap(bucket => Object.values(bucket));
  return JSON.stringify({
    items: items
      .map(({ name, contentVersion, files }) => ({
        name,
        contentVersion,
        files: files.map(file => [file.name, file.size, file.digests]).sort()
      }))
      .sort((one, other) => (one.name < other.name ? -1 : 1)),
    sessions: sessions.map(its => wordIn(its.state)).filter(word => told === undefined || !COME_LATE.has(word))
  });
}

/** What a session is that somebody has made and nobody has used. */
const COME_LATE: ReadonlySet<string> = new Set(['ACTIVE', 'expired']);

/** The state of a session in the service's word: of an update session the law keeps more than that. */
export function wordIn(state: unknown): string {
  return typeof state === 'string' ? state : String(Object.keys(state as object)[0]);
}
