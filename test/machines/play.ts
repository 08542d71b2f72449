// Plays a workflow machine against scripted answers, on the stepper that users run. Time stands still but for waits.
import type { AnyStateMachine } from 'xstate';
import type { Failure } from '../../machines/vocabulary.ts';
import type { CallSpec, Op } from '../../machines/workflow/calls.ts';
import { answer, type Command, type Node, send, start } from '../../src/step.ts';

export class Refusal {
  readonly failure: Failure;
  constructor(failure: Failure) {
    this.failure = failure;
  }
}
/** The answer to a call: a value, or `refuse(...)`; `hold` never answers. */
export type Script = (call: CallSpec, times: number, path: string) => unknown;
export const HOLD = Symbol('hold');
export const refuse = (code: Failure['code'], more: Partial<Failure> = {}): Refusal =>
  new Refusal({ code, message: `scripted ${code}`, ...more });

export interface Play {
  tree: Node;
  readonly calls: string[];
  readonly waits: number[];
  /** What was drawn from the retry budget, or asked for. */
  readonly draws: number[];
  output(): Record<string, unknown>;
}

export interface PlayOptions {
  /** Sends `cancel` just before the answer to this call is given. */
  readonly cancelAt?: (call: CallSpec, times: number) => boolean;
  readonly luck?: number;
  /** Whether the budget grants the draw of this number, from 1. */
  readonly grants?: (draw: number) => boolean;
  readonly steps?: number;
  readonly each?: (tree: Node) => void;
  /** Waits at these paths do not end. */
  readonly holdWaits?: (path: string) => boolean;
}

export function play(machine: AnyStateMachine, input: unknown, script: Script, options: PlayOptions = {}): Play {
  let now = 1_000;
  const counts = new Map<string, number>();
  const queue: Extract<Command, { do: 'start' }>[] = [];
  const calls: string[] = [];
  const waits: number[] = [];
  const draws: number[] = [];
  const luck = options.luck ?? 0.5;
  let [tree, commands] = start(machine, input);
  const take = (more: readonly Command[]): void => {
    for (const command of more) {
      if (command.do === 'start') queue.push(command);
      else {
        const at = queue.findIndex(other => other.at === command.at);
        if (at >= 0) queue.splice(at, 1);
      }
    }
    options.each?.(tree);
  };
  take(commands);
  for (let turn = 0; tree.snapshot.status === 'active' && turn < (options.steps ?? 2_000); turn++) {
    const at = queue.findIndex(({ src }) => src !== 'sleep');
    const index = at >= 0 ? at : earliest(queue, options);
    const command = queue[index];
    if (command === undefined) break;
    queue.splice(index, 1);
    if (command.src === 'sleep') {
      const { until } = command.input as { until: number };
      waits.push(until - now);
      now = Math.max(now, until);
      [tree, commands] = answer(tree, command.at, { output: { at: now, luck, value: null } });
      take(commands);
      continue;
    }
    if (command.src === 'draw') {
      draws.push((command.input as { cost: number }).cost);
      const granted = options.grants?.(draws.length) ?? true;
      [tree, commands] = answer(tree, command.at, { output: { at: now, luck, value: { granted } } });
      take(commands);
      continue;
    }
    const call = command.input as CallSpec;
    const times = (counts.get(call.op) ?? 0) + 1;
    counts.set(call.op, times);
    calls.push(call.op);
    if (options.cancelAt?.(call, times)) {
      [tree, commands] = send(tree, { type: 'cancel', reason: 'test' } as never);
      take(commands);
    }
    const value = script(call, times, command.at);
    if (value === HOLD) continue;
    const result =
      value instanceof Refusal
        ? { error: { at: now, luck, failure: value.failure } }
        : { output: { at: now, luck, value } };
    [tree, commands] = answer(tree, command.at, result);
    take(commands);
  }
  return { tree, calls, waits, draws, output: () => tree.snapshot.output as Record<string, unknown> };
}

/** The wait that ends first. */
function earliest(queue: readonly Extract<Command, { do: 'start' }>[], options: PlayOptions): number {
  const untils = queue.map(({ at, input }) =>
    options.holdWaits?.(at) === true ? Number.POSITIVE_INFINITY : (input as { until: number }).until
  );
  const least = Math.min(...untils);
  return least === Number.POSITIVE_INFINITY ? -1 : untils.indexOf(least);
}

/** A script by operation: a value, or a list of values for the first, second … time (the last one stays). */
export function byOp(table: Partial<Record<Op, unknown>>): Script {
  return ({ op }, times) => {
    if (!(op in table)) throw new Error(`the script has no answer for ${op}`);
    const its = table[op];
    if (its instanceof Turns) return its.list[Math.min(times, its.list.length) - 1];
    return its;
  };
}
export class Turns {
  readonly list: readonly unknown[];
  constructor(list: readonly unknown[]) {
    this.list = list;
  }
}
export const turns = (...list: unknown[]): Turns => new Turns(list);
