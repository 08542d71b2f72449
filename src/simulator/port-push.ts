// One PUT without a socket: the bytes go straight from the source into the simulator, and into the trouble on the way.
import { createHash } from 'node:crypto';
import type { Failure } from '../../machines/vocabulary.ts';
import { PortFailure, type Pushed, type PushRequest } from '../ports.ts';
import { statusOf, type WireError, wireError } from '../wire/errors.ts';
import { toPushFailure } from '../wire/failures.ts';
import { isRefusal } from './incoming.ts';
import { answered, type Client, connection, given, note, refused, stalled, unlessAborted } from './port-client.ts';
import { receiveBody } from './receive-body.ts';

export async function pushOnce(client: Client, request: PushRequest): Promise<Pushed> {
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
    stopping: shell.stopping,
    gone: signal
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
      throw answered(course.fault, about, reading.sofar(), toPushFailure);
    default:
      seen(course.error === undefined ? 200 : statusOf('api', course.error.error_type));
      await unlessAborted(client.travel(signal), gaveUp);
      if (course.error !== undefined) throw refused(course.error, about, reading.sofar());
      return reading.done();
  }
}

/** The client's own view of the bytes: how many it gave to the network, and their digests. */
function readingOf({ hash, source, signal, onSent }: PushRequest) {
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
        signal?.throwIfAborted();
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

function noTransfer(): WireError {
  return wireError('NOT_FOUND', 'shelver.simulator.no_such_transfer', 'There is no transfer at this address.');
}
