// Who is logged in: tokens, and when they were last shown. A login ends by itself when nobody shows it for a while, however
// busy the uploads beside it are (their URL is a capability of its own).
import type { Clock, Random } from '../ports.ts';

export interface Login {
  readonly token: string;
  readonly user: string;
  readonly createdAt: number;
  accessedAt: number;
}

export interface Logins {
  /** A new login, or `undefined` when user or password is wrong. */
  open(user: string, password: string): Login | undefined;
  /** The login of a token, which counts as shown now. */
  find(token: string | undefined): Login | undefined;
  end(token: string | undefined): void;
  /** Ends every login: as a restart of the service does. */
  endAll(): void;
  /** Ends every login of one user; says how many there were. */
  endOf(user: string): number;
  /** Who is logged in, without the tokens. */
  list(): Omit<Login, 'token'>[];
}

/** Beyond so many the oldest goes: a client that never logs out must not fill the memory. */
const MOST_LOGINS = 10_000;

export function loginsOf(users: ReadonlyMap<string, string>, idleMs: number, clock: Clock, random: Random): Logins {
  const open = new Map<string, Login>();
  return {
    open: (user, password) => {
      if (users.get(user) !== password) return undefined;
      const at = clock.now();
      const login = { token: random.uuid().replaceAll('-', ''), user, createdAt: at, accessedAt: at };
      open.set(login.token, login);
      const [oldest] = open.size > MOST_LOGINS ? open.keys() : [];
      if (oldest !== undefined) open.delete(oldest);
      return login;
    },
    find: token => {
      const login = token === undefined ? undefined : open.get(token);
      if (login === undefined) return undefined;
      const at = clock.now();
      if (at - login.accessedAt > idleMs) {
        open.delete(login.token);
        return undefined;
      }
      login.accessedAt = at;
      return login;
    },
    end: token => {
      if (token !== undefined) open.delete(token);
    },
    endAll: () => open.clear(),
    endOf: user => {
      const tokens = [...open.values()].filter(login => login.user === user).map(({ token }) => token);
      for (const token of tokens) open.delete(token);
      return tokens.length;
    },
    list: () => [...open.values()].map(({ token: _, ...login }) => login)
  };
}
