// Whether a source could be pulled from. A pure service cannot look: whoever has the network has to.
import type { WireArgs } from '../../wire/operations.ts';
import { unsupported } from './refusals.ts';
import type { Work } from './work.ts';

export function probe(_work: Work, _args: WireArgs): never {
  throw unsupported('This simulator does not look at sources.');
}
