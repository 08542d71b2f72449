// The control plane: the operations of the service that this library calls, one method each, and what a server of some
// version can do. A part of the page of ports (src/ports.ts), which is where to import it from.
import type {
  ChecksumAlgorithm,
  Digest,
  DownloadFile,
  DownloadSessionInfo,
  Item,
  ItemFile,
  ItemType,
  Library,
  Open,
  SessionFile,
  SessionInfo,
  StoredFile,
  Validation,
  WarningType
} from '../machines/vocabulary.ts';

/** What a server of one kind and version can do; chosen at login (src/servers). JSON: it goes into the machines. */
export interface ServerProfile {
  readonly name: string;
  readonly dialect: 'api' | 'rest' | '2014';
  /** Errors in /rest do not name themselves beside their type, as before 7.0. */
  readonly unnamedErrors?: boolean;
  /** What a body may be written in. Absent: JSON alone. */
  readonly encodings?: readonly ('json' | 'xml' | 'form')[];
  /** Where a create call puts its client token; `none`: the server does not know tokens. */
  readonly tokenPlace: 'header' | 'query' | 'body' | 'none';
  /** Whether the status of a pushed file goes on to READY, so that it can be waited for. */
  readonly reportsReady: boolean;
  /** Whether an item's files are listed with sizes, and with which digest, if any. */
  readonly reportsSize: boolean;
  readonly reportsDigest: boolean;
  /** Whether a file may be removed from a session by name without harm. */
  readonly removesFiles: boolean;
  readonly previews: boolean;
  /** A source to fetch from may be told with its certificate (PEM; 9.0 and later), not only with its SHA-1 fingerprint. */
  readonly takesCertificates?: boolean;
  /** Any number of update sessions may be open on one item; otherwise the second create is refused (RESOURCE_BUSY). */
  readonly sharesItems?: boolean;
  /** Canceling an update session deletes it, too (6.0 and 6.5 say so); it is CANCELED otherwise. */
  readonly cancelDeletes?: boolean;
  /** A library is made on a datastore that is named; this server breaks off otherwise. */
  readonly needsDatastore?: boolean;
  /** How long a session lives without activity, unless it says otherwise. */
  readonly sessionTimeoutMs: number;
  /** Checksum algorithms that `add` takes. */
  readonly algorithms: readonly ChecksumAlgorithm[];
}

export interface Call {
  readonly signal?: AbortSignal;
}
export interface CreateCall extends Call {
  /** A UUID: the same token again answers with the id of the first call, where the server honours tokens. */
  readonly token?: string;
}

export interface WarningBehavior {
  readonly type: Open<WarningType>;
  readonly ignored: boolean;
}

export interface AddFile {
  readonly name: string;
  /** NONE leaves the item's file as it is, whatever the session has made of it. */
  readonly sourceType: 'PUSH' | 'PULL' | 'NONE';
  /** Bytes. */
  readonly size?: number;
  readonly digest?: Digest;
  readonly source?: { readonly uri: string; readonly thumbprint?: string; readonly certificate?: string };
}

/** The control plane: one method an operation of the service, one request a call. */
export interface ContentLibrary {
  readonly server: ServerProfile;
  listLibraries(call?: Call): Promise<string[]>;
  findLibraries(by: { name: string; type?: string }, call?: Call): Promise<string[]>;
  getLibrary(id: string, call?: Call): Promise<Library>;
  /** Creates a local library on the named datastore (or wherever the server puts one that names none). */
  createLibrary(spec: { name: string; description?: string; datastoreId?: string }, call?: CreateCall): Promise<string>;
  /** Of a local library; what is not given stays. */
  updateLibrary(id: string, change: { name?: string; description?: string }, call?: Call): Promise<void>;
  /** Of a local library, with all that is in it. */
  deleteLibrary(id: string, call?: Call): Promise<void>;
  listItems(libraryId: string, call?: Call): Promise<string[]>;
  findItems(by: { libraryId?: string; name?: string; type?: string }, call?: Call): Promise<string[]>;
  getItem(id: string, call?: Call): Promise<Item>;
  createItem(
    spec: { libraryId: string; name: string; type?: string; description?: string },
    call?: CreateCall
  ): Promise<string>;
  /** What is not given stays. */
  updateItem(id: string, change: { name?: string; type?: string; description?: string }, call?: Call): Promise<void>;
  /** Makes an item with the content of another; the answer may come before all of it is there. */
  copyItem(
    id: string,
    to: { libraryId: string; name: string; type?: string; description?: string },
    call?: CreateCall
  ): Promise<string>;
  deleteItem(id: string, call?: Call): Promise<void>;
  listItemFiles(itemId: string, call?: Call): Promise<ItemFile[]>;
  /** Where an item's files, or the one named, lie in the storage; needs the privilege ContentLibrary.ReadStorage. */
  itemStorage(itemId: string, name?: string, call?: Call): Promise<StoredFile[]>;
  /** The types of items that the service has rules for. */
  listTypes(call?: Call): Promise<ItemType[]>;

  createSession(spec: { itemId: string; warnings?: readonly WarningBehavior[] }, call?: CreateCall): Promise<string>;
  /** The caller's own sessions; with an item, those on it. */
  listSessions(by?: { itemId?: string }, call?: Call): Promise<string[]>;
  getSession(id: string, call?: Call): Promise<SessionInfo>;
  updateSession(id: string, change: { warnings: readonly WarningBehavior[] }, call?: Call): Promise<void>;
  keepAlive(id: string, progress?: number, call?: Call): Promise<void>;
  complete(id: string, call?: Call): Promise<void>;
  cancelSession(id: string, call?: Call): Promise<void>;
  failSession(id: string, message: string, call?: Call): Promise<void>;
  deleteSession(id: string, call?: Call): Promise<void>;

  addFile(sessionId: string, spec: AddFile, call?: Call): Promise<SessionFile>;
  listFiles(sessionId: string, call?: Call): Promise<SessionFile[]>;
  getFile(sessionId: string, name: string, call?: Call): Promise<SessionFile>;
  removeFile(sessionId: string, name: string, call?: Call): Promise<void>;
  validate(sessionId: string, call?: Call): Promise<Validation>;

  /** Any number may be open on one item (DownloadSession.create, vSphere API 8.0). */
  createDownloadSession(spec: { itemId: string }, call?: CreateCall): Promise<string>;
  /** The caller's own sessions; with an item, those on it. */
  listDownloadSessions(by?: { itemId?: string }, call?: Call): Promise<string[]>;
  getDownloadSession(id: string, call?: Call): Promise<DownloadSessionInfo>;
  keepDownloadAlive(id: string, progress?: number, call?: Call): Promise<void>;
  cancelDownload(id: string, call?: Call): Promise<void>;
  failDownload(id: string, message: string, call?: Call): Promise<void>;
  /** Allowed in every state. */
  deleteDownloadSession(id: string, call?: Call): Promise<void>;

  listDownloadFiles(sessionId: string, call?: Call): Promise<DownloadFile[]>;
  getDownloadFile(sessionId: string, name: string, call?: Call): Promise<DownloadFile>;
  /** Asks for a link. It may not be there yet in the answer: then `getDownloadFile` until the file is PREPARED. */
  prepareFile(sessionId: string, name: string, call?: Call): Promise<DownloadFile>;

  /** Touches the login session, so that it does not end beside a long transfer. */
  keepLogin(call?: Call): Promise<void>;
}
