// What progress$ carries, and how it is made of the folded log: plain numbers, ready to be drawn or sent.
import { phaseOf } from '../events/phase.ts';
import type { FileRole, Outcome } from '../events/records.ts';
import { type FileState, isSettled, type Model, type Wait } from './fold.ts';
import { etaMs, type Rate } from './rate.ts';

export interface FileProgress {
  readonly name: string;
  /** Bytes, as everything below but `rate`. */
  readonly size: number;
  /** Nobody knows yet how large it is: `size` is what there is of it so far. */
  readonly unsized?: true;
  readonly role: FileRole;
  /** The service fetches it by itself: nothing is sent, and rate and time to go are those of its fetch. */
  readonly pull?: true;
  /** Handed to the network in the current attempt. */
  readonly sent: number;
  /** What the service says it has of it. */
  readonly accepted: number;
  /** Where the file's lifecycle is: `queued`, `adding`, `pushing`, `pulling`, `confirming`, `waiting` (to be added again), `ready`, `unchanged`, `failed`. */
  readonly state: string;
  /** The push that is going on, from 1; 0 before the first. */
  readonly attempt: number;
  /** How many there may be, where that is known and not yet exceeded. */
  readonly of?: number;
  /** Bytes a second over the last five seconds. */
  readonly rate: number;
  /** Milliseconds; absent while nothing moves. */
  readonly etaMs?: number;
}

export interface Progress {
  readonly at: number;
  readonly startedAt: number;
  /** Library and item as the caller named them. */
  readonly to: string;
  /** Absent: an upload. */
  readonly kind?: 'download';
  /** What the run is about: `locating`, `transferring`, `completing`. */
  readonly phase: string;
  readonly files: readonly FileProgress[];
  /** `files` are whole items, of many runs; absent: files of one. */
  readonly each?: 'item';
  readonly total: {
    readonly size: number;
    /** The size of some file is not known yet. */
    readonly unsized?: true;
    readonly sent: number;
    readonly accepted: number;
    readonly rate: number;
    readonly etaMs?: number;
  };
  /** Handed to the network over all attempts of all files. */
  readonly sentInAll: number;
  readonly retries: number;
  readonly waits: readonly Wait[];
  readonly outcome?: Outcome;
}

export function toProgress(
  model: Model,
  rates: ReadonlyMap<string, Rate>,
  totalRate: Rate,
  now: number,
  attempts: number | undefined
): Progress {
  const files = model.files.map(file => toFileProgress(file, rates.get(file.name), now, attempts));
  const rate = model.files.every(isSettled) || model.ended !== undefined ? 0 : totalRate.perSecond(now);
  const remaining = model.files.reduce((sum, file) => sum + remainingOf(file), 0);
  const unsized = model.files.some(file => file.unsized === true);
  const eta = unsized ? undefined : etaMs(remaining, rate);
  return {
    at: now,
    startedAt: model.startedAt,
    to: model.to,
    ...(model.kind && { kind: model.kind }),
    phase: phaseOf(model.state),
    files,
    total: {
      size: sum(files, 'size'),
      ...(unsized && { unsized: true }),
      sent: sum(files, 'sent'),
      accepted: sum(files, 'accepted'),
      rate,
      ...(eta === undefined ? {} : { etaMs: eta })
    },
    sentInAll: model.sentInAll,
    retries: model.retries,
    waits: [...model.waits.values()],
    ...(model.ended === undefined ? {} : { outcome: model.ended.outcome })
  };
}

function toFileProgress(
  file: FileState,
  its: Rate | undefined,
  now: number,
  attempts: number | undefined
): FileProgress {
  const { name, size, unsized, role, pull, sent, accepted, state, attempt } = file;
  const rate = isSettled(file) ? 0 : (its?.perSecond(now) ?? 0);
  const eta = unsized ? undefined : etaMs(remainingOf(file), rate);
  return {
    name,
    size,
    ...(unsized && { unsized: true }),
    role,
    ...(pull && { pull }),
    sent,
    accepted,
    state,
    attempt,
    // Progress refills the attempts, so there may be more of them than the limit says.
    ...(attempts === undefined || attempt > attempts ? {} : { of: attempts }),
    rate,
    ...(eta === undefined ? {} : { etaMs: eta })
  };
}

function remainingOf(file: FileState): number {
  return isSettled(file) ? 0 : file.size - (file.pull ? file.accepted : file.sent);
}

function sum(files: readonly FileProgress[], key: 'size' | 'sent' | 'accepted'): number {
  return files.reduce((all, file) => all + file[key], 0);
}
