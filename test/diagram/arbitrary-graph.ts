// Any graph: states within states, and any text where a machine may have text.
import fc from 'fast-check';
import type { Graph, GraphEdge, GraphNode } from '../../src/diagram/shape.ts';

const nasty = [
  'end note',
  'a --> b',
  '[*]',
  '%% x',
  '"q"',
  '}',
  '{',
  '<b>',
  'a:b;c',
  '#35;',
  'note right of s1',
  '--',
  '(1) [x]'
];
export const text = fc.oneof(
  fc.constantFrom(...nasty),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
  fc.constantFrom('push done', 'complete', 'file.add')
);

const rawNode = fc.record({ key: text, parent: fc.nat(), parallel: fc.boolean(), final: fc.boolean() });
const rawEdge = fc.record({
  from: fc.nat(),
  to: fc.option(fc.nat()),
  words: text,
  guard: fc.option(text),
  list: fc.boolean(),
  refuses: fc.boolean(),
  acts: fc.boolean(),
  always: fc.boolean()
});

export const arbitraryGraph: fc.Arbitrary<Graph> = fc
  .tuple(fc.array(rawNode, { minLength: 1, maxLength: 9 }), fc.array(rawEdge, { maxLength: 12 }), text, fc.boolean())
  .map(([raw, rawEdges, name, parallel]) => {
    const ids: string[] = [];
    const parents = raw.map(({ key, parent }, index) => {
      const its = parent % (index + 1);
      const outer = its === index ? '' : (ids[its] as string);
      ids.push(`${outer === '' ? '' : `${outer}.`}${key.replaceAll('.', '')}${index}`);
      return outer;
    });
    const nodes = raw.map((its, index): GraphNode => {
      const id = ids[index] as string;
      const first = ids.find((_, inner) => parents[inner] === id);
      const kind = first === undefined ? (its.final ? 'final' : 'atomic') : its.parallel ? 'parallel' : 'compound';
      return {
        id,
        key: its.key,
        kind,
        parent: parents[index] as string,
        ...(kind === 'compound' ? { initial: first as string } : {}),
        tags: [],
        invokes: [],
        spawns: []
      };
    });
    const edges = rawEdges.map(
      ({ from, to, words, guard, list, refuses, acts, always }): GraphEdge => ({
        from: ['', ...ids][from % (ids.length + 1)] as string,
        ...(to === null ? {} : { to: ids[to % ids.length] as string }),
        kind: always ? 'always' : 'event',
        event: always ? '' : words,
        words,
        ...(guard === null ? {} : { guard: guard.replace(/[[\]]/g, '') }),
        place: list ? 2 : 1,
        of: list ? 3 : 1,
        guarded: list ? 2 : guard === null ? 0 : 1,
        ...(to === null && refuses ? { refuses: 'no' } : {}),
        acts
      })
    );
    return {
      name,
      nodes: sorted(nodes),
      edges,
      initial: parallel ? [] : [ids[0] as string],
      parallel,
      invokes: [],
      spawns: []
    };
  });

/** Parents before their children, as `toGraph` has them. */
function sorted(nodes: readonly GraphNode[], parent = ''): GraphNode[] {
  return nodes.filter(node => node.parent === parent).flatMap(node => [node, ...sorted(nodes, node.id)]);
}
