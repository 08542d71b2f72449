// A machine whose steps are computed once: the same machine, asked by the same stepper, with a memory. XState needs some 50 µs for
// a step, and the search asks for the same one of a child (a lease, a file) in each of the many states that its siblings have.
import {
  type AnyActorScope,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  type EventObject,
  StateMachine
} from 'xstate';

interface Stepped {
  readonly snapshot: AnyMachineSnapshot;
  readonly actions: readonly unknown[];
}
/** What XState tells of the actions of a step. */
interface Scope {
  actionExecutor: (action: unknown) => void;
}

/** The machine with a memory, as have its children. */
export function memoised(
  machine: AnyStateMachine,
  known = new Map<AnyStateMachine, AnyStateMachine>()
): AnyStateMachine {
  const before = known.get(machine);
  if (before !== undefined) return before;
  const { implementations } = machine;
  const actors = Object.fromEntries(
    Object.entries(implementations.actors).map(([src, logic]) => [
      src,
      logic instanceof StateMachine ? memoised(logic, known) : logic
    ])
  );
  const its = Object.create(machine, {
    implementations: { value: { ...implementations, actors } },
    provide: { value: (given: never) => remembering(machine.provide(given)) }
  }) as AnyStateMachine;
  known.set(machine, its);
  return its;
}

function remembering(machine: AnyStateMachine): AnyStateMachine {
  const steps = new Map<string, Stepped>();
  /** Two snapshots that say the same are one. */
  const same = new Map<string, AnyMachineSnapshot>();
  const numbers = new WeakMap<AnyMachineSnapshot, number>();
  const once = (key: string, scope: AnyActorScope, make: () => AnyMachineSnapshot): AnyMachineSnapshot => {
    const told = scope as unknown as Scope;
    const { actionExecutor } = told;
    let stepped = steps.get(key);
    if (stepped === undefined) {
      const actions: unknown[] = [];
      told.actionExecutor = action => actions.push(action);
      stepped = { snapshot: kept(make()), actions };
      steps.set(key, stepped);
    }
    for (const action of stepped.actions) actionExecutor(action);
    return stepped.snapshot;
  };
  const kept = (snapshot: AnyMachineSnapshot): AnyMachineSnapshot => {
    const { status, value, context, output } = snapshot;
    const words = JSON.stringify([status, value, context, output, Object.keys(snapshot.children).sort()]);
    const known = same.get(words);
    if (known !== undefined) return known;
    same.set(words, snapshot);
    numbers.set(snapshot, same.size);
    return snapshot;
  };
  return Object.create(machine, {
    getInitialSnapshot: {
      value: (scope: AnyActorScope, input: never) =>
        once(JSON.stringify(input), scope, () => machine.getInitialSnapshot(scope, input))
    },
    transition: {
      value: (snapshot: AnyMachineSnapshot, event: EventObject, scope: AnyActorScope) =>
        once(`${numbers.get(snapshot)} ${JSON.stringify(event)}`, scope, () =>
          machine.transition(snapshot, event, scope)
        )
    }
  }) as AnyStateMachine;
}
