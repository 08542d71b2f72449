// The service's state as the models that its answers hold. What is unset is left out, as live servers do.
import { wordOf } from '../../../machines/law.ts';
import type { Digest } from '../../../machines/vocabulary.ts';
import { previewOf } from './content.ts';
import { storageUri } from './datastore.ts';
import type {
  AnySession,
  DownloadFileState,
  DownloadState,
  ItemState,
  LibraryState,
  ServiceState,
  SessionFileState,
  SessionState,
  Settings,
  StoredFile
} from './state.ts';
import { find } from './table.ts';

type Model = Readonly<Record<string, unknown>>;

export function libraryModel(library: LibraryState, { serverGuid }: Settings): Model {
  return {
    id: library.id,
    name: library.name,
    description: library.description,
    type: library.type,
    storage_backings: library.backings,
    creation_time: instant(library.createdAt),
    last_modified_time: instant(library.modifiedAt),
    version: String(library.version),
    server_guid: serverGuid
  };
}

export function itemModel(item: ItemState): Model {
  return {
    id: item.id,
    library_id: item.libraryId,
    name: item.name,
    description: item.description,
    type: item.type,
    content_version: String(item.contentVersion),
    metadata_version: String(item.metadataVersion),
    version: String(item.version),
    creation_time: instant(item.createdAt),
    last_modified_time: instant(item.modifiedAt),
    cached: true,
    size: item.files.reduce((sum, file) => sum + file.size, 0)
  };
}

export function fileInfo({ name, size, version, shown }: StoredFile, { reportsSize, reportsDigest }: Settings): Model {
  return {
    name,
    cached: true,
    version: String(version),
    ...(reportsSize && { size }),
    ...(reportsDigest && shown && { checksum_info: shown })
  };
}

export function sessionModel(state: ServiceState, session: SessionState, at: number): Model {
  const word = wordOf(session.state);
  return {
    ...anySession(session),
    ...(session.warnings.length > 0 && { warning_behavior: session.warnings }),
    ...(word === 'ACTIVE' && state.settings.previews && { preview_info: previewOf(state, session, at) })
  };
}

export function fileModel(file: SessionFileState, settings: Settings): Model {
  const status = wordOf(file.state);
  const uri = `${settings.baseUrl}/cls/data/${file.transfer}/${encodeURIComponent(file.name)}`;
  const ready = status === 'READY' ? file.content : undefined;
  const shown = file.stored?.shown ?? (ready && shownDigest(ready.digests, file.expected.digest));
  return {
    name: file.name,
    source_type: file.source,
    bytes_transferred: file.received,
    status,
    // came with the previews, in vSphere API 6.7U1
    ...(settings.previews && { keep_in_storage: file.keep }),
    ...(ready && { size: ready.size }),
    ...(shown && { checksum_info: shown }),
    ...(file.endpoint && { source_endpoint: file.endpoint }),
    ...(file.source === 'PUSH' && file.transfer !== undefined && { upload_endpoint: { uri } }),
    ...(file.error && { error_message: file.error })
  };
}

/** What both kinds of sessions show; of a session for download it is all. */
export function anySession(session: AnySession): Model {
  return {
    id: session.id,
    library_item_id: session.itemId,
    library_item_content_version: String(session.contentVersion),
    client_progress: session.progress,
    state: shownState(session.state),
    expiration_time: instant(session.expiresAt),
    ...(session.errorMessage && { error_message: session.errorMessage })
  };
}

/** Size and checksum are told when the file was downloaded: nothing promises them before. */
export function downloadFileModel(state: ServiceState, { itemId }: DownloadState, file: DownloadFileState): Model {
  const { baseUrl, serverGuid } = state.settings;
  const { name, stored, link, direct, downloaded } = file;
  const uri = () =>
    direct
      ? storageUri(serverGuid, find(state.items, itemId)!, stored)
      : `${baseUrl}/cls/data/${link}/${encodeURIComponent(name)}`;
  return {
    name,
    status: wordOf(file.state),
    bytes_transferred: downloaded ? stored.size : 0,
    ...(downloaded && { size: stored.size, checksum_info: stored.shown }),
    ...(link !== undefined && { download_endpoint: { uri: uri() } }),
    ...(file.error && { error_message: file.error })
  };
}

/** What the service calls the state of a session: one that has expired and is not yet swept shows as failed. */
export function shownState(state: SessionState['state']): string {
  const word = wordOf(state);
  return word === 'expired' ? 'ERROR' : word;
}

/** The digest that the client announced, else SHA-1, which is the service's default. */
export function shownDigest(digests: readonly Digest[], expected: Digest | undefined): Digest | undefined {
  const wanted = expected?.algorithm ?? 'SHA1';
  return digests.find(({ algorithm }) => algorithm === wanted) ?? digests[0];
}

function instant(at: number): string {
  return new Date(at).toISOString();
}
