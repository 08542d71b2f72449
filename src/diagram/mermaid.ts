// graph → Mermaid (stateDiagram-v2). Ids are generated and every text is escaped: Mermaid's parser takes odd things
// without a word and draws something else.
import { type ArrowLabel, type Box, toDrawing } from './drawing.ts';
import type { Graph } from './shape.ts';

/**
 * @example `toMermaid(toGraph(updateFileMachine))` begins with `stateDiagram-v2`.
 */
export function toMermaid(graph: Graph): string {
  const root = toDrawing(graph);
  const body =
    root.kind === 'parallel'
      ? // Mermaid has regions only inside a state.
        [`state ${quoted(root.title)} as ${root.id} {`, ...indented(inside(root)), '}']
      : inside(root);
  return ['stateDiagram-v2', ...indented(body), ''].join('\n');
}

/**
 * Text as Mermaid prints it unchanged: everything that might be read as syntax becomes a numeric entity.
 *
 * @example `escapeMermaid('done: "x"')` is `'done#58; #34;x#34;'`.
 */
export function escapeMermaid(text: string): string {
  return text
    .replace(/[^\p{L}\p{N} _.,()[\]/+*'-]/gu, entity)
    .replace(/^ | $| (?= )/g, entity)
    .replace(/--/g, '-#45;')
    .replace(/(end) (note)/gi, '$1#32;$2');
}

function inside(box: Box): string[] {
  const parts = box.boxes.map(written);
  const states = box.kind === 'parallel' ? regions(box.boxes, parts) : parts.flat();
  return [
    ...box.initial.filter(() => box.kind !== 'parallel').map(id => `[*] --> ${id}`),
    ...states,
    ...box.arrows.map(arrow => {
      const label = arrow.labels
        .map(labelled)
        .filter(text => text !== '')
        .join('<br/>');
      return `${arrow.from} --> ${arrow.to}${label === '' ? '' : ` : ${label}`}`;
    }),
    ...box.boxes.filter(inner => inner.kind === 'final').map(inner => `${inner.id} --> [*]`)
  ];
}

/** The event, and one line a choice: `complete (3) [warningNotIgnored]`, below it `(4) [pullFailed]`. */
function labelled({ words, choices }: ArrowLabel): string {
  const event = escapeMermaid(words).replace(/^[([]/, entity);
  return choices
    .map((choice, index) => `${index === 0 || choice === '' ? `${event} ` : ''}${escapeMermaid(choice)}`.trimEnd())
    .join('<br/>');
}

/** What stands for any state belongs to no region; it goes in front, into the first. */
function regions(boxes: readonly Box[], parts: readonly string[][]): string[] {
  const lines: string[] = [];
  for (const [index, part] of parts.entries()) {
    if (index > 0 && boxes[index - 1]?.kind !== 'any') lines.push('--');
    lines.push(...part);
  }
  return lines;
}

function written(box: Box): string[] {
  const head = `state ${quoted(box.title)} as ${box.id}`;
  if (box.boxes.length === 0) return [head, ...box.lines.map(line => `${box.id} : ${escapeMermaid(line)}`)];
  const state = [`${head} {`, ...indented(inside(box)), '}'];
  // A state with states inside shows no lines of its own in Mermaid: they go into a note.
  if (box.lines.length === 0) return state;
  return [...state, `note right of ${box.id}`, ...indented(box.lines.map(escapeMermaid)), 'end note'];
}

function quoted(text: string): string {
  // Mermaid cannot read an empty text.
  return `"${escapeMermaid(text || ' ')}"`;
}

function entity(character: string): string {
  return `#${character.codePointAt(0)};`;
}

function indented(lines: readonly string[]): string[] {
  return lines.map(line => `  ${line}`);
}
