// How a body comes in through either door: at the pace of the simulator, and into the trouble that a fault has for it.
import type { Clock } from '../ports.ts';
import type { WireError } from '../wire/errors.ts';
import { afterBytesOf, type Fault, type FaultOf } from './faults.ts';
import type { Incoming } from './incoming.ts';

/** What is to be answered, if anything. */
export type Course =
  | { readonly end: 'received'; readonly error?: WireError }
  /** The body is refused before its end. */
  | { readonly end: 'refused'; readonly error: WireError }
  | { readonly end: 'answer'; readonly fault: FaultOf<'answer'> }
  /** The connection breaks. `acted`: the body was taken in, or will be. */
  | { readonly end: 'broken'; readonly acted: boolean }
  /** Nothing is read any more and nothing answered, until the client goes away: then the body is dropped. */
  | { readonly end: 'stalled' };

export interface BodyTerms {
  readonly clock: Clock;
  readonly fault?: Fault;
  /** Bytes a second. */
  readonly bandwidth?: number;
  /** Work that goes on after the answer. */
  later(work: Promise<unknown>): void;
  /** Ends every wait. */
  readonly stopping: AbortSignal;
  /** The client went away: by a door without sockets, where nothing else tells. */
  readonly gone?: AbortSignal;
}

/** What is paced comes in pieces of at most this, so that it comes evenly. */
export const PIECE = 64 * 1024;

/** Takes a body in. What the chunks throw (the client went away) is thrown on, after the body was dropped. */
export async function receiveBody(
  incoming: Incoming,
  chunks: AsyncIterable<Uint8Array>,
  terms: BodyTerms
): Promise<Course> {
  const { fault, clock } = terms;
  const ends = fault !== undefined && ENDING.has(fault.do) ? fault : undefined;
  const endsAt = ends === undefined ? Number.POSITIVE_INFINITY : afterBytesOf(ends);
  if (ends !== undefined && endsAt === 0) return endBy(ends, incoming);
  const rate = fault?.do === 'slow' ? fault.bytesPerSecond : terms.bandwidth;
  const corruptAt = fault?.do === 'corrupt' ? (fault.atByte ?? 0) : undefined;
  let paidUntil = clock.now();
  try {
    for await (const whole of chunks) {
      for (const piece of rate === undefined ? [whole] : piecesOf(whole)) {
        const room = endsAt - incoming.received;
        const taken = corrupted(piece.length > room ? piece.subarray(0, room) : piece, corruptAt, incoming.received);
        const error = incoming.take(taken);
        if (error !== undefined) return { end: 'refused', error };
        if (ends !== undefined && incoming.received >= endsAt) return endBy(ends, incoming);
        await incoming.room();
        if (rate !== undefined) {
          paidUntil = Math.max(paidUntil, clock.now()) + (taken.length * 1000) / rate;
          await clock.sleepUntil(paidUntil, terms.gone ?? terms.stopping);
        }
      }
    }
  } catch (cause) {
    incoming.drop();
    throw cause;
  }
  // a body that is shorter than the fault would have it meets it at its end
  if (ends !== undefined) return endBy(ends, incoming);
  if (fault?.do === 'late') {
    terms.later(clock.sleepUntil(clock.now() + fault.delayMs, terms.stopping).then(() => incoming.finish()));
    return { end: 'broken', acted: true };
  }
  const error = await incoming.finish();
  if (fault?.do === 'loseAnswer') return { end: 'broken', acted: true };
  return { end: 'received', error };
}

/** The faults that end a body before it is complete. */
const ENDING: ReadonlySet<Fault['do']> = new Set(['reset', 'stall', 'answer', 'transferError']);

function endBy(fault: Fault, incoming: Incoming): Course {
  switch (fault.do) {
    case 'stall':
      return { end: 'stalled' };
    case 'answer':
      incoming.drop();
      return { end: 'answer', fault };
    case 'transferError':
      return { end: 'refused', error: incoming.fail(fault.message ?? `Error transferring file ${incoming.file}.`) };
    default:
      incoming.drop();
      return { end: 'broken', acted: false };
  }
}

function* piecesOf(chunk: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < chunk.length; at += PIECE) yield chunk.subarray(at, at + PIECE);
}

/** The chunk with one bit turned, if that byte is in it. The sender's own bytes stay as they are. */
export function corrupted(chunk: Uint8Array, atByte: number | undefined, offset: number): Uint8Array {
  if (atByte === undefined || atByte < offset || atByte >= offset + chunk.length) return chunk;
  const changed = Uint8Array.from(chunk);
  changed[atByte - offset]! ^= 1;
  return changed;
}
