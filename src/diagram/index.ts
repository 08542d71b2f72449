// shelver/diagram: a machine as data, and as text that other programs draw.
import type { AnyStateMachine } from 'xstate';
import { toDot } from './dot.ts';
import { toGraph } from './graph.ts';
import { toMermaid } from './mermaid.ts';

/** What `diagram` writes. SVG is not among them: it would need a layout engine; Mermaid and DOT bring their own. */
export const DIAGRAM_FORMATS = ['mermaid', 'dot', 'json'] as const;
export type DiagramFormat = (typeof DIAGRAM_FORMATS)[number];

/**
 * Draws a machine; it is not started.
 *
 * @throws RangeError for a format that is not offered: one sentence that names those that are.
 * @example `diagram(updateFileMachine, 'mermaid')` begins with `stateDiagram-v2`.
 */
export function diagram(machine: AnyStateMachine, format: DiagramFormat = 'mermaid'): string {
  const graph = toGraph(machine);
  switch (format) {
    case 'mermaid':
      return toMermaid(graph);
    case 'dot':
      return toDot(graph);
    case 'json':
      return `${JSON.stringify({ schema: 1, ...graph }, null, 2)}\n`;
    default:
      throw new RangeError(
        `the format "${String(format)}" is not offered: choose ${DIAGRAM_FORMATS.join(', ')} (for an SVG, give the dot to Graphviz)`
      );
  }
}

export { toDot } from './dot.ts';
export { toGraph } from './graph.ts';
export { lifecyclesPage } from './lifecycles.ts';
export { toMermaid } from './mermaid.ts';
export { inside, overview, partsOf } from './parts.ts';
export { pathDiagram, toMermaidPath } from './path.ts';
export type { Child, EdgeKind, Graph, GraphEdge, GraphNode, NodeKind } from './shape.ts';
