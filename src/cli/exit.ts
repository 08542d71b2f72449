// How the command ends: from what went wrong to an exit code, one sentence and what to do next.
import { adviceOf, FAILURES, type Failure, type FailureCode, failure } from '../../machines/vocabulary.ts';
import type { Report } from '../report.ts';
import type { Signal } from './io.ts';

/** What a person, or a script, is told of a failure. */
export interface Ending {
  readonly code: FailureCode;
  readonly message: string;
  readonly next: string;
  readonly exit: number;
}

/** A fault in how the command was called, with its own advice. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly next: string;
  readonly code: FailureCode;
  constructor(message: string, next: string, code: 'INVALID_SPEC' | 'BAD_ADDRESS' = 'INVALID_SPEC') {
    super(message);
    this.next = next;
    this.code = code;
  }
}

/** A signal came before the command was through. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  readonly signal: Signal;
  constructor(signal: Signal) {
    super(`interrupted (${signal})`);
    this.signal = signal;
  }
  /** As the reason of an abort it stands in a sentence. */
  override toString(): string {
    return this.message;
  }
}

/** @example `endingOf(failure('NOT_FOUND', 'there is no library "x"')).exit` is 4. */
export function endingOf(failed: Failure): Ending {
  return { code: failed.code, message: failed.message, next: adviceOf(failed), exit: FAILURES[failed.code].exit };
}

/** Anything thrown, as an ending; what nobody foresaw is a defect and is called one. */
export function endingOfThrown(cause: unknown): Ending {
  if (cause instanceof UsageError) {
    return { code: cause.code, message: cause.message, next: cause.next, exit: FAILURES[cause.code].exit };
  }
  if (cause instanceof Interrupted) {
    return { ...endingOf(failure('CANCELED', cause.message)), exit: exitOfSignal(cause.signal) };
  }
  // Not by `instanceof PortFailure`: that would load the ports' module before `--help` is answered.
  if (cause instanceof Error && cause.name === 'PortFailure' && 'failure' in cause) {
    return endingOf(cause.failure as Failure);
  }
  const message = cause instanceof Error ? `${cause.name}: ${cause.message}` : 'something that is no error was thrown';
  return endingOf(failure('INTERNAL', message));
}

/** 128 + the signal's number, as shells have it. */
export function exitOfSignal(signal: Signal): number {
  return signal === 'SIGINT' ? 130 : 143;
}

/** The exit code of one run; `signal` is what canceled it, if a signal did. */
export function exitOfReport(
  { outcome, failure: failed }: Pick<Report, 'outcome' | 'failure'>,
  signal?: Signal
): number {
  if (outcome === 'done' || outcome === 'upToDate' || outcome === 'planned') return 0;
  if (outcome === 'canceled') return exitOfSignal(signal ?? 'SIGINT');
  return failed === undefined ? 1 : FAILURES[failed.code].exit;
}

/**
 * The exit code of several: a lasting failure outweighs one that may pass (5), and a signal outweighs all.
 *
 * @example `worstOf([0, 5, 4])` is 4; `worstOf([])` is 0.
 */
export function worstOf(codes: readonly number[]): number {
  const weight = (code: number): number => (code === 5 ? 0.5 : code);
  return codes.reduce((worst, code) => (weight(code) > weight(worst) ? code : worst), 0);
}
