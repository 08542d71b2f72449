// After the session: the item is held against the source, or the server is left as it was.

import { uploadSetup } from './bookkeeping.ts';
import { abandon, asksSession, attempt, CLEANUP, itemOf, itemQuestion, sessionOf } from './calling.ts';
import { proving } from './proving.ts';

export const verifying = uploadSetup.createStateConfig({
  description: 'holds what the item has now against what was read from the source',
  initial: 'listing',
  states: {
    listing: {
      invoke: {
        ...attempt('listFiles', context => ({ op: 'listItemFiles', args: { itemId: itemOf(context) } })),
        onDone: [
          { guard: 'itemGoneToo', target: abandon, actions: 'failLost' },
          { guard: 'lostAndUnread', target: abandon, actions: 'failLostUnread' },
          { guard: 'failedButTold', target: '#upload.closing', actions: 'keepTime' },
          { guard: 'failed', target: '#upload.closing', actions: 'failUnverified' },
          { target: 'reading', actions: 'keepVerified' }
        ]
      }
    },
    reading: {
      invoke: {
        ...attempt('readVersion', context => ({ op: 'getItem', args: { id: itemOf(context) } })),
        onDone: { target: 'judging', actions: 'keepVersion' }
      }
    },
    judging: {
      always: [
        { guard: 'lostAndCanReopen', target: '#upload.opening', actions: 'nextGeneration' },
        { guard: 'lost', target: abandon, actions: 'failLost' },
        { guard: 'notVerified', target: '#upload.closing', actions: 'failNotVerified' },
        { target: '#upload.closing', actions: 'forgetFailure' }
      ]
    }
  }
});

export const closing = uploadSetup.createStateConfig({
  initial: 'choosing',
  states: {
    choosing: { always: [{ guard: 'hasSession', target: 'deleting' }, { target: 'closed' }] },
    deleting: {
      invoke: {
        ...attempt('close', context => ({ op: 'deleteSession', args: { id: sessionOf(context) } }), CLEANUP),
        onDone: [
          { guard: 'failed', target: 'closed', actions: 'noteLeft' },
          { target: 'closed', actions: 'keepTime' }
        ]
      }
    },
    closed: {
      always: [
        { guard: 'looksForLate', target: '#upload.abandoning.finding', actions: ['keepJudged', 'lookForLate'] },
        { guard: 'hasFailed', target: '#upload.failed' },
        { target: '#upload.done' }
      ]
    }
  }
});

export const abandoning = uploadSetup.createStateConfig({
  description: 'leaves the server as it was',
  initial: 'choosing',
  states: {
    choosing: {
      always: [
        { guard: 'mayBeDone', target: 'asking' },
        { guard: 'knownToBeOver', target: 'deleting' },
        { guard: 'hasSession', target: 'ending' },
        { guard: 'hasOpened', target: 'finding', actions: 'lookForLate' },
        { target: 'choosingItem' }
      ]
    },
    asking: {
      description: 'complete had been sent: it may have taken effect',
      invoke: {
        ...attempt('judge', asksSession, CLEANUP),
        onDone: [
          { guard: 'isDone', target: '#upload.verifying', actions: 'nowDone' },
          { guard: 'isOver', target: 'deleting', actions: 'keepTime' },
          { guard: 'isGone', target: '#upload.verifying', actions: ['loseSession', 'nowOver'] },
          { guard: 'failedAfterItsEnd', target: 'deleting', actions: 'noteUnjudged' },
          { guard: 'failed', target: 'ending', actions: 'noteUnjudged' },
          { target: 'ending', actions: 'keepTime' }
        ]
      }
    },
    finding: {
      description: 'the answer to the create was lost: is there a session that was not there before?',
      invoke: {
        ...attempt('find', context => ({ op: 'listSessions', args: { itemId: itemOf(context) } }), CLEANUP),
        onDone: [
          { guard: 'isGone', target: 'choosingItem', actions: ['keepTime', 'forgetSession'] },
          { guard: 'failed', target: 'choosingItem', actions: 'keepUnseen' },
          { guard: 'oursIsThere', target: 'proving', actions: 'findCandidate' },
          { guard: 'looksInVain', target: 'choosingItem', actions: 'keepUnseen' },
          { target: 'choosingItem', actions: 'keepNoneLate' }
        ]
      }
    },
    proving: proving(
      'Found',
      {
        ours: '#upload.abandoning.ending',
        others: '#upload.abandoning.finding',
        over: [
          { guard: 'isDone', target: '#upload.abandoning.finding', actions: 'disown' },
          { guard: 'hasEnded', target: '#upload.abandoning.deleting', actions: 'adopt' }
        ],
        unasked: [{ guard: 'failed', target: '#upload.abandoning.choosingItem', actions: 'noteLeft' }],
        unknown: { target: '#upload.abandoning.choosingItem', actions: 'noteLeft' }
      },
      CLEANUP
    ),
    ending: {
      invoke: {
        ...attempt(
          'end',
          ({ sessionId, wish, failure }) =>
            wish === undefined && failure !== undefined
              ? {
                  op: 'failSession',
                  args: { id: String(sessionId), message: failure.message }
                }
              : { op: 'cancelSession', args: { id: String(sessionId) } },
          CLEANUP
        ),
        onDone: [
          { guard: 'failed', target: 'choosingItem', actions: 'noteLeft' },
          { guard: 'mayBeDone', target: 'judging', actions: 'keepTime' },
          { target: 'deleting', actions: 'keepTime' }
        ]
      }
    },
    judging: {
      description: 'a complete that was on its way may have come before: only now nothing can change any more',
      invoke: {
        ...attempt('judgeAgain', asksSession, CLEANUP),
        onDone: [
          { guard: 'isDone', target: '#upload.verifying', actions: 'nowDone' },
          { guard: 'failed', target: 'deleting', actions: 'noteUnjudged' },
          { target: 'deleting', actions: 'keepTime' }
        ]
      }
    },
    deleting: {
      invoke: {
        ...attempt('delete', context => ({ op: 'deleteSession', args: { id: sessionOf(context) } }), CLEANUP),
        onDone: [
          { guard: 'failed', target: 'choosingItem', actions: 'noteLeft' },
          { target: 'choosingItem', actions: 'keepTime' }
        ]
      }
    },
    choosingItem: {
      always: [
        { guard: 'looksForLate', target: 'finding', actions: 'lookForLate' },
        { guard: 'wasDone', target: '#upload.closing.closed' },
        { guard: 'madeItem', target: 'lookingIn' },
        { guard: 'mayHaveMadeItem', target: 'findingItem' },
        { guard: 'itemMayCome', target: 'ended', actions: 'noteItemMayCome' },
        { target: 'ended' }
      ]
    },
    findingItem: {
      description: 'the answer to the create was lost: there was no item of that name before',
      invoke: {
        ...attempt('findMade', itemQuestion, CLEANUP),
        onDone: [
          { guard: 'failed', target: 'ended', actions: 'noteLeft' },
          { guard: 'none', target: 'itemGone', actions: 'keepTime' },
          { target: 'lookingIn', actions: 'keepFound' }
        ]
      }
    },
    lookingIn: {
      description: 'an item that this run made goes away again, if it is empty',
      invoke: {
        ...attempt('lookIn', context => ({ op: 'listItemFiles', args: { itemId: itemOf(context) } }), CLEANUP),
        onDone: [
          { guard: 'isGone', target: 'itemGone', actions: 'keepTime' },
          { guard: 'failed', target: 'ended', actions: 'noteLeft' },
          { guard: 'none', target: 'removingItem', actions: 'keepTime' },
          { target: 'ended', actions: 'noteItemStays' }
        ]
      }
    },
    removingItem: {
      description: 'written down before it is sent: a later life must not send into what this may still take away',
      entry: 'beginRemoving',
      invoke: {
        ...attempt('removeItem', context => ({ op: 'deleteItem', args: { id: itemOf(context) } }), CLEANUP),
        onDone: [
          { guard: 'failed', target: 'ended', actions: 'noteLeft' },
          { target: 'itemGone', actions: 'keepTime' }
        ]
      }
    },
    itemGone: {
      entry: 'forgetSession',
      always: [
        { guard: 'goesOnAnew', target: '#upload.locating', actions: 'beginAnew' },
        { guard: 'itemMayCome', target: 'ended', actions: 'noteItemMayCome' },
        { target: 'ended' }
      ]
    },
    ended: { always: [{ guard: 'wished', target: '#upload.canceled' }, { target: '#upload.failed' }] }
  }
});
