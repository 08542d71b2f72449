// S2: what still stands on the server when a run has ended, held against the notes of its report one by one. That something is
// left is no excuse for everything: what the run knows it names, and only of what it cannot know may it say "perhaps".
import type { Report } from '../../src/report.ts';
import type { Witness } from './witness.ts';

type Telling = Pick<Report, 'left' | 'notes'>;

/** Sessions that the run must know of: a create was answered with them, or they stand in the journal as its own. */
export function knownSessions({ calls, records }: Pick<Witness, 'calls' | 'records'>): (session: string) => boolean {
  const made = new Set(
    calls.flatMap(({ op, value, ended, failed }) =>
      /^create(Download)?Session$/.test(op) && ended !== undefined && failed === undefined ? [String(value)] : []
    )
  );
  const kept = JSON.stringify(records);
  return session => made.has(session) || kept.includes(`"sessionId":"${session}"`);
}

/** @param open sessions that are open and not known to be of others */
export function untoldSessions(
  open: readonly string[],
  isKnown: (session: string) => boolean,
  { left, notes }: Telling
): string[] {
  const told = notes.filter(note => LEFT.test(note));
  const mayCome = told.some(note => MAY_COME.test(note));
  return open.flatMap(id => {
    if (!left) return [`the session ${id} is open, and the report does not say that something is left`];
    if (told.some(note => note.includes(id))) return [];
    if (isKnown(id)) return [`the session ${id} is open, the run knew of it, and no note of what is left names it`];
    return mayCome ? [] : [`the session ${id} is open, and no note says that there may be one`];
  });
}

/** Whether the report says that this item is left, or that one may be there of which it does not know. */
export function isItemTold(id: string, { notes }: Pick<Telling, 'notes'>): boolean {
  return notes.some(note => note.startsWith(`left on the server: item ${id}`) || ITEM_MAY_COME.test(note));
}

const LEFT = /^left on the server: /;
const MAY_COME = /perhaps a (download )?session on |session of (this )?run\b/;
const ITEM_MAY_COME = /^left on the server: perhaps (an|the) item /;
