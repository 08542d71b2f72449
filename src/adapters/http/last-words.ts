// What the other side said before it reset the connection. A server that refuses a body early, and hangs up without reading the
// rest, has its answer in our buffers when our next write fails; Node would throw the socket away, and the answer with it.
import type { Socket } from 'node:net';

type Done = (error?: Error | null) => void;

/** How long a connection that is gone may take to tell what had come on it before. It is here already, or nowhere. */
const READING_MS = 200;

/** The same socket; when a write fails because the connection was reset, what has come is read before anybody hears of that. */
export function hearingLastWords<S extends Socket>(socket: S): S {
  const { _write: write, _writev: writev } = socket;
  const afterwards =
    (done: Done): Done =>
    error => {
      if (!isReset(error) || socket.readableEnded || socket.destroyed) return done(error);
      const tell = () => {
        clearTimeout(timer);
        socket.removeListener('close', tell);
        done(error);
      };
      const timer = setTimeout(tell, READING_MS);
      socket.once('close', tell);
    };
  socket._write = (chunk, encoding, done) => write.call(socket, chunk, encoding, afterwards(done));
  if (writev) socket._writev = (chunks, done) => writev.call(socket, chunks, afterwards(done));
  return socket;
}

function isReset(error: Error | null | undefined): boolean {
  const code = error && 'code' in error ? error.code : undefined;
  return code === 'ECONNRESET' || code === 'EPIPE';
}
