// The operations on libraries (Library, LocalLibrary, vSphere API 8.0).
import type { WireArgs } from '../../wire/operations.ts';
import { checkTexts, matches, needed, specOf, text } from './arguments.ts';
import { removeItem } from './items.ts';
import { libraryModel } from './present.ts';
import { invalid, subscribed, unsupported } from './refusals.ts';
import type { LibraryState } from './state.ts';
import { put, values, without } from './table.ts';
import { forgetToken, libraryOf, type Work } from './work.ts';

export function listLibraries(work: Work, type?: LibraryState['type']): string[] {
  return values(work.state.libraries)
    .filter(library => type === undefined || library.type === type)
    .sort((a, b) => a.made - b.made)
    .map(library => library.id);
}

export function getLibrary(work: Work, args: WireArgs): unknown {
  return libraryModel(libraryOf(work, needed(args, 'library_id')), work.state.settings);
}

/** By name without regard to case, and type; both have to match where both are given. */
export function findLibraries(work: Work, args: WireArgs): string[] {
  const { name, type } = specOf(args);
  if (name === undefined && type === undefined) throw invalid('empty_spec', 'There is nothing to find a library by.');
  return values(work.state.libraries)
    .filter(library => matches(library.name, name) && matches(library.type, type))
    .sort((a, b) => a.made - b.made)
    .map(library => library.id);
}

export function createLibrary(work: Work, args: WireArgs, token?: string): string {
  const spec = specOf(args);
  checkTexts(spec);
  const backings = (spec.storage_backings ?? []) as readonly unknown[];
  if (backings.length > 1) throw unsupported('A library has one storage backing.');
  const library: LibraryState = {
    id: work.context.uuid(),
    made: work.state.made + 1,
    ...(token !== undefined && { token }),
    name: needed(spec, 'name'),
    description: text(spec, 'description') ?? '',
    type: 'LOCAL',
    backings,
    version: 1,
    createdAt: work.context.at,
    modifiedAt: work.context.at
  };
  work.state = { ...work.state, made: library.made, libraries: put(work.state.libraries, library.id, library) };
  return library.id;
}

export function getLocalLibrary(work: Work, args: WireArgs): unknown {
  return libraryModel(local(work, args), work.state.settings);
}

export function updateLibrary(work: Work, args: WireArgs): void {
  const library = local(work, args);
  const spec = specOf(args);
  checkTexts(spec);
  const next = {
    ...library,
    name: text(spec, 'name') ?? library.name,
    description: text(spec, 'description') ?? library.description,
    version: library.version + 1,
    modifiedAt: work.context.at
  };
  work.state = { ...work.state, libraries: put(work.state.libraries, next.id, next) };
}

/** Its items go with it. */
export function deleteLibrary(work: Work, args: WireArgs): void {
  const library = local(work, args);
  for (const item of values(work.state.items)) if (item.libraryId === library.id) removeItem(work, item);
  forgetToken(work, library);
  work.state = { ...work.state, libraries: without(work.state.libraries, library.id) };
}

function local(work: Work, args: WireArgs): LibraryState {
  const library = libraryOf(work, needed(args, 'library_id'));
  if (library.type !== 'LOCAL') throw subscribed(library.name);
  return library;
}
