// What the documentation leaves open, and what this service makes of it unless it is told otherwise.

/** The choices, explained in docs/architecture.md. */
export interface Rules {
  /** A body whose size or checksum is not what was announced: the PUT is refused, or answered and the file turns ERROR a
   * moment later, or the session turns ERROR as well. */
  readonly mismatch: 'refuse' | 'acceptThenError' | 'sessionError';
  /** The upload URL needs a login as well. Only the HTTP door looks at it. */
  readonly putNeedsLogin: boolean;
  /** A broken body leaves the file in ERROR. */
  readonly dropIsError: boolean;
  /** How long an expired session still shows as ERROR before it is gone. */
  readonly expiredGraceMs: number;
  /** How long a session that is DONE, ERROR or CANCELED stays when nobody deletes it. */
  readonly endedKeptMs: number;
  /** How long a received file is VALIDATING. */
  readonly validatingMs: number;
  /** How long a file of a download session takes to be PREPARED; at 0 it is so in the answer. */
  readonly preparingMs: number;
  /** A download may begin in the middle; if not, a range is not looked at. */
  readonly ranges: boolean;
  /** What another user's session looks like. */
  readonly foreignSessions: 'hidden' | 'open';
  /** Deleting an item that has an open session: allowed, and the session turns ERROR; or refused. */
  readonly itemDeleteUnderSession: 'sessionError' | 'refuse';
  /** Users without roles or privileges of their own hold ContentLibrary.ReadStorage too, beside all others. */
  readonly readStorage: boolean;
  /** Canceling an update session deletes it at once. True for servers of whose documentation says so: 6.0 and 6.5. */
  readonly cancelDeletes: boolean;
  readonly maxSessions: number;
  readonly maxFilesPerSession: number;
}

export const defaultRules: Rules = {
  mismatch: 'refuse',
  putNeedsLogin: false,
  dropIsError: false,
  expiredGraceMs: 0,
  endedKeptMs: 3_600_000,
  validatingMs: 0,
  preparingMs: 0,
  ranges: true,
  foreignSessions: 'hidden',
  itemDeleteUnderSession: 'sessionError',
  readStorage: true,
  cancelDeletes: false,
  maxSessions: 1000,
  maxFilesPerSession: 1000
};
