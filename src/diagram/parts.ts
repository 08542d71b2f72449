// A large machine in pictures that a person can take in: one of the whole with the insides left out, and one of each
// state with what is inside. Both are graphs again, so every writer can draw them.
import type { Graph, GraphEdge, GraphNode } from './shape.ts';

/**
 * The whole with its inner states left out: what happens inside a state is said by its outermost states only, and an
 * arrow from inside begins at the border. A state is opened one level if its inner states have insides themselves.
 *
 * @example `overview(toGraph(uploadMachine)).nodes.length` is about a third of the whole's.
 */
export function overview(graph: Graph): Graph {
  const known = new Map(graph.nodes.map(node => [node.id, node]));
  const shown = outermost(graph);
  const ids = new Set(shown.map(node => node.id));
  const lift = (id: string): string => {
    let its = id;
    while (its !== '' && !ids.has(its)) its = known.get(its)?.parent ?? '';
    return its;
  };
  return {
    ...graph,
    nodes: shown.map(node => (isClosed(graph, node) ? closed(node) : node)),
    edges: distinct(graph.edges.flatMap(edge => lifted(edge, lift)))
  };
}

/** The states whose insides the overview leaves out: those to draw with `inside`. */
export function partsOf(graph: Graph): string[] {
  return outermost(graph).flatMap(node => (isClosed(graph, node) ? [node.id] : []));
}

/** One state with everything in it, and those beside it that it leads to. */
export function inside(graph: Graph, id: string): Graph {
  const within = (its: string): boolean => its === id || its.startsWith(`${id}.`);
  const edges = graph.edges.filter(edge => within(edge.from));
  const beyond = new Set(edges.flatMap(edge => (edge.to === undefined || within(edge.to) ? [] : [edge.to])));
  return {
    name: id,
    nodes: [
      ...graph.nodes.filter(node => within(node.id)).map(node => (node.id === id ? { ...node, parent: '' } : node)),
      ...[...beyond].map(
        (its): GraphNode => ({ id: its, key: its, kind: 'atomic', parent: '', tags: [], invokes: [], spawns: [] })
      )
    ],
    edges,
    initial: [id],
    parallel: false,
    invokes: [],
    spawns: []
  };
}

function outermost(graph: Graph): GraphNode[] {
  const opened = new Set(graph.nodes.filter(node => isOpen(graph, node)).map(node => node.id));
  return graph.nodes.filter(node => node.parent === '' || opened.has(node.parent));
}

function isOpen(graph: Graph, node: GraphNode): boolean {
  return node.parent === '' && graph.nodes.some(inner => inner.parent === node.id && hasInside(inner));
}

function isClosed(graph: Graph, node: GraphNode): boolean {
  return hasInside(node) && !isOpen(graph, node);
}

function hasInside(node: GraphNode): boolean {
  return node.kind === 'compound' || node.kind === 'parallel';
}

function closed({ initial: _, ...node }: GraphNode): GraphNode {
  return { ...node, kind: 'atomic' };
}

function lifted(edge: GraphEdge, lift: (id: string) => string): GraphEdge[] {
  const from = lift(edge.from);
  if (from === edge.from) return [edge.to === undefined ? edge : { ...edge, to: lift(edge.to) }];
  if (edge.to === undefined || lift(edge.to) === from) return [];
  // Inside, the guard says what was learned; the child that told it is a matter of the inside.
  const { guard, place: _, ...rest } = edge;
  const words = edge.kind === 'event' ? edge.words : (guard ?? '');
  return [{ ...rest, from, to: lift(edge.to), kind: 'event', words, place: 1, of: 1, guarded: 0 }];
}

const ENOUGH = 4;

/** The same words between the same states once, and not more of them than can be read beside an arrow. */
function distinct(edges: readonly GraphEdge[]): GraphEdge[] {
  const seen = new Map<string, string[]>();
  return edges.flatMap(edge => {
    if (edge.to === undefined || edge.guarded > 0) return [edge];
    const between = JSON.stringify([edge.from, edge.to]);
    const words = seen.get(between) ?? [];
    seen.set(between, words);
    if (words.includes(edge.words) || words.length > ENOUGH) return [];
    words.push(edge.words);
    return [words.length > ENOUGH ? { ...edge, words: '…' } : edge];
  });
}
