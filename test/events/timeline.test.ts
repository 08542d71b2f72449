import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../src/events/records.ts';
import { Timeline, waitOf } from '../../src/events/timeline.ts';
import { lineOf, wordsOf } from '../../src/events/words.ts';
import type { Node } from '../../src/step.ts';

const node = (id: string, value: unknown, context: object = {}, kids: Record<string, Node> = {}): Node =>
  ({ machine: { id }, snapshot: { value, context }, kids, effects: {} }) as unknown as Node;
const tell = (timeline: Timeline, tree: Node, at = 1): RunEvent[] => [...timeline.after(tree, at)];

describe('the words of a state', () => {
  it.each([
    ['done', 'done', 'done'],
    [{ locating: 'findingItem' }, 'locating.findingItem', 'locating.findingItem'],
    [
      { holding: { transferring: { files: {}, watch: 'resting' } } },
      'holding.transferring.files+watch.resting',
      'holding.transferring'
    ],
    [{ holding: {} }, 'holding', 'holding'],
    [{}, '', ''],
    [{ a: undefined }, 'a', 'a']
  ])('should say %j as %s, and on one line as %s', (value, words, line) => {
    expect(wordsOf(value as never)).toBe(words);
    expect(lineOf(value as never)).toBe(line);
  });
});

describe('the timeline', () => {
  const upload = (value: unknown, kids: Record<string, Node> = {}) => node('upload', value, {}, kids);
  const child = (value: unknown) => node('upload-file', value, { file: { name: 'a.bin' } });

  it('should tell what is new, parents first, and nothing twice', () => {
    const timeline = new Timeline();
    const tree = upload({ holding: { transferring: { files: {}, watch: 'resting' } } }, { 'file:0': child('adding') });
    expect(tell(timeline, tree, 7)).toEqual([
      {
        type: 'state',
        at: 7,
        path: '',
        machine: 'upload',
        state: 'holding.transferring.files+watch.resting',
        file: undefined
      },
      { type: 'state', at: 7, path: 'file:0', machine: 'upload-file', state: 'adding', file: 'a.bin' }
    ]);
    expect(tell(timeline, tree, 8)).toEqual([]);
  });

  it('should tell only the machine that moved', () => {
    const timeline = new Timeline();
    tell(timeline, upload('x', { 'file:0': child('adding'), 'file:1': child('adding') }));
    const events = tell(timeline, upload('x', { 'file:0': child('adding'), 'file:1': child('pushing') }), 2);
    expect(events.map(event => (event.type === 'state' ? [event.path, event.state] : []))).toEqual([
      ['file:1', 'pushing']
    ]);
  });

  it('should tell that a machine is gone, and that another came under its name', () => {
    const timeline = new Timeline();
    const deep = upload('x', { 'file:0': node('upload-file', 'pushing', {}, { pushing: node('attempt', 'calling') }) });
    tell(timeline, deep);
    expect(tell(timeline, upload('x'), 3)).toEqual([
      { type: 'gone', at: 3, path: 'file:0' },
      { type: 'gone', at: 3, path: 'file:0/pushing' }
    ]);
    expect(tell(timeline, deep, 4)).toHaveLength(2);
  });

  it('should keep the path of the upload itself, each state once in a row', () => {
    const timeline = new Timeline();
    const watch = (state: string) => ({ holding: { transferring: { files: {}, watch: state } } });
    for (const value of [
      { locating: 'a' },
      watch('resting'),
      watch('looking'),
      watch('resting'),
      'closing',
      watch('resting')
    ])
      tell(timeline, upload(value, { 'file:0': child('adding') }));
    expect(timeline.path).toEqual(['locating.a', 'holding.transferring', 'closing', 'holding.transferring']);
  });
});

describe('a wait', () => {
  const command = (at: string) => ({ do: 'start', at, src: 'sleep', input: { until: 99 } }) as const;
  const tree = node(
    'upload',
    'x',
    {},
    {
      findItem: node('attempt', 'waiting', { why: { code: 'STALLED', message: 'nothing moved' } }),
      lease: node('lease', 'resting'),
      'file:0': node('upload-file', 'pushing', {}, { push: node('attempt', 'waiting', { why: { message: 'broke' } }) })
    }
  );

  it('should say what the waiting machine heard last', () => {
    expect(waitOf(tree, command('findItem/wait'), 5)).toEqual({
      type: 'waiting',
      at: 5,
      path: 'findItem/wait',
      until: 99,
      why: 'nothing moved'
    });
    expect(waitOf(tree, command('file:0/push/wait'), 5)).toMatchObject({ why: 'broke' });
  });

  it('should say nothing where nothing went wrong', () => {
    expect(waitOf(tree, command('lease/rest'), 5)).toMatchObject({ until: 99, why: undefined });
    expect(waitOf(tree, command('watchRest'), 5)).toMatchObject({ path: 'watchRest', why: undefined });
    expect(waitOf(tree, command('none/wait'), 5)).toMatchObject({ why: undefined });
  });
});
