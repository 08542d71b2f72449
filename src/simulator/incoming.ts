// One body on its way into a file of an update session: counted while it comes, hashed, kept, and handed to the service
// when it is complete. Both doors take bytes in through this.
import { createHash } from 'node:crypto';
import { type WireError, wireError } from '../wire/errors.ts';
import type { Blobs } from './blobs.ts';
import type { Effect } from './service/happen.ts';
import type { Happening } from './service/happenings.ts';
import type { Transfer } from './service/transfers.ts';
import { unpack } from './unpack.ts';

export interface Incoming {
  readonly session: string;
  readonly file: string;
  /** Bytes so far. */
  readonly received: number;
  /** Takes a chunk, which must not change afterwards. Answers why the body is refused from here on, if it is. */
  take(chunk: Uint8Array): WireError | undefined;
  /** Settles when there is room for more. */
  room(): Promise<void> | undefined;
  /** The body is complete. Answers what was wrong with it. */
  finish(): Promise<WireError | undefined>;
  /** The body broke off. */
  drop(): void;
  /** The server itself failed; answers what it says then. */
  fail(message: string): WireError;
}

/** What an incoming body needs of the shell. */
export interface Receiver {
  readonly blobs: Blobs;
  uuid(): string;
  happen(happening: Happening): Effect;
}

/** The count that a reader of the session sees is at most that much behind: every chunk would cost more than it tells. */
const COUNT_EVERY = 256 * 1024;

/** Begins a body. */
export function beginIncoming(receiver: Receiver, transfer: string, info: Transfer): Incoming | WireError {
  const { error, attempt } = receiver.happen({ type: 'begin', transfer });
  if (error !== undefined) return error;
  const { blobs } = receiver;
  const blob = receiver.uuid();
  const writer = blobs.create(blob);
  const hashing = algorithmsFor(info).map(algorithm => ({ algorithm, hash: createHash(algorithm) }));
  const texts: Uint8Array[] = [];
  const textTo = info.textLimit ?? -1;
  let received = 0;
  let counted = 0;
  let room: Promise<void> | undefined;
  let ended = false;
  const giveUp = () => {
    ended = true;
    writer.abort();
    blobs.free([blob]);
  };

  return {
    session: info.sessionId,
    file: info.fileName,
    get received() {
      return received;
    },
    take: chunk => {
      received += chunk.length;
      if (received - counted >= COUNT_EVERY || counted === 0) {
        counted = received;
        const refused = receiver.happen({ type: 'bytesArrived', transfer, attempt, received }).error;
        if (refused !== undefined) {
          giveUp();
          return refused;
        }
      }
      for (const { hash } of hashing) hash.update(chunk);
      if (received <= textTo) texts.push(chunk);
      room = writer.write(chunk);
      return undefined;
    },
    room: () => room,
    finish: async () => {
      ended = true;
      try {
        await writer.end();
      } catch (cause) {
        const message = `The bytes of ${info.fileName} cannot be stored (${(cause as NodeJS.ErrnoException).code}).`;
        receiver.happen({ type: 'transferFailed', transfer, message });
        return serverFailed(message);
      }
      const digests = hashing.map(({ algorithm, hash }) => ({ algorithm, checksum: hash.digest('hex') }));
      const unpacked = info.unpack ? await unpack(blobs, blob, received, info.fileName) : undefined;
      const members = typeof unpacked === 'string' ? undefined : unpacked;
      if (members !== undefined) {
        blobs.split(
          blob,
          members.map(member => member.blob)
        );
      }
      const { error } = receiver.happen({
        type: 'received',
        transfer,
        attempt,
        size: received,
        digests,
        blob,
        ...(received <= textTo && { text: Buffer.concat(texts).toString('utf8') }),
        ...(members !== undefined && { members }),
        ...(typeof unpacked === 'string' && { fault: unpacked })
      });
      return error;
    },
    drop: () => {
      if (ended) return;
      giveUp();
      receiver.happen({ type: 'dropped', transfer, attempt });
    },
    fail: message => {
      giveUp();
      receiver.happen({ type: 'transferFailed', transfer, message });
      return serverFailed(message);
    }
  };
}

export function isRefusal(incoming: Incoming | WireError): incoming is WireError {
  return 'error_type' in incoming;
}

/** What the service asks for, and SHA-256 for whoever compares contents. */
function algorithmsFor({ algorithms }: Transfer): string[] {
  return [...new Set([...algorithms, 'SHA256'])];
}

function serverFailed(message: string): WireError {
  return wireError('ERROR', 'shelver.simulator.transfer_failed', message);
}
