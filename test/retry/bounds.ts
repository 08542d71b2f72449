// Every state of the plans that waits, and what ends its waiting. docs/retry.md shows the table; waits.test.ts holds it against
// the machines.

export interface Bound {
  /** The question (guard) by which the loop through this wait is left, where it stands in a loop. */
  readonly guard?: string;
  readonly waitsFor: string;
  readonly ends: string;
}

const ATTEMPTS = 'after as many tries as an attempt has, all told, or when the budget is spent';
const GRACE: Bound = {
  waitsFor: 'the answer to a create, after a cancel',
  ends: 'after 10 s; what it may have made is looked for'
};

export const BOUNDS: Readonly<Record<string, Bound>> = {
  'attempt.waiting': {
    guard: 'canRetry',
    waitsFor: 'the next try, or question',
    ends: 'after five tries without progress (twenty questions); a push may make progress sixteen times, for each sixteenth of the file'
  },
  'lease.resting': {
    guard: 'over',
    waitsFor: 'the next sign of life',
    ends: 'with the transfer that it stands beside, or when the session is over'
  },
  'upload.locating.creatingItem.leaving': GRACE,
  'upload.opening.creating.leaving': GRACE,
  'upload.contending.waiting.creating.leaving': GRACE,
  'upload.contending.waiting.resting': {
    guard: 'hasWaitedEnough',
    waitsFor: 'another session on the item (`--on-busy wait`)',
    ends: 'after `busyMs`'
  },
  'upload.holding.transferring.watch.resting': {
    guard: 'someFileFailed',
    waitsFor: 'the next look at the session while files are sent',
    ends: 'with the files, each of which has ends of its own'
  },
  'upload.holding.following.resting': {
    guard: 'outOfPatience',
    waitsFor: 'fetches that a fetched descriptor has brought',
    ends: 'after `patienceMs` in which nothing came further than ever before'
  },
  'upload.holding.rechecking.resting': {
    guard: 'outOfPatience',
    waitsFor: 'bytes that came late to be looked at',
    ends: 'after `patienceMs`'
  },
  'upload.holding.reviewing.resting': {
    guard: 'outOfPatience',
    waitsFor: 'the preview',
    ends: 'after `patienceMs`'
  },
  'upload.holding.settling.resting': {
    guard: 'outOfPatience',
    waitsFor: 'a session that was completed to be DONE, or complete to be sent again',
    ends: `after \`patienceMs\`, in which only a fetch that comes further counts anew; complete is sent \`maxAttempts\` times at most`
  },
  'upload-file.pulling.resting': {
    guard: 'standsStill',
    waitsFor: 'a fetch by the service',
    ends: 'after `patienceMs` in which it came no further than ever before'
  },
  'upload-file.confirming.resting': {
    guard: 'outOfPatience',
    waitsFor: 'the service to validate the file',
    ends: 'after `patienceMs`'
  },
  'upload-file.waiting': {
    guard: 'mustAddAgain',
    waitsFor: 'the next body, added anew',
    ends: ATTEMPTS
  },
  'fetch-file.preparing.resting': {
    guard: 'outOfPatience',
    waitsFor: 'the service to prepare the file',
    ends: 'after `patienceMs` in which nothing moved'
  },
  'fetch-file.preparing.restingBefore': {
    guard: 'brokenAndCanTryAgain',
    waitsFor: 'the next try of the service to prepare the file',
    ends: ATTEMPTS
  }
};
