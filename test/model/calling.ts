// Commands that call the service: one call, some in a row, or some at once. The answers, and what shows afterwards, are held against
// the model.
import type { AsyncCommand } from 'fast-check';
import { type Answer, type Call, inWords } from './call.ts';
import { looksAfter } from './looks.ts';
import type { Who } from './picks.ts';
import { judge, type Shelf } from './shelf.ts';
import type { World } from './world.ts';

export type Command = AsyncCommand<Shelf, World>;

/** Makes the calls, one after the other, and holds each answer against the model. */
export async function agreed(shelf: Shelf, world: World, calls: readonly Call[]): Promise<void> {
  for (const call of calls) {
    const answer = await world.wire.send(call);
    const { wrong, because } = judge(shelf, call, answer);
    world.count(call, answer, because);
    if (wrong.length > 0) throw new Error(wrong.join('\n'));
  }
}

export class Calling implements Command {
  readonly op: string;
  readonly who: Who;
  readonly more: object;
  readonly call: (shelf: Shelf) => Call | undefined;
  constructor(op: string, its: Who, more: object, call: (shelf: Shelf) => Call | undefined) {
    this.op = op;
    this.who = its;
    this.more = more;
    this.call = call;
  }
  check(shelf: Readonly<Shelf>): boolean {
    return this.call(shelf) !== undefined;
  }
  async run(shelf: Shelf, world: World): Promise<void> {
    const call = this.call(shelf) as Call;
    await agreed(shelf, world, [call]);
    if (this.who.looks) await agreed(shelf, world, looksAfter(shelf, call));
  }
  toString(): string {
    return `${this.who.user} ${this.op} ${JSON.stringify({ ...this.who.pick, ...this.more, looks: this.who.looks })}`;
  }
}

/** Some calls, one after the other, that chance would seldom bring so close. */
export class InARow implements Command {
  readonly commands: readonly Calling[];
  constructor(commands: readonly Calling[]) {
    this.commands = commands;
  }
  check(): boolean {
    return true;
  }
  async run(shelf: Shelf, world: World): Promise<void> {
    for (const command of this.commands) if (command.check(shelf)) await command.run(shelf, world);
  }
  toString(): string {
    return `in a row: ${this.commands.join(' | ')}`;
  }
}

/** Some calls at once: the service answers, and stands afterwards, as if they had come one after the other in some order. */
export class Together implements Command {
  readonly commands: readonly Calling[];
  constructor(commands: readonly Calling[]) {
    this.commands = commands;
  }
  check(shelf: Readonly<Shelf>): boolean {
    return this.commands.every(its => its.check(shelf));
  }
  async run(shelf: Shelf, world: World): Promise<void> {
    const calls = this.commands.map(({ call }) => call(shelf) as Call);
    const answers = await Promise.all(calls.map(call => world.wire.send(call)));
    const made = calls.map((call, at) => ({ call, answer: answers[at] as Answer }));
    let possible = ordersOf(made).flatMap(order => {
      const after = structuredClone(shelf);
      return order.every(({ call, answer }) => judge(after, call, answer).wrong.length === 0) ? [after] : [];
    });
    const told = () => made.map(({ call, answer }) => inWords(call, answer)).join('\n');
    if (possible.length === 0) throw new Error(`the model knows no order of these:\n${told()}`);
    for (const { call, answer } of made) world.count(call, answer, 'at once with others');
    for (const call of calls.flatMap(its => looksAfter(possible[0] as Shelf, its))) {
      const answer = await world.wire.send(call);
      possible = possible.filter(after => judge(after, call, answer).wrong.length === 0);
      if (possible.length === 0) throw new Error(`after these:\n${told()}\nno order explains ${inWords(call, answer)}`);
    }
    Object.assign(shelf, possible[0]);
  }
  toString(): string {
    return `at once: ${this.commands.join(' | ')}`;
  }
}

function ordersOf<T>(all: readonly T[]): T[][] {
  if (all.length === 0) return [[]];
  return all.flatMap((first, at) => ordersOf(all.toSpliced(at, 1)).map(rest => [first, ...rest]));
}
