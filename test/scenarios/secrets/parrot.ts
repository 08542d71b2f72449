// A server that repeats what it was told in secret: it stands before a simulator, passes everything on, and where a rule says
// so it answers with every secret that it has heard, in every form that a server may write it in.
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { type Canary, formsOf } from '../../invariants/secrets.ts';

export interface Rule {
  /** `METHOD path`, such as `/^POST .*action=complete/`. */
  readonly on: RegExp;
  /** An error answer that repeats all secrets; absent: the answer of the service, with an error told in it. */
  readonly status?: number;
  readonly as?: 'json' | 'text' | 'html';
  /** What kind of error it is called; `UNSUPPORTED` (nobody tries that again) unless said otherwise. */
  readonly type?: string;
  /** How often it was followed. */
  followed?: number;
}

export interface Parrot {
  readonly url: string;
  /** What it has ever heard: logins, tokens, addresses for bytes and of sources. */
  heard(): Canary[];
  /** What it does from now on. */
  rules: Rule[];
}

/** It repeats what it has heard since the last login: what others told it, no client could know. */
export async function parrotBefore(service: string): Promise<Parrot> {
  const ever = new Map<string, Canary>();
  const lately = new Map<string, Canary>();
  const hear = (text: string, name: string, repeats = true): void => {
    if (text === '') return;
    const canary = { name, text, whole: /:\/\//.test(text) };
    ever.set(text, canary);
    if (repeats) lately.set(text, canary);
  };
  const parrot: Parrot = { url: '', heard: () => [...ever.values()], rules: [] };

  const server = http.createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    request.on('error', () => undefined);
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { authorization, 'vmware-api-session-id': token } = request.headers;
    if (authorization !== undefined) {
      lately.clear();
      const basic = authorization.replace(/^Basic /, '');
      hear(basic, 'the basic login');
      hear(Buffer.from(basic, 'base64').toString().replace(/^.*?:/s, ''), 'the password');
    }
    // Before it is used, nobody can tell whether the answer that gave it has been read.
    const [used] = /\/cls\/data\/.*/.exec(String(request.url)) ?? [];
    for (const { name, text } of used ? [...ever.values()] : []) {
      if (used!.includes(text) || text.endsWith(used!)) hear(text, name);
    }
    const body = Buffer.concat(chunks);
    for (const [, uri = ''] of body.toString().matchAll(/"uri":"([^"]+)"/g)) {
      hear(uri, 'the address of a source');
      for (const value of new URL(uri).searchParams.values()) if (value.length > 5) hear(value, 'a query of a source');
    }
    if (typeof token === 'string') hear(token, 'the login session');
    const rule = parrot.rules.find(({ on }) => on.test(`${request.method} ${request.url}`));
    if (rule !== undefined) rule.followed = (rule.followed ?? 0) + 1;
    if (rule?.status !== undefined) return repeat(response, rule, [...lately.values()]);
    const answer = await passOn(service, request, body);
    let said = answer.body.replaceAll(service, origin());
    for (const [uri] of said.matchAll(/http:[^"\s]*\/cls\/data\/[^"\s]+/g)) {
      hear(uri, 'an address for bytes', false);
      hear(uri.split('/').at(-2)!, 'the random part of an address for bytes', false);
    }
    const { pathname } = new URL(String(request.url), service);
    if (request.method === 'POST' && pathname === '/api/session') hear(JSON.parse(said), 'the login session');
    if (rule !== undefined) said = JSON.stringify(toldOf(JSON.parse(said), [...lately.values()]));
    const { 'content-length': _, 'transfer-encoding': __, ...headers } = answer.headers;
    response.writeHead(answer.status, headers);
    response.end(answer.status === 204 ? undefined : Buffer.from(said, 'utf8'));
  });
  const origin = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise<void>(resolve => {
        server.closeAllConnections();
        server.close(() => resolve());
      })
  );
  return Object.assign(parrot, { url: origin() });
}

/** One message for each form of each secret; the first, which becomes the sentence of a failure, has them all. */
function messagesOf(secrets: readonly Canary[]): object[] {
  const all = secrets.flatMap(({ text }) => [...formsOf(text).keys()]);
  return [secrets.map(({ text }) => text).join(' and '), ...all].map(text => ({
    id: 'parrot',
    default_message: `It was said: ${text}`,
    args: [text]
  }));
}

function repeat(
  response: http.ServerResponse,
  { status, as = 'json', type = 'UNSUPPORTED' }: Rule,
  secrets: readonly Canary[]
): void {
  const messages = messagesOf(secrets);
  const text = messages.map(message => (message as { default_message: string }).default_message).join(' ');
  const types = { json: 'application/json', text: 'text/plain', html: 'text/html' };
  const body = {
    json: JSON.stringify({ error_type: type, messages }),
    // A line is cut after 300 characters: wherever that is.
    text,
    html: `<html><body>${text}</body></html>`
  };
  response.writeHead(status!, { 'content-type': types[as], 'x-said': encodeURIComponent(text).slice(0, 500) });
  response.end(body[as]);
}

/** A session or a file that has failed, and says why. */
function toldOf(value: unknown, secrets: readonly Canary[]): unknown {
  const [first] = messagesOf(secrets) as { default_message: string }[];
  const all = secrets.flatMap(({ text }) => [...formsOf(text).keys()]).join(' ');
  const error_message = { id: 'parrot', default_message: `${first!.default_message} ${all}`, args: [all] };
  const failed = (each: object): object => ({
    ...each,
    ...('state' in each && { state: 'ERROR' }),
    ...('status' in each && { status: 'ERROR' }),
    error_message
  });
  return Array.isArray(value) ? value.map(failed) : failed(value as object);
}

function passOn(
  service: string,
  { method, url, headers }: http.IncomingMessage,
  body: Buffer
): Promise<{ status: number; headers: http.IncomingHttpHeaders; body: string }> {
  return new Promise((resolve, reject) => {
    const onward = http.request(`${service}${url}`, { method, headers, agent: false }, answer => {
      const chunks: Buffer[] = [];
      answer.on('data', chunk => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          body: Buffer.concat(chunks).toString('utf8')
        })
      );
    });
    onward.on('error', reject);
    onward.end(body);
  });
}
