// Records of a run as the journal gives them back: read only where this version of Shelver knows what they mean.
import { failure } from '../../machines/vocabulary.ts';
import { type Journal, type JournalRecord, PortFailure } from '../ports.ts';

/** The version of the records that this code writes, and the only one that it reads. */
export const RECORD_VERSION = 1;

/**
 * The records of a run, in their order; none: the journal does not know it. Throws `PortFailure` JOURNAL when some of them are
 * of another version, and what the journal throws.
 */
export async function recordsOf(journal: Journal, run: string): Promise<JournalRecord[]> {
  const records = await journal.read(run);
  const other = records.find(({ v }) => v !== RECORD_VERSION);
  if (other === undefined) return records;
  throw new PortFailure(
    failure('JOURNAL', `the run ${run} was written down by a newer shelver (version ${other.v} of its records)`, {
      next: 'update shelver; sessions that it may have left: see shelver sessions ls'
    })
  );
}
