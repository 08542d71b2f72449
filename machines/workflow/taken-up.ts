// What a later life makes of the facts that an earlier one has handed on.
import { FAILURES, type Failure } from '../vocabulary.ts';

interface HandedOn {
  readonly failure?: Failure;
  readonly wish?: string;
  readonly files: readonly { readonly outcome: string; readonly attempts: number }[];
}

/**
 * A failure that may pass ended the earlier life, not what was wanted: the network may be back. So it is tried anew, with all
 * its tries. What failed for good, or was canceled, is only taken away.
 */
export function takenUp<K extends HandedOn>(known: K | undefined): K | undefined {
  if (known?.failure === undefined || known.wish !== undefined || !FAILURES[known.failure.code].retry) return known;
  const files = known.files.map(file =>
    file.outcome === 'failed' || file.outcome === 'todo' ? { ...file, outcome: 'todo', attempts: 0 } : file
  );
  return { ...known, failure: undefined, files };
}
