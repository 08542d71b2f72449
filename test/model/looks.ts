// What somebody looks at after a call, and at the end: all calls that only read.
import type { Call } from './call.ts';
import type { Shelf } from './shelf.ts';

/** At the end: all that anybody may see of anything. */
export function looksAtAll(shelf: Shelf): Call[] {
  const sessions = shelf.updates.flatMap(its => updateLooks(shelf, its));
  const downloads = shelf.downloads.flatMap(its => (its.isOpen ? [] : downloadLooks(its.user, its.id)));
  const lists = ['ann', 'bob'].flatMap((user): Call[] => [
    { op: 'u.list', user, args: {} },
    { op: 'd.list', user, args: {} }
  ]);
  const items = shelf.items.flatMap(({ id }) => itemLooks(shelf, 'bob', id));
  return [...lists, ...sessions, ...downloads, ...items];
}

/** Everything that shows of the sessions and the item that a call was about. */
export function looksAfter(shelf: Shelf, call: Call): Call[] {
  if (call.op === 'put' || call.op === 'fetch') {
    const { uri } = call;
    const update = shelf.updates.find(its => its.entries.some(entry => entry.uri === uri));
    const download = shelf.downloads.find(its => its.files.some(file => file.uri === uri));
    return [
      ...(update ? updateLooks(shelf, update) : []),
      ...(download ? downloadLooks(download.user, download.id) : [])
    ];
  }
  const { user, args, op } = call;
  if (op.startsWith('item.')) return itemLooks(shelf, user, args.id);
  const sessions = shelf.updates.filter(
    ({ id, item }) => id === args.id || (op === 'u.create' && item === args.library_item_id)
  );
  if (op.startsWith('u.'))
    return [{ op: 'u.list', user, args: {} }, ...sessions.flatMap(its => updateLooks(shelf, its))];
  return [{ op: 'd.list', user, args: {} }, ...(args.id === undefined ? [] : downloadLooks(user, args.id))];
}
function updateLooks(shelf: Shelf, { user, id, item }: Session): Call[] {
  return [{ op: 'u.get', user, args: { id } }, { op: 'u.f.list', user, args: { id } }, ...itemLooks(shelf, user, item)];
}
type Session = { readonly user: string; readonly id: string; readonly item: string };
function downloadLooks(user: string, id: string): Call[] {
  return [
    { op: 'd.get', user, args: { id } },
    { op: 'd.f.list', user, args: { id } }
  ];
}
function itemLooks(shelf: Shelf, user: string, id: string | undefined): Call[] {
  const all: Call = { op: 'item.list', user, args: { library_id: shelf.libraries[0]?.id } };
  if (id === undefined) return [all];
  return [all, { op: 'item.get', user, args: { id } }, { op: 'item.files', user, args: { id } }];
}
