// One GET without a socket: the bytes go straight from the simulator to the sink, and into the trouble on the way.
import { type Fetched, type FetchRequest, PortFailure } from '../ports.ts';
import { statusOf, type WireError } from '../wire/errors.ts';
import { toFailure } from '../wire/failures.ts';
import { isNoLink, linkAt, noByteThere, sendBody } from './outgoing.ts';
import { answered, type Client, connection, given, note, refused, stalled, unlessAborted } from './port-client.ts';

export async function fetchOnce(client: Client, request: FetchRequest): Promise<Fetched> {
  const { shell, user } = client;
  const { uri, sink, signal, onReceived } = request;
  const gaveUp = () => given('get', false);
  if (signal?.aborted) throw gaveUp();
  const [, uuid = '', name = ''] = /\/cls\/data\/([^/]+)\/([^/?]+)/.exec(uri) ?? [];
  const before = shell.link(uuid);
  const file = before?.fileName ?? name;
  const about = `the download of ${file}`;
  const fault = shell.faults.take('get', file);
  const seen = (status?: number) => note(shell, 'get', user, file, fault, status);
  if (fault?.do === 'refuse') {
    seen();
    throw connection(`the connection for ${about} was refused`, false);
  }
  await unlessAborted(client.travel(signal), gaveUp);
  if (fault?.do === 'loseAnswer' || fault?.do === 'late') {
    seen();
    throw connection(`the connection broke during ${about}`, false);
  }
  if (fault?.do === 'answer') {
    seen(fault.status);
    await unlessAborted(client.travel(signal), gaveUp);
    throw answered(fault, about);
  }
  if (fault?.do === 'expireSession' && before) shell.happen({ type: 'expire', session: before.sessionId });
  const link = linkAt(shell, uuid, file);
  if (isNoLink(link)) {
    seen(statusOf('api', link.error_type));
    await unlessAborted(client.travel(signal), gaveUp);
    throw refused(link, about, {});
  }
  const resumed = request.from > 0 && shell.state().settings.rules.ranges;
  if (resumed && request.from >= link.size) {
    seen(416);
    await unlessAborted(client.travel(signal), gaveUp);
    // Nothing is left to send.
    if (request.from === link.size) return { received: 0, resumed };
    throw beyondTheEnd(noByteThere(link), about);
  }
  await unlessAborted(client.travel(signal), gaveUp);
  const counts = { received: 0 };
  const end = await sendBody(shell, {
    uuid,
    link,
    from: resumed ? request.from : 0,
    to: link.size,
    fault,
    gone: signal ?? shell.stopping,
    write: async (piece, at) => {
      await sink.write(piece, at);
      counts.received += piece.length;
      onReceived?.(counts.received);
    }
  }).catch((cause: unknown) => {
    seen();
    throw cause;
  });
  // a file of no bytes is begun anew, too
  if (end === 'sent' && link.size === 0) await sink.write(new Uint8Array(0), 0);
  await shell.saved();
  seen(end === 'sent' ? (resumed ? 206 : 200) : undefined);
  if (end === 'gone') throw gaveUp();
  if (end === 'stalled') throw await stalled(client, 'get', signal, false);
  if (end === 'broken') throw connection(`the connection broke during ${about}`, false);
  return { received: counts.received, resumed };
}

/** What had come before was not of this file: none of it counts. */
function beyondTheEnd({ error_type: errorType, messages }: WireError, about: string): PortFailure {
  const said = toFailure({ status: 416, errorType, messages }, about);
  return new PortFailure({ ...said, code: 'TRANSFER_REFUSED', received: 0 });
}
