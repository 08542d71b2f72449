// Where the files of items lie in the storage (Item.Storage, vSphere API 8.0): each under a name of its own, in the folder of its
// item, in that of its library.
import type { WireArgs } from '../../wire/operations.ts';
import { needed } from './arguments.ts';
import { DATASTORE, datastoreUrl } from './datastore.ts';
import { fileInfo } from './present.ts';
import type { ItemState, ServiceState, StoredFile } from './state.ts';
import { values } from './table.ts';
import { fileOf, itemOf, libraryOf, type Work } from './work.ts';

export function listItemStorage(work: Work, args: WireArgs): unknown {
  const item = itemOf(work, needed(args, 'library_item_id'));
  return item.files.map(file => storageInfo(work, item, file));
}

/** Of one file; a list all the same. */
export function getItemStorage(work: Work, args: WireArgs): unknown {
  const name = needed(args, 'file_name');
  const item = itemOf(work, needed(args, 'library_item_id'));
  return [storageInfo(work, item, fileOf(item, name))];
}

/**
 * The place of a file, as administrators see it.
 *
 * @example `ds:///vmfs/volumes/GUID/contentlib-LIBRARY/ITEM/disk_BLOB.vmdk?serverId=GUID`
 */
export function storageUri(
  { settings: { serverGuid } }: ServiceState,
  { id, libraryId }: Pick<ItemState, 'id' | 'libraryId'>,
  { name, blob }: Pick<StoredFile, 'name' | 'blob'>
): string {
  const dot = name.lastIndexOf('.');
  const at = dot < 1 ? name.length : dot;
  const own = `${name.slice(0, at)}_${blob}${name.slice(at)}`;
  const place = `contentlib-${libraryId}/${id}/${encodeURIComponent(own)}`;
  return `${datastoreUrl(serverGuid)}${place}?serverId=${encodeURIComponent(serverGuid)}`;
}

/** The file that lies at a storage URI, with its item; with or without the query. */
export function storedAt(state: ServiceState, uri: string): { item: ItemState; file: StoredFile } | undefined {
  const [place] = uri.split('?');
  for (const item of values(state.items)) {
    const file = item.files.find(file => storageUri(state, item, file).split('?')[0] === place);
    if (file !== undefined) return { item, file };
  }
  return undefined;
}

function storageInfo(work: Work, item: ItemState, file: StoredFile): unknown {
  const [backing = { type: 'DATASTORE', datastore_id: DATASTORE.id }] = libraryOf(work, item.libraryId).backings;
  return {
    ...fileInfo(file, work.state.settings),
    // here it is required
    size: file.size,
    storage_backing: backing,
    storage_uris: [storageUri(work.state, item, file)]
  };
}
