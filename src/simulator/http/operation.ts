// The control plane over HTTP: one request is one operation of the wire table, in the dialect of its path.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { encodeResult } from '../../wire/codec.ts';
import { noSuchRoute, unauthenticated, type WireError, wireError } from '../../wire/errors.ts';
import type { OperationName, WireArgs } from '../../wire/operations.ts';
import { type DecodedRequest, decodeRequest } from '../../wire/requests.ts';
import type { Fault } from '../faults.ts';
import { expireSessionIn, fileIn, type Shell } from '../shell.ts';
import { type Answer, breakOff, errorAnswer, faultAnswer, send, sendEarly } from './answers.ts';
import { BODY_CAP, readBody } from './body.ts';
import { basicOf, TOKEN_NAME, tokenOf } from './credentials.ts';
import { keepStalled } from './idle.ts';
import { isTooNew, type Language, languageOf } from './language.ts';

export async function handleOperation(shell: Shell, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const url = req.url ?? '/';
  const language = languageOf(shell.profile, url, req.headers);
  const { dialect, spoken } = language;
  const body = await readBody(req);
  if (body === undefined) {
    seen(shell, 'unknown', { status: 413 });
    return sendEarly(req, res, { ...errorAnswer(dialect, tooLarge(), language), status: 413 });
  }
  const { encodings } = shell.profile;
  const incoming = { method: req.method ?? '', url, headers: req.headers, body };
  const request = spoken ? decodeRequest(incoming, { dialect, encodings }) : undefined;
  if (request === undefined || isTooNew(request.op, shell.profile)) {
    seen(shell, 'unknown', { status: 404 });
    return send(res, errorAnswer(dialect, noSuchRoute(url.split('?', 1)[0]!), language));
  }
  const { op } = request;
  const args = request.error === undefined ? request.args : {};
  const file = fileIn(op, args);
  const fault = shell.faults.take(op, file);
  const note = { ...(file !== undefined && { file }), ...(fault !== undefined && { fault: fault.do }) };
  const silent = (): void => seen(shell, op, note);
  const act = async (told = true): Promise<Answer> => {
    const { user, answer } = await perform(shell, req, request, language);
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
        keepStalled(req.socket);
        return;
      case 'answer':
        seen(shell, op, { ...note, status: fault.status });
        return send(res, faultAnswer(dialect, fault, shell.clock, language));
      case 'loseAnswer':
        await act(false);
        return breakOff(req);
      case 'late':
        breakOff(req);
        shell.later(shell.clock.sleepUntil(shell.clock.now() + fault.delayMs, shell.stopping).then(() => act(false)));
        return;
      case 'slow': {
        const answer = await act();
        const bytes = body!.length + (answer.xml ?? JSON.stringify(answer.body ?? '')).length;
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
async function perform(
  shell: Shell,
  req: IncomingMessage,
  request: DecodedRequest,
  language: Language
): Promise<{ user?: string; answer: Answer }> {
  const { op } = request;
  const { dialect, as } = language;
  if (op === 'login.create') return logIn(shell, req, language);
  const token = tokenOf(req.headers);
  const login = shell.logins.find(token);
  if (login === undefined) return { answer: errorAnswer(dialect, unauthenticated(dialect), language) };
  const { user } = login;
  if (op === 'login.delete') {
    shell.logins.end(token);
    return { user, answer: encodeResult(op, dialect, undefined) };
  }
  if (request.error !== undefined) return { user, answer: errorAnswer(dialect, request.error, language) };
  if (op === 'login.get') {
    const created_time = new Date(login.createdAt).toISOString();
    const last_accessed_time = new Date(login.accessedAt).toISOString();
    return { user, answer: encodeResult(op, dialect, { user, created_time, last_accessed_time }, as) };
  }
  return { user, answer: await answerTo(shell, op, language, request.args, user) };
}

async function answerTo(
  shell: Shell,
  op: OperationName,
  language: Language,
  args: WireArgs,
  user: string
): Promise<Answer> {
  const { dialect, as } = language;
  const { value, error } = op === 'file.probe' ? await shell.probe(args) : shell.operate(op, args, user);
  return error === undefined ? encodeResult(op, dialect, value, as) : errorAnswer(dialect, error, language);
}

function logIn(shell: Shell, req: IncomingMessage, language: Language): { user?: string; answer: Answer } {
  const { dialect, as } = language;
  const given = basicOf(req.headers);
  const login = given && shell.logins.open(given.user, given.password);
  if (login === undefined) return { answer: errorAnswer(dialect, unauthenticated(dialect), language) };
  const answer = encodeResult('login.create', dialect, login.token, as);
  const cookie = dialect !== 'api' && req.headers['vmware-use-header-authn'] === undefined;
  const headers = { 'set-cookie': `${TOKEN_NAME}=${login.token};Path=${dialect === 'rest' ? '/rest' : '/'};HttpOnly` };
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
