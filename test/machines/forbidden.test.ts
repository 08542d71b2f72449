// What no machine may use, because not every host can do it: a walk over every machine finds it. Source: stepping.md 1.
import { describe, expect, it } from 'vitest';
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { machines } from '../../machines/index.ts';

function* nodesOf(node: AnyStateNode): Generator<AnyStateNode> {
  yield node;
  for (const child of Object.values(node.states)) yield* nodesOf(child as AnyStateNode);
}
/** Kinds of the built-in actions that a chart or its implementations use, `custom` for plain functions. */
function kindsOf(machine: AnyStateMachine): string[] {
  const named = machine.implementations.actions as Record<string, { type?: string } | undefined>;
  const used = [...nodesOf(machine.root)].flatMap(node => [
    ...node.entry,
    ...node.exit,
    ...[...node.transitions.values()].flat().flatMap(({ actions }) => actions),
    ...(node.always ?? []).flatMap(({ actions }) => actions)
  ]) as (string | { type?: string })[];
  return used.map(action => {
    const its = (typeof action === 'string' ? named[action] : action) as { type?: string } | undefined;
    return its?.type ?? `custom: ${String(action)}`;
  });
}

describe.each(Object.entries(machines))('machine %s', (name, machine) => {
  it('should use no action but assign, spawnChild, stopChild and enqueueActions', () => {
    const allowed = ['xstate.assign', 'xstate.spawnChild', 'xstate.stopChild', 'xstate.enqueueActions'];
    expect(kindsOf(machine).filter(kind => !allowed.includes(kind))).toEqual([]);
  });
  it('should have no delay, and children only by key', () => {
    for (const node of nodesOf(machine.root)) {
      expect(node.after, `${node.id} has a delay`).toEqual([]);
      for (const { src } of node.invoke) expect(Object.keys(machine.implementations.actors), node.id).toContain(src);
    }
  });
  it('should listen to every failure of what it invokes, but for sleep and machines, which have none', () => {
    for (const node of nodesOf(machine.root)) {
      for (const { src, onError } of node.invoke) if (src === 'call') expect(onError, node.id).toBeDefined();
    }
  });
  it('should end in final states only if it is a plan', () => {
    const finals = [...nodesOf(machine.root)].filter(node => node.type === 'final').length;
    if (name.startsWith('service/')) expect(finals).toBe(0);
    else expect(finals).toBeGreaterThan(0);
  });
  it('should know every guard and action that its chart names', () => {
    const named = [...nodesOf(machine.root)].flatMap(node => [
      ...[...node.transitions.values()].flat(),
      ...(node.always ?? [])
    ]);
    for (const { guard } of named) {
      if (typeof guard === 'string') expect(Object.keys(machine.implementations.guards)).toContain(guard);
    }
    const actions = named.flatMap(({ actions: list }) => list as unknown as (string | { type: string })[]);
    for (const action of actions) {
      const type = typeof action === 'string' ? action : action.type;
      if (type !== undefined && !type.startsWith('xstate.'))
        expect(Object.keys(machine.implementations.actions)).toContain(type);
    }
  });
});

it.each(Object.entries(machines))('should use every guard and action that machine %s defines', (_, machine) => {
  const text = JSON.stringify(machine.config, (_key, value) => (typeof value === 'function' ? undefined : value));
  for (const name of [
    ...Object.keys(machine.implementations.guards),
    ...Object.keys(machine.implementations.actions)
  ]) {
    expect(text, `${machine.id} never uses ${name}`).toContain(`"${name}"`);
  }
});

it.each([
  ['upload', 'uploadFile'],
  ['download', 'fetchFile']
])('should spawn only what the chart of %s declares to spawn', (name, spawns) => {
  const machine = machines[`workflow/${name}`] as AnyStateMachine;
  const declared = [...nodesOf(machine.root)].flatMap(
    node => (node.meta as { spawns?: string } | undefined)?.spawns ?? []
  );
  expect(declared).toEqual([spawns]);
  expect(Object.keys(machine.implementations.actors)).toContain(spawns);
});
