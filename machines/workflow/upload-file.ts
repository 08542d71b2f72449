// One file of an upload: named to the session, its bytes pushed, or fetched by the service itself; then confirmed by it.

import { lookMs } from './calls.ts';
import { NOWHERE } from './pulls.ts';
import { takesDigest } from './check.ts';
import { fileSetup } from './upload-file/bookkeeping.ts';
import { pulling } from './upload-file/pulling.ts';
import type { Context } from './upload-file/questions.ts';

export type { FileSpec, UploadFileResult } from './upload-file/questions.ts';

export const uploadFileMachine = fileSetup.createMachine({
  id: 'upload-file',
  context: ({ input }) => ({ ...input, at: 0, dueAt: 0, movedAt: 0, reached: NOWHERE, uri: '', digests: [] }),
  initial: 'adding',
  states: {
    adding: {
      invoke: {
        id: 'adding',
        src: 'attempt',
        input: ({ context }) => ({
          policy: context.policy,
          after: context.why,
          call: {
            op: 'addFile',
            args: {
              sessionId: context.sessionId,
              name: context.file.name,
              size: context.file.size,
              digest: takesDigest(context.server, context.file) ? context.file.digest : undefined,
              pull: context.file.pull === true ? context.index : undefined
            }
          }
        }),
        onDone: [
          { guard: 'digestRefused', target: 'adding', reenter: true, actions: 'forgetAlgorithm' },
          { guard: 'failed', target: 'failed', actions: 'failAsAnswered' },
          { guard: 'inError', target: 'failed', actions: 'failAsReported' },
          { guard: 'isFetched', target: 'pulling', actions: 'beginFetch' },
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
              size: Number(context.file.size),
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
    pulling,
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
        onDone: { target: 'adding' }
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

/** A digest that nothing can be compared with is not made: it would halve the speed. */
function algorithmsFor({ file, hash, server }: Context): readonly ('SHA1' | 'SHA256' | 'SHA512' | 'MD5')[] {
  if (!hash) return [];
  if (file.digest !== undefined) {
    const its = file.digest.algorithm as 'SHA256';
    // What the server cannot take, it cannot report either: it shows its own default.
    return server.reportsDigest && !takesDigest(server, file) ? [its, 'SHA1'] : [its];
  }
  return server.reportsDigest ? ['SHA1', 'SHA256'] : [];
}
