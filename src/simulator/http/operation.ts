// The control plane over HTTP: one request is one operation of the wire table, in the dialect of its path.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { encodeResult } from '../../wire/codec.ts';
import { noSuchRoute, unauthenticated, type WireError, wireError } from '../../wire/errors.ts';
import type { Dialect, OperationName, WireArgs } from '../../wire/operations.ts';
import { type DecodedRequest, decodeRequest, dialectOf } from '../../wire/requests.ts';
import type { Fault } from '../faults.ts';
import { expireSessionIn, fileIn, type Shell } from '../shell.ts';
import { type Answer, breakOff, errorAnswer, faultAnswer, send, sendEarly } from './answers.ts';
import { BODY_CAP, readBody } from './body.ts';
import { basicOf, TOKEN_NAME, tokenOf } from './credentials.ts';
import { STALLED_MS } from './upload.ts';

export async function handleOperation(shell: Shell, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const url = req.url ?? '/';
  const dialect = dialectOf(url);
  const body = await readBody(req);
  if (body === undefined) {
    seen(shell, 'unknown', { status: 413 });
    return sendEarly(req, res, { ...errorAnswer(dialect, tooLarge()), status: 413 });
  }
  const spoken = dialect === 'rest' || shell.profile.dialect === 'api';
  const request = spoken ? decodeRequest({ method: req.method ?? '', url, headers: req.headers, body }) : undefined;
  if (request === undefined) {
    seen(shell, 'unknown', { status: 404 });
    return send(res, errorAnswer(dialect, noSuchRoute(url.split('?', 1)[0]!)));
  }
  const { op } = request;
  const args = request.error === undefined ? request.args : {};
  const file = fileIn(op, args);
  const fault = shell.faults.take(op, file);
  const note = { ...(file !== undefined && { file }), ...(fault !== undefined && { fault: fault.do }) };
  const silent = (): void => seen(shell, op, note);
  const act = async (told = true): Promise<Answer> => {
    const { user, answer } = perform(shell, req, request);
    await shell.saved();
    seen(shell, op, { ...note, ...(user !== undefined && { user }), ...(told && { status: answer.status }) });
    return answer;
  };
  if (fault === undefined) return send(res, await act());
  return meet(fault);

  async function meet(fault: Fault): Promise<void> {
    switch (fault.do) {
      case 'refuse':
      case 'reset':
        silent();
        return breakOff(req);
      case 'stall':
        silent();
        req.socket.setTimeout(STALLED_MS);
        return;
      case 'answer':
        seen(shell, op, { ...note, status: fault.status });
        return send(res, faultAnswer(dialect, fault, shell.clock));
      case 'loseAnswer':
        await act(false);
        return breakOff(req);
      case 'late':
        breakOff(req);
        shell.later(shell.clock.sleepUntil(shell.clock.now() + fault.delayMs, shell.stopping).then(() => act(false)));
        return;
      case 'slow': {
        const answer = await act();
        const bytes = body!.length + JSON.stringify(answer.body ?? '').length;
        await shell.clock.sleepUntil(shell.clock.now() + (bytes * 1000) / fault.bytesPerSecond, shell.stopping);
        return send(res, answer);
      }
      case 'expireSession':
        expireSessionIn(shell, args);
        return send(res, await act());
      case 'expireLogin':
        shell.logins.end(tokenOf(req.headers));
        return send(res, await act());
    }
  }
}

/** The answer of the service to whoever asks. */
function perform(shell: Shell, req: IncomingMessage, request: DecodedRequest): { user?: string; answer: Answer } {
  const { op, dialect } = request;
  if (op === 'login.create') return logIn(shell, req, dialect);
  const token = tokenOf(req.headers);
  const login = shell.logins.find(token);
  if (login === undefined) return { answer: errorAnswer(dialect, unauthenticated()) };
  const { user } = login;
  if (op === 'login.delete') {
    shell.logins.end(token);
    return { user, answer: encodeResult(op, dialect, undefined) };
  }
  if (request.error !== undefined) return { user, answer: errorAnswer(dialect, request.error) };
  if (op === 'login.get') {
    const created_time = new Date(login.createdAt).toISOString();
    const last_accessed_time = new Date(login.accessedAt).toISOString();
    return { user, answer: encodeResult(op, dialect, { user, created_time, last_accessed_time }) };
  }
  return { user, answer: answerTo(shell, op, dialect, request.args, user) };
}

function answerTo(shell: Shell, op: OperationName, dialect: Dialect, args: WireArgs, user: string): Answer {
  const outcome = shell.operate(op, args, user);
  return outcome.error === undefined ? encodeResult(op, dialect, outcome.value) : errorAnswer(dialect, outcome.error);
}

function logIn(shell: Shell, req: IncomingMessage, dialect: Dialect): { user?: string; answer: Answer } {
  const given = basicOf(req.headers);
  const login = given && shell.logins.open(given.user, given.password);
  if (login === undefined) return { answer: errorAnswer(dialect, unauthenticated()) };
  const answer = encodeResult('login.create', dialect, login.token);
  const cookie = dialect === 'rest' && req.headers['vmware-use-header-authn'] === undefined;
  const headers = { 'set-cookie': `${TOKEN_NAME}=${login.token};Path=/rest;HttpOnly` };
  return { user: login.user, answer: cookie ? { ...answer, headers } : answer };
}

function seen(shell: Shell, op: string, more: { user?: string; status?: number; file?: string; fault?: string }): void {
  shell.log.add({ at: shell.clock.now(), door: 'http', op, ...more });
}

function tooLarge(): WireError {
  return wireError(
    'INVALID_ARGUMENT',
    'shelver.simulator.body_too_large',
    `The body of a request may have ${BODY_CAP} bytes.`,
    String(BODY_CAP)
  );
}
