// Who may log in, and what they hold: people name users, roles and privileges, the service knows users and privileges only.
import { failure } from '../../machines/vocabulary.ts';
import { PortFailure } from '../ports.ts';
import { PRIVILEGES, type Privilege, ROLES } from './service/privileges.ts';

/** A password alone, or with neither roles nor privileges: the user holds all, ContentLibrary.ReadStorage by its rule. */
export type UserOption =
  | string
  | { readonly password: string; readonly roles?: readonly string[]; readonly privileges?: readonly string[] };
/** Roles by name, beside Administrator, ReadOnly, Downloader and Uploader; one of these names replaces that one. */
export type RoleOptions = Readonly<Record<string, readonly string[]>>;

export interface Users {
  /** By user name. */
  readonly passwords: ReadonlyMap<string, string>;
  /** Of those that are limited. */
  readonly privileges: Readonly<Record<string, readonly Privilege[]>>;
}

/**
 * @throws `PortFailure` INVALID_SPEC for a role that there is not, or a privilege that nothing needs.
 * @example `usersOf({ ann: { password: 'a', roles: ['Downloader'] } }).privileges.ann` holds
 * `ContentLibrary.DownloadSession`.
 */
export function usersOf(users: Readonly<Record<string, UserOption>>, roles: RoleOptions = {}): Users {
  const known = new Map(Object.entries(ROLES));
  for (const [name, privileges] of Object.entries(roles)) known.set(name, privileges.map(asPrivilege));
  const passwords = new Map<string, string>();
  const limited: [string, readonly Privilege[]][] = [];
  for (const [name, user] of Object.entries(users)) {
    const { password, roles, privileges } = typeof user === 'string' ? { password: user } : user;
    passwords.set(name, password);
    if (roles === undefined && privileges === undefined) continue;
    const ofRoles = (roles ?? []).flatMap(role => {
      const its = known.get(role);
      if (its !== undefined) return its;
      throw wrong(`the user ${name} has the role ${role}, which there is not`, [...known.keys()]);
    });
    limited.push([name, [...new Set([...ofRoles, ...(privileges ?? []).map(asPrivilege)])]]);
  }
  return { passwords, privileges: Object.fromEntries(limited) };
}

function asPrivilege(name: string): Privilege {
  const found = PRIVILEGES.find(privilege => privilege === name);
  if (found !== undefined) return found;
  throw wrong(`there is no privilege ${name}`, PRIVILEGES);
}

function wrong(message: string, names: readonly string[]): PortFailure {
  return new PortFailure(failure('INVALID_SPEC', message, { next: `give one of ${names.join(', ')}` }));
}
