// The state of the service for whoever looks in by the admin door. Each field is named here: what opens something (upload
// and download links, tokens, sources of a pull with what may stand in their addresses) has no name and is not shown.

import { wordOf } from '../../../machines/law.ts';
import type {
  DownloadFileState,
  DownloadState,
  ItemState,
  LibraryState,
  ServiceState,
  SessionFileState,
  SessionState,
  StoredFile
} from '../service/state.ts';
import { values } from '../service/table.ts';
import type { Administered } from './administered.ts';

type Shown = Readonly<Record<string, unknown>>;

export function shownState(its: Administered): Shown {
  const state = its.state();
  const { version, algorithms, previews, reportsSize, reportsDigest, sessionTimeoutMs, rules } = state.settings;
  return {
    at: its.now(),
    profile: its.profile,
    settings: { version, algorithms, previews, reportsSize, reportsDigest, sessionTimeoutMs, rules },
    libraries: ordered(state.libraries).map(library => libraryShown(library, state)),
    sessions: ordered(state.sessions).map(sessionShown),
    downloads: ordered(state.downloads).map(downloadShown),
    logins: its.logins().map(({ user, createdAt, accessedAt }) => ({ user, createdAt, accessedAt })),
    faults: its.faults.numbered(),
    requests: its.log.count
  };
}

function libraryShown({ id, name, type, backingGone }: LibraryState, state: ServiceState): Shown {
  const items = ordered(state.items).filter(item => item.libraryId === id);
  return { id, name, type, ...(backingGone && { backingGone }), items: items.map(itemShown) };
}

function itemShown({ id, name, type, contentVersion, files }: ItemState): Shown {
  return { id, name, type, contentVersion, files: files.map(storedShown) };
}

function storedShown({ name, size, version, shown }: StoredFile): Shown {
  return { name, size, version, digest: shown };
}

function sessionShown(session: SessionState): Shown {
  const { id, owner, itemId, state, progress, expiresAt, errorMessage, files } = session;
  const error = errorMessage?.default_message;
  return { id, owner, itemId, state, progress, expiresAt, error, files: files.map(fileShown) };
}

function fileShown({ name, source, state, received, content, expected, error }: SessionFileState): Shown {
  return {
    name,
    source,
    state: wordOf(state),
    received,
    size: content?.size,
    expected,
    error: error?.default_message
  };
}

function downloadShown(session: DownloadState): Shown {
  const { id, owner, itemId, state, progress, expiresAt, errorMessage, files } = session;
  const error = errorMessage?.default_message;
  return { id, owner, itemId, state, progress, expiresAt, error, files: files.map(downloadFileShown) };
}

function downloadFileShown({ name, state, stored, downloaded, error }: DownloadFileState): Shown {
  return { name, state: wordOf(state), size: stored.size, downloaded, error: error?.default_message };
}

/** In the order in which they were made. */
function ordered<T extends { readonly made: number }>(table: Parameters<typeof values<T>>[0]): T[] {
  return values(table).toSorted((a, b) => a.made - b.made);
}
