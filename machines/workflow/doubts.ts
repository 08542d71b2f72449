// Creates of which nobody heard all: what they make may come late, when the run has ended already, and nobody would know of it.
import { result, wasFound } from './attempt/answer.ts';

/**
 * No request is on its way longer, in milliseconds: whatever stands between us and the service (a proxy, a load balancer, its own
 * gateway) hands it on or gives it up within a minute or two.
 */
export const LANDS_WITHIN_MS = 120_000;
/** Nobody is at one create for longer, in milliseconds, with all its tries. */
const CREATES_WITHIN_MS = 3_600_000;
/** So many sessions are looked into: where there are always new ones, somebody else makes them. */
const MOST_LOOKS = 20;

/** What is known of the creates of a run's sessions; all instants are those of answers. */
export interface Doubts {
  readonly opened: boolean;
  readonly sessionId?: string;
  /** When the last create was begun, of whatever. */
  readonly creatingAt?: number;
  /** When a create of a session was last in doubt: sent, and not answered, whatever became of it then. */
  readonly sessionDoubtedAt?: number;
}

interface LooksForLate extends Doubts {
  readonly looksForLate: boolean;
  readonly at: number;
  readonly input: { readonly server: { readonly sessionTimeoutMs: number } };
}

/** Sessions of ours on the item before the last create, and before the first that was in doubt, where that is another. */
interface Lists {
  readonly sessionId?: string;
  readonly before: readonly string[];
  readonly beforeDoubt?: readonly string[];
}

interface Looks {
  /** How many sessions were looked into, that were not there before. */
  readonly looks: number;
}

interface ItemDoubts {
  readonly making: boolean;
  readonly creatingAt?: number;
  readonly itemDoubtedAt?: number;
}

/** Since when a session may come of which nobody heard; `undefined`: none can. */
export function doubtOf({ opened, sessionId, creatingAt, sessionDoubtedAt }: Doubts): number | undefined {
  const unanswered = opened && sessionId === undefined ? creatingAt : undefined;
  return latest(unanswered, sessionDoubtedAt);
}

/** The same of the item. */
export function itemDoubtOf({ making, creatingAt, itemDoubtedAt }: ItemDoubts): number | undefined {
  return latest(making ? creatingAt : undefined, itemDoubtedAt);
}

/** The instant of the doubt that is known after this answer to a create. One that was sent once, and found, has made what was found. */
export function doubtAfter(known: number | undefined, event: unknown): number | undefined {
  const { doubted, attempts, at } = result(event);
  const isSettled = wasFound(event) && attempts === 1;
  return doubted && !isSettled ? at : known;
}

/** The same, where an earlier life was at it when it died: its last try may have been sent just now, but no later than this. */
export function doubtOfEarlierLife({ creatingAt }: Doubts, at: number): number {
  return creatingAt !== undefined && at - creatingAt > CREATES_WITHIN_MS ? creatingAt : at;
}

/** Whether a request that was sent by then may still land. */
export function mayLand(since: number | undefined, at: number): boolean {
  return since !== undefined && at - since <= LANDS_WITHIN_MS;
}

/** Whether a session that came of such a request may still be open, if nobody has ended it. */
export function mayStand(since: number | undefined, at: number, sessionTimeoutMs: number): boolean {
  return since !== undefined && at - since <= LANDS_WITHIN_MS + sessionTimeoutMs;
}

/** Somebody cleans up: what came of a create that an earlier life had in doubt has to be looked for. */
export function mustLookForLate(
  known: { readonly wish?: string; readonly sessionDoubtedAt?: number } | undefined
): boolean {
  return known?.wish !== undefined && known.sessionDoubtedAt !== undefined;
}

/** It has still to be looked for, and may stand there. */
export function mayStandUnseen(context: LooksForLate): boolean {
  const { sessionDoubtedAt, at, input } = context;
  return context.looksForLate && mayStand(sessionDoubtedAt, at, input.server.sessionTimeoutMs);
}

/**
 * It is looked for among what was not there before the first create in doubt, and is not the session that the run has just ended;
 * and looked for again, until there is none.
 */
export function lookingForLate({ sessionId, before, beforeDoubt = before }: Lists): Lists & {
  readonly looksForLate: true;
} {
  const seen = sessionId === undefined ? beforeDoubt : [...beforeDoubt, sessionId];
  return { looksForLate: true, before: seen, beforeDoubt: undefined };
}

/** The next one that was not there before; after so many it is given up. */
export function lateOne({ before, looks }: Lists & Looks, listed: readonly string[]): string | undefined {
  return looks < MOST_LOOKS ? listed.find(id => !before.includes(id)) : undefined;
}

/** Whether there are more than were looked into. */
export function looksInVain({ before, looks }: Lists & Looks, listed: readonly string[]): boolean {
  return looks >= MOST_LOOKS && listed.some(id => !before.includes(id));
}

/** There is none, so there is nothing in doubt any more, unless a request may still land. */
export function noneIsLate(context: Doubts, at: number): Partial<Doubts> & { readonly looksForLate: false } {
  const looksForLate = false;
  if (mayLand(doubtOf(context), at)) return { looksForLate };
  return { looksForLate, opened: context.opened && context.sessionId !== undefined, sessionDoubtedAt: undefined };
}

/** It could not be looked for. */
export function cannotLook(
  context: Doubts,
  at: number
): Pick<Doubts, 'sessionDoubtedAt'> & { readonly looksForLate: false } {
  return { looksForLate: false, sessionDoubtedAt: doubtOf(context) ?? at };
}

/**
 * What was there before a create in doubt is kept beside what is there before the next one, as long as what the first has made may
 * stand there.
 */
export function listedBefore(context: Omit<LooksForLate, 'looksForLate'> & Lists, listed: readonly string[]): Lists {
  const { sessionDoubtedAt, at, input, before, beforeDoubt = before } = context;
  const isOld = !mayStand(sessionDoubtedAt, at, input.server.sessionTimeoutMs);
  return { before: listed, beforeDoubt: isOld ? undefined : beforeDoubt };
}

/** What the report says at the end, where a session may still come, or may stand there unseen. */
export function told(
  context: Doubts & {
    readonly itemId?: string;
    readonly at: number;
    readonly left: boolean;
    readonly notes: readonly string[];
    readonly input: { readonly run: string; readonly server: { readonly sessionTimeoutMs: number } };
  },
  kind: 'session' | 'download session'
): { readonly left: boolean; readonly notes: readonly string[] } {
  const { itemId, at, left, notes, input } = context;
  if (!mayStand(doubtOf(context), at, input.server.sessionTimeoutMs)) return { left, notes };
  const minutes = Math.ceil(input.server.sessionTimeoutMs / 60_000);
  return {
    left: true,
    notes: [
      ...notes,
      `left on the server: perhaps a ${kind} on item ${itemId}: a create was not answered, and may have made one, or make it within two minutes; it ends by itself ${minutes} min after that, or take it away: shelver cleanup ${input.run}`
    ]
  };
}

function latest(...instants: readonly (number | undefined)[]): number | undefined {
  const known = instants.filter(instant => instant !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}
