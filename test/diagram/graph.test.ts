import { describe, expect, it } from 'vitest';
import { and, assign, createMachine, fromPromise, not, or, setup, stateIn } from 'xstate';
import { machines } from '../../machines/index.ts';
import { updateFileMachine } from '../../machines/service/update-file.ts';
import { updateSessionMachine } from '../../machines/service/update-session.ts';
import { guardName, labelOf } from '../../src/diagram/edges.ts';
import {
  DIAGRAM_FORMATS,
  diagram,
  inside,
  overview,
  partsOf,
  toDot,
  toGraph,
  toMermaid
} from '../../src/diagram/index.ts';

const push = fromPromise(async () => 1);
const isLarge = () => true;

const machine = setup({
  guards: { isReady: () => true, isEmpty: () => false },
  actions: { note: () => undefined },
  actors: { push, other: push }
}).createMachine({
  id: 'sample',
  description: 'a sample',
  initial: 'working',
  invoke: { src: 'other', id: 'beside' },
  meta: { spawns: ['push', 7] },
  on: { stop: { target: '.gone' }, 'xstate.done.actor.*': { actions: 'note' }, '*': {} },
  states: {
    working: {
      description: 'at work',
      tags: ['busy'],
      initial: 'pushing',
      on: { again: { target: '.pushing' }, leave: { target: 'gone', reenter: true, description: 'why' } },
      states: {
        pushing: {
          invoke: {
            src: 'push',
            onDone: [
              { guard: 'isEmpty', target: 'judging' },
              { guard: not('isReady'), target: '#sample.gone' },
              { target: 'judging', actions: 'note' }
            ],
            onError: { target: '#sample.gone' }
          },
          on: { refuse: { meta: { refuses: 'isClosed' } }, look: {} }
        },
        judging: { always: [{ guard: 'isReady', target: 'over' }, { target: 'pushing' }] },
        over: { type: 'final' }
      },
      onDone: { target: 'both' }
    },
    both: {
      type: 'parallel',
      states: { left: { initial: 'a', states: { a: {}, b: {} } }, right: { meta: { spawns: 'push' } } },
      on: { split: { target: ['.left.b', '.right'] }, 'xstate.error.actor.*': 'gone' }
    },
    gone: { type: 'final' }
  }
});

describe('toGraph', () => {
  const graph = toGraph(machine);

  it('should read the machine itself', () => {
    const { name, description, initial, parallel, invokes, spawns } = graph;
    expect({ name, description, initial, parallel, invokes, spawns }).toEqual({
      name: 'sample',
      description: 'a sample',
      initial: ['working'],
      parallel: false,
      invokes: [{ id: 'beside', src: 'other' }],
      spawns: ['push']
    });
  });

  it('should read every state, parents before children', () => {
    const none = { tags: [], invokes: [], spawns: [] };
    expect(graph.nodes).toEqual([
      {
        ...none,
        id: 'working',
        key: 'working',
        kind: 'compound',
        parent: '',
        initial: 'working.pushing',
        description: 'at work',
        tags: ['busy']
      },
      {
        ...none,
        id: 'working.pushing',
        key: 'pushing',
        kind: 'atomic',
        parent: 'working',
        invokes: [{ id: 'push', src: 'push' }]
      },
      { ...none, id: 'working.judging', key: 'judging', kind: 'atomic', parent: 'working' },
      { ...none, id: 'working.over', key: 'over', kind: 'final', parent: 'working' },
      { ...none, id: 'both', key: 'both', kind: 'parallel', parent: '' },
      { ...none, id: 'both.left', key: 'left', kind: 'compound', parent: 'both', initial: 'both.left.a' },
      { ...none, id: 'both.left.a', key: 'a', kind: 'atomic', parent: 'both.left' },
      { ...none, id: 'both.left.b', key: 'b', kind: 'atomic', parent: 'both.left' },
      { ...none, id: 'both.right', key: 'right', kind: 'atomic', parent: 'both', spawns: ['push'] },
      { ...none, id: 'gone', key: 'gone', kind: 'final', parent: '' }
    ]);
  });

  it('should put every transition into words, in the order in which it is tried', () => {
    expect(graph.edges.map(edge => `${edge.from} > ${edge.to ?? '-'}: ${labelOf(edge)}`)).toEqual([
      ' > gone: stop',
      ' > -: push done',
      ' > -: anything else',
      'working > working.pushing: again',
      'working > gone: leave',
      'working > both: done',
      'working.pushing > -: refuse',
      'working.pushing > -: look',
      'working.pushing > working.judging: push done (1) [isEmpty]',
      'working.pushing > gone: push done (2) [not isReady]',
      'working.pushing > working.judging: push done (3) [else]',
      'working.pushing > gone: push failed',
      'working.judging > working.over: at once [isReady]',
      'working.judging > working.pushing: at once [else]',
      'both > both.left.b: split',
      'both > both.right: split',
      'both > gone: push failed'
    ]);
  });

  it('should keep what XState calls things, refusals, effects and descriptions', () => {
    const find = (label: string) => graph.edges.find(edge => labelOf(edge) === label);
    expect(find('refuse')).toEqual({
      from: 'working.pushing',
      kind: 'event',
      event: 'refuse',
      words: 'refuse',
      place: 1,
      of: 1,
      guarded: 0,
      refuses: 'isClosed',
      acts: false
    });
    expect(find('push done (3) [else]')).toMatchObject({
      kind: 'done',
      event: 'xstate.done.actor.0.sample.working.pushing',
      acts: true,
      of: 3
    });
    expect(find('leave')).toMatchObject({ description: 'why' });
    expect(find('push failed')).toMatchObject({ kind: 'failed' });
    expect(find('done')).toMatchObject({ kind: 'done' });
    expect(find('at once [else]')).toMatchObject({ kind: 'always', event: '' });
  });

  it('should read a machine that is parallel at its root, and logic without a name', () => {
    const root = toGraph(
      createMachine({
        id: 'two',
        type: 'parallel',
        states: {
          a: { invoke: { src: push, onDone: {} } },
          b: { on: { 'xstate.done.actor.gone.*': {}, 'xstate.done.actor.*': {} } }
        }
      })
    );
    expect([root.parallel, root.initial]).toEqual([true, ['a', 'b']]);
    expect(root.nodes[0]?.invokes).toEqual([{ id: 'inline', src: 'inline' }]);
    expect(root.edges.map(labelOf)).toEqual(['inline done', 'gone done', 'child done']);
    expect(root).not.toHaveProperty('description');
  });

  it('should leave the machine as it was', () => {
    const before = JSON.stringify(machine.config);
    toGraph(machine);
    expect(JSON.stringify(machine.config)).toBe(before);
  });

  it('should find a spawned child that only the states inside or around declare', () => {
    const its = toGraph(
      createMachine({
        id: 'n',
        initial: 'outer',
        states: {
          outer: {
            meta: { spawns: 'file' },
            initial: 'inner',
            states: { inner: { on: { 'xstate.done.actor.*': { actions: assign({}) } } } }
          },
          above: { on: { 'xstate.done.actor.*': {} }, initial: 'x', states: { x: { meta: { spawns: 'disk' } } } }
        }
      })
    );
    expect(its.edges.map(edge => [edge.from, edge.words])).toEqual([
      ['outer.inner', 'file done'],
      ['above', 'disk done']
    ]);
  });
});

describe('guardName', () => {
  it('should read every form that XState takes', () => {
    const guards = [
      'isReady',
      { type: 'isReady', params: { n: 1 } },
      {},
      not('isReady'),
      and(['isReady', or(['isEmpty', not('isReady')])]),
      stateIn('working'),
      stateIn({ working: 'pushing' }),
      isLarge,
      () => true,
      { guard: () => true }.guard
    ];
    expect(guards.map(guardName)).toEqual([
      'isReady',
      'isReady',
      'condition',
      'not isReady',
      'isReady and (isEmpty or not isReady)',
      'in working',
      'in {"working":"pushing"}',
      'isLarge',
      'condition',
      'condition'
    ]);
  });
});

describe('the pictures', () => {
  it('should be written in every format that is offered, and no other', () => {
    expect(DIAGRAM_FORMATS.map(format => diagram(updateFileMachine, format).slice(0, 10))).toEqual([
      'stateDiagr',
      'digraph "u',
      '{\n  "schem'
    ]);
    expect(diagram(updateFileMachine)).toBe(toMermaid(toGraph(updateFileMachine)));
    expect(JSON.parse(diagram(machine, 'json'))).toEqual({ schema: 1, ...toGraph(machine) });
    expect(() => diagram(machine, 'svg' as never)).toThrow(
      new RangeError(
        'the format "svg" is not offered: choose mermaid, dot, json (for an SVG, give the dot to Graphviz)'
      )
    );
  });

  it('should be Mermaid that a person can read', () => {
    expect(toMermaid(toGraph(machine)).split('\n')).toEqual([
      'stateDiagram-v2',
      '  [*] --> s1',
      '  state "in any state" as s0any',
      '  s0any : runs beside (other)',
      '  s0any : starts push',
      '  s0any : stays#58; anything else',
      '  s0any : takes note of#58; push done',
      '  state "working" as s1 {',
      '    [*] --> s2',
      '    state "anywhere in working" as s1any',
      '    state "pushing" as s2',
      '    s2 : runs push',
      '    s2 : stays#58; look',
      '    s2 : refuses refuse#58; isClosed',
      '    state "judging" as s3',
      '    state "over" as s4',
      '    s2 --> s3 : push done (1) [isEmpty]<br/>(3) [else]',
      '    s3 --> s4 : at once [isReady]',
      '    s3 --> s2 : at once [else]',
      '    s4 --> [*]',
      '  }',
      '  note right of s1',
      '    at work',
      '  end note',
      '  state "both" as s5 {',
      '    state "anywhere in both" as s5any',
      '    state "left" as s6 {',
      '      [*] --> s7',
      '      state "a" as s7',
      '      state "b" as s8',
      '    }',
      '    --',
      '    state "right" as s9',
      '    s9 : starts push',
      '  }',
      '  state "gone" as s10',
      '  s0any --> s10 : stop',
      '  s1any --> s2 : again',
      '  s1 --> s10 : leave',
      '  s1 --> s5 : done',
      '  s2 --> s10 : push done (2) [not isReady]<br/>push failed',
      '  s5any --> s8 : split',
      '  s5any --> s9 : split',
      '  s5 --> s10 : push failed',
      '  s10 --> [*]',
      ''
    ]);
  });

  it('should be DOT, with clusters for states with insides', () => {
    const dot = toDot(toGraph(machine)).split('\n');
    expect(dot.slice(0, 2)).toEqual(['digraph "sample" {', '  compound=true; rankdir=TB; nodesep=0.4; ranksep=0.5;']);
    for (const line of [
      '  s0begin -> s2 [lhead=cluster_s1];',
      '  subgraph cluster_s1 {',
      '    label="working\\nat work"; style=rounded;',
      '    s1any [label="anywhere in working", style="rounded,dashed"];',
      '    s2 [label="pushing\\n\\nruns push\\nstays: look\\nrefuses refuse: isClosed"];',
      '    s4 [label="over", peripheries=2];',
      '    s2 -> s3 [label="push done (1) [isEmpty]\\npush done (3) [else]"];',
      '    label="both"; style="rounded,bold";',
      '  s2 -> s5any [label="done", ltail=cluster_s1, lhead=cluster_s5];',
      '  s5any -> s10 [label="push failed", ltail=cluster_s5];'
    ]) {
      expect(dot).toContain(line);
    }
    const quoting = createMachine({ id: 'a"b\\c', initial: 'x\ny', states: { 'x\ny': {} } });
    expect(toDot(toGraph(quoting))).toContain('digraph "a\\"b\\\\c" {');
    expect(toDot(toGraph(quoting))).toContain('s1 [label="x y"];');
  });
});

describe('the parts of a large machine', () => {
  const whole = toGraph(machines['workflow/upload']!);

  it('should together say every edge of the whole', () => {
    const shown = new Set(
      [overview(whole), ...partsOf(whole).map(id => inside(whole, id))].flatMap(part =>
        part.edges.map(edge => JSON.stringify(edge))
      )
    );
    const glance = overview(whole);
    const open = new Set(glance.nodes.map(node => node.id));
    for (const edge of whole.edges) {
      // An edge of a state that the overview shows may end at the border of another one there.
      const end = edge.to === undefined || open.has(edge.to) ? edge : undefined;
      expect(end !== undefined && edge.guarded > 0 ? shown.has(JSON.stringify(end)) : true).toBe(true);
      if (!open.has(edge.from) && edge.from !== '') expect(shown).toContain(JSON.stringify(edge));
    }
  });

  it('should be far smaller than the whole', () => {
    expect(overview(whole).nodes.length).toBeLessThan(whole.nodes.length * 0.6);
    for (const id of partsOf(whole)) expect(inside(whole, id).nodes.length).toBeLessThan(20);
  });

  it('should lift arrows to the border and say what was learned, once', () => {
    const graph = toGraph(
      setup({
        guards: { g1: isLarge, g2: isLarge, g3: isLarge, g4: isLarge, g5: isLarge, g6: isLarge },
        actors: { push }
      }).createMachine({
        id: 'x',
        initial: 'a',
        on: { stop: { target: '.b' } },
        states: {
          a: {
            initial: 'one',
            states: {
              one: { on: { go: 'two', leave: '#x.b', stay: {} } },
              two: {
                on: { leave: '#x.b' },
                invoke: {
                  src: 'push',
                  onDone: [
                    ...['g1', 'g2', 'g3', 'g4', 'g5', 'g6'].map(guard => ({ guard: guard as 'g1', target: '#x.b' })),
                    { target: '#x.c.in' }
                  ]
                }
              }
            }
          },
          b: { on: { look: {}, again: { target: 'a.two' } } },
          c: { type: 'parallel', states: { in: {} } }
        }
      })
    );
    const glance = overview(graph);
    expect(glance.nodes.map(node => [node.id, node.kind, node.initial])).toEqual([
      ['a', 'atomic', undefined],
      ['b', 'atomic', undefined],
      ['c', 'atomic', undefined]
    ]);
    expect(glance.edges.map(edge => `${edge.from} > ${edge.to ?? '-'}: ${labelOf(edge)}`)).toEqual([
      ' > b: stop',
      'a > b: leave',
      'a > b: g1',
      'a > b: g2',
      'a > b: g3',
      'a > b: …',
      'a > c: ',
      'b > -: look',
      'b > a: again'
    ]);
    expect(toMermaid(glance)).toContain('  s1 --> s3\n');
    expect(partsOf(graph)).toEqual(['a', 'c']);
    expect(inside(graph, 'a').nodes.map(node => [node.id, node.parent])).toEqual([
      ['a', ''],
      ['a.one', 'a'],
      ['a.two', 'a'],
      ['b', ''],
      ['c.in', '']
    ]);
  });

  it('should be no part at all of a machine without insides', () => {
    expect(partsOf(toGraph(updateFileMachine))).toEqual([]);
    expect(partsOf(toGraph(updateSessionMachine))).toEqual(['ACTIVE']);
  });
});
