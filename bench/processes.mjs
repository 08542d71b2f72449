// What the benchmarks run beside themselves: commands, and servers that print a first line once they listen.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const COMMAND = fileURLToPath(new URL('../dist/src/cli/main.js', import.meta.url));

/**
 * @typedef {object} Ended
 * @property {string} stdout
 * @property {number} ms from start to end of the process
 */

/**
 * Runs a command to its end. Throws with what it said when it fails.
 *
 * @param {string} file
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<Ended>}
 */
export async function run(file, args, env = {}) {
  const at = performance.now();
  const child = spawn(file, args, {
    env: { ...process.env, SHELVER_JOURNAL: 'none', ...env },
    stdio: ['ignore', 'pipe', 'pipe']
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', text => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', text => (stderr += text));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${file} ${args[0]} ended with ${code}: ${stderr.trim().slice(-500)}`);
  return { stdout, ms: performance.now() - at };
}

/**
 * Runs a command that is killed before its end. Throws with what it said when it ends by itself.
 *
 * @param {string} file
 * @param {readonly string[]} args
 */
export async function runToDeath(file, args) {
  const at = performance.now();
  const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', text => (stderr += text));
  const [code, signal] = await once(child, 'close');
  if (signal !== 'SIGKILL') throw new Error(`${file} ${args[0]} ended with ${code}: ${stderr.trim().slice(-500)}`);
  return { ms: performance.now() - at };
}

/**
 * Runs one of the scripts of this folder, which print one JSON object.
 *
 * @param {string} script
 * @param {readonly string[]} args
 * @returns {Promise<any>}
 */
export async function runScript(script, ...args) {
  const path = fileURLToPath(new URL(script, import.meta.url));
  return JSON.parse((await run(process.execPath, [path, ...args])).stdout);
}

/**
 * Starts a server and waits for its first line. It is ended by closing its input, or by SIGTERM where `heedsInput` is false.
 *
 * @param {string} file
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, heedsInput?: boolean, stderr?: 'inherit' | 'ignore' }} [more]
 */
export async function serve(file, args, { env = {}, heedsInput = true, stderr = 'inherit' } = {}) {
  const at = performance.now();
  const child = spawn(file, args, {
    env: { ...process.env, SHELVER_JOURNAL: 'none', ...env },
    stdio: ['pipe', 'pipe', stderr]
  });
  const failed = once(child, 'exit').then(() => {
    throw new Error(`${file} ended before it listened`);
  });
  const [line] = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), failed]);
  failed.catch(() => undefined);
  return {
    line: String(line),
    /** Milliseconds until it listened. */
    startMs: performance.now() - at,
    async end() {
      if (child.exitCode !== null) return;
      const ended = once(child, 'exit');
      if (heedsInput) child.stdin.end();
      else child.kill('SIGTERM');
      await ended;
    }
  };
}

/**
 * `shelver simulate` on a free port.
 *
 * @param {readonly string[]} options
 */
export async function serveSimulator(...options) {
  const server = await serve(process.execPath, [COMMAND, 'simulate', '--port', '0', ...options], {
    heedsInput: false,
    stderr: 'ignore'
  });
  /** @type {{ url: string, admin?: { url: string, token: string } }} */
  const { url, admin } = JSON.parse(server.line);
  return { ...server, url, admin };
}

/**
 * The real vcsim on a free port.
 *
 * @param {string} vcsim its path
 * @param {string} [tmpdir] where it keeps what it is given
 */
export async function serveVcsim(vcsim, tmpdir) {
  const server = await serve(vcsim, ['-l', '127.0.0.1:0'], { env: tmpdir === undefined ? {} : { TMPDIR: tmpdir } });
  const govcUrl = String(/GOVC_URL=(\S+)/.exec(server.line)?.[1]);
  return { ...server, govcUrl, url: new URL(govcUrl).origin };
}
