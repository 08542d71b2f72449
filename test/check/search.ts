// Breadth first through the whole product, until nothing new is found; then backwards from the ends, and round in circles.
import { Broken, type Budget, Product, type State, type World } from './product.ts';

export interface Found {
  readonly states: number;
  readonly edges: number;
  readonly depth: number;
  readonly ends: Readonly<Record<string, number>>;
  readonly clients: number;
  readonly services: number;
  /** The most steps, without anything more going wrong, from a state to its end, and from a cancel to its end. */
  readonly longest: { readonly any: number; readonly canceled: number };
  /** Why it does not hold, with the steps that lead there. */
  readonly counterexample?: string;
}

export function search<S>(world: World<S>, budget: Budget, limit = 3_000_000): Found {
  const product = new Product(world);
  const ids = new Map<string, number>();
  const states: State[] = [];
  const from: number[] = [];
  const by: string[] = [];
  const level: number[] = [];
  /** Per state the states it leads to without a fault; those by polling are negative (-1 - id). */
  const onward: number[][] = [];
  const ends: Record<string, number> = {};
  let edges = 0;

  const add = (state: State, parent: number, say: string): number => {
    const key = product.key(state);
    const known = ids.get(key);
    if (known !== undefined) return known;
    const id = states.length;
    ids.set(key, id);
    states.push(state);
    from.push(parent);
    by.push(say);
    level.push(parent < 0 ? 0 : (level[parent] as number) + 1);
    return id;
  };
  const told = (why: string, at: number, last?: string): string => {
    const steps = last === undefined ? [] : [last];
    for (let id = at; id > 0; id = from[id] as number) steps.unshift(by[id] as string);
    return [why, ...steps.map((step, index) => `${String(index + 1).padStart(4)}  ${step}`)].join('\n');
  };
  const found = (counterexample?: string, longest = { any: 0, canceled: 0 }): Found => ({
    states: states.length,
    edges,
    depth: level.at(-1) ?? 0,
    ends,
    clients: product.clients.size,
    services: product.services.size,
    longest,
    ...(counterexample !== undefined && { counterexample })
  });

  add(product.first(budget), -1, '');
  for (let id = 0; id < states.length; id++) {
    if (states.length > limit) return found(`more than ${limit} states`);
    const state = states[id] as State;
    const wrong = product.broken(state);
    if (wrong !== undefined) return found(told(wrong, id));
    const next: number[] = [];
    onward.push(next);
    if (product.isEnd(state)) {
      const { output } = product.clients.at(state.client).tree.snapshot as { output: { outcome: string } };
      ends[output.outcome] = (ends[output.outcome] ?? 0) + 1;
      continue;
    }
    let any = false;
    try {
      for (const edge of product.next(state)) {
        any = true;
        edges += 1;
        const to = add(edge.to, id, edge.say);
        if (edge.kind !== 'fault') next.push(edge.kind === 'poll' ? -1 - to : to);
      }
    } catch (cause) {
      if (!(cause instanceof Broken)) throw new Error(told(String(cause), id), { cause });
      return found(told(cause.message, id, cause.say));
    }
    if (!any) return found(told('a state that is no end, and from which nothing follows', id));
  }
  return lively(product, states, onward, told, found);
}

/** From every state an end can be reached; and leaving out what only repeats itself, no path goes round in circles. */
function lively<S>(
  product: Product<S>,
  states: readonly State[],
  onward: readonly (readonly number[])[],
  told: (why: string, at: number) => string,
  found: (counterexample?: string, longest?: Found['longest']) => Found
): Found {
  const ending = states.flatMap((state, id) => (product.isEnd(state) ? [id] : []));
  const back: number[][] = states.map(() => []);
  for (const [id, next] of onward.entries()) for (const to of next) (back[to < 0 ? -1 - to : to] as number[]).push(id);
  const canEnd = new Uint8Array(states.length);
  const queue = [...ending];
  for (const id of queue) canEnd[id] = 1;
  for (let at = 0; at < queue.length; at++) {
    for (const id of back[queue[at] as number] as number[]) {
      if (canEnd[id] === 1) continue;
      canEnd[id] = 1;
      queue.push(id);
    }
  }
  const stuck = canEnd.indexOf(0);
  if (stuck >= 0) return found(told('from here no end can be reached any more', stuck));

  const left = onward.map(next => next.filter(to => to >= 0).length);
  const height = new Int32Array(states.length);
  const settled = states.flatMap((_, id) => (left[id] === 0 ? [id] : []));
  for (let at = 0; at < settled.length; at++) {
    const id = settled[at] as number;
    for (const before of back[id] as number[]) {
      if (!(onward[before] as readonly number[]).includes(id)) continue;
      height[before] = Math.max(height[before] as number, (height[id] as number) + 1);
      left[before] = (left[before] as number) - 1;
      if (left[before] === 0) settled.push(before);
    }
  }
  if (settled.length < states.length) {
    return found(
      told(
        'from here a path without faults can go round in circles',
        left.findIndex(each => each > 0)
      )
    );
  }
  let canceled = 0;
  for (const [id, state] of states.entries()) if (state.canceled) canceled = Math.max(canceled, height[id] as number);
  return found(undefined, { any: height.reduce((most, each) => Math.max(most, each), 0), canceled });
}
