// Records into the journal, within a bound: a journal that does not answer is one that cannot be written.
import type { Clock, Journal } from '../ports.ts';

/** How long a journal may take to write a record down. */
const PATIENCE_MS = 30_000;

/** Resolves when the records are written, all or none; throws what the journal throws, or after half a minute. */
export async function writeDown(
  records: Parameters<Journal['append']>[0],
  { journal, clock }: { readonly journal: Journal; readonly clock: Clock }
): Promise<void> {
  const written = new AbortController();
  const impatience = clock.sleepUntil(clock.now() + PATIENCE_MS, written.signal).then(() => {
    throw new Error(`it has not answered for ${PATIENCE_MS / 1_000} s`);
  });
  // Losing the race must not count as a failure of its own.
  impatience.catch(() => undefined);
  try {
    await Promise.race([journal.append(records), impatience]);
  } finally {
    // With a reason of its own: without one each record would cost an error with its stack.
    written.abort('written');
  }
}
