// LIBRARY and LIBRARY/ITEM as a person writes them, and which library and item they mean.
import { type Failure, failure, type Item, type Library } from '../../machines/vocabulary.ts';
import { type ContentLibrary, PortFailure } from '../ports.ts';
import type { Ref } from '../spec.ts';
import { UsageError } from './exit.ts';

export interface Place {
  readonly library: Ref;
  readonly item?: Ref;
}

/** @example `placeOf('images/ubuntu')` is `{ library: { name: 'images' }, item: { name: 'ubuntu' } }`. */
export function placeOf(text: string): Place {
  const [library = '', item = '', ...more] = text.split('/');
  if (library.trim() === '' || more.length > 0 || (item !== '' && item.trim() === '')) {
    throw new UsageError(
      `${JSON.stringify(text)} is not LIBRARY or LIBRARY/ITEM`,
      'a name that holds a slash is given by its id: id:UUID'
    );
  }
  return { library: refOf(library), ...(item !== '' && { item: refOf(item) }) };
}

/** @throws PortFailure NOT_FOUND, AMBIGUOUS, and what the calls throw. */
export async function findLibrary(service: ContentLibrary, ref: Ref): Promise<Library> {
  if (ref.id !== undefined) {
    return service.getLibrary(ref.id).catch(cause => {
      throw unless(cause, 'NOT_FOUND', `there is no library with the id ${ref.id} on this server`);
    });
  }
  const name = JSON.stringify(ref.name);
  const ids = await service.findLibraries({ name: ref.name });
  return service.getLibrary(
    only(ids, `there is no library ${name} on this server`, `${ids.length} libraries are called ${name}`)
  );
}

/** @throws PortFailure NOT_FOUND, AMBIGUOUS, and what the calls throw. */
export async function findItem(service: ContentLibrary, library: Library, ref: Ref): Promise<Item> {
  const where = `in the library ${JSON.stringify(library.name)}`;
  if (ref.id !== undefined) {
    const item = await itemById(service, ref.id);
    if (item.libraryId === library.id) return item;
    throw new PortFailure(failure('NOT_FOUND', `there is no item with the id ${ref.id} ${where}`));
  }
  const name = JSON.stringify(ref.name);
  const ids = await service.findItems({ libraryId: library.id, name: ref.name });
  return service.getItem(
    only(ids, `there is no item ${name} ${where}`, `${ids.length} items are called ${name} ${where}`)
  );
}

export function itemById(service: ContentLibrary, id: string): Promise<Item> {
  return service.getItem(id).catch(cause => {
    throw unless(cause, 'NOT_FOUND', `there is no item with the id ${id} on this server`);
  });
}

function refOf(text: string): Ref {
  if (!text.startsWith('id:')) return { name: text };
  const id = text.slice('id:'.length);
  if (/^[\w:.-]+$/.test(id)) return { id };
  throw new UsageError(`${JSON.stringify(text)} is not an id`, 'write it as id:UUID');
}

function only(ids: readonly string[], none: string, many: string): string {
  const [id] = ids;
  if (id === undefined) throw new PortFailure(failure('NOT_FOUND', none));
  if (ids.length > 1) throw new PortFailure(failure('AMBIGUOUS', `${many}: ${ids.join(', ')}`));
  return id;
}

/** The same failure in our words, where its code is the expected one. */
function unless(cause: unknown, code: Failure['code'], message: string): unknown {
  if (!(cause instanceof PortFailure) || cause.failure.code !== code) return cause;
  return new PortFailure({ ...cause.failure, message }, { cause });
}
