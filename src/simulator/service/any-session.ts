// What the service does alike with sessions for update and for download: how they begin, whose they are, how they are kept alive.
import type { AnyStateMachine } from 'xstate';
import type { WireArgs } from '../../wire/operations.ts';
import { needed, progressOf } from './arguments.ts';
import { beginning } from './law.ts';
import { notFound, tooMany } from './refusals.ts';
import type { AnySession, ItemState } from './state.ts';
import { find, type Table, values } from './table.ts';
import { itemOf, type Work } from './work.ts';

/** A session of the caller on the item, which is ACTIVE from now on; `kind` is `update` or `download`. */
export function begun(
  work: Work,
  kind: string,
  {
    item,
    machine,
    others,
    token
  }: { item: ItemState; machine: AnyStateMachine; others: Table<AnySession>; token?: string }
): AnySession {
  const { rules, serverGuid, sessionTimeoutMs } = work.state.settings;
  if (values(others).length >= rules.maxSessions) throw tooMany(`${kind} sessions`, rules.maxSessions);
  const expiresAt = work.context.at + sessionTimeoutMs;
  const made = work.state.made + 1;
  work.state = { ...work.state, made };
  return {
    id: `${work.context.uuid()}:${serverGuid}`,
    made,
    ...(token !== undefined && { token }),
    owner: work.context.user,
    itemId: item.id,
    contentVersion: item.contentVersion,
    state: beginning(machine),
    progress: 0,
    expiresAt,
    dueAt: expiresAt
  };
}

/** The caller's own, in the order of creation; with an item among the arguments, those on it. */
export function ownIds(work: Work, sessions: Table<AnySession>, args: WireArgs): string[] {
  const itemId = args.library_item_id === undefined ? undefined : itemOf(work, needed(args, 'library_item_id')).id;
  return values(sessions)
    .filter(session => session.owner === work.context.user && (itemId === undefined || session.itemId === itemId))
    .sort((a, b) => a.made - b.made)
    .map(session => session.id);
}

/** The session, for whoever asks: other users do not learn that it exists. */
export function visibleSession<S extends AnySession>(work: Work, sessions: Table<S>, kind: string, id: string): S {
  const session = find(sessions, id);
  const open = work.state.settings.rules.foreignSessions === 'open';
  if (session === undefined || !(open || session.owner === work.context.user)) throw notFound(`${kind} session`, id);
  return session;
}

/** What a keep-alive reports: a lower progress than before is not an error, and not taken. */
export function progressed<S extends AnySession>(session: S, given: unknown): S {
  return { ...session, progress: Math.max(progressOf(given), session.progress) };
}
