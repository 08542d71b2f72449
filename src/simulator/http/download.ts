// The data plane, outwards: GET (and HEAD) of `/cls/data/{uuid}/{file}`. The random UUID is the capability: no login is asked
// for, and none is refused.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isNoLink, linkAt, noByteThere, sendBody } from '../outgoing.ts';
import type { Link } from '../service/links.ts';
import type { Shell } from '../shell.ts';
import { type Answer, breakOff, errorAnswer, faultAnswer, send } from './answers.ts';
import { tokenOf } from './credentials.ts';
import { keepStalled, mayRest } from './idle.ts';
import { rangeIn } from './range.ts';
import { placeIn } from './upload.ts';

/** Whether the request reads; at an upload URL there is nothing to be read, which is said there. */
export function isDownload(shell: Shell, { method, url = '' }: IncomingMessage): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false;
  const [uuid] = placeIn(url);
  return uuid === undefined || shell.transfer(uuid) === undefined;
}

export async function handleDownload(shell: Shell, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const [uuid, file] = placeIn(req.url ?? '');
  const op = req.method === 'HEAD' ? 'head' : 'get';
  const fault = shell.faults.take(op, file);
  const user = shell.logins.find(tokenOf(req.headers))?.user;
  const seen = (status?: number) =>
    shell.log.add({
      at: shell.clock.now(),
      door: 'http',
      op,
      ...(file !== undefined && { file }),
      ...(user !== undefined && { user }),
      ...(status !== undefined && { status }),
      ...(fault !== undefined && { fault: fault.do })
    });
  const answer = (its: Answer) => {
    seen(its.status);
    send(res, its);
  };
  if (fault?.do === 'refuse' || fault?.do === 'loseAnswer' || fault?.do === 'late') {
    seen();
    return breakOff(req);
  }
  if (fault?.do === 'answer') return answer(faultAnswer('api', fault, shell.clock));
  const before = uuid === undefined ? undefined : shell.link(uuid);
  if (fault?.do === 'expireSession' && before) shell.happen({ type: 'expire', session: before.sessionId });
  const link = linkAt(shell, uuid, file);
  if (isNoLink(link)) return answer(errorAnswer('api', link));
  const { ranges } = shell.state().settings.rules;
  const range = ranges && op === 'get' ? rangeIn(req.headers, link.size) : undefined;
  if (range === 'unsatisfiable') return answer(unsatisfiable(link));
  const { from, to } = range ?? { from: 0, to: link.size };
  const status = range === undefined ? 200 : 206;
  /** With the first byte, not before: what never gives one gives no answer. */
  const begin = () => {
    if (res.headersSent) return;
    res.writeHead(status, {
      'content-type': 'application/octet-stream',
      'content-length': to - from,
      'accept-ranges': ranges ? 'bytes' : 'none',
      ...(range !== undefined && { 'content-range': `bytes ${from}-${to - 1}/${link.size}` })
    });
  };
  if (op === 'head') {
    begin();
    seen(status);
    res.end();
    return;
  }
  const gone = new AbortController();
  let wake = (): void => undefined;
  res.on('drain', () => wake());
  res.on('close', () => {
    gone.abort();
    wake();
  });
  if (fault?.do === 'slow' || shell.bandwidth !== undefined) mayRest(req.socket);
  const end = await sendBody(shell, {
    uuid: uuid!,
    link,
    from,
    to,
    fault,
    gone: gone.signal,
    write: piece => {
      begin();
      const room = new Promise<void>(resolve => {
        wake = resolve;
      });
      return res.write(piece) || gone.signal.aborted ? undefined : room;
    }
  });
  await shell.saved();
  switch (end) {
    case 'sent':
      begin();
      seen(status);
      res.end();
      return;
    case 'stalled':
      seen();
      keepStalled(req.socket);
      return;
    case 'broken':
      seen();
      return breakOff(req);
    case 'gone':
      seen();
  }
}

function unsatisfiable(link: Link): Answer {
  const headers = { 'content-range': `bytes */${link.size}` };
  return { ...errorAnswer('api', noByteThere(link)), status: 416, headers };
}
