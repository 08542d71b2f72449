// What was seen while a plan was played: what checkers and the timeline look at.
import type { DownloadReport } from '../../src/download-report.ts';
import type { RunEvent } from '../../src/events/records.ts';
import type { Progress } from '../../src/observe/progress.ts';
import type { JournalRecord } from '../../src/ports.ts';
import type { Report } from '../../src/report.ts';
import type { Held } from '../invariants/held.ts';
import type { Standing } from '../invariants/upload.ts';
import type { Witness } from '../invariants/witness.ts';
import type { Plan } from './plan.ts';
import type { Others } from './rivals.ts';
import type { World } from './world.ts';

export interface Seen {
  readonly plan: Plan;
  readonly world: World;
  readonly before: Standing;
  readonly folderBefore: ReadonlyMap<string, Uint8Array>;
  readonly lives: readonly Lived[];
  readonly ending: Ending;
  readonly others: Others;
  /** What was done to the run, in words. */
  readonly said: readonly { readonly at: number; readonly what: string }[];
  /** Of all lives. */
  readonly interactions: number;
  /** What the journal holds at the end. */
  readonly records: readonly JournalRecord[];
}

/** One life of the client. */
export interface Lived {
  readonly events: RunEvent[];
  readonly progress: Progress[];
  readonly witness: Witness;
  /** What it read and wrote of bytes, and still does. */
  readonly held: Held;
  /** Its first interaction, of all lives. */
  readonly from: number;
  /** How far its clock was ahead of the server's when it began, in milliseconds. */
  readonly clockAhead: number;
  /** When its process died, in the order of the witness. */
  diedAt?: number;
  /** When somebody first canceled it, if anybody did; and whether it had told by then that it would complete. */
  canceledAt?: { readonly asked: boolean; readonly during: string; readonly at: number };
}

export type Ending =
  | {
      readonly how: 'reported';
      readonly report: Report | DownloadReport;
      /** The server when the run had ended. What it does even later, no report can tell. */
      readonly atEnd: Standing;
      readonly openDownloads: readonly string[];
      /** Port calls that were still waited for a good while later, and waits. */
      readonly stillWaiting: readonly string[];
      readonly stillSleeping: number;
    }
  /** The last life died when the journal knew already that the run had ended. */
  | {
      readonly how: 'endedBeforeCrash';
      readonly outcome: string;
      /** Something may be left: `cleanup` looks for it. */
      readonly left: boolean;
      readonly atEnd: Standing;
    }
  /** Nothing moves any more. */
  | { readonly how: 'stuck'; readonly why: string }
  | { readonly how: 'endless' };
