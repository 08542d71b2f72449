// One life of the command: the built one, as a process of its own, without a shell but where a pipe brings the password.
import { spawn } from 'node:child_process';

export interface Life {
  readonly words: readonly string[];
  /** The exit code; `KILLED`: it was killed. */
  readonly ended: Promise<number>;
  readonly over: boolean;
  said(): { readonly stdout: string; readonly stderr: string };
  /** SIGKILL, to it and to all of its group. */
  kill(): void;
}

export interface LifeOptions {
  /** Path of main.js. */
  readonly command: string;
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** A file with the password comes in by a pipe, from a process of the same group. */
  readonly piped?: boolean;
}

/** The exit code of what was killed, as a shell tells it. */
export const KILLED = 137;
/** The exit code of a run that was canceled, and left something. */
export const CANCELED = 130;
/** The exit code of a command that reached no server. */
export const UNREACHABLE = 5;

export function beginLife(words: readonly string[], { command, folder, env, piped = false }: LifeOptions): Life {
  const call = [process.execPath, command, ...words];
  const [program = '', ...args] = piped
    ? ['/bin/sh', '-c', 'cat password | "$@" --password-stdin', 'sh', ...call]
    : call;
  const child = spawn(program, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let stdout = '';
  let stderr = '';
  let over = false;
  child.stdout.on('data', chunk => {
    stdout += chunk;
  });
  child.stderr.on('data', chunk => {
    stderr += chunk;
  });
  child.on('exit', () => {
    over = true;
  });
  // Not at the end of the shell, but when nobody holds its streams any more.
  const ended = new Promise<number>(resolve =>
    child.on('close', (code, signal) => resolve(signal === 'SIGKILL' ? KILLED : (code ?? KILLED)))
  );
  return {
    words,
    ended,
    get over() {
      return over;
    },
    said: () => ({ stdout, stderr }),
    kill: () => {
      try {
        process.kill(-child.pid!, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    }
  };
}
