// How an upload comes to its end: its session is over, lost or DONE, the item is read back, and the outcome is told.
import { assign } from 'xstate';
import type { Item, ItemFile } from '../../vocabulary.ts';
import { failure } from '../../vocabulary.ts';
import { told } from '../doubts.ts';
import { mayBeOver } from '../lease.ts';
import { checksAfterwards, stayed } from './comparison.ts';
import { notReviewedNotes, tooLateNotes } from './notes.ts';
import { answer, list, stamp } from './reading.ts';
import { uploadRivals } from './rivals.ts';

export const uploadEnds = uploadRivals.extend({
  actions: {
    loseSession: assign(({ context, event }) => ({
      ...stamp(event),
      // Its id stays a fact until it is judged: a later life has to ask the same.
      lost: true,
      over: false,
      // What failed for want of the session says no more than that it was gone.
      failure: mayBeOver(context.failure) ? undefined : context.failure,
      notes: [
        ...context.notes,
        'the session was gone when its end was asked for: the item itself was held against the source'
      ]
    })),
    /** It is there after all, whatever was said before. */
    notOver: assign(({ context, event }) => ({
      ...stamp(event),
      over: false,
      contradictions: context.contradictions + (context.over ? 1 : 0)
    })),
    /** No other session is opened for this run. */
    nowOver: assign({ over: true }),
    /** Complete took effect: whatever was wished or went wrong before, the content is there. */
    nowDone: assign(({ context, event }) => ({
      ...stamp(event),
      done: true,
      failure: undefined,
      wish: undefined,
      notes: [...context.notes, ...notReviewedNotes(context), ...tooLateNotes(context)]
    })),
    keepVerified: assign(({ context, event }) => ({
      ...stamp(event),
      // After DONE there is no other failure than that it could not be read back, in an earlier life of the run.
      failure: context.done ? undefined : context.failure,
      verified: checksAfterwards(context, list<ItemFile>(event)),
      toRemove: stayed(context, list<ItemFile>(event))
    })),
    keepVersion: assign(({ event }) => {
      const item = answer<Item>(event);
      return item === undefined
        ? stamp(event)
        : { ...stamp(event), itemName: item.name, contentVersion: item.contentVersion };
    }),
    /** The item holds what was to be sent: whatever failed on the way has not kept it from that. */
    forgetFailure: assign({ failure: undefined }),
    /** Judged by its session, or by the item where that was lost: what is looked for afterwards does not change it. */
    keepJudged: assign({ done: true }),
    endPlanned: assign({ outcome: 'planned' }),
    endDone: assign(({ context }) => {
      const { left, notes } = told(context, 'session');
      return { outcome: 'done' as const, left, notes: [...notes, ...tooLateNotes(context)] };
    }),
    endUpToDate: assign(({ context }) => ({ outcome: 'upToDate' as const, ...told(context, 'session') })),
    endFailed: assign(({ context }) => ({ outcome: 'failed' as const, ...told(context, 'session') })),
    endCanceled: assign(({ context }) => ({
      outcome: 'canceled' as const,
      ...told(context, 'session'),
      failure: failure('CANCELED', `canceled: ${context.wish}`)
    }))
  }
});
