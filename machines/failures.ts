// Every way in which something can fail, as data: whether it may be repeated, which exit code it has, what a person can do.
// Everything here is JSON. Import it from the vocabulary (machines/vocabulary.ts).
import type { Digest, ServiceMessage } from './vocabulary.ts';

/**
 * Every reason why something can fail, with what follows from it. `retry`: the same call may be repeated (after asking,
 * where it is not idempotent); `exit`: the command's exit code (README, Exit codes); `next`: what a person can do.
 */
export const FAILURES = {
  // the way to the server
  CONNECTION: { retry: true, exit: 5, next: 'check that the server is up and reachable, then run the command again' },
  STALLED: { retry: true, exit: 5, next: 'check the network, then run the command again' },
  TIMED_OUT: { retry: true, exit: 5, next: 'the server is slow or overloaded: run the command again later' },
  BAD_ADDRESS: { retry: false, exit: 2, next: 'check --url' },
  NOT_THE_SERVICE: {
    retry: false,
    exit: 2,
    next: 'check that --url names a vCenter Server (or a simulator), and --dialect'
  },
  TLS_UNTRUSTED: {
    retry: false,
    exit: 8,
    next: 'give --ca-file, or --thumbprint with the certificate fingerprint you trust'
  },
  TLS_PIN_MISMATCH: {
    retry: false,
    exit: 8,
    next: 'check the fingerprint with whoever runs the server; do not just copy the new one'
  },
  // who asks
  UNAUTHENTICATED: { retry: false, exit: 7, next: 'check user name and password' },
  UNAUTHORIZED: { retry: false, exit: 7, next: 'ask for the privilege that the message names' },
  // what the service says
  NOT_FOUND: { retry: false, exit: 4, next: 'check the name or id' },
  AMBIGUOUS: { retry: false, exit: 4, next: 'name it by id: id:UUID' },
  ALREADY_EXISTS: { retry: false, exit: 11, next: 'choose another name, or --if-exists' },
  RESOURCE_BUSY: {
    retry: false,
    exit: 11,
    next: 'another update session is open on this item: see shelver sessions ls, or wait for it: --on-busy wait'
  },
  NOT_ALLOWED_IN_CURRENT_STATE: { retry: false, exit: 6, next: 'see the message of the service' },
  INVALID_ARGUMENT: { retry: false, exit: 6, next: 'see the message of the service' },
  INVALID_ELEMENT_TYPE: {
    retry: false,
    exit: 6,
    next: 'a subscribed library takes its content from its publisher: use a local library'
  },
  CONCURRENT_CHANGE: { retry: true, exit: 5, next: 'run the command again' },
  UNSUPPORTED: { retry: false, exit: 6, next: 'see the message of the service' },
  UNAVAILABLE: { retry: true, exit: 5, next: 'the service is down or overloaded: run the command again later' },
  SERVER_ERROR: { retry: true, exit: 5, next: 'see the message of the service, then run the command again' },
  TRANSFER_REFUSED: {
    retry: true,
    exit: 6,
    next: 'the message says what the server has against the bytes: clear that up, then run the command again'
  },
  CHECKSUM_MISMATCH: {
    retry: true,
    exit: 6,
    next: 'the bytes changed on the way: check the network path, then run the command again'
  },
  FILE_NOT_RECEIVED: { retry: true, exit: 6, next: 'run the command again' },
  MISSING_FILES: { retry: false, exit: 6, next: 'add the files that the descriptor references' },
  INVALID_FILES: { retry: false, exit: 6, next: 'see the message of the service' },
  WARNINGS: { retry: false, exit: 6, next: 'check the certificate, or accept the warning: --accept-warning TYPE' },
  SESSION_ERROR: { retry: false, exit: 6, next: 'see the message of the service' },
  SESSION_LOST: { retry: true, exit: 5, next: 'run the command again' },
  SESSION_CANCELED: {
    retry: false,
    exit: 12,
    next: 'somebody else canceled the session: ask, then run the command again'
  },
  NOT_VERIFIED: {
    retry: false,
    exit: 6,
    next: 'the item does not hold what was sent: do not use it; run the command again'
  },
  // what is to be sent
  SOURCE_UNREADABLE: { retry: false, exit: 3, next: 'check the path and its permissions' },
  SOURCE_CHANGED: { retry: false, exit: 3, next: 'let the file come to rest, then run the command again' },
  SOURCE_INVALID: { retry: false, exit: 3, next: 'repair the source' },
  SOURCE_DISAGREES: {
    retry: false,
    exit: 3,
    next: 'the file is not what its manifest says: get it again, or repair the manifest'
  },
  // where it is to be kept
  TARGET_UNWRITABLE: {
    retry: false,
    exit: 3,
    next: 'check the folder: whether it is there, its permissions and its free space'
  },
  UNSAFE_NAME: { retry: false, exit: 3, next: 'name the files to download: LIBRARY/ITEM/FILE' },
  // the run itself
  INVALID_SPEC: { retry: false, exit: 2, next: 'correct the call' },
  DEADLINE: { retry: false, exit: 10, next: 'run the command again, or raise --deadline' },
  JOURNAL: { retry: false, exit: 1, next: 'check the disk' },
  CANCELED: { retry: false, exit: 130, next: 'run the command again' },
  INTERNAL: { retry: false, exit: 1, next: 'this is a defect of shelver: please report it' }
} as const satisfies Record<string, { retry: boolean; exit: number; next: string }>;

export type FailureCode = keyof typeof FAILURES;

/** One failure as data: JSON-safe, no credentials, no upload URI. */
export interface Failure {
  readonly code: FailureCode;
  /** One sentence: what was wrong and where. */
  readonly message: string;
  /** What a person can do, where more is known than the code says. */
  readonly next?: string;
  /** True when the request may have reached the server and acted, although no answer came. */
  readonly ambiguous?: boolean;
  /** It would have been tried again, but this process had spent its budget of retries. */
  readonly budgetSpent?: true;
  /** Milliseconds that the server asked to wait (Retry-After), as parsed, not capped. */
  readonly retryAfterMs?: number;
  /** What the service said first, when it said something. */
  readonly service?: {
    readonly errorType?: string;
    readonly status?: number;
    readonly messages: readonly ServiceMessage[];
  };
  /** For a failed push: bytes handed to the socket, and the digests of what was read if the source was read to its end. */
  readonly sent?: number;
  readonly digests?: readonly Digest[];
  /** For a failed fetch: bytes that were written down, counted from the beginning of the file. */
  readonly received?: number;
}

/** What a person can do about a failure. */
export function adviceOf({ code, next }: Pick<Failure, 'code' | 'next'>): string {
  return next ?? FAILURES[code].next;
}

/** What it means that a server did not take the bytes, by what it said of them; it has no code for this. */
export function bytesRefused(said: string): 'CHECKSUM_MISMATCH' | 'TRANSFER_REFUSED' {
  return /check ?sum|digest|\bhash\b/i.test(said) ? 'CHECKSUM_MISMATCH' : 'TRANSFER_REFUSED';
}

/** @example `failure('NOT_FOUND', 'there is no library named "images"').code` is `'NOT_FOUND'`. */
export function failure(code: FailureCode, message: string, more: Omit<Failure, 'code' | 'message'> = {}): Failure {
  return { code, message, ...more };
}
