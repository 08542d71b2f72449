// How a machine of the law is asked: may this happen in this state, and what follows. The machines have no context, so a
// state value is the whole state and a judgement can be remembered.
import { type AnyMachineSnapshot, type AnyStateMachine, type EventObject, type StateValue, transition } from 'xstate';

/** What the law says: the next state, a refusal by name, or that the state has no place for the event at all. */
export type Judgement =
  | { readonly allowed: true; readonly state: StateValue }
  | { readonly allowed: false; readonly refusal: string };

/** The refusal of an event for which the state has no transition (NOT_ALLOWED_IN_CURRENT_STATE, vSphere API 8.0). */
export const WRONG_STATE = 'wrongState';

/**
 * Judges one event. A transition that says `meta: { refuses: NAME }` is an ordered refusal; the state stays.
 *
 * @example `judge(updateSessionMachine, 'DONE', { type: 'cancel' })` is `{ allowed: false, refusal: 'wrongState' }`.
 */
export function judge(machine: AnyStateMachine, state: StateValue, event: EventObject): Judgement {
  const known = remembered(machine);
  const name = typeof state === 'string' ? state : JSON.stringify(state);
  const snapshot = known.snapshots.get(name) ?? machine.resolveState({ value: state, context: {} });
  known.snapshots.set(name, snapshot);
  const taken = machine.getTransitionData(snapshot, event)?.[0];
  if (taken === undefined) return { allowed: false, refusal: WRONG_STATE };
  const refuses = (taken.meta as { refuses?: string } | undefined)?.refuses;
  if (refuses !== undefined) return { allowed: false, refusal: refuses };
  if (taken.target === undefined) return { allowed: true, state };
  const key = `${name} ${event.type} ${taken.target.map(node => node.id).join()}`;
  let next = known.next.get(key);
  if (!next) {
    next = transition(machine, snapshot, event)[0].value as StateValue;
    known.next.set(key, next);
  }
  return { allowed: true, state: next };
}

/** The service's word for a state value: the outermost name. @example `wordOf({ ACTIVE: 'open' })` is `'ACTIVE'`. */
export function wordOf(state: StateValue): string {
  return typeof state === 'string' ? state : String(Object.keys(state)[0]);
}

interface Memory {
  readonly snapshots: Map<string, AnyMachineSnapshot>;
  readonly next: Map<string, StateValue>;
}
const memories = new WeakMap<AnyStateMachine, Memory>();
function remembered(machine: AnyStateMachine): Memory {
  let known = memories.get(machine);
  if (known === undefined) {
    known = { snapshots: new Map(), next: new Map() };
    memories.set(machine, known);
  }
  return known;
}
