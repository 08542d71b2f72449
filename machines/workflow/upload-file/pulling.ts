// The service fetches the file by itself: it is followed by asking, for as long as it comes further. A fetch that failed has
// ended the session (UpdateSession.complete, vSphere API 8.0), so there is no second try in it.
import { lookMs } from '../calls.ts';
import { fileSetup } from './bookkeeping.ts';

/** A fetch takes long, and the watch beside it counts: it is looked at less often than what is about to end. */
const SELDOM = 5;

export const pulling = fileSetup.createStateConfig({
  description: 'the service fetches it: only what moves is waited for',
  initial: 'asking',
  states: {
    asking: {
      invoke: {
        id: 'pulling',
        src: 'attempt',
        input: ({ context }) => ({
          policy: context.policy,
          call: { op: 'getFile', args: { sessionId: context.sessionId, name: context.file.name } }
        }),
        onDone: [
          { guard: 'takenApart', target: '#upload-file.ready', actions: 'keepTime' },
          { guard: 'failed', target: '#upload-file.failed', actions: 'failAsAnswered' },
          { guard: 'changedOnTheWay', target: '#upload-file.failed', actions: 'failAsChanged' },
          { guard: 'ready', target: '#upload-file.ready', actions: 'keepReport' },
          { guard: 'inError', target: '#upload-file.failed', actions: 'failAsReported' },
          { guard: 'movedOn', target: 'resting', actions: 'keepMovement' },
          { guard: 'standsStill', target: '#upload-file.failed', actions: 'failAsImpatient' },
          { target: 'resting', actions: 'keepTime' }
        ]
      }
    },
    resting: {
      invoke: {
        id: 'rest',
        src: 'sleep',
        input: ({ context }) => ({
          until: context.at + lookMs(SELDOM * context.pollMs, Number(context.confirmingSince), context.at)
        }),
        onDone: 'asking'
      }
    }
  }
});
