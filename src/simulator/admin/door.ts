// The admin door: a listener of its own on loopback, so that no setting of the service's listener can open it to others.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { failure } from '../../../machines/vocabulary.ts';
import { PortFailure } from '../../ports.ts';
import { Refusal, type WireError, wireError } from '../../wire/errors.ts';
import { type Answer, errorAnswer, send, sendEarly } from '../http/answers.ts';
import { BODY_CAP, readBody } from '../http/body.ts';
import type { Administered } from './administered.ts';
import { streamEvents } from './events.ts';
import { type GuardOptions, guardOf } from './guard.ts';
import { administer } from './routes.ts';

export interface AdminOptions extends GuardOptions {
  /** Port on 127.0.0.1; 0 (the default) takes any that is free. */
  readonly port?: number;
}

export interface AdminDoor {
  /** Without a slash at its end; routes begin with `/admin/`. */
  readonly url: string;
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
/** What a browser is not to make of an answer. */
const HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

/**
 * Opens the door. Every request shows `Authorization: Bearer TOKEN`.
 *
 * @throws `PortFailure` INVALID_SPEC for an unfit token, or a port that cannot be listened on.
 */
export async function openAdminDoor(its: Administered, options: AdminOptions): Promise<AdminDoor> {
  const guard = guardOf(options);
  const { port = 0 } = options;
  const server = createServer(async (req, res) => {
    for (const [name, value] of Object.entries(HEADERS)) res.setHeader(name, value);
    const refused = guard({ address: req.socket.remoteAddress, headers: req.headers });
    if (refused !== undefined) return sendEarly(req, res, refusedAnswer(refused));
    try {
      await handle(its, req, res);
    } catch (cause) {
      // the visitor went away: there is nobody to answer
      if (req.destroyed && !req.complete) return;
      if (res.headersSent) res.destroy();
      else send(res, refusedAnswer(cause instanceof Refusal ? cause.error : defect(cause)));
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', cause => {
      const { code } = cause as NodeJS.ErrnoException;
      const message = `the admin door cannot listen on ${HOST} port ${port} (${code})`;
      const next = 'give another port for it (0 takes any that is free)';
      reject(new PortFailure(failure('INVALID_SPEC', message, { next }), { cause }));
    });
    server.listen(port, HOST, resolve);
  });
  return {
    url: `http://${HOST}:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      })
  };
}

async function handle(its: Administered, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const { pathname: path, searchParams: query } = placeOf(req);
  const method = String(req.method);
  if (method === 'GET' && path === '/admin/events') return streamEvents(its.log, query.get('since'), req, res);
  const body = await readBody(req);
  if (body === undefined) {
    const error = wireError(
      'INVALID_ARGUMENT',
      'shelver.simulator.admin.body_too_large',
      `The body of a request may have ${BODY_CAP} bytes.`
    );
    return sendEarly(req, res, { ...refusedAnswer(error), status: 413 });
  }
  send(res, await administer(its, { method, path, query, body }));
}

/** What the request line names; it may be anything. */
function placeOf({ url = '/' }: IncomingMessage): URL {
  const base = `http://${HOST}`;
  if (URL.canParse(url, base)) return new URL(url, base);
  const text = 'The request names no place: give a path such as /admin/state.';
  throw new Refusal(wireError('INVALID_ARGUMENT', 'shelver.simulator.admin.no_place', text));
}

function refusedAnswer(error: WireError): Answer {
  const answer = errorAnswer('api', error);
  return answer.status === 401 ? { ...answer, headers: { 'www-authenticate': 'Bearer' } } : answer;
}

function defect(cause: unknown): WireError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return wireError('INTERNAL_SERVER_ERROR', 'shelver.simulator.defect', `The simulator itself failed: ${message}`);
}
