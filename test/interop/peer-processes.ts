// The real peers as processes of a test: found or built, started on a free port, ended with the test.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { findPeers } from '../../scripts/peers.mjs';

export interface Server extends AsyncDisposable {
  /** With user and password in it, as govc wants it. */
  readonly url: URL;
}

/** What `describe.skipIf` asks. Without Go there are no peers: the tests are skipped, and say why; on CI they fail. */
export const peers = await findPeers().catch((error: Error) => {
  if (process.env.CI === 'true') throw error;
  console.warn(`Skipped: ${error.message}.`);
  return undefined;
});

/** Starts the real vcsim; user and password are `user` and `pass`. It keeps its files in `folder`, while it lives. */
export async function startVcsim({ folder, tls = false }: { folder?: string; tls?: boolean } = {}): Promise<Server> {
  const args = ['-l', '127.0.0.1:0', ...(tls ? ['-tls'] : [])];
  const env = { ...process.env, ...(folder !== undefined && { TMPDIR: folder }) };
  const child = spawn(peers!.vcsim, args, { stdio: ['pipe', 'pipe', 'inherit'], env });
  const line = await firstLine(child);
  return {
    url: new URL(/GOVC_URL=(\S+)/.exec(line)![1]!),
    [Symbol.asyncDispose]: () => end(child, () => child.stdin.end())
  };
}

export interface SimulateServer extends Server {
  /** Under TLS. */
  readonly caFile?: string;
  readonly thumbprint?: string;
}

/** Starts `shelver simulate` as it was built. */
export async function startSimulate(...args: string[]): Promise<SimulateServer> {
  const command = ['dist/src/cli/main.js', 'simulate', '--port', '0', ...args];
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'inherit'] });
  const { url, ...trust } = JSON.parse(await firstLine(child)) as { url: string; caFile?: string; thumbprint?: string };
  return { ...trust, url: withLogin(url), [Symbol.asyncDispose]: () => end(child, () => child.kill('SIGTERM')) };
}

/** The address as govc wants it. */
export function withLogin(url: string): URL {
  const server = new URL('/sdk', url);
  server.username = 'user';
  server.password = 'pass';
  return server;
}

async function firstLine(child: ChildProcess): Promise<string> {
  const lines = createInterface({ input: child.stdout! });
  const [line] = await Promise.race([
    once(lines, 'line'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`${child.spawnfile} ended with ${code} before it listened`);
    })
  ]);
  return String(line);
}

async function end(child: ChildProcess, ask: () => void): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = once(child, 'exit');
  ask();
  await ended;
}
