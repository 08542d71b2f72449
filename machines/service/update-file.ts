// The law of one file of an update session (UpdateSession.File, vSphere API 8.0). READY is no end: adding the same name
// again begins the file anew. What the service leaves open is chosen by `rules` in the event (docs: server profiles).
import { setup } from 'xstate';

/** Choices that the documentation leaves to the server. */
export interface FileRules {
  /** A broken body leaves the file in ERROR instead of WAITING_FOR_TRANSFER. */
  readonly dropIsError: boolean;
}

export type UpdateFileEvent =
  /** UpdateSession.File.add names this file (again). */
  | { type: 'add' }
  /** UpdateSession.File.add names it with source NONE: it shall stay, or be again, what the item has. */
  | { type: 'leave' }
  | { type: 'remove' }
  /** The first byte of a body arrives, or an empty body begins. */
  | { type: 'begin' }
  | { type: 'bytesArrived' }
  /** The body is complete. */
  | { type: 'received' }
  /** The body broke off. */
  | { type: 'dropped'; rules: FileRules }
  /** Size, checksum and type checks passed. */
  | { type: 'verified' }
  /** Size or checksum is not what `add` said. */
  | { type: 'mismatched' }
  /** The server itself failed. */
  | { type: 'transferFailed' };

const held = {
  add: { target: '#update-file.WAITING_FOR_TRANSFER' },
  leave: { target: '#update-file.READY' },
  remove: { target: '#update-file.removed' }
};

export const updateFileMachine = setup({
  types: { events: {} as UpdateFileEvent },
  guards: {
    dropIsError: ({ event }) => event.type === 'dropped' && event.rules.dropIsError
  }
}).createMachine({
  id: 'update-file',
  initial: 'WAITING_FOR_TRANSFER',
  states: {
    WAITING_FOR_TRANSFER: {
      on: { ...held, begin: { target: 'TRANSFERRING' }, transferFailed: { target: 'ERROR' } }
    },
    TRANSFERRING: {
      on: {
        ...held,
        bytesArrived: {},
        // A second body overtakes the first, whose end is no longer heard.
        begin: { target: 'TRANSFERRING' },
        received: { target: 'VALIDATING' },
        dropped: [{ guard: 'dropIsError', target: 'ERROR' }, { target: 'WAITING_FOR_TRANSFER' }],
        transferFailed: { target: 'ERROR' }
      }
    },
    VALIDATING: {
      on: {
        ...held,
        verified: { target: 'READY' },
        mismatched: { target: 'ERROR' },
        transferFailed: { target: 'ERROR' }
      }
    },
    READY: {
      on: { ...held, begin: { target: 'TRANSFERRING' } }
    },
    ERROR: { on: held },
    /** No longer listed; the name may be added again, which makes a new entry. */
    removed: {}
  }
});
