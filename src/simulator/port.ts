// The port door: the service as ContentLibrary and ByteTransfer without a socket. A call takes effect in two moments, when
// the request arrives and when the answer is back, both on the clock, so that a fault or a cancel can fall between them.
import { failure } from '../../machines/vocabulary.ts';
import { type ByteTransfer, type ContentLibrary, PortFailure } from '../ports.ts';
import { statusOf } from '../wire/errors.ts';
import { portFailure } from '../wire/failures.ts';
import { contentLibrary, type WireAnswer, type WireCallOptions } from '../wire/library.ts';
import type { OperationName, WireArgs } from '../wire/operations.ts';
import { routeOf } from '../wire/routes.ts';
import {
  answered,
  type Client,
  clientOf,
  connection,
  given,
  note,
  type PortOptions,
  stalled,
  unlessAborted
} from './port-client.ts';
import { fetchOnce } from './port-fetch.ts';
import { pushOnce } from './port-push.ts';
import type { Outcome } from './service/operate.ts';
import { expireSessionIn, fileIn, type Shell } from './shell.ts';

export interface SimulatedPorts {
  readonly library: ContentLibrary;
  readonly bytes: ByteTransfer;
}

export function portsOf(shell: Shell, options: PortOptions = {}): SimulatedPorts {
  const client = clientOf(shell, options);
  return {
    library: contentLibrary(shell.profile, (op, args, call) => callOnce(client, op, args, call)),
    bytes: { push: request => pushOnce(client, request), fetch: request => fetchOnce(client, request) }
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
  const ambiguous = routeOf(op, shell.profile.dialect)?.method !== 'GET';
  const gaveUp = () => given(op, ambiguous);
  if (fault?.do === 'refuse') {
    seen();
    throw connection(`the connection for ${op} was refused`, false);
  }
  await unlessAborted(client.travel(signal), gaveUp);
  const isKept = token !== undefined && shell.profile.tokenPlace !== 'none';
  const whole = isKept ? { ...args, client_token: token } : args;
  const act = async () => {
    const outcome = op === 'file.probe' ? await shell.probe(whole) : shell.operate(op, whole, user);
    await shell.saved();
    return outcome;
  };
  if (fault?.do === 'expireSession') expireSessionIn(shell, args);
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
  seen(outcome.error === undefined ? 200 : statusOf(shell.profile.dialect, outcome.error.error_type));
  const serverNow = shell.clock.now();
  await unlessAborted(client.travel(signal), gaveUp);
  if (outcome.error !== undefined) throw portFailure(shell.profile.dialect, outcome.error, op);
  return { value: outcome.value, serverNow };
}
