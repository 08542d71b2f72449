// The sentence for a place that another run holds: the journal refuses with it, and a dry run says it beforehand.
import { type Failure, failure } from '../../../machines/vocabulary.ts';
import type { ListedRun } from './journal.ts';

/** Why another upload to the place of this run is refused. */
export function notEnded(
  { run, kind, place, server, user, owner }: ListedRun,
  me: { readonly host: string; readonly user?: string }
): Failure {
  const where = owner?.host === me.host ? '' : ` on ${owner?.host}`;
  const next =
    owner === undefined || owner.gone
      ? `go on with it: shelver resume ${run}; or end it: shelver cleanup ${run}, or --on-busy take-over`
      : `wait for process ${owner.pid}${where}, which is at work on it (--on-busy wait), or end that`;
  const as = user === undefined || user === me.user ? '' : ` as ${user}`;
  return failure('RESOURCE_BUSY', `another ${kind} of ${place} on ${server}${as} has not ended: run ${run}`, { next });
}
