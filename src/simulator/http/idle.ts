// How long nothing may move on a connection. Its socket counts that, in real time, and not the injected clock: bytes between two
// processes are on their way for real, whatever a virtual clock says, and nobody else sees those of a handshake.
import type { Socket } from 'node:net';

/** Longer than any client waits. */
const STALLED_MS = 600_000;

/** After so many milliseconds without a byte, either way, the socket emits `timeout`. */
export function idleAtMost(socket: Socket, ms: number): void {
  socket.setTimeout(ms);
}

/** It may rest for as long as it likes: a paced body does, and so does a source while its bytes are put away. */
export function mayRest(socket: Socket): void {
  socket.setTimeout(0);
}

/** Nothing will move on it any more, and while nothing is read nobody hears that the client went away: so it ends some time. */
export function keepStalled(socket: Socket): void {
  socket.setTimeout(STALLED_MS);
}
