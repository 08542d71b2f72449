// graph → what is drawn: boxes within boxes, and arrows that gather everything leading from one box to another. What does
// not lead anywhere (reads, refusals) becomes a line in the box: as arrows it would hide the lifecycle.
import { choiceOf, labelOf, wordsBeside } from './edges.ts';
import type { Graph, GraphEdge, GraphNode, NodeKind } from './shape.ts';

export interface Box {
  /** Generated (`s12`): names of states may be words of the target language. */
  readonly id: string;
  readonly title: string;
  /** `any`: stands for whatever state is active in the box around it. */
  readonly kind: NodeKind | 'any';
  readonly lines: readonly string[];
  readonly boxes: readonly Box[];
  /** Arrows between two boxes that stand directly in this one; the whole machine has all the others as well. */
  readonly arrows: readonly Arrow[];
  /** Ids of the boxes where it begins. */
  readonly initial: readonly string[];
}

export interface Arrow {
  readonly from: string;
  readonly to: string;
  /** One group an event; each choice is a place and a guard, '' when there is neither. */
  readonly labels: readonly ArrowLabel[];
}
export interface ArrowLabel {
  readonly words: string;
  readonly choices: readonly string[];
}

/** The whole machine as one box, which is not itself drawn. */
export function toDrawing(graph: Graph): Box {
  const ids = new Map(graph.nodes.map((node, index) => [node.id, `s${index + 1}`]));
  const known = new Map(graph.nodes.map(node => [node.id, node]));
  const placed = arrowsOf(graph, known);
  return box(undefined);

  function box(node: GraphNode | undefined): Box {
    const id = node?.id ?? '';
    const inner = graph.nodes.filter(its => its.parent === id);
    const arrows = placed.get(id) ?? [];
    const lines = linesOf(
      node ?? graph,
      graph.edges.filter(edge => edge.from === id)
    );
    const any: Box[] =
      graph.edges.some(edge => edge.from === id && isInside(edge.to, id)) || (node === undefined && lines.length > 0)
        ? [
            leaf(
              anyId(id),
              node === undefined ? 'in any state' : `anywhere in ${node.key}`,
              node === undefined ? lines : []
            )
          ]
        : [];
    const initial = node === undefined ? graph.initial : node.initial === undefined ? [] : [node.initial];
    return {
      id: boxId(id),
      title: node?.key ?? graph.name,
      kind: node?.kind ?? (graph.parallel ? 'parallel' : 'compound'),
      lines: node === undefined ? [] : lines,
      boxes: [...any, ...inner.map(box)],
      arrows: arrows.map(({ from, to, labels }) => ({
        from: isInside(to, from) ? anyId(from) : boxId(from),
        to: boxId(to),
        labels
      })),
      initial: initial.map(boxId)
    };
  }

  function boxId(id: string): string {
    return id === '' ? 's0' : (ids.get(id) as string);
  }
  function anyId(id: string): string {
    return `${boxId(id)}any`;
  }
}

/** An arrow from a state into itself says: wherever in it. A picture needs a box to begin it at. */
function isInside(inner: string | undefined, outer: string): boolean {
  return inner !== undefined && (outer === '' || inner.startsWith(`${outer}.`));
}

function leaf(id: string, title: string, lines: readonly string[]): Box {
  return { id, title, kind: 'any', lines, boxes: [], arrows: [], initial: [] };
}

/**
 * Arrows by the box that they are drawn in. One that crosses a border belongs to the whole: Mermaid takes the mention of
 * a state inside another one as a sign that it stands there.
 */
function arrowsOf(graph: Graph, known: ReadonlyMap<string, GraphNode>): Map<string, Arrow[]> {
  const gathered = new Map<string, { from: string; to: string; labels: { words: string; choices: string[] }[] }>();
  for (const edge of graph.edges) {
    if (edge.to === undefined) continue;
    const key = JSON.stringify([edge.from, edge.to]);
    const arrow = gathered.get(key) ?? { from: edge.from, to: edge.to, labels: [] };
    const words = wordsBeside(edge);
    const group = arrow.labels.find(label => label.words === words);
    if (group === undefined) arrow.labels.push({ words, choices: [choiceOf(edge)] });
    else if (!group.choices.includes(choiceOf(edge))) group.choices.push(choiceOf(edge));
    gathered.set(key, arrow);
  }
  const placed = new Map<string, Arrow[]>();
  for (const arrow of gathered.values()) {
    const [from, to] = [known.get(arrow.from)?.parent, known.get(arrow.to)?.parent];
    const place = from === to && from !== undefined ? from : '';
    placed.set(place, [...(placed.get(place) ?? []), arrow]);
  }
  return placed;
}

const WIDTH = 36;

function linesOf(node: Graph | GraphNode, edges: readonly GraphEdge[]): string[] {
  const still = edges.filter(edge => edge.to === undefined);
  const stays = still.filter(edge => edge.refuses === undefined && !edge.acts).map(labelOf);
  const heard = still.filter(edge => edge.refuses === undefined && edge.acts).map(labelOf);
  const refusals = still.filter(edge => edge.refuses !== undefined);
  return [
    ...('kind' in node && node.description !== undefined ? wrapped('', node.description.trim().split(/\s+/), ' ') : []),
    ...node.invokes.map(child => (child.id === child.src ? `runs ${child.src}` : `runs ${child.id} (${child.src})`)),
    ...node.spawns.map(name => `starts ${name}`),
    ...wrapped('stays: ', stays, ', '),
    ...wrapped('takes note of: ', heard, ', '),
    ...refusals.map(edge => `refuses ${labelOf(edge)}${edge.refuses === edge.guard ? '' : `: ${edge.refuses}`}`)
  ];
}

/** Words put into lines of about the same width; no word is broken. */
function wrapped(head: string, words: readonly string[], separator: string): string[] {
  const lines: string[] = [];
  let line = head;
  for (const [index, word] of words.entries()) {
    const last = index === words.length - 1;
    if (line !== head && line.length + word.length > WIDTH) {
      lines.push(line.trimEnd());
      line = '';
    }
    line += last ? word : word + separator;
  }
  return words.length === 0 ? [] : [...lines, line];
}
