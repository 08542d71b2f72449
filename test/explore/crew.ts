// Shares seeds, or whatever else is numbered, out among workers, and gives what they came to in the order of their numbers: with
// how many workers it was played, nobody can tell from it.

/** Seeds `from`, `from + 1`, … up to but without `to`. */
export interface Share {
  readonly from: number;
  readonly to: number;
}

/** Plays the seeds of a share, one share at a time. */
export interface Worker<T> {
  play(share: Share): Promise<readonly T[]>;
}

export interface CrewOptions<T> extends Share {
  readonly workers: readonly Worker<T>[];
  /** Seeds in a share. */
  readonly each: number;
  /** Once it is aborted, nothing more is waited for; what is finished is still given. */
  readonly signal?: AbortSignal;
}

/** How many shares may be finished ahead of one that is not, for each worker: what waits for its turn must not grow for ever. */
const AHEAD = 50;

/** Throws when a worker cannot go on, after what came before. */
export async function* inOrder<T>({ from, to, workers, each, signal }: CrewOptions<T>): AsyncGenerator<T> {
  const finished = new Map<number, readonly T[]>();
  const idle = [...workers];
  let given = from;
  let begun = from;
  let broken: { readonly cause: unknown } | undefined;
  let wake = (): void => undefined;

  const begin = (worker: Worker<T>): void => {
    const share = { from: begun, to: Math.min(begun + each, to) };
    begun = share.to;
    worker
      .play(share)
      .then(
        played => {
          finished.set(share.from, played);
          idle.push(worker);
        },
        (cause: unknown) => {
          broken ??= { cause };
        }
      )
      .then(() => wake());
  };
  const isOver = (): boolean => broken !== undefined || signal?.aborted === true;
  signal?.addEventListener('abort', () => wake(), { once: true });

  while (given < to && !isOver()) {
    while (begun < to && begun - given < AHEAD * each * workers.length) {
      const worker = idle.pop();
      if (worker === undefined) break;
      begin(worker);
    }
    if (!finished.has(given)) {
      await new Promise<void>(resolve => {
        wake = resolve;
      });
    }
    for (let its = finished.get(given); its !== undefined; its = finished.get(given)) {
      finished.delete(given);
      given = Math.min(given + each, to);
      yield* its;
    }
  }
  // What lies behind a share that was not finished is not thrown away.
  const rest = [...finished].sort(([one], [other]) => one - other);
  for (const [, its] of rest) yield* its;
  if (broken !== undefined) throw broken.cause;
}
