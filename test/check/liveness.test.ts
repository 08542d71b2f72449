// Whether the checker would see a path that does not end: graphs of a few states, drawn by hand.
import { describe, expect, it } from 'vitest';
import { lively, Steps } from './liveness.ts';

/** Per state its steps: where to, and whose. Those without are ends, unless they are said to be none. */
function judged(graph: readonly (readonly (readonly [to: number, who: number])[])[], dead: readonly number[] = []) {
  const steps = new Steps();
  for (const each of graph) {
    steps.begin();
    for (const [to, who] of each) steps.add(to, who);
  }
  const isEnd = (state: number): boolean => graph[state]?.length === 0 && !dead.includes(state);
  return lively(steps, isEnd, state => state > 0);
}

describe('whether every path ends', () => {
  it('should count the longest way, from all states and from those after a cancel', () => {
    const found = judged([
      [[1, 0]],
      [
        [2, 0],
        [3, 1]
      ],
      [[3, 0]],
      []
    ]);
    expect(found).toEqual({ any: 3, canceled: 2 });
  });
  it('should see a state from which no end is reached', () => {
    const found = judged(
      [
        [
          [1, 0],
          [2, 1]
        ],
        [],
        []
      ],
      [2]
    );
    expect(found.wrong).toEqual(['from here no end can be reached any more', 2]);
  });
  it('should see states that only lead to one another', () => {
    const found = judged([
      [
        [1, 0],
        [3, 1]
      ],
      [[2, 0]],
      [[1, 0]],
      []
    ]);
    expect(found.wrong?.[0]).toBe('from here no end can be reached any more');
  });
  it('should let those go round beside whom somebody else can always step out', () => {
    const found = judged([
      [[1, 0]],
      [
        [2, 0],
        [3, 1]
      ],
      [
        [1, 0],
        [3, 1]
      ],
      []
    ]);
    expect(found).toEqual({ any: 2, canceled: 1 });
  });
  it('should see a circle that is left only at times', () => {
    const found = judged([
      [[1, 0]],
      [
        [0, 0],
        [2, 1]
      ],
      []
    ]);
    expect(found.wrong?.[0]).toBe('from here a path can go round for ever, although everybody gets his turn');
  });
  it('should see a circle that is left by one who also goes round', () => {
    const found = judged([
      [
        [0, 0],
        [1, 0]
      ],
      []
    ]);
    expect(found.wrong?.[0]).toBe('from here a path can go round for ever, although everybody gets his turn');
  });
});
