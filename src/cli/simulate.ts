// shelver simulate: the simulator as a server, until it is told to end.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../adapters/clock.ts';
import { PROFILES, profileNamed } from '../servers/profiles.ts';
import { createSimulator, type Simulator } from '../simulator/index.ts';
import { UsageError } from './exit.ts';
import { listenForInterrupts } from './interrupts.ts';
import type { Environment } from './io.ts';
import type { Context } from './output.ts';

export interface SimulateFlags {
  readonly port: number;
  readonly host: string;
  readonly tls?: boolean;
  readonly library?: readonly string[];
  readonly sessionTimeout?: number;
  readonly bandwidth?: number;
  readonly faults?: string;
  readonly seed: number;
  readonly profile: string;
  readonly store?: string;
}

export async function simulateCommand(flags: SimulateFlags, { io, out }: Context): Promise<number> {
  const profile = profileNamed(flags.profile);
  if (profile === undefined) {
    throw new UsageError(
      `there is no server profile ${JSON.stringify(flags.profile)}`,
      `choose ${Object.keys(PROFILES).join(', ')}`
    );
  }
  const interrupts = listenForInterrupts(io);
  const { user, users } = usersOf(io.env);
  const simulator = createSimulator({
    clock: systemClock(),
    seed: flags.seed,
    libraries: flags.library ?? ['images'],
    users,
    sessionTimeoutMs: flags.sessionTimeout,
    profile,
    bandwidth: flags.bandwidth,
    faults: flags.faults === undefined ? undefined : await faultsIn(flags.faults),
    store: flags.store
  });
  let folder: string | undefined;
  try {
    const listening = await simulator.listen({ port: flags.port, host: flags.host, tls: flags.tls });
    const { url, caPem, thumbprints } = listening;
    let { caFile } = listening;
    if (caPem !== undefined && caFile === undefined) {
      folder = await mkdtemp(join(tmpdir(), 'shelver-ca-'));
      caFile = join(folder, 'ca.pem');
      await writeFile(caFile, caPem);
    }
    const trust = caPem === undefined ? {} : { caFile, thumbprint: thumbprints?.sha256 };
    out.data(`${JSON.stringify({ url, ...trust })}\n`);
    out.log('info', `vCenter Server ${profile.name}, simulated; log in as ${user}. Ctrl-C ends it.`);
    if (!isLoopback(flags.host) && !io.env.SHELVER_PASSWORD) {
      out.log('warning', 'others can reach this simulator, and its password is public knowledge: set SHELVER_PASSWORD');
    }
    const stopTelling = out.verbose ? tellRequests(simulator, message => out.log('debug', message)) : undefined;
    await interrupts.rejected.catch(() => undefined);
    stopTelling?.();
    return 0;
  } finally {
    await simulator.close();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    interrupts.stop();
  }
}

function usersOf(env: Environment): { user: string; users: Record<string, string> } {
  const user = env.SHELVER_USERNAME || 'user';
  return { user, users: { [user]: env.SHELVER_PASSWORD || 'pass' } };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host);
}

async function faultsIn(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new UsageError(`the fault plan ${path} cannot be read (${cause.code})`, 'check the path given by --faults');
  });
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`the fault plan ${path} is not JSON`, 'correct the file given by --faults');
  }
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
