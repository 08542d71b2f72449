// The model: what the service holds, as plain JSON, and what the documentation says that a call does to it. It is written after
// the documentation alone; nothing here is of machines/ or src/. Where the documentation leaves something open, the model
// says nothing of it.
import { isDeepStrictEqual } from 'node:util';
import { type Answer, type Call, type Dialect, inWords, type Op } from './call.ts';
import { downloadRules, fetched } from './downloads.ts';
import { itemRules } from './items.ts';
import { put, updateFileRules } from './update-files.ts';
import { updateRules } from './updates.ts';

export interface Shelf {
  readonly dialect: Dialect;
  now: number;
  readonly timeoutMs: number;
  /** How long a session that has ended is kept. */
  readonly keptMs: number;
  readonly libraries: readonly { readonly id: string; readonly name: string; readonly isSubscribed: boolean }[];
  readonly items: Item[];
  readonly updates: Update[];
  readonly downloads: Download[];
  /** What a client means to send to an address: the service knows nothing of it. */
  readonly meant: { readonly uri: string; readonly body: string }[];
  readonly tokens: { readonly user: string; readonly op: Op; readonly token: string; readonly id: string }[];
}
export interface Item {
  readonly id: string;
  readonly library: string;
  readonly name: string;
  readonly type: string;
  version: number;
  files: Held[];
  isGone: boolean;
}
export interface Held {
  readonly name: string;
  readonly body: string;
}
export interface Session {
  readonly id: string;
  readonly user: string;
  readonly item: string;
  readonly version: number;
  progress: number;
  /** While it is ACTIVE: when it expires. Afterwards: when it is swept. */
  expiresAt: number;
  /** What the client said when it failed it; of another failure the words are open. */
  message?: string;
  isGone: boolean;
}
export interface Update extends Session {
  state: 'ACTIVE' | 'DONE' | 'ERROR' | 'CANCELED';
  entries: Entry[];
  /** Whether a file of the item was removed. */
  hasRemoved: boolean;
}
export interface Entry {
  readonly name: string;
  readonly source: 'NONE' | 'PUSH';
  status: 'WAITING_FOR_TRANSFER' | 'READY' | 'ERROR';
  readonly uri?: string;
  readonly size?: number;
  readonly checksum?: { readonly algorithm: string; readonly checksum: string };
  body?: string;
}
export interface Download extends Session {
  state: 'ACTIVE' | 'ERROR' | 'CANCELED';
  /** What the item held when the session was made. */
  files: (Held & { uri?: string; isRead: boolean })[];
  /** Its item is gone: the documentation does not say what becomes of it. */
  isOpen: boolean;
}

/** What has to come back: one of these errors, or (unless it may be refused, too) a value and a change of the shelf. */
export interface Expected {
  readonly refused?: readonly string[];
  readonly mayRefuse?: readonly string[];
  /** What of the value is known: `undefined` is absent, a function judges. */
  readonly value?: unknown;
  /** Why it has to be so, where the answer alone does not tell: for the count of what was seen. */
  readonly because?: string;
  /** What the call has changed, also where it is refused. */
  readonly change?: (value: unknown) => void;
}
export type Rule = (shelf: Shelf, user: string, args: Extract<Call, { user: string }>['args']) => Expected;

const rules = { ...itemRules, ...updateRules, ...updateFileRules, ...downloadRules } satisfies Record<Op, Rule>;

export interface Judgement {
  readonly wrong: readonly string[];
  readonly because?: string;
}

/** Carries the call out on the shelf, and says where the answer is not the one that the documentation wants. */
export function judge(shelf: Shelf, call: Call, answer: Answer): Judgement {
  const expected: Expected =
    call.op === 'put'
      ? put(shelf, call.uri, call.body)
      : call.op === 'fetch'
        ? fetched(shelf, call.uri)
        : rules[call.op](shelf, call.user, call.args);
  const { because } = expected;
  const its = inWords(call, answer);
  const refusals = expected.refused ?? expected.mayRefuse ?? [];
  const isRefused = refusals.some(error => refuses(shelf, call, error, answer));
  if (isRefused) {
    if (expected.refused !== undefined) expected.change?.(undefined);
    return { wrong: [], because };
  }
  if (expected.refused !== undefined) return { wrong: [`${its}: the model expects ${expected.refused.join(' or ')}`] };
  const status = okStatus(shelf, call);
  if (answer.status !== status) return { wrong: [`${its}: the model expects ${status}`] };
  const wrong = unlike(expected.value, answer.value, 'value');
  if (wrong.length === 0) expected.change?.(answer.value);
  if ('meant' in call && call.meant !== undefined) {
    const { upload_endpoint: to } = answer.value as { upload_endpoint: { uri: string } };
    shelf.meant.push({ uri: to.uri, body: call.meant });
  }
  return { wrong: wrong.map(what => `${its}: ${what}`), because };
}

/** Time passes: what has expired is gone, and so is what has ended long ago. */
export function pass(shelf: Shelf, ms: number): void {
  shelf.now += ms;
  for (const session of [...shelf.updates, ...shelf.downloads.filter(({ isOpen }) => !isOpen)]) {
    if (!session.isGone && session.expiresAt < shelf.now) vanish(shelf, session);
  }
}

/** The next instant not before `at` at which nothing ends: what holds at the very instant is left open. */
export function clearInstant(shelf: Shelf, at: number): number {
  const isEnd = [...shelf.updates, ...shelf.downloads].some(its => !its.isGone && its.expiresAt === at);
  return isEnd ? clearInstant(shelf, at + 1) : at;
}

export function touch(shelf: Shelf, session: Update | Download): void {
  if (session.state === 'ACTIVE') session.expiresAt = shelf.now + shelf.timeoutMs;
}
/** The session has ended, and is kept for a while. */
export function end<Its extends Update | Download>(shelf: Shelf, session: Its, state: Its['state']): void {
  session.state = state;
  session.expiresAt = shelf.now + shelf.keptMs;
}
/** Nothing is left of it, also not its client token. */
export function vanish(shelf: Shelf, session: Update | Download): void {
  session.isGone = true;
  const kept = shelf.tokens.filter(({ id }) => id !== session.id);
  shelf.tokens.splice(0, shelf.tokens.length, ...kept);
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Creation happens once for a token: it is no UUID, or names what was made before; or else `make` decides. */
export function once(shelf: Shelf, user: string, op: Op, token: string | undefined, make: () => Expected): Expected {
  if (token === undefined) return make();
  if (!UUID.test(token)) return { refused: ['INVALID_ARGUMENT'] };
  const known = shelf.tokens.find(its => its.user === user && its.op === op && its.token === token);
  if (known !== undefined) return { value: known.id, because: 'the token is known' };
  const expected = make();
  if (expected.refused !== undefined) return expected;
  return {
    ...expected,
    change: value => {
      expected.change?.(value);
      shelf.tokens.push({ user, op, token, id: String(value) });
    }
  };
}

/** An id that was never given before. */
export function fresh(shelf: Shelf): (value: unknown) => boolean {
  const known = new Set([...shelf.items, ...shelf.updates, ...shelf.downloads].map(({ id }) => id));
  return value => typeof value === 'string' && value !== '' && !known.has(value);
}
/** A list of these ids, in whatever order. */
export function setOf(ids: readonly string[]): (value: unknown) => boolean {
  return value => Array.isArray(value) && isDeepStrictEqual([...value].sort(), [...ids].sort());
}
export interface Named {
  readonly name: string;
  readonly [field: string]: unknown;
}
/** A list whose members, by name, are like these. */
export function named(shapes: readonly Named[]): (value: unknown) => boolean | string {
  return value => {
    if (!Array.isArray(value)) return 'no list';
    const said = new Map(value.map((its: { name: string }) => [its.name, its]));
    if (value.length !== shapes.length || said.size !== shapes.length)
      return `names ${[...said.keys()].sort().join()}, not ${shapes.map(({ name }) => name).sort()}`;
    return shapes.flatMap(shape => unlike(shape, said.get(shape.name), shape.name)).join('; ') || true;
  };
}

function refuses({ dialect }: Shelf, call: Call, error: string, answer: Answer): boolean {
  const status = STATUS[error]?.[dialect === 'api' ? 0 : 1];
  // What an address for bytes answers beside its status is not documented.
  if (call.op === 'put' || call.op === 'fetch') return answer.status === status;
  return answer.error === error && answer.status === status;
}
/** In /api and in /rest. */
const STATUS: Readonly<Record<string, readonly [number, number]>> = {
  ALREADY_EXISTS: [400, 400],
  INVALID_ARGUMENT: [400, 400],
  INVALID_ELEMENT_TYPE: [400, 400],
  NOT_ALLOWED_IN_CURRENT_STATE: [400, 400],
  NOT_FOUND: [404, 404],
  RESOURCE_BUSY: [500, 400],
  UNAUTHENTICATED: [401, 401]
};
const CREATES = new Set<string>(['item.create', 'u.create', 'd.create', 'u.f.add']);
const SPEAKS = /\.(get|list|files|validate|prepare)$/;

function okStatus({ dialect }: Shelf, { op }: Call): number {
  if (dialect === 'rest' || op === 'put' || op === 'fetch' || SPEAKS.test(op)) return 200;
  return CREATES.has(op) ? 201 : 204;
}

/** Where what was said is not as the shape wants it. */
function unlike(shape: unknown, said: unknown, place: string): string[] {
  if (typeof shape === 'function') {
    const verdict: unknown = shape(said);
    if (verdict === true) return [];
    return [`${place} is not as expected${typeof verdict === 'string' ? `: ${verdict}` : ''}`];
  }
  if (typeof shape === 'object' && shape !== null && typeof said === 'object' && said !== null) {
    return Object.entries(shape).flatMap(([key, its]) =>
      unlike(its, (said as Record<string, unknown>)[key], `${place}.${key}`)
    );
  }
  return shape === said ? [] : [`${place} is ${JSON.stringify(said)}, and the model says ${JSON.stringify(shape)}`];
}
