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
  readonly all: readonly SeenRequest[];
  add(seen: SeenRequest): void;
}

/** Keeps the newest, at least `most` of them. */
export function requestLog(most = 10_000): RequestLog {
  const all: SeenRequest[] = [];
  return {
    all,
    add: seen => {
      all.push(seen);
      // dropping many at once keeps adding cheap
      if (all.length >= most * 2) all.splice(0, most);
    }
  };
}
