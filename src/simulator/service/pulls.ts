// The files that the service itself has to fetch, as whoever fetches them sees them.
import { wordOf } from '../../../machines/law.ts';
import type { Endpoint, ServiceState, SessionState } from './state.ts';
import { find, values } from './table.ts';
import { findTransfer, type Transfer } from './transfers.ts';

export type PendingPull = Transfer & { readonly transfer: string; readonly endpoint: Endpoint };

/** Those that nobody has begun to fetch. */
export function pendingPulls(state: ServiceState): PendingPull[] {
  return values(state.sessions).flatMap(session => {
    if (wordOf(session.state) !== 'ACTIVE') return [];
    return session.files.flatMap(({ source, transfer, endpoint, ...file }) => {
      if (source !== 'PULL' || wordOf(file.state) !== 'WAITING_FOR_TRANSFER') return [];
      return [{ ...findTransfer(state, transfer!)!, transfer: transfer!, endpoint: endpoint! }];
    });
  });
}

/** Whether the service still wants the bytes of a PULL that was begun. */
export function isPulled(state: ServiceState, transfer: string): boolean {
  const place = find(state.transfers, transfer);
  const session = place && find(state.sessions, place.session);
  if (session === undefined || wordOf(session.state) !== 'ACTIVE') return false;
  const file = session.files.find(other => other.transfer === transfer);
  return file !== undefined && wordOf(file.state) !== 'ERROR';
}

/**
 * The sources of a session that lie in the storage of the library itself, by whichever of its addresses: those files are
 * moved, not copied.
 */
export function movedInto(state: ServiceState, { itemId, files }: SessionState): string[] {
  const libraryId = find(state.items, itemId)?.libraryId;
  const own = new RegExp(`^(?:ds:///(?:vmfs/volumes/[^/]+/)?|file:///)contentlib-${libraryId}/.`, 'i');
  return files.flatMap(({ source, endpoint }) =>
    source === 'PULL' && endpoint !== undefined && own.test(endpoint.uri) ? [endpoint.uri] : []
  );
}
