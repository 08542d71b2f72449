// The law of an update session: what the Content Library Service allows, and what happens to a session by itself.
// An operation without a transition is NOT_ALLOWED_IN_CURRENT_STATE; a transition with `refuses` is a named refusal.
import { setup } from 'xstate';

/** What `complete` and `validate` must know of the session's files (UpdateSession.complete, vSphere API 8.0). */
export interface SessionSummary {
  /** PUSH files that are not READY, with the status to print. */
  readonly notReceived: readonly { readonly name: string; readonly status: string }[];
  readonly missing: readonly string[];
  readonly invalid: readonly string[];
  /** Preview warnings that are not ignored. */
  readonly warnings: readonly string[];
  readonly pullsRunning: number;
  readonly pullsFailed: number;
}

export interface AddSummary {
  /** The item's content was deleted from its storage. */
  readonly backingGone: boolean;
  /** A manifest or certificate is added to an ovf item after its descriptor. */
  readonly manifestAfterDescriptor: boolean;
}

/** Choices in which servers differ. */
export interface SessionRules {
  /** Canceling a session deletes it, too: 6.0 and 6.5 say so. */
  readonly cancelDeletes: boolean;
}

export type UpdateSessionEvent =
  | { type: 'get' }
  | { type: 'update' }
  | { type: 'keepAlive' }
  | { type: 'complete'; summary: SessionSummary }
  | { type: 'cancel'; rules: SessionRules }
  | { type: 'fail' }
  | { type: 'delete' }
  | { type: 'file.list' }
  | { type: 'file.get' }
  | { type: 'file.add'; summary: AddSummary }
  | { type: 'file.remove' }
  | { type: 'file.validate'; summary: SessionSummary }
  /** Bytes come: from a client (PUSH), or as the service fetches them (PULL). */
  | { type: 'file.receive'; source: 'PUSH' | 'PULL' }
  /** A PULL ended, well or badly, while `complete` waits for pulls. One that fails before is `transferFailed`. */
  | { type: 'pullSettled'; summary: SessionSummary }
  /** The server itself failed while it stored or checked a file. */
  | { type: 'transferFailed' }
  /** The item was deleted under the session. */
  | { type: 'itemDeleted' }
  /** Nothing happened until after expiration_time. */
  | { type: 'expire' }
  /** The service clears an ended session away. */
  | { type: 'sweep' };

const reads = { get: {}, 'file.list': {}, 'file.get': {} };
const ended = {
  on: { ...reads, delete: { target: '#update-session.gone' }, sweep: { target: '#update-session.gone' } }
};

export const updateSessionMachine = setup({
  types: { events: {} as UpdateSessionEvent, meta: {} as { refuses: string } },
  guards: {
    fileNotReceived: ({ event }) =>
      'summary' in event && 'notReceived' in event.summary && event.summary.notReceived.length > 0,
    missingOrInvalidFiles: ({ event }) =>
      'summary' in event &&
      'missing' in event.summary &&
      event.summary.missing.length + event.summary.invalid.length > 0,
    warningNotIgnored: ({ event }) =>
      'summary' in event && 'warnings' in event.summary && event.summary.warnings.length > 0,
    pullFailed: ({ event }) => 'summary' in event && 'pullsFailed' in event.summary && event.summary.pullsFailed > 0,
    pullsRunning: ({ event }) =>
      'summary' in event && 'pullsRunning' in event.summary && event.summary.pullsRunning > 0,
    backingGone: ({ event }) => event.type === 'file.add' && event.summary.backingGone,
    manifestAfterDescriptor: ({ event }) => event.type === 'file.add' && event.summary.manifestAfterDescriptor,
    cancelDeletes: ({ event }) => event.type === 'cancel' && event.rules.cancelDeletes,
    fetched: ({ event }) => event.type === 'file.receive' && event.source === 'PULL'
  }
}).createMachine({
  id: 'update-session',
  initial: 'ACTIVE',
  states: {
    ACTIVE: {
      initial: 'open',
      on: {
        ...reads,
        update: {},
        keepAlive: {},
        cancel: [{ guard: 'cancelDeletes', target: 'gone' }, { target: 'CANCELED' }],
        fail: { target: 'ERROR' },
        transferFailed: { target: 'ERROR' },
        itemDeleted: { target: 'ERROR' },
        expire: { target: 'expired' }
      },
      states: {
        open: {
          on: {
            'file.add': [
              { guard: 'backingGone', meta: { refuses: 'backingGone' } },
              { guard: 'manifestAfterDescriptor', meta: { refuses: 'manifestAfterDescriptor' } },
              {}
            ],
            'file.remove': {},
            'file.receive': {},
            'file.validate': [{ guard: 'fileNotReceived', meta: { refuses: 'fileNotReceived' } }, {}],
            complete: [
              { guard: 'fileNotReceived', meta: { refuses: 'fileNotReceived' } },
              { guard: 'missingOrInvalidFiles', meta: { refuses: 'missingOrInvalidFiles' } },
              { guard: 'warningNotIgnored', target: '#update-session.ERROR' },
              { guard: 'pullsRunning', target: 'completing' },
              { target: '#update-session.DONE' }
            ]
          }
        },
        completing: {
          on: {
            // What clients had to push is here: a body that began now could leave its file half-way in a DONE session.
            'file.receive': { guard: 'fetched' },
            pullSettled: [
              { guard: 'pullFailed', target: '#update-session.ERROR' },
              { guard: 'pullsRunning' },
              { guard: 'missingOrInvalidFiles', target: '#update-session.ERROR' },
              { guard: 'warningNotIgnored', target: '#update-session.ERROR' },
              { target: '#update-session.DONE' }
            ]
          }
        }
      }
    },
    DONE: ended,
    ERROR: ended,
    CANCELED: ended,
    /** Past its expiration_time and not yet swept: reads show ERROR, only delete and sweep act. */
    expired: ended,
    gone: {}
  }
});
