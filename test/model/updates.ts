// The model's update sessions: opened on an item, and what completing them makes of it.
import { missing, notReceived } from './entries.ts';
import { found, present } from './items.ts';
import { begun, NA, ownSession, sessionRules } from './sessions.ts';
import {
  type Expected,
  end,
  fresh,
  type Item,
  once,
  type Rule,
  setOf,
  type Shelf,
  type Update,
  vanish
} from './shelf.ts';

const { get, keepAlive, cancel, fail } = sessionRules(({ updates }) => updates);

export const updateRules = {
  'u.create': (shelf, user, { library_item_id, client_token }) =>
    once(shelf, user, 'u.create', client_token, () => {
      if (library_item_id === undefined) return { refused: ['INVALID_ARGUMENT'] };
      return found(shelf, library_item_id, item => {
        if (shelf.libraries.find(({ id }) => id === item.library)?.isSubscribed)
          return { refused: ['INVALID_ELEMENT_TYPE'] };
        const isBusy = shelf.updates.some(its => its.item === item.id && its.state === 'ACTIVE' && !its.isGone);
        if (isBusy) return { refused: ['RESOURCE_BUSY'] };
        return { value: fresh(shelf), change: id => void shelf.updates.push(opened(shelf, String(id), user, item)) };
      });
    }),
  'u.list': (shelf, user, { library_item_id: item }) => {
    if (item !== undefined && !present(shelf).some(({ id }) => id === item)) return { refused: ['NOT_FOUND'] };
    const own = shelf.updates.filter(its => its.user === user && !its.isGone);
    return { value: setOf(own.filter(its => item === undefined || its.item === item).map(({ id }) => id)) };
  },
  'u.get': get,
  'u.keepAlive': keepAlive,
  'u.cancel': cancel,
  'u.fail': fail,
  'u.complete': (shelf, user, { id }) =>
    whileActive(shelf, user, id, (session, item) => {
      if (notReceived(session)) return { refused: NA, because: 'a file is not received' };
      if (missing(session, item).length > 0) return { refused: NA, because: 'a file is missing' };
      return {
        because: session.hasRemoved ? 'a file was removed' : undefined,
        change: () => {
          const isChanged = session.hasRemoved || session.entries.some(({ source }) => source === 'PUSH');
          if (isChanged) item.version += 1;
          // What only speaks of the other files of an OVF is not kept.
          const stays = session.entries.filter(({ name }) => item.type !== 'ovf' || !name.endsWith('.mf'));
          item.files = stays.map(({ name, body = '' }) => ({ name, body }));
          end(shelf, session, 'DONE');
        }
      };
    }),
  'u.delete': (shelf, user, { id }) =>
    inSession(shelf, user, id, session =>
      session.state === 'ACTIVE' ? { refused: NA } : { change: () => vanish(shelf, session) }
    )
} satisfies Record<string, Rule>;

/** A session of this user, and its item. */
export function inSession(
  shelf: Shelf,
  user: string,
  id: string | undefined,
  go: (session: Update, item: Item) => Expected
): Expected {
  return ownSession(shelf.updates, user, id, session =>
    go(session, shelf.items.find(its => its.id === session.item) as Item)
  );
}

export function whileActive(...[shelf, user, id, go]: Parameters<typeof inSession>): Expected {
  return inSession(shelf, user, id, (session, item) =>
    session.state === 'ACTIVE' ? go(session, item) : { refused: NA }
  );
}

/** It begins with the files that the item has. */
function opened(shelf: Shelf, id: string, user: string, item: Item): Update {
  return {
    ...begun(shelf, id, user, item),
    hasRemoved: false,
    entries: item.files.map(({ name, body }) => ({ name, source: 'NONE', status: 'READY', body }))
  };
}
