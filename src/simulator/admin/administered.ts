// What the admin door may look at and do: the simulator from behind, past the rules of the service.
import type { WireError } from '../../wire/errors.ts';
import type { Faults } from '../faults.ts';
import type { Login } from '../logins.ts';
import { isMovable } from '../offset-clock.ts';
import type { RequestLog } from '../request-log.ts';
import type { ServiceState } from '../service/state.ts';
import type { Shell } from '../shell.ts';

export interface Administered {
  /** Name of the server profile. */
  readonly profile: string;
  now(): number;
  state(): ServiceState;
  readonly faults: Faults;
  /** Names that a fault may be `on`. */
  readonly targets: readonly string[];
  readonly log: RequestLog;
  logins(): readonly Omit<Login, 'token'>[];
  /** Ends the logins of one user, or all; says how many there were. */
  endLogins(user?: string): number;
  /** The session expires now; the error of the service, where it cannot. */
  expire(session: string): WireError | undefined;
  /** Moves time forward; undefined where the clock is not one that can be moved. */
  readonly advance?: (ms: number) => void | Promise<void>;
  /** Everything as it was at the beginning. */
  reset(): Promise<void>;
}

/** The parts of a simulator, as the door takes them. */
export interface AdministeredParts {
  readonly shell: Shell;
  readonly targets: readonly string[];
  reset(): Promise<void>;
}

export function administeredOf({ shell, targets, reset }: AdministeredParts): Administered {
  const { clock, faults, log, logins } = shell;
  return {
    profile: shell.profile.name,
    now: () => clock.now(),
    state: () => shell.state(),
    faults,
    targets,
    log,
    logins: () => logins.list(),
    endLogins: user => {
      if (user !== undefined) return logins.endOf(user);
      const ended = logins.list().length;
      logins.endAll();
      return ended;
    },
    expire: session => shell.happen({ type: 'expire', session }).error,
    ...(isMovable(clock) && { advance: (ms: number) => clock.advanceBy(ms) }),
    reset
  };
}
