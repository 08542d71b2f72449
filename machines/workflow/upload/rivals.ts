// Who else holds a session on the item: what is known of it, which may be taken over, and how all that is put into words.
// The service shows a user only sessions of his own; whose run one of them belongs to, only the journal can tell.
import { assign } from 'xstate';
import { type Failure, failure, type SessionFile } from '../../vocabulary.ts';
import { wasDoubted, wasFound } from '../attempt/answer.ts';
import type { SessionOwner } from '../calls.ts';
import { doubtAfter, doubtOf, lateOne } from '../doubts.ts';
import type { UploadContext } from '../upload-facts.ts';
import { uploadFailing } from './failing.ts';
import { answer, failureOf, isGone, isOfAnother, list, stamp, theItem } from './reading.ts';

/** Between two tries at least, in milliseconds. */
const LEAST_REST_MS = 1_000;

export const uploadRivals = uploadFailing.extend({
  guards: {
    waitsWhenBusy: ({ context }) => context.input.onBusy === 'wait',
    takesOver: ({ context }) => context.input.onBusy === 'take-over',
    mayTakeAll: ({ context }) =>
      context.input.onBusy === 'take-over' && context.toTake.length === context.rivals.length,
    hasRivals: ({ context }) => context.rivals.length > 0,
    hasWaitedEnough: ({ context }) => context.at - Number(context.busySince) >= context.input.policy.busyMs,
    hasToTake: ({ context }) => context.toTake.length > 0,
    foundByAsking: ({ event }) => wasFound(event),
    isOfAnotherRun: ({ context, event }) => isOfAnother(context.input.run, event),
    /** This run has not begun a file in it, so somebody else has. */
    isAtWork: ({ event }) =>
      (answer<readonly SessionFile[]>(event) ?? []).some(({ sourceType }) => sourceType !== 'NONE'),
    /** Of one that is gone there is nothing to prove. */
    cannotBeProved: ({ event }) => failureOf(event) !== undefined && !isGone(failureOf(event)),
    /** Something has changed, so opening may go well now; but nobody fights for an item for ever. */
    mayOpenAfterTaking: ({ context }) => context.took && context.takeOvers < context.input.policy.maxAttempts
  },
  actions: {
    /** Refused: no session of this run has come of it, unless an answer was lost before. */
    keepBusy: assign(({ context, event }) => ({
      ...stamp(event),
      opened: wasDoubted(event),
      sessionDoubtedAt: doubtAfter(context.sessionDoubtedAt, event),
      refusal: failureOf(event),
      busySince: context.busySince ?? stamp(event).at,
      rivals: context.before
    })),
    keepCandidate: assign(({ context, event }) => ({
      ...stamp(event),
      candidate: answer<string>(event),
      sessionDoubtedAt: doubtAfter(context.sessionDoubtedAt, event)
    })),
    findCandidate: assign(({ context, event }) => ({
      ...stamp(event),
      candidate: lateOne(context, list<string>(event)),
      looks: context.looks + 1,
      // It may be what one of several creates has made.
      sessionDoubtedAt: doubtOf(context)
    })),
    /** Whatever is known of it from now on, it is written down. */
    adopt: assign(({ context, event }) => ({
      ...stamp(event),
      sessionId: context.candidate,
      // Complete may have been sent to one before it.
      asked: false,
      candidate: undefined,
      why: undefined,
      busySince: undefined
    })),
    /** It is as if it had been there before: neither taken for ours again, nor ended. What ours has made is still to come. */
    disown: assign(({ context, event }) => ({
      ...stamp(event),
      before: [...context.before, String(context.candidate)],
      candidate: undefined,
      sessionDoubtedAt: doubtOf(context),
      busySince: context.busySince ?? stamp(event).at
    })),
    keepRivals: assign(({ event }) => ({ ...stamp(event), rivals: [...list<string>(event)], owners: undefined })),
    keepOwners: assign(({ context, event }) => {
      const owners = list<SessionOwner>(event);
      return { ...stamp(event), owners, toTake: context.rivals.filter(id => mayTake(context, ownerOf(owners, id))) };
    }),
    keepNoOwners: assign(({ event }) => ({ ...stamp(event), owners: undefined, toTake: [] })),
    tellWhy: assign({ why: ({ context }) => busy(context, 'another session is on the item') }),
    beginTaking: assign({ took: false, takeOvers: ({ context }) => context.takeOvers + 1 }),
    keepTaken: assign(({ context, event }) => ({
      ...stamp(event),
      took: true,
      toTake: context.toTake.slice(1),
      notes: [...context.notes, `taken over: ${named(context, String(context.toTake[0]))}`]
    })),
    /** It has gone by itself. */
    keepVanished: assign(({ context, event }) => ({ ...stamp(event), took: true, toTake: context.toTake.slice(1) })),
    /** It has ended, so it is not what is in the way. */
    keepHarmless: assign(({ context, event }) => ({
      ...stamp(event),
      toTake: context.toTake.slice(1),
      rivals: context.rivals.filter(id => id !== context.toTake[0])
    })),
    failUnseen: assign(({ context, event }) => ({
      ...stamp(event),
      failure: failure(
        'RESOURCE_BUSY',
        `another update session is open on the ${theItem(context)}; whether it is one of yours could not be asked: ${failureOf(event)?.message}`,
        said(context)
      )
    })),
    failBusy: assign({ failure: ({ context }) => busy(context, opening(context)) }),
    failStillBusy: assign({
      failure: ({ context }) =>
        busy(
          context,
          `another update session has been open on the ${theItem(context)} for all of the ${Math.round(
            (context.at - Number(context.busySince)) / 60_000
          )} min that were waited`
        )
    })
  }
});

/** How long to wait before asking again: as long as has been waited already, within bounds, and not in step with others who wait. */
export const untilNextTry = ({ context: { at, luck, busySince, input } }: { context: UploadContext }) => {
  const since = Number(busySince);
  const rest = Math.min(input.policy.busyPollMs, Math.max(LEAST_REST_MS, at - since));
  return { until: Math.min(at + Math.round(rest * (0.5 + luck / 2)), since + input.policy.busyMs) };
};

/**
 * Whether a session of the same user may be ended: one of an earlier life of this run, or of a run whose owner is gone; by force
 * also one that the journal does not know, or whose owner is on another machine. Never one whose owner is known to live.
 */
function mayTake({ input }: UploadContext, owner: SessionOwner | undefined): boolean {
  if (owner === undefined || owner.standing === 'elsewhere') return input.force === true;
  return owner.run === input.run || owner.standing === 'gone';
}

function ownerOf(owners: readonly SessionOwner[] | undefined, session: string): SessionOwner | undefined {
  return owners?.find(its => its.session === session);
}

function opening(context: UploadContext): string {
  return `another update session is open on the ${theItem(context)}`;
}

function busy(context: UploadContext, fact: string): Failure {
  const whose =
    context.rivals.length === 0
      ? 'none of yours is on it, so it is of another user: the service does not show whose'
      : context.rivals.map(id => named(context, id)).join('; ');
  return failure('RESOURCE_BUSY', `${fact}: ${whose}`, { ...said(context), next: advice(context) });
}

/** What the service said itself. */
function said({ refusal }: UploadContext): Pick<Failure, 'service'> {
  return refusal?.service === undefined ? {} : { service: refusal.service };
}

function named({ owners, input }: UploadContext, session: string): string {
  const owner = ownerOf(owners, session);
  if (owner === undefined) return `your session ${session}, of which this journal knows nothing`;
  if (owner.run === input.run) return `session ${session} of this run itself`;
  const where = owner.host === undefined ? '' : ` on ${owner.host}`;
  const who = {
    gone: 'which nobody is working on any more',
    alive: `which process ${owner.pid} is working on`,
    elsewhere: `which process ${owner.pid}${where} may be working on`
  }[owner.standing];
  return `session ${session} of the run ${owner.run}, ${who}`;
}

/** What a person can do, by what is in the way; what is easiest comes first. */
function advice({ rivals, owners, input }: UploadContext): string {
  const has = (standing: SessionOwner['standing']): SessionOwner | undefined =>
    owners?.find(its => its.standing === standing && rivals.includes(its.session));
  const takes = input.onBusy === 'take-over';
  const gone = has('gone');
  if (gone !== undefined)
    return `go on with that run: shelver resume ${gone.run}; or end it: ${takes ? `shelver cleanup ${gone.run}` : '--on-busy take-over'}`;
  if (rivals.length === 0)
    return 'ask who else works on it, or wait until that session ends or expires: --on-busy wait';
  if (has('alive') !== undefined)
    return 'wait for that process: --on-busy wait; or end it: it is not taken over while it lives';
  const force = 'or, if nobody needs it any more, end it:';
  return `see shelver sessions ls; wait for it: --on-busy wait; ${force} ${takes ? '--force' : '--on-busy take-over --force'}`;
}
