// One request and its whole answer over got, which neither retries, follows redirects nor throws for a status here.
import type { IncomingHttpHeaders } from 'node:http';
import got, { CancelError } from 'got';
import pRetry from 'p-retry';
import { failure } from '../../../machines/vocabulary.ts';
import { BUDGET_TOKENS, DEFAULT_POLICY } from '../../policy.ts';
import { PortFailure, type RetryBudget } from '../../ports.ts';
import { retryAfterMs as parseRetryAfter } from '../../wire/failures.ts';
import type { Address } from './address.ts';
import { failureOf, portFailureIn } from './failure.ts';
import { nodeRequest } from './node-request.ts';
import type { Agents } from './trust.ts';
import { isCut, isOpenEnded } from './whole.ts';

export interface Timeouts {
  /** From dialling to the end of the TLS handshake. */
  readonly connectMs: number;
  /** From the end of a request to the beginning of its answer. */
  readonly headersMs: number;
  /** Without a byte moved, either way. */
  readonly stallMs: number;
  /**
   * From the beginning of an answer of the service to its end, however it drips. For the bytes of a file, which may take as
   * long as they come: from the end of what is sent to the beginning of the answer.
   */
  readonly answerMs: number;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** With the query. */
  readonly path: string;
  /** The path as it may be shown: with placeholders for ids and names. Absent: the path without its query is no secret. */
  readonly template?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is; the headers say what it is. */
  readonly text?: string;
  readonly signal?: AbortSignal;
}
export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Nothing but the end of its connection says where it ends (whole.ts). */
  readonly openEnded?: true;
}
/** Answers whatever the status is; throws `PortFailure` when no answer came. */
export type Send = (request: HttpRequest) => Promise<HttpAnswer>;

export const USER_AGENT = 'shelver';
const LARGEST_ANSWER = 16 * 1024 * 1024;

export function makeSend(address: Address, agents: Agents, timeouts: Timeouts): Send {
  const client = got.extend({
    agent: { http: agents.http, https: agents.https },
    request: nodeRequest,
    retry: { limit: 0 },
    throwHttpErrors: false,
    followRedirect: false,
    timeout: { response: timeouts.headersMs, socket: timeouts.stallMs, read: timeouts.answerMs },
    headers: { accept: 'application/json', 'user-agent': USER_AGENT }
  });
  let answered = false;
  return async ({ method, path, headers, body, text, signal }) => {
    const request = client(`${address.origin}${path}`, {
      method,
      headers,
      signal,
      ...(body !== undefined && { json: body }),
      ...(text !== undefined && { body: text })
    });
    // Counted after inflation, so a small answer that inflates without end is stopped too.
    request.on('downloadProgress', progress => {
      if (progress.transferred > LARGEST_ANSWER) request.cancel();
    });
    try {
      const { statusCode: status, rawHeaders, headers, body } = await request;
      answered = true;
      const answer = { status, headers, body, ...(isOpenEnded(status, rawHeaders) && ({ openEnded: true } as const)) };
      if (isCut(answer)) throw cutShort(address.place, method);
      return answer;
    } catch (error) {
      if (error instanceof CancelError) {
        throw new PortFailure(
          failure('SERVER_ERROR', `the answer of ${address.place} is larger than ${LARGEST_ANSWER / 2 ** 20} MiB`)
        );
      }
      throw failureOf(error, { method, place: address.place, secure: address.secure, answered }, signal);
    }
  };
}

/** An answer of which only a part came: the server has acted, or has not. */
export function cutShort(place: string, method: HttpRequest['method']): PortFailure {
  const maybe = method === 'GET' ? {} : { ambiguous: true };
  return new PortFailure(failure('CONNECTION', `the answer of ${place} was cut short`, maybe));
}

/** A second try is a convenience: half of the budget is left to those who decide what is worth a retry. */
const SPARE = BUDGET_TOKENS / 2;

/**
 * The same request a second time when the connection failed, for requests that do no harm when repeated: GET and login. It
 * is drawn for as any other retry. Every other one is the machines' to decide.
 */
export function twice(send: Send, budget: RetryBudget): Send {
  return request => secondTry(() => send(request), budget, request.signal);
}

/** The same for whatever asks and does no harm. */
export async function secondTry<T>(ask: () => Promise<T>, budget: RetryBudget, signal?: AbortSignal): Promise<T> {
  let drawn = 0;
  const answer = await pRetry(ask, {
    retries: 1,
    minTimeout: 100,
    randomize: true,
    shouldRetry: ({ error }) => {
      if (portFailureIn(error)?.failure.code !== 'CONNECTION' || signal?.aborted) return false;
      if (!budget.draw(DEFAULT_POLICY.breakCost, SPARE)) return false;
      drawn = DEFAULT_POLICY.breakCost;
      return true;
    }
  });
  budget.refund(drawn);
  return answer;
}

/** The server's own clock, when it told. */
export function serverNow(headers: IncomingHttpHeaders): number | undefined {
  const at = Date.parse(headers.date ?? '');
  return Number.isNaN(at) ? undefined : at;
}

/**
 * Whether an answer is not the service's, but that of an HTTP server that could not read the request, and hangs up: so do
 * those of Node, Go and Envoy with one that was cut on its way (400 with `Connection: close`, RFC 9112, section 9.6).
 */
export function isUnread({ status, headers, body }: HttpAnswer): boolean {
  if (status !== 400 || !/\bclose\b/i.test(String(headers.connection ?? ''))) return false;
  // Some say so in a page; the service speaks JSON, and XML that is none.
  return !/^\s*[{<]/.test(body) || /^\s*(<!doctype html|<html)\b/i.test(body);
}

/** Retry-After as milliseconds from now on; a date is held against the server's clock, not ours. */
export function retryAfter(headers: IncomingHttpHeaders): { retryAfterMs?: number } {
  const ms = parseRetryAfter(headers['retry-after'], serverNow(headers) ?? Date.now());
  // A number of 400 digits is a number, but JSON has none for it.
  return ms === undefined ? {} : { retryAfterMs: Math.min(ms, Number.MAX_SAFE_INTEGER) };
}
