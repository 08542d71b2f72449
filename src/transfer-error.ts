// The edge for those who want failure thrown: a report as an error.
import { adviceOf, type FailureCode, failure } from '../machines/vocabulary.ts';
import type { Report } from './report.ts';

/** An upload that did not end well. Holds no credentials, and no upload URI. */
export class TransferError extends Error {
  override readonly name = 'TransferError';
  readonly code: FailureCode;
  /** What a person can do. */
  readonly next: string;
  /** All that happened. */
  readonly report: Report;

  constructor(report: Report) {
    const failed = report.failure ?? failure(report.outcome === 'canceled' ? 'CANCELED' : 'INTERNAL', report.outcome);
    // The cause is the failure as data: it tells what the service said first.
    super(failed.message, { cause: failed });
    this.code = failed.code;
    this.next = adviceOf(failed);
    this.report = report;
  }
}

/**
 * Gives the report back when the item holds what was sent; throws `TransferError` otherwise.
 *
 * @example `const { item } = orThrow(await run.report);`
 */
export function orThrow(report: Report): Report {
  if (report.outcome === 'done' || report.outcome === 'upToDate') return report;
  throw new TransferError(report);
}
