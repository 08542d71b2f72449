// One PUT on the wire, as three things a pump needs: write a chunk, know when to stop, have the answer. An answer may come
// while bytes are still going out; it is read even when the server cuts the connection right after it.
import type { IncomingMessage } from 'node:http';
import type { Got } from 'got';
import type { HttpAnswer } from './request.ts';

export interface Put {
  /** Settles when the chunk was handed to the network, or when there is no point in sending more. */
  write(chunk: Uint8Array): Promise<void>;
  /** All was written. */
  finish(): void;
  /** Cuts the connection; the answer fails with `reason`. */
  abort(reason: unknown): void;
  /** True from the moment when the server has answered or the connection has failed. */
  readonly over: boolean;
  /** Calls back once when it is over: at once, if it is already. */
  whenOver(callback: () => void): void;
  /** The answer, or why there is none. */
  readonly answer: Promise<HttpAnswer>;
}

export interface PutOptions {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
}

const LONGEST_MESSAGE = 64 * 1024;
const TELLING_MS = 10_000;

export function openPut(client: Got, { url, headers }: PutOptions): Put {
  const stream = client.stream.put(url, { headers });
  let over = false;
  let waiting: (() => void) | undefined;
  const end = () => {
    over = true;
    waiting?.();
    waiting = undefined;
  };

  let answered = false;
  const answer = new Promise<HttpAnswer>((resolve, reject) => {
    stream.once('response', (response: IncomingMessage) => {
      answered = true;
      end();
      // Straight from the response, not through got: got drops what has come when the socket then fails.
      collect(response, body => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
        stream.destroy();
      });
    });
    stream.on('error', error => {
      end();
      // An answer has the last word: a server that refuses early often resets the connection behind it.
      if (!answered) reject(error);
    });
  });
  // Whoever aborts may not be waiting for the answer any more.
  answer.catch(() => {});

  return {
    write: chunk =>
      new Promise(resolve => {
        waiting = resolve;
        stream.write(chunk, error => {
          // A chunk that was not taken must not count as sent.
          if (error) end();
          waiting = undefined;
          resolve();
        });
      }),
    finish: () => stream.end(),
    abort: reason => stream.destroy(reason instanceof Error ? reason : new Error('aborted')),
    get over() {
      return over;
    },
    whenOver: callback => {
      if (over) callback();
      else waiting = callback;
    },
    answer
  };
}

/**
 * Reads what the server says, up to a length no message has, and for as long as a message takes; a connection that breaks ends
 * it too. It is told as far as it has come.
 */
export function collect(response: IncomingMessage, done: (body: string) => void, withinMs: number = TELLING_MS): void {
  const parts: Buffer[] = [];
  let length = 0;
  const finish = () => {
    clearTimeout(timer);
    done(Buffer.concat(parts).toString());
  };
  const timer = setTimeout(finish, withinMs);
  const take = () => {
    for (let part: Buffer | null = response.read(); part !== null; part = response.read()) {
      parts.push(part);
      length += part.length;
      if (length > LONGEST_MESSAGE) return finish();
    }
  };
  response.on('readable', take);
  response.once('end', finish);
  response.once('close', finish);
  response.once('error', finish);
  // what was there before anybody listened is not announced again
  take();
}
