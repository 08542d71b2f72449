// A session of our own on the item: made, found again after a crash, or somebody else's in the way.
import { tokenOf } from '../upload-facts.ts';
import { uploadSetup } from './bookkeeping.ts';
import { abandon, asksSession, attempt, itemOf, leave, patiently, sessionOf } from './calling.ts';

export const opening = uploadSetup.createStateConfig({
  initial: 'listing',
  states: {
    listing: {
      description: 'which sessions of ours were there before: whatever is there afterwards is this one',
      on: { cancel: leave },
      invoke: {
        ...attempt('listSessions', context => ({ op: 'listSessions', args: { itemId: itemOf(context) } })),
        onDone: [
          { guard: 'failed', target: abandon, actions: 'failAsAnswered' },
          { target: 'creating', actions: 'keepBefore' }
        ]
      }
    },
    creating: {
      ...patiently,
      description: 'not left on cancel: its answer says which session must be ended',
      entry: 'beginOpening',
      invoke: {
        ...attempt('createSession', ({ input, itemId, generation, before }) => ({
          op: 'createSession',
          args: { itemId: String(itemId), token: tokenOf(input.run, 'session', generation), before }
        })),
        onDone: [
          { guard: 'busy', target: '#upload.contending', actions: 'failToOpen' },
          { guard: 'failed', target: abandon, actions: 'failToOpen' },
          { guard: 'wished', target: abandon, actions: 'keepSession' },
          { target: '#upload.holding', actions: 'keepSession' }
        ]
      }
    }
  }
});

export const contending = uploadSetup.createStateConfig({
  description: 'somebody else holds a session on the item',
  always: { target: abandon }
});

export const reconciling = uploadSetup.createStateConfig({
  description: 'a session of ours is in doubt, after a crash or beside a failure: what the service says of it counts',
  on: { cancel: leave },
  initial: 'choosing',
  states: {
    choosing: { always: [{ guard: 'hasSession', target: 'asking' }, { target: '#upload.opening' }] },
    asking: {
      invoke: {
        ...attempt('reconcile', asksSession),
        onDone: [
          { guard: 'isDone', target: '#upload.verifying', actions: 'nowDone' },
          { guard: 'isOverInThisLife', target: abandon, actions: 'failAsNowKnown' },
          { guard: 'isOver', target: '#upload.clearing', actions: 'keepTime' },
          { guard: 'isGoneAfterAsking', target: '#upload.verifying', actions: 'loseSession' },
          { guard: 'isGoneAndCanReopen', target: '#upload.opening', actions: 'nextGeneration' },
          { guard: 'isGone', target: abandon, actions: 'failAsNowKnown' },
          { guard: 'failed', target: abandon, actions: 'failAsAnswered' },
          { guard: 'hasFailed', target: abandon, actions: 'keepTime' },
          { target: '#upload.holding', actions: 'keepTime' }
        ]
      }
    }
  }
});

export const clearing = uploadSetup.createStateConfig({
  description: 'takes an ended session of an earlier generation away before the next one',
  invoke: {
    ...attempt('clear', context => ({ op: 'deleteSession', args: { id: sessionOf(context) } })),
    onDone: [
      { guard: 'failed', target: abandon, actions: 'failAsAnswered' },
      { guard: 'wished', target: abandon, actions: 'nextGeneration' },
      { target: 'opening', actions: 'nextGeneration' }
    ]
  }
});
