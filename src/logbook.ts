// What one life of a run writes into the journal: how it began, facts as they change, and that it has ended.
import { type Failure, failure } from '../machines/vocabulary.ts';
import { asFailure } from './effects/perform.ts';
import type { EarlierLife } from './errand.ts';
import { type Beginning, beginningOf, type Ending, endingOf } from './events/beginning.ts';
import { fold } from './events/facts.ts';
import { RECORD_VERSION, recordsOf } from './events/reading.ts';
import type { Facts, FactsChange } from './events/records.ts';
import { writeDown } from './events/write-down.ts';
import { type JournalRecord, PortFailure, type Ports } from './ports.ts';

/**
 * What the journal holds of a run that is to be taken up; `undefined`: nothing. `cleanUp` says why it is only to be ended; so may
 * be one that has ended and left something. Throws `PortFailure` INVALID_SPEC when the run has ended, NOT_FOUND when there is
 * nothing to clean up.
 */
export async function earlierLife({ journal }: Ports, run: string, cleanUp?: string): Promise<EarlierLife | undefined> {
  const records = await recordsOf(journal, run);
  const beginning = beginningOf(records);
  const ending = endingOf(records);
  const facts = fold(records);
  if (beginning === undefined && cleanUp !== undefined) {
    throw new PortFailure(failure('NOT_FOUND', `the journal knows no run ${run}`));
  }
  if (ending !== undefined && !(cleanUp !== undefined && ending.left)) {
    throw new PortFailure(failure('INVALID_SPEC', `the run ${run} has ended (${ending.outcome}): begin a new one`));
  }
  // What was not written down is not so.
  const nothing = { generation: 1, opened: false, before: [], files: [] } as unknown as Facts;
  if (cleanUp === undefined) return beginning && { beginning, facts: facts && { ...nothing, ...facts } };
  // What has come to nothing yet must not begin now.
  const told = ending?.outcome === 'done' || undefined;
  return beginning && { beginning, facts: { ...nothing, ...facts, wish: facts?.wish ?? cleanUp }, told };
}

export class Logbook {
  /** Why nothing can be written down any more. */
  unwritten: Failure | undefined;
  readonly #ports: Ports;
  readonly #run: string;
  /** The first record, while it is still to be written. */
  #begun: Beginning | undefined;

  /** @param begun absent: an earlier life has written it */
  constructor(ports: Ports, run: string, begun: Beginning | undefined) {
    this.#ports = ports;
    this.#run = run;
    this.#begun = begun;
  }

  /** Whether the facts would survive a crash now. */
  async save(at: number, changed: FactsChange): Promise<boolean> {
    const begun = this.#begun === undefined ? [] : [this.#record('begun', at, this.#begun)];
    if (!(await this.#write([...begun, this.#record('facts', at, changed)]))) return false;
    this.#begun = undefined;
    return true;
  }

  /** Whether it is known now that the run has ended; nothing was begun where nothing had been written. */
  async end(at: number, ending: Ending): Promise<boolean> {
    if (this.#begun !== undefined) return true;
    return this.unwritten === undefined && (await this.#write([this.#record('ended', at, ending)]));
  }

  async #write(records: readonly JournalRecord[]): Promise<boolean> {
    try {
      await writeDown(records, this.#ports);
      return true;
    } catch (cause) {
      // A refusal of the journal itself (another run is at work there) is told as it is.
      this.unwritten =
        cause instanceof PortFailure
          ? cause.failure
          : failure('JOURNAL', `the journal cannot be written: ${asFailure(cause).message}`);
      return false;
    }
  }

  #record(type: string, at: number, data: unknown): JournalRecord {
    return { v: RECORD_VERSION, run: this.#run, at, type, data };
  }
}
