// S13: how a server stands at the end, without ids and times: two runs that end alike leave it alike.
import type { Simulator } from '../../src/simulator/index.ts';

export interface AtEnd {
  readonly open: readonly string[];
  readonly items: { has(id: string): boolean };
}

/**
 * Items with their content, and sessions with their states.
 *
 * @param atEnd which sessions were open, and which items there, when the run ended: what a request of a dead client has begun even
 *   later, no run can end
 */
export function endStanding({ state }: Simulator, atEnd?: AtEnd): string {
  const items = state.items
    .flatMap(bucket => Object.values(bucket))
    .filter(({ id }) => atEnd === undefined || atEnd.items.has(id));
  const sessions = [...state.sessions, ...state.downloads].flatMap(bucket => Object.values(bucket));
  return JSON.stringify({
    items: items
      .map(({ name, contentVersion, files }) => ({
        name,
        contentVersion,
        files: files.map(file => [file.name, file.size, file.digests]).sort()
      }))
      .sort((one, other) => (one.name < other.name ? -1 : 1)),
    sessions: sessions
      .filter(({ id, state: its }) => atEnd === undefined || wordIn(its) !== 'ACTIVE' || atEnd.open.includes(id))
      .map(its => wordIn(its.state))
  });
}

/** The state of a session in the service's word: of an update session the law keeps more than that. */
export function wordIn(state: unknown): string {
  return typeof state === 'string' ? state : String(Object.keys(state as object)[0]);
}
