// A session of our own on the item: made, found again after a crash, or somebody else's in the way.

import { tokenOf } from '../upload-facts.ts';
import { uploadSetup } from './bookkeeping.ts';
import { abandon, asksSession, attempt, itemOf, leave, mayHaveOpened, patiently, sessionOf } from './calling.ts';
import { proving } from './proving.ts';

/** Lists which sessions of ours are there before a create: whatever is there afterwards is the one it made. @param ways on from there */
export const listingBefore = <const T extends readonly object[]>(...ways: T) =>
  ({
    description: 'which sessions of ours were there before: whatever is there afterwards is this one',
    on: { cancel: leave },
    invoke: {
      ...attempt('listSessions', context => ({ op: 'listSessions', args: { itemId: itemOf(context) } })),
      onDone: [{ guard: 'failed', target: abandon, actions: 'failAsAnswered' }, ...ways]
    }
  }) as const;

/** Creates the session. @param otherwise where to, when another session is in the way */
export const creating = <T extends string>(otherwise: T) =>
  ({
    ...patiently,
    description: 'not left on cancel: its answer says which session must be ended',
    entry: 'beginOpening',
    invoke: {
      ...attempt(
        'createSession',
        ({ input, itemId, generation, before }) => ({
          op: 'createSession',
          args: { itemId: String(itemId), token: tokenOf(input.run, 'session', generation), before }
        }),
        {},
        undefined,
        mayHaveOpened
      ),
      onDone: [
        { guard: 'busy', target: otherwise, actions: 'keepBusy' },
        { guard: 'failed', target: abandon, actions: 'failToOpen' },
        { guard: 'foundByAsking', target: '#upload.opening.proving', actions: 'keepCandidate' },
        { guard: 'wished', target: abandon, actions: 'keepSession' },
        { target: '#upload.holding', actions: 'keepSession' }
      ]
    }
  }) as const;

export const opening = uploadSetup.createStateConfig({
  initial: 'choosing',
  states: {
    choosing: { always: [{ guard: 'hasOpened', target: 'looking' }, { target: 'listing' }] },
    looking: {
      description: 'an earlier create was not answered: is there a session that was not there before it?',
      on: { cancel: leave },
      invoke: {
        ...attempt('lookForOurs', context => ({ op: 'listSessions', args: { itemId: itemOf(context) } })),
        onDone: [
          { guard: 'failed', target: abandon, actions: 'failAsAnswered' },
          { guard: 'oursIsThere', target: 'proving', actions: ['keepDoubt', 'findCandidate'] },
          { target: 'creating', actions: 'keepDoubt' }
        ]
      }
    },
    listing: listingBefore(
      { guard: 'rehearses', target: '#upload.rehearsing', actions: 'keepStanding' },
      { target: 'creating', actions: 'keepBefore' }
    ),
    creating: creating('#upload.contending'),
    proving: {
      ...proving('', {
        ours: '#upload.opening.found',
        others: '#upload.contending',
        over: [
          // If it was made for our token after all, that token gives it back again.
          { guard: 'isDone', target: '#upload.opening', actions: ['disown', 'nextGeneration'] },
          { guard: 'hasEndedAndCanReopen', target: '#upload.clearing', actions: ['keepDoubt', 'adopt', 'nowOver'] },
          { guard: 'hasEnded', target: abandon, actions: ['keepDoubt', 'adopt', 'failAsNowKnown'] }
        ],
        unknown: { target: abandon, actions: 'failAsAnswered' }
      }),
      on: { cancel: leave }
    },
    found: { always: [{ guard: 'wished', target: abandon }, { target: '#upload.holding' }] }
  }
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
          { guard: 'isOver', target: '#upload.clearing', actions: ['keepTime', 'nowOver'] },
          { guard: 'isGoneAfterAsking', target: '#upload.verifying', actions: 'loseSession' },
          { guard: 'isGoneAndCanReopen', target: '#upload.opening', actions: 'nextGeneration' },
          { guard: 'isGone', target: abandon, actions: 'failAsNowKnown' },
          { guard: 'failed', target: abandon, actions: 'failAsAnswered' },
          { guard: 'hasFailed', target: abandon, actions: 'keepTime' },
          { guard: 'contradictsItself', target: abandon, actions: 'failContradicted' },
          { target: '#upload.holding', actions: 'notOver' }
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
