// The one datastore of this installation: storage backings, storage URIs and the inventory of the SOAP side name it alike.
import type { ItemState, StoredFile } from './state.ts';

export const DATASTORE = { id: 'datastore-1', name: 'datastore1' } as const;

/** What every storage URI on it begins with. */
export function datastoreUrl(serverGuid: string): string {
  return `ds:///vmfs/volumes/${serverGuid}/`;
}

/** The folder of an item, with a slash at its end. */
export function itemFolder(serverGuid: string, { id, libraryId }: Pick<ItemState, 'id' | 'libraryId'>): string {
  return `${datastoreUrl(serverGuid)}contentlib-${libraryId}/${id}/`;
}

/**
 * Where a file of an item lies, under a name of its own.
 *
 * @example `ds:///vmfs/volumes/GUID/contentlib-LIBRARY/ITEM/disk_BLOB.vmdk?serverId=GUID`
 */
export function storageUri(
  serverGuid: string,
  item: Pick<ItemState, 'id' | 'libraryId'>,
  { name, blob }: Pick<StoredFile, 'name' | 'blob'>
): string {
  const dot = name.lastIndexOf('.');
  const at = dot < 1 ? name.length : dot;
  const own = `${name.slice(0, at)}_${blob}${name.slice(at)}`;
  return `${itemFolder(serverGuid, item)}${encodeURIComponent(own)}?serverId=${encodeURIComponent(serverGuid)}`;
}
