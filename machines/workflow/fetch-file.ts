// One file of a download: prepared by the service, fetched into a part, held against what the service says of it, and only
// then given its name.
import { assign, setup } from 'xstate';
import type { ChecksumAlgorithm, Digest, DownloadFile, Failure } from '../vocabulary.ts';
import { failure } from '../vocabulary.ts';
import { type AttemptResult, attemptMachine, sleep } from './attempt.ts';
import type { CallSpec, ValueOf } from './calls.ts';
import {
  type DownloadPolicy,
  type DownloadServer,
  type FetchVerified,
  isComparable,
  sameDigest,
  verifiedBy
} from './download-facts.ts';

export interface FetchFileInput {
  readonly run: string;
  readonly index: number;
  /** Size and digest as far as the item's own list tells them. */
  readonly file: { readonly name: string; readonly size?: number; readonly digest?: Digest };
  readonly sessionId: string;
  readonly server: DownloadServer;
  readonly policy: DownloadPolicy;
  /** Whether what stands under the final name gives way. */
  readonly replace: boolean;
  /** Fetches that were made before. */
  readonly attempts: number;
}

export interface FetchFileResult {
  readonly ok: boolean;
  readonly at: number;
  readonly attempts: number;
  readonly verified: FetchVerified;
  readonly size?: number;
  readonly digest?: Digest;
  readonly failure?: Failure;
}

export interface Context extends FetchFileInput {
  readonly at: number;
  readonly uri: string;
  /** Bytes in the part. */
  readonly received: number;
  /** What is in the part is wrong: it begins again. */
  readonly anew: boolean;
  /** The service was asked for its digest after the fetch. */
  readonly asked: boolean;
  /** Since when nothing has moved, and how much had moved then. */
  readonly waitingSince?: number;
  readonly moved: number;
  readonly size?: number;
  readonly digest?: Digest;
  readonly failure?: Failure;
}

const result = (event: unknown): AttemptResult => (event as { output: AttemptResult }).output;
const fileOf = (event: unknown): DownloadFile | undefined => (result(event) as { value?: DownloadFile }).value;

const call = <Id extends string>(id: Id, spec: (context: Context) => CallSpec) => ({
  id,
  src: 'attempt' as const,
  input: ({ context }: { context: Context }) => ({ policy: context.policy, call: spec(context) })
});
const named = ({ sessionId, file }: Context) => ({ sessionId, name: file.name });

/** What follows from how far the service is with preparing. */
const prepared = [
  { guard: 'failed' as const, target: '#fetch-file.failed', actions: 'failAsAnswered' as const },
  { guard: 'hasLink' as const, target: '#fetch-file.opening', actions: 'keepLink' as const },
  {
    guard: 'brokenAndCanTryAgain' as const,
    target: '#fetch-file.preparing.restingBefore',
    actions: 'countTry' as const
  },
  { guard: 'broken' as const, target: '#fetch-file.failed', actions: 'failAsReported' as const },
  { guard: 'outOfPatience' as const, target: '#fetch-file.failed', actions: 'failAsImpatient' as const }
];

export const fetchFileMachine = setup({
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
    differs: ({ context, event }) => differs(context, event),
    differsAndCanFetchAgain: ({ context, event }) => differs(context, event) && canTryAgain(context)
  },
  actions: {
    keepTime: assign(({ event }) => ({ at: result(event).at })),
    keepLink: assign(({ context, event }) => ({
      at: result(event).at,
      uri: String(fileOf(event)?.downloadUri),
      waitingSince: undefined,
      ...reported(context, fileOf(event))
    })),
    countTry: assign(({ context, event }) => ({ at: result(event).at, attempts: context.attempts + 1 })),
    beginPatience: assign(({ context, event }) => ({
      at: result(event).at,
      waitingSince: hasMoved(context, event) ? result(event).at : (context.waitingSince ?? result(event).at),
      moved: Math.max(context.moved, movedIn(event))
    })),
    keepPart: assign(({ context, event }) => {
      const held = partIn(event);
      const usable = !context.anew && held <= (context.size ?? Number.POSITIVE_INFINITY);
      return { at: result(event).at, anew: false, received: usable ? held : 0 };
    }),
    keepFetch: assign(({ context, event }) => {
      const its = result(event);
      const received = its.ok ? (its.value as ValueOf<'fetch'>).received : context.received;
      return { at: its.at, attempts: context.attempts + its.attempts, received };
    }),
    keepReport: assign(({ context, event }) => ({
      at: result(event).at,
      asked: true,
      ...reported(context, fileOf(event))
    })),
    beginAgain: assign(({ event }) => ({
      at: result(event).at,
      anew: true,
      asked: false,
      waitingSince: undefined
    })),
    failAsAnswered: assign(({ event }) => {
      const its = result(event);
      return { failure: (its as { failure?: Failure }).failure, at: its.at };
    }),
    failAsReported: assign(({ context, event }) => ({
      at: result(event).at,
      failure: failure(
        'TRANSFER_REFUSED',
        fileOf(event)?.errorMessage ?? `the service could not prepare ${context.file.name}`
      )
    })),
    failAsImpatient: assign(({ context, event }) => ({
      at: result(event).at,
      failure: failure(
        'TIMED_OUT',
        `the service has been preparing ${context.file.name} for longer than ${Math.round(context.policy.patienceMs / 60_000)} min`
      )
    })),
    failAsWrongSize: assign(({ context }) => ({
      failure: failure(
        'CHECKSUM_MISMATCH',
        `what came of ${context.file.name} is ${context.received} bytes long, and not the ${context.size} that the service says`
      )
    })),
    failAsChanged: assign(({ context, event }) => ({
      at: result(event).at,
      failure: failure(
        'CHECKSUM_MISMATCH',
        `what came of ${context.file.name} is not what the service says it holds (${context.digest?.algorithm})`
      )
    }))
  }
}).createMachine({
  id: 'fetch-file',
  context: ({ input }) => ({
    ...input,
    at: 0,
    uri: '',
    received: 0,
    anew: false,
    asked: false,
    moved: 0,
    size: input.file.size,
    digest: input.file.digest
  }),
  initial: 'preparing',
  states: {
    preparing: {
      description: 'asks for a link, and waits until there is one',
      initial: 'asking',
      states: {
        asking: {
          invoke: {
            ...call('prepare', context => ({ op: 'prepareFile', args: named(context) })),
            onDone: [...prepared, { target: 'resting', actions: 'beginPatience' }]
          }
        },
        resting: {
          invoke: {
            id: 'rest',
            src: 'sleep',
            input: ({ context }) => ({ until: context.at + context.policy.pollMs }),
            onDone: 'looking'
          }
        },
        looking: {
          invoke: {
            ...call('look', context => ({ op: 'getDownloadFile', args: named(context) })),
            onDone: [
              ...prepared,
              { guard: 'unprepared', target: 'asking', actions: 'beginPatience' },
              { target: 'resting', actions: 'beginPatience' }
            ]
          }
        },
        restingBefore: {
          description: 'the service failed to prepare it: once more, after a while',
          invoke: {
            id: 'rest',
            src: 'sleep',
            input: ({ context }) => ({ until: context.at + context.policy.pollMs }),
            onDone: 'asking'
          }
        }
      }
    },
    opening: {
      description: 'makes the part, or finds how far it had come',
      invoke: {
        ...call('openPart', ({ file, run }) => ({ op: 'openPart', args: { name: file.name, run } })),
        onDone: [
          { guard: 'failed', target: 'failed', actions: 'failAsAnswered' },
          { guard: 'isWhole', target: 'verifying', actions: 'keepPart' },
          { target: 'fetching', actions: 'keepPart' }
        ]
      }
    },
    fetching: {
      invoke: {
        id: 'fetching',
        src: 'attempt',
        input: ({ context }) => ({
          policy: context.policy,
          used: context.attempts,
          call: {
            op: 'fetch',
            args: { ...named(context), size: context.size ?? 0, uri: context.uri, from: context.received }
          }
        }),
        onDone: [
          { guard: 'mustPrepareAgain', target: 'preparing', actions: 'keepFetch' },
          { guard: 'failed', target: 'failed', actions: ['keepFetch', 'failAsAnswered'] },
          { target: 'verifying', actions: 'keepFetch' }
        ]
      }
    },
    verifying: {
      initial: 'choosing',
      states: {
        choosing: {
          always: [
            { guard: 'mustAsk', target: 'asking' },
            { guard: 'sizeDiffersAndCanFetchAgain', target: '#fetch-file.preparing', actions: 'beginAgain' },
            { guard: 'sizeDiffers', target: '#fetch-file.failed', actions: 'failAsWrongSize' },
            { guard: 'comparable', target: 'reading' },
            { target: '#fetch-file.keeping' }
          ]
        },
        asking: {
          description: 'a digest is sure to be known only after the file was downloaded',
          invoke: {
            ...call('confirm', context => ({ op: 'getDownloadFile', args: named(context) })),
            onDone: [
              { guard: 'failed', target: '#fetch-file.failed', actions: 'failAsAnswered' },
              { target: 'choosing', actions: 'keepReport' }
            ]
          }
        },
        reading: {
          description: 'reads what is on the disk',
          invoke: {
            ...call('digest', ({ file, digest }) => ({
              op: 'digestTarget',
              args: { name: file.name, what: 'part', algorithm: digest?.algorithm as ChecksumAlgorithm }
            })),
            onDone: [
              { guard: 'failed', target: '#fetch-file.failed', actions: 'failAsAnswered' },
              { guard: 'differsAndCanFetchAgain', target: '#fetch-file.preparing', actions: 'beginAgain' },
              { guard: 'differs', target: '#fetch-file.failed', actions: 'failAsChanged' },
              { target: '#fetch-file.keeping', actions: 'keepTime' }
            ]
          }
        }
      }
    },
    keeping: {
      description: 'gives it its name',
      invoke: {
        ...call('keep', ({ file, replace }) => ({ op: 'keep', args: { name: file.name, replace } })),
        onDone: [
          { guard: 'failed', target: 'failed', actions: 'failAsAnswered' },
          { target: 'kept', actions: 'keepTime' }
        ]
      }
    },
    kept: { type: 'final' },
    failed: { type: 'final' }
  },
  output: ({ context }) => ({
    ok: context.failure === undefined,
    at: context.at,
    attempts: context.attempts,
    verified: context.failure === undefined ? verifiedBy(context) : 'no',
    size: context.failure === undefined ? context.received : context.size,
    digest: context.digest,
    failure: context.failure
  })
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

function partIn(event: unknown): number {
  return (result(event) as unknown as { value: ValueOf<'openPart'> }).value.size;
}

/** What the service has brought from elsewhere (on-demand libraries) counts as movement. */
function hasMoved({ moved }: Context, event: unknown): boolean {
  return movedIn(event) > moved;
}

function movedIn(event: unknown): number {
  return (fileOf(event) as DownloadFile).bytesTransferred;
}

/** The session's own words outweigh those of the item's list, where it has any that can be used. */
function reported({ size, digest, server }: Context, its: DownloadFile | undefined): Pick<Context, 'size' | 'digest'> {
  return {
    size: server.reportsSize ? (its?.size ?? size) : undefined,
    digest: server.reportsDigest && isComparable(its?.digest) ? its?.digest : digest
  };
}

function differs({ digest }: Context, event: unknown): boolean {
  const its = result(event);
  return its.ok && !sameDigest(its.value as Digest, digest);
}
