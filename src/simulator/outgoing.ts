// A body on its way out through either door: at the pace of the simulator, and into the trouble that a fault has for it.
import { type WireError, wireError } from '../wire/errors.ts';
import { afterBytesOf, type Fault } from './faults.ts';
import { corrupted, PIECE } from './receive-body.ts';
import type { Link } from './service/links.ts';
import type { Shell } from './shell.ts';

export interface Outgoing {
  readonly uuid: string;
  readonly link: Link;
  /** First byte, and the one after the last. */
  readonly from: number;
  readonly to: number;
  readonly fault?: Fault;
  /** The client went away, or gave up. */
  readonly gone: AbortSignal;
  /** Settles when there is room for the next piece. */
  write(piece: Uint8Array, at: number): Promise<void> | undefined;
}

/** `broken`: the connection shall break. `stalled`: nothing more shall come. `gone`: nobody is there any more. */
export type OutgoingEnd = 'sent' | 'broken' | 'stalled' | 'gone';

/** What a download URL leads to, or why nothing can be read there. To begin to read keeps its session alive. */
export function linkAt(shell: Shell, uuid: string | undefined, file: string | undefined): Link | WireError {
  const link = uuid === undefined ? undefined : shell.link(uuid);
  if (uuid === undefined || link === undefined || link.fileName !== file) return noDownload();
  if (!shell.blobs.holds(link.blob)) return notKept(link.fileName);
  return shell.happen({ type: 'readBegins', link: uuid }).error ?? link;
}

export function isNoLink(link: Link | WireError): link is WireError {
  return 'error_type' in link;
}

/** Sends the bytes. Throws what `write` throws. */
export async function sendBody(shell: Shell, outgoing: Outgoing): Promise<OutgoingEnd> {
  const { uuid, link, from, to, fault, gone, write } = outgoing;
  const { clock } = shell;
  const ends = fault?.do === 'reset' || fault?.do === 'stall' ? fault : undefined;
  // a body that is shorter than the fault would have it meets it before its last byte
  const endsAt = ends === undefined ? to : Math.min(from + afterBytesOf(ends), Math.max(from, to - 1));
  const rate = fault?.do === 'slow' ? fault.bytesPerSecond : shell.bandwidth;
  const corruptAt = fault?.do === 'corrupt' ? (fault.atByte ?? from) : undefined;
  /** Told before the last byte goes out: whoever has it all can ask for the checksum at once. */
  const atItsEnd = (end: number) => {
    if (end === link.size && ends === undefined) shell.happen({ type: 'readEnds', link: uuid });
  };
  let paidUntil = clock.now();
  if (from === to) atItsEnd(to);
  for (let at = from; at < endsAt; ) {
    const end = Math.min(at + PIECE, endsAt);
    if (rate !== undefined) {
      paidUntil = Math.max(paidUntil, clock.now()) + ((end - at) * 1000) / rate;
      await clock.sleepUntil(paidUntil, gone).catch(() => undefined);
    }
    const piece = await shell.blobs.read(link.blob, at, end - at).catch(() => undefined);
    if (gone.aborted) return 'gone';
    // the end of the session is the end of its links, also of what is being read
    if (piece === undefined || shell.link(uuid) === undefined) return 'broken';
    atItsEnd(end);
    await write(corrupted(piece, corruptAt, at), at);
    at = end;
  }
  if (gone.aborted) return 'gone';
  if (ends === undefined) return 'sent';
  return ends.do === 'stall' ? 'stalled' : 'broken';
}

/** The client asks for bytes beyond the end. */
export function noByteThere({ size }: Link): WireError {
  const text = `The file has ${size} bytes: none of them is in the range that was asked for.`;
  return wireError('INVALID_ARGUMENT', 'shelver.simulator.range_not_satisfiable', text, String(size));
}

function noDownload(): WireError {
  return wireError('NOT_FOUND', 'shelver.simulator.no_such_transfer', 'There is no transfer at this address.');
}

/** A simulator that keeps bytes in memory has a cap for them. */
function notKept(file: string): WireError {
  const text = `The simulator did not keep the bytes of ${file}, which went beyond its memory cap: give it a store.`;
  return wireError('ERROR', 'shelver.simulator.bytes_not_kept', text, file);
}
