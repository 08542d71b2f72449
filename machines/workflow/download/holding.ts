// A download session of our own: made, found out about when it is in doubt, and held while files are fetched.
import { tokenOf } from '../upload-facts.ts';
import { downloadSetup } from './bookkeeping.ts';
import { abandon, asksSession, attempt, deletesSession, itemOf, leave, sessionOf } from './calling.ts';
import { proving } from './proving.ts';

export const opening = downloadSetup.createStateConfig({
  initial: 'choosing',
  states: {
    choosing: { always: [{ guard: 'hasOpened', target: 'looking' }, { target: 'listing' }] },
    looking: {
      description: 'an earlier create was not answered: is there a session that was not there before it?',
      on: { cancel: leave },
      invoke: {
        ...attempt('lookForOurs', context => ({ op: 'listDownloadSessions', args: { itemId: itemOf(context) } })),
        onDone: [
          { guard: 'failed', target: abandon, actions: 'failAsAnswered' },
          { guard: 'oursIsThere', target: 'proving', actions: ['keepDoubt', 'findCandidate'] },
          { target: 'creating', actions: 'keepDoubt' }
        ]
      }
    },
    listing: {
      description: 'which sessions of ours were there before: whatever is there afterwards is this one',
      on: { cancel: leave },
      invoke: {
        ...attempt('listSessions', context => ({ op: 'listDownloadSessions', args: { itemId: itemOf(context) } })),
        onDone: [
          { guard: 'failed', target: abandon, actions: 'failAsAnswered' },
          { target: 'creating', actions: 'keepBefore' }
        ]
      }
    },
    creating: {
      description: 'not left on cancel: its answer says which session must be ended',
      entry: 'beginOpening',
      invoke: {
        ...attempt('createSession', ({ input, itemId, generation, before }) => ({
          op: 'createDownloadSession',
          args: { itemId: String(itemId), token: tokenOf(input.run, 'session', generation), before }
        })),
        onDone: [
          { guard: 'failed', target: abandon, actions: 'failToOpen' },
          { guard: 'foundByAsking', target: 'proving', actions: 'keepCandidate' },
          { guard: 'wished', target: abandon, actions: 'keepSession' },
          { target: 'reading', actions: 'keepSession' }
        ]
      }
    },
    proving: {
      ...proving('', {
        ours: '#download.opening.found',
        others: '#download.opening.looking',
        over: '#download.opening.found',
        unknown: { target: abandon, actions: 'failAsAnswered' }
      }),
      on: { cancel: leave }
    },
    found: { always: [{ guard: 'wished', target: abandon }, { target: 'reading' }] },
    reading: {
      description: 'a session shows the item as it was when the session was created',
      on: { cancel: leave },
      invoke: {
        ...attempt('readSession', asksSession),
        onDone: [
          { guard: 'isGoneAndCanReopen', target: 'listing', actions: 'nextGeneration' },
          { guard: 'failed', target: abandon, actions: 'failAsAnswered' },
          { guard: 'isOver', target: '#download.reconciling', actions: ['keepTime', 'nowOver'] },
          { guard: 'isOtherVersion', target: abandon, actions: 'failOtherVersion' },
          { target: '#download.transferring', actions: 'keepVersion' }
        ]
      }
    }
  }
});

export const reconciling = downloadSetup.createStateConfig({
  description: 'a session of ours is in doubt, after a crash or beside a failure: what the service says of it counts',
  on: { cancel: leave },
  initial: 'choosing',
  states: {
    choosing: { always: [{ guard: 'hasSession', target: 'asking' }, { target: '#download.opening' }] },
    asking: {
      invoke: {
        ...attempt('reconcile', asksSession),
        onDone: [
          { guard: 'isPastAndAllThere', target: '#download.closing', actions: 'keepTime' },
          { guard: 'isCanceledInThisLife', target: abandon, actions: 'failAsNowKnown' },
          { guard: 'isOverAndCanReopen', target: '#download.clearing', actions: ['keepTime', 'nowOver'] },
          { guard: 'isOver', target: abandon, actions: 'failAsNowKnown' },
          { guard: 'isGoneAndCanReopen', target: '#download.opening', actions: 'nextGeneration' },
          { guard: 'isGone', target: abandon, actions: 'failAsNowKnown' },
          { guard: 'failed', target: abandon, actions: 'failAsAnswered' },
          { guard: 'hasFailed', target: abandon, actions: 'keepTime' },
          { guard: 'contradictsItself', target: abandon, actions: 'failContradicted' },
          { target: '#download.transferring', actions: 'notOver' }
        ]
      }
    }
  }
});

export const clearing = downloadSetup.createStateConfig({
  description: 'takes an ended session away before the next one',
  invoke: {
    ...attempt('clear', deletesSession),
    onDone: [
      { guard: 'failed', target: abandon, actions: 'failAsAnswered' },
      { guard: 'wished', target: abandon, actions: 'nextGeneration' },
      { target: 'opening', actions: 'nextGeneration' }
    ]
  }
});

export const transferring = downloadSetup.createStateConfig({
  description: 'files are fetched, a few at a time, beside a lease that keeps the session alive',
  meta: { spawns: 'fetchFile' },
  invoke: {
    id: 'lease',
    src: 'lease',
    input: ({ context }) => ({
      kind: 'download',
      sessionId: sessionOf(context),
      sessionTimeoutMs: context.input.server.sessionTimeoutMs,
      policy: context.input.policy
    })
  },
  entry: ['beginHolding', 'fillWindow'],
  exit: 'stopFiles',
  on: {
    cancel: leave,
    'xstate.done.actor.lease': [
      { guard: 'leaseSaysCanceled', target: abandon, actions: 'failAsLeaseSays' },
      { target: 'comparing', actions: 'nowOver' }
    ],
    'xstate.done.actor.*': { guard: 'isFile', actions: ['settleFile', 'fillWindow'] }
  },
  always: [
    // By way of the folder: what was just getting its name when it was stopped may have got it.
    { guard: 'sessionInDoubt', target: 'comparing' },
    { guard: 'someFileFailed', target: abandon },
    { guard: 'allThere', target: 'closing' }
  ]
});
