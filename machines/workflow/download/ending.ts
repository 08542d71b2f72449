// After the files: the session goes away, and so does every part that did not become a file.
import { CLEANUP } from '../upload/calling.ts';
import { downloadSetup } from './bookkeeping.ts';
import { attempt, deletesSession, itemOf, sessionOf } from './calling.ts';
import { firstParted } from './failing.ts';
import { proving } from './proving.ts';

export const closing = downloadSetup.createStateConfig({
  description: 'everything is there: only the session is left to delete',
  invoke: {
    ...attempt('close', deletesSession, CLEANUP),
    onDone: [
      { guard: 'failed', target: 'done', actions: 'noteSessionLeft' },
      { target: 'done', actions: 'keepTime' }
    ]
  }
});

export const abandoning = downloadSetup.createStateConfig({
  description: 'leaves the server as it was, and no part in the folder; files that are whole stay',
  initial: 'choosing',
  states: {
    choosing: {
      always: [
        { guard: 'knownToBeOver', target: 'deleting' },
        { guard: 'hasSession', target: 'ending' },
        { guard: 'hasOpened', target: 'finding', actions: 'lookForLate' },
        { target: 'choosingPart' }
      ]
    },
    finding: {
      description: 'the answer to the create was lost: is there a session that was not there before?',
      invoke: {
        ...attempt('find', context => ({ op: 'listDownloadSessions', args: { itemId: itemOf(context) } }), CLEANUP),
        onDone: [
          { guard: 'isGone', target: 'choosingPart', actions: ['keepTime', 'forgetSession'] },
          { guard: 'failed', target: 'choosingPart', actions: 'keepUnseen' },
          { guard: 'oursIsThere', target: 'proving', actions: 'findCandidate' },
          { guard: 'looksInVain', target: 'choosingPart', actions: 'keepUnseen' },
          { target: 'choosingPart', actions: 'keepNoneLate' }
        ]
      }
    },
    proving: proving(
      'Found',
      {
        ours: '#download.abandoning.ending',
        others: '#download.abandoning.finding',
        over: '#download.abandoning.deleting',
        unknown: { target: '#download.abandoning.choosingPart', actions: 'noteSessionLeft' }
      },
      CLEANUP
    ),
    ending: {
      invoke: {
        ...attempt(
          'end',
          context =>
            context.wish === undefined
              ? { op: 'failDownload', args: { id: sessionOf(context), message: String(context.failure?.message) } }
              : { op: 'cancelDownload', args: { id: sessionOf(context) } },
          CLEANUP
        ),
        // A session may be deleted in every state, so it is tried whatever was answered.
        onDone: { target: 'deleting', actions: 'keepTime' }
      }
    },
    deleting: {
      invoke: {
        ...attempt('delete', deletesSession, CLEANUP),
        onDone: [
          { guard: 'failed', target: 'choosingPart', actions: 'noteSessionLeft' },
          { target: 'choosingPart', actions: 'keepTime' }
        ]
      }
    },
    choosingPart: {
      always: [
        { guard: 'looksForLate', target: 'finding', actions: 'lookForLate' },
        { guard: 'hasPart', target: 'dropping' },
        { target: 'ended' }
      ]
    },
    dropping: {
      invoke: {
        ...attempt(
          'drop',
          context => ({
            op: 'dropPart',
            args: { name: String(context.files[firstParted(context)]?.name), run: context.input.run }
          }),
          CLEANUP
        ),
        onDone: [
          { guard: 'failed', target: 'choosingPart', actions: 'notePartLeft' },
          { target: 'choosingPart', actions: 'keepDropped' }
        ]
      }
    },
    ended: {
      always: [
        { guard: 'wasTold', target: '#download.done' },
        { guard: 'wished', target: '#download.canceled' },
        { target: '#download.failed' }
      ]
    }
  }
});
