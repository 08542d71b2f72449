// While the session is open: files are sent beside a watch and a lease, then it is validated, reviewed and completed.

import { FREE } from '../retry-budget.ts';
import { uploadSetup } from './bookkeeping.ts';
import {
  abandon,
  asksSession,
  attempt,
  doubt,
  gone,
  leaseLost,
  leave,
  sessionOf,
  soon,
  soonAsAsked
} from './calling.ts';
import { following } from './following.ts';
import { rechecking } from './rechecking.ts';

export const holding = uploadSetup.createStateConfig({
  description: 'a session is open: it is kept alive as long as this lasts',
  invoke: {
    id: 'lease',
    src: 'lease',
    input: ({ context }) => ({
      kind: 'update',
      sessionId: String(context.sessionId),
      sessionTimeoutMs: context.input.server.sessionTimeoutMs,
      policy: context.input.policy
    })
  },
  entry: 'beginHolding',
  initial: 'transferring',
  states: {
    transferring: {
      type: 'parallel',
      exit: 'stopFiles',
      on: { cancel: leave, 'xstate.done.actor.lease': leaseLost },
      states: {
        files: {
          meta: { spawns: 'uploadFile' },
          entry: 'fillWindow',
          on: { 'xstate.done.actor.*': { guard: 'isFile', actions: ['settleFile', 'fillWindow'] } },
          always: [
            { guard: 'sessionInDoubt', target: '#upload.reconciling' },
            { guard: 'someFetchNotKept', target: '#upload.holding.following' },
            { guard: 'someFileFailed', target: abandon },
            { guard: 'allSentFetches', target: '#upload.holding.following' },
            { guard: 'allSent', target: '#upload.holding.removing' }
          ]
        },
        watch: {
          initial: 'resting',
          states: {
            resting: {
              invoke: {
                id: 'watchRest',
                src: 'sleep',
                input: ({ context }) => ({ until: context.at + context.input.policy.watchMs }),
                onDone: 'looking'
              }
            },
            looking: {
              invoke: {
                ...attempt('watch', asksSession, FREE),
                onDone: [
                  { guard: 'isOver', target: abandon, actions: 'failAsEnded' },
                  gone,
                  { target: 'counting', actions: 'keepTime' }
                ]
              }
            },
            counting: {
              description: 'what the service has accepted so far; the numbers go beside the chart, into progress',
              invoke: {
                ...attempt('count', context => ({ op: 'listFiles', args: { sessionId: sessionOf(context) } }), FREE),
                onDone: { target: 'resting', actions: 'keepTime' }
              }
            }
          }
        }
      }
    },
    following,
    removing: {
      description: 'takes the files away that shall not stay (--if-exists replace); it takes effect with complete',
      on: { cancel: leave, 'xstate.done.actor.lease': leaseLost },
      initial: 'asking',
      states: {
        asking: { always: [{ guard: 'replaces', target: 'listing' }, { target: '#upload.holding.validating' }] },
        listing: {
          description: 'by what this session has: an earlier one, or an earlier life of the run, may have been lost',
          invoke: {
            ...attempt('listExtras', context => ({ op: 'listFiles', args: { sessionId: sessionOf(context) } })),
            onDone: [
              doubt,
              { guard: 'failed', target: abandon, actions: 'failAsAnswered' },
              { target: 'choosing', actions: 'keepExtras' }
            ]
          }
        },
        choosing: {
          always: [{ guard: 'mustRemove', target: 'calling' }, { target: '#upload.holding.validating' }]
        },
        calling: {
          invoke: {
            ...attempt('remove', context => ({
              op: 'removeFile',
              args: { sessionId: sessionOf(context), name: String(context.toRemove[0]) }
            })),
            onDone: [
              doubt,
              { guard: 'failed', target: abandon, actions: 'failAsAnswered' },
              { target: 'choosing', actions: 'keepRemoved' }
            ]
          }
        }
      }
    },
    validating: {
      on: { cancel: leave, 'xstate.done.actor.lease': leaseLost },
      invoke: {
        ...attempt('validate', context => ({ op: 'validate', args: { sessionId: sessionOf(context) } })),
        onDone: [
          { guard: 'foundUnready', target: 'rechecking', actions: 'keepTime' },
          doubt,
          { guard: 'failed', target: abandon, actions: 'failAsAnswered' },
          { guard: 'filesMissing', target: abandon, actions: 'failMissing' },
          { guard: 'filesInvalid', target: abandon, actions: 'failInvalid' },
          { guard: 'hasPreview', target: 'reviewing', actions: 'keepTime' },
          { target: 'completing', actions: 'keepTime' }
        ]
      }
    },
    reviewing: {
      on: { cancel: leave, 'xstate.done.actor.lease': leaseLost },
      initial: 'asking',
      states: {
        asking: {
          invoke: {
            ...attempt('review', asksSession),
            onDone: [
              gone,
              doubt,
              { guard: 'failed', target: abandon, actions: 'failAsAnswered' },
              { guard: 'isDone', target: '#upload.verifying', actions: 'nowDone' },
              { guard: 'isOver', target: abandon, actions: 'failAsEnded' },
              { guard: 'outOfPatience', target: abandon, actions: 'failImpatient' },
              { guard: 'previewPending', target: 'resting', actions: 'beginPatience' },
              { guard: 'warningRefused', target: abandon, actions: 'failWarnings' },
              { guard: 'warningToAccept', target: 'accepting', actions: 'keepWarnings' },
              { target: '#upload.holding.completing', actions: 'keepTime' }
            ]
          }
        },
        resting: { invoke: { id: 'reviewRest', src: 'sleep', input: soon, onDone: 'asking' } },
        accepting: {
          invoke: {
            ...attempt('accept', context => ({
              op: 'updateSession',
              args: {
                id: sessionOf(context),
                warnings: context.warnings.map(({ type }) => ({ type, ignored: true }))
              }
            })),
            onDone: [
              doubt,
              { guard: 'failed', target: abandon, actions: 'failAsAnswered' },
              { target: '#upload.holding.completing', actions: 'keepTime' }
            ]
          }
        }
      }
    },
    rechecking,
    completing: {
      description: 'whatever is answered, the session itself is asked afterwards',
      on: { 'xstate.done.actor.lease': { target: 'settling', actions: 'nowOver' } },
      entry: ['beginCompleting', 'forgetPatience'],
      invoke: {
        ...attempt(
          'complete',
          context => ({ op: 'complete', args: { id: sessionOf(context) } }),
          { maxAttempts: 1 },
          context => context.completeFailure
        ),
        onDone: { target: 'settling', actions: 'keepCompletion' }
      }
    },
    settling: {
      // What was asked before may be answered as it was before.
      on: { 'xstate.done.actor.lease': { target: 'settling', reenter: true, actions: 'nowOver' } },
      initial: 'asking',
      states: {
        asking: {
          invoke: {
            ...attempt('settle', asksSession),
            onDone: [
              { guard: 'isDone', target: '#upload.verifying', actions: 'nowDone' },
              { guard: 'isOver', target: abandon, actions: 'failAsEnded' },
              { guard: 'isGone', target: '#upload.verifying', actions: 'loseSession' },
              { guard: 'failed', target: abandon, actions: 'failAsAnswered' },
              { guard: 'wished', target: abandon, actions: 'keepTime' },
              { guard: 'completeFoundUnready', target: '#upload.holding.rechecking', actions: 'keepTime' },
              { guard: 'completeRefused', target: abandon, actions: 'failToComplete' },
              { guard: 'completeSpent', target: abandon, actions: 'failToComplete' },
              { guard: 'outOfPatience', target: abandon, actions: 'failImpatient' },
              { guard: 'fetches', target: 'counting', actions: 'beginPatience' },
              { target: 'resting', actions: 'beginPatience' }
            ]
          }
        },
        counting: {
          description:
            'complete may come back before fetches have ended: as long as they come further, they are waited for',
          invoke: {
            ...attempt('settleCount', context => ({ op: 'listFiles', args: { sessionId: sessionOf(context) } })),
            onDone: [
              { guard: 'fetchedMore', target: 'resting', actions: 'keepMovement' },
              { target: 'resting', actions: 'keepTime' }
            ]
          }
        },
        resting: {
          invoke: {
            id: 'settleRest',
            src: 'sleep',
            input: soonAsAsked,
            onDone: [{ guard: 'mustCompleteAgain', target: '#upload.holding.completing' }, { target: 'asking' }]
          }
        }
      }
    }
  }
});
