// The model's items: made, shown, deleted.
import { createHash } from 'node:crypto';
import { end, type Expected, fresh, type Item, named, once, type Rule, setOf, type Shelf } from './shelf.ts';

export const itemRules = {
  'item.create': (shelf, user, { library_id = '', name = '', type = '', client_token }) =>
    once(shelf, user, 'item.create', client_token, () => {
      const library = shelf.libraries.find(({ id }) => id === library_id);
      const refused = [
        ...(name === '' || name.length > 80 ? ['INVALID_ARGUMENT'] : []),
        ...(library === undefined ? ['NOT_FOUND'] : []),
        ...(library?.isSubscribed ? ['INVALID_ELEMENT_TYPE'] : [])
      ];
      const twin = present(shelf).find(its => its.library === library_id && its.name === name);
      if (twin !== undefined) refused.push('ALREADY_EXISTS');
      if (refused.length > 0) return { refused };
      return {
        value: fresh(shelf),
        change: id => {
          shelf.items.push({ id: String(id), library: library_id, name, type, version: 1, files: [], isGone: false });
        }
      };
    }),
  'item.get': (shelf, _user, { id }) =>
    found(shelf, id, ({ name, library, version, files }) => ({
      value: {
        name,
        library_id: library,
        content_version: String(version),
        size: (value: unknown) => value === undefined || value === files.reduce((sum, { body }) => sum + body.length, 0)
      }
    })),
  'item.list': (shelf, _user, { library_id }) => {
    if (!shelf.libraries.some(({ id }) => id === library_id)) return { refused: ['NOT_FOUND'] };
    return {
      value: setOf(
        present(shelf)
          .filter(({ library }) => library === library_id)
          .map(({ id }) => id)
      )
    };
  },
  'item.files': (shelf, _user, { id }) =>
    found(shelf, id, ({ files }) => ({
      value: named(
        files.map(({ name, body }) => ({ name, size: body.length, checksum_info: digestOf(body), version: isVersion }))
      )
    })),
  'item.delete': (shelf, _user, { id }) =>
    found(shelf, id, item => {
      const library = shelf.libraries.find(its => its.id === item.library);
      if (library?.isSubscribed) return { refused: ['INVALID_ELEMENT_TYPE'] };
      return {
        change: () => {
          item.isGone = true;
          for (const session of shelf.updates)
            if (session.item === id && session.state === 'ACTIVE' && !session.isGone) end(shelf, session, 'ERROR');
          for (const session of shelf.downloads) if (session.item === id) session.isOpen = true;
        }
      };
    })
} satisfies Record<string, Rule>;

export function present({ items }: Shelf): Item[] {
  return items.filter(({ isGone }) => !isGone);
}

export function found(shelf: Shelf, id: string | undefined, go: (item: Item) => Expected): Expected {
  const item = present(shelf).find(its => its.id === id);
  return item === undefined ? { refused: ['NOT_FOUND'] } : go(item);
}

/** A digest of these bytes, if there is one, by whatever algorithm it says. */
export function digestOf(body: string): (value: unknown) => boolean {
  return value => {
    if (value === undefined) return true;
    const { algorithm = 'SHA1', checksum } = value as { algorithm?: string; checksum: string };
    return createHash(algorithm.toLowerCase()).update(body).digest('hex') === checksum.toLowerCase();
  };
}

function isVersion(value: unknown): boolean {
  return typeof value === 'string' && /^\d+$/.test(value);
}
