// The operations on libraries (Library, LocalLibrary, vSphere API 8.0).
import type { WireArgs } from '../../wire/operations.ts';
import { checkTexts, checkVersion, matches, needed, specOf, text } from './arguments.ts';
import { refuseInUse, removeItem } from './items.ts';
import { libraryModel } from './present.ts';
import { invalid, otherKind, unsupported } from './refusals.ts';
import type { LibraryState } from './state.ts';
import { put, values, without } from './table.ts';
import { forgetToken, libraryOf, type Work } from './work.ts';

export function listLibraries(work: Work, type?: LibraryState['type']): string[] {
  return values(work.state.libraries)
    .filter(library => type === undefined || library.type === type)
    .sort((a, b) => a.made - b.made)
    .map(library => library.id);
}

/** With a type: for operations that are of libraries of this kind only. */
export function getLibrary(work: Work, args: WireArgs, type?: LibraryState['type']): unknown {
  return libraryModel(named(work, args, type), work.state.settings);
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
  const type = spec.type ?? 'LOCAL';
  if (type !== 'LOCAL') throw invalid('bad_library_type', `The type ${String(type)} is not LOCAL.`, String(type));
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

/** Name and description are taken, the rest is not looked at; a version is the one that the change was made for. */
export function updateLibrary(work: Work, args: WireArgs, type?: LibraryState['type']): void {
  const library = named(work, args, type);
  const spec = specOf(args);
  checkTexts(spec);
  checkVersion(spec, 'library', library.version);
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
export function deleteLibrary(work: Work, args: WireArgs, type: LibraryState['type']): void {
  const library = named(work, args, type);
  const items = values(work.state.items).filter(item => item.libraryId === library.id);
  for (const item of items) refuseInUse(work, item);
  for (const item of items) removeItem(work, item);
  forgetToken(work, library);
  work.state = { ...work.state, libraries: without(work.state.libraries, library.id) };
}

function named(work: Work, args: WireArgs, type?: LibraryState['type']): LibraryState {
  const library = libraryOf(work, needed(args, 'library_id'));
  if (type !== undefined && library.type !== type) throw otherKind(library.name, library.type);
  return library;
}
