// Another session is on the item, and the service allows one at a time: the run ends, waits, or takes over what is its own
// user's and nobody else's to have.
import { uploadSetup } from './bookkeeping.ts';
import { abandon, asksWhose, attempt, CLEANUP, itemOf, leave } from './calling.ts';
import { creating, listingBefore } from './opening.ts';
import { untilNextTry } from './rivals.ts';

const taken = ({ toTake }: { readonly toTake: readonly string[] }): string => String(toTake[0]);

export const contending = uploadSetup.createStateConfig({
  description: 'another session is on the item: an end, a wait, or a take-over (--on-busy)',
  initial: 'beginning',
  states: {
    beginning: { always: [{ guard: 'wished', target: abandon }, { target: 'listing' }] },
    listing: {
      description: 'sessions of the same user are seen, those of others are not',
      on: { cancel: leave },
      invoke: {
        ...attempt('listRivals', context => ({ op: 'listSessions', args: { itemId: itemOf(context) } })),
        onDone: [
          { guard: 'failed', target: abandon, actions: 'failUnseen' },
          { target: 'knowing', actions: 'keepRivals' }
        ]
      }
    },
    knowing: {
      always: [
        { guard: 'wished', target: abandon },
        { guard: 'hasRivals', target: 'askingWhose' },
        { target: 'choosing' }
      ]
    },
    askingWhose: {
      description: 'the journal knows which run made a session, and whether that run has an owner who lives',
      on: { cancel: leave },
      invoke: {
        ...asksWhose('choosing')
      }
    },
    choosing: {
      always: [
        { guard: 'takesOver', target: 'taking' },
        { guard: 'waitsWhenBusy', target: 'waiting' },
        { target: abandon, actions: 'failBusy' }
      ]
    },
    waiting: {
      initial: 'choosing',
      states: {
        choosing: {
          always: [
            { guard: 'hasWaitedEnough', target: abandon, actions: 'failStillBusy' },
            { target: 'resting', actions: 'tellWhy' }
          ]
        },
        resting: {
          on: { cancel: leave },
          invoke: { id: 'busyRest', src: 'sleep', input: untilNextTry, onDone: 'listing' }
        },
        listing: listingBefore({ target: 'creating', actions: 'keepBefore' }),
        creating: creating('#upload.contending.knowing')
      }
    },
    taking: {
      entry: 'beginTaking',
      initial: 'choosing',
      states: {
        choosing: {
          always: [
            { guard: 'wished', target: abandon },
            { guard: 'hasToTake', target: 'looking' },
            { guard: 'mayOpenAfterTaking', target: '#upload.opening' },
            { target: abandon, actions: 'failBusy' }
          ]
        },
        looking: {
          description: 'one that has ended is in nobody’s way, and may be all that its run can be judged by: it stays',
          on: { cancel: leave },
          invoke: {
            ...attempt('lookAtRival', context => ({ op: 'getSession', args: { id: taken(context) } })),
            onDone: [
              { guard: 'isGone', target: 'choosing', actions: 'keepVanished' },
              { guard: 'failed', target: abandon, actions: 'failAsAnswered' },
              { guard: 'isOver', target: 'choosing', actions: 'keepHarmless' },
              { target: 'canceling', actions: 'keepTime' }
            ]
          }
        },
        canceling: {
          description: 'not left on cancel, nor is deleting: half of it would be nobody’s to finish',
          invoke: {
            ...attempt('cancelRival', context => ({ op: 'cancelSession', args: { id: taken(context) } }), CLEANUP),
            onDone: [
              { guard: 'failed', target: abandon, actions: 'failAsAnswered' },
              { target: 'deleting', actions: 'keepTime' }
            ]
          }
        },
        deleting: {
          invoke: {
            ...attempt('deleteRival', context => ({ op: 'deleteSession', args: { id: taken(context) } }), CLEANUP),
            onDone: { target: 'choosing', actions: 'keepTaken' }
          }
        }
      }
    }
  }
});
