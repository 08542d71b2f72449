import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { machines } from '../../machines/index.ts';
import { choiceOf, labelOf, wordsBeside } from '../../src/diagram/edges.ts';
import { inside, overview, partsOf, pathDiagram, toGraph, toMermaid } from '../../src/diagram/index.ts';
import { escapeMermaid } from '../../src/diagram/mermaid.ts';
import type { Graph } from '../../src/diagram/shape.ts';
import { arbitraryGraph, text } from './arbitrary-graph.ts';
import { parse } from './mermaid-parser.ts';
import { type Read, readMermaid } from './mermaid-reader.ts';

const isInside = (inner: string, outer: string): boolean => outer === '' || inner.startsWith(`${outer}.`);

function arrowsOf(graph: Graph): Set<string> {
  const ids = new Map(graph.nodes.map((node, index) => [node.id, `s${index + 1}`]));
  return new Set(
    graph.edges.flatMap(edge => {
      if (edge.to === undefined) return [];
      const own = edge.from === '' ? 's0' : ids.get(edge.from);
      return [JSON.stringify([isInside(edge.to, edge.from) ? `${own}any` : own, ids.get(edge.to), labelOf(edge)])];
    })
  );
}
const readArrows = (read: Read): Set<string> =>
  new Set(read.arrows.map(({ from, to, label }) => JSON.stringify([from, to, label])));

describe('Mermaid', () => {
  it('should say exactly the edges of the graph, whatever its texts are', () => {
    fc.assert(
      fc.property(arbitraryGraph, graph => {
        expect(readArrows(readMermaid(toMermaid(graph)))).toEqual(arrowsOf(graph));
      })
    );
  });

  it('should say exactly the edges of every machine of ours', () => {
    for (const machine of Object.values(machines)) {
      const graph = toGraph(machine);
      expect(readArrows(readMermaid(toMermaid(graph)))).toEqual(arrowsOf(graph));
    }
  });

  it('should keep titles and nesting', () => {
    fc.assert(
      fc.property(arbitraryGraph, graph => {
        const { states } = readMermaid(toMermaid(graph));
        const ids = new Map(graph.nodes.map((node, index) => [node.id, `s${index + 1}`]));
        for (const node of graph.nodes) {
          const outer = node.parent === '' ? (graph.parallel ? 's0' : '') : ids.get(node.parent);
          expect(states.get(ids.get(node.id) as string)).toMatchObject({ title: node.key, parent: outer });
        }
      })
    );
  });

  it('should say in a line of the state what does not lead anywhere', () => {
    const bare = (words: string): string => words.replace(/\s+/g, '');
    fc.assert(
      fc.property(arbitraryGraph, graph => {
        const { states } = readMermaid(toMermaid(graph));
        const ids = new Map(graph.nodes.map((node, index) => [node.id, `s${index + 1}`]));
        for (const edge of graph.edges) {
          if (edge.to !== undefined) continue;
          const box = states.get(edge.from === '' ? 's0any' : (ids.get(edge.from) as string));
          const said = bare(box?.lines.join(' ') ?? '');
          const how = edge.refuses !== undefined ? 'refuses' : edge.acts ? 'takes note of:' : 'stays:';
          expect(said).toContain(bare(how));
          expect(said).toContain(bare(labelOf(edge)));
        }
      })
    );
  });

  it('should draw an arrow inside a state only between two that stand directly in it', () => {
    // Elsewhere Mermaid takes the mention of a state for its place, and fails to draw regions ("No such shape: divider").
    const graphs = [...Object.values(machines).map(machine => toGraph(machine)), ...fc.sample(arbitraryGraph, 50)];
    for (const graph of graphs) {
      const { states, arrows } = readMermaid(toMermaid(graph));
      for (const { from, to, place } of arrows) {
        if (place === '' || place === 's0') continue;
        expect([states.get(from)?.parent, states.get(to)?.parent]).toEqual([place, place]);
      }
    }
  });

  it('should be understood by Mermaid itself, whatever the texts are', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryGraph, async graph => {
        expect(await parse(toMermaid(graph))).toBe('stateDiagram');
      }),
      { numRuns: 30 }
    );
  });

  it('should be understood by Mermaid itself for every machine of ours, whole and in parts', async () => {
    for (const machine of Object.values(machines)) {
      const graph = toGraph(machine);
      for (const picture of [graph, overview(graph), ...partsOf(graph).map(id => inside(graph, id))]) {
        expect(await parse(toMermaid(picture))).toBe('stateDiagram');
      }
    }
  });

  it('should be refused by that parser when it is broken', async () => {
    await expect(parse('stateDiagram-v2\n  state "a as s1\n  s1 -->')).rejects.toThrow();
  });

  it('should be understood for any path', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(text, { maxLength: 8 }), async path => {
        expect(await parse(pathDiagram(path))).toBe('stateDiagram');
      }),
      { numRuns: 20 }
    );
  });
});

describe('escapeMermaid', () => {
  it('should leave plain words alone and make the rest entities', () => {
    expect(['push done', 'a:b', 'end note', ' x ', 'a--b', '"'].map(escapeMermaid)).toEqual([
      'push done',
      'a#58;b',
      'end#32;note',
      '#32;x#32;',
      'a-#45;b',
      '#34;'
    ]);
  });
});

describe('labels', () => {
  it('should be words and choice, whichever there is', () => {
    const edge = {
      from: 'a',
      to: 'b',
      kind: 'event',
      event: 'e',
      words: 'e',
      place: 2,
      of: 3,
      guarded: 2,
      acts: false
    } as const;
    expect([
      labelOf(edge),
      labelOf({ ...edge, guard: 'g' }),
      labelOf({ ...edge, guarded: 1 }),
      labelOf({ ...edge, guarded: 0 })
    ]).toEqual(['e (2) [else]', 'e (2) [g]', 'e [else]', 'e']);
    expect([wordsBeside({ ...edge, kind: 'always', words: '' }), choiceOf({ ...edge, guarded: 0 })]).toEqual([
      'at once',
      ''
    ]);
  });
});
