// Which sessions the client has been told to be over, in this life: only reads and `delete` may go there any more (S6).
import type { CallSpec } from '../../machines/workflow/calls.ts';
import type { Flights } from './flights.ts';
import { Interner } from './interner.ts';

/** A good answer to one of these tells of an end. */
const ENDS = new Set([
  'cancelSession',
  'failSession',
  'deleteSession',
  'cancelDownload',
  'failDownload',
  'deleteDownloadSession'
]);
const LOOKS = new Set(['getSession', 'getDownloadSession']);
const MAY_FOLLOW = new Set(['deleteSession', 'deleteDownloadSession']);

/** Sets of sessions, by number; 0 is the empty one. */
export class Told {
  readonly #sets = new Interner<readonly string[]>();
  readonly #flights: Flights;

  constructor(flights: Flights) {
    this.#flights = flights;
    this.#sets.id('', () => []);
  }

  sessions(set: number): readonly string[] {
    return this.#sets.at(set);
  }

  /** What is known after this answer to the call. */
  by(set: number, call: CallSpec, answer: number): number {
    const id = sessionOf(call);
    if (id === undefined) return set;
    const before = this.#sets.at(set);
    if (before.includes(id) || !this.#isEnd(call, answer)) return set;
    const more = [...before, id].sort();
    return this.#sets.id(String(more), () => more);
  }

  #isEnd({ op }: CallSpec, answer: number): boolean {
    const answered = this.#flights.clients.answers.at(answer);
    // Refused elsewhere, it is a doubt: the session itself is asked.
    if ('failure' in answered) return LOOKS.has(op) && answered.failure.code === 'NOT_FOUND';
    return ENDS.has(op) || (LOOKS.has(op) && (answered.value as { state: string }).state !== 'ACTIVE');
  }
}

/** @param begun calls that would change something */
export function mayNotFollow(over: readonly string[], begun: readonly CallSpec[]): string | undefined {
  for (const call of begun) {
    const id = sessionOf(call);
    if (id !== undefined && over.includes(id) && !MAY_FOLLOW.has(call.op))
      return `S6: ${call.op} goes to ${id}, which is known to be over`;
  }
  return undefined;
}

function sessionOf(call: CallSpec): string | undefined {
  const { id, sessionId } = call.args as { id?: string; sessionId?: string };
  const its = id ?? sessionId;
  return its !== undefined && /^[sd]\d/.test(its) ? its : undefined;
}
