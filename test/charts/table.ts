// What there is to take in each machine, held against what was taken: the table, and the holes by name.
import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';
import { nameOf, pathOf, type Taken } from './taken.ts';

export interface Row {
  readonly machine: string;
  readonly states: readonly string[];
  readonly transitions: readonly string[];
  /** Names of states and transitions that were not taken. */
  readonly holes: readonly string[];
}

/** One machine. @param name as `machines/index.ts` has it */
export function rowOf(name: string, machine: AnyStateMachine, taken: Taken): Row {
  const nodes = [...nodesOf(machine.root)];
  const states = nodes.map(pathOf);
  const transitions = nodes.flatMap(node => transitionsOf(node).map(nameOf));
  const holes = [
    ...states.filter(each => !taken.states.has(each)),
    ...transitions.filter(each => !taken.transitions.has(each))
  ];
  return { machine: name, states, transitions, holes };
}

/** The page that docs/proof.md quotes. */
export function chartsPage(rows: readonly Row[]): string {
  const count = (list: readonly string[], { holes }: Row): number => list.filter(each => !holes.includes(each)).length;
  const sum = (what: 'states' | 'transitions', of: (row: Row) => number): string =>
    `${rows.reduce((all, row) => all + of(row), 0)} of ${rows.reduce((all, row) => all + row[what].length, 0)}`;
  const lines = rows.map(row => {
    const { machine, states, transitions } = row;
    return `| \`${machine}\` | ${count(states, row)} of ${states.length} | ${count(transitions, row)} of ${transitions.length} |`;
  });
  return [
    '# Coverage of the charts',
    '',
    'Which states and transitions of each machine are taken by the plays of `test/charts`, as counted there: the tests of the',
    "plans' machines, one misfortune at each call of uploads that go well, and the scenarios of the law over HTTP. Written by",
    '`npm run docs`; a test fails when something is not taken.',
    '',
    '| machine | states | transitions |',
    '|---|---|---|',
    ...lines,
    `| all | ${sum('states', row => count(row.states, row))} | ${sum('transitions', row => count(row.transitions, row))} |`,
    ''
  ].join('\n');
}

function* nodesOf(node: AnyStateNode): Generator<AnyStateNode> {
  yield node;
  for (const child of Object.values(node.states)) yield* nodesOf(child as AnyStateNode);
}

function transitionsOf(node: AnyStateNode): AnyTransitionDefinition[] {
  return [...(node.always ?? []), ...[...node.transitions.values()].flat()];
}
