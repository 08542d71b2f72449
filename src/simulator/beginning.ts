// The state in which a simulator begins: a new one, or that of its store under today's options.
import { failure } from '../../machines/vocabulary.ts';
import { PortFailure } from '../ports.ts';
import {
  configured,
  initialState,
  type LibraryOption,
  type SeededFile,
  type ServiceOptions
} from './service/initial-state.ts';
import type { Context, ServiceState } from './service/state.ts';
import { put, values } from './service/table.ts';

/**
 * What was saved, with the libraries that it lacks; without anything saved, a new state. The bytes of the libraries that are
 * new are kept by `keep`.
 *
 * @throws `PortFailure` INVALID_SPEC when what was saved is of another version.
 */
export function beginningOf(
  options: Omit<ServiceOptions, 'serverGuid' | 'libraries'> & { readonly libraries: readonly LibraryOption[] },
  context: Context,
  saved: unknown,
  keep: (library: LibraryOption) => LibraryOption<SeededFile>
): ServiceState {
  if (saved === undefined) {
    return initialState({ ...options, libraries: options.libraries.map(keep), serverGuid: context.uuid() }, context);
  }
  const old = saved as ServiceState;
  if (old.version !== 1) {
    const message =
      'the store holds the state of another version of the simulator: give another directory, or empty this one';
    throw new PortFailure(failure('INVALID_SPEC', message));
  }
  const known = new Set(values(old.libraries).map(({ name }) => name));
  const libraries = options.libraries.filter(({ name }) => !known.has(name)).map(keep);
  const serviceOptions = { ...options, libraries, serverGuid: old.settings.serverGuid };
  return joined(configured(old, serviceOptions), initialState(serviceOptions, context));
}

/** Both, the second as if it had been made after the first. */
function joined(first: ServiceState, second: ServiceState): ServiceState {
  let { libraries, items } = first;
  const after = first.made;
  for (const library of values(second.libraries)) {
    libraries = put(libraries, library.id, { ...library, made: library.made + after });
  }
  for (const item of values(second.items)) items = put(items, item.id, { ...item, made: item.made + after });
  return { ...first, libraries, items, made: after + second.made };
}
