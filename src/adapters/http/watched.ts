// Every request, told once it is over: what was asked, how it ended, how long it took. Never with an id, a query, a header or an
// address that bytes go to, for some of these are secrets.
import { performance } from 'node:perf_hooks';
import type { FailureCode } from '../../../machines/vocabulary.ts';
import { type ByteTransfer, PortFailure } from '../../ports.ts';
import type { Send } from './request.ts';

/** One request that was made, as it may be shown to anybody. */
export interface SentRequest {
  readonly method: string;
  /** With placeholders instead of ids and names: `/api/content/library/item/{id}`; `(bytes)` for an address that bytes go to. */
  readonly path: string;
  /** Status of the answer; absent: there was none, or it was that of bytes that went well. */
  readonly status?: number;
  /** Why there was no good answer. */
  readonly code?: FailureCode;
  /** Bytes of a file that went well, either way. */
  readonly bytes?: number;
  readonly tookMs: number;
}

export type OnRequest = (request: SentRequest) => void;

/** The same, telling each request. */
export function watchedSend(send: Send, told: OnRequest | undefined): Send {
  if (told === undefined) return send;
  return async request => {
    const took = stopwatch();
    const asked = { method: request.method, path: request.template ?? request.path.replace(/\?.*/, '') };
    try {
      const answer = await send(request);
      told({ ...asked, status: answer.status, tookMs: took() });
      return answer;
    } catch (cause) {
      told({ ...asked, ...whyNot(cause), tookMs: took() });
      throw cause;
    }
  };
}

/** The same for what carries the bytes. */
export function watchedBytes(bytes: ByteTransfer, told: OnRequest | undefined): ByteTransfer {
  if (told === undefined) return bytes;
  const watched = async <T>(method: string, amount: (done: T) => number, transfer: () => Promise<T>): Promise<T> => {
    const took = stopwatch();
    const asked = { method, path: '(bytes)' };
    try {
      const done = await transfer();
      told({ ...asked, bytes: amount(done), tookMs: took() });
      return done;
    } catch (cause) {
      told({ ...asked, ...whyNot(cause), tookMs: took() });
      throw cause;
    }
  };
  return {
    push: request =>
      watched(
        'PUT',
        ({ sent }) => sent,
        () => bytes.push(request)
      ),
    fetch: request =>
      watched(
        'GET',
        ({ received }) => received,
        () => bytes.fetch(request)
      )
  };
}

function whyNot(cause: unknown): Pick<SentRequest, 'status' | 'code'> {
  if (!(cause instanceof PortFailure)) return { code: 'INTERNAL' };
  const { code, service } = cause.failure;
  return { code, ...(service?.status !== undefined && { status: service.status }) };
}

function stopwatch(): () => number {
  const since = performance.now();
  return () => Math.round(performance.now() - since);
}
