// Stands between a run and its ports, and writes down what went over them: calls, answers, records of the journal, in the
// order in which they came. It changes nothing.
import {
  type ByteTransfer,
  type ContentLibrary,
  type JournalRecord,
  PortFailure,
  type Ports,
  type RetryBudget
} from '../../src/ports.ts';

export interface Witnessed {
  readonly op: string;
  readonly args: readonly unknown[];
  readonly from: number;
  /** When it was answered; `undefined`: not yet. */
  until?: number;
  /** Places in the order of all beginnings and ends. */
  readonly began: number;
  ended?: number;
  value?: unknown;
  /** Code of the failure, `thrown` for what is no PortFailure. */
  failed?: string;
  /** It failed in a way that leaves open whether it acted. */
  inDoubt?: boolean;
  /** Answer of `look` when the call went out. */
  readonly seen: string;
}
export type Entry =
  | { readonly kind: 'call'; readonly call: Witnessed }
  | {
      readonly kind: 'append';
      readonly records: readonly JournalRecord[];
      /** When it was confirmed, or failed, in the order of all beginnings and ends. */
      ended?: number;
      failed?: boolean;
    };

/** What was asked of the retry budget: to pay for a retry, or to take something back. */
export interface Drawn {
  /** Its place in the order of all beginnings and ends. */
  readonly place: number;
  /** Tokens; negative: given back. */
  readonly cost: number;
  readonly spare: number;
  readonly granted: boolean;
}

export interface Witness {
  readonly ports: Ports;
  readonly calls: readonly Witnessed[];
  readonly records: readonly JournalRecord[];
  /** Calls and appends as they began. */
  readonly order: readonly Entry[];
  /** Every error that a port threw: what somebody may log. */
  readonly thrown: readonly unknown[];
  /** Every upload URI that the server told. */
  readonly uris: ReadonlySet<string>;
  /** The most pushes that were under way at once: per file, and in all. */
  readonly livePushes: { readonly perFile: number; readonly all: number };
  readonly draws: readonly Drawn[];
  /** How many beginnings and ends there were so far. */
  place(): number;
}

/** @param look what to remember of the world with every call that goes out */
export function witness(ports: Ports, look: () => string = () => ''): Witness {
  const calls: Witnessed[] = [];
  const records: JournalRecord[] = [];
  const order: Entry[] = [];
  const uris = new Set<string>();
  const thrown: unknown[] = [];
  const live = new Map<unknown, number>();
  const draws: Drawn[] = [];
  let place = 0;
  const most = { perFile: 0, all: 0 };

  const noted = async (op: string, args: readonly unknown[], call: () => Promise<unknown>): Promise<unknown> => {
    const from = ports.clock.now();
    const its: Witnessed = { op, args: args.map(withoutSignal), from, began: ++place, seen: look() };
    calls.push(its);
    order.push({ kind: 'call', call: its });
    try {
      its.value = await call();
      for (const uri of urisIn(its.value)) uris.add(uri);
      return its.value;
    } catch (cause) {
      thrown.push(cause);
      its.failed = cause instanceof PortFailure ? cause.failure.code : 'thrown';
      its.inDoubt = cause instanceof PortFailure && (cause.failure.ambiguous === true || DOUBTFUL.has(its.failed));
      throw cause;
    } finally {
      its.until = ports.clock.now();
      its.ended = ++place;
    }
  };
  const library = new Proxy(ports.library, {
    get: (target, key) => {
      const method: unknown = Reflect.get(target, key);
      if (typeof method !== 'function') return method;
      return (...args: unknown[]) => noted(String(key), args, () => method.apply(target, args) as Promise<unknown>);
    }
  }) as ContentLibrary;
  const bytes: ByteTransfer = {
    push: async request => {
      const { source, uri } = request;
      live.set(source, (live.get(source) ?? 0) + 1);
      most.perFile = Math.max(most.perFile, ...live.values());
      most.all = Math.max(
        most.all,
        [...live.values()].reduce((sum, count) => sum + count, 0)
      );
      try {
        return (await noted('push', [{ uri }], () => ports.bytes.push(request))) as Awaited<
          ReturnType<ByteTransfer['push']>
        >;
      } finally {
        live.set(source, live.get(source)! - 1);
      }
    },
    fetch: request => {
      const { uri, from } = request;
      return noted('fetch', [{ uri, from }], () => ports.bytes.fetch(request)) as ReturnType<ByteTransfer['fetch']>;
    }
  };
  const journal = {
    append: async (more: readonly JournalRecord[]) => {
      const entry: Entry = { kind: 'append', records: more };
      order.push(entry);
      try {
        await ports.journal.append(more);
      } catch (cause) {
        entry.failed = true;
        throw cause;
      } finally {
        entry.ended = ++place;
      }
      records.push(...more);
    },
    read: (run: string) => ports.journal.read(run),
    ownersOf: ports.journal.ownersOf?.bind(ports.journal)
  };
  const budget: RetryBudget = {
    draw: (cost, spare = 0) => {
      const granted = ports.budget.draw(cost, spare);
      draws.push({ place: ++place, cost, spare, granted });
      return granted;
    },
    refund: tokens => {
      draws.push({ place: ++place, cost: -tokens, spare: 0, granted: true });
      ports.budget.refund(tokens);
    }
  };
  return {
    ports: { ...ports, library, bytes, journal, budget },
    calls,
    records,
    order,
    uris,
    thrown,
    livePushes: most,
    draws,
    place: () => place
  };
}

/** Whoever hears one of these does not know whether the server has acted. */
const DOUBTFUL: ReadonlySet<string> = new Set(['SERVER_ERROR', 'STALLED', 'TIMED_OUT']);

function withoutSignal(arg: unknown): unknown {
  if (typeof arg !== 'object' || arg === null || !('signal' in arg)) return arg;
  const { signal: _, ...rest } = arg;
  return rest;
}

function urisIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(urisIn);
  const uri = (value as { uploadUri?: unknown } | null | undefined)?.uploadUri;
  return typeof uri === 'string' ? [uri] : [];
}
