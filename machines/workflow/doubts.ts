// Creates of which nobody heard all: what they make may come late, when the run has ended already, and nobody would know of it.
import { result, wasDoubted } from './attempt/answer.ts';

/**
 * No request is on its way longer, in milliseconds: whatever stands between us and the service (a proxy, a load balancer, its own
 * gateway) hands it on or gives it up within a minute or two.
 */
export const LANDS_WITHIN_MS = 120_000;

/** What is known of the creates of a run's sessions; all instants are those of answers. */
export interface Doubts {
  readonly opened: boolean;
  readonly sessionId?: string;
  /** When the last create was begun, of whatever. */
  readonly creatingAt?: number;
  /** When a create of a session was last in doubt: sent, and not answered, whatever became of it then. */
  readonly sessionDoubtedAt?: number;
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

/** The instant of the doubt that is known after this answer to a create. */
export function doubtAfter(known: number | undefined, event: unknown): number | undefined {
  return wasDoubted(event) ? result(event).at : known;
}

/** Whether a request that was sent by then may still land. */
export function mayLand(since: number | undefined, at: number): boolean {
  return since !== undefined && at - since <= LANDS_WITHIN_MS;
}

/** Whether a session that came of such a request may still be open, if nobody has ended it. */
export function mayStand(since: number | undefined, at: number, sessionTimeoutMs: number): boolean {
  return since !== undefined && at - since <= LANDS_WITHIN_MS + sessionTimeoutMs;
}

/** Somebody cleans up: what came of a create that an earlier life had in doubt may stand there. */
export function looksForLate(
  context: Doubts & {
    readonly looksForLate: boolean;
    readonly wish?: string;
    readonly at: number;
    readonly input: { readonly server: { readonly sessionTimeoutMs: number } };
  }
): boolean {
  const { wish, sessionDoubtedAt, at, input } = context;
  return context.looksForLate && wish !== undefined && mayStand(sessionDoubtedAt, at, input.server.sessionTimeoutMs);
}

/** What the report says at the end, where a session may still come. */
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
  if (!mayLand(doubtOf(context), at)) return { left, notes };
  const minutes = Math.ceil(input.server.sessionTimeoutMs / 60_000);
  return {
    left: true,
    notes: [
      ...notes,
      `left on the server: perhaps a ${kind} on item ${itemId}: a create was not answered, and may still take effect; it ends by itself within ${minutes} min, or take it away: shelver cleanup ${input.run}`
    ]
  };
}

function latest(...instants: readonly (number | undefined)[]): number | undefined {
  const known = instants.filter(instant => instant !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}
