// POST /sdk: reads, answers, and writes down that it was asked.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Shell } from '../shell.ts';
import { sendEarly } from './answers.ts';
import { readBody } from './body.ts';
import { cookieOf } from './credentials.ts';
import { answerSoap } from './soap.ts';

/** Of the SOAP side alone: its name, as clients that keep sessions know it. */
const COOKIE = 'vmware_soap_session';

export async function handleSdk(shell: Shell, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const seen = (op: string, status: number, user?: string) =>
    shell.log.add({ at: shell.clock.now(), door: 'http', op, status, ...(user !== undefined && { user }) });
  if (req.method !== 'POST') {
    seen('soap', 405);
    return sendEarly(req, res, { status: 405, headers: { allow: 'POST' } });
  }
  const body = await readBody(req);
  if (body === undefined) {
    seen('soap', 413);
    return sendEarly(req, res, { status: 413 });
  }
  const { logins, profile } = shell;
  const answer = answerSoap(body, cookieOf(req.headers, COOKIE), {
    logins,
    profile,
    instanceId: shell.state().settings.serverGuid,
    now: () => shell.clock.now()
  });
  seen(`soap.${answer.method}`, answer.status, answer.user);
  res.writeHead(answer.status, {
    'content-type': 'text/xml; charset=utf-8',
    'content-length': Buffer.byteLength(answer.xml),
    ...(answer.begun !== undefined && { 'set-cookie': `${COOKIE}=${answer.begun}; Path=/; HttpOnly` })
  });
  res.end(answer.xml);
}
