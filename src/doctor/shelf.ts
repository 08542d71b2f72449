// The library that is to be filled: whether it is there, what may be done with it, and room for it. Nothing is changed.
import { failure } from '../../machines/vocabulary.ts';
import { PortFailure } from '../ports.ts';
import { sizeOf } from '../view/words.ts';
import { type Check, fault } from './check.ts';

/** With less room than this an image will hardly fit. */
const LITTLE = 10 * 1024 ** 3;

export const libraryCheck: Check = {
  id: 'library',
  needs: ['login'],
  look: async its => {
    const library = await its.means.findLibrary(its.server!);
    its.library = library;
    const { id, name, type } = library;
    const facts = { id, name, type };
    if (type === 'SUBSCRIBED') {
      throw new PortFailure(
        failure('INVALID_ELEMENT_TYPE', `the library ${JSON.stringify(name)} (${id}) is subscribed`)
      );
    }
    return { says: `${JSON.stringify(name)} (${id}) is a local library`, facts };
  }
};

/**
 * What may be asked without changing anything: reading, and the sessions on an item, which need the privilege to have some
 * (the privilege notes of vSphere API 8.0).
 */
export const privilegesCheck: Check = {
  id: 'privileges',
  needs: ['library'],
  look: async ({ server, library, means: { signal } }) => {
    const { library: service } = server!;
    const [first] = await service.listItems(library!.id, { signal });
    const readable = 'the library and its items can be read';
    const rest = 'whether items can be made shows with --write';
    if (first === undefined) {
      return { says: `${readable}; it is empty, so no more can be asked: ${rest}`, facts: { read: true } };
    }
    await service.listSessions({ itemId: first }, { signal }).catch(cause => {
      if (!isUnauthorized(cause)) throw cause;
      const message = `sessions for update may not be had: ${cause.failure.message}`;
      throw fault('UNAUTHORIZED', message, 'ask for the privilege ContentLibrary.UpdateSession on the library');
    });
    const downloads = await service.listDownloadSessions({ itemId: first }, { signal }).then(
      () => true,
      cause => {
        if (isUnauthorized(cause)) return false;
        throw cause;
      }
    );
    const facts = { read: true, update: true, download: downloads };
    if (downloads) return { says: `${readable}, and sessions had; ${rest}`, facts };
    return {
      says: `${readable}, and sessions for update had, but none for download`,
      next: 'to download, too, ask for the privilege ContentLibrary.DownloadSession',
      facts
    };
  }
};

export const datastoreCheck: Check = {
  id: 'datastore',
  needs: ['library'],
  look: async ({ server, library, means: { signal } }) => {
    const datastore = library!.datastoreId;
    const none = { says: 'the server does not tell how much room there is', skip: true } as const;
    if (datastore === undefined) return none;
    const bytes = await server!.freeSpace(datastore, signal);
    if (bytes === undefined) return none;
    const says = `${sizeOf(bytes)} free on ${datastore}`;
    const facts = { datastore, freeBytes: bytes };
    return bytes < LITTLE
      ? { says, next: 'make room on the datastore, or use another library', facts }
      : { says, facts };
  }
};

function isUnauthorized(cause: unknown): cause is PortFailure {
  return cause instanceof PortFailure && cause.failure.code === 'UNAUTHORIZED';
}
