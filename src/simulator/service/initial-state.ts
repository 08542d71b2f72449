// How the service begins: with the libraries and under the settings that it is given.
import type { ServerProfile } from '../../ports.ts';
import { contentOf } from './content.ts';
import { DATASTORE } from './datastore.ts';
import type { Received } from './happenings.ts';
import { shownDigest } from './present.ts';
import type { Privilege } from './privileges.ts';
import { defaultRules, type Rules } from './rules.ts';
import type {
  ConfigurationState,
  Context,
  ItemState,
  LibraryState,
  ServiceState,
  Settings,
  StoredFile
} from './state.ts';
import { emptyTable, put } from './table.ts';

export interface ServiceOptions {
  /** The server to behave like; without one, a current vCenter Server. */
  readonly profile?: ServerProfile;
  /** Overrides the profile's. */
  readonly sessionTimeoutMs?: number;
  readonly rules?: Partial<Rules>;
  /** By user name; a user that is not named holds all. */
  readonly privileges?: Readonly<Record<string, readonly Privilege[]>>;
  readonly libraries?: readonly LibraryOption<SeededFile>[];
  /** Upload and download URIs are `{baseUrl}/cls/data/{uuid}/{file}`. */
  readonly baseUrl: string;
  /** The second half of every session id, as on a real server. */
  readonly serverGuid: string;
}
export interface LibraryOption<File = SeedFile> {
  readonly name: string;
  readonly type?: 'LOCAL' | 'SUBSCRIBED';
  readonly items?: readonly {
    readonly name: string;
    readonly type?: string;
    readonly description?: string;
    readonly files?: readonly File[];
  }[];
}
/** A file that an item begins with; of one without content, the content is empty. */
export interface SeedFile {
  readonly name: string;
  readonly text?: string;
  /** The content, where it is not text. */
  readonly base64?: string;
}
/** The same as the service sees it: received. */
export type SeededFile = Received & { readonly name: string };

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
    tokens: emptyTable(),
    configuration: initialConfiguration
  };
  const made = { createdAt: context.at, modifiedAt: context.at, version: 1 };
  for (const { name, type = 'LOCAL', items = [] } of options.libraries ?? []) {
    const library: LibraryState = {
      ...made,
      id: context.uuid(),
      made: state.made + 1,
      name,
      description: '',
      type,
      backings: [{ type: 'DATASTORE', datastore_id: DATASTORE.id }]
    };
    state = { ...state, made: library.made, libraries: put(state.libraries, library.id, library) };
    for (const { name, type = '', description = '', files = [] } of items) {
      const item: ItemState = {
        ...made,
        id: context.uuid(),
        made: state.made + 1,
        libraryId: library.id,
        name,
        description,
        type,
        contentVersion: 1,
        metadataVersion: 1,
        files: files.map(stored)
      };
      state = { ...state, made: item.made, items: put(state.items, item.id, item) };
    }
  }
  return state;
}

/** The same service under other settings: after a restart. Libraries in the options are not looked at. */
export function configured(state: ServiceState, options: ServiceOptions): ServiceState {
  // what was saved before there were downloads, or a configuration, has none
  const {
    downloads = emptyTable(),
    links = emptyTable(),
    configuration = initialConfiguration
  }: Partial<ServiceState> = state;
  return { ...state, downloads, links, configuration, settings: settingsOf(options) };
}

const initialConfiguration: ConfigurationState = {
  automatic_sync_enabled: true,
  automatic_sync_start_hour: 20,
  automatic_sync_stop_hour: 7,
  maximum_concurrent_item_syncs: 5
};

function settingsOf(options: ServiceOptions): Settings {
  const { profile, sessionTimeoutMs, rules, privileges = {}, baseUrl, serverGuid } = options;
  return {
    version: `${profile?.name ?? '8.0'}.0`,
    algorithms: profile?.algorithms ?? ['SHA1', 'MD5', 'SHA256', 'SHA512'],
    previews: profile?.previews ?? true,
    reportsSize: profile?.reportsSize ?? true,
    reportsDigest: profile?.reportsDigest ?? true,
    sessionTimeoutMs: sessionTimeoutMs ?? profile?.sessionTimeoutMs ?? 300_000,
    rules: { ...defaultRules, cancelDeletes: profile?.cancelDeletes ?? false, ...rules },
    privileges,
    baseUrl,
    serverGuid
  };
}

function stored(file: SeededFile): StoredFile {
  const content = contentOf(file.name, file);
  return { ...content, name: file.name, version: 1, shown: shownDigest(content.digests, undefined) };
}
