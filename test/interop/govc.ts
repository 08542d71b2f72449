// The real govc as a client of our simulator: in which ways it may come, and what it says.
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../src/adapters/clock.ts';
import { createSimulator, type Listening, type Simulator, type SimulatorOptions } from '../../src/simulator/index.ts';
import { sha256 } from './goods.ts';
import { peers, withLogin } from './peer-processes.ts';

export interface Said {
  readonly code: number;
  readonly stdout: string;
  /** Without the path of the program before it. */
  readonly stderr: string;
}
export type Env = Readonly<Record<string, string>>;

/** How govc comes: over plain HTTP or TLS, with a session cache of its own or none. */
export interface Way {
  readonly name: string;
  readonly tls: boolean;
  readonly cached: boolean;
}
export const WAYS: readonly Way[] = [
  { name: 'plain, without session cache', tls: false, cached: false },
  { name: 'plain, with session cache', tls: false, cached: true },
  { name: 'over TLS, without session cache', tls: true, cached: false },
  { name: 'over TLS, with session cache', tls: true, cached: true }
];

export interface Counter {
  readonly simulator: Simulator;
  readonly door: Listening;
  readonly env: Env;
  /** Runs a command that has to succeed and to keep its standard error empty. */
  govc(...args: string[]): Promise<string>;
  /** Runs a command, whatever comes of it. */
  tries(...args: string[]): Promise<Said>;
  /** Operations that the server has seen since this was asked last. */
  seen(): string[];
  /** The digests of what an item really holds, by name: not those that the service reckoned itself. */
  held(item: string): Promise<Record<string, string>>;
}

/** A simulator on a free port and govc before it; `home` is an empty folder. */
export async function counterFor(way: Way, home: string, options: Partial<SimulatorOptions> = {}): Promise<Counter> {
  const simulator = createSimulator({ clock: systemClock(), rules: { readStorage: true }, ...options });
  const door = await simulator.listen({ tls: way.tls });
  await mkdir(home, { recursive: true });
  const caFile = join(home, 'ca.pem');
  if (door.caPem !== undefined) await writeFile(caFile, door.caPem);
  const env: Env = {
    GOVC_URL: withLogin(door.url).href,
    GOVMOMI_HOME: home,
    GOVC_PERSIST_SESSION: String(way.cached),
    ...(way.tls && { GOVC_TLS_CA_CERTS: caFile })
  };
  let told = 0;
  return {
    simulator,
    door,
    env,
    govc: async (...args) => {
      const said = await runGovc(env, ...args);
      if (said.code !== 0 || said.stderr !== '') throw new Error(`govc ${args.join(' ')}: ${said.code} ${said.stderr}`);
      return said.stdout;
    },
    tries: (...args) => runGovc(env, ...args),
    seen: () => {
      const ops = simulator.requests.slice(told).map(({ op }) => op);
      told += ops.length;
      return ops;
    },
    held: async item => {
      const files = simulator.contents(item)?.files ?? [];
      return Object.fromEntries(await Promise.all(files.map(async file => [file.name, sha256((await file.read())!)])));
    }
  };
}

/** Of the machine's own environment govc gets nothing that is about a server. */
export function runGovc(env: Env, ...args: string[]): Promise<Said> {
  const { PATH = '', HOME = '' } = process.env;
  return new Promise(resolve => {
    const done = (error: Error | null, stdout: string, stderr: string) => {
      const code = error === null ? 0 : Number((error as { code?: unknown }).code);
      resolve({ code, stdout, stderr: stderr.replaceAll(`${peers!.govc}: `, '').trim() });
    };
    execFile(peers!.govc, args, { env: { PATH, HOME, TZ: 'UTC', ...env }, timeout: 50_000 }, done);
  });
}
