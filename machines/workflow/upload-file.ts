// One file of an upload: named to the session, its bytes pushed, then confirmed by the service itself.
import { assign, setup } from 'xstate';
import type { Digest, Failure, SessionFile } from '../vocabulary.ts';
import { failure } from '../vocabulary.ts';
import { type AttemptResult, attemptMachine, sleep } from './attempt.ts';
import { backOffMs, lookMs, notTaken, type RetryPolicy, type ValueOf } from './calls.ts';
import type { Server } from './upload-facts.ts';

/** A file as the plan knows it. */
export interface FileSpec {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly role: 'manifest' | 'certificate' | 'descriptor' | 'disk' | 'plain';
  readonly digest?: Digest;
}

export interface UploadFileInput {
  readonly index: number;
  readonly file: FileSpec;
  readonly sessionId: string;
  readonly server: Server;
  readonly policy: RetryPolicy;
  /** Milliseconds between questions while the service validates, and how long that may take without a word. */
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
  readonly failure?: Failure;
  /** When the name may be added again, and why it has to be. */
  readonly dueAt: number;
  readonly why?: Failure;
}

const result = (event: unknown): AttemptResult => (event as { output: AttemptResult }).output;
const sessionFile = (event: unknown): SessionFile | undefined => {
  return (result(event) as { value?: SessionFile }).value;
};

export const uploadFileMachine = setup({
  types: {
    context: {} as Context,
    input: {} as UploadFileInput,
    output: {} as UploadFileResult,
    children: {} as { adding: 'attempt'; pushing: 'attempt'; confirming: 'attempt'; rest: 'sleep'; wait: 'sleep' }
  },
  actors: { attempt: attemptMachine, sleep },
  guards: {
    failed: ({ event }) => !result(event).ok,
    refusedAtOnce: ({ event }) => sessionFile(event)?.status === 'ERROR',
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
      result(event).at - (context.confirmingSince ?? Number.POSITIVE_INFINITY) > context.patienceMs
  },
  actions: {
    keepUri: assign(({ event }) => ({ uri: sessionFile(event)?.uploadUri ?? '', at: result(event).at })),
    keepPush: assign(({ context, event }) => {
      const its = result(event);
      const digests = its.ok ? (its.value as ValueOf<'push'>).digests : (its.failure.digests ?? []);
      return { attempts: context.attempts + its.attempts, digests, at: its.at };
    }),
    /** Whatever spoilt the last body may take a while to pass: the more bodies were spoilt, the longer. */
    backOff: assign(({ context, event }) => {
      const its = result(event);
      const why = its.ok
        ? (changedFailure(context, sessionFile(event)) ?? reportedFailure(context, sessionFile(event)))
        : its.failure;
      const failed = { at: its.at, luck: its.luck, failure: why };
      return { at: its.at, why, dueAt: its.at + backOffMs(context.policy, context.attempts, failed) };
    }),
    forgetWhy: assign({ why: undefined }),
    keepReport: assign(({ event }) => ({ reported: sessionFile(event)?.digest, at: result(event).at })),
    beginPatience: assign(({ context, event }) => ({
      confirmingSince: context.confirmingSince ?? result(event).at,
      at: result(event).at
    })),
    forgetPatience: assign({ confirmingSince: undefined }),
    failAsAnswered: assign(({ event }) => {
      const its = result(event);
      return { failure: (its as { failure?: Failure }).failure, at: its.at };
    }),
    failAsReported: assign(({ context, event }) => ({
      failure: reportedFailure(context, sessionFile(event)),
      at: result(event).at
    })),
    failAsChanged: assign(({ context, event }) => ({
      failure: changedFailure(context, sessionFile(event)),
      at: result(event).at
    })),
    failAsDisagreeing: assign(({ context, event }) => ({
      failure: disagreement(context, result(event)),
      at: result(event).at
    })),
    failAsImpatient: assign(({ context, event }) => ({
      failure: failure(
        'TIMED_OUT',
        `the service has been validating ${context.file.name} for longer than ${Math.round(context.patienceMs / 60_000)} min`
      ),
      at: result(event).at
    }))
  }
}).createMachine({
  id: 'upload-file',
  context: ({ input }) => ({ ...input, at: 0, dueAt: 0, uri: '', digests: [] }),
  initial: 'adding',
  states: {
    adding: {
      invoke: {
        id: 'adding',
        src: 'attempt',
        input: ({ context }) => ({
          policy: context.policy,
          call: {
            op: 'addFile',
            args: {
              sessionId: context.sessionId,
              name: context.file.name,
              size: context.file.size,
              digest: takesDigest(context) ? context.file.digest : undefined
            }
          }
        }),
        onDone: [
          { guard: 'failed', target: 'failed', actions: 'failAsAnswered' },
          { guard: 'refusedAtOnce', target: 'failed', actions: 'failAsReported' },
          { target: 'pushing', actions: 'keepUri' }
        ]
      }
    },
    pushing: {
      invoke: {
        id: 'pushing',
        src: 'attempt',
        input: ({ context }) => ({
          policy: context.policy,
          used: context.attempts,
          call: {
            op: 'push',
            args: {
              sessionId: context.sessionId,
              file: context.index,
              name: context.file.name,
              size: context.file.size,
              uri: context.uri,
              hash: algorithmsFor(context)
            }
          }
        }),
        onDone: [
          { guard: 'sourceDisagrees', target: 'failed', actions: ['keepPush', 'failAsDisagreeing'] },
          { guard: 'mustAddAgain', target: 'waiting', actions: ['keepPush', 'backOff'] },
          { guard: 'failed', target: 'failed', actions: ['keepPush', 'failAsAnswered'] },
          { guard: 'notReported', target: 'ready', actions: 'keepPush' },
          { target: 'confirming', actions: ['keepPush', 'forgetPatience'] }
        ]
      }
    },
    confirming: {
      initial: 'asking',
      states: {
        asking: {
          invoke: {
            id: 'confirming',
            src: 'attempt',
            input: ({ context }) => ({
              policy: context.policy,
              call: { op: 'getFile', args: { sessionId: context.sessionId, name: context.file.name } }
            }),
            onDone: [
              { guard: 'failed', target: '#upload-file.failed', actions: 'failAsAnswered' },
              { guard: 'changedAndCanAddAgain', target: '#upload-file.waiting', actions: 'backOff' },
              { guard: 'changedOnTheWay', target: '#upload-file.failed', actions: 'failAsChanged' },
              { guard: 'ready', target: '#upload-file.ready', actions: 'keepReport' },
              { guard: 'brokenAndCanAddAgain', target: '#upload-file.waiting', actions: 'backOff' },
              { guard: 'broken', target: '#upload-file.failed', actions: 'failAsReported' },
              { guard: 'outOfPatience', target: '#upload-file.failed', actions: 'failAsImpatient' },
              { target: 'resting', actions: 'beginPatience' }
            ]
          }
        },
        resting: {
          invoke: {
            id: 'rest',
            src: 'sleep',
            input: ({ context }) => ({
              until: context.at + lookMs(context.pollMs, Number(context.confirmingSince), context.at)
            }),
            onDone: 'asking'
          }
        }
      }
    },
    waiting: {
      invoke: {
        id: 'wait',
        src: 'sleep',
        input: ({ context }) => ({ until: context.dueAt }),
        onDone: { target: 'adding', actions: 'forgetWhy' }
      }
    },
    ready: { type: 'final' },
    failed: { type: 'final' }
  },
  output: ({ context }) => ({
    ok: context.failure === undefined,
    at: context.at,
    attempts: context.attempts,
    digests: context.digests,
    reported: context.reported,
    failure: context.failure
  })
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

function takesDigest({ file, server }: Context): boolean {
  return file.digest !== undefined && (server.algorithms as readonly string[]).includes(file.digest.algorithm);
}

/** A digest that nothing can be compared with is not made: it would halve the speed. */
function algorithmsFor({ file, hash, server }: Context): readonly ('SHA1' | 'SHA256' | 'SHA512' | 'MD5')[] {
  if (!hash) return [];
  if (file.digest !== undefined) return [file.digest.algorithm as 'SHA256'];
  return server.reportsDigest ? ['SHA1', 'SHA256'] : [];
}

function disagreement({ file }: Context, its: AttemptResult): Failure | undefined {
  const digests = its.ok ? (its.value as ValueOf<'push'>).digests : (its.failure.digests ?? []);
  const read = digests.find(digest => digest.algorithm === file.digest?.algorithm);
  if (read === undefined || read.checksum === file.digest?.checksum) return undefined;
  return failure(
    'SOURCE_DISAGREES',
    `${file.name} does not match its manifest: the ${read.algorithm} there is ${file.digest?.checksum}, the file's is ${read.checksum}`
  );
}

/** What a file that is READY shows by its digest. */
function changedFailure({ file, digests }: Context, its: SessionFile | undefined): Failure | undefined {
  const ours = digests.find(digest => digest.algorithm === its?.digest?.algorithm);
  if (its?.status !== 'READY' || ours === undefined || ours.checksum === its.digest?.checksum.toLowerCase()) {
    return undefined;
  }
  return failure('CHECKSUM_MISMATCH', `what the service received of ${file.name} is not what was read from the source`);
}

function reportedFailure({ file }: Context, its: SessionFile | undefined): Failure {
  return notTaken(its as SessionFile, `the service did not keep ${file.name} (status: ${its?.status})`);
}
