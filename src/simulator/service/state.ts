// Everything that the service knows, as one immutable JSON value. Bytes are not in it: a blob id says where they lie, and
// whoever keeps them is told when an id is no longer needed.
import type { StateValue } from 'xstate';
import type { Digest, ServiceMessage } from '../../../machines/vocabulary.ts';
import type { WarningBehavior } from '../../ports.ts';
import type { CertificateFacts } from './certificate.ts';
import type { DescriptorFacts } from './descriptor.ts';
import type { ManifestFacts } from './manifest.ts';
import type { Privilege } from './privileges.ts';
import type { Rules } from './rules.ts';
import type { Table } from './table.ts';

/** What the service is told about the world with every operation and happening. */
export interface Context {
  /** Now, in milliseconds since 1970. */
  readonly at: number;
  /** Who asks; '' when nobody does. */
  readonly user: string;
  /** A fresh UUID. */
  uuid(): string;
}

export interface Settings {
  /** What `appliance/system/version` says. */
  readonly version: string;
  readonly algorithms: readonly string[];
  readonly previews: boolean;
  readonly reportsSize: boolean;
  readonly reportsDigest: boolean;
  readonly sessionTimeoutMs: number;
  readonly rules: Rules;
  /** What each user holds; whoever is not named holds all, ContentLibrary.ReadStorage by the rule of that name only. */
  readonly privileges: Readonly<Record<string, readonly Privilege[]>>;
  readonly baseUrl: string;
  readonly serverGuid: string;
}

/** How the service synchronizes subscribed libraries (Configuration, vSphere API 8.0): kept, and without effect here. */
export interface ConfigurationState {
  readonly automatic_sync_enabled: boolean;
  readonly automatic_sync_start_hour: number;
  readonly automatic_sync_stop_hour: number;
  readonly maximum_concurrent_item_syncs: number;
}

export interface ServiceState {
  readonly version: 1;
  readonly settings: Settings;
  /** Rises with every thing made, so that lists keep the order of creation. */
  readonly made: number;
  /** Before this instant nothing happens by itself; null: nothing will. */
  readonly dueAt: number | null;
  readonly libraries: Table<LibraryState>;
  readonly items: Table<ItemState>;
  readonly sessions: Table<SessionState>;
  /** Upload uuid → where its bytes belong. */
  readonly transfers: Table<{ readonly session: string; readonly file: string }>;
  readonly downloads: Table<DownloadState>;
  /** Download uuid → whose bytes it leads to. */
  readonly links: Table<{ readonly session: string; readonly file: string }>;
  /** User, operation and client token → the id that was made. */
  readonly tokens: Table<string>;
  readonly configuration: ConfigurationState;
}

interface Made {
  readonly id: string;
  readonly made: number;
  /** The key in `tokens`, to be forgotten together with this. */
  readonly token?: string;
}

export interface LibraryState extends Made {
  readonly name: string;
  readonly description: string;
  readonly type: 'LOCAL' | 'SUBSCRIBED';
  readonly backings: readonly unknown[];
  readonly version: number;
  readonly createdAt: number;
  readonly modifiedAt: number;
  /** Its content was deleted from its storage behind the service's back. */
  readonly backingGone?: boolean;
}

export interface ItemState extends Made {
  readonly libraryId: string;
  readonly name: string;
  readonly description: string;
  readonly type: string;
  readonly contentVersion: number;
  readonly metadataVersion: number;
  readonly version: number;
  readonly createdAt: number;
  readonly modifiedAt: number;
  readonly files: readonly StoredFile[];
}

/** Received bytes, as far as the service looks into them. */
export interface Content {
  readonly size: number;
  readonly digests: readonly Digest[];
  /** Where the bytes lie. */
  readonly blob: string;
  readonly descriptor?: DescriptorFacts;
  readonly manifest?: ManifestFacts;
  readonly certificate?: CertificateFacts;
}

export interface StoredFile extends Content {
  readonly name: string;
  readonly version: number;
  /** The digest to show. */
  readonly shown?: Digest;
}

/** What sessions for update and for download have in common. */
export interface AnySession extends Made {
  readonly owner: string;
  readonly itemId: string;
  readonly contentVersion: number;
  /** State of the session's machine. */
  readonly state: StateValue;
  readonly errorMessage?: ServiceMessage;
  readonly progress: number;
  readonly expiresAt: number;
  /** When the session expires or is swept, unless something happens before. */
  readonly dueAt: number;
}

export interface SessionState extends AnySession {
  readonly warnings: readonly WarningBehavior[];
  readonly files: readonly SessionFileState[];
}

export interface SessionFileState {
  readonly name: string;
  readonly source: 'NONE' | 'PUSH' | 'PULL';
  /** State of the file's machine. */
  readonly state: StateValue;
  /** The uuid in the upload URI. */
  readonly transfer?: string;
  /** Which body this is for the uuid: a newer one overtakes an older. */
  readonly attempt: number;
  readonly expected: { readonly size?: number; readonly digest?: Digest };
  readonly endpoint?: Endpoint;
  readonly received: number;
  readonly content?: Content;
  /** An archive's members, which take its place when it is READY. */
  readonly members?: readonly (Content & { readonly name: string })[];
  /** False for what is not stored with the item: manifest and certificate. */
  readonly keep: boolean;
  readonly error?: ServiceMessage;
  /** While VALIDATING: when the checks end, and what they will find wrong. */
  readonly check?: { readonly at: number; readonly fault?: ServiceMessage };
  /** The item's file that the entry stands for, with the same content: its bytes are the item's to keep or free. */
  readonly stored?: StoredFile;
}

export interface DownloadState extends AnySession {
  /** Its owner held ContentLibrary.ReadStorage when it was created: DIRECT links may be had. */
  readonly readsStorage?: boolean;
  /** The item's files as they were when the session was created. */
  readonly files: readonly DownloadFileState[];
}

export interface DownloadFileState {
  readonly name: string;
  /** State of the file's machine. */
  readonly state: StateValue;
  readonly stored: StoredFile;
  /** The uuid in the download URI. */
  readonly link?: string;
  /** The link shall lead to the storage itself. */
  readonly direct?: boolean;
  /** When the preparation begins, unless it has begun, and when it ends. */
  readonly preparing?: { readonly beginsAt?: number; readonly endsAt: number };
  /** A client has read it to its end. */
  readonly downloaded: boolean;
  readonly error?: ServiceMessage;
}

export interface Endpoint {
  readonly uri: string;
  readonly ssl_certificate_thumbprint?: string;
  readonly ssl_certificate?: string;
}
