// The request log as server-sent events: those since a number at once, the others as they come. Whoever reads slowly is
// let go, and comes back with the number of the last event that it saw.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestLog, SeenRequest } from '../request-log.ts';
import { sinceIn } from './routes.ts';

/** What may wait for a slow reader, in bytes. */
const MOST_WAITING = 1024 * 1024;

/** Answers with the stream; it ends when the reader goes, or with the door. Throws a `Refusal` for a wrong number. */
export function streamEvents(log: RequestLog, since: string | null, req: IncomingMessage, res: ServerResponse): void {
  const last = req.headers['last-event-id'];
  const known = sinceIn(typeof last === 'string' ? last : since);
  res.writeHead(200, { 'content-type': 'text/event-stream', connection: 'close' });
  const tell = (seen: SeenRequest, number: number): void => {
    res.write(`id: ${number}\nevent: request\ndata: ${JSON.stringify({ n: number, ...seen })}\n\n`);
    if (res.writableLength > MOST_WAITING) res.destroy();
  };
  const first = log.count - log.all.length + 1;
  // so that a reader knows that it listens
  res.write(': the requests that the simulator sees\n\n');
  log.all.forEach((seen, index) => {
    if (first + index > known && !res.destroyed) tell(seen, first + index);
  });
  const stop = log.onAdd(tell);
  res.once('close', stop);
}
