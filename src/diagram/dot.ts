// graph → DOT, the language of Graphviz.
import { type Arrow, type Box, toDrawing } from './drawing.ts';
import type { Graph } from './shape.ts';

/** @example `toDot(toGraph(updateFileMachine))` begins with `digraph "update-file" {`. */
export function toDot(graph: Graph): string {
  const root = toDrawing(graph);
  const known = new Map<string, Box>();
  const remember = (box: Box): void => {
    known.set(box.id, box);
    box.boxes.forEach(remember);
  };
  remember(root);
  return [
    `digraph ${quoted(root.title)} {`,
    '  compound=true; rankdir=TB; nodesep=0.4; ranksep=0.5;',
    '  node [shape=box, style=rounded, fontname="Helvetica", fontsize=11];',
    '  edge [fontname="Helvetica", fontsize=10];',
    ...indented(inside(root, known)),
    '}',
    ''
  ].join('\n');
}

function inside(box: Box, known: ReadonlyMap<string, Box>): string[] {
  const begin = `${box.id}begin`;
  return [
    ...(box.initial.length === 0 ? [] : [`${begin} [shape=point, width=0.15, label=""];`]),
    ...box.initial.map(id => edge({ from: begin, to: id, labels: [] }, known)),
    ...box.boxes.flatMap(inner => written(inner, known)),
    ...box.arrows.map(arrow => edge(arrow, known))
  ];
}

function written(box: Box, known: ReadonlyMap<string, Box>): string[] {
  const title = box.boxes.length > 0 || box.lines.length === 0 ? [box.title] : [box.title, ''];
  const label = quotedLines([...title, ...box.lines]);
  if (box.boxes.length === 0) {
    const looks = box.kind === 'final' ? ', peripheries=2' : box.kind === 'any' ? ', style="rounded,dashed"' : '';
    return [`${box.id} [label=${label}${looks}];`];
  }
  const style = box.kind === 'parallel' ? 'style="rounded,bold"' : 'style=rounded';
  return [`subgraph cluster_${box.id} {`, `  label=${label}; ${style};`, ...indented(inside(box, known)), '}'];
}

/** Graphviz draws edges between nodes only: one that ends at a cluster ends at a node inside it and is clipped. */
function edge({ from, to, labels }: Arrow, known: ReadonlyMap<string, Box>): string {
  const text = labels.flatMap(({ words, choices }) => choices.map(choice => `${words} ${choice}`.trimEnd()));
  const attributes = [
    ...(text.length === 0 ? [] : [`label=${quotedLines(text)}`]),
    ...(isCluster(from, known) ? [`ltail=cluster_${from}`] : []),
    ...(isCluster(to, known) ? [`lhead=cluster_${to}`] : [])
  ];
  return `${anchor(from, known)} -> ${anchor(to, known)}${attributes.length === 0 ? '' : ` [${attributes.join(', ')}]`};`;
}

function isCluster(id: string, known: ReadonlyMap<string, Box>): boolean {
  return (known.get(id)?.boxes.length ?? 0) > 0;
}

function anchor(id: string, known: ReadonlyMap<string, Box>): string {
  const box = known.get(id);
  const first = box?.boxes[0];
  if (box === undefined || first === undefined) return id;
  return anchor(box.initial[0] ?? first.id, known);
}

function quoted(text: string): string {
  return `"${escaped(text)}"`;
}

function quotedLines(lines: readonly string[]): string {
  return `"${lines.map(escaped).join('\\n')}"`;
}

function escaped(text: string): string {
  return text
    .replace(/\\/g, '\\\\')
    .replace(/"/g, '\\"')
    .replace(/\r?\n|\r/g, ' ');
}

function indented(lines: readonly string[]): string[] {
  return lines.map(line => `  ${line}`);
}
