// What may be done to the service, as commands of fast-check: each picks somebody and something of what the model knows, makes one
// call, and holds the answer, and what shows afterwards, against the model.
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { bodyOf } from './bodies.ts';
import type { Args, Call, Op } from './call.ts';
import { clearInstant, judge, pass, type Shelf, type Update } from './shelf.ts';
import type { World } from './world.ts';

export type Command = fc.AsyncCommand<Shelf, World>;

/** Which of those that there are: the newest that is open and one's own, unless it says `any`. */
interface Pick {
  readonly any: boolean;
  readonly at: number;
}
interface Who {
  readonly user: 'ann' | 'bob';
  readonly pick: Pick;
  /** Whether somebody looks afterwards; a look is a sign of life, too. */
  readonly looks: boolean;
}

const often = <T>(usual: T, ...others: T[]): fc.Arbitrary<T> =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) });

const who: fc.Arbitrary<Who> = fc.record({
  user: often<'ann' | 'bob'>('ann', 'bob'),
  pick: fc.record({ any: often(false, true), at: fc.nat(3) }),
  looks: fc.boolean()
});
const token = often<string | undefined>(
  undefined,
  '3f0e1d2c-0000-4000-8000-000000000001',
  '3f0e1d2c-0000-4000-8000-000000000002',
  'no uuid'
);
const progress = often<number | undefined>(undefined, 0, 30, 70, 100, -1, 101);

const NAMES = { plain: ['a.iso', 'b.bin', 'c d&ü+%.txt'], ovf: ['d.ovf', 'a.vmdk', 'b.vmdk', 'd.mf'] };
const UNKNOWN = {
  library: '00000000-0000-4000-8000-00000000beef',
  id: '00000000-0000-4000-8000-00000000dead:guid',
  file: 'nowhere.bin'
};

/** One command, more often one that leads far. */
export function anyCommand(): fc.Arbitrary<Command> {
  const session = (op: Op, more: fc.Arbitrary<Args> = fc.constant({})): fc.Arbitrary<Command> =>
    fc.tuple(who, more).map(([its, args]) => new Calling(op, its, args, shelf => sessionCall(shelf, op, its, args)));
  const file = (op: Op): fc.Arbitrary<Command> =>
    fc.tuple(who, fc.nat(6)).map(([its, at]) => new Calling(op, its, { at }, shelf => fileCall(shelf, op, its, at)));
  const item = (op: Op, more: fc.Arbitrary<Args> = fc.constant({})): fc.Arbitrary<Command> =>
    fc.tuple(who, more).map(([its, args]) => new Calling(op, its, args, shelf => itemCall(shelf, op, its, args)));
  const message = fc.constant({ message: 'somebody gave up' });
  const adds = fc
    .tuple(who, fc.nat(6), fc.nat(3), fc.constantFrom('size', 'both', 'digest', 'nothing'), often('', '/', 'none'))
    .map(([its, at, variant, tells, odd]) => new Adding(its, at, variant, tells, odd));
  const puts = fc
    .tuple(who, fc.nat(3), often<Sent>('whole', 'short', 'long', 'altered'))
    .map(([its, at, sent]) => new Putting(its, at, sent));
  const created = fc.record({
    library_id: often('images', 'mirror', 'nowhere'),
    name: fc.constantFrom('one', 'two', 'three', 'x'.repeat(80), 'x'.repeat(81), ''),
    type: fc.constantFrom(undefined, 'iso', 'ovf', 'ovf'),
    client_token: token
  });
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
    [10, session('u.complete')],
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
    [4, fc.nat(4).map(at => new Fetching(at))],
    [6, fc.oneof(fc.nat(60_000), fc.integer({ min: 240_000, max: 360_000 })).map(ms => new Waiting(ms))],
    [2, fc.constantFrom('ann', 'bob').map(user => new LoggingOut(user))]
  ];
  return fc.oneof(...all.map(([weight, arbitrary]) => ({ weight, arbitrary })));
}

/** Makes the call, and holds the answer against the model. */
async function agreed(shelf: Shelf, world: World, call: Call): Promise<unknown> {
  const answer = await world.wire.send(call);
  const { wrong, because } = judge(shelf, call, answer);
  world.count(call, answer, because);
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
  return answer.value;
}

/** Everything that shows of the sessions and the item that a call was about. */
async function look(shelf: Shelf, world: World, call: Call): Promise<void> {
  for (const its of looksAfter(shelf, call)) await agreed(shelf, world, its);
}

/** At the end: all that anybody may see of anything. */
export async function lookAtAll(shelf: Shelf, world: World): Promise<void> {
  const sessions = shelf.updates.flatMap(its => updateLooks(shelf, its));
  const downloads = shelf.downloads.flatMap(its => (its.isOpen ? [] : downloadLooks(its.user, its.id)));
  const lists = ['ann', 'bob'].flatMap((user): Call[] => [
    { op: 'u.list', user, args: {} },
    { op: 'd.list', user, args: {} }
  ]);
  const items = shelf.items.flatMap(({ id }) => itemLooks(shelf, 'bob', id));
  for (const its of [...lists, ...sessions, ...downloads, ...items]) await agreed(shelf, world, its);
}

function looksAfter(shelf: Shelf, call: Call): Call[] {
  if (call.op === 'put' || call.op === 'fetch') {
    const { uri } = call;
    const update = shelf.updates.find(its => its.entries.some(entry => entry.uri === uri));
    const download = shelf.downloads.find(its => its.files.some(file => file.uri === uri));
    return [
      ...(update ? updateLooks(shelf, update) : []),
      ...(download ? downloadLooks(download.user, download.id) : [])
    ];
  }
  const { user, args, op } = call;
  if (op.startsWith('item.')) return itemLooks(shelf, user, args.id);
  const sessions = shelf.updates.filter(
    ({ id, item }) => id === args.id || (op === 'u.create' && item === args.library_item_id)
  );
  if (op.startsWith('u.'))
    return [{ op: 'u.list', user, args: {} }, ...sessions.flatMap(its => updateLooks(shelf, its))];
  return [{ op: 'd.list', user, args: {} }, ...(args.id === undefined ? [] : downloadLooks(user, args.id))];
}
function updateLooks(shelf: Shelf, { user, id, item }: Session): Call[] {
  return [{ op: 'u.get', user, args: { id } }, { op: 'u.f.list', user, args: { id } }, ...itemLooks(shelf, user, item)];
}
type Session = { readonly user: string; readonly id: string; readonly item: string };
function downloadLooks(user: string, id: string): Call[] {
  return [
    { op: 'd.get', user, args: { id } },
    { op: 'd.f.list', user, args: { id } }
  ];
}
function itemLooks(shelf: Shelf, user: string, id: string | undefined): Call[] {
  const all: Call = { op: 'item.list', user, args: { library_id: shelf.libraries[0]?.id } };
  if (id === undefined) return [all];
  return [all, { op: 'item.get', user, args: { id } }, { op: 'item.files', user, args: { id } }];
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
    await agreed(shelf, world, call);
    if (this.who.looks) await look(shelf, world, call);
  }
  toString(): string {
    return `${this.who.user} ${this.op} ${JSON.stringify({ ...this.who.pick, ...this.more, looks: this.who.looks })}`;
  }
}

class Adding extends Calling {
  readonly variant: number;
  constructor(its: Who, at: number, variant: number, tells: string, odd: string) {
    super('u.f.add', its, { at, variant, tells, odd }, shelf => addCall(shelf, its, at, variant, tells, odd));
    this.variant = variant;
  }
  override async run(shelf: Shelf, world: World): Promise<void> {
    const call = this.call(shelf) as Call & { args: Args };
    const value = await agreed(shelf, world, call);
    const uri = (value as { upload_endpoint?: { uri: string } } | undefined)?.upload_endpoint?.uri;
    if (uri !== undefined) world.meant.set(uri, bodyOf(call.args.name ?? '', this.variant));
    if (this.who.looks) await look(shelf, world, call);
  }
}

type Sent = 'whole' | 'short' | 'long' | 'altered';

/** Bytes to the newest addresses, or to one that is dead. */
class Putting implements Command {
  readonly who: Who;
  readonly at: number;
  readonly sent: Sent;
  constructor(its: Who, at: number, sent: Sent) {
    this.who = its;
    this.at = at;
    this.sent = sent;
  }
  check(shelf: Readonly<Shelf>): boolean {
    return shelf.updates.some(({ entries }) => entries.some(({ uri }) => uri !== undefined));
  }
  async run(shelf: Shelf, world: World): Promise<void> {
    const waiting = shelf.updates.flatMap(({ entries, state }) =>
      state === 'ACTIVE' ? entries.filter(({ status }) => status === 'WAITING_FOR_TRANSFER') : []
    );
    const all = [...world.meant.keys()];
    const some = this.who.pick.any || waiting.length === 0 ? all : waiting.map(({ uri }) => uri as string);
    const uri = some.at(-1 - (this.at % some.length)) as string;
    const entry = shelf.updates.flatMap(({ entries }) => entries).find(its => its.uri === uri);
    // Whether the address of a file that has failed still takes bytes is open.
    if (entry?.status === 'ERROR') return;
    const call: Call = { op: 'put', uri, body: this.bodyFor(world.meant.get(uri) ?? '', entry) };
    await agreed(shelf, world, call);
    if (this.who.looks) await look(shelf, world, call);
  }
  toString(): string {
    return `PUT ${JSON.stringify({ any: this.who.pick.any, at: this.at, looks: this.who.looks })} ${this.sent}`;
  }

  private bodyFor(whole: string, entry: Update['entries'][number] | undefined): string {
    const other = { whole, short: whole.slice(1), long: `${whole}!`, altered: whole.replace(/^./, '~') }[this.sent];
    // A descriptor that is none, and arrives well, is another story.
    const isSeen = entry?.checksum !== undefined || (entry?.size !== undefined && entry.size !== other.length);
    return /^<|^$/.test(whole) && !isSeen ? whole : other;
  }
}

class Fetching implements Command {
  readonly at: number;
  constructor(at: number) {
    this.at = at;
  }
  check(shelf: Readonly<Shelf>): boolean {
    return linksIn(shelf).length > 0;
  }
  async run(shelf: Shelf, world: World): Promise<void> {
    const links = linksIn(shelf);
    const call: Call = { op: 'fetch', uri: links.at(-1 - (this.at % links.length)) as string };
    await agreed(shelf, world, call);
    await look(shelf, world, call);
  }
  toString(): string {
    return `GET link ${this.at}`;
  }
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
    const ms = clearInstant(shelf, shelf.now + this.ms) - shelf.now;
    await world.clock.advanceBy(ms);
    pass(shelf, ms);
  }
  toString(): string {
    return `${this.ms} ms pass`;
  }
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

function sessionCall(shelf: Shelf, op: Op, { user, pick }: Who, args: Args): Call | undefined {
  const session = pickSession(shelf, op, user, pick);
  return session && { op, user, args: { ...args, id: session.id } };
}

function fileCall(shelf: Shelf, op: Op, { user, pick }: Who, at: number): Call | undefined {
  const session = pickSession(shelf, op, user, pick);
  if (session === undefined) return undefined;
  const files: readonly { name: string }[] = 'entries' in session ? session.entries : session.files;
  const name = files.at(-1 - at)?.name ?? (at > 3 ? UNKNOWN.file : files.at(-1)?.name);
  return { op, user, args: { id: session.id, name: name ?? UNKNOWN.file } };
}

function itemCall(shelf: Shelf, op: Op, { user, pick }: Who, args: Args): Call | undefined {
  const { library_id: library } = args;
  const inLibrary = { library_id: shelf.libraries.find(({ name }) => name === library)?.id ?? UNKNOWN.library };
  if (op === 'item.list') return { op, user, args: inLibrary };
  if (op === 'item.create') {
    const first = shelf.tokens.find(its => its.user === user && its.op === op && its.token === args.client_token);
    // What the token of an item that is gone means is open.
    if (shelf.items.find(({ id }) => id === first?.id)?.isGone) return undefined;
    return { op, user, args: { ...args, ...inLibrary } };
  }
  const items = pick.any ? shelf.items : shelf.items.filter(({ isGone, id }) => !isGone && !isSubscribed(shelf, id));
  const id = pick.any && pick.at === 3 ? UNKNOWN.id : items.at(-1 - (pick.at % Math.max(items.length, 1)))?.id;
  if (op.endsWith('.list')) return { op, user, args: pick.at === 0 ? {} : { library_item_id: id } };
  if (id === undefined) return undefined;
  return { op, user, args: op.startsWith('item.') ? { id } : { ...args, library_item_id: id } };
}

function addCall(
  shelf: Shelf,
  { user, pick }: Who,
  at: number,
  variant: number,
  tells: string,
  odd: string
): Call | undefined {
  const session = pickSession(shelf, 'u.f.add', user, pick);
  if (session === undefined) return undefined;
  const isOvf = shelf.items.find(({ id }) => id === session.item)?.type === 'ovf';
  // What an old server does with a manifest afterwards is open.
  const ovf = shelf.dialect === 'api' ? NAMES.ovf : NAMES.ovf.filter(its => its !== 'd.mf');
  const names = isOvf ? ovf : NAMES.plain;
  const name = odd === '/' ? 'a/b.iso' : odd === 'none' ? '' : (names[at % names.length] as string);
  const body = bodyOf(name, variant);
  const algorithm = ['MD5', 'SHA1', ...(shelf.dialect === 'api' ? ['SHA256', 'SHA512'] : [])][at % 4] ?? 'SHA1';
  const checksum = createHash(algorithm.toLowerCase()).update(body).digest('hex');
  return {
    op: 'u.f.add',
    user,
    args: {
      id: session.id,
      name,
      ...((tells === 'size' || tells === 'both') && { size: body.length }),
      ...((tells === 'digest' || tells === 'both') && {
        checksum_info: { algorithm, checksum: variant === 1 ? checksum.toUpperCase() : checksum }
      })
    }
  };
}

function pickSession(shelf: Shelf, op: Op, user: string, { any, at }: Pick) {
  const sessions = op.startsWith('u.') ? shelf.updates : shelf.downloads.filter(({ isOpen }) => !isOpen);
  if (any && at === 3 && sessions.length > 0) return { ...sessions[0]!, id: UNKNOWN.id };
  const own = sessions.filter(its => any || (its.user === user && its.state === 'ACTIVE' && !its.isGone));
  return own.length === 0 ? undefined : own.at(-1 - (at % own.length));
}

function isSubscribed(shelf: Shelf, item: string): boolean {
  const library = shelf.items.find(({ id }) => id === item)?.library;
  return shelf.libraries.find(({ id }) => id === library)?.isSubscribed === true;
}

function linksIn({ downloads }: Shelf): string[] {
  const known = downloads.filter(({ isOpen }) => !isOpen);
  return known.flatMap(({ files }) => files.flatMap(({ uri }) => (uri === undefined ? [] : [uri])));
}
