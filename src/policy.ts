// The figures of patience: how often, how long, how many. All times in milliseconds.
import type { UploadPolicy } from '../machines/workflow/upload-facts.ts';

/**
 * Tokens that all retries of a process share. This figure, the two costs below and the token that an answer at the first try
 * puts in are those of the standard retry mode of the AWS SDKs (@aws-sdk/middleware-retry, src/constants.ts).
 */
export const BUDGET_TOKENS = 500;

/**
 * What one call or transfer may wait for, in milliseconds, by phase. Nothing waits for longer than these allow without a byte;
 * only the bytes of a file may come as slowly as they like, for as long as they come.
 */
export const DEFAULT_TIMEOUTS = { connectMs: 10_000, headersMs: 30_000, stallMs: 60_000, answerMs: 300_000 };

/** Bounds and waits of an upload. Sources: docs/architecture.md, "Who retries, who waits". */
export const DEFAULT_POLICY: UploadPolicy = {
  maxAttempts: 5,
  baseMs: 300,
  capMs: 20_000,
  retryAfterCapMs: 60_000,
  retryCost: 5,
  breakCost: 10,
  parallel: 4,
  watchMs: 1_500,
  pollMs: 400,
  patienceMs: 15 * 60_000,
  busyMs: 30 * 60_000,
  busyPollMs: 15_000
};
