// Who fetches for the service: begins every PULL that waits, ends those that nobody wants any more, tries again what failed
// in passing, and takes away from its storage folder what was moved.
import { wordOf } from '../../../machines/law.ts';
import type { Clock } from '../../ports.ts';
import type { Blobs } from '../blobs.ts';
import type { Faults } from '../faults.ts';
import { statusFailure } from '../http/pull-request.ts';
import { beginIncoming, isRefusal, type Receiver } from '../incoming.ts';
import { type Course, receiveBody } from '../receive-body.ts';
import type { Effect } from '../service/happen.ts';
import type { Happening } from '../service/happenings.ts';
import { isPulled, movedInto, type PendingPull, pendingPulls } from '../service/pulls.ts';
import type { ServiceState, SessionState } from '../service/state.ts';
import { changes, find, values } from '../service/table.ts';
import { PullFailure } from './failure.ts';
import { removeFromFolder } from './folder.ts';
import type { PullPolicy } from './options.ts';
import { openSource, type PullSource } from './source.ts';

export interface PullerParts {
  readonly policy: PullPolicy;
  readonly clock: Clock;
  readonly bandwidth?: number;
  readonly faults: Faults;
  readonly blobs: Blobs;
  uuid(): string;
  state(): ServiceState;
  happen(happening: Happening): Effect;
  later(work: Promise<unknown>): void;
  saved(): Promise<void> | undefined;
  readonly stopping: AbortSignal;
  /** Told of every try to fetch a file, and how it ended. */
  readonly onPull?: (seen: SeenPull) => void;
}

/** A try to fetch a file: begun, or over. Without the address of its source. */
export interface SeenPull {
  readonly file: string;
  readonly attempt: number;
  readonly state: 'begun' | 'received' | 'refused' | 'failed';
  /** Why it failed. */
  readonly message?: string;
}

export interface Puller {
  /** The state has changed: pulls that are not wanted any more end. */
  changed(before: ServiceState, after: ServiceState): void;
  /** Begins what waits to be fetched. */
  look(): void;
}

/** Connections at once. The others wait, as WAITING_FOR_TRANSFER. */
const AT_ONCE = 16;
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;

export function pullerOf(parts: PullerParts): Puller {
  const running = new Map<string, AbortController>();
  /** Those that were ever fetched: one that the service did not take is not begun again and again. */
  const begun = new Set<string>();
  /** ACTIVE sessions with files that will be moved. */
  const moving = new Set<string>();
  watchMoves(parts.state(), values(parts.state().sessions));

  function look(): void {
    if (running.size >= AT_ONCE) return;
    for (const pull of pendingPulls(parts.state())) {
      if (begun.has(pull.transfer)) continue;
      begun.add(pull.transfer);
      const stop = new AbortController();
      running.set(pull.transfer, stop);
      // Not now: the change that brought it is still being worked on.
      const work = Promise.resolve()
        .then(() => fetchAll(parts, pull, AbortSignal.any([stop.signal, parts.stopping])))
        .finally(() => {
          running.delete(pull.transfer);
          if (!parts.stopping.aborted) look();
        });
      parts.later(work);
      if (running.size >= AT_ONCE) return;
    }
  }

  function watchMoves(state: ServiceState, sessions: readonly SessionState[]): void {
    for (const session of sessions) {
      if (wordOf(session.state) === 'ACTIVE' && movedInto(state, session).length > 0) moving.add(session.id);
    }
  }

  function move(state: ServiceState): void {
    for (const id of moving) {
      const session = find(state.sessions, id);
      if (session !== undefined && wordOf(session.state) === 'ACTIVE') continue;
      moving.delete(id);
      if (session === undefined || wordOf(session.state) !== 'DONE') continue;
      for (const uri of movedInto(state, session)) parts.later(moveAway(parts, uri));
    }
  }

  return {
    look,
    changed: (before, after) => {
      for (const [transfer, stop] of running) {
        if (!isPulled(after, transfer)) stop.abort(new Error('nobody wants it any more'));
      }
      const pulling = changes(before.sessions, after.sessions).filter(hasPulls);
      watchMoves(after, pulling);
      move(after);
      if (pulling.length > 0) look();
    }
  };
}

function hasPulls({ files }: SessionState): boolean {
  return files.some(({ source }) => source === 'PULL');
}

/** Fetches one file, to its end or the service's patience. Never rejects. */
async function fetchAll(parts: PullerParts, pull: PendingPull, signal: AbortSignal): Promise<void> {
  const { clock, policy } = parts;
  const { transfer, fileName: file } = pull;
  for (let attempt = 1; !signal.aborted; attempt++) {
    const told = (state: SeenPull['state'], message?: string): void =>
      parts.onPull?.({ file, attempt, state, ...(message !== undefined && { message }) });
    told('begun');
    try {
      return told((await fetchOnce(parts, pull, signal)) ? 'received' : 'refused');
    } catch (cause) {
      if (signal.aborted) return told('failed', 'nobody wants it any more');
      const { message, passing } = cause instanceof PullFailure ? cause : new PullFailure(String(cause));
      told('failed', message);
      if (!passing || attempt >= policy.attempts) {
        parts.happen({ type: 'transferFailed', transfer, message });
        return;
      }
    }
    const wait = Math.min(FIRST_WAIT_MS * 2 ** (attempt - 1), LONGEST_WAIT_MS);
    await clock.sleepUntil(clock.now() + wait, signal).catch(() => undefined);
  }
}

/**
 * Whether the service took it.
 *
 * @throws `PullFailure`, or whatever else ended it.
 */
async function fetchOnce(parts: PullerParts, pull: PendingPull, signal: AbortSignal): Promise<boolean> {
  const { policy, clock } = parts;
  const fault = parts.faults.take('pull', pull.fileName);
  if (fault?.do === 'expireSession') parts.happen({ type: 'expire', session: pull.sessionId });
  const incoming = beginIncoming(receiverFor(parts), pull.transfer, pull);
  if (isRefusal(incoming)) return false;
  let source: PullSource | undefined;
  try {
    if (fault?.do === 'refuse') throw new PullFailure('the connection to the source was refused', { passing: true });
    source = await openSource(policy, pull.endpoint, signal);
    const chunks = bounded(source, pull, policy.maxBytes, signal);
    const course = await receiveBody(incoming, chunks, {
      clock,
      fault,
      bandwidth: parts.bandwidth,
      later: parts.later,
      stopping: parts.stopping,
      gone: signal
    });
    await ended(course);
    await parts.saved();
    return course.end === 'received' && course.error === undefined;
  } catch (cause) {
    incoming.drop();
    throw cause;
  } finally {
    await source?.close();
  }

  async function ended(course: Course): Promise<void> {
    switch (course.end) {
      case 'stalled':
        await clock.sleepUntil(clock.now() + policy.stallMs, signal);
        throw new PullFailure(`the source was silent for ${policy.stallMs / 1000} s`, { passing: true });
      case 'broken':
        throw new PullFailure('the connection to the source broke', { passing: true });
      case 'answer':
        throw statusFailure(course.fault.status);
    }
  }
}

/** That a try broke off is not the service's to know: the file goes on TRANSFERRING, from its beginning. */
function receiverFor({ blobs, uuid, happen, state }: PullerParts): Receiver {
  return {
    blobs,
    uuid,
    happen: happening => (happening.type === 'dropped' ? { state: state(), freed: [] } : happen(happening))
  };
}

/** What is not as announced, or too much, is not read to its end. */
async function* bounded(
  { size, chunks }: PullSource,
  announced: PendingPull,
  maxBytes: number,
  signal: AbortSignal
): AsyncGenerator<Uint8Array> {
  const other = (found: string) =>
    new PullFailure(`the source has ${found} bytes, but ${announced.size} were announced`);
  const tooMany = () => new PullFailure(`the source has more than ${maxBytes} bytes, which is the most`);
  if (size !== undefined && announced.size !== undefined && size !== announced.size) throw other(String(size));
  if (size !== undefined && size > maxBytes) throw tooMany();
  let sum = 0;
  for await (const chunk of chunks) {
    signal.throwIfAborted();
    sum += chunk.length;
    if (announced.size !== undefined && sum > announced.size) throw other('more');
    if (sum > maxBytes) throw tooMany();
    yield chunk;
  }
  if (size !== undefined && sum !== size) {
    throw new PullFailure(`the source ended after ${sum} of ${size} bytes`, { passing: true });
  }
}

async function moveAway({ saved, policy }: PullerParts, uri: string): Promise<void> {
  await saved();
  await removeFromFolder(policy.folder, uri);
}
