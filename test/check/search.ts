// Breadth first through the whole product, until nothing new is found; then whether every path comes to an end.
import { lively, Steps } from './liveness.ts';
import { Broken, FAULT, Product, type State } from './product.ts';
import { told } from './said.ts';
import { Space } from './space.ts';
import { type Budget, CANCELED, of } from './tally.ts';
import type { World } from './world.ts';

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
  const product = new Product(world, budget);
  const space = new Space();
  const steps = new Steps();
  const ends: Record<string, number> = {};
  let edges = 0;
  const stateOf = (id: number): State => ({
    flight: space.flight[id] as number,
    service: space.service[id] as number,
    tally: space.tally[id] as number
  });
  const found = (longest: Found['longest'], counterexample?: string): Found => ({
    states: space.size,
    edges,
    depth: space.size === 0 ? 0 : space.wayTo(space.size - 1).length,
    ends,
    clients: product.flights.clients.size,
    services: product.services.size,
    longest,
    ...(counterexample !== undefined && { counterexample })
  });
  const wayTo = (why: string, id: number, last?: number): string => {
    const way = last === undefined ? space.wayTo(id) : [...space.wayTo(id), last];
    const { words, calls } = product.flights;
    const lines = way.map(number =>
      told(
        number,
        word => words.at(word),
        call => calls.at(call).op
      )
    );
    return [why, ...lines.map((line, index) => `${String(index + 1).padStart(4)}  ${line}`)].join('\n');
  };
  const unknown = { any: 0, canceled: 0 };

  const { flight, service, tally } = product.first(budget);
  space.add(flight, service, tally, -1, 0);
  for (let id = 0; id < space.size; id++) {
    if (space.size > limit) return found(unknown, `more than ${limit} states`);
    const state = stateOf(id);
    steps.begin();
    const wrong = product.broken(state);
    if (wrong !== undefined) return found(unknown, wayTo(wrong, id));
    const outcome = product.outcomeOf(state.flight);
    if (outcome !== undefined) ends[outcome] = (ends[outcome] ?? 0) + 1;
    const before = edges;
    try {
      product.next(state, (nextFlight, nextService, nextTally, say, who) => {
        edges += 1;
        const to = space.add(nextFlight, nextService, nextTally, id, say);
        if (who !== FAULT) steps.add(to, who);
      });
    } catch (cause) {
      if (!(cause instanceof Broken)) throw new Error(wayTo(String(cause), id), { cause });
      return found(unknown, wayTo(cause.message, id, cause.say));
    }
    if (edges === before && outcome === undefined)
      return found(unknown, wayTo('a state that is no end, and from which nothing follows', id));
  }
  const { wrong, ...longest } = lively(
    steps,
    id => product.outcomeOf(space.flight[id] as number) !== undefined,
    id => of(space.tally[id] as number, CANCELED) === 1
  );
  return wrong === undefined ? found(longest) : found(longest, wayTo(...wrong));
}
