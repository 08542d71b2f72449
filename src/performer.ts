// Carries out the commands of a run: begins effects, stops them, and tells what went out and what came back.

import type { Failure } from '../machines/vocabulary.ts';
import type { CallSpec } from '../machines/workflow/calls.ts';
import type { Means } from './effects/calls.ts';
import { performCall, performDraw, performSleep } from './effects/perform.ts';
import type { Ledger } from './events/ledger.ts';
import type { RunEvent } from './events/records.ts';
import { waitOf } from './events/timeline.ts';
import type { Arrival, Inbox } from './inbox.ts';
import type { Command, Node, Result } from './step.ts';

type Start = Extract<Command, { do: 'start' }>;

/** Who hears of it. */
export interface Heard {
  event(event: RunEvent): void;
  /** Byte counts that an answer tells. */
  count(op: string, about: string | undefined, value: unknown): void;
}

export class Performer {
  /** Calls that were made again after a failure. */
  retries = 0;
  readonly #means: Means;
  readonly #ledger: Ledger;
  readonly #inbox: Inbox;
  readonly #heard: Heard;
  readonly #going = new Map<string, { serial: number; abort: AbortController }>();
  #serial = 0;
  #closed = false;
  /** Files that have waited since they were last pushed or fetched: `file:2`. */
  readonly #waited = new Set<string>();

  constructor(means: Means, ledger: Ledger, inbox: Inbox, heard: Heard) {
    this.#means = means;
    this.#ledger = ledger;
    this.#inbox = inbox;
    this.#heard = heard;
  }

  begin(tree: Node, command: Start): void {
    if (this.#closed) return;
    const { settle, signal } = this.#open(command.at);
    if (command.src === 'sleep') this.#heard.event(waitOf(tree, command, this.#means.clock.now()));
    // A wait of an attempt stands between a call that failed and the same call, or its question, again.
    if (command.at.endsWith('/wait')) {
      this.retries += 1;
      this.#waited.add(fileIn(command.at));
    }
    this.#perform(command, signal).then(
      output => settle({ output }),
      (error: unknown) => settle({ error })
    );
  }

  /** A call that must not go out fails at once, for the reason given. */
  refuse(path: string, refusal: Failure): void {
    this.#open(path).settle({ error: { at: this.#means.clock.now(), luck: 0, failure: refusal } });
  }

  stop(path: string): void {
    this.#going.get(path)?.abort.abort(STOPPED);
    this.#going.delete(path);
  }

  /** Whether the answer is still waited for: its effect was not stopped, nor its place taken by another. */
  takes({ path, serial }: Extract<Arrival, { kind: 'answer' }>): boolean {
    if (this.#going.get(path)?.serial !== serial) return false;
    this.#going.delete(path);
    return true;
  }

  /** Stops everything, for good. */
  close(): void {
    this.#closed = true;
    for (const path of [...this.#going.keys()]) this.stop(path);
  }

  #open(path: string): { settle: (result: Result) => void; signal: AbortSignal } {
    const serial = ++this.#serial;
    const abort = new AbortController();
    this.#going.set(path, { serial, abort });
    return { settle: result => this.#inbox.put({ kind: 'answer', path, serial, result }), signal: abort.signal };
  }

  #perform({ at: path, src, input }: Start, signal: AbortSignal): Promise<unknown> {
    const now = () => this.#means.clock.now();
    if (src === 'sleep') return performSleep(this.#means, input as { until: number }, signal);
    if (src === 'draw') return performDraw(this.#means, input as { cost: number }, signal);
    return performCall(this.#means, input as CallSpec, signal, {
      call: (op, about) => {
        // The event first: bytes that are counted before it would be those of the attempt before.
        const from = op === 'fetch' ? (input as { args: { from: number } }).args.from : undefined;
        this.#heard.event({ type: 'call', at: now(), path, op, about, ...(from !== undefined && { from }) });
        if (op === 'push' || op === 'fetch' || isFetchBegun(input as CallSpec))
          this.#beginTry(path, String(about), from ?? 0);
      },
      answer: (op, about, outcome) => {
        if ('value' in outcome) this.#heard.count(op, about, outcome.value);
        this.#heard.event({
          type: 'answer',
          at: now(),
          path,
          op,
          about,
          failure: 'failure' in outcome ? outcome.failure : undefined
        });
      }
    });
  }

  #beginTry(path: string, file: string, from: number): void {
    const waited = this.#waited.delete(fileIn(path));
    // Added anew without a wait: what arrived was refused, or its session is gone. It is sent again all the same.
    if (this.#ledger.totalOf(file).attempts > 0 && !waited) this.retries += 1;
    this.#ledger.begin(file, from);
  }
}

/** What `abort()` says without a reason; made once, since each of them costs a stack. */
const STOPPED = new DOMException('This operation was aborted', 'AbortError');

/** The service is told to fetch: what it fetched before, it fetches again. */
function isFetchBegun(call: CallSpec): boolean {
  return call.op === 'addFile' && call.args.pull !== undefined;
}

/** @example `fileIn('file:2/pushing/wait')` is `'file:2'`. */
function fileIn(path: string): string {
  return path.replace(/\/.*$/, '');
}
