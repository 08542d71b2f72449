// A rehearsal (dry run) stops where the upload would change something first; before it says what would come, it looks at what
// would be in the way.
import { uploadSetup } from './bookkeeping.ts';
import { abandon, asksWhose, attempt, leave } from './calling.ts';

export const rehearsing = uploadSetup.createStateConfig({
  description: 'a dry run asks whether sessions of ours are open on the item, where the upload would open its own',
  on: { cancel: leave },
  initial: 'choosing',
  states: {
    choosing: {
      always: [
        { guard: 'mustLookAtSession', target: 'looking' },
        { guard: 'wouldBeBusy', target: 'askingWhose' },
        { target: '#upload.planned' }
      ]
    },
    askingWhose: {
      invoke: {
        ...asksWhose('judging')
      }
    },
    judging: {
      description: 'whoever waits, or may take over, is not kept from beginning',
      always: [
        { guard: 'waitsWhenBusy', target: '#upload.planned' },
        { guard: 'mayTakeAll', target: '#upload.planned' },
        { target: abandon, actions: 'failBusy' }
      ]
    },
    looking: {
      invoke: {
        ...attempt('look', ({ toLookAt }) => ({ op: 'getSession', args: { id: String(toLookAt[0]) } })),
        onDone: [
          { guard: 'isGone', target: 'choosing', actions: 'keepOver' },
          { guard: 'failed', target: abandon, actions: 'failAsAnswered' },
          { guard: 'isInTheWay', target: 'choosing', actions: 'keepInTheWay' },
          { target: 'choosing', actions: 'keepOver' }
        ]
      }
    }
  }
});
