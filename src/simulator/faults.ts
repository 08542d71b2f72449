// Bad nights on purpose: which request goes wrong, how, and how often. One plan serves both doors.
import { z } from 'zod';
import { failure } from '../../machines/vocabulary.ts';
import { PortFailure, type Random } from '../ports.ts';
import { quoted } from '../tar/quoted.ts';
import { operationNames } from '../wire/operations.ts';
import { inWords } from './issue-words.ts';

const bytes = z.int().min(0);
/** Held against every request that comes. */
const pattern = z.string().min(1).max(1_000);
/** Which requests a fault meets. `on` names operations (`session.create`, `put`, `get`, `file.*`, `*`). */
const matching = {
  on: z.union([pattern, z.array(pattern).min(1)]),
  /** Only requests about a file of this name; `*` and `?` stand for anything. */
  file: pattern.optional(),
  /** How many requests it meets in all: 1 unless said otherwise, `always` where a probability is given. */
  times: z.union([z.literal('always'), z.int().min(1)]).optional(),
  /** Chance of each matching request to be met, drawn from the simulator's seed. */
  probability: z.number().gt(0).max(1).optional(),
  /** Lets that many matching requests pass first. */
  skip: z.int().min(0).optional()
};

const faultSchema = z.discriminatedUnion('do', [
  /** The connection ends before anything is read. `on: "connection"` ends it as it is made. */
  z.strictObject({ do: z.literal('refuse'), ...matching }),
  /** The connection breaks when that many bytes of the body have come in (or gone out); nothing is acted on. */
  z.strictObject({ do: z.literal('reset'), afterBytes: bytes.optional(), ...matching }),
  /** The server stops reading (or sending) there and never answers. */
  z.strictObject({ do: z.literal('stall'), afterBytes: bytes.optional(), ...matching }),
  z.strictObject({ do: z.literal('slow'), bytesPerSecond: z.int().min(1), ...matching }),
  /** The server answers this instead of acting, for a body after that many bytes of it. */
  z.strictObject({
    do: z.literal('answer'),
    status: z.int().min(400).max(599),
    /** Seconds. */
    retryAfter: z.int().min(0).optional(),
    retryAfterAs: z.enum(['seconds', 'date']).optional(),
    message: z.string().optional(),
    afterBytes: bytes.optional(),
    ...matching
  }),
  /** The server acts; its answer is lost with the connection. */
  z.strictObject({ do: z.literal('loseAnswer'), ...matching }),
  /** The connection breaks now; the server acts that much later. */
  z.strictObject({ do: z.literal('late'), delayMs: z.int().min(0), ...matching }),
  /** One byte of the body arrives changed. */
  z.strictObject({ do: z.literal('corrupt'), atByte: bytes.optional(), ...matching }),
  /** The session that the request is about expires just before it. */
  z.strictObject({ do: z.literal('expireSession'), ...matching }),
  /** The login that the request shows ends just before it. By ports, where logging in again is not seen, nothing. */
  z.strictObject({ do: z.literal('expireLogin'), ...matching }),
  /** The server itself fails while it stores the body: the update session turns ERROR. */
  z.strictObject({
    do: z.literal('transferError'),
    afterBytes: bytes.optional(),
    message: z.string().optional(),
    ...matching
  })
]);

/**
 * One fault of the plan.
 *
 * @example `{ on: 'put', file: '*.vmdk', do: 'reset', afterBytes: 1_000_000 }` breaks the first upload of a disk.
 * @example `{ on: 'session.create', do: 'answer', status: 503, retryAfter: 2, times: 3 }`
 */
export type Fault = z.infer<typeof faultSchema>;
export type FaultKind = Fault['do'];
/** A fault of one kind, with what that kind needs. */
export type FaultOf<K extends FaultKind> = Extract<Fault, { do: K }>;

export interface Faults {
  /** The fault that meets this request, if one does; it counts as spent. */
  take(op: string, file?: string): Fault | undefined;
  /** Adds one; the answer takes it away again. Throws `PortFailure` INVALID_SPEC. */
  inject(fault: Fault): () => void;
  /** What may still happen, in the plan's order; `left` is undefined for those that never end. */
  remaining(): readonly { readonly fault: Fault; readonly left?: number }[];
  /** The same, each with a number of its own, by which `remove` knows it. */
  numbered(): readonly { readonly id: number; readonly fault: Fault; readonly left?: number }[];
  /** False: there is none of this number any more. */
  remove(id: number): boolean;
  clear(): void;
  /** The plan from its beginning, and nothing else. */
  reset(): void;
}

/** What a fault may be `on`: operations, bodies by their method, and the connection itself. */
export const FAULT_TARGETS: readonly string[] = [...operationNames, 'put', 'get', 'head', 'connection', 'pull'];

/**
 * Checks a plan as it comes from a file: `{ "faults": [...] }` or just the list. Every fault in it is named, not the first.
 *
 * @throws `PortFailure` INVALID_SPEC, in one sentence.
 */
export function parseFaults(plan: unknown, operations: readonly string[]): Fault[] {
  const list = plan !== null && typeof plan === 'object' && 'faults' in plan ? plan.faults : plan;
  if (!Array.isArray(list)) {
    throw new PortFailure(
      failure('INVALID_SPEC', 'a fault plan is a list of faults, or an object with a list "faults"')
    );
  }
  const good: Fault[] = [];
  const wrong: string[] = [];
  list.forEach((entry: unknown, index) => {
    const parsed = faultSchema.safeParse(entry);
    const problems = parsed.success ? misplaced(parsed.data, operations) : parsed.error.issues.map(inWords);
    if (parsed.success && problems.length === 0) good.push(parsed.data);
    else wrong.push(`fault ${index + 1}: ${problems.join(', ')}`);
  });
  if (wrong.length > 0) throw new PortFailure(failure('INVALID_SPEC', `the fault plan is wrong (${wrong.join('; ')})`));
  return good;
}

export function faultsOf(plan: unknown, operations: readonly string[], random: Random): Faults {
  interface Entry {
    readonly id: number;
    readonly fault: Fault;
    left: number;
    skip: number;
  }
  let made = 0;
  const entryOf = (fault: Fault): Entry => ({ id: ++made, fault, left: timesOf(fault), skip: fault.skip ?? 0 });
  const whatIsLeft = ({ fault, left }: Entry) => (Number.isFinite(left) ? { fault, left } : { fault });
  const planned = parseFaults(plan, operations);
  let entries = planned.map(entryOf);
  return {
    take: (op, file) => {
      for (const entry of entries) {
        if (!meets(entry.fault, op, file)) continue;
        if (entry.skip > 0) {
          entry.skip--;
          continue;
        }
        if (entry.fault.probability !== undefined && random.next() >= entry.fault.probability) continue;
        entry.left--;
        if (entry.left === 0) entries = entries.filter(other => other !== entry);
        return entry.fault;
      }
      return undefined;
    },
    inject: fault => {
      const [checked] = parseFaults([fault], operations);
      const entry = entryOf(checked!);
      entries.push(entry);
      return () => {
        entries = entries.filter(other => other !== entry);
      };
    },
    remaining: () => entries.map(whatIsLeft),
    numbered: () => entries.map(entry => ({ id: entry.id, ...whatIsLeft(entry) })),
    remove: id => {
      const before = entries.length;
      entries = entries.filter(entry => entry.id !== id);
      return entries.length < before;
    },
    clear: () => {
      entries = [];
    },
    reset: () => {
      entries = planned.map(entryOf);
    }
  };
}

/** The length of a body after which a fault acts. */
export function afterBytesOf(fault: Fault): number {
  return 'afterBytes' in fault ? (fault.afterBytes ?? 0) : 0;
}

/** What can only happen to the bytes of a file, on their way in or out. */
const ONLY_BODIES: Readonly<Partial<Record<FaultKind, readonly string[]>>> = {
  corrupt: ['put', 'get', 'pull'],
  transferError: ['put', 'pull']
};
/** What only a client can meet: nobody waits for the answer to a pull. */
const NOT_ON_PULL: ReadonlySet<FaultKind> = new Set(['late', 'loseAnswer', 'expireLogin']);
/** Only met by name: a pattern for the requests of clients would be spent on them. */
const BY_NAME: ReadonlySet<string> = new Set(['connection', 'pull']);
/** What can happen to a connection on which nothing was said yet. */
const ON_CONNECTION: ReadonlySet<FaultKind> = new Set(['refuse', 'reset', 'stall']);

function timesOf(fault: Fault): number {
  if (fault.times === 'always') return Number.POSITIVE_INFINITY;
  return fault.times ?? (fault.probability === undefined ? 1 : Number.POSITIVE_INFINITY);
}

function meets(fault: Fault, op: string, file: string | undefined): boolean {
  const patterns = typeof fault.on === 'string' ? [fault.on] : fault.on;
  if (!patterns.some(pattern => (BY_NAME.has(op) ? pattern === op : fits(pattern, op)))) return false;
  if (ONLY_BODIES[fault.do]?.includes(op) === false) return false;
  return fault.file === undefined || (file !== undefined && fits(fault.file, file));
}

function misplaced(fault: Fault, operations: readonly string[]): string[] {
  const patterns = typeof fault.on === 'string' ? [fault.on] : fault.on;
  const bodies = ONLY_BODIES[fault.do];
  if (bodies && !patterns.some(pattern => bodies.some(op => fits(pattern, op)))) {
    return [`do: ${fault.do} only happens to ${bodies.map(op => `"${op}"`).join(' and ')}`];
  }
  if (patterns.includes('connection') && !ON_CONNECTION.has(fault.do)) {
    return [`do: ${fault.do} cannot happen to "connection" (${[...ON_CONNECTION].join(', ')} can)`];
  }
  if (patterns.includes('pull') && NOT_ON_PULL.has(fault.do)) return [`do: ${fault.do} cannot happen to "pull"`];
  return patterns
    .filter(pattern => !operations.some(op => fits(pattern, op)))
    .map(pattern => `there is no operation ${quoted(pattern)} (there are: ${operations.join(', ')})`);
}

/** Whether a text fits a pattern with `*` and `?`, in a time that grows only with the lengths. */
function fits(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let resume = 0;
  while (t < text.length) {
    if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t]) && pattern[p] !== '*') {
      p++;
      t++;
    } else if (pattern[p] === '*') {
      star = p++;
      resume = t;
    } else if (star >= 0) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}
