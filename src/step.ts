// The stepper: a machine and its children as one pure tree. `start`, `answer` and `send` take a tree and give the next one
// with the commands that follow from it. Nothing is carried out here: a host saves the facts, then obeys the commands.
import {
  type ActorLogic,
  type AnyActorLogic,
  type AnyMachineSnapshot,
  type AnyActorScope,
  type AnyStateMachine,
  createActor,
  type EventObject,
  type ExecutableActionObject,
  StateMachine
} from 'xstate';

/** One machine of the tree, and those of its children that are machines too. */
export interface Node {
  readonly machine: AnyStateMachine;
  /** Of the machine with hollow children; hosts read `value`, `context`, `status` and `output` only. */
  readonly snapshot: AnyMachineSnapshot;
  readonly kids: Readonly<Record<string, Node>>;
  /** Effects that have been started and not yet answered or stopped, by id. */
  readonly effects: Readonly<Record<string, string>>;
}

/** What the host has to do: begin an effect, or stop one and take no answer from it any more. */
export type Command =
  | { readonly do: 'start'; readonly at: string; readonly src: string; readonly input: unknown }
  | { readonly do: 'stop'; readonly at: string };
export type Step = readonly [Node, readonly Command[]];
export type Result = { readonly output: unknown } | { readonly error: unknown };
/** Whether a child machine is stepped in this tree (else it becomes one effect, for another worker). */
export type Inside = (src: string) => boolean;

/** @example `const [tree, commands] = start(uploadMachine, input)` */
export function start(machine: AnyStateMachine, input: unknown, inside: Inside = everywhere): Step {
  const commands: Command[] = [];
  const node = enter(machine, input, '', commands, inside);
  return [node, settled(commands)];
}

/** Gives the answer of the effect at `path` to the machine that asked. An answer nobody waits for changes nothing. */
export function answer(node: Node, path: string, result: Result, inside: Inside = everywhere): Step {
  const commands: Command[] = [];
  const next = deliver(node, path.split('/'), '', result, commands, inside);
  return [next, settled(commands)];
}

/** Sends an event to the machine at the root. */
export function send(node: Node, event: EventObject, inside: Inside = everywhere): Step {
  const commands: Command[] = [];
  const next = advance(node, event, '', commands, inside);
  return [next, settled(commands)];
}

/** Every machine of the tree with its path, parents first. The root's path is ''. */
export function* walk(node: Node, path = ''): Generator<readonly [string, Node]> {
  yield [path, node];
  for (const id in node.kids) yield* walk(node.kids[id] as Node, join(path, id));
}

const everywhere: Inside = () => true;

function enter(machine: AnyStateMachine, input: unknown, path: string, commands: Command[], inside: Inside): Node {
  const [scope, actions] = openScope();
  const snapshot = hollow(machine).getInitialSnapshot(scope, input as never);
  return follow({ machine, snapshot, kids: {}, effects: {} }, actions, path, commands, inside);
}

function advance(node: Node, event: EventObject, path: string, commands: Command[], inside: Inside): Node {
  if (node.snapshot.status !== 'active') return node;
  const [scope, actions] = openScope();
  const snapshot = hollow(node.machine).transition(node.snapshot, event, scope);
  if (snapshot.status === 'error')
    throw new Error(`${node.machine.id}: ${String((snapshot as { error?: unknown }).error)}`);
  return follow({ ...node, snapshot }, actions, path, commands, inside);
}

/** Carries the actions of one macrostep over to the tree: children enter and leave, effects become commands. */
function follow(
  node: Node,
  actions: readonly { type: string }[],
  path: string,
  commands: Command[],
  inside: Inside
): Node {
  let next = node;
  for (const action of actions) {
    const { params } = action as unknown as { params: never };
    if (action.type === 'xstate.spawnChild') next = spawn(next, params, path, commands, inside);
    else if (action.type === 'xstate.stopChild') next = drop(next, (params as { id: string }).id, path, commands);
    else throw new Error(`${node.machine.id} uses ${action.type}: an action that not every host can carry out`);
  }
  return bringUp(next, path, commands, inside);
}

interface SpawnParams {
  // Given as a function, `params.id` stays one: only the actor knows its name.
  readonly actorRef: { readonly id: string };
  readonly src: string;
  readonly input: unknown;
}

function spawn(
  node: Node,
  { actorRef: { id }, src, input }: SpawnParams,
  path: string,
  commands: Command[],
  inside: Inside
): Node {
  const logic = node.machine.implementations.actors[src] as AnyActorLogic | undefined;
  const at = join(path, id);
  if (logic instanceof StateMachine && inside(src)) {
    return { ...node, kids: withKey(node.kids, id, enter(logic, input, at, commands, inside)) };
  }
  commands.push({ do: 'start', at, src, input });
  return { ...node, effects: withKey(node.effects, id, src) };
}

/** A child stops with all that it started. XState says so of finished children too: there is nothing left to do then. */
function drop(node: Node, id: string, path: string, commands: Command[]): Node {
  const at = join(path, id);
  if (node.effects[id] !== undefined) {
    commands.push({ do: 'stop', at });
    return { ...node, effects: without(node.effects, id) };
  }
  const kid = node.kids[id];
  if (kid === undefined) return node;
  for (const [inner, machine] of walk(kid, at)) {
    for (const effect of Object.keys(machine.effects)) commands.push({ do: 'stop', at: join(inner, effect) });
  }
  return { ...node, kids: without(node.kids, id) };
}

/** A child machine that has ended tells its parent, in the same step. */
function bringUp(node: Node, path: string, commands: Command[], inside: Inside): Node {
  for (const id in node.kids) {
    const { snapshot } = node.kids[id] as Node;
    if (snapshot.status !== 'done') continue;
    const rest = { ...node, kids: without(node.kids, id) };
    return advance(rest, doneEvent(id, snapshot.output), path, commands, inside);
  }
  return node;
}

function deliver(
  node: Node,
  [id, ...rest]: string[],
  path: string,
  result: Result,
  commands: Command[],
  inside: Inside
): Node {
  if (id === undefined) return node;
  if (rest.length > 0) {
    const kid = node.kids[id];
    if (kid === undefined) return node;
    const next = deliver(kid, rest, join(path, id), result, commands, inside);
    return bringUp({ ...node, kids: withKey(node.kids, id, next) }, path, commands, inside);
  }
  if (node.effects[id] === undefined) return node;
  const waiting = { ...node, effects: without(node.effects, id) };
  const event =
    'output' in result
      ? doneEvent(id, result.output)
      : { type: `xstate.error.actor.${id}`, actorId: id, error: result.error };
  return advance(waiting, event, path, commands, inside);
}

function doneEvent(id: string, output: unknown): EventObject {
  return { type: `xstate.done.actor.${id}`, actorId: id, output } as EventObject;
}

/** What was started and stopped within one step is never begun: XState would not begin it either. */
function settled(commands: readonly Command[]): readonly Command[] {
  if (commands.length < 2) return commands;
  const kept: Command[] = [];
  for (const command of commands) {
    const begun = command.do === 'stop' ? kept.findIndex(other => other.do === 'start' && other.at === command.at) : -1;
    if (begun >= 0) kept.splice(begun, 1);
    else kept.push(command);
  }
  return kept;
}

const inert: ActorLogic<{ status: 'active'; output: undefined; error: undefined }, EventObject> = {
  transition: snapshot => snapshot,
  getInitialSnapshot: () => ({ status: 'active', output: undefined, error: undefined }),
  getPersistedSnapshot: snapshot => snapshot
};
/** Stands for whoever owns the children that do nothing. */
const nobody = createActor(inert);
/**
 * What a transition is computed in, and the actions that it comes to. As XState's own `transition` does it, but for one thing:
 * that makes an actor of the machine each time, whose context it computes without an input only to throw it away.
 */
function openScope(): [AnyActorScope, readonly ExecutableActionObject[]] {
  const actions: ExecutableActionObject[] = [];
  const ignore = (): void => undefined;
  const scope: AnyActorScope = {
    self: nobody,
    system: nobody.system,
    id: '',
    sessionId: '',
    logger: ignore,
    defer: ignore,
    stopChild: ignore,
    emit: ignore,
    actionExecutor: action => actions.push(action)
  };
  return [scope, actions];
}

const hollows = new WeakMap<AnyStateMachine, AnyStateMachine>();
/** The machine with children that do nothing: XState builds every child on the way, and the tree builds the real ones itself. */
function hollow(machine: AnyStateMachine): AnyStateMachine {
  let its = hollows.get(machine);
  if (its === undefined) {
    const actors = Object.fromEntries(Object.keys(machine.implementations.actors).map(src => [src, inert]));
    its = machine.provide({ actors } as never) as AnyStateMachine;
    hollows.set(machine, its);
  }
  return its;
}

function join(path: string, id: string): string {
  return path === '' ? id : `${path}/${id}`;
}

function withKey<T>(record: Readonly<Record<string, T>>, key: string, value: T): Readonly<Record<string, T>> {
  const changed: Record<string, T> = { ...record };
  changed[key] = value;
  return changed;
}

function without<T>(record: Readonly<Record<string, T>>, key: string): Readonly<Record<string, T>> {
  const { [key]: _, ...rest } = record;
  return rest;
}
