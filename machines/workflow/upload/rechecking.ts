// Refused although every file was READY: a request that nobody waited for any more may have landed late. A second add begins a
// file anew, and a second body is looked at anew. What the session has is listed, and what it lacks is sent again.
import { uploadSetup } from './bookkeeping.ts';
import { abandon, attempt, gone, leaseLost, leave, sessionOf, soon } from './calling.ts';

export const rechecking = uploadSetup.createStateConfig({
  description: 'refused although all was READY: a late request may have unsettled a file',
  on: { cancel: leave, 'xstate.done.actor.lease': leaseLost },
  entry: ['beginRecheck', 'forgetPatience'],
  exit: 'forgetPatience',
  initial: 'listing',
  states: {
    listing: {
      invoke: {
        ...attempt('recheck', context => ({ op: 'listFiles', args: { sessionId: sessionOf(context) } })),
        onDone: [
          gone,
          { guard: 'failed', target: abandon, actions: 'failAsAnswered' },
          { guard: 'recheckedEnough', target: '#upload.reconciling', actions: 'failAsRefused' },
          { guard: 'outOfPatience', target: abandon, actions: 'failImpatient' },
          { guard: 'someUnsettled', target: 'resting', actions: 'beginPatience' },
          { target: '#upload.reconciling', actions: ['sendAgain', 'forgetCompletion'] }
        ]
      }
    },
    resting: { invoke: { id: 'recheckRest', src: 'sleep', input: soon, onDone: 'listing' } }
  }
});
