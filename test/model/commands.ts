// What may be done to the service, as commands of fast-check: each picks somebody and something of what the model knows, makes one
// call, or some at once, and holds the answers, and what shows afterwards, against the model.
import fc from 'fast-check';
import { type Answer, type Args, type Call, inWords, type Op } from './call.ts';
import { looksAfter } from './looks.ts';
import { addCall, fetchCall, fileCall, itemCall, putCall, type Sent, sessionCall, type Who } from './picks.ts';
import { clearInstant, type Download, judge, pass, type Shelf, type Update } from './shelf.ts';
import type { World } from './world.ts';

export type Command = fc.AsyncCommand<Shelf, World>;

const often = <T>(usual: T, ...others: T[]): fc.Arbitrary<T> => oftener(4, usual, ...others);
const oftener = <T>(weight: number, usual: T, ...others: T[]): fc.Arbitrary<T> =>
  fc.oneof({ weight, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) });

const who: fc.Arbitrary<Who> = fc.record({
  user: oftener<'ann' | 'bob'>(2, 'ann', 'bob'),
  pick: fc.record({ any: oftener(7, false, true), at: fc.nat(3) }),
  looks: fc.boolean()
});
const token = oftener<string | undefined>(
  1,
  undefined,
  '3f0e1d2c-0000-4000-8000-000000000001',
  '3f0e1d2c-0000-4000-8000-000000000002',
  'no uuid'
);
const progress = often<number | undefined>(undefined, 0, 30, 70, 100, -1, 101);

/** One command, more often one that leads far. */
export function anyCommand(): fc.Arbitrary<Command> {
  const session = (op: Op, more: fc.Arbitrary<Args> = fc.constant({})): fc.Arbitrary<Calling> =>
    fc.tuple(who, more).map(([its, args]) => new Calling(op, its, args, shelf => sessionCall(shelf, op, its, args)));
  const file = (op: Op): fc.Arbitrary<Calling> =>
    fc.tuple(who, fc.nat(4)).map(([its, at]) => new Calling(op, its, { at }, shelf => fileCall(shelf, op, its, at)));
  const item = (op: Op, more: fc.Arbitrary<Args> = fc.constant({})): fc.Arbitrary<Calling> =>
    fc.tuple(who, more).map(([its, args]) => new Calling(op, its, args, shelf => itemCall(shelf, op, its, args)));
  const message = fc.constant({ message: 'somebody gave up' });
  const adds = fc
    .tuple(
      who,
      fc.nat(6),
      fc.nat(3),
      fc.constantFrom('size', 'size', 'both', 'digest', 'nothing'),
      often('', '/', 'none')
    )
    .map(
      ([its, at, variant, tells, odd]) =>
        new Calling('u.f.add', its, { at, variant, tells, odd }, shelf => addCall(shelf, its, at, variant, tells, odd))
    );
  const puts = fc
    .tuple(who, fc.nat(3), oftener<Sent>(2, 'whole', 'short', 'long', 'altered'))
    .map(([its, at, sent]) => new Calling('PUT', its, { at, sent }, shelf => putCall(shelf, its, at, sent)));
  const created = fc.record({
    library_id: often('images', 'mirror', 'nowhere'),
    name: fc.constantFrom('one', 'two', 'three', 'x'.repeat(80), 'x'.repeat(81), ''),
    type: fc.constantFrom(undefined, 'iso', 'ovf', 'ovf'),
    client_token: token
  });
  // Only what ends, changes or keeps a session: what reads says little of an order.
  const crossing = fc.oneof(
    ...[session('u.complete'), session('u.cancel'), session('u.fail', message), session('u.keepAlive')],
    ...[session('u.delete'), adds, puts, puts, file('u.f.remove'), item('item.delete')],
    item('u.create', fc.record({ client_token: token })),
    item('d.create')
  );
  const all: [number, fc.Arbitrary<Command>][] = [
    [4, item('item.create', created)],
    [1, item('item.delete')],
    [2, item('item.get')],
    [2, item('item.list', fc.record({ library_id: often('images', 'mirror', 'nowhere') }))],
    [2, item('item.files')],
    [8, item('u.create', fc.record({ client_token: token }))],
    [2, item('u.list')],
    [2, session('u.get')],
    [4, session('u.keepAlive', fc.record({ progress }))],
    [12, session('u.complete')],
    [2, session('u.cancel')],
    [2, session('u.fail', message)],
    [4, session('u.delete')],
    [16, adds],
    [18, puts],
    [2, file('u.f.get')],
    [2, session('u.f.list')],
    [4, file('u.f.remove')],
    [4, session('u.f.validate')],
    [4, item('d.create', fc.record({ client_token: token }))],
    [2, item('d.list')],
    [2, session('d.get')],
    [2, session('d.keepAlive', fc.record({ progress }))],
    [2, session('d.cancel')],
    [2, session('d.fail', message)],
    [2, session('d.delete')],
    [2, session('d.f.list')],
    [2, file('d.f.get')],
    [6, file('d.f.prepare')],
    [4, fc.tuple(who, fc.nat(4)).map(([its, at]) => new Calling('GET', its, { at }, shelf => fetchCall(shelf, at)))],
    [3, fc.tuple(item('u.create'), file('u.f.remove'), session('u.complete')).map(calls => new InARow(calls))],
    [8, fc.array(crossing, { minLength: 2, maxLength: 3 }).map(calls => new Together(calls))],
    [6, fc.tuple(fc.nat(3), fc.constantFrom<[-1, 1]>(-1, 1)).map(([at, ms]) => new WaitingForExpiry(at, ms))],
    [4, fc.oneof(fc.nat(60_000), fc.integer({ min: 240_000, max: 360_000 })).map(ms => new Waiting(ms))],
    [2, fc.constantFrom('ann', 'bob').map(user => new LoggingOut(user))]
  ];
  return fc.oneof(...all.map(([weight, arbitrary]) => ({ weight, arbitrary })));
}

/** Makes the calls, one after the other, and holds each answer against the model. */
export async function agreed(shelf: Shelf, world: World, calls: readonly Call[]): Promise<void> {
  for (const call of calls) {
    const answer = await world.wire.send(call);
    const { wrong, because } = judge(shelf, call, answer);
    world.count(call, answer, because);
    if (wrong.length > 0) throw new Error(wrong.join('\n'));
  }
}

class Calling implements Command {
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
class InARow implements Command {
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
class Together implements Command {
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

class Waiting implements Command {
  readonly ms: number;
  constructor(ms: number) {
    this.ms = ms;
  }
  check(): boolean {
    return true;
  }
  async run(shelf: Shelf, world: World): Promise<void> {
    await waitUntil(shelf, world, shelf.now + this.ms);
  }
  toString(): string {
    return `${this.ms} ms pass`;
  }
}

/** Time passes until just before, or just after, the instant at which a session expires; then somebody looks for it. */
class WaitingForExpiry implements Command {
  readonly at: number;
  readonly ms: 1 | -1;
  constructor(at: number, ms: 1 | -1) {
    this.at = at;
    this.ms = ms;
  }
  check(shelf: Readonly<Shelf>): boolean {
    return activeIn(shelf).length > 0;
  }
  async run(shelf: Shelf, world: World): Promise<void> {
    const active = activeIn(shelf);
    const { expiresAt, user, id, ...more } = active.at(-1 - (this.at % active.length)) as Update | Download;
    await waitUntil(shelf, world, Math.max(shelf.now, expiresAt + this.ms));
    await agreed(shelf, world, [{ op: 'entries' in more ? 'u.get' : 'd.get', user, args: { id } }]);
  }
  toString(): string {
    return `time passes until ${this.ms} ms from an expiry (${this.at})`;
  }
}

async function waitUntil(shelf: Shelf, world: World, at: number): Promise<void> {
  const ms = clearInstant(shelf, at) - shelf.now;
  await world.clock.advanceBy(ms);
  pass(shelf, ms);
}

function activeIn({ updates, downloads }: Readonly<Shelf>): (Update | Download)[] {
  const all = [...updates, ...downloads.filter(({ isOpen }) => !isOpen)];
  return all.filter(({ state, isGone }) => state === 'ACTIVE' && !isGone);
}

/** A token that was given back is none any more. */
class LoggingOut implements Command {
  readonly user: string;
  constructor(user: string) {
    this.user = user;
  }
  check(): boolean {
    return true;
  }
  async run(_shelf: Shelf, world: World): Promise<void> {
    const { wire } = world;
    await wire.logOut(this.user);
    const { status, error } = await wire.send({ op: 'u.list', user: this.user, args: {} });
    if (status !== 401 || error !== 'UNAUTHENTICATED') throw new Error(`after the logout: ${status} ${error}`);
    await world.logIn(this.user);
  }
  toString(): string {
    return `${this.user} logs out and in`;
  }
}
