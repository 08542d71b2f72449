// The model's files of an update session: added, sent, looked at and removed.
import { createHash } from 'node:crypto';
import { missing, notReceived, shownEntry } from './entries.ts';
import { NA } from './sessions.ts';
import { type Entry, type Expected, named, type Rule, setOf, type Shelf, touch } from './shelf.ts';
import { inSession, whileActive } from './updates.ts';

export const updateFileRules = {
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

function uris({ updates }: Shelf): (string | undefined)[] {
  return updates.flatMap(({ entries }) => entries.map(({ uri }) => uri));
}
