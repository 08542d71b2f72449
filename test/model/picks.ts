// Whom and what a command means, of all that the model knows: so that a shorter history still says something.
import { createHash } from 'node:crypto';
import { bodyOf } from './bodies.ts';
import type { Args, Call, Op } from './call.ts';
import type { Shelf } from './shelf.ts';

/** Which of those that there are: the newest that is open and one's own, unless it says `any`. */
export interface Pick {
  readonly any: boolean;
  readonly at: number;
}
export interface Who {
  readonly user: 'ann' | 'bob';
  readonly pick: Pick;
  /** Whether somebody looks afterwards; a look is a sign of life, too. */
  readonly looks: boolean;
}
export type Sent = 'whole' | 'short' | 'long' | 'altered';

const NAMES = { plain: ['a.iso', 'b.bin', 'c d&ü+%.txt'], ovf: ['d.ovf', 'a.vmdk', 'b.vmdk', 'd.mf'] };
const UNKNOWN = {
  library: '00000000-0000-4000-8000-00000000beef',
  id: '00000000-0000-4000-8000-00000000dead:guid',
  file: 'nowhere.bin'
};

export function sessionCall(shelf: Shelf, op: Op, { user, pick }: Who, args: Args): Call | undefined {
  const session = pickSession(shelf, op, user, pick);
  return session && { op, user, args: { ...args, id: session.id } };
}

export function fileCall(shelf: Shelf, op: Op, { user, pick }: Who, at: number): Call | undefined {
  const session = pickSession(shelf, op, user, pick);
  if (session === undefined) return undefined;
  const files: readonly { name: string }[] = 'entries' in session ? session.entries : session.files;
  const name = files.at(-1 - at)?.name ?? (at > 3 ? UNKNOWN.file : files.at(-1)?.name);
  return { op, user, args: { id: session.id, name: name ?? UNKNOWN.file } };
}

export function itemCall(shelf: Shelf, op: Op, { user, pick }: Who, args: Args): Call | undefined {
  const { library_id: library } = args;
  const inLibrary = { library_id: shelf.libraries.find(({ name }) => name === library)?.id ?? UNKNOWN.library };
  if (op === 'item.list') return { op, user, args: inLibrary };
  const first = shelf.tokens.find(its => its.user === user && its.op === op && its.token === args.client_token);
  // What the token means of what went with its item, or is an item that is gone, is open.
  if (shelf.items.some(({ id, isGone }) => isGone && id === first?.id)) return undefined;
  if (shelf.downloads.some(({ id, isOpen }) => isOpen && id === first?.id)) return undefined;
  if (op === 'item.create') return { op, user, args: { ...args, ...inLibrary } };
  const items = pick.any ? shelf.items : shelf.items.filter(({ isGone, id }) => !isGone && !isSubscribed(shelf, id));
  const id = pick.any && pick.at === 3 ? UNKNOWN.id : items.at(-1 - (pick.at % Math.max(items.length, 1)))?.id;
  if (op.endsWith('.list')) return { op, user, args: pick.at === 0 ? {} : { library_item_id: id } };
  if (id === undefined) return undefined;
  return { op, user, args: op.startsWith('item.') ? { id } : { ...args, library_item_id: id } };
}

export function addCall(
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
    meant: body,
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
  // What has ended is there to be deleted.
  const isMeant = ({ state }: { state: string }) => state === 'ACTIVE' || op.endsWith('.delete');
  const own = sessions.filter(its => any || (its.user === user && isMeant(its) && !its.isGone));
  return own.length === 0 ? undefined : own.at(-1 - (at % own.length));
}

function isSubscribed(shelf: Shelf, item: string): boolean {
  const library = shelf.items.find(({ id }) => id === item)?.library;
  return shelf.libraries.find(({ id }) => id === library)?.isSubscribed === true;
}

/** Bytes to one of the newest addresses, or to one that is dead. */
export function putCall(shelf: Shelf, { pick }: Who, at: number, sent: Sent): Call | undefined {
  const waiting = shelf.updates.flatMap(({ entries, state }) =>
    state === 'ACTIVE' ? entries.filter(({ status }) => status === 'WAITING_FOR_TRANSFER') : []
  );
  const some = pick.any || waiting.length === 0 ? shelf.meant : waiting;
  const { uri } = some.at(-1 - (at % Math.max(some.length, 1))) ?? {};
  const entry = shelf.updates.flatMap(({ entries }) => entries).find(its => its.uri === uri);
  // Whether the address of a file that has failed still takes bytes is open.
  if (uri === undefined || entry?.status === 'ERROR') return undefined;
  const whole = shelf.meant.find(its => its.uri === uri)?.body ?? '';
  const other = { whole, short: whole.slice(1), long: `${whole}!`, altered: whole.replace(/^./, '~') }[sent];
  // A descriptor or manifest that is none, and arrives well, is another story.
  const isSeen = entry?.checksum !== undefined || (entry?.size !== undefined && entry.size !== other.length);
  return { op: 'put', uri, body: /^<|^$/.test(whole) && !isSeen ? whole : other };
}

export function fetchCall(shelf: Shelf, at: number): Call | undefined {
  const known = shelf.downloads.filter(({ isOpen }) => !isOpen);
  const links = known.flatMap(({ files }) => files.flatMap(({ uri }) => (uri === undefined ? [] : [uri])));
  const uri = links.at(-1 - (at % Math.max(links.length, 1)));
  return uri === undefined ? undefined : { op: 'fetch', uri };
}
