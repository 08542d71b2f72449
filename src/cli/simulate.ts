// shelver simulate: the simulator as a server, until it is told to end.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../adapters/clock.ts';
import type { ServerProfile } from '../ports.ts';
import { PROFILES, profileNamed } from '../servers/profiles.ts';
import {
  createSimulator,
  type PullOptions,
  type SeenPull,
  type Simulator,
  type SimulatorOptions
} from '../simulator/index.ts';
import { offsetClock } from '../simulator/offset-clock.ts';
import { UsageError } from './exit.ts';
import { listenForInterrupts } from './interrupts.ts';
import type { Environment } from './io.ts';
import type { Context } from './output.ts';
import { type Configured, configuredBy, jsonIn } from './simulate-config.ts';

export interface SimulateFlags {
  readonly port: number;
  readonly host: string;
  readonly tls?: boolean;
  readonly library?: readonly string[];
  readonly sessionTimeout?: number;
  readonly bandwidth?: number;
  readonly faults?: string;
  readonly seed: number;
  readonly profile?: string;
  readonly store?: string;
  readonly pullHost?: readonly string[];
  readonly pullFolder?: string;
  readonly config?: string;
  readonly admin?: boolean;
}

export async function simulateCommand(flags: SimulateFlags, { io, out }: Context): Promise<number> {
  const { options, admin } = await settingsOf(flags, io.env);
  const interrupts = listenForInterrupts(io);
  const onPull = ({ file, attempt, state, message }: SeenPull): void => {
    const tries = attempt === 1 ? '' : ` (attempt ${attempt})`;
    out.log('debug', `pull ${file}${tries}: ${state}${message === undefined ? '' : `, ${message}`}`);
  };
  const simulator = createSimulator({ ...options, onPull });
  let folder: string | undefined;
  try {
    const { port, host, tls } = flags;
    const listening = await simulator.listen({ port, host, tls, admin });
    const { url, caPem, thumbprints } = listening;
    let { caFile } = listening;
    if (caPem !== undefined && caFile === undefined) {
      folder = await mkdtemp(join(tmpdir(), 'shelver-ca-'));
      caFile = join(folder, 'ca.pem');
      await writeFile(caFile, caPem);
    }
    const trust = caPem === undefined ? {} : { caFile, thumbprint: thumbprints?.sha256 };
    const door = admin && listening.admin && { admin: { url: listening.admin.url, token: admin.token } };
    out.data(`${JSON.stringify({ url, ...trust, ...door })}\n`);
    const users = Object.keys(options.users).join(' or ');
    out.log('info', `vCenter Server ${options.profile.name}, simulated; log in as ${users}. Ctrl-C ends it.`);
    if (!isLoopback(host) && options.users[USER] === PASSWORD) {
      out.log('warning', 'others can reach this simulator, and its password is public knowledge: set SHELVER_PASSWORD');
    }
    const stopTelling = out.hears('debug') ? tellRequests(simulator, message => out.log('debug', message)) : undefined;
    await interrupts.rejected.catch(() => undefined);
    stopTelling?.();
    return 0;
  } finally {
    await simulator.close();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    interrupts.stop();
  }
}

const USER = 'user';
const PASSWORD = 'pass';

type Settings = SimulatorOptions & Required<Pick<SimulatorOptions, 'users' | 'profile'>>;

/** What the flags say, else the file, else what is usual. */
async function settingsOf(
  flags: SimulateFlags,
  env: Environment
): Promise<{ options: Settings; admin?: { port?: number; token: string } }> {
  const profile = flags.profile === undefined ? undefined : namedProfile(flags.profile);
  const file: Configured = flags.config === undefined ? { options: {} } : await configuredBy(flags.config, env);
  const given = file.options;
  refuseNames(flags.library ?? []);
  const options: Settings = {
    ...given,
    // so that time can be moved by the admin door
    clock: offsetClock(systemClock()),
    seed: flags.seed,
    libraries: flags.library ?? given.libraries ?? ['images'],
    users: given.users ?? { [env.SHELVER_USERNAME || USER]: env.SHELVER_PASSWORD || PASSWORD },
    sessionTimeoutMs: flags.sessionTimeout ?? given.sessionTimeoutMs,
    profile: profile ?? given.profile ?? PROFILES['8.0'],
    bandwidth: flags.bandwidth ?? given.bandwidth,
    faults: flags.faults === undefined ? given.faults : await jsonIn(flags.faults, 'the fault plan', '--faults'),
    store: flags.store,
    pull: pullOf(flags, given.pull)
  };
  await refuseFolder(options.pull, flags.pullFolder === undefined ? 'pull.folder in --config' : '--pull-folder');
  if (!flags.admin && file.admin === undefined) return { options };
  const token = file.admin?.token ?? (env.SHELVER_ADMIN_TOKEN || randomBytes(24).toString('base64url'));
  return { options, admin: { ...file.admin, token } };
}

/** Whoever wants two libraries of one name (a server may have them) says so in a file; on a command line it is a slip. */
function refuseNames(libraries: readonly string[]): void {
  if (libraries.some(name => name.trim() === '')) {
    throw new UsageError('the name of a library is empty', 'name it: --library images');
  }
  const twice = libraries.find((name, index) => libraries.indexOf(name) !== index);
  if (twice === undefined) return;
  throw new UsageError(`the library ${JSON.stringify(twice)} is named twice`, 'name each library once: --library');
}

/** @param place where it was named */
async function refuseFolder(pull: Settings['pull'], place: string): Promise<void> {
  if (!pull || pull.folder === undefined) return;
  const { folder } = pull;
  const there = await stat(folder).catch(() => undefined);
  if (there?.isDirectory()) return;
  throw new UsageError(
    `the folder to pull from, ${folder}, is ${there === undefined ? 'not there' : 'no folder'}`,
    `check the path given by ${place}`
  );
}

/** Hosts by flag and by file add up: each of them was allowed by somebody. */
function pullOf({ pullHost = [], pullFolder }: SimulateFlags, given: PullOptions = {}): PullOptions {
  return { ...given, hosts: [...(given.hosts ?? []), ...pullHost], folder: pullFolder ?? given.folder };
}

function namedProfile(name: string): ServerProfile {
  const profile = profileNamed(name);
  if (profile !== undefined) return profile;
  throw new UsageError(
    `there is no server profile ${JSON.stringify(name)}`,
    `choose ${Object.keys(PROFILES).join(', ')}`
  );
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host);
}

const EVERY_MS = 100;

function tellRequests(simulator: Simulator, tell: (message: string) => void): () => void {
  let told = simulator.requests.at(-1);
  const timer = setInterval(() => {
    const { requests } = simulator;
    for (const seen of requests.slice(told === undefined ? 0 : requests.lastIndexOf(told) + 1)) {
      const parts = [seen.op, seen.file, seen.status ?? 'no answer', seen.fault && `fault: ${seen.fault}`];
      tell(parts.filter(part => part !== undefined).join(' '));
    }
    told = requests.at(-1);
  }, EVERY_MS);
  return () => clearInterval(timer);
}
