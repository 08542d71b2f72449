// shelver diagram: a machine as text that other programs draw.
import { machines } from '../../machines/index.ts';
import { type DiagramFormat, diagram } from '../diagram/index.ts';
import { UsageError } from './exit.ts';
import type { Context } from './output.ts';

export async function diagramCommand(
  name: string | undefined,
  format: DiagramFormat,
  { out }: Context
): Promise<number> {
  const names = Object.keys(machines);
  if (name === undefined) {
    out.data(`${names.join('\n')}\n`);
    return 0;
  }
  const machine = Object.hasOwn(machines, name) ? machines[name] : undefined;
  if (machine === undefined) throw new UsageError(`there is no machine "${name}"`, `choose ${names.join(', ')}`);
  out.data(diagram(machine, format));
  return 0;
}
