// Where the files of items lie in the storage (Item.Storage, vSphere API 8.0): each under a name of its own, in the folder of its
// item, in that of its library.
import type { WireArgs } from '../../wire/operations.ts';
import { needed } from './arguments.ts';
import { DATASTORE, storageUri } from './datastore.ts';
import { fileInfo } from './present.ts';
import type { ItemState, StoredFile } from './state.ts';
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

function storageInfo(work: Work, item: ItemState, file: StoredFile): unknown {
  const [backing = { type: 'DATASTORE', datastore_id: DATASTORE.id }] = libraryOf(work, item.libraryId).backings;
  return {
    ...fileInfo(file, work.state.settings),
    // here it is required
    size: file.size,
    storage_backing: backing,
    storage_uris: [storageUri(work.state.settings.serverGuid, item, file)]
  };
}
