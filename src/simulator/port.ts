// The port door: the service as ContentLibrary and ByteTransfer without a socket. A call takes effect in two moments, when
// the request arrives and when the answer is back, both on the clock, so that a fault or a cancel can fall between them.
import { createHash } from 'node:crypto';
import { type Failure, failure } from '../../machines/vocabulary.ts';
import { type ByteTransfer, type ContentLibrary, PortFailure, type PushRequest } from '../ports.ts';
import { type WireError, wireError } from '../wire/errors.ts';
import { portFailure, toFailure } from '../wire/failures.ts';
import { contentLibrary, type WireAnswer, type WireCallOptions } from '../wire/library.ts';
import { type OperationName, operation, type WireArgs } from '../wire/operations.ts';
import { faultError } from './fault-error.ts';
import type { Fault, FaultOf } from './faults.ts';
import { isRefusal } from './incoming.ts';
import { receiveBody } from './receive-body.ts';
import type { Outcome } from './service/operate.ts';
import { fileIn, type Shell } from './shell.ts';

export interface PortOptions {
  /** Whose calls these are: the first of the simulator's users unless said otherwise. */
  readonly username?: string;
  readonly password?: string;
  /** How long a request takes to arrive, and an answer to come back; drawn between the two bounds. 0 unless said otherwise. */
  readonly latencyMs?: number | readonly [from: number, to: number];
  /** After how long without an answer a call is given up as STALLED; a minute unless said otherwise. */
  readonly stallMs?: number;
}

export interface SimulatedPorts {
  readonly library: ContentLibrary;
  readonly bytes: ByteTransfer;
}

const STALL_MS = 60_000;

export function portsOf(shell: Shell, options: PortOptions = {}): SimulatedPorts {
  const client = clientOf(shell, options);
  return {
    library: contentLibrary(shell.profile, (op, args, call) => callOnce(client, op, args, call)),
    bytes: { push: request => pushOnce(client, request) }
  };
}

interface Client {
  readonly shell: Shell;
  readonly user: string;
  readonly knows: boolean;
  readonly stallMs: number;
  /** One way over the network. */
  travel(signal?: AbortSignal): Promise<void> | undefined;
}

function clientOf(shell: Shell, { username, password, latencyMs = 0, stallMs = STALL_MS }: PortOptions): Client {
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

async function callOnce(
  client: Client,
  op: OperationName,
  args: WireArgs,
  { signal, token }: WireCallOptions
): Promise<WireAnswer> {
  const { shell, user, knows } = client;
  if (signal?.aborted) throw given(op, false);
  const file = fileIn(op, args);
  const fault = shell.faults.take(op, file);
  const seen = (status?: number) => note(shell, op, user, file, fault, status);
  // a read that may have been carried out has changed nothing
  const ambiguous = operation(op)[shell.profile.dialect].method !== 'GET';
  const gaveUp = () => given(op, ambiguous);
  if (fault?.do === 'refuse') {
    seen();
    throw connection(`the connection for ${op} was refused`, false);
  }
  await unlessAborted(client.travel(signal), gaveUp);
  const whole = token === undefined ? args : { ...args, client_token: token };
  const act = async () => {
    const outcome = shell.operate(op, whole, user);
    await shell.saved();
    return outcome;
  };
  if (fault?.do === 'expireSession' && typeof args.update_session_id === 'string') {
    shell.happen({ type: 'expire', session: args.update_session_id });
  }
  switch (fault?.do) {
    case 'reset':
      seen();
      throw connection(`the connection broke during ${op}`, ambiguous);
    case 'stall':
      seen();
      throw await stalled(client, op, signal, ambiguous);
    case 'answer':
      seen(fault.status);
      await unlessAborted(client.travel(signal), gaveUp);
      throw answered(fault, op);
    case 'loseAnswer':
      seen();
      if (knows) await act();
      throw connection(`the connection broke before ${op} was answered`, ambiguous);
    case 'late':
      seen();
      shell.later(
        shell.clock.sleepUntil(shell.clock.now() + fault.delayMs, shell.stopping).then(async () => knows && act())
      );
      throw connection(`the connection broke during ${op}`, ambiguous);
    case 'slow': {
      const bytes = JSON.stringify(args).length;
      const until = shell.clock.now() + (bytes * 1000) / fault.bytesPerSecond;
      await unlessAborted(shell.clock.sleepUntil(until, signal), gaveUp);
    }
  }
  if (!knows) {
    seen(401);
    throw new PortFailure(failure('UNAUTHENTICATED', `the server does not take user ${user} and the password given`));
  }
  const outcome: Pick<Outcome, 'value' | 'error'> = await act();
  seen(outcome.error === undefined ? 200 : 400);
  const serverNow = shell.clock.now();
  await unlessAborted(client.travel(signal), gaveUp);
  if (outcome.error !== undefined) throw portFailure(shell.profile.dialect, outcome.error, op);
  return { value: outcome.value, serverNow };
}

async function pushOnce(client: Client, request: PushRequest) {
  const { shell, user } = client;
  const { signal, source } = request;
  if (signal?.aborted) throw given('put', false, { sent: 0 });
  const [, uuid = '', name = ''] = /\/cls\/data\/([^/]+)\/([^/?]+)/.exec(request.uri) ?? [];
  const transfer = shell.transfer(uuid);
  const file = transfer?.fileName ?? name;
  const fault = shell.faults.take('put', file);
  const seen = (status?: number) => note(shell, 'put', user, file, fault, status);
  const reading = readingOf(request);
  const gaveUp = () => given('put', reading.all(), reading.sofar());
  const about = `the upload of ${file}`;
  if (fault?.do === 'refuse') {
    seen();
    throw connection(`the connection for ${about} was refused`, false, reading.sofar());
  }
  await unlessAborted(client.travel(signal), gaveUp);
  if (fault?.do === 'expireSession' && transfer !== undefined) {
    shell.happen({ type: 'expire', session: transfer.sessionId });
  }
  const still = shell.transfer(uuid);
  const incoming = still === undefined ? noTransfer() : shell.begin(uuid, still);
  if (isRefusal(incoming)) {
    seen(404);
    await unlessAborted(client.travel(signal), gaveUp);
    throw refused(incoming, about, reading.sofar());
  }
  const course = await receiveBody(incoming, reading.chunks(source.read(signal)), {
    clock: shell.clock,
    fault,
    bandwidth: shell.bandwidth,
    later: shell.later,
    stopping: shell.stopping
  }).catch((cause: unknown) => {
    seen();
    if (signal?.aborted) throw gaveUp();
    throw cause instanceof PortFailure
      ? new PortFailure({ ...cause.failure, sent: reading.sofar().sent }, { cause })
      : cause;
  });
  await shell.saved();
  switch (course.end) {
    case 'stalled':
      seen();
      try {
        throw await stalled(client, 'put', signal, reading.all(), reading.sofar());
      } finally {
        incoming.drop();
      }
    case 'broken':
      seen();
      throw connection(`the connection broke during ${about}`, reading.all(), reading.sofar());
    case 'answer':
      seen(course.fault.status);
      await unlessAborted(client.travel(signal), gaveUp);
      throw answered(course.fault, about, reading.sofar());
    default:
      seen(course.error === undefined ? 200 : 400);
      await unlessAborted(client.travel(signal), gaveUp);
      if (course.error !== undefined) throw refused(course.error, about, reading.sofar());
      return reading.done();
  }
}

/** The client's own view of the bytes: how many it gave to the network, and their digests. */
function readingOf({ hash, source, onSent }: PushRequest) {
  const hashing = hash.map(algorithm => ({ algorithm, hash: createHash(algorithm) }));
  let sent = 0;
  let digests: { algorithm: string; checksum: string }[] | undefined;
  const digest = () => {
    digests ??= hashing.map(({ algorithm, hash }) => ({ algorithm, checksum: hash.digest('hex') }));
    return digests;
  };
  return {
    chunks: async function* (read: AsyncIterable<Uint8Array>) {
      for await (const chunk of read) {
        for (const { hash } of hashing) hash.update(chunk);
        sent += chunk.length;
        onSent?.(sent);
        yield chunk;
      }
      digest();
    },
    /** For a failure: digests only where the source was read to its end. */
    sofar: (): Pick<Failure, 'sent' | 'digests'> => ({
      sent,
      ...((digests !== undefined || sent === source.size) && { digests: digest() })
    }),
    /** The server may have it all only if all was handed over. */
    all: () => sent === source.size,
    done: () => ({ sent, digests: digest() })
  };
}

function note(shell: Shell, op: string, user: string, file?: string, fault?: Fault, status?: number): void {
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
async function unlessAborted(wait: Promise<void> | undefined, failed: () => PortFailure): Promise<void> {
  try {
    await wait;
  } catch {
    throw failed();
  }
}

async function stalled(
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

function given(op: string, ambiguous: boolean, more: Partial<Failure> = {}): PortFailure {
  return new PortFailure(failure('CANCELED', `${op} was given up`, { ...(ambiguous && { ambiguous }), ...more }));
}

function connection(message: string, ambiguous: boolean, more: Partial<Failure> = {}): PortFailure {
  return new PortFailure(failure('CONNECTION', message, { ...(ambiguous && { ambiguous }), ...more }));
}

function answered(fault: FaultOf<'answer'>, about: string, more: Partial<Failure> = {}): PortFailure {
  const { error_type: errorType, messages } = faultError(fault);
  const wait = fault.retryAfter === undefined ? {} : { retryAfterMs: fault.retryAfter * 1000 };
  return new PortFailure({ ...toFailure({ status: fault.status, errorType, messages }, about, wait), ...more });
}

function refused(error: WireError, about: string, more: Partial<Failure>): PortFailure {
  const { failure } = portFailure('api', error, about);
  return new PortFailure({ ...failure, ...more });
}

function noTransfer(): WireError {
  return wireError('NOT_FOUND', 'shelver.simulator.no_such_transfer', 'There is no transfer at this address.');
}
