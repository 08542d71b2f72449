// The questions (guards) that the fetch of one file asks, by name.
import { setup } from 'xstate';
import type { Digest, DownloadFile, Failure } from '../../vocabulary.ts';
import { type AttemptResult, attemptMachine, sleep } from '../attempt.ts';
import type { ValueOf } from '../calls.ts';
import { isComparable, sameDigest } from '../download-facts.ts';
import type { Context, FetchFileInput, FetchFileResult } from './facts.ts';

export const result = (event: unknown): AttemptResult => (event as { output: AttemptResult }).output;
export const fileOf = (event: unknown): DownloadFile | undefined => (result(event) as { value?: DownloadFile }).value;

export const fetchFileQuestions = setup({
  types: {
    context: {} as Context,
    input: {} as FetchFileInput,
    output: {} as FetchFileResult,
    children: {} as {
      prepare: 'attempt';
      look: 'attempt';
      rest: 'sleep';
      openPart: 'attempt';
      fetching: 'attempt';
      confirm: 'attempt';
      digest: 'attempt';
      keep: 'attempt';
    }
  },
  actors: { attempt: attemptMachine, sleep },
  guards: {
    failed: ({ event }) => !result(event).ok,
    hasLink: ({ event }) => fileOf(event)?.status === 'PREPARED' && fileOf(event)?.downloadUri !== undefined,
    brokenAndCanTryAgain: ({ context, event }) => fileOf(event)?.status === 'ERROR' && canTryAgain(context),
    broken: ({ event }) => fileOf(event)?.status === 'ERROR',
    /** The link has ended meanwhile. */
    unprepared: ({ event }) => fileOf(event)?.status === 'UNPREPARED',
    outOfPatience: ({ context, event }) =>
      !hasMoved(context, event) &&
      result(event).at - (context.waitingSince ?? Number.POSITIVE_INFINITY) > context.policy.patienceMs,
    isWhole: ({ context, event }) => !context.anew && partIn(event) === context.size,
    mustPrepareAgain: ({ context, event }) => {
      const its = result(event);
      return !its.ok && LINK_GONE.has(its.failure.code) && context.attempts + its.attempts < context.policy.maxAttempts;
    },
    mustAsk: ({ context }) => context.server.reportsDigest && !isComparable(context.digest) && !context.asked,
    sizeDiffers: ({ context }) => context.size !== undefined && context.received !== context.size,
    sizeDiffersAndCanFetchAgain: ({ context }) =>
      context.size !== undefined && context.received !== context.size && canTryAgain(context),
    comparable: ({ context }) => isComparable(context.digest),
    onlyToName: ({ context }) => context.naming !== undefined,
    /** A life that finds it under its name reads it, and knows it by the digest that was known before. */
    knownAgain: ({ context: { digest, file } }) => isComparable(digest) && sameDigest(digest, file.digest),
    differs: ({ context, event }) => differs(context, event),
    differsAndCanFetchAgain: ({ context, event }) => differs(context, event) && canTryAgain(context)
  }
});

/** Failures of a fetch that may mean no more than that the link has ended: the service is asked for another. */
const LINK_GONE: ReadonlySet<Failure['code']> = new Set([
  'NOT_FOUND',
  'NOT_ALLOWED_IN_CURRENT_STATE',
  'INVALID_ARGUMENT',
  'TRANSFER_REFUSED'
]);

function canTryAgain({ attempts, policy }: Context): boolean {
  return attempts < policy.maxAttempts;
}

export function partIn(event: unknown): number {
  return (result(event) as unknown as { value: ValueOf<'openPart'> }).value.size;
}

/** What the service has brought from elsewhere (on-demand libraries) counts as movement. */
export function hasMoved({ moved }: Context, event: unknown): boolean {
  return movedIn(event) > moved;
}

export function movedIn(event: unknown): number {
  return (fileOf(event) as DownloadFile).bytesTransferred;
}

function differs({ digest }: Context, event: unknown): boolean {
  const its = result(event);
  return its.ok && !sameDigest(its.value as Digest, digest);
}
