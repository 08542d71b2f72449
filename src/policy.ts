// The figures of patience: how often, how long, how many. All times in milliseconds.
import type { UploadPolicy } from '../machines/workflow/upload-facts.ts';

/** Bounds and waits of an upload. Sources: docs/architecture.md, "Who retries, who waits". */
export const DEFAULT_POLICY: UploadPolicy = {
  maxAttempts: 5,
  baseMs: 300,
  capMs: 20_000,
  retryAfterCapMs: 60_000,
  parallel: 3,
  watchMs: 1_500,
  pollMs: 400,
  patienceMs: 15 * 60_000
};
