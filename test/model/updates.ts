// The model's update sessions: what changes an item, and when that shows.
import { createHash } from 'node:crypto';
import { digestOf, found, present } from './items.ts';
import {
  type Download,
  type Entry,
  type Expected,
  end,
  fresh,
  type Item,
  type Named,
  named,
  once,
  type Rule,
  setOf,
  type Shelf,
  touch,
  type Update,
  vanish
} from './shelf.ts';

const NA = ['NOT_ALLOWED_IN_CURRENT_STATE'];

export const updateRules = {
  'u.create': (shelf, user, { library_item_id, client_token }) =>
    once(shelf, user, 'u.create', client_token, () => {
      if (library_item_id === undefined) return { refused: ['INVALID_ARGUMENT'] };
      return found(shelf, library_item_id, item => {
        if (shelf.libraries.find(({ id }) => id === item.library)?.isSubscribed)
          return { refused: ['INVALID_ELEMENT_TYPE'] };
        const isBusy = shelf.updates.some(its => its.item === item.id && its.state === 'ACTIVE' && !its.isGone);
        if (isBusy) return { refused: ['RESOURCE_BUSY'] };
        return { value: fresh(shelf), change: id => void shelf.updates.push(begun(shelf, String(id), user, item)) };
      });
    }),
  'u.list': (shelf, user, { library_item_id: item }) => {
    if (item !== undefined && !present(shelf).some(({ id }) => id === item)) return { refused: ['NOT_FOUND'] };
    const own = shelf.updates.filter(its => its.user === user && !its.isGone);
    return { value: setOf(own.filter(its => item === undefined || its.item === item).map(({ id }) => id)) };
  },
  'u.get': (shelf, user, { id }) =>
    inSession(shelf, user, id, its => ({ value: shownSession(shelf, its), change: () => touch(shelf, its) })),
  'u.keepAlive': (shelf, user, { id, progress }) =>
    inSession(shelf, user, id, its => kept(shelf, its, its.state === 'ACTIVE', progress)),
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
  'u.cancel': (shelf, user, { id }) =>
    whileActive(shelf, user, id, session => ({ change: () => end(shelf, session, 'CANCELED') })),
  'u.fail': (shelf, user, { id, message }) =>
    whileActive(shelf, user, id, session => ({
      change: () => {
        session.message = message;
        end(shelf, session, 'ERROR');
      }
    })),
  'u.delete': (shelf, user, { id }) =>
    inSession(shelf, user, id, session =>
      session.state === 'ACTIVE' ? { refused: NA } : { change: () => vanish(shelf, session) }
    ),
  'u.f.add': (shelf, user, { id, name = '', size, checksum_info: checksum }) =>
    inSession(shelf, user, id, (session, item) => {
      const refused = [
        ...(name === '' || name.includes('/') ? ['INVALID_ARGUMENT'] : []),
        ...(session.state === 'ACTIVE' ? [] : NA)
      ];
      if (refused.length > 0) return { refused };
      const ovf = session.entries.find(its => its.name.endsWith('.ovf'));
      const isLate = shelf.dialect === 'api' && item.type === 'ovf' && name.endsWith('.mf') && ovf !== undefined;
      if (isLate && ovf.source === 'PUSH') return { refused: NA, because: 'the descriptor was added before' };
      return {
        // Where the descriptor is one of the item's own, it is open whether that counts as added.
        ...(isLate && { mayRefuse: NA }),
        value: {
          name,
          source_type: 'PUSH',
          status: 'WAITING_FOR_TRANSFER',
          bytes_transferred: 0,
          size: undefined,
          upload_endpoint: { uri: (value: unknown) => typeof value === 'string' && !uris(shelf).includes(value) }
        },
        change: value => {
          const { uri } = (value as { upload_endpoint: { uri: string } }).upload_endpoint;
          const entry: Entry = { name, source: 'PUSH', status: 'WAITING_FOR_TRANSFER', uri, size, checksum };
          session.entries = [...session.entries.filter(its => its.name !== name), entry];
          touch(shelf, session);
        }
      };
    }),
  'u.f.list': (shelf, user, { id }) =>
    inSession(shelf, user, id, session => ({
      // What a session that has ended still lists is open.
      value: session.state === 'ACTIVE' ? named(session.entries.map(shownEntry)) : Array.isArray,
      change: () => touch(shelf, session)
    })),
  'u.f.get': (shelf, user, { id, name }) =>
    inSession(shelf, user, id, session => {
      const entry = session.entries.find(its => its.name === name);
      if (session.state !== 'ACTIVE') return { mayRefuse: ['INVALID_ARGUMENT'], value: { name } };
      if (entry === undefined) return { refused: ['INVALID_ARGUMENT'] };
      return { value: shownEntry(entry), change: () => touch(shelf, session) };
    }),
  'u.f.remove': (shelf, user, { id, name }) =>
    inSession(shelf, user, id, session => {
      const entry = session.entries.find(its => its.name === name);
      const refused = [
        ...(entry === undefined ? ['INVALID_ARGUMENT'] : []),
        ...(session.state === 'ACTIVE' ? [] : [...NA, 'INVALID_ARGUMENT'])
      ];
      if (refused.length > 0) return { refused };
      return {
        change: () => {
          session.entries = session.entries.filter(its => its !== entry);
          const item = shelf.items.find(its => its.id === session.item);
          if (item?.files.some(its => its.name === name)) session.hasRemoved = true;
          touch(shelf, session);
        }
      };
    }),
  'u.f.validate': (shelf, user, { id }) =>
    whileActive(shelf, user, id, (session, item) => {
      if (notReceived(session)) return { refused: NA };
      const names = missing(session, item);
      return {
        because: names.length > 0 ? 'a file is missing' : undefined,
        value: { has_errors: names.length > 0, missing_files: setOf(names), invalid_files: setOf([]) },
        change: () => touch(shelf, session)
      };
    })
} satisfies Record<string, Rule>;

/** Bytes come to an address. */
export function put(shelf: Shelf, uri: string, body: string): Expected {
  const session = shelf.updates.find(its => its.entries.some(entry => entry.uri === uri));
  const entry = session?.entries.find(its => its.uri === uri);
  if (session?.state !== 'ACTIVE' || session.isGone || entry === undefined)
    return {
      refused: ['NOT_FOUND'],
      because:
        entry === undefined
          ? 'the file was added anew'
          : session?.isGone
            ? 'its session is gone'
            : 'its session has ended'
    };
  // Whether the address of a file that has failed still takes bytes is open; only what comes at once leads here.
  const no = entry.status === 'ERROR' ? ['INVALID_ARGUMENT', 'NOT_FOUND'] : ['INVALID_ARGUMENT'];
  const { size = body.length, checksum } = entry;
  const digest = checksum && createHash(checksum.algorithm.toLowerCase()).update(body).digest('hex');
  const isRight = body.length === size && digest === checksum?.checksum.toLowerCase();
  return {
    ...(isRight ? entry.status === 'ERROR' && { mayRefuse: no } : { refused: no }),
    because: !isRight
      ? body.length === size
        ? 'the checksum is wrong'
        : 'the size is wrong'
      : entry.status === 'READY'
        ? 'once more'
        : undefined,
    change: () => {
      entry.status = isRight ? 'READY' : 'ERROR';
      entry.body = isRight ? body : undefined;
      touch(shelf, session);
    }
  };
}

/** A sign of life, with or without progress: that of update and download sessions. */
export function kept(
  shelf: Shelf,
  session: Parameters<typeof touch>[1],
  isActive: boolean,
  progress: number | undefined
): Expected {
  const refused = [
    ...(progress !== undefined && (progress < 0 || progress > 100) ? ['INVALID_ARGUMENT'] : []),
    ...(isActive ? [] : NA)
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
export function shownSession(shelf: Shelf, session: Parameters<typeof touch>[1]): object {
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

function begun(shelf: Shelf, id: string, user: string, { id: item, version, files }: Item): Update {
  return {
    id,
    user,
    item,
    version,
    state: 'ACTIVE',
    progress: 0,
    expiresAt: shelf.now + shelf.timeoutMs,
    isGone: false,
    hasRemoved: false,
    entries: files.map(({ name, body }) => ({ name, source: 'NONE', status: 'READY', body }))
  };
}

/** A session is there for its own user only. */
function inSession(
  shelf: Shelf,
  user: string,
  id: string | undefined,
  go: (session: Update, item: Item) => Expected
): Expected {
  const session = shelf.updates.find(its => its.id === id && its.user === user && !its.isGone);
  const item = shelf.items.find(its => its.id === session?.item);
  if (session !== undefined && item !== undefined) return go(session, item);
  return { refused: ['NOT_FOUND'], because: whyNotFound(shelf.updates, id) };
}
/** Somebody else's, gone, or never made. */
export function whyNotFound(sessions: readonly (Update | Download)[], id: string | undefined): string {
  const session = sessions.find(its => its.id === id);
  if (session === undefined) return 'it was never made';
  return session.isGone ? 'it is gone' : 'it is of somebody else';
}
function whileActive(...[shelf, user, id, go]: Parameters<typeof inSession>): Expected {
  return inSession(shelf, user, id, (session, item) =>
    session.state === 'ACTIVE' ? go(session, item) : { refused: NA }
  );
}

function notReceived({ entries }: Update): boolean {
  return entries.some(({ source, status }) => source === 'PUSH' && status !== 'READY');
}
/** What the descriptor of an OVF names, and the session does not have. */
function missing({ entries }: Update, { type }: Item): string[] {
  if (type !== 'ovf') return [];
  const descriptors = entries.filter(({ name }) => name.endsWith('.ovf'));
  const wanted = descriptors.flatMap(({ body = '' }) => [...body.matchAll(/href="([^"]+)"/g)].map(([, name]) => name));
  return [...new Set(wanted as string[])].filter(name => !entries.some(its => its.name === name));
}

function shownEntry({ name, source, status, body, uri }: Entry): Named {
  const isReady = status === 'READY';
  return {
    name,
    source_type: source,
    status,
    size: isReady ? body?.length : undefined,
    ...(source === 'PUSH' && isReady && { bytes_transferred: body?.length }),
    ...(status === 'WAITING_FOR_TRANSFER' && { bytes_transferred: 0 }),
    ...(uri !== undefined && { upload_endpoint: { uri } }),
    checksum_info: isReady ? digestOf(body ?? '') : () => true,
    error_message: status === 'ERROR' ? isSaid : undefined
  };
}
function isSaid(value: unknown): boolean {
  return typeof (value as { default_message?: unknown } | undefined)?.default_message === 'string';
}

function uris({ updates }: Shelf): (string | undefined)[] {
  return updates.flatMap(({ entries }) => entries.map(({ uri }) => uri));
}
