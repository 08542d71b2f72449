// The questions (guards) that the upload plan asks, by name.
import { setup } from 'xstate';
import type { Item, Library, SessionFile, SessionInfo, Validation } from '../../vocabulary.ts';
import { FAILURES, type Failure } from '../../vocabulary.ts';
import { attemptMachine, sleep } from '../attempt.ts';
import { isDoubtful } from '../after-failure.ts';
import { result, wasFound } from '../attempt/answer.ts';
import { itemDoubtOf, lateOne, looksInVain, mayLand, mayStandUnseen } from '../doubts.ts';
import { leaseMachine, mayBeOver } from '../lease.ts';
import { isFurther, isUnderWay, reachedBy } from '../pulls.ts';
import type { UploadContext, UploadInput, UploadResult } from '../upload-facts.ts';
import { uploadFileMachine } from '../upload-file.ts';
import { answer, extras, failureOf, isGone, list, pushed, stateOf, unproven, warningsOf } from './reading.ts';

/** The only thing that a person or program may send to a running upload. */
export interface CancelEvent {
  readonly type: 'cancel';
  readonly reason: string;
  /** When, in milliseconds since 1970, by the clock that stamps the answers. */
  readonly at?: number;
}
export type ChildEnd = {
  readonly type: `xstate.done.actor.${string}`;
  readonly actorId: string;
  readonly output: unknown;
};
export type UploadEvent = CancelEvent | ChildEnd;

export const uploadQuestions = setup({
  types: {
    context: {} as UploadContext,
    input: {} as UploadInput,
    output: {} as UploadResult,
    events: {} as UploadEvent,
    children: {} as { lease: 'lease' } & { [id: `file:${number}`]: 'uploadFile' } & {
      [id: string]: 'attempt' | 'sleep';
    },
    meta: {} as { spawns: 'uploadFile' }
  },
  actors: { attempt: attemptMachine, uploadFile: uploadFileMachine, lease: leaseMachine, sleep },
  guards: {
    failed: ({ event }) => failureOf(event) !== undefined,
    failedAfterItsEnd: ({ context, event }) => context.over && failureOf(event) !== undefined,
    none: ({ event }) => list(event).length === 0,
    /** An earlier life made the item, and took it away again: the next one is made with a token of its own. */
    ownIsGone: ({ context, event }) => context.itemMade && list(event).length === 0,
    several: ({ event }) => list(event).length > 1,
    rehearses: ({ context }) => context.input.rehearse !== undefined,
    noneInRehearsal: ({ context, event }) => context.input.rehearse !== undefined && list(event).length === 0,
    mustLookAtSession: ({ context }) => context.toLookAt.length > 0,
    /** What the service would answer to the create of a session. */
    wouldBeBusy: ({ context }) => context.inTheWay.length > 0 && context.input.server.sharesItems !== true,
    isInTheWay: ({ context, event }) =>
      stateOf(event) === 'ACTIVE' && answer<SessionInfo>(event)?.id !== context.input.rehearse?.session,
    libraryById: ({ context }) => context.input.to.libraryById,
    itemById: ({ context }) => context.input.to.itemById,
    isSubscribed: ({ event }) => answer<Library>(event)?.type === 'SUBSCRIBED',
    elsewhere: ({ context, event }) => answer<Item>(event)?.libraryId !== context.library?.id,
    /** What an earlier life of this run has made was not there before. */
    mustNotExist: ({ context }) => context.input.ifExists === 'fail' && !context.itemMade,
    maySkip: ({ context }) => context.input.ifExists === 'skip' && !context.itemMade,
    /** The service reads a descriptor that it fetches by itself, and fetches what that names, only for an item of that type. */
    fetchesNoPackage: ({ context, event }) =>
      fetchesPackage(context) && answer<Item>(event)?.type?.toLowerCase() !== 'ovf',
    /** Found after a create that was not answered: somebody else may have made it, of another type. */
    foundForPackage: ({ context, event }) => fetchesPackage(context) && wasFound(event),
    wasMakingForPackage: ({ context }) => fetchesPackage(context) && context.making,
    wished: ({ context }) => context.wish !== undefined,
    mustHash: ({ context }) => context.toCompare.length > 0,
    nothingToSend: ({ context }) =>
      context.toRemove.length === 0 && context.files.every(file => file.outcome === 'unchanged'),
    cannotReplace: ({ context, event }) =>
      context.input.ifExists === 'replace' &&
      !context.input.server.removesFiles &&
      extras(context.input, list(event)).length > 0,
    replaces: ({ context: { input } }) => input.ifExists === 'replace' && input.server.removesFiles,
    mustRemove: ({ context }) => context.toRemove.length > 0,
    busy: ({ event }) => failureOf(event)?.code === 'RESOURCE_BUSY',
    resumes: ({ context }) => context.opened,
    wasDone: ({ context }) => context.done,
    resumesToEnd: ({ context }) =>
      context.wish !== undefined ||
      context.removing === true ||
      (context.failure !== undefined && !(context.sessionId !== undefined && mayBeOver(context.failure))),
    /** A create of the item was on its way when the run broke off: one of that name is ours. */
    wasMaking: ({ context }) => context.making,
    isGoneAfterAsking: ({ context, event }) => isGone(failureOf(event)) && context.asked,
    /** What failed may have failed because the session is no longer what it was. */
    sessionInDoubt: ({ context }) =>
      context.files.some(file => file.outcome === 'failed') && mayBeOver(context.failure),
    isGoneAndCanReopen: ({ context, event }) =>
      isGone(failureOf(event)) && context.generation < context.input.policy.maxAttempts,
    isOverInThisLife: ({ context, event }) =>
      context.live && stateOf(event) !== undefined && stateOf(event) !== 'ACTIVE',
    lostAndCanReopen: ({ context }) =>
      context.lost &&
      context.wish === undefined &&
      !context.over &&
      unproven(context).length > 0 &&
      context.generation < context.input.policy.maxAttempts,
    /** Now it is gone, now it is there: that must not go round for ever. */
    contradictsItself: ({ context }) => context.over && context.contradictions >= context.input.policy.maxAttempts,
    /** Neither the session is there nor the item: an earlier life has taken both away. */
    itemGoneToo: ({ context, event }) => context.lost && isGone(failureOf(event)),
    /** Whether complete took effect cannot be told: neither the session nor the item can be asked. */
    lostAndUnread: ({ context, event }) => context.lost && failureOf(event) !== undefined,
    lost: ({ context }) => context.lost && unproven(context).length > 0,
    /** A refusal that may mean no more than that the session is not what it was. */
    mayBeOver: ({ event }) => mayBeOver(failureOf(event)),
    hasSession: ({ context }) => context.sessionId !== undefined && !context.lost,
    /** Complete was sent: it may have taken effect. */
    mayBeDone: ({ context }) => context.asked && !context.done && context.sessionId !== undefined && !context.lost,
    hasOpened: ({ context }) => context.opened && !context.lost,
    knownToBeOver: ({ context }) => context.over && context.sessionId !== undefined && !context.lost,
    /** It had failed for what may pass, and nothing of it is on the server any more. */
    goesOnAnew: ({ context }) => context.tidiesFirst && context.wish === undefined && !context.left,
    madeItem: ({ context }) => context.itemMade && context.itemId !== undefined,
    mayHaveMadeItem: ({ context }) => context.making,
    isDone: ({ event }) => stateOf(event) === 'DONE',
    isOver: ({ event }) => stateOf(event) !== undefined && stateOf(event) !== 'ACTIVE',
    hasEnded: ({ event }) => hasEnded(event),
    hasEndedAndCanReopen: ({ context, event }) =>
      hasEnded(event) && context.generation < context.input.policy.maxAttempts,
    isGone: ({ event }) => isGone(failureOf(event)),
    isFile: ({ event }) => (event as ChildEnd).actorId.startsWith('file:'),
    /** A fetch that fails ends all others, too: the service says which, and why. */
    someFetchNotKept: ({ context: { files, failure, input } }) =>
      failure?.code === 'FILE_NOT_RECEIVED' &&
      files.some(({ outcome }, index) => outcome === 'failed' && input.files[index]?.pull === true),
    someFileFailed: ({ context }) => context.files.some(file => file.outcome === 'failed'),
    allSent: ({ context }) => isSent(context),
    /** A validation is refused while a pushed file is not READY, or when the session is over. */
    foundUnready: ({ event }) => isUnready(failureOf(event)),
    completeFoundUnready: ({ context, event }) => stateOf(event) === 'ACTIVE' && isUnready(context.completeFailure),
    /** Where READY is never said, which file it was cannot be told: all are sent again, but no more than once. */
    recheckedEnough: ({ context: { rechecks, input } }) =>
      rechecks >= input.policy.maxAttempts || (rechecks > 1 && !input.server.reportsReady),
    /** The service is looking at bytes that have come since. */
    someUnsettled: ({ context, event }) =>
      pushed(context, listed(event)).some(its => its?.status === 'TRANSFERRING' || its?.status === 'VALIDATING'),
    filesMissing: ({ event }) => (answer<Validation>(event) as Validation).missing.length > 0,
    filesInvalid: ({ event }) => (answer<Validation>(event) as Validation).hasErrors,
    hasPreview: ({ context }) => context.input.server.previews && context.input.itemType === 'ovf',
    previewPending: ({ event }) => answer<SessionInfo>(event)?.preview?.state === 'PREPARING',
    warningRefused: ({ context, event }) =>
      warningsOf(event).some(warning => !warning.ignored && !context.input.acceptWarnings.includes(warning.type)),
    warningToAccept: ({ event }) => warningsOf(event).some(warning => !warning.ignored),
    outOfPatience: ({ context, event }) =>
      result(event).at - Math.max(context.waitingSince ?? Number.POSITIVE_INFINITY, context.movedAt ?? 0) >
      context.input.policy.patienceMs,
    fetches: ({ context }) => context.input.files.some(({ pull }) => pull === true),
    allSentFetches: ({ context }) => isSent(context) && context.input.files.some(({ pull }) => pull === true),
    /** One that the service fetches by itself has failed: it has no second try in this session. */
    someFetchFailed: ({ event }) => listed(event).some(file => file.sourceType === 'PULL' && file.status === 'ERROR'),
    allFetched: ({ event }) => !listed(event).some(isUnderWay),
    fetchedMore: ({ context, event }) => isFurther(reachedBy(listed(event)), context.reached),
    completeRefused: ({ context, event }) =>
      stateOf(event) === 'ACTIVE' &&
      context.completeFailure !== undefined &&
      !mayCompleteAgain(context.completeFailure),
    completeSpent: ({ context, event }) =>
      stateOf(event) === 'ACTIVE' &&
      context.completeFailure !== undefined &&
      context.completions >= context.input.policy.maxAttempts,
    mustCompleteAgain: ({ context }) => context.completeFailure !== undefined,
    /** The run was told as done: what is not to be read now does not change that. */
    failedButTold: ({ context, event }) => context.input.told === true && failureOf(event) !== undefined,
    notVerified: ({ context }) =>
      context.input.told !== true &&
      (context.toRemove.length > 0 || context.verified.some(({ verified }) => verified === 'no')),
    hasFailed: ({ context }) => context.failure !== undefined,
    /** It is not there, or not any more, and a create that was not answered may make it yet. */
    itemMayCome: ({ context }) => mayLand(itemDoubtOf(context), context.at),
    looksForLate: ({ context }) => mayStandUnseen(context),
    looksInVain: ({ context, event }) => looksInVain(context, list<string>(event)),
    oursIsThere: ({ context, event }) => lateOne(context, list<string>(event)) !== undefined
  }
});

/** The service shall fetch what a descriptor names, which it reads by itself. */
function fetchesPackage({ input: { itemType, files } }: UploadContext): boolean {
  return (
    itemType === 'ovf' && files.some(({ pull, role }) => pull === true && (role === 'descriptor' || role === 'archive'))
  );
}

/** Nothing can be sent into it any more. */
function hasEnded(event: unknown): boolean {
  const failed = failureOf(event);
  return failed === undefined ? stateOf(event) !== 'ACTIVE' : isGone(failed);
}

function isSent({ files }: UploadContext): boolean {
  return files.every(file => file.outcome === 'ready' || file.outcome === 'unchanged');
}

/** The files of the session, if they were listed. */
function listed(event: unknown): readonly SessionFile[] {
  return answer<readonly SessionFile[]>(event) ?? [];
}

/** A refusal that may mean no more than that a file is not READY any more. */
function isUnready(failed: Failure | undefined): boolean {
  return failed?.code === 'NOT_ALLOWED_IN_CURRENT_STATE';
}

/** A refusal of `complete` ends it, unless it says nothing about the session's files. */
function mayCompleteAgain(failed: Failure): boolean {
  return failed.budgetSpent !== true && (isDoubtful(failed) || FAILURES[failed.code].retry);
}
