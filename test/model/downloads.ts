// The model's download sessions: what an item held when they were made, and the addresses from which it comes.
import { digestOf, found, present } from './items.ts';
import { begun, NA, ownSession, sessionRules } from './sessions.ts';
import {
  type Download,
  type Expected,
  fresh,
  type Named,
  named,
  once,
  type Rule,
  setOf,
  type Shelf,
  touch,
  vanish
} from './shelf.ts';

const { get, keepAlive, cancel, fail } = sessionRules(({ downloads }) => downloads);

export const downloadRules = {
  'd.create': (shelf, user, { library_item_id, client_token }) =>
    once(shelf, user, 'd.create', client_token, () => {
      if (library_item_id === undefined) return { refused: ['INVALID_ARGUMENT'] };
      return found(shelf, library_item_id, item => ({
        value: fresh(shelf),
        change: id => {
          const files = item.files.map(file => ({ ...file, isRead: false }));
          shelf.downloads.push({ ...begun(shelf, String(id), user, item), isOpen: false, files });
        }
      }));
    }),
  'd.list': (shelf, user, { library_item_id: item }) => {
    if (item !== undefined && !present(shelf).some(({ id }) => id === item)) return { refused: ['NOT_FOUND'] };
    const own = shelf.downloads.filter(its => its.user === user && !its.isGone && !its.isOpen);
    const ids = own.filter(its => item === undefined || its.item === item).map(({ id }) => id);
    const open = shelf.downloads.flatMap(({ id, isOpen }) => (isOpen ? [id] : []));
    return { value: (value: unknown[]) => setOf(ids)(value.filter(id => !open.includes(String(id)))) };
  },
  'd.get': get,
  'd.keepAlive': keepAlive,
  'd.cancel': cancel,
  'd.fail': fail,
  'd.delete': (shelf, user, { id }) =>
    inSession(shelf, user, id, session => ({ change: () => vanish(shelf, session) })),
  'd.f.list': (shelf, user, { id }) =>
    inSession(shelf, user, id, session => ({
      value: session.state === 'ACTIVE' ? named(session.files.map(shownFile)) : Array.isArray,
      change: () => touch(shelf, session)
    })),
  'd.f.get': (shelf, user, { id, name }) =>
    inSession(shelf, user, id, session => {
      const file = session.files.find(its => its.name === name);
      if (file === undefined) return { refused: ['INVALID_ARGUMENT'] };
      return { value: session.state === 'ACTIVE' ? shownFile(file) : { name }, change: () => touch(shelf, session) };
    }),
  'd.f.prepare': (shelf, user, { id, name }) =>
    inSession(shelf, user, id, session => {
      const file = session.files.find(its => its.name === name);
      const refused = [...(file === undefined ? ['INVALID_ARGUMENT'] : []), ...(session.state === 'ACTIVE' ? [] : NA)];
      if (file === undefined || refused.length > 0) return { refused };
      return {
        value: { name, status: 'PREPARED', download_endpoint: { uri: file.uri ?? isUri } },
        change: value => {
          file.uri ??= (value as { download_endpoint: { uri: string } }).download_endpoint.uri;
          touch(shelf, session);
        }
      };
    })
} satisfies Record<string, Rule>;

/** Somebody reads what an address gives. */
export function fetched(shelf: Shelf, uri: string): Expected {
  const session = shelf.downloads.find(its => its.files.some(file => file.uri === uri));
  const file = session?.files.find(its => its.uri === uri);
  if (session?.state !== 'ACTIVE' || session.isGone || file === undefined)
    return { refused: ['NOT_FOUND'], because: session?.isGone ? 'its session is gone' : 'its session has ended' };
  return {
    value: file.body,
    change: () => {
      file.isRead = true;
      touch(shelf, session);
    }
  };
}

function inSession(shelf: Shelf, user: string, id: string | undefined, go: (session: Download) => Expected): Expected {
  return ownSession(shelf.downloads, user, id, go);
}

function shownFile({ name, body, uri, isRead }: Download['files'][number]): Named {
  return {
    name,
    status: uri === undefined ? 'UNPREPARED' : 'PREPARED',
    download_endpoint: uri === undefined ? undefined : { uri },
    bytes_transferred: isRead ? body.length : 0,
    size: (value: unknown) => value === body.length || (value === undefined && !isRead),
    checksum_info: isRead ? (value: unknown) => value !== undefined && digestOf(body)(value) : undefined,
    error_message: undefined
  };
}

function isUri(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}
