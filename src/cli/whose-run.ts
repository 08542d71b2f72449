// Whose a run of the journal is: of which server, and of which user there.
import type { ListedRun } from '../adapters/sqlite/journal.ts';
import type { Ports } from '../ports.ts';

export type Here = Pick<Ports, 'serverName' | 'userName'>;
type Whose = Pick<ListedRun, 'run' | 'place' | 'server' | 'user'>;

/** Whether the run is of this server and user: others do not see its session there. What is not written down is no other's. */
export function isHere({ server, user }: Pick<Whose, 'server' | 'user'>, { serverName, userName }: Here): boolean {
  // Names of users are the same to a vCenter Server however they are capitalized.
  return server === serverName && (user ?? userName)?.toLowerCase() === (userName ?? user)?.toLowerCase();
}

/** Why a run is passed over, in a sentence. */
export function passedOver({ run, place, server, user }: Whose, { serverName, userName }: Here): string {
  return server === serverName
    ? `passed over: run ${run}, ${place} was begun as ${user}, and this is ${userName}`
    : `passed over: run ${run}, ${place} is on ${server}, not on ${serverName}`;
}
