// shelver ls: the libraries, the items of one, or the files of an item.
import type { ContentLibrary } from '../ports.ts';
import { sizeOf } from '../view/words.ts';
import { columns } from './columns.ts';
import type { CommonFlags } from './options.ts';
import type { Context } from './output.ts';
import { findItem, findLibrary, type Place, placeOf } from './place.ts';
import { withConnection } from './server.ts';
import { several } from './several.ts';

/** Calls at a time. */
const AT_ONCE = 8;

interface Listing {
  readonly json: Readonly<Record<string, unknown>>;
  readonly text: string;
}

export async function lsCommand(text: string | undefined, flags: CommonFlags, context: Context): Promise<number> {
  const place = text === undefined ? undefined : placeOf(text);
  const listing = await withConnection(flags, context, server => list(server.library, place));
  if (context.out.json) context.out.object(listing.json);
  else context.out.data(listing.text);
  return 0;
}

function list(service: ContentLibrary, place: Place | undefined): Promise<Listing> {
  if (place === undefined) return listLibraries(service);
  return place.item === undefined ? listItems(service, place) : listFiles(service, place);
}

async function listLibraries(service: ContentLibrary): Promise<Listing> {
  const found = await several(AT_ONCE, await service.listLibraries(), id => service.getLibrary(id));
  const libraries = found.map(({ id, name, type }) => ({ id, name, type })).sort(byName);
  return {
    json: { libraries },
    text: columns(
      ['NAME', 'TYPE', 'ID'],
      libraries.map(({ id, name, type }) => [name, type.toLowerCase(), id])
    )
  };
}

async function listItems(service: ContentLibrary, place: Place): Promise<Listing> {
  const library = await findLibrary(service, place.library);
  const found = await several(AT_ONCE, await service.listItems(library.id), id => service.getItem(id));
  const items = found
    .map(({ id, name, type, size, contentVersion }) => ({ id, name, type, size, contentVersion }))
    .sort(byName);
  return {
    json: { library: { id: library.id, name: library.name }, items },
    text: columns(
      ['NAME', 'TYPE', 'SIZE', 'VERSION', 'ID'],
      items.map(({ id, name, type, size, contentVersion }) => [
        name,
        type || '-',
        size === undefined ? '-' : sizeOf(size),
        contentVersion ?? '-',
        id
      ]),
      [2, 3]
    )
  };
}

async function listFiles(service: ContentLibrary, { library: ref, item: itemRef }: Place): Promise<Listing> {
  const library = await findLibrary(service, ref);
  const item = await findItem(service, library, itemRef as NonNullable<typeof itemRef>);
  const files = (await service.listItemFiles(item.id))
    .map(({ name, size, version, digest }) => ({ name, size, version, digest }))
    .sort(byName);
  return {
    json: { library: { id: library.id, name: library.name }, item: { id: item.id, name: item.name }, files },
    text: columns(
      ['NAME', 'SIZE', 'DIGEST'],
      files.map(({ name, size, digest }) => [
        name,
        size === undefined ? '-' : sizeOf(size),
        digest === undefined ? '-' : `${digest.algorithm} ${digest.checksum}`
      ]),
      [1]
    )
  };
}

/** By code point, so that the order is the same everywhere. */
function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
