// What one state node of XState says about itself: its id, the children it invokes, the logic it spawns.
import type { AnyStateNode } from 'xstate';
import type { Child } from './shape.ts';

/** The path of keys. @example `idOf(machine.states.ACTIVE.states.open)` is `'ACTIVE.open'`. */
export function idOf(node: AnyStateNode): string {
  return node.path.join('.');
}

export function childrenOf(node: AnyStateNode): Child[] {
  return node.invoke.map(({ id, src }) => {
    const name = typeof src === 'string' && !src.startsWith('xstate.') ? src : 'inline';
    // XState makes an id of its own when the machine gives none; it says nothing to a person.
    const isMade = id.endsWith(node.id) && /^(xstate\.invoke\.)?\d+\./.test(id);
    return { id: isMade ? name : id, src: name };
  });
}

/** Spawning hides inside actions, so a state that spawns says it: `meta: { spawns: 'uploadFile' }`, or a list. */
export function spawnsOf(node: AnyStateNode): string[] {
  const spawns: unknown = (node.meta as { spawns?: unknown } | undefined)?.spawns;
  if (typeof spawns === 'string') return [spawns];
  return Array.isArray(spawns) ? spawns.filter(name => typeof name === 'string') : [];
}

export function* descendants(node: AnyStateNode): Generator<AnyStateNode> {
  for (const child of Object.values(node.states)) {
    yield child;
    yield* descendants(child);
  }
}
