// From the models on the wire to the types of the ports, tolerant: null is unset, a missing list is empty, unknown words
// survive, and fields that this library does not know are kept under `extra`.
import {
  type Digest,
  type DownloadFile,
  type DownloadSessionInfo,
  failure,
  type Item,
  type ItemFile,
  type ItemType,
  type Library,
  type SessionFile,
  type SessionInfo,
  type StoredFile,
  type Validation
} from '../../machines/vocabulary.ts';
import { type AddFile, PortFailure } from '../ports.ts';
import { asText, isRecord, serviceMessage } from './errors.ts';
import { withoutUploadUris } from './failures.ts';
import { unknownFields } from './fields.ts';

type Model = Readonly<Record<string, unknown>>;

export function sessionInfo(id: string, value: unknown, serverNow?: number): SessionInfo {
  const model = modelOf(value, 'update session');
  const preview = isRecord(model.preview_info) ? model.preview_info : undefined;
  return present<SessionInfo>({
    // Some servers leave the id out of the model.
    id,
    state: word(model.state),
    itemId: word(model.library_item_id),
    contentVersion: text(model.library_item_content_version),
    expiresAt: instant(model.expiration_time),
    serverNow,
    progress: number(model.client_progress),
    errorMessage: said(model.error_message),
    preview: preview && {
      state: word(preview.state),
      warnings: list(preview.warnings).map(warning => ({
        type: word(warning.type),
        message: said(warning.message) ?? '',
        ignored: warning.ignored === true
      }))
    },
    extra: unknownFields('UpdateSessionModel', model)
  });
}

export function sessionFile(value: unknown): SessionFile {
  const model = modelOf(value, 'file of the update session');
  const endpoint = isRecord(model.upload_endpoint) ? model.upload_endpoint : undefined;
  return present<SessionFile>({
    name: word(model.name),
    sourceType: word(model.source_type),
    status: word(model.status),
    bytesTransferred: number(model.bytes_transferred) ?? 0,
    size: number(model.size),
    digest: digest(model.checksum_info),
    uploadUri: text(endpoint?.uri),
    errorMessage: said(model.error_message),
    extra: unknownFields('UpdateFileInfo', model)
  });
}

export function downloadSessionInfo(id: string, value: unknown, serverNow?: number): DownloadSessionInfo {
  const model = modelOf(value, 'download session');
  return present<DownloadSessionInfo>({
    id,
    state: word(model.state),
    itemId: word(model.library_item_id),
    contentVersion: text(model.library_item_content_version),
    expiresAt: instant(model.expiration_time),
    serverNow,
    progress: number(model.client_progress),
    errorMessage: serviceMessage(model.error_message)?.default_message,
    extra: unknownFields('DownloadSessionModel', model)
  });
}

export function downloadFile(value: unknown): DownloadFile {
  const model = modelOf(value, 'file of the download session');
  const endpoint = isRecord(model.download_endpoint) ? model.download_endpoint : undefined;
  return present<DownloadFile>({
    name: word(model.name),
    status: word(model.status),
    bytesTransferred: number(model.bytes_transferred) ?? 0,
    size: number(model.size),
    digest: digest(model.checksum_info),
    downloadUri: text(endpoint?.uri),
    errorMessage: serviceMessage(model.error_message)?.default_message,
    extra: unknownFields('DownloadFileInfo', model)
  });
}

export function validation(value: unknown): Validation {
  const model = modelOf(value, 'validation');
  const missing = Array.isArray(model.missing_files) ? model.missing_files.map(asText) : [];
  const invalid = list(model.invalid_files).map(file => ({
    name: word(file.name),
    message: said(file.error_message) ?? ''
  }));
  return { hasErrors: model.has_errors === true || missing.length + invalid.length > 0, missing, invalid };
}

export function library(id: string, value: unknown): Library {
  const model = modelOf(value, 'library');
  return present<Library>({
    id,
    name: word(model.name),
    type: word(model.type),
    datastoreId: text(list(model.storage_backings).find(backing => backing.datastore_id)?.datastore_id),
    extra: unknownFields('LibraryModel', model)
  });
}

export function item(id: string, value: unknown): Item {
  const model = modelOf(value, 'item');
  return present<Item>({
    id,
    libraryId: word(model.library_id),
    name: word(model.name),
    type: text(model.type),
    contentVersion: text(model.content_version),
    size: number(model.size),
    extra: unknownFields('ItemModel', model)
  });
}

export function itemFile(value: unknown): ItemFile {
  const model = modelOf(value, 'file of the item');
  return present<ItemFile>({
    name: word(model.name),
    size: number(model.size),
    version: text(model.version),
    digest: digest(model.checksum_info),
    extra: unknownFields('ItemFileInfo', model)
  });
}

export function storedFile(value: unknown): StoredFile {
  const { extra, ...file } = itemFile(value);
  const uris = (value as Model).storage_uris;
  const more = unknownFields('StorageInfo', value as Model);
  return present<StoredFile>({ ...file, storageUris: ids(uris), extra: more });
}

export function itemType(value: unknown): ItemType {
  const model = modelOf(value, 'type');
  return present<ItemType>({
    type: word(model.type),
    name: word(model.name),
    description: text(model.description),
    extra: unknownFields('TypeInfo', model)
  });
}

/** The AddSpec of a file. */
export function addSpec(file: AddFile): Model {
  return present<Model>({
    name: file.name,
    source_type: file.sourceType,
    size: file.size,
    checksum_info: file.digest && { algorithm: file.digest.algorithm, checksum: file.digest.checksum },
    source_endpoint:
      file.source &&
      present<Model>({
        uri: file.source.uri,
        ssl_certificate_thumbprint: file.source.thumbprint,
        ssl_certificate: file.source.certificate
      })
  });
}

/** Ids in a list; what is not a string is left out. */
export function ids(value: unknown): string[] {
  return Array.isArray(value) ? value.filter(id => typeof id === 'string') : [];
}

/** The objects in a list; null and missing are empty. */
export function list(value: unknown): Model[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

/** Without the members that are undefined. */
export function present<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T;
}

function modelOf(value: unknown, what: string): Model {
  if (isRecord(value)) return value;
  throw new PortFailure(failure('NOT_THE_SERVICE', `the server answered without the ${what} that was asked for`));
}

/** What the service tells a person inside an answer: it goes into reports and logs, as its refusals do. */
function said(value: unknown): string | undefined {
  const text = serviceMessage(value)?.default_message;
  return text === undefined ? undefined : withoutUploadUris(text);
}

function word(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** RFC 3339 with any number of fraction digits; without a zone it is UTC. */
function instant(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined;
  const zoned = /(?:Z|[+-]\d\d:?\d\d)$/i.test(value) ? value : `${value}Z`;
  const at = Date.parse(zoned.replace(/(\.\d{3})\d+/, '$1'));
  return Number.isNaN(at) ? undefined : at;
}

/** SHA1 is the service's default. */
function digest(value: unknown): Digest | undefined {
  if (!isRecord(value) || typeof value.checksum !== 'string') return undefined;
  return { algorithm: text(value.algorithm) ?? 'SHA1', checksum: value.checksum.toLowerCase() };
}
