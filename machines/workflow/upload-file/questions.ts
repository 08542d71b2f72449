// What one file of an upload is told and knows, and the questions (guards) that its plan asks, by name.
import { setup } from 'xstate';
import type { Digest, Failure, SessionFile } from '../../vocabulary.ts';
import { type AttemptResult, attemptMachine, sleep } from '../attempt.ts';
import type { RetryPolicy } from '../calls.ts';
import { isFurther, type Reached, reachedBy } from '../pulls.ts';
import { takesDigest } from '../check.ts';
import type { Server } from '../upload-facts.ts';
import { changedFailure, disagreement } from './words.ts';

/** A file as the plan knows it. */
export interface FileSpec {
  readonly name: string;
  /** Bytes. Unknown only of a file that the service fetches. */
  readonly size?: number;
  /** `archive`: an OVA that the service fetches, and takes apart. */
  readonly role: 'manifest' | 'certificate' | 'descriptor' | 'disk' | 'plain' | 'archive';
  readonly digest?: Digest;
  /** The service fetches it from its source; where that is stands beside the machine, for it may hold a secret. */
  readonly pull?: true;
}

export interface UploadFileInput {
  readonly index: number;
  readonly file: FileSpec;
  readonly sessionId: string;
  readonly server: Server;
  readonly policy: RetryPolicy;
  /**
   * Milliseconds between questions while the service validates, and how long that may take without a word; a file that the
   * service fetches may take as long without any movement.
   */
  readonly pollMs: number;
  readonly patienceMs: number;
  /** Whether digests are made of what is read. */
  readonly hash: boolean;
  /** Pushes that earlier runs have made. */
  readonly attempts: number;
}

export interface UploadFileResult {
  readonly ok: boolean;
  readonly at: number;
  readonly attempts: number;
  /** What was read, hashed on the way out. */
  readonly digests: readonly Digest[];
  /** What the service says it has, if it says so. */
  readonly reported?: Digest;
  readonly failure?: Failure;
}

export interface Context extends Omit<UploadFileInput, 'attempts'> {
  readonly attempts: number;
  readonly at: number;
  readonly uri: string;
  readonly digests: readonly Digest[];
  readonly reported?: Digest;
  readonly confirmingSince?: number;
  /** How far a fetch has come at most, and when it last came further. */
  readonly reached: Reached;
  readonly movedAt: number;
  readonly failure?: Failure;
  /** When the name may be added again, and why it has to be. */
  readonly dueAt: number;
  readonly why?: Failure;
}

export const result = (event: unknown): AttemptResult => (event as { output: AttemptResult }).output;
export const sessionFile = (event: unknown): SessionFile | undefined => {
  return (result(event) as { value?: SessionFile }).value;
};

export const fileQuestions = setup({
  types: {
    context: {} as Context,
    input: {} as UploadFileInput,
    output: {} as UploadFileResult,
    children: {} as {
      adding: 'attempt';
      pushing: 'attempt';
      pulling: 'attempt';
      confirming: 'attempt';
      rest: 'sleep';
      wait: 'sleep';
    }
  },
  actors: { attempt: attemptMachine, sleep },
  guards: {
    failed: ({ event }) => !result(event).ok,
    inError: ({ event }) => sessionFile(event)?.status === 'ERROR',
    /**
     * The add was refused with a digest whose algorithm the server may not know, whatever its version says: 6.7 before Update 1
     * has no SHA-2. What the server is to fetch is not taken without the digest that the caller gave.
     */
    digestRefused: ({ context: { server, file }, event }) => {
      const its = result(event);
      return !its.ok && its.failure.code === 'INVALID_ARGUMENT' && file.pull !== true && takesDigest(server, file);
    },
    isFetched: ({ context }) => context.file.pull === true,
    /** What was read is not what its manifest says: sending it again cannot help. */
    sourceDisagrees: ({ context, event }) => disagreement(context, result(event)) !== undefined,
    mustAddAgain: ({ context, event }) => {
      const its = result(event);
      return !its.ok && AGAIN.has(its.failure.code) && context.attempts + its.attempts < context.policy.maxAttempts;
    },
    notReported: ({ context }) => !context.server.reportsReady,
    ready: ({ event }) => sessionFile(event)?.status === 'READY',
    changedOnTheWay: ({ context, event }) => changedFailure(context, sessionFile(event)) !== undefined,
    changedAndCanAddAgain: ({ context, event }) =>
      changedFailure(context, sessionFile(event)) !== undefined && context.attempts < context.policy.maxAttempts,
    brokenAndCanAddAgain: ({ context, event }) =>
      BROKEN.has(String(sessionFile(event)?.status)) && context.attempts < context.policy.maxAttempts,
    broken: ({ event }) => BROKEN.has(String(sessionFile(event)?.status)),
    outOfPatience: ({ context, event }) =>
      result(event).at - (context.confirmingSince ?? Number.POSITIVE_INFINITY) > context.patienceMs,
    /** The members of an archive stand in its place, so the session may not know its name any more. */
    takenApart: ({ context, event }) => {
      const its = result(event);
      return context.file.role === 'archive' && !its.ok && its.failure.code === 'INVALID_ARGUMENT';
    },
    movedOn: ({ context, event }) => isFurther(reachedBy([sessionFile(event) as SessionFile]), context.reached),
    standsStill: ({ context, event }) => result(event).at - context.movedAt > context.patienceMs
  }
});

/**
 * Failures of a push after which the session may no longer wait for the bytes, so that the name is added again. How a push
 * with changed bytes is answered is not documented (400 among others); an address nobody knows any more was replaced by a
 * later add, or its session is gone, which adding tells; and a connection that broke may stay open for a server that does
 * not read on, which tries without end to receive what nobody sends.
 */
const AGAIN: ReadonlySet<Failure['code']> = new Set([
  'FILE_NOT_RECEIVED',
  'CHECKSUM_MISMATCH',
  'TRANSFER_REFUSED',
  'INVALID_ARGUMENT',
  'NOT_FOUND',
  'CONNECTION',
  'STALLED',
  'TIMED_OUT'
]);
const BROKEN: ReadonlySet<string> = new Set(['ERROR', 'WAITING_FOR_TRANSFER']);
