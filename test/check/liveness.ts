// Whether every path comes to an end, once nothing more goes wrong: from every state an end can be reached; where states go round
// in circles, somebody whose turn it always is leads out of them, whatever the others do.
import { Column } from './space.ts';

/** Every step that is not the world's fault, in the order of the states it begins at. */
export class Steps {
  /** Per state where its steps begin. */
  readonly first = new Column();
  readonly to = new Column();
  /** Whose step it is: an effect, or a request that lands late. */
  readonly who = new Column();

  begin(): void {
    this.first.push(this.to.size);
  }

  add(to: number, who: number): void {
    this.to.push(to);
    this.who.push(who);
  }

  end(state: number): number {
    return state + 1 < this.first.size ? this.first.at(state + 1) : this.to.size;
  }
}

export interface Lively {
  /** The most steps to an end, not counting those in circles: of all states, and of those after a cancel. */
  readonly any: number;
  readonly canceled: number;
  readonly wrong?: readonly [why: string, state: number];
}

/** Tarjan's strongly connected components, each of which is judged when it is complete: all that follows from it is known then. */
export function lively(
  steps: Steps,
  isEnd: (state: number) => boolean,
  isCanceled: (state: number) => boolean
): Lively {
  const size = steps.first.size;
  const seen = new Int32Array(size);
  const low = new Int32Array(size);
  /** Most steps to an end; -1: not judged yet. */
  const height = new Int32Array(size).fill(-1);
  const next = new Int32Array(size);
  const open = new Column();
  const path = new Column();
  let count = 0;
  let any = 0;
  let canceled = 0;
  const enter = (state: number): void => {
    count += 1;
    seen[state] = count;
    low[state] = count;
    next[state] = steps.first.at(state);
    open.push(state);
    path.push(state);
  };
  for (let root = 0; root < size; root++) {
    if (seen[root] !== 0) continue;
    enter(root);
    while (path.size > 0) {
      const state = path.at(path.size - 1);
      const at = next[state] as number;
      if (at < steps.end(state)) {
        next[state] = at + 1;
        const to = steps.to.at(at);
        if (seen[to] === 0) enter(to);
        else if (height[to] === -1) low[state] = Math.min(low[state] as number, seen[to] as number);
        continue;
      }
      path.size -= 1;
      if (path.size > 0) {
        const before = path.at(path.size - 1);
        low[before] = Math.min(low[before] as number, low[state] as number);
      }
      if (low[state] !== seen[state]) continue;
      const from = open.values.lastIndexOf(state, open.size - 1);
      const circle = open.values.slice(from, open.size);
      open.size = from;
      const wrong = judge(steps, circle, height, isEnd);
      if (wrong !== undefined) return { any, canceled, wrong: [wrong, state] };
      any = Math.max(any, height[state] as number);
      if (isCanceled(state)) canceled = Math.max(canceled, height[state] as number);
    }
  }
  return { any, canceled };
}

/** States of which each can be reached from each other one; most often it is only one. */
function judge(
  steps: Steps,
  circle: Int32Array,
  height: Int32Array,
  isEnd: (state: number) => boolean
): string | undefined {
  let most = -1;
  let goesRound = false;
  for (const state of circle) height[state] = -2;
  for (const state of circle) {
    if (isEnd(state)) {
      most = Math.max(most, 0);
      continue;
    }
    for (let at = steps.first.at(state); at < steps.end(state); at++) {
      const further = height[steps.to.at(at)] as number;
      if (further === -2) goesRound = true;
      else most = Math.max(most, further + 1);
    }
  }
  for (const state of circle) height[state] = most;
  if (most < 0) return 'from here no end can be reached any more';
  if (!goesRound) return undefined;
  return someoneLeads(steps, circle)
    ? undefined
    : 'from here a path can go round for ever, although everybody gets his turn';
}

/** Whether there is somebody who can step in each of the states, and whose every step leads out of them. */
function someoneLeads(steps: Steps, circle: Int32Array): boolean {
  const inside = new Set(circle);
  let leaders: Set<number> | undefined;
  for (const state of circle) {
    const able = new Set<number>();
    const stays = new Set<number>();
    for (let at = steps.first.at(state); at < steps.end(state); at++) {
      (inside.has(steps.to.at(at)) ? stays : able).add(steps.who.at(at));
    }
    const its = [...able].filter(who => !stays.has(who) && (leaders?.has(who) ?? true));
    if (its.length === 0) return false;
    leaders = new Set(its);
  }
  return true;
}
