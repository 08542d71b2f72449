// What a later life makes of the facts that an earlier one has handed on.
import { FAILURES, type Failure } from '../vocabulary.ts';

interface HandedOn {
  readonly failure?: Failure;
  readonly wish?: string;
  /** Its item is being taken away (uploads). */
  readonly removing?: boolean;
  readonly files: readonly { readonly outcome: string; readonly attempts: number }[];
}

/** Whether what failed may go well at another time: such a run is worth being gone on with. */
export function mayPass(failed: Failure | undefined): boolean {
  return failed !== undefined && FAILURES[failed.code].retry;
}

/**
 * Whether what an earlier life was taking away has to be gone before anything is tried anew: a removal that is still on its way
 * would take what is sent now with it.
 */
export function mustTidy(known: HandedOn | undefined): boolean {
  return known?.removing === true && known.wish === undefined && mayPass(known.failure);
}

/**
 * A failure that may pass ended the earlier life, not what was wanted: the network may be back. So it is tried anew, with all
 * its tries. What failed for good, or was canceled, is only taken away; what was being taken away, is taken away first.
 */
export function takenUp<K extends HandedOn>(known: K | undefined): K | undefined {
  if (known === undefined || known.wish !== undefined || known.removing === true || !mayPass(known.failure))
    return known;
  const files = known.files.map(file =>
    file.outcome === 'failed' || file.outcome === 'todo' ? { ...file, outcome: 'todo', attempts: 0 } : file
  );
  return { ...known, failure: undefined, files };
}
