// docs/lifecycles.md: every machine drawn, with a sentence for each. A test holds the page equal to this, so that the
// pictures cannot drift from the machines.
import type { AnyStateMachine } from 'xstate';
import { toGraph } from './graph.ts';
import { toMermaid } from './mermaid.ts';
import { inside, overview, partsOf } from './parts.ts';
import type { Graph } from './shape.ts';

const SENTENCES: Readonly<Record<string, string>> = {
  'service/update-session':
    'The law of an update session: what the Content Library Service allows in each state, and in which order `complete` is refused.',
  'service/update-file':
    'The law of one file of an update session. `READY` is no end: adding the same name again begins the file anew.',
  'service/download-session':
    'The law of a download session. There is no DONE: the client deletes the session when it has what it wanted, in whatever state it is.',
  'service/download-file':
    'The law of one file of a download session. There is a link while it is `PREPARED`; the end of the session takes it away.',
  'workflow/upload':
    'The plan of one upload into one item, from finding the library to closing the session; files and the lease run beside it as children.',
  'workflow/upload-file':
    'One file of an upload: named to the session, its bytes pushed, then confirmed by the service itself.',
  'workflow/download':
    'The plan of one download, from finding the item to a session that is deleted; what is not whole never stands under a final name.',
  'workflow/fetch-file':
    'One file of a download: prepared by the service, fetched into a part, compared with what the service says of it, then named.',
  'workflow/lease':
    'Keeps the session (update or download) and the login alive beside a long transfer, reckoned on the clock of the server.',
  'workflow/attempt':
    'One call, retried: the only place that retries. An answer lost on the way is never blindly repeated; it asks first.'
};

const INTRODUCTION = `# Lifecycles

Generated from \`machines/\`; do not edit. \`shelver diagram MACHINE\` prints each of them, \`npm run docs\` writes this page anew.

How to read them:

- An arrow says what happened: an operation of the service, or the answer of a child (\`push done\`, \`push failed\`).
- \`[guard]\` is a condition, \`(2)\` its place in the list: candidates are tried in this order, and \`[else]\` is what remains. A line that begins with a place belongs to the event above it.
- \`runs\` names a child that lives as long as the state, \`starts\` one that lives on beside it.
- \`stays\` lists what is allowed and leaves the state as it is; \`refuses\` what is refused, and under which name. What is not drawn at all is refused as NOT_ALLOWED_IN_CURRENT_STATE.
- \`in any state\` and \`anywhere in …\` stand for whatever state is current there.
`;

/**
 * The whole page.
 *
 * @throws RangeError when a machine has neither a sentence here nor a description of its own.
 */
export function lifecyclesPage(machines: Readonly<Record<string, AnyStateMachine>>): string {
  const sections = Object.entries(machines).map(([name, machine]) => section(name, toGraph(machine), machines));
  return [INTRODUCTION, ...sections].join('\n');
}

function section(name: string, graph: Graph, machines: Readonly<Record<string, AnyStateMachine>>): string {
  const sentence = SENTENCES[name] ?? graph.description;
  if (sentence === undefined) {
    throw new RangeError(
      `the machine ${name} has no sentence: give it a description, or add one to src/diagram/lifecycles.ts`
    );
  }
  const children = childMachines(graph, machines);
  const below = children.length === 0 ? '' : `\nIts children: ${children.map(linked).join(', ')}.\n`;
  return `## ${name}\n\n${sentence}\n${below}\n${pictures(name, graph)}`;
}

/** Above so many states, one picture is a map of which nobody sees the roads. */
const AT_ONCE = 20;

function pictures(name: string, graph: Graph): string {
  if (graph.nodes.length <= AT_ONCE) return fenced(graph);
  return [
    `The whole at a glance, with the insides left out (\`shelver diagram ${name}\` prints it with them):\n\n${fenced(overview(graph))}`,
    ...partsOf(graph).map(id => `### ${name}: ${id}\n\n${fenced(inside(graph, id))}`)
  ].join('\n');
}

function fenced(graph: Graph): string {
  return `\`\`\`mermaid\n${toMermaid(graph)}\`\`\`\n`;
}

/** Children of a machine that are machines of this page: by the key of their logic, `uploadFile` for `upload-file`. */
function childMachines(graph: Graph, machines: Readonly<Record<string, AnyStateMachine>>): string[] {
  const sources = new Set<string>();
  for (const its of [graph, ...graph.nodes]) {
    for (const child of its.invokes) sources.add(child.src);
    for (const name of its.spawns) sources.add(name);
  }
  return Object.keys(machines).filter(name => sources.has(camelCase(name)));
}

function camelCase(name: string): string {
  return name.replace(/^.*\//, '').replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function linked(name: string): string {
  return `[${name}](#${name.replace('/', '')})`;
}
