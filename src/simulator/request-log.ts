// What the server saw: one line a request, without ids, addresses or bodies, so that a test can say "it saw no request".
export interface SeenRequest {
  readonly at: number;
  readonly door: 'port' | 'http';
  /** Name of the operation (`session.create`, `put`, `soap.Login`), or `unknown`. */
  readonly op: string;
  readonly file?: string;
  readonly user?: string;
  /** Status of the answer; `undefined`: none was given. */
  readonly status?: number;
  /** The fault that met it. */
  readonly fault?: string;
}

export interface RequestLog {
  /** The newest of them. */
  readonly all: readonly SeenRequest[];
  /** How many there were ever. */
  readonly count: number;
  add(seen: SeenRequest): void;
  /** Tells of each from now on, with its number (the first ever is 1), until the answer is called. */
  onAdd(listener: (seen: SeenRequest, number: number) => void): () => void;
}

/** Keeps the newest, at least `most` of them. */
export function requestLog(most = 10_000): RequestLog {
  const all: SeenRequest[] = [];
  const listeners = new Set<(seen: SeenRequest, number: number) => void>();
  let count = 0;
  return {
    all,
    get count() {
      return count;
    },
    add: seen => {
      all.push(seen);
      count++;
      // dropping many at once keeps adding cheap
      if (all.length >= most * 2) all.splice(0, most);
      for (const listener of listeners) listener(seen, count);
    },
    onAdd: listener => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    }
  };
}
