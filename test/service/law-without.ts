// The law with one line taken out: for showing that each line is needed.
import { type AnyStateMachine, StateMachine } from 'xstate';
import { downloadFileMachine } from '../../machines/service/download-file.ts';
import { downloadSessionMachine } from '../../machines/service/download-session.ts';
import { updateFileMachine } from '../../machines/service/update-file.ts';
import { updateSessionMachine } from '../../machines/service/update-session.ts';
import { type Law, law } from '../../src/simulator/service/law.ts';

interface NodeConfig {
  readonly on?: Readonly<Record<string, unknown>>;
  readonly states?: Readonly<Record<string, NodeConfig>>;
}

export interface Line {
  /** `update-session ACTIVE.open complete 0`: machine, state, event, place among the alternatives. */
  readonly name: string;
  /** The law without it. */
  readonly without: Law;
}

/** Every transition of the machines. */
export function linesOfTheLaw(): Line[] {
  return [
    ...linesOf(updateSessionMachine, without => ({ ...law, updateSession: without })),
    ...linesOf(updateFileMachine, without => ({ ...law, updateFile: without })),
    ...linesOf(downloadSessionMachine, without => ({ ...law, downloadSession: without })),
    ...linesOf(downloadFileMachine, without => ({ ...law, downloadFile: without }))
  ];
}

function linesOf(machine: AnyStateMachine, lawWith: (machine: AnyStateMachine) => Law): Line[] {
  const config = machine.config as NodeConfig;
  const walk = (node: NodeConfig, path: readonly string[]): Line[] => [
    ...Object.entries(node.on ?? {}).flatMap(([event, value]) => {
      const alternatives = Array.isArray(value) ? value : [value];
      return alternatives.map((_, i) => {
        const fewer = { ...node.on, [event]: alternatives.filter((_, other) => other !== i) };
        const changed = replaced(config, path, { ...node, on: fewer });
        return {
          name: `${machine.id} ${path.join('.')} ${event} ${i}`,
          without: lawWith(new StateMachine(changed as never, machine.implementations as never) as AnyStateMachine)
        };
      });
    }),
    ...Object.entries(node.states ?? {}).flatMap(([name, child]) => walk(child, [...path, name]))
  ];
  return walk(config, []);
}

function replaced(node: NodeConfig, [name, ...rest]: readonly string[], by: NodeConfig): NodeConfig {
  if (name === undefined) return by;
  return { ...node, states: { ...node.states, [name]: replaced(node.states![name]!, rest, by) } };
}
