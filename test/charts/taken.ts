// Watches every machine of this process: which states it enters and which transitions it takes, whoever steps it (the stepper,
// createActor, the law's judge). XState tells of each microstep through the system of the scope that it is computed in; the
// law is asked without a microstep, so there the transition that was chosen counts.
import { type AnyStateMachine, type AnyStateNode, type AnyTransitionDefinition, StateMachine } from 'xstate';

/** What was seen, by machine id. */
export interface Taken {
  /** Ids of state nodes. */
  readonly states: ReadonlySet<string>;
  /** As `nameOf` calls them. */
  readonly transitions: ReadonlySet<string>;
}

interface Microstep {
  readonly type: string;
  readonly snapshot: { readonly _nodes?: readonly AnyStateNode[] };
  readonly _transitions?: readonly AnyTransitionDefinition[];
}
interface Scope {
  readonly system: object;
}
/** The parts of XState's own class that every host comes through. */
interface Inside {
  transition(snapshot: unknown, event: unknown, scope: Scope): unknown;
  getInitialSnapshot(scope: Scope, input: unknown): unknown;
  getTransitionData(
    snapshot: { _nodes: readonly AnyStateNode[] },
    event: unknown
  ): AnyTransitionDefinition[] | undefined;
}

const states = new Map<string, Set<string>>();
const transitions = new Map<string, Set<string>>();

/** Watches from now on, for good: in the process of one test file. */
export function watch(): void {
  const its = StateMachine.prototype as unknown as Inside;
  const { transition, getInitialSnapshot, getTransitionData } = its;
  let depth = 0;
  const within = <T>(work: () => T): T => {
    depth += 1;
    try {
      return work();
    } finally {
      depth -= 1;
    }
  };
  its.transition = function (snapshot, event, scope) {
    return within(() => transition.call(this, snapshot, event, heard(scope)));
  };
  its.getInitialSnapshot = function (scope, input) {
    return within(() => getInitialSnapshot.call(this, heard(scope), input));
  };
  its.getTransitionData = function (snapshot, event) {
    const chosen = getTransitionData.call(this, snapshot, event);
    if (depth === 0) {
      for (const node of snapshot._nodes) entered(node);
      for (const each of chosen ?? []) {
        took(each);
        for (const target of each.target ?? []) entered(target);
      }
    }
    return chosen;
  };
}

/** What was seen of a machine so far. */
export function takenOf({ id }: AnyStateMachine): Taken {
  return { states: states.get(id) ?? new Set(), transitions: transitions.get(id) ?? new Set() };
}

/**
 * A transition by state, event and place among those that are tried, with its guard for people.
 *
 * @example `closing.deleting xstate.done.actor.close (1) [failed]`
 */
export function nameOf(its: AnyTransitionDefinition): string {
  const source = its.source as AnyStateNode;
  const beside = its.eventType === '' ? (source.always ?? []) : (source.transitions.get(its.eventType) ?? []);
  const place = beside.length > 1 ? ` (${beside.indexOf(its) + 1})` : '';
  const guard = typeof its.guard === 'string' ? ` [${its.guard}]` : '';
  return `${pathOf(source)} ${its.eventType === '' ? 'at once' : its.eventType}${place}${guard}`;
}

/** @example `holding.settling.asking`; the machine itself is `(root)`. */
export function pathOf({ path }: AnyStateNode): string {
  return path.length === 0 ? '(root)' : path.join('.');
}

function heard(scope: Scope): Scope {
  const system = Object.create(scope.system) as { _sendInspectionEvent(event: Microstep): void };
  const told = (scope.system as { _sendInspectionEvent(event: Microstep): void })._sendInspectionEvent;
  system._sendInspectionEvent = event => {
    if (event.type === '@xstate.microstep') {
      for (const each of event._transitions ?? []) took(each);
      for (const node of event.snapshot._nodes ?? []) entered(node);
    }
    told.call(scope.system, event);
  };
  return { ...scope, system };
}

function took(its: AnyTransitionDefinition): void {
  entered(its.source as AnyStateNode);
  put(transitions, (its.source as AnyStateNode).machine.id, nameOf(its));
}

function entered(node: AnyStateNode): void {
  for (let at: AnyStateNode | undefined = node; at !== undefined; at = at.parent)
    put(states, at.machine.id, pathOf(at));
}

function put(into: Map<string, Set<string>>, machine: string, name: string): void {
  const set = into.get(machine) ?? new Set();
  into.set(machine, set.add(name));
}
