// One client of the port door: whose calls these are, how long they travel, and how a call that fails says so.
import { type Failure, failure } from '../../machines/vocabulary.ts';
import { PortFailure } from '../ports.ts';
import { statusOf, type WireError } from '../wire/errors.ts';
import { toFailure, toPushFailure } from '../wire/failures.ts';
import { faultError } from './fault-error.ts';
import type { Fault, FaultOf } from './faults.ts';
import type { Shell } from './shell.ts';

export interface PortOptions {
  /** Whose calls these are: the first of the simulator's users unless said otherwise. */
  readonly username?: string;
  readonly password?: string;
  /** How long a request takes to arrive, and an answer to come back; drawn between the two bounds. 0 unless said otherwise. */
  readonly latencyMs?: number | readonly [from: number, to: number];
  /** After how long without an answer a call is given up as STALLED; a minute unless said otherwise. */
  readonly stallMs?: number;
}

const STALL_MS = 60_000;

export interface Client {
  readonly shell: Shell;
  readonly user: string;
  readonly knows: boolean;
  readonly stallMs: number;
  /** One way over the network. */
  travel(signal?: AbortSignal): Promise<void> | undefined;
}

export function clientOf(shell: Shell, { username, password, latencyMs = 0, stallMs = STALL_MS }: PortOptions): Client {
  const user = username ?? [...shell.users.keys()][0] ?? '';
  const knows = shell.users.has(user) && (password === undefined || shell.users.get(user) === password);
  const [from, to] = typeof latencyMs === 'number' ? [latencyMs, latencyMs] : latencyMs;
  return {
    shell,
    user,
    knows,
    stallMs,
    travel: signal => {
      if (to === 0) return undefined;
      const { clock, random } = shell;
      return clock.sleepUntil(clock.now() + (from === to ? to : from + random.next() * (to - from)), signal);
    }
  };
}

export function note(shell: Shell, op: string, user: string, file?: string, fault?: Fault, status?: number): void {
  shell.log.add({
    at: shell.clock.now(),
    door: 'port',
    op,
    user,
    ...(file !== undefined && { file }),
    ...(fault !== undefined && { fault: fault.do }),
    ...(status !== undefined && { status })
  });
}

/** Waits; an abort on the way becomes the failure of a call that was given up. */
export async function unlessAborted(wait: Promise<void> | undefined, failed: () => PortFailure): Promise<void> {
  try {
    await wait;
  } catch {
    throw failed();
  }
}

export async function stalled(
  { shell, stallMs }: Client,
  op: string,
  signal: AbortSignal | undefined,
  ambiguous: boolean,
  more: Partial<Failure> = {}
): Promise<PortFailure> {
  const gaveUp = () => given(op, ambiguous, more);
  await unlessAborted(shell.clock.sleepUntil(shell.clock.now() + stallMs, signal), gaveUp);
  const message = `nothing moved for ${stallMs / 1000} s during ${op}`;
  return new PortFailure(failure('STALLED', message, { ...(ambiguous && { ambiguous }), ...more }));
}

export function given(op: string, ambiguous: boolean, more: Partial<Failure> = {}): PortFailure {
  return new PortFailure(failure('CANCELED', `${op} was given up`, { ...(ambiguous && { ambiguous }), ...more }));
}

export function connection(message: string, ambiguous: boolean, more: Partial<Failure> = {}): PortFailure {
  return new PortFailure(failure('CONNECTION', message, { ...(ambiguous && { ambiguous }), ...more }));
}

export function answered(
  fault: FaultOf<'answer'>,
  about: string,
  more: Partial<Failure> = {},
  means = toFailure
): PortFailure {
  const { error_type: errorType, messages } = faultError(fault);
  const wait = fault.retryAfter === undefined ? {} : { retryAfterMs: fault.retryAfter * 1000 };
  return new PortFailure({ ...means({ status: fault.status, errorType, messages }, about, wait), ...more });
}

/** A PUT that the service refuses. */
export function refused(error: WireError, about: string, more: Partial<Failure>): PortFailure {
  const { error_type: errorType, messages } = error;
  const its = toPushFailure({ status: statusOf('api', errorType), errorType, messages }, about);
  return new PortFailure({ ...its, ...more });
}
