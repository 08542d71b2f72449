// The operations on items and their files (Item, Item.File, vSphere API 8.0).
import { wordOf } from '../../../machines/law.ts';
import { Refusal } from '../../wire/errors.ts';
import type { WireArgs } from '../../wire/operations.ts';
import { checkTexts, checkVersion, matches, needed, specOf, text } from './arguments.ts';
import { enterDownload } from './download-work.ts';
import { judgeDownload, judgeSession } from './law.ts';
import { fileInfo, itemModel } from './present.ts';
import { backingGone, duplicateItem, invalid, itemInUse, message, subscribed } from './refusals.ts';
import type { ItemState, LibraryState } from './state.ts';
import { find, put, values, without } from './table.ts';
import { enter, fileOf, forgetToken, itemOf, libraryOf, type Work } from './work.ts';

export function createItem(work: Work, args: WireArgs, token?: string): string {
  return make(work, specOf(args), { type: '', files: [] }, token).id;
}

/**
 * Makes an item with the content of another one, in a local library, the same or another. It is there when the answer is (our
 * judgement: a real server copies beside it); a type that is not given is the source's.
 */
export function copyItem(work: Work, args: WireArgs, token?: string): string {
  const source = itemOf(work, needed(args, 'source_library_item_id'));
  const files = source.files.map(file => ({ ...file, version: 1 }));
  const copy = make(work, specOf(args), { type: source.type, files }, token);
  for (const { id, name, backingGone: gone } of [source, copy].map(item => libraryOf(work, item.libraryId))) {
    if (gone) throw new Refusal(backingGone(name, id));
  }
  return copy.id;
}

function make(
  work: Work,
  spec: Readonly<Record<string, unknown>>,
  { type, files }: Pick<ItemState, 'type' | 'files'>,
  token: string | undefined
): ItemState {
  const library = libraryOf(work, needed(spec, 'library_id'));
  if (library.type === 'SUBSCRIBED') throw subscribed(library.name);
  checkTexts(spec);
  const name = needed(spec, 'name');
  refuseDuplicate(work, library, name);
  const item: ItemState = {
    id: work.context.uuid(),
    made: work.state.made + 1,
    ...(token !== undefined && { token }),
    libraryId: library.id,
    name,
    description: text(spec, 'description') ?? '',
    type: text(spec, 'type') ?? type,
    contentVersion: 1,
    metadataVersion: 1,
    version: 1,
    createdAt: work.context.at,
    modifiedAt: work.context.at,
    files
  };
  work.state = { ...work.state, made: item.made, items: put(work.state.items, item.id, item) };
  changed(work, library);
  return item;
}

export function listItems(work: Work, args: WireArgs): string[] {
  const { id } = libraryOf(work, needed(args, 'library_id'));
  return idsOf(values(work.state.items).filter(item => item.libraryId === id));
}

/** All fields that are given have to match; names and types without regard to case. */
export function findItems(work: Work, args: WireArgs): string[] {
  const { name, type, library_id, source_id, cached } = specOf(args);
  if ([name, type, library_id, source_id, cached].every(field => field === undefined)) {
    throw invalid('empty_spec', 'There is nothing to find an item by.');
  }
  // Nothing here is copied from elsewhere or lacks its content.
  if (source_id !== undefined || cached === false) return [];
  return idsOf(
    values(work.state.items).filter(
      item =>
        matches(item.name, name) &&
        matches(item.type, type) &&
        (library_id === undefined || item.libraryId === library_id)
    )
  );
}

export function getItem(work: Work, args: WireArgs): unknown {
  return itemModel(itemOf(work, needed(args, 'library_item_id')));
}

export function updateItem(work: Work, args: WireArgs): void {
  const item = own(work, args);
  const spec = specOf(args);
  checkTexts(spec);
  checkVersion(spec, 'item', item.version);
  const name = text(spec, 'name') ?? item.name;
  if (!matches(name, item.name)) refuseDuplicate(work, libraryOf(work, item.libraryId), name);
  const next = {
    ...item,
    name,
    description: text(spec, 'description') ?? item.description,
    type: text(spec, 'type') ?? item.type,
    metadataVersion: item.metadataVersion + 1,
    version: item.version + 1,
    modifiedAt: work.context.at
  };
  work.state = { ...work.state, items: put(work.state.items, next.id, next) };
}

export function deleteItem(work: Work, args: WireArgs): void {
  const item = own(work, args);
  refuseInUse(work, item);
  removeItem(work, item);
  changed(work, libraryOf(work, item.libraryId));
}

export function listItemFiles(work: Work, args: WireArgs): unknown {
  const { files } = itemOf(work, needed(args, 'library_item_id'));
  return files.map(file => fileInfo(file, work.state.settings));
}

export function getItemFile(work: Work, args: WireArgs): unknown {
  const name = needed(args, 'name');
  return fileInfo(fileOf(itemOf(work, needed(args, 'library_item_id')), name), work.state.settings);
}

/** An item that somebody works on is kept, where the rules say so. */
export function refuseInUse(work: Work, item: ItemState): void {
  const open = [...values(work.state.sessions), ...values(work.state.downloads)].some(
    session => session.itemId === item.id && wordOf(session.state) === 'ACTIVE'
  );
  if (open && work.state.settings.rules.itemDeleteUnderSession === 'refuse') throw itemInUse(item.name);
}

/** Takes an item away; the law says what becomes of its sessions. */
export function removeItem(work: Work, item: ItemState): void {
  const why = message('item_deleted', `The item ${item.name} was deleted.`, item.name);
  for (const session of values(work.state.sessions).filter(session => session.itemId === item.id)) {
    const judgement = judgeSession(work.law, session.state, { type: 'itemDeleted' });
    if (judgement.allowed) enter(work, session, judgement.state, why);
  }
  for (const session of values(work.state.downloads).filter(session => session.itemId === item.id)) {
    const judgement = judgeDownload(work.law, session.state, { type: 'itemDeleted' });
    if (judgement.allowed) enterDownload(work, session, judgement.state, why);
  }
  work.freed.push(...item.files.map(file => file.blob));
  forgetToken(work, item);
  work.state = { ...work.state, items: without(work.state.items, item.id) };
}

function own(work: Work, args: WireArgs): ItemState {
  const item = itemOf(work, needed(args, 'library_item_id'));
  const library = find(work.state.libraries, item.libraryId)!;
  if (library.type === 'SUBSCRIBED') throw subscribed(library.name);
  return item;
}

function refuseDuplicate(work: Work, library: LibraryState, name: string): void {
  const same = values(work.state.items).some(item => item.libraryId === library.id && matches(item.name, name));
  if (same) throw duplicateItem(name, library.name, library.id);
}

function changed(work: Work, library: LibraryState): void {
  const next = { ...library, version: library.version + 1, modifiedAt: work.context.at };
  work.state = { ...work.state, libraries: put(work.state.libraries, next.id, next) };
}

function idsOf(items: readonly ItemState[]): string[] {
  return items.toSorted((a, b) => a.made - b.made).map(item => item.id);
}
