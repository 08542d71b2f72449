// From a source into a PUT, chunk by chunk, hashing beside it. It stops as soon as there is no point in going on, and never
// hands over the last bytes before the source has said that these were all, and unchanged.
import { type Digest, failure } from '../../../machines/vocabulary.ts';
import { type ByteSource, type Hashing, PortFailure } from '../../ports.ts';
import type { Put } from './put.ts';

export interface Pumped {
  /** The source failed: thrown by it, or SOURCE_CHANGED. */
  readonly fault?: unknown;
  /** The source was read to its end. */
  readonly complete: boolean;
  readonly sent: number;
  /** The last byte was given away, whether or not it is known to have gone out. */
  readonly gaveAll: boolean;
  readonly digests?: readonly Digest[];
}

/** A chunk larger than this goes out in pieces, so that progress is told and an answer noticed in between. */
const PIECE_BYTES = 1024 * 1024;
/** How long a source that was told to stop may take to close what it holds. */
const CLOSING_MS = 1_000;

/** Never throws: what went wrong with the source is in the result, what went wrong with the PUT is in its answer. */
export async function pump(
  source: ByteSource,
  put: Put,
  hashing: Hashing | undefined,
  onSent: (bytes: number) => void
): Promise<Pumped> {
  const stop = new AbortController();
  // Every chunk is sent and hashed before the next one is asked for, so its memory may be used again.
  let reader: AsyncIterator<Uint8Array> | undefined;
  let read = 0;
  let sent = 0;
  let given = 0;
  let ended = false;
  const soFar = () => ({ sent, gaveAll: given === source.size });

  const send = async (chunk: Uint8Array): Promise<void> => {
    for (let at = 0; at < chunk.length && !put.over; at += PIECE_BYTES) {
      const piece = chunk.length <= PIECE_BYTES ? chunk : chunk.subarray(at, at + PIECE_BYTES);
      given += piece.length;
      await put.write(piece);
      if (put.over) return;
      sent += piece.length;
      onSent(sent);
    }
  };
  try {
    reader = source.read(stop.signal, true)[Symbol.asyncIterator]();
    for (;;) {
      const next = await unlessOver(put, reader.next());
      if (next === undefined) return { complete: false, ...soFar() };
      if (next.done) {
        ended = true;
        break;
      }
      const chunk = next.value;
      read += chunk.length;
      if (read > source.size) throw changed(`the source gave more than its ${source.size} bytes`);
      const room = hashing?.update(chunk);
      if (read === source.size && chunk.length > 0) {
        const after = await unlessOver(put, reader.next());
        if (after === undefined) return { complete: false, ...soFar() };
        if (!after.done) throw changed(`the source gave more than its ${source.size} bytes`);
        ended = true;
      }
      await send(chunk);
      if (room) await unlessOver(put, room);
      if (ended) break;
    }
    if (read < source.size) throw changed(`the source ended after ${read} of ${source.size} bytes`);
    if (!put.over) put.finish();
    return { complete: true, ...soFar(), ...(hashing && { digests: await hashing.digest() }) };
  } catch (fault) {
    return { fault, complete: false, ...soFar() };
  } finally {
    stop.abort();
    if (!ended && reader) await closed(reader);
  }
}

/** The promise's value, or undefined as soon as the PUT is over. (A race with one long promise would keep every loser.) */
function unlessOver<T>(put: Put, promise: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    put.whenOver(() => resolve(undefined));
    promise.then(resolve, reject);
  });
}

function closed(reader: AsyncIterator<Uint8Array>): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(resolve, CLOSING_MS);
    const done = () => {
      clearTimeout(timer);
      resolve();
    };
    // Inside a promise of its own: a source of the caller's may throw here, too.
    Promise.resolve()
      .then(() => reader.return?.())
      .then(done, done);
  });
}

function changed(message: string): PortFailure {
  return new PortFailure(failure('SOURCE_CHANGED', message));
}
