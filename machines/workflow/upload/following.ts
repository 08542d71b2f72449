// A descriptor or an archive that the service has fetched may bring more files, which it fetches by itself, too (item type
// ovf, vSphere Client programming guide). They are followed to their end before the session is validated.

import { uploadSetup } from './bookkeeping.ts';
import { abandon, asksSession, attempt, doubt, gone, leaseLost, leave, sessionOf } from './calling.ts';

export const following = uploadSetup.createStateConfig({
  description:
    'the service fetches what was not asked for by name: only what moves is waited for; what has failed says why',
  on: { cancel: leave, 'xstate.done.actor.lease': leaseLost },
  entry: 'forgetPatience',
  exit: 'forgetPatience',
  initial: 'listing',
  states: {
    listing: {
      invoke: {
        ...attempt('follow', context => ({ op: 'listFiles', args: { sessionId: sessionOf(context) } })),
        onDone: [
          doubt,
          { guard: 'failed', target: abandon, actions: 'failAsAnswered' },
          { guard: 'someFetchFailed', target: abandon, actions: 'failAsFetched' },
          { guard: 'hasFailed', target: abandon, actions: 'keepTime' },
          { guard: 'allFetched', target: '#upload.holding.removing', actions: 'noteFetched' },
          { guard: 'fetchedMore', target: 'asking', actions: ['beginPatience', 'keepMovement'] },
          { guard: 'outOfPatience', target: abandon, actions: 'failImpatient' },
          { target: 'asking', actions: 'beginPatience' }
        ]
      }
    },
    asking: {
      description: 'nobody else watches the session now',
      invoke: {
        ...attempt('followSession', asksSession),
        onDone: [
          gone,
          doubt,
          { guard: 'isDone', target: '#upload.verifying', actions: 'nowDone' },
          { guard: 'isOver', target: abandon, actions: 'failAsEnded' },
          { target: 'resting', actions: 'keepTime' }
        ]
      }
    },
    resting: {
      invoke: {
        id: 'followRest',
        src: 'sleep',
        input: ({ context }) => ({ until: context.at + context.input.policy.watchMs }),
        onDone: 'listing'
      }
    }
  }
});
