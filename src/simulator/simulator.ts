// The simulator: a content library service to run against, with one state behind two doors.
import type { Clock, Journal, Ports, Random, RetryBudget, ServerProfile } from '../ports.ts';
import { createRetryBudget } from '../retry-budget.ts';
import { PROFILES } from '../servers/profiles.ts';
import { administeredOf } from './admin/administered.ts';
import { type AdminOptions, openAdminDoor } from './admin/door.ts';
import { beginningOf } from './beginning.ts';
import { memoryBlobs } from './blobs.ts';
import { type Contents, contentsOf } from './contents.ts';
import { FAULT_TARGETS, type Fault, type Faults, faultsOf } from './faults.ts';
import { type Listening, type ListenOptions, listen } from './http/server.ts';
import { inlineHasher } from './inline-hasher.ts';
import { loginsOf } from './logins.ts';
import { portsOf, type SimulatedPorts } from './port.ts';
import type { PortOptions } from './port-client.ts';
import { type PullOptions, pullPolicyOf } from './pull/options.ts';
import type { SeenPull } from './pull/puller.ts';
import { requestLog, type SeenRequest } from './request-log.ts';
import { seeded } from './seed-files.ts';
import { seededRandom } from './seeded-random.ts';
import { blobsOf } from './service/happen.ts';
import type { LibraryOption } from './service/initial-state.ts';
import { type Law, law as theLaw } from './service/law.ts';
import type { Rules } from './service/rules.ts';
import type { ServiceState } from './service/state.ts';
import { shellOf } from './shell.ts';
import { openStore } from './store.ts';
import { type RoleOptions, type UserOption, usersOf } from './users.ts';

export interface SimulatorOptions {
  /** `virtualClock()` for tests, the system's for a server. */
  readonly clock: Clock;
  /** Ids, tokens and the chance in faults. Without it they come from `seed`. */
  readonly random?: Random;
  /** 1 unless said otherwise. */
  readonly seed?: number;
  /** One library named `images` unless said otherwise. In a store that holds some already, only new names are added. */
  readonly libraries?: readonly (string | LibraryOption)[];
  /** User name to password, or to password, roles and privileges: `{ user: 'pass' }` unless said otherwise. */
  readonly users?: Readonly<Record<string, UserOption>>;
  /** Privileges by the name of the role. */
  readonly roles?: RoleOptions;
  /** How long a session for update or download lives without activity; five minutes unless said otherwise. */
  readonly sessionTimeoutMs?: number;
  /** How long a login lives without being shown; half an hour unless said otherwise. */
  readonly loginTimeoutMs?: number;
  /** Which server to be: vCenter Server 8.0 unless said otherwise. */
  readonly profile?: ServerProfile;
  /** The choices that the documentation leaves open. */
  readonly rules?: Partial<Rules>;
  /** Bytes a second that one upload or download may have. */
  readonly bandwidth?: number;
  /** A fault plan, as `parseFaults` takes it. */
  readonly faults?: unknown;
  /** A directory that keeps everything across restarts. Another simulator that is alive and uses it is an error. */
  readonly store?: string;
  /** Bytes kept in memory in all (1 GiB unless said otherwise); of what goes beyond only digests are kept. */
  readonly memoryCap?: number;
  /**
   * What it may fetch when a file is added with source PULL: nothing unless said otherwise, so that each such file fails.
   * False: nobody fetches at all, and such a file waits.
   */
  readonly pull?: PullOptions | false;
  /** Told of every try to fetch a file, and how it ended. */
  readonly onPull?: (seen: SeenPull) => void;
  /** What upload and download URIs begin with, where it is not the address of the HTTP door. */
  readonly uploadBase?: string;
  /** The rule book; a test may take a line out of it. */
  readonly law?: Law;
}

export interface Simulator {
  readonly clock: Clock;
  /** The state of the service, as one immutable JSON value. */
  readonly state: ServiceState;
  readonly faults: Faults;
  /** What the server saw, the newest last. */
  readonly requests: readonly SeenRequest[];
  /** Adds a fault; the answer takes it away again. */
  inject(fault: Fault): () => void;
  /** The port door: one client. */
  ports(options?: PortOptions): SimulatedPorts;
  /** All ports of a run, with this simulator as the server. They share one retry budget, unless they are given another. */
  connect(
    options: PortOptions & { readonly journal: Journal; readonly random?: Random; readonly budget?: RetryBudget }
  ): Ports;
  /** The HTTP door, and the admin door beside it if one is wished. It may be opened several times. */
  listen(options?: ListenOptions & { readonly admin?: AdminOptions }): Promise<OpenDoor>;
  /** What an item holds, by name (the first of that name) or id; `undefined`: there is no such item. */
  contents(item: string): Contents | undefined;
  /** The session, for update or download, expires now, whatever its time. */
  expire(sessionId: string): void;
  /** The content of the library (by its id) is deleted from its storage behind the service's back. */
  loseStorage(libraryId: string): void;
  /** Every login ends now, as when the service restarts. */
  endLogins(): void;
  /**
   * Everything as it was at the beginning: libraries and items of the options, no session, no login, the fault plan anew.
   * What is on its way breaks off. The clock and the log of requests stay as they are; what a store held is lost.
   */
  reset(): Promise<void>;
  /** Ends both doors at once and saves what there is to save. */
  close(): Promise<void>;
}

/** The HTTP door, as it was opened. */
export interface OpenDoor extends Listening {
  /** Where the admin door is, on loopback. */
  readonly admin?: { readonly url: string };
}

const GIBIBYTE = 1024 ** 3;
const HALF_AN_HOUR_MS = 1_800_000;

/**
 * Makes a simulator. Nothing listens until `listen` is called.
 *
 * @throws `PortFailure` INVALID_SPEC for a wrong fault plan, an unknown role or privilege, or an unusable store.
 * @example
 * const simulator = createSimulator({ clock: virtualClock(), libraries: ['images'] });
 * const { library } = simulator.ports();
 * await library.findLibraries({ name: 'images' }); // one id
 */
export function createSimulator(options: SimulatorOptions): Simulator {
  const { clock, seed = 1, profile = PROFILES['8.0'] } = options;
  const faults = faultsOf(options.faults ?? [], FAULT_TARGETS, seededRandom(seed));
  const { passwords: users, privileges } = usersOf(options.users ?? { user: 'pass' }, options.roles);
  const log = requestLog();
  const pull = options.pull === false ? undefined : pullPolicyOf(options.pull ?? {});
  const store = options.store === undefined ? undefined : openStore(options.store);
  // An id that was given once is never given again, also not after a restart.
  const random = options.random ?? seededRandom(Math.imul(store?.restarts ?? 0, 0x9e3779b1) ^ seed);
  const blobs = store?.blobs ?? memoryBlobs(options.memoryCap ?? GIBIBYTE);
  const serviceOptions = {
    profile,
    sessionTimeoutMs: options.sessionTimeoutMs,
    rules: options.rules,
    privileges,
    libraries: (options.libraries ?? ['images']).map(named),
    baseUrl: options.uploadBase ?? 'http://simulator.invalid'
  };
  const keep = (library: LibraryOption) => seeded(library, blobs, random.uuid);
  let state: ServiceState;
  try {
    state = beginningOf(serviceOptions, { at: clock.now(), user: '', uuid: random.uuid }, store?.saved, keep);
  } catch (cause) {
    store?.release();
    throw cause;
  }
  blobs.keepOnly(blobsOf(state));
  const shell = shellOf({
    law: options.law ?? theLaw,
    clock,
    random,
    profile,
    bandwidth: options.bandwidth,
    users,
    faults,
    logins: loginsOf(users, options.loginTimeoutMs ?? HALF_AN_HOUR_MS, clock, random),
    log,
    blobs,
    state,
    store,
    pull,
    onPull: options.onPull
  });
  if (store?.saved !== undefined) shell.happen({ type: 'restarted' });
  const doors = new Set<OpenDoor>();
  // Not that of the process: a test has many simulators, and each is a world of its own.
  const budget = createRetryBudget();

  const reset = async () => {
    const old = shell.state();
    const fresh = beginningOf(serviceOptions, { at: clock.now(), user: '', uuid: random.uuid }, undefined, keep);
    const { baseUrl, serverGuid } = old.settings;
    shell.replace({ ...fresh, settings: { ...fresh.settings, baseUrl, serverGuid } });
    blobs.free(blobsOf(old));
    shell.logins.endAll();
    faults.reset();
    for (const door of doors) door.server.closeAllConnections();
    await shell.saved();
  };

  return {
    clock,
    get state() {
      return shell.state();
    },
    faults,
    requests: log.all,
    inject: fault => faults.inject(fault),
    ports: portOptions => portsOf(shell, portOptions),
    connect: ({ journal, random: ownRandom, budget: ownBudget, ...portOptions }) => ({
      ...portsOf(shell, portOptions),
      clock,
      random: ownRandom ?? seededRandom(seed + 1),
      hasher: inlineHasher,
      budget: ownBudget ?? budget,
      journal,
      serverName: 'simulator',
      userName: portOptions.username ?? [...users.keys()][0]
    }),
    listen: async ({ admin: adminOptions, ...listenOptions } = {}) => {
      const admin =
        adminOptions && (await openAdminDoor(administeredOf({ shell, targets: FAULT_TARGETS, reset }), adminOptions));
      const listening = await listen(shell, listenOptions).catch(async cause => {
        await admin?.close();
        throw cause;
      });
      const close = async () => {
        await Promise.all([listening.close(), admin?.close()]);
      };
      const door = { ...listening, close, ...(admin && { admin: { url: admin.url } }) };
      doors.add(door);
      const { settings } = shell.state();
      if (options.uploadBase === undefined) {
        shell.replace({ ...shell.state(), settings: { ...settings, baseUrl: door.uploadBase } });
      }
      await shell.saved();
      return door;
    },
    contents: item => contentsOf(shell.state(), blobs, item),
    expire: session => {
      shell.happen({ type: 'expire', session });
    },
    loseStorage: library => {
      shell.happen({ type: 'backingGone', library });
    },
    endLogins: () => shell.logins.endAll(),
    reset,
    close: async () => {
      await Promise.all([...doors].map(door => door.close()));
      await shell.close();
    }
  };
}

function named(library: string | LibraryOption): LibraryOption {
  return typeof library === 'string' ? { name: library } : library;
}
