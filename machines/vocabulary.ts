// The service's own words as types, and the one shape in which anything can fail. Everything here is JSON.
import type { Failure } from './failures.ts';

export { adviceOf, bytesRefused, FAILURES, type Failure, type FailureCode, failure } from './failures.ts';

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
  /** The datastore that it lies on, where it lies on one and the service tells. */
  readonly datastoreId?: string;
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
