// The questions (guards) and the bookkeeping (actions) of an attempt, by name.
import { assign, fromPromise, setup } from 'xstate';
import type { Answer, Failed, Failure } from '../../vocabulary.ts';
import { FAILURES } from '../../vocabulary.ts';
import { continued, isAlreadySo, isDoubtful, learn, learnRefused, mustAsk } from '../after-failure.ts';
import { backOffMs, type Order } from '../calls.ts';
import { costOf, unpaid } from '../retry-budget.ts';
import type { AttemptInput, AttemptResult, Context } from './facts.ts';

const unprovided = (name: string) => (): Promise<never> => Promise.reject(new Error(`${name} was not provided`));
const call = fromPromise<Answer, Order>(unprovided('call'));
export const sleep = fromPromise<Answer, { until: number }>(unprovided('sleep'));
const draw = fromPromise<Answer<{ readonly granted: boolean }>, { cost: number }>(unprovided('draw'));

const failed = (event: { error: unknown }): Failed => event.error as Failed;

export const attemptSetup = setup({
  types: {
    context: {} as Context,
    input: {} as AttemptInput,
    output: {} as AttemptResult,
    children: {} as { call: 'call'; ask: 'call'; draw: 'draw'; wait: 'sleep' }
  },
  actors: { call, draw, sleep },
  guards: {
    alreadySo: ({ context, event }) => isAlreadySo(context.call, failed(event as never).failure),
    mustAsk: ({ context, event }) => mustAsk(context.call, failed(event as never).failure, context.doubted),
    canRetry: ({ context, event }) => {
      const { failure } = failed(event as never);
      return FAILURES[failure.code].retry && (hasBudget(context) || cameFurther(context, failure));
    },
    canAskAgain: ({ context, event }) =>
      FAILURES[failed(event as never).failure.code].retry && context.spent < askLimit(context),
    refusedForGood: ({ context, event }) =>
      learnRefused(context.call, failed(event as never).failure)?.happened === 'never',
    refusedButCanCallAgain: ({ context, event }) =>
      learnRefused(context.call, failed(event as never).failure)?.happened === 'no' &&
      context.spent < context.policy.maxAttempts,
    asksAgain: ({ context }) => context.thenAsk,
    happened: ({ context, event }) => learn(context.call, answerOf(event), context.why).happened === 'yes',
    neverWill: ({ context, event }) => learn(context.call, answerOf(event), context.why).happened === 'never',
    underWay: ({ context, event }) =>
      learn(context.call, answerOf(event), context.why).happened === 'notYet' && context.spent < askLimit(context),
    canCallAgain: ({ context }) => context.spent < context.policy.maxAttempts,
    isRepeated: ({ context }) => context.why !== undefined,
    isFree: ({ context }) => context.moved || priceOf(context) === 0,
    isGranted: ({ event }) => (answerOf(event) as { granted: boolean }).granted,
    hasNotBegun: ({ context }) => context.attempts === 0
  },
  actions: {
    countCall: assign({ attempts: ({ context }) => context.attempts + 1 }),
    succeed: assign({
      result: ({ context, event }) => ({
        ok: true,
        ...stampOf(event),
        value: answerOf(event),
        attempts: context.attempts,
        doubted: context.doubted
      })
    }),
    succeedAlready: assign({
      result: ({ context, event }) => ({
        ok: true,
        ...stampOf(event),
        value: null,
        attempts: context.attempts,
        doubted: context.doubted
      })
    }),
    succeedByAsking: assign({
      result: ({ context, event }) => {
        const { value } = learn(context.call, answerOf(event), context.why) as { value: unknown };
        return {
          ok: true,
          ...stampOf(event),
          value,
          attempts: context.attempts,
          doubted: context.doubted,
          found: true
        };
      }
    }),
    fail: assign({
      result: ({ context, event }) => ({
        ok: false,
        ...stampOf(event),
        failure: { ...failed(event as never).failure, ...bestWords(context, failed(event as never).failure) },
        attempts: context.attempts,
        doubted: context.doubted || isDoubtful(failed(event as never).failure)
      })
    }),
    failAsLearned: assign({
      result: ({ context, event }) => {
        const learned =
          'output' in event
            ? learn(context.call, answerOf(event), context.why)
            : learnRefused(context.call, failed(event as never).failure);
        // What the call itself heard says more than what is found afterwards.
        const why =
          learned?.happened === 'never' && context.why?.service === undefined
            ? { ...learned.failure, sent: context.why?.sent, digests: context.why?.digests }
            : context.why;
        return {
          ok: false,
          ...stampOf(event),
          failure: why as Failure,
          attempts: context.attempts,
          doubted: context.doubted
        };
      }
    }),
    note: assign(({ context, event }) => {
      const its = failed(event as never);
      const progressed = cameFurther(context, its.failure);
      const spent = progressed ? 1 : context.spent + 1;
      return {
        call: continued(context.call, its.failure),
        spent,
        moved: progressed,
        // What moved on has earned back what was drawn for it: it is not drawn again.
        drawn: progressed ? context.drawn : 0,
        furthest: progressed ? movedIn(its.failure) : context.furthest,
        doubted: context.doubted || isDoubtful(its.failure),
        why: its.failure,
        dueAt: its.at + backOffMs(context.policy, spent, its)
      };
    }),
    noteQuestion: assign(({ context, event }) => {
      const stamp = stampOf(event);
      const why = context.why as Failure;
      const spent = context.spent + 1;
      return {
        spent,
        drawn: 0,
        dueAt: stamp.at + backOffMs(context.policy, spent, { ...stamp, failure: { ...why, retryAfterMs: undefined } })
      };
    }),
    keepDrawn: assign({ drawn: ({ context }) => priceOf(context) }),
    failUnpaid: assign({
      result: ({ context, event }) => ({
        ok: false,
        ...stampOf(event),
        failure: unpaid(context.why as Failure),
        attempts: context.attempts,
        doubted: context.doubted
      })
    }),
    thenAsk: assign({ thenAsk: true }),
    thenCall: assign({ thenAsk: false }),
    waitAsAsked: assign(({ context, event }) => {
      const why = context.why as Failure;
      return {
        thenAsk: false,
        drawn: 0,
        dueAt: stampOf(event).at + backOffMs(context.policy, context.spent, { ...stampOf(event), failure: why })
      };
    })
  }
});

function hasBudget({ spent, policy }: Context): boolean {
  return spent + 1 < policy.maxAttempts;
}

/** A sixteenth of the file further than ever is progress; less would let a server that always breaks off never end it. */
function cameFurther({ call, furthest }: Context, failed: Failure): boolean {
  const size = call.op === 'push' || call.op === 'fetch' ? call.args.size : 0;
  const further = movedIn(failed) - furthest;
  return further > 0 && further >= size / 16;
}

function movedIn({ sent, received }: Failure): number {
  return sent ?? received ?? 0;
}

export function priceOf({ policy, why }: Context): number {
  return costOf(policy, why as Failure);
}

/** An answer gives back what was drawn for it; one that needed nothing puts a little in. */
export function refundOf({ drawn }: Context): number {
  return drawn === 0 ? 1 : drawn;
}

/** A doubt is worth more questions than a call is worth repeats: what is not known may be left behind. */
function askLimit(context: Context): number {
  return context.policy.maxAttempts * 4;
}

/** A question that cannot be answered must not hide what made it necessary. */
function bestWords(context: Context, last: Failure): Partial<Failure> {
  return context.thenAsk && context.why !== undefined && FAILURES[last.code].retry
    ? { message: context.why.message, code: context.why.code }
    : {};
}

function answerOf(event: unknown): unknown {
  return (event as { output: Answer }).output.value;
}

function stampOf(event: unknown): { at: number; luck: number } {
  const { output, error } = event as { output?: Answer; error?: Failed };
  const { at, luck } = (output ?? error) as Answer;
  return { at, luck };
}
