// The plan of one upload: from finding the library to a session that is DONE, an item that holds what the source holds,
// and nothing left behind. Every failure before DONE ends in `abandoning`, which leaves the server as it was.
import type { CallSpec } from './calls.ts';
import { tokenOf, type UploadContext } from './upload-facts.ts';
import { uploadSetup } from './upload-setup.ts';

/** One call through `attempt`, with the patience that its phase deserves. */
const attempt = (
  id: string,
  call: (context: UploadContext) => CallSpec,
  limits: { maxAttempts?: number; capMs?: number; retryAfterCapMs?: number } = {}
) => ({
  id,
  src: 'attempt' as const,
  input: ({ context }: { context: UploadContext }) => ({
    policy: { ...context.input.policy, ...limits },
    call: call(context)
  })
});
/** Cleaning up has a deadline of its own: it must end while somebody waits for the prompt. */
const CLEANUP = { maxAttempts: 3, capMs: 1_000, retryAfterCapMs: 2_000 };
const abandon = '#upload.abandoning';
const itemOf = ({ itemId }: UploadContext): string => String(itemId);
const sessionOf = ({ sessionId }: UploadContext): string => String(sessionId);
const asksSession = ({ sessionId }: UploadContext): CallSpec => ({ op: 'getSession', args: { id: String(sessionId) } });
const leave = { target: abandon, actions: 'wish' as const };
const soon = ({ context }: { context: UploadContext }) => ({ until: context.at + context.input.policy.pollMs });

export const uploadMachine = uploadSetup.createMachine({
  id: 'upload',
  context: ({ input }) => ({
    input,
    at: 0,
    luck: 0,
    itemId: input.known?.itemId,
    itemMade: input.known?.itemMade ?? false,
    itemName: input.to.itemById ? '' : input.to.item,
    generation: input.known?.generation ?? 1,
    opened: input.known?.opened ?? false,
    sessionId: input.known?.sessionId,
    asked: input.known?.asked ?? false,
    wish: input.known?.wish,
    failure: input.known?.failure,
    files: input.files.map(
      (_, index) => input.known?.files[index] ?? { outcome: 'todo' as const, attempts: 0, digests: [] }
    ),
    held: [],
    before: [],
    toCompare: [],
    toRemove: [],
    completions: 0,
    warnings: [],
    verified: [],
    notes: []
  }),
  initial: 'locating',
  on: { cancel: { actions: 'wish' } },
  states: {
    locating: {
      initial: 'choosingLibrary',
      states: {
        choosingLibrary: {
          always: [
            { guard: 'resumes', target: '#upload.reconciling' },
            { guard: 'libraryById', target: 'readingLibrary' },
            { target: 'findingLibrary' }
          ]
        },
        findingLibrary: {
          on: { cancel: leave },
          invoke: {
            ...attempt('findLibrary', ({ input }) => ({ op: 'findLibraries', args: { name: input.to.library } })),
            onDone: [
              { guard: 'failed', target: abandon, actions: 'failAsAnswered' },
              { guard: 'none', target: abandon, actions: 'failNoLibrary' },
              { guard: 'several', target: abandon, actions: 'failManyLibraries' },
              { target: 'readingLibrary', actions: 'keepLibraryId' }
            ]
          }
        },
        readingLibrary: {
          on: { cancel: leave },
          invoke: {
            ...attempt('readLibrary', ({ input, library }) => ({
              op: 'getLibrary',
              args: { id: library?.id ?? input.to.library }
            })),
            onDone: [
              { guard: 'failed', target: abandon, actions: 'failAsAnswered' },
              { guard: 'isSubscribed', target: abandon, actions: 'failSubscribed' },
              { target: 'choosingItem', actions: 'keepLibrary' }
            ]
          }
        },
        choosingItem: { always: [{ guard: 'itemById', target: 'readingItem' }, { target: 'findingItem' }] },
        findingItem: {
          on: { cancel: leave },
          invoke: {
            ...attempt('findItem', ({ input, library }) => ({
              op: 'findItems',
              args: { libraryId: String(library?.id), name: input.to.item }
            })),
            onDone: [
              { guard: 'failed', target: abandon, actions: 'failAsAnswered' },
              { guard: 'none', target: 'creatingItem', actions: 'keepTime' },
              { guard: 'several', target: abandon, actions: 'failManyItems' },
              { target: 'readingItem', actions: 'keepItemId' }
            ]
          }
        },
        readingItem: {
          on: { cancel: leave },
          invoke: {
            ...attempt('readItem', ({ input, itemId }) => ({ op: 'getItem', args: { id: itemId ?? input.to.item } })),
            onDone: [
              { guard: 'failed', target: abandon, actions: 'failAsAnswered' },
              { guard: 'elsewhere', target: abandon, actions: 'failElsewhere' },
              { guard: 'mustNotExist', target: abandon, actions: 'failExists' },
              { guard: 'maySkip', target: '#upload.upToDate', actions: ['keepItem', 'noteSkipped'] },
              { target: '#upload.comparing', actions: 'keepItem' }
            ]
          }
        },
        creatingItem: {
          description: 'not left on cancel: its answer says whether there is an item to take away again',
          invoke: {
            ...attempt('createItem', ({ input, library, generation }) => ({
              op: 'createItem',
              args: {
                libraryId: String(library?.id),
                name: input.to.item,
                type: input.itemType,
                token: tokenOf(input.run, 'item', generation)
              }
            })),
            onDone: [
              { guard: 'failed', target: abandon, actions: 'failAsAnswered' },
              { guard: 'wished', target: abandon, actions: 'keepMade' },
              { target: '#upload.opening', actions: 'keepMade' }
            ]
          }
        }
      }
    },
    comparing: {
      on: { cancel: leave },
      initial: 'listing',
      states: {
        listing: {
          invoke: {
            ...attempt('listHeld', context => ({ op: 'listItemFiles', args: { itemId: itemOf(context) } })),
            onDone: [
              { guard: 'failed', target: abandon, actions: 'failAsAnswered' },
              { guard: 'cannotReplace', target: abandon, actions: 'failToReplace' },
              { target: 'choosing', actions: 'keepHeld' }
            ]
          }
        },
        choosing: {
          always: [
            { guard: 'mustHash', target: 'hashing' },
            { target: 'judging', actions: 'markUnchanged' }
          ]
        },
        hashing: {
          invoke: {
            ...attempt('hash', ({ input, held, toCompare }) => {
              const file = toCompare[0] as number;
              const name = String(input.files[file]?.name);
              const algorithm = held.find(its => its.name === name)?.digest?.algorithm as 'SHA256';
              return { op: 'digest', args: { file, name, algorithm } };
            }),
            onDone: [
              { guard: 'failed', target: abandon, actions: 'failAsAnswered' },
              { target: 'choosing', actions: 'keepDigest' }
            ]
          }
        },
        judging: { always: [{ guard: 'nothingToSend', target: '#upload.upToDate' }, { target: '#upload.opening' }] }
      }
    },
    opening: {
      initial: 'listing',
      states: {
        listing: {
          description: 'which sessions of ours were there before: whatever is there afterwards is this one',
          on: { cancel: leave },
          invoke: {
            ...attempt('listSessions', context => ({ op: 'listSessions', args: { itemId: itemOf(context) } })),
            onDone: [
              { guard: 'failed', target: abandon, actions: 'failAsAnswered' },
              { target: 'creating', actions: 'keepBefore' }
            ]
          }
        },
        creating: {
          description: 'not left on cancel: its answer says which session must be ended',
          entry: 'beginOpening',
          invoke: {
            ...attempt('createSession', ({ input, itemId, generation, before }) => ({
              op: 'createSession',
              args: { itemId: String(itemId), token: tokenOf(input.run, 'session', generation), before }
            })),
            onDone: [
              { guard: 'busy', target: '#upload.contending', actions: 'failToOpen' },
              { guard: 'failed', target: abandon, actions: 'failToOpen' },
              { guard: 'wished', target: abandon, actions: 'keepSession' },
              { target: '#upload.holding', actions: 'keepSession' }
            ]
          }
        }
      }
    },
    contending: {
      description: 'somebody else holds a session on the item',
      always: { target: abandon }
    },
    reconciling: {
      description: 'an earlier life of this run opened a session: what the service says of it counts',
      on: { cancel: leave },
      initial: 'choosing',
      states: {
        choosing: { always: [{ guard: 'hasSession', target: 'asking' }, { target: '#upload.opening' }] },
        asking: {
          invoke: {
            ...attempt('reconcile', asksSession),
            onDone: [
              { guard: 'isDone', target: '#upload.verifying', actions: 'keepTime' },
              { guard: 'isActive', target: '#upload.holding', actions: 'keepTime' },
              { guard: 'isGone', target: '#upload.opening', actions: 'nextGeneration' },
              { guard: 'failed', target: abandon, actions: 'failAsAnswered' },
              { target: '#upload.clearing', actions: 'keepTime' }
            ]
          }
        }
      }
    },
    clearing: {
      description: 'takes an ended session of an earlier generation away before the next one',
      invoke: {
        ...attempt('clear', context => ({ op: 'deleteSession', args: { id: sessionOf(context) } })),
        onDone: [
          { guard: 'failed', target: abandon, actions: 'failAsAnswered' },
          { guard: 'wished', target: abandon, actions: 'nextGeneration' },
          { target: 'opening', actions: 'nextGeneration' }
        ]
      }
    },
    holding: {
      description: 'a session is open: it is kept alive as long as this lasts',
      invoke: {
        id: 'lease',
        src: 'lease',
        input: ({ context }) => ({
          sessionId: String(context.sessionId),
          sessionTimeoutMs: context.input.server.sessionTimeoutMs,
          policy: context.input.policy
        })
      },
      initial: 'transferring',
      states: {
        transferring: {
          type: 'parallel',
          exit: 'stopFiles',
          on: { cancel: leave, 'xstate.done.actor.lease': { target: abandon, actions: 'failAsLeaseSays' } },
          states: {
            files: {
              meta: { spawns: 'uploadFile' },
              entry: 'fillWindow',
              on: { 'xstate.done.actor.*': { guard: 'isFile', actions: ['settleFile', 'fillWindow'] } },
              always: [
                { guard: 'someFileFailed', target: abandon },
                { guard: 'allSent', target: '#upload.holding.removing' }
              ]
            },
            watch: {
              initial: 'resting',
              states: {
                resting: {
                  invoke: {
                    id: 'watchRest',
                    src: 'sleep',
                    input: ({ context }) => ({ until: context.at + context.input.policy.watchMs }),
                    onDone: 'looking'
                  }
                },
                looking: {
                  invoke: {
                    ...attempt('watch', asksSession),
                    onDone: [
                      { guard: 'isOver', target: abandon, actions: 'failAsEnded' },
                      { guard: 'isGone', target: abandon, actions: 'failAsEnded' },
                      { target: 'counting', actions: 'keepTime' }
                    ]
                  }
                },
                counting: {
                  description: 'what the service has accepted so far; the numbers go beside the chart, into progress',
                  invoke: {
                    ...attempt('count', context => ({ op: 'listFiles', args: { sessionId: sessionOf(context) } })),
                    onDone: { target: 'resting', actions: 'keepTime' }
                  }
                }
              }
            }
          }
        },
        removing: {
          description: 'takes the files away that shall not stay (--if-exists replace); it takes effect with complete',
          on: { cancel: leave, 'xstate.done.actor.lease': { target: abandon, actions: 'failAsLeaseSays' } },
          initial: 'choosing',
          states: {
            choosing: {
              always: [{ guard: 'mustRemove', target: 'calling' }, { target: '#upload.holding.validating' }]
            },
            calling: {
              invoke: {
                ...attempt('remove', context => ({
                  op: 'removeFile',
                  args: { sessionId: sessionOf(context), name: String(context.toRemove[0]) }
                })),
                onDone: [
                  { guard: 'failed', target: abandon, actions: 'failAsAnswered' },
                  { target: 'choosing', actions: 'keepRemoved' }
                ]
              }
            }
          }
        },
        validating: {
          on: { cancel: leave, 'xstate.done.actor.lease': { target: abandon, actions: 'failAsLeaseSays' } },
          invoke: {
            ...attempt('validate', context => ({ op: 'validate', args: { sessionId: sessionOf(context) } })),
            onDone: [
              { guard: 'failed', target: abandon, actions: 'failAsAnswered' },
              { guard: 'filesMissing', target: abandon, actions: 'failMissing' },
              { guard: 'filesInvalid', target: abandon, actions: 'failInvalid' },
              { guard: 'hasPreview', target: 'reviewing', actions: 'keepTime' },
              { target: 'completing', actions: 'keepTime' }
            ]
          }
        },
        reviewing: {
          on: { cancel: leave, 'xstate.done.actor.lease': { target: abandon, actions: 'failAsLeaseSays' } },
          initial: 'asking',
          states: {
            asking: {
              invoke: {
                ...attempt('review', asksSession),
                onDone: [
                  { guard: 'failed', target: abandon, actions: 'failAsAnswered' },
                  { guard: 'isOver', target: abandon, actions: 'failAsEnded' },
                  { guard: 'outOfPatience', target: abandon, actions: 'failImpatient' },
                  { guard: 'previewPending', target: 'resting', actions: 'beginPatience' },
                  { guard: 'warningRefused', target: abandon, actions: 'failWarnings' },
                  { guard: 'warningToAccept', target: 'accepting', actions: 'keepWarnings' },
                  { target: '#upload.holding.completing', actions: 'keepTime' }
                ]
              }
            },
            resting: { invoke: { id: 'reviewRest', src: 'sleep', input: soon, onDone: 'asking' } },
            accepting: {
              invoke: {
                ...attempt('accept', context => ({
                  op: 'updateSession',
                  args: {
                    id: sessionOf(context),
                    warnings: context.warnings.map(({ type }) => ({ type, ignored: true }))
                  }
                })),
                onDone: [
                  { guard: 'failed', target: abandon, actions: 'failAsAnswered' },
                  { target: '#upload.holding.completing', actions: 'keepTime' }
                ]
              }
            }
          }
        },
        completing: {
          description: 'whatever is answered, the session itself is asked afterwards',
          entry: ['beginCompleting', 'forgetPatience'],
          invoke: {
            ...attempt('complete', context => ({ op: 'complete', args: { id: sessionOf(context) } }), {
              maxAttempts: 1
            }),
            onDone: { target: 'settling', actions: 'keepCompletion' }
          }
        },
        settling: {
          initial: 'asking',
          states: {
            asking: {
              invoke: {
                ...attempt('settle', asksSession),
                onDone: [
                  { guard: 'isDone', target: '#upload.verifying', actions: 'keepTime' },
                  { guard: 'isOver', target: abandon, actions: 'failAsEnded' },
                  { guard: 'isGone', target: '#upload.verifying', actions: 'loseSession' },
                  { guard: 'failed', target: abandon, actions: 'failAsAnswered' },
                  { guard: 'wished', target: abandon, actions: 'keepTime' },
                  { guard: 'completeRefused', target: abandon, actions: 'failToComplete' },
                  { guard: 'completeSpent', target: abandon, actions: 'failToComplete' },
                  { guard: 'outOfPatience', target: abandon, actions: 'failImpatient' },
                  { target: 'resting', actions: 'beginPatience' }
                ]
              }
            },
            resting: {
              invoke: {
                id: 'settleRest',
                src: 'sleep',
                input: soon,
                onDone: [{ guard: 'mustCompleteAgain', target: '#upload.holding.completing' }, { target: 'asking' }]
              }
            }
          }
        }
      }
    },
    verifying: {
      description: 'holds what the item has now against what was read from the source',
      entry: 'nowDone',
      initial: 'listing',
      states: {
        listing: {
          invoke: {
            ...attempt('listFiles', context => ({ op: 'listItemFiles', args: { itemId: itemOf(context) } })),
            onDone: [
              { guard: 'failed', target: '#upload.closing', actions: 'failUnverified' },
              { target: 'reading', actions: 'keepVerified' }
            ]
          }
        },
        reading: {
          invoke: {
            ...attempt('readVersion', context => ({ op: 'getItem', args: { id: itemOf(context) } })),
            onDone: { target: 'judging', actions: 'keepVersion' }
          }
        },
        judging: {
          always: [
            {
              guard: ({ context }) => context.verified.includes('no') && context.sessionId === undefined,
              target: abandon,
              actions: 'failLost'
            },
            { guard: 'notVerified', target: '#upload.closing', actions: 'failNotVerified' },
            { target: '#upload.closing' }
          ]
        }
      }
    },
    closing: {
      initial: 'choosing',
      states: {
        choosing: { always: [{ guard: 'hasSession', target: 'deleting' }, { target: 'closed' }] },
        deleting: {
          invoke: {
            ...attempt('close', context => ({ op: 'deleteSession', args: { id: sessionOf(context) } }), CLEANUP),
            onDone: [
              { guard: 'failed', target: 'closed', actions: 'noteLeft' },
              { target: 'closed', actions: 'keepTime' }
            ]
          }
        },
        closed: { always: [{ guard: 'hasFailed', target: '#upload.failed' }, { target: '#upload.done' }] }
      }
    },
    abandoning: {
      description: 'leaves the server as it was',
      initial: 'choosing',
      states: {
        choosing: {
          always: [
            { guard: ({ context }) => context.asked && context.sessionId !== undefined, target: 'asking' },
            { guard: 'hasSession', target: 'ending' },
            { guard: 'hasOpened', target: 'finding' },
            { target: 'choosingItem' }
          ]
        },
        asking: {
          description: 'complete had been sent: it may have taken effect',
          invoke: {
            ...attempt('judge', asksSession, CLEANUP),
            onDone: [
              { guard: 'isDone', target: '#upload.verifying', actions: 'keepTime' },
              { target: 'ending', actions: 'keepTime' }
            ]
          }
        },
        finding: {
          description: 'the answer to the create was lost: is there a session that was not there before?',
          invoke: {
            ...attempt('find', context => ({ op: 'listSessions', args: { itemId: itemOf(context) } }), CLEANUP),
            onDone: [
              { guard: 'failed', target: 'choosingItem', actions: 'noteLeft' },
              { guard: 'oursIsThere', target: 'ending', actions: 'findSession' },
              { target: 'choosingItem', actions: 'keepTime' }
            ]
          }
        },
        ending: {
          invoke: {
            ...attempt(
              'end',
              ({ sessionId, wish, failure }) =>
                wish === undefined
                  ? {
                      op: 'failSession',
                      args: { id: String(sessionId), message: failure?.message ?? 'the client gave up' }
                    }
                  : { op: 'cancelSession', args: { id: String(sessionId) } },
              CLEANUP
            ),
            onDone: [
              { guard: 'failed', target: 'choosingItem', actions: 'noteLeft' },
              { target: 'deleting', actions: 'keepTime' }
            ]
          }
        },
        deleting: {
          invoke: {
            ...attempt('delete', context => ({ op: 'deleteSession', args: { id: sessionOf(context) } }), CLEANUP),
            onDone: [
              { guard: 'failed', target: 'choosingItem', actions: 'noteLeft' },
              { target: 'choosingItem', actions: 'keepTime' }
            ]
          }
        },
        choosingItem: { always: [{ guard: 'madeItem', target: 'lookingIn' }, { target: 'ended' }] },
        lookingIn: {
          description: 'an item that this run made goes away again, if it is empty',
          invoke: {
            ...attempt('lookIn', context => ({ op: 'listItemFiles', args: { itemId: itemOf(context) } }), CLEANUP),
            onDone: [
              { guard: 'failed', target: 'ended', actions: 'noteLeft' },
              { guard: 'none', target: 'removingItem', actions: 'keepTime' },
              { target: 'ended', actions: 'noteItemStays' }
            ]
          }
        },
        removingItem: {
          invoke: {
            ...attempt('removeItem', context => ({ op: 'deleteItem', args: { id: itemOf(context) } }), CLEANUP),
            onDone: [
              { guard: 'failed', target: 'ended', actions: 'noteLeft' },
              { target: 'ended', actions: 'keepTime' }
            ]
          }
        },
        ended: { always: [{ guard: 'wished', target: '#upload.canceled' }, { target: '#upload.failed' }] }
      }
    },
    done: { type: 'final', entry: 'endDone' },
    upToDate: { type: 'final', entry: 'endUpToDate' },
    failed: { type: 'final', entry: 'endFailed' },
    canceled: { type: 'final', entry: 'endCanceled' }
  },
  output: ({ context }) => ({
    itemId: context.itemId,
    itemMade: context.itemMade,
    generation: context.generation,
    opened: context.opened,
    sessionId: context.sessionId,
    asked: context.asked,
    wish: context.wish,
    failure: context.failure,
    files: context.files,
    outcome: context.outcome ?? 'failed',
    library: context.library,
    itemName: context.itemName,
    contentVersion: context.contentVersion,
    verified: context.verified,
    notes: context.notes
  })
});
