// The questions (guards) that the download plan asks, by name.
import { setup } from 'xstate';
import type { Digest, DownloadFile, DownloadSessionInfo, Item, ItemFile } from '../../vocabulary.ts';
import { attemptMachine, sleep } from '../attempt.ts';
import { wasFound } from '../attempt/answer.ts';
import { lateOne, looksInVain, mayStandUnseen } from '../doubts.ts';
import {
  collision,
  type DownloadContext,
  type DownloadInput,
  type DownloadResult,
  filesOf,
  isComparable,
  isThere,
  sameDigest
} from '../download-facts.ts';
import { fetchFileMachine } from '../fetch-file.ts';
import { type LeaseResult, leaseMachine, mayBeOver } from '../lease.ts';
import type { ChildEnd, UploadEvent } from '../upload/questions.ts';
import { answer, failureOf, isGone, isOfAnother, list } from '../upload/reading.ts';

export const downloadQuestions = setup({
  types: {
    context: {} as DownloadContext,
    input: {} as DownloadInput,
    output: {} as DownloadResult,
    events: {} as UploadEvent,
    children: {} as { lease: 'lease' } & { [id: `file:${number}`]: 'fetchFile' } & { [id: string]: 'attempt' },
    meta: {} as { spawns: 'fetchFile' }
  },
  actors: { attempt: attemptMachine, fetchFile: fetchFileMachine, lease: leaseMachine, sleep },
  guards: {
    failed: ({ event }) => failureOf(event) !== undefined,
    none: ({ event }) => list(event).length === 0,
    several: ({ event }) => list(event).length > 1,
    libraryById: ({ context }) => context.input.from.libraryById,
    itemById: ({ context }) => context.input.from.itemById,
    elsewhere: ({ context, event }) => answer<Item>(event)?.libraryId !== context.library?.id,
    notThere: ({ context, event }) =>
      context.input.wanted.some(name => !list<ItemFile>(event).some(file => file.name === name)),
    collide: ({ context, event }) => collision(filesOf(context.input, list(event))) !== undefined,
    mustLook: ({ context }) => context.toLook.length > 0,
    /** An earlier life has left it there; where it cannot be compared, its size has to do. */
    isAsLeft: ({ context, event }) => {
      const file = lookedAt(context);
      return wasThere(context) && !isComparable(file?.digest) && file?.size === answer<{ size: number }>(event)?.size;
    },
    /**
     * It was about to get its name, and its part is gone: it has got it, and nothing else can tell. Whose part is still there
     * has not; what stands there is somebody else's.
     */
    isItsOwn: ({ context, event }) => {
      const file = lookedAt(context);
      const there = answer<{ size: number; parted?: boolean }>(event);
      return !isComparable(file?.digest) && there?.parted === false && there.size === file?.naming;
    },
    /** What an earlier life was at may be its own: it is compared first. */
    maySkipIt: ({ context }) => context.input.ifExists === 'skip' && !wasThere(context) && !wasAtWork(context),
    isFree: ({ event }) => answer<object | null>(event) === null,
    mustNotExist: ({ context }) => context.input.ifExists === 'fail',
    /** The same bytes may be there already. */
    mayBeSame: ({ context, event }) => {
      const file = lookedAt(context);
      const there = answer<{ size: number }>(event);
      return isComparable(file?.digest) && (file?.size ?? there?.size) === there?.size;
    },
    isSame: ({ context, event }) => isSame(context, event),
    /** An earlier life gave it its name, and died before it could say so; or somebody else has brought the same. */
    isWhatWasFetched: ({ context, event }) => wasAtWork(context) && isSame(context, event),
    /** An earlier life of this run has fetched what there was to fetch. */
    allKeptBefore: ({ context }) =>
      context.files.every(({ outcome }) => outcome !== 'todo') &&
      context.files.some(({ outcome }) => outcome === 'kept'),
    nothingToFetch: ({ context }) => context.files.every(({ outcome }) => outcome !== 'todo'),
    rehearses: ({ context }) => context.input.rehearse === true,
    /** Now it is gone, now it is there: that must not go round for ever. */
    contradictsItself: ({ context }) => context.over && context.contradictions >= context.input.policy.maxAttempts,
    resumes: ({ context }) => context.opened,
    resumesToEnd: ({ context }) =>
      context.wish !== undefined ||
      (context.failure !== undefined && !(context.sessionId !== undefined && mayBeOver(context.failure))),
    wished: ({ context }) => context.wish !== undefined,
    /** Files of two versions must not be mixed. */
    isOtherVersion: ({ context, event }) => {
      const { contentVersion = context.contentVersion } = answer<DownloadSessionInfo>(event) as DownloadSessionInfo;
      return contentVersion !== (context.contentVersion ?? contentVersion);
    },
    isFile: ({ event }) => (event as ChildEnd).actorId.startsWith('file:'),
    /** What failed may have failed because the session is no longer what it was. */
    sessionInDoubt: ({ context }) =>
      context.files.some(({ outcome }) => outcome === 'failed') && mayBeOver(context.failure),
    someFileFailed: ({ context }) => context.files.some(({ outcome }) => outcome === 'failed'),
    allThere: ({ context }) => context.files.every(({ outcome }) => outcome !== 'todo' && outcome !== 'fetching'),
    /** The session is over or gone, and nothing more is wanted of it. */
    isPastAndAllThere: ({ context: { files }, event }) =>
      (isOver(event) || isGone(failureOf(event))) &&
      files.length > 0 &&
      files.every(file => isThere(file) || file.outcome === 'skipped'),
    leaseSaysCanceled: ({ event }) =>
      (event as unknown as { output: LeaseResult }).output.failure.code === 'SESSION_CANCELED',
    isCanceledInThisLife: ({ context, event }) =>
      context.live && answer<DownloadSessionInfo>(event)?.state === 'CANCELED',
    isOver: ({ event }) => isOver(event),
    isOverAndCanReopen: ({ context, event }) => isOver(event) && canReopen(context),
    isGone: ({ event }) => isGone(failureOf(event)),
    isGoneAndCanReopen: ({ context, event }) => isGone(failureOf(event)) && canReopen(context),
    hasFailed: ({ context }) => context.failure !== undefined,
    hasSession: ({ context }) => context.sessionId !== undefined,
    hasOpened: ({ context }) => context.opened,
    knownToBeOver: ({ context }) => context.over && context.sessionId !== undefined,
    oursIsThere: ({ context, event }) => lateOne(context, list<string>(event)) !== undefined,
    /** A refusal that may mean no more than that the session is not what it was. */
    mayBeOver: ({ event }) => mayBeOver(failureOf(event)),
    foundByAsking: ({ event }) => wasFound(event),
    isAtWork: ({ event }) => list<DownloadFile>(event).some(({ status }) => status !== 'UNPREPARED'),
    isOfAnotherRun: ({ context, event }) => isOfAnother(context.input.run, event),
    looksForLate: ({ context }) => mayStandUnseen(context),
    looksInVain: ({ context, event }) => looksInVain(context, list<string>(event)),
    wasTold: ({ context }) => context.input.told === true,
    hasPart: ({ context }) => context.files.some(({ parted }) => parted)
  }
});

/** The file that is being looked for in the target folder. */
export function lookedAt({ files, toLook }: DownloadContext): DownloadContext['files'][number] | undefined {
  return files[toLook[0] as number];
}

/** Whether an earlier life has left the file that is being looked for. */
export function wasThere(context: DownloadContext): boolean {
  const file = lookedAt(context);
  return file !== undefined && isThere(file);
}

/** Whether an earlier life was fetching the file that is being looked for: there may be a part of it. */
function wasAtWork(context: DownloadContext): boolean {
  return lookedAt(context)?.parted === true;
}

function isSame(context: DownloadContext, event: unknown): boolean {
  const read = answer<Digest>(event);
  return read !== undefined && sameDigest(read, lookedAt(context)?.digest);
}

function isOver(event: unknown): boolean {
  const its = answer<DownloadSessionInfo>(event);
  return its !== undefined && its.state !== 'ACTIVE';
}

function canReopen({ generation, input }: DownloadContext): boolean {
  return generation < input.policy.maxAttempts;
}
