// What changed between two trees, as records: which machines entered a state, which are gone, what is waited for.

import type { Failure } from '../../machines/vocabulary.ts';
import { type Command, type Node, walk } from '../step.ts';
import type { RunEvent } from './records.ts';
import { lineOf, wordsOf } from './words.ts';

export class Timeline {
  readonly #states = new Map<string, { readonly node: Node; readonly state: string }>();
  /** The states that the machine at the root has been in. */
  readonly path: string[] = [];

  /** Records for everything that is different from the last tree it was shown. */
  *after(tree: Node, at: number): Generator<RunEvent> {
    const seen = new Set<string>();
    for (const [path, node] of walk(tree)) {
      seen.add(path);
      const last = this.#states.get(path);
      if (last?.node === node) continue;
      const state = wordsOf(node.snapshot.value);
      this.#states.set(path, { node, state });
      if (last?.state === state) continue;
      const line = lineOf(node.snapshot.value);
      if (path === '' && this.path.at(-1) !== line) this.path.push(line);
      yield { type: 'state', at, path, machine: node.machine.id, state, file: fileOf(node) };
    }
    // Most steps end no machine.
    if (this.#states.size === seen.size) return;
    for (const path of [...this.#states.keys()].filter(known => !seen.has(known))) {
      this.#states.delete(path);
      yield { type: 'gone', at, path };
    }
  }
}

/** Why a wait begins: what the waiting machine heard last. */
export function waitOf(tree: Node, command: Extract<Command, { do: 'start' }>, at: number): RunEvent {
  const parent = command.at.split('/').slice(0, -1).join('/');
  let why: Failure | undefined;
  for (const [path, node] of walk(tree)) {
    if (path === parent) why = (node.snapshot.context as { why?: Failure }).why;
  }
  return {
    type: 'waiting',
    at,
    path: command.at,
    until: (command.input as { until: number }).until,
    why: why?.message
  };
}

function fileOf(node: Node): string | undefined {
  return (node.snapshot.context as { file?: { name: string } }).file?.name;
}
