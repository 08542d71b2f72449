// The service's own words as types, and the one shape in which anything can fail. Everything here is JSON.

/** State of an update session (UpdateSessionModel.State, vSphere API 8.0). */
export type UpdateSessionState = 'ACTIVE' | 'DONE' | 'ERROR' | 'CANCELED';
/** State of a download session (DownloadSessionModel.State, vSphere API 8.0): there is no DONE. */
export type DownloadSessionState = 'ACTIVE' | 'CANCELED' | 'ERROR';
/** Status of one file of an update session (UpdateSession.File.Info.status, vSphere API 8.0). */
export type TransferStatus = 'WAITING_FOR_TRANSFER' | 'TRANSFERRING' | 'VALIDATING' | 'READY' | 'ERROR';
/** Status of one file of a download session (DownloadSession.File.PrepareStatus, vSphere API 8.0). */
export type PrepareStatus = 'UNPREPARED' | 'PREPARE_REQUESTED' | 'PREPARING' | 'PREPARED' | 'ERROR';
/** How bytes reach the service: the client sends them, the service fetches them, or the file stays as it is. */
export type SourceType = 'PUSH' | 'PULL' | 'NONE';
export type ChecksumAlgorithm = 'SHA1' | 'MD5' | 'SHA256' | 'SHA512';
export type WarningType =
  | 'SELF_SIGNED_CERTIFICATE'
  | 'EXPIRED_CERTIFICATE'
  | 'NOT_YET_VALID_CERTIFICATE'
  | 'UNTRUSTED_CERTIFICATE';

/** A word of the service that may be newer than this library: known ones are typed, others survive as they came. */
export type Open<T extends string> = T | (string & {});

export interface Digest {
  readonly algorithm: Open<ChecksumAlgorithm>;
  /** Lower-case hexadecimal. */
  readonly checksum: string;
}

/** LocalizableMessage, as far as this library reads it. */
export interface ServiceMessage {
  readonly id: string;
  readonly default_message: string;
  readonly args: readonly string[];
}

/** What the service said beyond the fields that this library knows, as it came. */
export interface Extra {
  readonly extra?: Readonly<Record<string, unknown>>;
}

export interface PreviewWarning {
  readonly type: Open<WarningType>;
  readonly message: string;
  readonly ignored: boolean;
}

/** An update session as the service shows it (UpdateSession.get). Instants are milliseconds since 1970, on the clock that `serverNow` was read from. */
export interface SessionInfo extends Extra {
  readonly id: string;
  readonly state: Open<UpdateSessionState>;
  readonly itemId: string;
  readonly contentVersion?: string;
  readonly expiresAt?: number;
  /** The server's own clock (Date header) when it answered. */
  readonly serverNow?: number;
  readonly progress?: number;
  readonly errorMessage?: string;
  readonly preview?: {
    readonly state: Open<'UNAVAILABLE' | 'NOT_APPLICABLE' | 'PREPARING' | 'AVAILABLE'>;
    readonly warnings: readonly PreviewWarning[];
  };
}

/** A file of an update session as the service shows it (UpdateSession.File.get). */
export interface SessionFile extends Extra {
  readonly name: string;
  readonly sourceType: Open<SourceType>;
  readonly status: Open<TransferStatus>;
  readonly bytesTransferred: number;
  readonly size?: number;
  readonly digest?: Digest;
  /** Where to PUT the bytes. It is a capability: never logged, never journaled. */
  readonly uploadUri?: string;
  readonly errorMessage?: string;
}

/** A download session as the service shows it (DownloadSession.get). Instants are as in `SessionInfo`. */
export interface DownloadSessionInfo extends Extra {
  readonly id: string;
  readonly state: Open<DownloadSessionState>;
  readonly itemId: string;
  /** The item's content version when the session was created. */
  readonly contentVersion?: string;
  readonly expiresAt?: number;
  readonly serverNow?: number;
  readonly progress?: number;
  readonly errorMessage?: string;
}

/** A file of a download session as the service shows it (DownloadSession.File.get). */
export interface DownloadFile extends Extra {
  readonly name: string;
  readonly status: Open<PrepareStatus>;
  /** What the server moved to prepare the file; it may stay 0 until the client reads. */
  readonly bytesTransferred: number;
  /** Sure to be there only when the file was downloaded, as is `digest`. */
  readonly size?: number;
  readonly digest?: Digest;
  /** Where to GET the bytes, while the file is PREPARED. It is a capability: never logged, never journaled. */
  readonly downloadUri?: string;
  readonly errorMessage?: string;
}

export interface Validation {
  readonly hasErrors: boolean;
  readonly missing: readonly string[];
  readonly invalid: readonly { readonly name: string; readonly message: string }[];
}

export interface Library extends Extra {
  readonly id: string;
  readonly name: string;
  readonly type: Open<'LOCAL' | 'SUBSCRIBED'>;
}

export interface Item extends Extra {
  readonly id: string;
  readonly libraryId: string;
  readonly name: string;
  readonly type?: string;
  readonly contentVersion?: string;
  readonly size?: number;
}

/** A file of an item, outside any session (Item.File.Info). */
export interface ItemFile extends Extra {
  readonly name: string;
  readonly size?: number;
  readonly version?: string;
  readonly digest?: Digest;
}

/** A file of an item, and where it lies (Item.Storage.Info). */
export interface StoredFile extends ItemFile {
  /** `ds:///vmfs/volumes/…`, as a source to PULL from would name it. */
  readonly storageUris: readonly string[];
}

/** A type of items that the service has rules for (Type.Info). */
export interface ItemType extends Extra {
  readonly type: string;
  readonly name: string;
  readonly description?: string;
}

/**
 * Every reason why something can fail, with what follows from it. `retry`: the same call may be repeated (after asking,
 * where it is not idempotent); `exit`: the command's exit code (docs/exit-codes in README); `next`: what a person can do.
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
    next: 'another update session is open on this item: see shelver sessions ls'
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

/** What the host adds to every answer of an effect: when it came, and one draw of chance in [0, 1) for back-off. */
export interface Stamp {
  readonly at: number;
  readonly luck: number;
}
export interface Answer<T = unknown> extends Stamp {
  readonly value: T;
}
export interface Failed extends Stamp {
  readonly failure: Failure;
}

/** @example `failure('NOT_FOUND', 'there is no library named "images"').code` is `'NOT_FOUND'`. */
export function failure(code: FailureCode, message: string, more: Omit<Failure, 'code' | 'message'> = {}): Failure {
  return { code, message, ...more };
}
