// What is the same for all items of one call is asked of the server once: which library it is that they go to.
import type { ContentLibrary, Ports } from '../ports.ts';

/**
 * Ports for many uploads into one library: its id and what it is are kept from the first answers on. A library that goes away
 * meanwhile is noticed all the same, when an item is to be made in it. Failures are not kept.
 *
 * @example `const ports = askOnce(server); await Promise.all(specs.map(spec => upload(ports, spec).report))`
 */
export function askOnce<P extends Ports>(ports: P): P {
  const { library } = ports;
  const findLibraries = keeping<ContentLibrary['findLibraries']>((by, options) => library.findLibraries(by, options));
  const getLibrary = keeping<ContentLibrary['getLibrary']>((id, options) => library.getLibrary(id, options));
  return { ...ports, library: { ...library, findLibraries, getLibrary } };
}

/** Keeps answers by what was asked. Who asks before there is one asks for himself: nobody else's end may be the end of it. */
function keeping<F extends (about: never, options?: never) => Promise<unknown>>(ask: F): F {
  const kept = new Map<string, unknown>();
  const once = async (about: Parameters<F>[0], options: Parameters<F>[1]): Promise<unknown> => {
    const key = JSON.stringify(about);
    if (!kept.has(key)) kept.set(key, await ask(about, options));
    return kept.get(key);
  };
  return once as F;
}
