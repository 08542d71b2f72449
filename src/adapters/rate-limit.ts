// A limit on bytes a second for all transfers of a connection together, at the data plane: bytes wait for their turn before
// they are handed on, in pieces so small that they go evenly and no file is silent for long.
import { type ByteSink, type ByteSource, type ByteTransfer, type Clock, PortFailure } from '../ports.ts';
import { failure } from '../../machines/vocabulary.ts';

export interface RateLimit {
  readonly bytesPerSecond: number;
  /** How much to ask for at a time. Falls when many wait, so that each of them comes to its turn. */
  piece(): number;
  /** Resolves when it is the turn of that many bytes: first come, first served. Rejects with the signal's reason. */
  take(bytes: number, signal?: AbortSignal): Promise<void>;
}

/** Less would be a slip of the pen: `20` for `20M`. */
const SLOWEST = 1024;

/**
 * One limit, to be shared by everything that it is meant for. Throws `PortFailure` INVALID_SPEC.
 *
 * @example `limitedBytes(ports.bytes, rateLimit({ bytesPerSecond: 20 * 1024 ** 2, clock: ports.clock }))`
 */
export function rateLimit({ bytesPerSecond, clock }: { bytesPerSecond: number; clock: Clock }): RateLimit {
  if (!Number.isFinite(bytesPerSecond) || bytesPerSecond < SLOWEST) {
    const message = `a limit must be at least ${SLOWEST} bytes a second, not ${bytesPerSecond}`;
    throw new PortFailure(failure('INVALID_SPEC', message));
  }
  const msOf = (bytes: number): number => (bytes * 1_000) / bytesPerSecond;
  const beganAt = clock.now();
  /** For how long since then the bytes that were let go are paid for: small numbers add up without loss. */
  let paidMs = 0;
  let seenAt = beganAt;
  let waiting = 0;
  return {
    bytesPerSecond,
    piece: () => {
      const ms = Math.min(PIECE_MS, ROUND_MS / Math.max(1, waiting));
      return Math.max(1, Math.min(LARGEST_PIECE, Math.floor((bytesPerSecond * ms) / 1_000)));
    },
    async take(bytes, signal) {
      signal?.throwIfAborted();
      const now = clock.now();
      // A wall clock that was set back must not make anybody wait for it.
      if (now < seenAt) paidMs -= seenAt - now;
      seenAt = now;
      const turnMs = Math.max(paidMs, now - beganAt - CREDIT_MS);
      paidMs = turnMs + msOf(bytes);
      if (beganAt + turnMs <= now) return;
      waiting += 1;
      try {
        await clock.sleepUntil(beganAt + turnMs, signal);
      } catch (cause) {
        // They do not go: whoever comes next need not wait for them.
        paidMs -= msOf(bytes);
        throw cause;
      } finally {
        waiting -= 1;
      }
    }
  };
}

/** The same transfers within the limit. Nothing is held in memory that was not held before. */
export function limitedBytes(bytes: ByteTransfer, limit: RateLimit): ByteTransfer {
  return {
    push: request => bytes.push({ ...request, source: pacedSource(request.source, limit) }),
    fetch: request => bytes.fetch({ ...request, sink: pacedSink(request.sink, limit, request.signal) })
  };
}

/**
 * How long a transfer may seem silent to a time-out because the limit holds it back, in milliseconds: what has come from the
 * network is handed on only piece by piece, and until then nothing more is read.
 */
export function heldBackMs({ bytesPerSecond }: Pick<RateLimit, 'bytesPerSecond'>): number {
  return Math.ceil((IN_BUFFERS * 1_000) / bytesPerSecond);
}

/** A piece lasts so long, and all that wait have one within so long. */
const [PIECE_MS, ROUND_MS] = [50, 10_000];
/** What a late timer has missed may be made good within so long; more is gone. */
const CREDIT_MS = 50;
const LARGEST_PIECE = 256 * 1024;
/** What the transfers of an item may have in buffers on the way from the network: 16 files, 256 KiB each. */
const IN_BUFFERS = 4 * 1024 * 1024;

function pacedSource(source: ByteSource, limit: RateLimit): ByteSource {
  return {
    size: source.size,
    version: source.version,
    async *read(signal, reuse) {
      for await (const chunk of source.read(signal, reuse)) yield* piecesOf(chunk, limit, signal);
    }
  };
}

function pacedSink(sink: ByteSink, limit: RateLimit, signal: AbortSignal | undefined): ByteSink {
  return {
    async write(chunk, at) {
      // A file without bytes is begun by a write of none.
      if (chunk.length === 0) return sink.write(chunk, at);
      let done = at;
      for await (const piece of piecesOf(chunk, limit, signal)) {
        await sink.write(piece, done);
        done += piece.length;
      }
    }
  };
}

/** The chunk, each piece of it when its turn has come. */
async function* piecesOf(
  chunk: Uint8Array,
  limit: RateLimit,
  signal: AbortSignal | undefined
): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < chunk.length; ) {
    const piece = chunk.subarray(at, at + limit.piece());
    await limit.take(piece.length, signal);
    yield piece;
    at += piece.length;
  }
}
