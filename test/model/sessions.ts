// What the model says of update and download sessions alike.
import {
  type Download,
  type Expected,
  end,
  type Item,
  type Rule,
  type Session,
  type Shelf,
  touch,
  type Update
} from './shelf.ts';

export const NA = ['NOT_ALLOWED_IN_CURRENT_STATE'];

/** What is asked and told of every session, and how it is ended by its client. */
export function sessionRules(kind: (shelf: Shelf) => readonly (Update | Download)[]) {
  const inSession = (shelf: Shelf, user: string, id: string | undefined, go: (its: Update | Download) => Expected) =>
    ownSession(kind(shelf), user, id, go);
  const whileActive: typeof inSession = (shelf, user, id, go) =>
    inSession(shelf, user, id, its => (its.state === 'ACTIVE' ? go(its) : { refused: NA }));
  return {
    get: (shelf, user, { id }) =>
      inSession(shelf, user, id, its => ({ value: shown(shelf, its), change: () => touch(shelf, its) })),
    keepAlive: (shelf, user, { id, progress }) => inSession(shelf, user, id, its => kept(shelf, its, progress)),
    cancel: (shelf, user, { id }) =>
      whileActive(shelf, user, id, its => ({ change: () => end(shelf, its, 'CANCELED') })),
    fail: (shelf, user, { id, message }) =>
      whileActive(shelf, user, id, its => ({
        change: () => {
          its.message = message;
          end(shelf, its, 'ERROR');
        }
      }))
  } satisfies Record<string, Rule>;
}

/** A session is there for its own user only. */
export function ownSession<Its extends Update | Download>(
  sessions: readonly Its[],
  user: string,
  id: string | undefined,
  go: (session: Its) => Expected
): Expected {
  const session = sessions.find(its => its.id === id && its.user === user && !its.isGone);
  return session === undefined ? { refused: ['NOT_FOUND'], because: whyNotFound(sessions, id) } : go(session);
}

/** As every session begins. */
export function begun(
  shelf: Shelf,
  id: string,
  user: string,
  { id: item, version }: Item
): Session & { state: 'ACTIVE' } {
  return {
    id,
    user,
    item,
    version,
    state: 'ACTIVE',
    progress: 0,
    expiresAt: shelf.now + shelf.timeoutMs,
    isGone: false
  };
}

/** A sign of life, with or without progress. */
function kept(shelf: Shelf, session: Update | Download, progress: number | undefined): Expected {
  const refused = [
    ...(progress !== undefined && (progress < 0 || progress > 100) ? ['INVALID_ARGUMENT'] : []),
    ...(session.state === 'ACTIVE' ? [] : NA)
  ];
  if (refused.length > 0) return { refused };
  return {
    change: () => {
      session.progress = Math.max(session.progress, progress ?? 0);
      touch(shelf, session);
    }
  };
}

/** What everybody may know of a session. It does not end before the instant that it tells. */
function shown(shelf: Shelf, session: Update | Download): object {
  const { state, item, version, progress, message, expiresAt } = session;
  const isActive = state === 'ACTIVE';
  return {
    state,
    library_item_id: item,
    library_item_content_version: String(version),
    client_progress: progress,
    error_message:
      state !== 'ERROR'
        ? undefined
        : (value: unknown) => message === undefined || JSON.stringify(value ?? '').includes(message),
    expiration_time: (value: unknown) => {
      const told = Date.parse(String(value));
      return !isActive || (told >= expiresAt && told <= shelf.now + shelf.timeoutMs) || `${value}`;
    },
    ...(!isActive && { preview_info: undefined })
  };
}

/** Somebody else's, gone, or never made. */
function whyNotFound(sessions: readonly (Update | Download)[], id: string | undefined): string {
  const session = sessions.find(its => its.id === id);
  if (session === undefined) return 'it was never made';
  return session.isGone ? 'it is gone' : 'it is of somebody else';
}
