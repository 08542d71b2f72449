// The edge for those who want failure thrown: a report as an error.
import { adviceOf, type FailureCode, failure } from '../machines/vocabulary.ts';
import type { DownloadReport } from './download-report.ts';
import type { Report } from './report.ts';

/** An upload or download that did not end well. Holds no credentials, and no URI of a transfer. */
export class TransferError<R extends Report | DownloadReport = Report | DownloadReport> extends Error {
  override readonly name = 'TransferError';
  readonly code: FailureCode;
  /** What a person can do. */
  readonly next: string;
  /** All that happened. */
  readonly report: R;

  constructor(report: R) {
    const failed = report.failure ?? failure(report.outcome === 'canceled' ? 'CANCELED' : 'INTERNAL', report.outcome);
    // The cause is the failure as data: it tells what the service said first.
    super(failed.message, { cause: failed });
    this.code = failed.code;
    this.next = adviceOf(failed);
    this.report = report;
  }
}

/**
 * Gives the report back when everything is where it was to go, or a dry run found nothing against it; throws `TransferError` otherwise.
 *
 * @example `const { item } = orThrow(await run.report);`
 */
export function orThrow<R extends Report | DownloadReport>(report: R): R {
  if (WELL.includes(report.outcome)) return report;
  throw new TransferError(report);
}

const WELL: readonly Report['outcome'][] = ['done', 'upToDate', 'planned'];
