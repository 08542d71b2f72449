// What a check is, what it finds, and what all checks of one examination know of each other.
import type { FailureCode } from '../../machines/failures.ts';
import { type Failure, failure, type Library } from '../../machines/vocabulary.ts';
import { type Clock, type Journal, PortFailure, type Ports } from '../ports.ts';
import type { FirstAnswer, Reach, Where } from '../reach.ts';
import type { Tried } from './trial.ts';

/** Ids are stable: scripts read them. In the order in which the checks are made. */
export const CHECKS = [
  'settings',
  'proxy',
  'dns',
  'tcp',
  'tls',
  'service',
  'clock',
  'login',
  'journal',
  'space',
  'node',
  'library',
  'privileges',
  'datastore',
  'write',
  'endpoint',
  'push',
  'undo'
] as const;
export type CheckId = (typeof CHECKS)[number];

/** What a check found; JSON. */
export interface Finding {
  readonly id: CheckId;
  readonly result: 'ok' | 'warning' | 'failed' | 'skipped';
  /** One sentence. */
  readonly message: string;
  /** What to do, where there is something to do. */
  readonly next?: string;
  /** Of a failed one. */
  readonly code?: FailureCode;
  /** What was found, for scripts. Never a secret. */
  readonly facts?: Readonly<Record<string, unknown>>;
}

export interface Check {
  readonly id: CheckId;
  /** What must be well (or a warning) before this makes sense. */
  readonly needs?: readonly CheckId[];
  /** Throws `PortFailure` where it fails. */
  look(its: Examination): Promise<Found> | Found;
}
/** What a check says by itself: with `next` it is a warning, with `skip` it does not apply. */
export interface Found {
  readonly says: string;
  readonly next?: string;
  readonly skip?: true;
  readonly facts?: Readonly<Record<string, unknown>>;
}

/** Which server, as whom, and where each of these words came from: never their values where they are secret. */
export interface Settings {
  readonly where: Where;
  readonly username: string;
  /** Such as `{ what: 'password', from: 'SHELVER_PASSWORD_FILE' }`. */
  readonly origins: readonly { readonly what: string; readonly from: string }[];
  /** Where the proxy comes from, if there is one. */
  readonly proxyFrom?: string;
  readonly insecure: boolean;
  readonly pinned: boolean;
}

/** A login that works. */
export interface Server extends Ports {
  /** As the server states it, where it does. */
  readonly version?: string;
  /** Bytes free on a datastore; `undefined`: the server does not tell. */
  freeSpace(datastoreId: string, signal?: AbortSignal): Promise<number | undefined>;
}

/** What an examination asks of the world. */
export interface Means {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly node: string;
  /** Throws INVALID_SPEC, BAD_ADDRESS. */
  settings(): Promise<Settings>;
  reach(): Promise<Reach>;
  connect(): Promise<Server>;
  /** `undefined`: none is kept. Throws JOURNAL. */
  journal(): Promise<{ readonly path: string; readonly journal: Journal; readonly unfinished: number } | undefined>;
  /** Bytes that may still be written into the folder of a file. */
  freeBytes(path: string): Promise<number>;
  findLibrary(server: Server): Promise<Library>;
}

/** What the checks so far have learned, for those that follow. */
export interface Examination {
  readonly means: Means;
  settings?: Settings;
  reach?: Reach;
  first?: FirstAnswer;
  server?: Server;
  /** Why there is no login, where the server itself is not to blame. */
  noLogin?: PortFailure;
  journal?: { readonly path: string; readonly journal: Journal };
  library?: Library;
  tried?: Tried;
}

/** A failure with advice of its own. */
export function fault(code: FailureCode, message: string, next: string): PortFailure {
  return new PortFailure(failure(code, message, { next }));
}

/** The same failure with other advice. */
export function advised(failed: Failure, next: string): PortFailure {
  return new PortFailure({ ...failed, next });
}

/** @example `plural(1, 'run')` is `'1 run'`. */
export function plural(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
