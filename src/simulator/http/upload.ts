// The data plane, inwards: PUT (or POST, as some SDK samples have it) of raw bytes to `/cls/data/{uuid}/{file}`. The random UUID is
// the capability; a login is asked for only where the simulator is told to.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { unauthenticated, type WireError, wireError } from '../../wire/errors.ts';
import type { Fault } from '../faults.ts';
import { isRefusal } from '../incoming.ts';
import { type Course, receiveBody } from '../receive-body.ts';
import type { Shell } from '../shell.ts';
import { type Answer, breakOff, errorAnswer, faultAnswer, send, sendEarly } from './answers.ts';
import { tokenOf } from './credentials.ts';
import { keepStalled, mayRest } from './idle.ts';

const PLACE = '/cls/data/';

export function isData(url: string): boolean {
  return url.startsWith(PLACE);
}

export async function handleUpload(shell: Shell, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const [transfer, file] = placeIn(req.url ?? '');
  const info = transfer === undefined ? undefined : shell.transfer(transfer);
  const fault = shell.faults.take('put', info?.fileName ?? file);
  const user = shell.logins.find(tokenOf(req.headers))?.user;
  const seen = (status?: number) =>
    shell.log.add({
      at: shell.clock.now(),
      door: 'http',
      op: 'put',
      ...(file !== undefined && { file }),
      ...(user !== undefined && { user }),
      ...(status !== undefined && { status }),
      ...(fault !== undefined && { fault: fault.do })
    });
  const early = (answer: Answer) => {
    seen(answer.status);
    sendEarly(req, res, answer);
  };
  if (fault?.do === 'refuse') {
    seen();
    return breakOff(req);
  }
  if (req.method !== 'PUT' && req.method !== 'POST') {
    return early({ ...errorAnswer('api', onlyPut(req.method ?? '')), status: 405, headers: { allow: 'PUT, POST' } });
  }
  if (shell.state().settings.rules.putNeedsLogin && user === undefined)
    return early(errorAnswer('api', unauthenticated()));
  if (fault?.do === 'expireSession' && info !== undefined) shell.happen({ type: 'expire', session: info.sessionId });
  if (transfer === undefined || info === undefined || info.fileName !== file) {
    return early(errorAnswer('api', noTransfer()));
  }
  const incoming = shell.begin(transfer, info);
  if (isRefusal(incoming)) return early(errorAnswer('api', incoming));
  if (paced(fault, shell.bandwidth)) mayRest(req.socket);
  const chunks = req.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
  const course = await receiveBody(incoming, chunks, {
    clock: shell.clock,
    fault,
    bandwidth: shell.bandwidth,
    later: shell.later,
    stopping: shell.stopping
  }).catch((cause: unknown) => {
    seen();
    throw cause;
  });
  await shell.saved();
  await endBy(course);

  async function endBy(course: Course): Promise<void> {
    switch (course.end) {
      case 'received': {
        const answer = course.error === undefined ? { status: 200 } : dataError(course.error);
        seen(answer.status);
        return send(res, answer);
      }
      case 'refused':
        return early(dataError(course.error));
      case 'answer':
        return early(faultAnswer('api', course.fault, shell.clock));
      case 'broken':
        seen();
        return breakOff(req);
      case 'stalled':
        seen();
        keepStalled(req.socket);
        res.once('close', () => {
          if (!isRefusal(incoming)) incoming.drop();
        });
    }
  }
}

/** Transfer and file name in the URL, as far as they are there. */
export function placeIn(url: string): [string?, string?] {
  const [transfer, file, ...more] = url.slice(PLACE.length).split('?', 1)[0]!.split('/');
  if (!transfer || !file || more.length > 0) return [];
  try {
    return [transfer, decodeURIComponent(file)];
  } catch {
    return [];
  }
}

function paced(fault: Fault | undefined, bandwidth: number | undefined): boolean {
  return fault?.do === 'slow' || bandwidth !== undefined;
}

function dataError(error: WireError): Answer {
  return errorAnswer('api', error);
}

function noTransfer(): WireError {
  return wireError('NOT_FOUND', 'shelver.simulator.no_such_transfer', 'There is no transfer at this address.');
}

function onlyPut(method: string): WireError {
  return wireError(
    'UNSUPPORTED',
    'shelver.simulator.only_put',
    `This address takes PUT and POST, not ${method}.`,
    method
  );
}
