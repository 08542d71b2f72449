// Everything that the service knows, as one immutable JSON value, and how it begins. Bytes are not in it: a blob id says
// where they lie, and whoever keeps them is told when an id is no longer needed.
import type { StateValue } from 'xstate';
import type { Digest, ServiceMessage } from '../../../machines/vocabulary.ts';
import type { ServerProfile, WarningBehavior } from '../../ports.ts';
import type { CertificateFacts } from './certificate.ts';
import type { DescriptorFacts } from './descriptor.ts';
import { defaultRules, type Rules } from './rules.ts';
import { emptyTable, put, type Table } from './table.ts';

/** What the service is told about the world with every operation and happening. */
export interface Context {
  /** Now, in milliseconds since 1970. */
  readonly at: number;
  /** Who asks; '' when nobody does. */
  readonly user: string;
  /** A fresh UUID. */
  uuid(): string;
}

export interface ServiceOptions {
  /** The server to behave like; without one, a current vCenter Server. */
  readonly profile?: ServerProfile;
  /** Overrides the profile's. */
  readonly sessionTimeoutMs?: number;
  readonly rules?: Partial<Rules>;
  readonly libraries?: readonly LibraryOption[];
  /** Upload and download URIs are `{baseUrl}/cls/data/{uuid}/{file}`. */
  readonly baseUrl: string;
  /** The second half of every session id, as on a real server. */
  readonly serverGuid: string;
}
export interface LibraryOption {
  readonly name: string;
  readonly type?: 'LOCAL' | 'SUBSCRIBED';
  readonly items?: readonly { readonly name: string; readonly type?: string }[];
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
  readonly baseUrl: string;
  readonly serverGuid: string;
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
  readonly certificate?: CertificateFacts;
}

export interface StoredFile extends Content {
  readonly name: string;
  readonly version: number;
  /** The digest to show. */
  readonly shown?: Digest;
}

export interface SessionState extends Made {
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

export interface DownloadState extends Made {
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

/** A service with these libraries. It takes ids and the instant of creation from `context`. */
export function initialState(options: ServiceOptions, context: Context): ServiceState {
  let state: ServiceState = {
    version: 1,
    settings: settingsOf(options),
    made: 0,
    dueAt: null,
    libraries: emptyTable(),
    items: emptyTable(),
    sessions: emptyTable(),
    transfers: emptyTable(),
    downloads: emptyTable(),
    links: emptyTable(),
    tokens: emptyTable()
  };
  for (const { name, type = 'LOCAL', items = [] } of options.libraries ?? []) {
    const made = { createdAt: context.at, modifiedAt: context.at, version: 1, description: '' };
    const library = { id: context.uuid(), made: state.made + 1, name, type, backings: [], ...made };
    state = { ...state, made: library.made, libraries: put(state.libraries, library.id, library) };
    for (const { name, type = '' } of items) {
      const versions = { contentVersion: 1, metadataVersion: 1, files: [] };
      const item = {
        ...made,
        ...versions,
        id: context.uuid(),
        made: state.made + 1,
        libraryId: library.id,
        name,
        type
      };
      state = { ...state, made: item.made, items: put(state.items, item.id, item) };
    }
  }
  return state;
}

/** The same service under other settings: after a restart. Libraries in the options are not looked at. */
export function configured(state: ServiceState, options: ServiceOptions): ServiceState {
  // what was saved before there were downloads has none
  const { downloads = emptyTable(), links = emptyTable() }: Partial<ServiceState> = state;
  return { ...state, downloads, links, settings: settingsOf(options) };
}

function settingsOf({ profile, sessionTimeoutMs, rules, baseUrl, serverGuid }: ServiceOptions): Settings {
  return {
    version: `${profile?.name ?? '8.0'}.0`,
    algorithms: profile?.algorithms ?? ['SHA1', 'MD5', 'SHA256', 'SHA512'],
    previews: profile?.previews ?? true,
    reportsSize: profile?.reportsSize ?? true,
    reportsDigest: profile?.reportsDigest ?? true,
    sessionTimeoutMs: sessionTimeoutMs ?? profile?.sessionTimeoutMs ?? 300_000,
    rules: { ...defaultRules, ...rules },
    baseUrl,
    serverGuid
  };
}
