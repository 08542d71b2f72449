// Records of a run as the journal gives them back: read only where this version of Shelver knows what they mean.
import { failure } from '../../machines/vocabulary.ts';
import { type Journal, type JournalRecord, PortFailure } from '../ports.ts';
import { faultOfRecords, isCount } from './shapes.ts';

/** The version of the records that this code writes, and the only one that it reads. */
export const RECORD_VERSION = 1;

/**
 * The records of a run, in their order; none: the journal does not know it. Throws `PortFailure` JOURNAL when some of them are
 * of another version or not as they were written, and what the journal throws.
 */
export async function recordsOf(journal: Journal, run: string): Promise<JournalRecord[]> {
  const records = await journal.read(run);
  const other = records.find(({ v }) => v !== RECORD_VERSION);
  if (other === undefined) return sound(records, run);
  throw new PortFailure(
    failure(
      'JOURNAL',
      `the run ${run} was written down by a newer shelver (version ${isCount(other.v) ? other.v : 'unknown'} of its records)`,
      {
        next: 'update shelver; sessions that it may have left: see shelver sessions ls'
      }
    )
  );
}

function sound(records: JournalRecord[], run: string): JournalRecord[] {
  const fault = faultOfRecords(records);
  if (fault === undefined) return records;
  throw new PortFailure(
    failure('JOURNAL', `what the journal holds of the run ${run} cannot be used: ${fault}`, {
      next: 'sessions that it may have left: see shelver sessions ls; then upload or download anew, with --journal FILE'
    })
  );
}
