// One file of a download: prepared by the service, fetched into a part, held against what the service says of it, and only
// then given its name. What could not be known again by a digest ends before that: it is written down first that it is about to
// get its name, and a second machine gives it that.
import type { ChecksumAlgorithm, Failure } from '../vocabulary.ts';
import type { CallSpec } from './calls.ts';
import { verifiedBy } from './download-facts.ts';
import { fetchFileSetup } from './fetch-file/bookkeeping.ts';
import type { Context } from './fetch-file/facts.ts';

export type { Context, FetchFileInput, FetchFileResult } from './fetch-file/facts.ts';

const call = <Id extends string>(
  id: Id,
  spec: (context: Context) => CallSpec,
  after: (context: Context) => Failure | undefined = () => undefined
) => ({
  id,
  src: 'attempt' as const,
  input: ({ context }: { context: Context }) => ({ policy: context.policy, call: spec(context), after: after(context) })
});
const hasName = ({ failure, unnamed }: Context): boolean => failure === undefined && !unnamed;
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

export const fetchFileMachine = fetchFileSetup.createMachine({
  id: 'fetch-file',
  context: ({ input }) => ({
    ...input,
    at: 0,
    uri: '',
    received: input.naming ?? 0,
    anew: false,
    asked: false,
    unnamed: false,
    moved: 0,
    size: input.file.size,
    digest: input.file.digest
  }),
  initial: 'choosing',
  states: {
    choosing: { always: [{ guard: 'onlyToName', target: 'keeping' }, { target: 'preparing' }] },
    preparing: {
      description: 'asks for a link, and waits until there is one',
      initial: 'asking',
      states: {
        asking: {
          invoke: {
            ...call(
              'prepare',
              context => ({ op: 'prepareFile', args: named(context) }),
              context => context.why
            ),
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
            { target: '#fetch-file.proven' }
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
              { target: '#fetch-file.proven', actions: 'keepTime' }
            ]
          }
        }
      }
    },
    proven: {
      description: 'as well as it can be: is it known again by that under its name?',
      always: [
        { guard: 'knownAgain', target: 'keeping' },
        { target: 'fetched', actions: 'endUnnamed' }
      ]
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
    fetched: { type: 'final', description: 'that it gets its name is to be written down first' },
    kept: { type: 'final' },
    failed: { type: 'final' }
  },
  output: ({ context }) => ({
    ok: context.failure === undefined,
    at: context.at,
    attempts: context.attempts,
    verified: hasName(context) ? verifiedBy(context) : 'no',
    size: hasName(context) ? context.received : context.size,
    digest: context.digest,
    naming: context.unnamed ? context.received : undefined,
    failure: context.failure
  })
});
