// What an attempt is told, what it knows and what it comes to. All of it is JSON.
import type { Failure } from '../../vocabulary.ts';
import type { CallSpec, RetryPolicy } from '../calls.ts';

export interface AttemptInput {
  readonly call: CallSpec;
  readonly policy: RetryPolicy;
  /** Tries that an earlier attempt at the same thing has used up. */
  readonly used?: number;
  /** Why the same thing is attempted again: then the first call is a retry, too, and is drawn for. */
  readonly after?: Failure;
  /** An earlier life has sent the same call, and what became of it is not known. */
  readonly doubted?: boolean;
}

export type AttemptResult =
  | {
      readonly ok: true;
      readonly at: number;
      readonly luck: number;
      readonly value: unknown;
      readonly attempts: number;
      /** Some call before the one that was answered may have its effect, too, and may have it late. */
      readonly doubted: boolean;
      /** Nobody answered: it was asked for, and there it was. */
      readonly found?: true;
    }
  | {
      readonly ok: false;
      readonly at: number;
      readonly luck: number;
      readonly failure: Failure;
      readonly attempts: number;
      /** Some call may have had its effect all the same. */
      readonly doubted: boolean;
    };

export interface Context {
  readonly call: CallSpec;
  readonly policy: RetryPolicy;
  /** Calls made, all told. */
  readonly attempts: number;
  /** Tries counted against the budget: progress sets it back, questions count too. */
  readonly spent: number;
  /** The most bytes that any attempt has sent, or has come to. */
  readonly furthest: number;
  /** Some call of this attempt may have landed without an answer. */
  readonly doubted: boolean;
  readonly thenAsk: boolean;
  readonly dueAt: number;
  /** Tokens that were drawn for the call that is made next or on its way. */
  readonly drawn: number;
  /** The last call got further than any before it: trying again costs nothing. */
  readonly moved: boolean;
  /** Why it waits: what failed last. */
  readonly why?: Failure;
  readonly result?: AttemptResult;
}
