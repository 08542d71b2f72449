// Whether a source could be pulled from. A pure service cannot look: whoever has the network does, and this is what is left
// to say where nobody has.
import type { WireArgs } from '../../wire/operations.ts';
import { needed, specOf } from './arguments.ts';
import { unsupported } from './refusals.ts';
import type { Work } from './work.ts';

export function probe(_work: Work, args: WireArgs): never {
  needed(specOf(args), 'uri');
  throw unsupported('This simulator does not look at sources.');
}
