// One call, retried: the only place that retries. An answer lost on the way is never blindly repeated where that could
// do harm: the machine asks what happened and goes on from what it learns.
import { attemptSetup, priceOf, refundOf } from './attempt/bookkeeping.ts';
import type { AttemptResult } from './attempt/facts.ts';
import { questionOf } from './after-failure.ts';

export { sleep } from './attempt/bookkeeping.ts';
export type { AttemptInput, AttemptResult } from './attempt/facts.ts';

export const attemptMachine = attemptSetup.createMachine({
  id: 'attempt',
  context: ({ input }) => ({
    call: input.call,
    policy: input.policy,
    attempts: 0,
    spent: input.used ?? 0,
    furthest: input.call.op === 'fetch' ? input.call.args.from : 0,
    doubted: input.doubted === true,
    thenAsk: false,
    drawn: 0,
    moved: false,
    why: input.after,
    dueAt: 0
  }),
  initial: 'beginning',
  states: {
    beginning: { always: [{ guard: 'isRepeated', target: 'paying' }, { target: 'calling' }] },
    calling: {
      entry: 'countCall',
      invoke: {
        id: 'call',
        src: 'call',
        input: ({ context }) => ({ ...context.call, refund: refundOf(context) }),
        onDone: { target: 'succeeded', actions: 'succeed' },
        onError: [
          { guard: 'alreadySo', target: 'succeeded', actions: 'succeedAlready' },
          { guard: 'mustAsk', target: 'asking', actions: ['note', 'thenAsk'] },
          { guard: 'canRetry', target: 'paying', actions: ['note', 'thenCall'] },
          { target: 'failed', actions: 'fail' }
        ]
      }
    },
    asking: {
      invoke: {
        id: 'ask',
        src: 'call',
        input: ({ context }) => ({ ...questionOf(context.call), refund: refundOf(context) }),
        onDone: [
          { guard: 'happened', target: 'succeeded', actions: 'succeedByAsking' },
          { guard: 'neverWill', target: 'failed', actions: 'failAsLearned' },
          { guard: 'underWay', target: 'waiting', actions: ['noteQuestion', 'thenAsk'] },
          { guard: 'canCallAgain', target: 'paying', actions: 'waitAsAsked' },
          { target: 'failed', actions: 'failAsLearned' }
        ],
        onError: [
          { guard: 'refusedForGood', target: 'failed', actions: 'failAsLearned' },
          { guard: 'refusedButCanCallAgain', target: 'paying', actions: 'waitAsAsked' },
          { guard: 'canAskAgain', target: 'paying', actions: ['note', 'thenAsk'] },
          { target: 'failed', actions: 'fail' }
        ]
      }
    },
    paying: {
      description: 'a retry is drawn for, unless it is free',
      always: [{ guard: 'isFree', target: 'paid' }, { target: 'drawing' }]
    },
    drawing: {
      invoke: {
        id: 'draw',
        src: 'draw',
        input: ({ context }) => ({ cost: priceOf(context) }),
        onDone: [
          { guard: 'isGranted', target: 'paid', actions: 'keepDrawn' },
          { target: 'failed', actions: 'failUnpaid' }
        ]
      }
    },
    paid: { always: [{ guard: 'hasNotBegun', target: 'calling' }, { target: 'waiting' }] },
    waiting: {
      invoke: {
        id: 'wait',
        src: 'sleep',
        input: ({ context }) => ({ until: context.dueAt }),
        onDone: [{ guard: 'asksAgain', target: 'asking' }, { target: 'calling' }]
      }
    },
    succeeded: { type: 'final' },
    failed: { type: 'final' }
  },
  output: ({ context }) => context.result as AttemptResult
});
