// One call of the command inside this process, and a simulator behind a real socket for it to talk to.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { systemClock } from '../../src/adapters/clock.ts';
import type { Environment, Io, Signal } from '../../src/cli/io.ts';
import { run } from '../../src/cli/run.ts';
import type { Listening, ListenOptions } from '../../src/simulator/http/server.ts';
import { values } from '../../src/simulator/service/table.ts';
import { createSimulator, type Simulator, type SimulatorOptions } from '../../src/simulator/simulator.ts';

export interface Called {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CallOptions {
  readonly env?: Environment;
  readonly stdin?: string;
  /** Which of the three are terminals. */
  readonly tty?: readonly ('stdin' | 'stdout' | 'stderr')[];
  /** How wide they are; 100 unless said otherwise. */
  readonly columns?: number;
  /** Called for every piece of text, with a way to send signals. */
  onText?(text: string, signal: (signal: Signal) => void): void;
  readonly onExit?: (code: number) => void;
  /** Sent as soon as the command listens for signals. */
  readonly signalSoon?: Signal;
}

export async function call(argv: readonly string[], options: CallOptions = {}): Promise<Called> {
  const { tty = [], env = {} } = options;
  const said = { stdout: '', stderr: '' };
  let hear: ((signal: Signal) => void) | undefined;
  const sink = (name: 'stdout' | 'stderr') => ({
    isTTY: tty.includes(name),
    columns: options.columns ?? 100,
    rows: 30,
    write: (text: string) => {
      said[name] += text;
      options.onText?.(text, signal => hear?.(signal));
    }
  });
  const io: Io = {
    stdin: Object.assign(streamOf(options.stdin ?? ''), { isTTY: tty.includes('stdin') }),
    stdout: sink('stdout'),
    stderr: sink('stderr'),
    env: { SHELVER_JOURNAL: 'none', ...env },
    onSignal: listener => {
      hear = listener;
      if (options.signalSoon) setImmediate(listener, options.signalSoon);
      return () => {
        hear = undefined;
      };
    },
    exit: options.onExit
  };
  const code = await run(argv, io);
  return { code, ...said };
}

async function* streamOf(text: string): AsyncIterable<Uint8Array> {
  yield Buffer.from(text);
}

export interface Served {
  readonly simulator: Simulator;
  readonly listening: Listening;
  /** How the command finds it. */
  readonly env: Environment;
}

/** A simulator that lives as long as the test. */
export async function serve(options: Partial<SimulatorOptions> = {}, listen: ListenOptions = {}): Promise<Served> {
  const simulator = createSimulator({ clock: systemClock(), ...options });
  onTestFinished(() => simulator.close());
  const listening = await simulator.listen(listen);
  return {
    simulator,
    listening,
    env: { SHELVER_URL: listening.url, SHELVER_USERNAME: 'user', SHELVER_PASSWORD: 'pass' }
  };
}

/** A folder that lives as long as the test, with files of the given texts. */
export function folderWith(files: Readonly<Record<string, string | Uint8Array>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'shelver-cli-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

/** What is left on the service: names of items, and states of sessions. */
export function left({ state }: Simulator): { items: string[]; sessions: string[] } {
  return {
    items: values(state.items).map(item => item.name),
    sessions: values(state.sessions).map(session => JSON.stringify(session.state))
  };
}
