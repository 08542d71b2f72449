// machine → graph: reads XState's own tree of state nodes. It is not started and not changed.
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { edgesOf } from './edges.ts';
import { childrenOf, descendants, idOf, spawnsOf } from './nodes.ts';
import type { Graph, GraphNode } from './shape.ts';

/**
 * Reads a machine.
 *
 * @example `toGraph(updateFileMachine).nodes.map(node => node.id)` begins with `'WAITING_FOR_TRANSFER'`.
 */
export function toGraph(machine: AnyStateMachine): Graph {
  const all = [...descendants(machine.root)];
  const root = machine.root;
  return {
    name: machine.id,
    ...(root.description === undefined ? {} : { description: root.description }),
    nodes: all.map(toNode),
    edges: [root, ...all].flatMap(edgesOf),
    initial: root.type === 'parallel' ? Object.values(root.states).map(idOf) : initialOf(root),
    parallel: root.type === 'parallel',
    invokes: childrenOf(root),
    spawns: spawnsOf(root)
  };
}

function toNode(node: AnyStateNode): GraphNode {
  const [initial] = initialOf(node);
  return {
    id: idOf(node),
    key: node.key,
    kind: node.type,
    parent: node.parent === undefined ? '' : idOf(node.parent),
    ...(initial === undefined ? {} : { initial }),
    ...(node.description === undefined ? {} : { description: node.description }),
    tags: [...node.tags],
    invokes: childrenOf(node),
    spawns: spawnsOf(node)
  };
}

function initialOf(node: AnyStateNode): string[] {
  if (node.type !== 'compound') return [];
  return node.initial.target.map(idOf);
}
