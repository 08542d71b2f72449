// What the command asks of the process around it, so that a test can be that process.

/** A place for text: a terminal, a pipe or a file. */
export interface Sink {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

export type Signal = 'SIGINT' | 'SIGTERM';
export type Environment = Readonly<Record<string, string | undefined>>;

export interface Io {
  readonly stdin: AsyncIterable<Uint8Array | string> & { readonly isTTY?: boolean };
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly env: Environment;
  /** Hears signals until the answer is called; without it the process ends as its host wishes. */
  onSignal?(hear: (signal: Signal) => void): () => void;
  /** Ends the process at once. */
  exit?(code: number): void;
}
