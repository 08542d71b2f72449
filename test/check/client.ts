// The client's side of the product: the shipped machines on the shipped stepper, each state of the tree once, each step computed
// once. All answers come at the instant 0 with the same luck, so that a state has no time in it.
import type { AnyMachineSnapshot, AnyStateMachine } from 'xstate';
import type { CallSpec } from '../../machines/workflow/calls.ts';
import { answer, type Command, type Node, type Result, type Step, send, start, walk } from '../../src/step.ts';
import { Interner } from './interner.ts';
import { memoised } from './memoised.ts';
import type { Answered } from './service.ts';

/** An effect that is under way. */
export interface Effect {
  readonly at: string;
  readonly src: string;
  /** Absent: it asks nobody outside (a wait, a draw). */
  readonly call?: CallSpec;
}
/** One state of the client: everything that the next step depends on. */
export interface Client {
  readonly id: number;
  readonly tree: Node;
  /** By path, in order. */
  readonly effects: readonly Effect[];
  /** Steps that were computed already, by path and answer. */
  readonly after: Map<string, Stepped>;
}
/** A step: the state it leads to, and which effects of the state before are gone or begun anew at the same place. */
export interface Stepped {
  readonly to: number;
  readonly stopped: readonly string[];
  readonly begun: ReadonlySet<string>;
}

export interface Subject {
  readonly machine: AnyStateMachine;
  readonly input: object;
  factsOf(tree: Node): object;
  /** A call may come to the end of its tries. */
  readonly triesEnd: boolean;
}

export class Clients {
  readonly answers = new Interner<Answered>();
  readonly #subject: Subject;
  readonly #states = new Interner<Client>();
  readonly #starts = new Map<string, number>();
  readonly #words: Words;

  constructor(subject: Subject) {
    this.#subject = { ...subject, machine: memoised(subject.machine) };
    this.#words = new Words(subject.triesEnd ? CONSTANT : [...CONSTANT, ...COUNTED]);
  }

  get size(): number {
    return this.#states.size;
  }

  at(id: number): Client {
    return this.#states.at(id);
  }

  /** A new life, with what an earlier one wrote down; none at the very first. */
  start(before?: Client): number {
    const facts = before === undefined ? '' : JSON.stringify(this.#subject.factsOf(before.tree));
    let id = this.#starts.get(facts);
    if (id === undefined) {
      const known = facts === '' ? undefined : (JSON.parse(facts) as object);
      const [tree, commands] = start(this.#subject.machine, { ...this.#subject.input, known });
      id = this.#intern(tree, [], commands);
      this.#starts.set(facts, id);
    }
    return id;
  }

  /** @param given the number of the answer in `answers`; `undefined`: a wait is over, or a draw is granted */
  answer(client: Client, effect: Effect, given: number | undefined): Stepped {
    return this.#stepped(client, `${effect.at} ${given}`, () => {
      const result = this.#result(effect, given);
      const step = answer(client.tree, effect.at, result);
      this.#hearsOnce(step, effect.at, result);
      return step;
    });
  }

  cancel(client: Client): Stepped {
    return this.#stepped(client, 'cancel', () =>
      send(client.tree, { type: 'cancel', reason: 'asked', at: 0 } as never)
    );
  }

  /** The same answer once more: where nobody waits at its place any more, it must change nothing. */
  #hearsOnce([tree, commands]: Step, path: string, result: Result): void {
    if (commands.some(command => command.do === 'start' && command.at === path)) return;
    const [after, more] = answer(tree, path, result);
    if (more.length > 0 || this.#words.of(after) !== this.#words.of(tree))
      throw new Error(`the answer at ${path} is heard twice`);
  }

  #result({ src }: Effect, given: number | undefined): Result {
    const stamp = { at: 0, luck: 0.5 };
    if (given === undefined) return { output: { ...stamp, value: src === 'draw' ? { granted: true } : null } };
    const answered = this.answers.at(given);
    return 'failure' in answered
      ? { error: { ...stamp, failure: answered.failure } }
      : { output: { ...stamp, value: answered.value } };
  }

  #stepped(client: Client, name: string, make: () => Step): Stepped {
    let stepped = client.after.get(name);
    if (stepped === undefined) {
      const [tree, commands] = make();
      stepped = {
        to: this.#intern(tree, client.effects, commands),
        stopped: commands.flatMap(command => (command.do === 'stop' ? [command.at] : [])),
        begun: new Set(commands.flatMap(command => (command.do === 'start' ? [command.at] : [])))
      };
      client.after.set(name, stepped);
    }
    return stepped;
  }

  #intern(tree: Node, before: readonly Effect[], commands: readonly Command[]): number {
    const inputs = new Map(before.map(effect => [effect.at, effect]));
    for (const command of commands) {
      if (command.do === 'stop') inputs.delete(command.at);
      else inputs.set(command.at, effectOf(command));
    }
    const paths = [...walk(tree)].flatMap(([path, node]) =>
      Object.keys(node.effects).map(id => (path === '' ? id : `${path}/${id}`))
    );
    const effects = paths.sort().map(path => inputs.get(path) as Effect);
    const key = `${this.#words.of(tree)} ${effects.map(effect => this.#words.ofEffect(effect))}`;
    return this.#states.id(key, () => ({ id: this.#states.size, tree, effects, after: new Map() }));
  }
}

/** Trees as keys. What a step has not touched is the same object as before, and is not read again. */
class Words {
  readonly #forgotten: ReadonlySet<string>;
  readonly #texts = new Interner<undefined>();
  readonly #snapshots = new WeakMap<AnyMachineSnapshot, number>();
  readonly #effects = new WeakMap<Effect, number>();

  constructor(forgotten: readonly string[]) {
    this.#forgotten = new Set(forgotten);
  }

  of({ snapshot, kids }: Node): string {
    let id = this.#snapshots.get(snapshot);
    if (id === undefined) {
      id = this.#id(this.#wordsOf(snapshot));
      this.#snapshots.set(snapshot, id);
    }
    const children = Object.entries(kids);
    return children.length === 0 ? `${id}` : `${id}(${children.map(([name, kid]) => `${name}=${this.of(kid)}`)})`;
  }

  ofEffect(effect: Effect): number {
    let id = this.#effects.get(effect);
    if (id === undefined) {
      id = this.#id(effect);
      this.#effects.set(effect, id);
    }
    return id;
  }

  #wordsOf({ status, value, context }: AnyMachineSnapshot): unknown {
    return [status, value, context];
  }

  #id(value: unknown): number {
    const words = JSON.stringify(value, (name, its: unknown) => (this.#forgotten.has(name) ? undefined : its));
    return this.#texts.id(words, () => undefined);
  }
}

function effectOf({ at, src, input }: Extract<Command, { do: 'start' }>): Effect {
  return src === 'call' ? { at, src, call: input as CallSpec } : { at, src };
}

/** What it was told in the beginning never changes; when a wait is over makes no difference here; notes are for people. */
const CONSTANT = ['input', 'policy', 'server', 'dueAt', 'notes'];
/** What only counts tries makes no difference where there are more tries than can go wrong. */
const COUNTED = ['attempts', 'spent', 'drawn', 'completions', 'rechecks', 'contradictions'];
